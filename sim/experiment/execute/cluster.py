"""Chunks on an existing Dask cluster whose workers share the result's folder.

A task is a chunk: the worker computes it and writes its parts; only its number and its troubles
come back. A chunk that keeps killing workers, or that holds agents of one's own, is computed in a
process of its own beside the worker, where a run can be found out, ended and left out.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.compiled import source_hash
from sim.errors import DriftError, InputError, MihError, how_to_install
from sim.experiment.execute.pool import Events, Pool, Task
from sim.experiment.execute.worker import compute
from sim.experiment.runs.chunks import Trouble
from sim.experiment.runs.plan import Plan
from sim.experiment.store.folder import identity_of, read_plan
from sim.experiment.store.locks import MANIFEST

AHEAD = 3
"""Chunks in flight for each thread of the cluster: none idles, and an interrupt soon ends."""

CONNECT = 10.0
PATIENCE = 60.0
"""Seconds to wait for a scheduler, and for a worker when none is left."""

_LOCAL = ("127.", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Careful:
    """How a chunk is computed in a process of its own."""

    timeout: float
    allow_failed: bool


Answer = tuple[int, list[Trouble], dict[int, str]]
"""A chunk's number, its troubles, and the runs it had to do without, by number."""


def on_dask(
    address: str,
    folder: Path,
    todo: list[int],
    *,
    careful: Careful,
    always: bool,
    events: Events,
    stop: Callable[[], bool],
) -> list[Task]:
    """Compute chunks on a cluster; return those that had to do without some of their runs.

    ``always``: compute every chunk in a process of its own. When ``stop`` says so no chunk is
    begun any more.

    Raises:
        InputError: distributed is not installed, or no scheduler answers at the address.
        MihError: the cluster has no workers left, or a worker met an error.

    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(f"--dask: not installed; {how_to_install('dask')}") from error
    _warn_of(address)
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"--dask: no scheduler answers at {address} ({reason})") from error
    work = _Flight(client, str(folder.absolute()), careful, always, events)
    try:
        with client.as_current():
            return work.run(todo, stop)
    finally:
        work.cancel()
        client.close()


class _Flight:
    """The chunks that a cluster has at a time, bounded."""

    def __init__(
        self, client: Any, folder: str, careful: Careful, always: bool, events: Events
    ) -> None:
        self.client = client
        self.folder = folder
        self.careful = careful
        self.always = always
        self.events = events
        self.pending: dict[Any, int] = {}
        self.given_up: list[Task] = []
        self.idle = 0.0

    def run(self, todo: list[int], stop: Callable[[], bool]) -> list[Task]:
        """Hand out chunks until all are done; see `on_dask`."""
        waiting = iter(todo)
        left = True
        while left or self.pending:
            if stop():
                left = False
            while left and len(self.pending) < self._room():
                chunk = next(waiting, None)
                if chunk is None:
                    left = False
                else:
                    self._submit(chunk, self.always)
            for future in self._finished():
                self._take(future)
        return self.given_up

    def cancel(self) -> None:
        """Take back what is not done; workers finish what they are at."""
        if self.pending:
            self.client.cancel(list(self.pending))

    def _room(self) -> int:
        return AHEAD * max(1, sum(self.client.nthreads().values()))

    def _submit(self, chunk: int, alone: bool) -> None:
        careful = self.careful if alone else None
        future = self.client.submit(chunk_on_worker, self.folder, chunk, careful, pure=False)
        self.pending[future] = chunk

    def _finished(self) -> Iterator[Any]:
        """Yield futures that have ended, after a moment; raise MihError if nobody works."""
        from distributed import TimeoutError as NotYet
        from distributed import wait

        if not self.pending:
            return
        try:
            ended = wait(list(self.pending), timeout=1.0, return_when="FIRST_COMPLETED").done
        except NotYet:
            self.idle = 0.0 if self.client.nthreads() else self.idle + 1.0
            if self.idle > PATIENCE:
                raise MihError(
                    "the Dask cluster has no workers left; what is done is kept, and the same "
                    "command goes on from there"
                ) from None
            return
        self.idle = 0.0
        yield from ended

    def _take(self, future: Any) -> None:
        """Take the answer of a chunk; one that killed its workers is begun again by itself."""
        from distributed import KilledWorker

        chunk = self.pending.pop(future)
        try:
            answer: Answer = future.result()
        except KilledWorker:
            self.events.note({"what": "killed", "chunk": chunk, "where": "dask"})
            self._submit(chunk, alone=True)
            return
        _, troubles, lost = answer
        for one in troubles:
            self.events.note(one.note())
        if lost:
            self.given_up.append(Task(chunk, lost=lost))
        if not lost or self.careful.allow_failed:
            self.events.done(chunk)


def chunk_on_worker(folder: str, chunk: int, careful: Careful | None) -> Answer:
    """Compute a chunk where this is called, and write its parts. Runs on the cluster's workers.

    Raises MihError if the folder is not shared, the code is another, or the disk fails.
    """
    place = Path(folder)
    if not (place / MANIFEST).exists():
        raise MihError(f"--dask: a worker does not see {folder}; all workers must share it")
    plan, identity = _plan(folder, (place / MANIFEST).stat().st_mtime_ns)
    if careful is None:
        _, troubles = compute(place, plan, identity, chunk)
        return chunk, troubles, {}
    troubles = []
    events = Events(lambda _: None, lambda value: _keep(troubles, value))
    with Pool(
        place, 1, timeout=careful.timeout, allow_failed=careful.allow_failed, events=events
    ) as pool:
        tasks = pool.run([chunk], lambda: False)
    return chunk, troubles, {number: how for task in tasks for number, how in task.lost.items()}


def _keep(troubles: list[Trouble], value: dict[str, Any]) -> None:
    if value["what"] == "exception":
        troubles.append(Trouble(value["point"], value["replicate"], value["message"]))


@lru_cache(maxsize=4)
def _plan(folder: str, _: int) -> tuple[Plan, str]:
    """Return the plan of a folder and its identity, read once by each worker."""
    plan, manifest = read_plan(Path(folder))
    if manifest["source"] != source_hash():
        raise DriftError("a Dask worker has another version of mih-sim than the sweep")
    return plan, identity_of(manifest)


def _warn_of(address: str) -> None:
    """Warn of a cluster elsewhere whose connection is not encrypted: tasks are pickled."""
    scheme, _, host = address.rpartition("://")
    if scheme != "tls" and not host.startswith(_LOCAL):
        warnings.warn(
            f"--dask: {address} is not encrypted (tls://): whoever is on that network could send "
            "code to this process",
            RuntimeWarning,
            stacklevel=2,
        )
