"""What is done to a sweep at every point where it touches a file, and what must come of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from sim.experiment.execute import worker as worker_module
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.plan import Plan
from sim.experiment.store.folder import identity_of, read_plan
from sim.experiment.store.parts import check_chunk
from sim.experiment.store.stored import open_result
from tests.reliability.faults import Countdown, FailingDisk, content, die, forked, watched

HERE = Way(workers=0)
Act = Callable[[str], None]


@dataclass
class Tally:
    """How many faults there were, and everything that went otherwise than promised."""

    faults: int = 0
    wrong: list[str] = field(default_factory=list)

    def check(self, right: bool, what: str) -> None:
        if not right:
            self.wrong.append(what)


@contextmanager
def begun_chunks(log: Path) -> Iterator[None]:
    """Write the first run of each chunk that this process begins into a file."""
    real = worker_module.run_chunk

    def run_chunk(plan: Plan, numbers: range, *rest: object, **words: object) -> object:
        with log.open("a") as file:
            file.write(f"{numbers.start // plan.chunk_runs}\n")
        return real(plan, numbers, *rest, **words)  # type: ignore[arg-type]

    with mock.patch.object(worker_module, "run_chunk", run_chunk):
        yield


def begun(log: Path) -> list[int]:
    """Return the chunks of a log and empty it."""
    found = [int(line) for line in log.read_text().split()] if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def kept(folder: Path, plan: Plan) -> list[int]:
    """Return the chunks of a folder that are finished and whole."""
    if not (folder / "manifest.json").exists():
        return []
    identity = identity_of(read_plan(folder)[1])
    return [k for k in range(plan.chunks) if check_chunk(folder, plan, identity, k) is not None]


def count_points(plan: Plan, folder: Path, prepare: Act | None = None) -> int:
    """Return how many points an undisturbed sweep passes."""
    counter = Countdown(10**9, die)
    with watched(counter):
        execute(plan, folder, HERE)
    return len(counter.names)


def kill_at(plan: Plan, whole: dict[str, bytes], folder: Path, at: int, tally: Tally) -> None:
    """End a sweep at one point; the same again must give the same and do nothing twice."""
    log = folder.with_name(f"{folder.name}.log")

    def work() -> str:
        with begun_chunks(log), watched(Countdown(at, die)):
            execute(plan, folder, HERE)
        return ""

    status, said = forked(work)
    tally.faults += 1
    tally.check(status == -9, f"point {at}: ended with {status} {said}")
    first, there = begun(log), kept(folder, plan)
    lost = set(first) - set(there)
    tally.check(len(lost) <= 1, f"point {at}: lost {lost}")
    with begun_chunks(log):
        report = execute(plan, folder, HERE)
    missing = [chunk for chunk in range(plan.chunks) if chunk not in there]
    tally.check(begun(log) == missing, f"point {at}: not just {missing} were done")
    tally.check(report.done == plan.runs and not report.repaired, f"point {at}: {report}")
    tally.check(content(folder) == whole, f"point {at}: other bytes")


def fail_at(
    plan: Plan,
    whole: dict[str, bytes],
    folder: Path,
    at: int,
    code: int,
    tally: Tally,
    *,
    once: bool = False,
) -> None:
    """Let the disk fail from one point on, or there alone; what is finished must be readable."""

    def work() -> str:
        with watched(FailingDisk(at, code, once=once)):
            execute(plan, folder, HERE)
        return "finished"

    where = f"{os.strerror(code)} at point {at}"
    status, said = forked(work)
    tally.faults += 1
    # A hidden file that cannot be cleared away, or a lock, is no reason to fail.
    fine = status == 6 and "cannot be written" in said
    tally.check(fine or (once and said == "finished"), f"{where}: ended with {status} {said}")
    if (folder / "manifest.json").exists():
        found = open_result(folder)
        tally.check(list(found.chunks) == kept(folder, plan), f"{where}: chunks are not readable")
        if found.chunks:
            tally.check(len(found.runs) == found.done, f"{where}: runs are not readable")
    report = execute(plan, folder, HERE)
    tally.check(report.result is not None, f"{where}: {report}")
    tally.check(content(folder) == whole, f"{where}: other bytes")


def spread(count: int, most: int) -> Sequence[int]:
    """Return at most so many numbers below a count, evenly spread."""
    return sorted({k * count // most for k in range(most)}) if count > most else range(count)
