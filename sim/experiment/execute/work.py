"""From a plan to a sealed folder: what is missing is computed, and nothing twice.

Running the same again goes on where it stopped, however that was. Chunks are computed by worker
processes on this machine, in this process, by other shards of the same sweep, or on Dask; the
bytes are the same.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.compiled import refuse_vector_math
from sim.errors import DriftError, InputError
from sim.estimates import processors
from sim.experiment.execute import pool
from sim.experiment.execute.interrupts import Interrupts
from sim.experiment.execute.worker import compute
from sim.experiment.progress import Progress
from sim.experiment.runs.columns import KILLED, STATUSES
from sim.experiment.runs.forecast import refuse_too_large
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import DamagedError
from sim.experiment.store.files import move_aside
from sim.experiment.store.folder import (
    SEAL,
    identity_of,
    note,
    prepare,
    read_seal,
    seal,
    withdraw_seal,
)
from sim.experiment.store.locks import MANIFEST, claim
from sim.experiment.store.parts import (
    QUARANTINE,
    Receipt,
    check_chunk,
    clear_unfinished,
    quarantine_chunk,
    read_receipt,
    strangers,
)

TIMEOUT = 600.0
"""Seconds that a worker may be silent: a run that takes longer is taken for endless."""

SMALL_WORK = 3 * 10**8
"""Agents x weeks of a plan that is done sooner than workers would have started."""

Failed = list[tuple[int, int, str]]
"""Runs that are not ok: point, replicate, status."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a plan is executed; nothing of it changes a byte of the result.

    ``workers``: processes on this machine; 0 = this process, None = as many as it has processors.
    ``shard`` (i, n): only every n-th chunk, counted from the i-th. ``dask``: the address of a
    cluster's scheduler. ``timeout``: seconds that a run may take. ``allow_failed``: write runs
    that end their process as rows without values, so that the rest can be sealed.
    """

    workers: int | None = None
    shard: tuple[int, int] = (1, 1)
    dask: str | None = None
    timeout: float = TIMEOUT
    allow_failed: bool = False
    allow_large: bool = False

    @property
    def processes(self) -> int:
        """How many processes are to compute on this machine, to tell how long it will take."""
        return processors() if self.workers is None else max(1, self.workers)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it.

    ``before``: runs that were there already. ``failed``: runs that ended badly by themselves;
    ``lost``: runs that ended their process or did not end, to be tried again. ``result``: the id
    of the sealed result, None while it is partial. ``repaired``: files found damaged.
    """

    folder: Path
    runs: int
    before: int
    done: int
    failed: Failed
    lost: Failed
    repaired: int
    result: str | None


