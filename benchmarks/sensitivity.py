"""What a sensitivity analysis costs beyond its runs, and what its estimator saves.

    python benchmarks/sensitivity.py [--json]

One scramble of 15 factors, 4 096 lines and 4 replicates (278 528 runs) of the standard
organisation, without the runs that part the chance:

- ``overhead``: time of runs through ``run_chunk`` (points made into numbers, outcomes kept) over
  that of the bare kernel at the same points with the same luck (people drawn and weeks simulated,
  nothing kept), less 1; the two take turns of 32 points. Median of 5 blocks of a chunk each, in
  seconds of the processor, so that other work counts less.
- ``overhead_stored``: the same with the chunk's parts written and its receipt.
- ``beside_kernel``: time of ``run_chunk`` outside compiled code over that inside, median of the
  same blocks. It does not mind a machine whose speed changes between two turns.
- ``analysis_seconds``: until a stored scramble with 6 series of each 4th week is checked, read and
  turned into variances. The runs are made up: those of one chunk, in another order in each.
- ``analysis_peak``: peak memory of that process over the size of the scramble's series.
- ``second_scramble``: its peak memory after two scrambles over that after one.
- ``rmse_ratio``: root mean square error of total indices of averages over replicates, with seeds of
  their own in every row, over that of ours with as many runs: 1 024 lines, 2 replicates, the
  stochastic test case (`tests.theory.simulators.hetero`), 200 designs, its four factors together.
- ``rmse_ratio_common``: the same of averages over common seeds.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from show import report

from sim import batch
from sim.batch import Room, room_for
from sim.compiled import compiled
from sim.draws import generator, run_key
from sim.experiment.design.study import study_of
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.runs.columns import Block
from sim.experiment.runs.plan import Plan
from sim.experiment.sensitivity.design import Design, design_of
from sim.experiment.sensitivity.estimators import Estimates, estimate
from sim.experiment.sensitivity.factor import factors_of
from sim.experiment.sensitivity.question import Question, checked
from sim.experiment.sensitivity.stages import plan_of
from sim.experiment.store.folder import identity_of, prepare, seal
from sim.experiment.store.parts import tables_of, write_chunk
from sim.kernel.week import simulate
from sim.layout import World
from sim.world import furnished, populate
from tests.theory.simulators import HETERO_TOTAL, hetero, units

FACTORS = (
    "role_clarity", "workload", "motivation", "trust", "alignment", "diffusion", "underestimation",
    "engagement", "lead_hours", "manager_hours", "protected_hours", "seats", "start_rate",
    "start_motivation", "lapse_rate",
)  # fmt: skip
OUTCOMES = ("adoption", "reach", "live", "go_live_week")
SERIES = (
    "adoption", "reach", "trust", "motivation_clinician", "strain_clinician", "load_clinician",
)  # fmt: skip
LINES, REPLICATES, EVERY = 4096, 4, 4
BLOCKS, TURN = 5, 32
DESIGNS, FEW_LINES, FEW_REPLICATES = 200, 1024, 2

IN_A_PROCESS = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from sensitivity import REPLICATES, asked
from sim.experiment.sensitivity.analysis import Collected
from sim.experiment.store.stored import open_result
question = asked(weekly=True)
design, collected, peaks = question.design(0, REPLICATES), Collected(question), []
begin = time.perf_counter()
for _ in range(2):
    collected.add(design, open_result(Path(sys.argv[1])))
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    seconds = time.perf_counter() - begin if len(peaks) == 1 else seconds
size = collected.weekly[0].variance.nbytes * collected.runs / 2
print(json.dumps({"seconds": seconds, "size": size, "peaks": peaks}))
"""


def asked(*, weekly: bool) -> Question:
    """Return the question, with or without series."""
    study = study_of(
        "baseline", dict.fromkeys(FACTORS, "prior"), design="sobol", points=LINES,
        outcomes=OUTCOMES, weekly=SERIES if weekly else (), weekly_every=EVERY if weekly else 1,
    )  # fmt: skip
    return checked(study, replicates=REPLICATES, split=0)


# Beyond the runs.


