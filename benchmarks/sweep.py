"""What a sweep costs beyond its runs: overhead, workers, memory, resuming.

    python benchmarks/sweep.py [--json]

- ``overhead``: 20 000 runs of the standard organisation through the store with one worker (plan,
  manifest, parts, receipts and seal; the worker's start excluded) against the bare kernel (people
  drawn and weeks simulated, nothing kept), in turns of a chunk; a share, median of 5 such pairs.
- ``worker_start_seconds``: until two workers are ready, median of 5.
- ``two_workers_over_one``: speed of two workers over that of one, best of 3 pairs.
- ``parent_memory_ratio``: peak memory of the parent at 10^6 tiny runs over that at 10^4.
- ``resume_seconds``: until a sweep with 10^6 finished runs and one chunk missing is whole again,
  from the start of the call.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from show import report

from sim.batch import Room, room_for
from sim.compiled import compiled
from sim.draws import run_key
from sim.experiment.design.study import study_of
from sim.experiment.execute.pool import Events, Pool
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store.folder import prepare, seal
from sim.experiment.store.parts import read_receipt
from sim.kernel.week import simulate
from sim.world import Recipe, furnished, populate, recipe

RUNS, PAIRS = 20_000, 5
FEW, MANY = 10**4, 10**6
TINY = {"clinicians": 1, "caseload": 1, "weeks": 4, "leads": 1, "managers": 1}

IN_A_PROCESS = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from sweep import tiny
from sim.experiment.execute.work import Way, execute
begin = time.perf_counter()
done = execute(tiny(int(sys.argv[2])), Path(sys.argv[1]), Way(workers=int(sys.argv[3])))
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "peak": peak, "result": done.result}))
"""


@compiled
def bare_runs(w, tape, block, blank, stay, keys):
    """Draw and simulate a run for each pair of keys; keep nothing."""
    for i in range(len(keys)):
        block[:] = blank
        populate(w, stay, keys[i], 0)
        simulate(w, tape)


def bare(made: Recipe, room: Room, runs: int) -> float:
    """Return the seconds that the kernel alone takes."""
    keys: NDArray[np.uint64] = np.array([(run_key(1, k),) * 2 for k in range(runs)], np.uint64)
    world = furnished(made, room.arrays)
    begin = time.perf_counter()
    bare_runs(world, room.tape, room.block, room.blank, made.stay, keys)
    return time.perf_counter() - begin


def standard(runs: int) -> Plan:
    """Return the plan of some runs of the standard organisation."""
    return plan_of_study(study_of("baseline", {"leads": [1]}, replicates=runs))


def tiny(runs: int) -> Plan:
    """Return the plan of some tiny runs at a thousand points."""
    points = np.linspace(0.2, 0.8, 1000).tolist()
    study = study_of(
        "baseline",
        {"role_clarity": points, **{name: [value] for name, value in TINY.items()}},
        replicates=runs // 1000,
        outcomes=["adoption", "reach"],
    )
    return plan_of_study(study)


def swept(
    plan: Plan, workers: int, done: Callable[[int], None] = lambda _: None
) -> tuple[float, float]:
    """Return the seconds of a sweep without the start of its workers, and those of the start.

    ``done`` is told the number of a chunk when it is done.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "sweep"
        folder.mkdir()
        begin = time.perf_counter()
        manifest = prepare(folder, replace(plan))
        ready = time.perf_counter() - begin
        events = Events(done, lambda _: None)
        with Pool(folder, workers, timeout=600.0, allow_failed=False, events=events) as pool:
            begin = time.perf_counter()
            pool.start()
            start = time.perf_counter() - begin
            begin = time.perf_counter()
            pool.run(range(plan.chunks), lambda: False)
        receipts = [read_receipt(folder, chunk) for chunk in range(plan.chunks)]
        seal(folder, manifest, [one for one in receipts if one is not None])
        return ready + time.perf_counter() - begin, start


def swept_and_bare(plan: Plan, made: Recipe, room: Room) -> tuple[float, float]:
    """Return the seconds of a sweep and of as many bare runs, which take turns chunk by chunk.

    The worker has nothing to do until the parent has heard that a chunk is done, so the bare runs
    that the parent makes then have the machine to themselves; their time is not the sweep's.
    """
    alone: list[float] = []
    sweep, _ = swept(plan, 1, lambda k: alone.append(bare(made, room, len(plan.chunk_range(k)))))
    return sweep - sum(alone), sum(alone)


def in_a_process(folder: Path, runs: int, workers: int) -> dict[str, float]:
    """Execute tiny runs in a process of its own; return its seconds and peak memory."""
    here = str(Path(__file__).resolve().parent)
    words = [sys.executable, "-c", IN_A_PROCESS, str(folder), str(runs), str(workers), here]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def large() -> dict[str, float]:
    """Measure the parent's memory and resuming, with tiny runs."""
    with tempfile.TemporaryDirectory() as place:
        few = in_a_process(Path(place) / "few", FEW, 2)
        many = in_a_process(Path(place) / "many", MANY, 2)
        (Path(place) / "many" / "receipts" / "chunk-000005.json").unlink()
        again = in_a_process(Path(place) / "many", MANY, 0)
        if again["result"] != many["result"]:
            raise RuntimeError("the resumed sweep gives another result")
    return {
        "parent_memory_ratio": many["peak"] / few["peak"],
        "parent_memory_mb": many["peak"] / 1e6,
        "resume_seconds": again["seconds"],
        "tiny_runs_per_second": MANY / many["seconds"],
    }


def measure() -> dict[str, float]:
    """Measure everything; the two sides of a ratio take turns."""
    plan = standard(RUNS)
    made = recipe(plan.base)
    room = room_for(made)
    bare(made, room, 10)
    swept(standard(100), 1)
    pairs = [swept_and_bare(plan, made, room) for _ in range(PAIRS)]
    short = standard(RUNS // 4)
    workers = [(swept(short, 1)[0], swept(short, 2)[0]) for _ in range(3)]
    starts = [swept(standard(2), 2)[1] for _ in range(PAIRS)]
    return {
        "overhead": statistics.median(s / b - 1.0 for s, b in pairs),
        "worker_start_seconds": statistics.median(starts),
        "two_workers_over_one": max(one / two for one, two in workers),
        **large(),
        "milliseconds_per_run": 1e3 * statistics.median(s for s, _ in pairs) / RUNS,
    }


if __name__ == "__main__":
    report(measure, __doc__)