def execute(
    plan: Plan,
    folder: Path,
    way: Way | None = None,
    *,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Run what a folder lacks of a plan, and seal it when it is whole.

    ``force`` moves an existing folder to ``<folder>.old-N`` and begins anew; ``accept_drift`` does
    so only if it was begun by another plan, code or machine.

    Raises:
        InputError: the folder holds something else.
        BusyError: another process is at it.
        DriftError: it was begun by another plan, code or machine.
        TooLargeError: memory, disk or time would not do.
        DiskError: it cannot be written.
        KeyboardInterrupt: the work was interrupted; what is finished is kept.

    """
    refuse_vector_math()
    chosen = checked_way(way or Way(), plan)
    try:
        with claim(folder, force=force, resume=MANIFEST, shard=chosen.shard):
            return _Work(plan, folder, chosen, progress).report()
    except DriftError:
        if not accept_drift:
            raise
    with claim(folder, force=True, resume=MANIFEST, shard=chosen.shard):
        return _Work(plan, folder, chosen, progress).report()


def checked_way(way: Way, plan: Plan) -> Way:
    """Return the way with its open questions answered; raise InputError for one that cannot be."""
    index, count = way.shard
    problems = []
    if not 1 <= index <= count:
        problems.append(f"--shard: found {index}/{count}, allowed i/n with i from 1 to n")
    if way.workers is not None and not 0 <= way.workers <= 1024:
        problems.append(f"--workers: found {way.workers}, allowed 0 to 1024")
    if way.dask is not None and count > 1:
        problems.append("--dask and --shard: choose one, a cluster shares the work out by itself")
    if not way.timeout > 0:
        problems.append(f"--timeout: found {way.timeout:g}, allowed are seconds above 0")
    if plan.own is not None and not plan.own.importable and (way.workers or way.dask):
        problems.append(
            "agents: workers cannot import classes made in a notebook, a script or a function; "
            "put them in a module, or use workers=0"
        )
    if problems:
        raise InputError(problems)
    if way.workers is not None:
        return way
    alone = plan.own is not None and not plan.own.importable
    small = plan.largest * plan.runs <= SMALL_WORK and plan.own is None
    return replace(way, workers=0 if alone or small else processors())


def again(receipt: Receipt) -> bool:
    """Say whether a chunk holds runs that ended their process: elsewhere they may end well."""
    return any(status in STATUSES[KILLED:] for _, _, status in receipt.failed)


class _Work:
    """One execution: the folder is held for as long as it lasts."""

    def __init__(self, plan: Plan, folder: Path, way: Way, progress: Progress | None) -> None:
        self.plan = plan
        self.folder = folder
        self.way = way
        self.progress = progress
        self.repaired = 0
        self.done = 0
        self.lost: Failed = []

    def report(self) -> Report:
        """Do the work and say what came of it."""
        manifest = prepare(self.folder, self.plan)
        self.identity = identity_of(manifest)
        todo = self._todo()
        before = self.done
        if todo:
            refuse_too_large(self.plan, self.way.workers or 1, self.folder, self.way.allow_large)
            withdraw_seal(self.folder)
            self._compute(todo)
        there = list(self._receipts())
        failed = [one for receipt in there for one in receipt.failed]
        sealable = len(there) == self.plan.chunks
        sealable &= self.way.allow_failed or not any(again(receipt) for receipt in there)
        result = str(seal(self.folder, manifest, there)["result"]) if sealable else None
        runs = sum(receipt.runs for receipt in there)
        lost = [one for one in self.lost if one not in failed]
        return Report(
            self.folder, self.plan.runs, before, runs, failed, lost, self.repaired, result
        )

    def _receipts(self) -> Iterator[Receipt]:
        """Yield the receipts of all finished chunks, for what other shards did too."""
        index, count = self.way.shard
        for chunk in range(self.plan.chunks):
            if chunk % count == index - 1:
                receipt = read_receipt(self.folder, chunk)
            else:  # nobody else has looked at it here, and its shard puts right what is damaged
                receipt = None
                with suppress(DamagedError):
                    receipt = check_chunk(self.folder, self.plan, self.identity, chunk)
            if receipt is not None:
                yield receipt

    def _todo(self) -> list[int]:
        """Return the chunks of this shard that are missing; put aside what is damaged."""
        try:
            read_seal(self.folder)
        except DamagedError:
            self._aside(self.folder / SEAL)
        for path in strangers(self.folder, self.plan):
            self._aside(path)
        index, count = self.way.shard
        own = range(index - 1, self.plan.chunks, count)
        clear_unfinished(self.folder, own if count > 1 else None)
        return [chunk for chunk in own if not self._is_done(chunk)]

    def _is_done(self, chunk: int) -> bool:
        try:
            receipt = check_chunk(self.folder, self.plan, self.identity, chunk)
        except DamagedError as error:
            for path in quarantine_chunk(self.folder, self.plan, chunk):
                self.repaired += 1
                note(self.folder, {"what": "quarantine", "file": path.name, "why": str(error)})
            return False
        if receipt is None or (again(receipt) and not self.way.allow_failed):
            return False
        self.done += receipt.runs
        return True

    def _aside(self, path: Path) -> None:
        moved = move_aside(path, self.folder / QUARANTINE)
        self.repaired += 1
        note(self.folder, {"what": "quarantine", "file": moved.name, "why": "unknown or damaged"})

    def _compute(self, todo: list[int]) -> None:
        """Compute chunks the way that was chosen. Raises KeyboardInterrupt when interrupted."""
        self._advance(0)
        with Interrupts() as interrupts:
            if self.way.dask is not None:
                self._give_up(self._on_dask(self.way.dask, todo, interrupts.asked))
            elif self.way.workers:
                self._give_up(self._on_workers(todo, interrupts.asked))
            else:
                self._here(todo, interrupts.asked)
            if interrupts.asked():
                raise KeyboardInterrupt(
                    f"{self.done:,} of {self.plan.runs:,} runs are kept; "
                    "the same command goes on from there"
                )

    def _here(self, todo: Iterable[int], stop: Callable[[], bool]) -> None:
        for chunk in todo:
            if stop():
                return
            _, troubles = compute(self.folder, self.plan, self.identity, chunk)
            for one in troubles:
                self.note(one.note())
            self.finished(chunk)

    def _on_workers(self, todo: list[int], stop: Callable[[], bool]) -> list[pool.Task]:
        size = min(self.way.workers or 1, len(todo))
        events = pool.Events(self.finished, self.note)
        with pool.Pool(
            self.folder,
            size,
            timeout=self.way.timeout,
            allow_failed=self.way.allow_failed,
            events=events,
        ) as workers:
            return workers.run(todo, stop)

    def _on_dask(self, address: str, todo: list[int], stop: Callable[[], bool]) -> list[pool.Task]:
        from sim.experiment.execute.cluster import Careful, on_dask

        return on_dask(
            address,
            self.folder,
            todo,
            careful=Careful(self.way.timeout, self.way.allow_failed),
            always=self.plan.own is not None,
            events=pool.Events(self.finished, self.note),
            stop=stop,
        )

    def _give_up(self, tasks: Iterable[pool.Task]) -> None:
        """Write down the runs that ended their processes."""
        for task in tasks:
            for number, status in sorted(task.lost.items()):
                point, replicate = self.plan.run_of(number)
                if not self.way.allow_failed:
                    self.lost.append((point, replicate, status))
                self.note(
                    {"what": "given up", "status": status, "point": point, "replicate": replicate}
                )

    def finished(self, chunk: int) -> None:
        """Count a chunk that is written."""
        self._advance(len(self.plan.chunk_range(chunk)))

    def note(self, value: dict[str, Any]) -> None:
        """Write a line of diagnostics."""
        note(self.folder, value)

    def _advance(self, runs: int) -> None:
        self.done += runs
        if self.progress:
            self.progress(self.done)