@compiled
def bare_runs(w, tape, block, blank, stay, keys, inputs, plans):
    """Draw and simulate the runs of some points, those of ``keys``; keep nothing."""
    for i in range(len(keys)):
        w.p[0] = inputs[i]
        w.plan[:] = plans[i]
        for r in range(keys.shape[1]):
            block[:] = blank
            populate(w, stay, keys[i, r], 0)
            simulate(w, tape)


@dataclass(frozen=True)
class Bare:
    """The runs of a chunk's points as the kernel takes them: numbers, phases, keys, memory."""

    room: Room
    world: World
    stay: NDArray[np.float64]
    keys: NDArray[np.uint64]
    inputs: NDArray[np.void]
    plans: NDArray[np.void]

    def seconds(self, some: slice) -> float:
        """Return the seconds that the runs of some points take."""
        room, keys, inputs, plans = self.room, self.keys[some], self.inputs[some], self.plans[some]
        begin = time.process_time()
        bare_runs(self.world, room.tape, room.block, room.blank, self.stay, keys, inputs, plans)
        return time.process_time() - begin


def bare_of(plan: Plan, numbers: range) -> Bare:
    """Return a range of a plan's runs, whole points, as the kernel takes them."""
    segments = list(plan.segments(numbers))
    made = [plan.recipe(point) for point, _ in segments]
    room = room_for(made[0])
    keys = [[(run_key(plan.seed, k),) * 2 for k in replicates] for _, replicates in segments]
    world = furnished(made[0], room.arrays)
    return Bare(
        room,
        world._replace(p=world.p.copy(), plan=world.plan.copy()),
        made[0].stay,
        np.array(keys, np.uint64),
        np.concatenate([one.p for one in made]).view(np.recarray),
        np.stack([one.plan for one in made]).view(np.recarray),
    )


@contextmanager
def inside() -> Iterator[list[float]]:
    """Collect the seconds that batches spend in compiled code."""
    seconds: list[float] = []

    def timed(*arrays: Any) -> None:
        begin = time.process_time()
        batch_kernel(*arrays)
        seconds.append(time.process_time() - begin)

    batch_kernel = batch.simulate_all
    with mock.patch.object(batch, "simulate_all", timed):
        yield seconds


def turns(plan: Plan, chunk: int) -> tuple[float, float, float, list[Block]]:
    """Return the seconds of a chunk: through the sweep, of these in compiled code, and bare.

    The sweep and the bare kernel take turns; the chunk's blocks come last. Raises RuntimeError if
    the last run was not the same both ways.
    """
    numbers = plan.chunk_range(chunk)
    bare, blocks, kept, alone = bare_of(plan, numbers), list[Block](), 0.0, 0.0
    compiled_part = 0.0
    step = TURN * REPLICATES
    for turn, first in enumerate(range(numbers.start, numbers.stop, step)):
        some = slice(turn * TURN, (turn + 1) * TURN)
        if turn % 2:
            alone += bare.seconds(some)
        begin = time.process_time()
        with inside() as seconds:
            blocks += run_chunk(plan, range(first, first + step))[0]
        kept += time.process_time() - begin
        compiled_part += sum(seconds)
        if not turn % 2:
            alone += bare.seconds(some)
    bare.seconds(slice(-1, None))
    last = blocks[-1].outcomes[-1, 0, blocks[-1].names.index("adoption")]
    if bare.room.tape.series["adoption"][-1, 0] != last:
        raise RuntimeError("the bare kernel did not make the runs of the sweep")
    return kept, compiled_part, alone, blocks


def overheads() -> dict[str, float]:
    """Measure what a chunk costs beyond its runs, with and without writing it."""
    question = asked(weekly=False)
    plan = plan_of(question, question.design(0, REPLICATES))
    bare_of(plan, range(REPLICATES)).seconds(slice(None))  # compiles or loads
    run_chunk(plan, range(1))
    kept, stored, beside, bare = [], [], [], []
    with tempfile.TemporaryDirectory() as place:
        for block in range(BLOCKS):
            chunk = block * plan.chunks // BLOCKS
            seconds, within, alone, blocks = turns(plan, chunk)
            begin = time.process_time()
            write_chunk(Path(place), plan, "", chunk, tables_of(plan, blocks))
            stored.append((seconds + time.process_time() - begin) / alone - 1.0)
            kept.append(seconds / alone - 1.0)
            beside.append(seconds / within - 1.0)
            bare.append(1e3 * alone / plan.chunk_runs)
    return {
        "overhead": statistics.median(kept),
        "overhead_least": min(kept),
        "overhead_most": max(kept),
        "overhead_stored": statistics.median(stored),
        "beside_kernel": statistics.median(beside),
        "bare_milliseconds_per_run": statistics.median(bare),
    }


# Analysis.


def made_up(plan: Plan) -> Iterator[Block]:
    """Yield the blocks of all chunks: the runs of the first, in another order in each."""
    (block,) = run_chunk(plan, plan.chunk_range(0))[0]
    point = np.repeat(np.arange(plan.count, dtype=np.int32), plan.replicates)
    replicate = np.concatenate([np.asarray(k) for _, k in plan.segments(range(plan.runs))])
    chance = generator(1, "benchmark")
    for chunk in range(plan.chunks):
        numbers = plan.chunk_range(chunk)
        order, here = chance.permutation(len(numbers)), slice(numbers.start, numbers.stop)
        yield replace(
            block, points=point[here], replicates=replicate[here], horizons=block.horizons[order],
            status=block.status[order], outcomes=block.outcomes[order],
            weekly=block.weekly[order], spans=block.spans[order],
        )  # fmt: skip


def store(folder: Path) -> None:
    """Fill a folder with a sealed scramble that keeps series."""
    question = asked(weekly=True)
    plan = plan_of(question, question.design(0, REPLICATES))
    manifest = prepare(folder, plan)
    identity = identity_of(manifest)
    receipts = [
        write_chunk(folder, plan, identity, chunk, tables_of(plan, [block]))
        for chunk, block in enumerate(made_up(plan))
    ]
    seal(folder, manifest, receipts)


def analysis() -> dict[str, float]:
    """Measure time and memory of reading and estimating, in a process of its own."""
    here = str(Path(__file__).resolve().parent)
    with tempfile.TemporaryDirectory() as place:
        store(Path(place))
        words = [sys.executable, "-c", IN_A_PROCESS, place, here]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    first, second = found["peaks"]
    return {
        "analysis_seconds": found["seconds"],
        "analysis_peak": first / found["size"],
        "second_scramble": second / first,
    }


# The estimator.


def rmse(estimator: Callable[[int], Estimates]) -> float:
    """Return the root mean square error of total indices, over designs and factors."""
    found = [estimator(number) for number in range(DESIGNS)]
    totals = np.array([one.total[:, 0] / one.variance[0] for one in found])
    return float(np.sqrt(np.mean((totals - HETERO_TOTAL) ** 2)))


def chances(first: NDArray[np.int64], replicates: int) -> NDArray[np.int64]:
    """Return seeds that only differ: the simulator hashes them again."""
    return first[:, None] + np.arange(replicates)


def lines(number: int, replicates: int = FEW_REPLICATES) -> Design:
    """Return a design of the test case; one replicate stands for an average."""
    four = factors_of(units(4))
    return design_of(four, FEW_LINES, number, replicates, 1, deterministic=replicates == 1)


def ours(number: int) -> Estimates:
    """Estimate by products over replicates."""
    design = lines(number)
    return estimate(
        design, hetero(design.points, chances(design.first_replicate, design.replicates))
    )


def averaged(number: int, *, common: bool) -> Estimates:
    """Estimate from averages over replicates, as off-the-shelf programs do."""
    design, rows = lines(number, 1), np.arange(FEW_LINES * 6, dtype=np.int64)
    first = (
        lines(number).first_replicate if common else (len(rows) * number + rows) * FEW_REPLICATES
    )
    y = hetero(design.points, chances(first, FEW_REPLICATES))
    return estimate(design, y.mean(axis=1, keepdims=True))


def errors() -> dict[str, float]:
    """Measure what correcting for chance saves, at equal runs."""
    right = rmse(ours)
    return {
        "rmse": right,
        "rmse_ratio": rmse(lambda number: averaged(number, common=False)) / right,
        "rmse_ratio_common": rmse(lambda number: averaged(number, common=True)) / right,
    }


def measure() -> dict[str, float]:
    """Measure everything."""
    return {**overheads(), **analysis(), **errors()}


if __name__ == "__main__":
    report(measure, __doc__)
