"""Worker processes on this machine, replaced when they die.

Pipes and processes only: no server, no socket. A chunk whose worker died is begun again, run by
run, so that the run that ends its process is known; if it does so twice it is given up, and the
rest of the chunk is done without it.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import MihError

TRIES = 2
"""How often a run may end its process before it is given up."""

FAILED_STARTS = 3
"""Workers in a row that die before they are ready: then nothing will work."""

PATIENCE = 60.0
"""Seconds more than a run's limit that a worker has to start."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sim.experiment.execute.orders import orders
asked = orders()
from sim.experiment.execute.worker import main
main(asked)
"""

NO_RUN = -1

Message = dict[str, Any]


@dataclass(slots=True)
class Task:
    """A chunk to be computed, and what is known of runs of it that end their process."""

    chunk: int
    one_by_one: bool = False
    deaths: dict[int, int] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)


class _Worker:
    """One process: what it is at, and when it last gave a sign of life."""

    def __init__(self, folder: Path, answers: "queue.Queue[tuple[_Worker, Message | None]]"):
        command = [sys.executable, "-c", _START, json.dumps(sys.path)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt of the terminal is for the parent
        )
        self.ready = False
        self.task: Task | None = None
        self.run: int | None = None
        self.alone = False  # whether that is the one run that could end the process
        self.timed_out = False
        self.alive_at = time.monotonic()
        self.tell({"folder": str(folder.absolute())})
        threading.Thread(target=self._hear, args=(answers,), daemon=True).start()

    def tell(self, message: Message) -> None:
        """Send a message; a dead process is noticed by the end of its answers."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def _hear(self, answers: "queue.Queue[tuple[_Worker, Message | None]]") -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with suppress(ValueError):  # a line torn by the process's death
                answers.put((self, json.loads(line)))
        answers.put((self, None))

    def end(self) -> None:
        """Kill the process and wait for it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


@dataclass(slots=True)
class Events:
    """What a pool tells its caller: a chunk done, and what is worth a line of diagnostics."""

    done: Callable[[int], None]
    note: Callable[[Message], None]


class WorkerError(MihError):
    """A worker reported an error that ends the work; ``exit_code`` is that of the error."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]

    def __reduce__(self) -> tuple[type["WorkerError"], tuple[str, int]]:
        """Let a cluster hand the error on."""
        return type(self), (str(self), self.exit_code)


class Pool:
    """Workers for the chunks of one folder; see `run`. Use it as a context: it ends them."""

    def __init__(
        self,
        folder: Path,
        workers: int,
        *,
        timeout: float,
        allow_failed: bool,
        events: Events,
    ) -> None:
        self.folder = folder
        self.size = workers
        self.timeout = timeout
        self.allow_failed = allow_failed
        self.events = events
        self.workers: list[_Worker] = []
        self.answers: queue.Queue[tuple[_Worker, Message | None]] = queue.Queue()
        self.waiting: deque[Task] = deque()
        self.given_up: list[Task] = []
        self.failed_starts = 0

    def __enter__(self) -> "Pool":
        """Return the pool; workers start with the first chunks."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers at once."""
        for worker in self.workers:
            worker.end()

    def start(self) -> None:
        """Start the workers and wait until all are ready."""
        while len(self.workers) < self.size:
            self.workers.append(_Worker(self.folder, self.answers))
        while not all(worker.ready for worker in self.workers):
            self._step()

    def run(self, chunks: Iterable[int], stop: Callable[[], bool]) -> list[Task]:
        """Compute chunks; return those that had to do without some of their runs.

        When ``stop`` says so no chunk is begun any more and those begun are finished.

        Raises:
            WorkerError: a worker met an error that is not that of one run: a full disk, memory.
            MihError: workers cannot be started.

        """
        self.waiting.extend(Task(chunk) for chunk in chunks)
        while True:
            if not stop():
                self._hand_out()
            if not any(worker.task for worker in self.workers) and (stop() or not self.waiting):
                return self.given_up
            self._step()

    def _hand_out(self) -> None:
        """Give every idle worker a chunk; start workers while there is more to do than hands."""
        free = [worker for worker in self.workers if worker.ready and worker.task is None]
        for worker in free:
            if self.waiting:
                self._give(worker, self.waiting.popleft())
        starting = sum(not worker.ready for worker in self.workers)
        while len(self.workers) < self.size and starting < len(self.waiting):
            self.workers.append(_Worker(self.folder, self.answers))
            starting += 1

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.run, worker.alone = task, None, False
        worker.alive_at = time.monotonic()
        worker.tell(
            {
                "chunk": task.chunk,
                "one_by_one": task.one_by_one,
                "lost": task.lost,
                "allow_failed": self.allow_failed,
            }
        )

    def _step(self) -> None:
        """Wait a moment for an answer and act on it; end workers that have been silent too long."""
        try:
            worker, message = self.answers.get(timeout=0.2)
        except queue.Empty:
            self._end_the_silent()
            return
        worker.alive_at = time.monotonic()
        if message is None:
            self._bury(worker)
        elif "error" in message:
            raise WorkerError(message["error"], int(message["code"]))
        elif "ready" in message:
            worker.ready, self.failed_starts = True, 0
        elif "run" in message:
            worker.run, worker.alone = int(message["run"]), bool(message["alone"])
        elif "done" in message:
            self._finish(worker, message)

    def _finish(self, worker: _Worker, message: Message) -> None:
        task, worker.task = worker.task, None
        for trouble in message["troubles"]:
            self.events.note(trouble)
        if task is not None and task.lost:
            self.given_up.append(task)
        if task is not None and (not task.lost or self.allow_failed):
            self.events.done(task.chunk)

    def _end_the_silent(self) -> None:
        for worker in self.workers:
            limit = self.timeout if worker.ready else self.timeout + PATIENCE
            busy = worker.task is not None or not worker.ready
            if busy and time.monotonic() - worker.alive_at > limit:
                worker.timed_out = True
                worker.process.kill()
                worker.alive_at = time.monotonic()  # its end comes as an answer

    def _bury(self, worker: _Worker) -> None:
        """Take a dead worker out, and put its chunk back to be done with more care."""
        self.workers.remove(worker)
        worker.end()
        how = "timeout" if worker.timed_out else "killed"
        code = worker.process.returncode
        task = worker.task
        if task is None:
            self.failed_starts += not worker.ready
            if self.failed_starts >= FAILED_STARTS:
                raise MihError(
                    f"workers end before they are ready (exit status {code}); "
                    "what they say stands above; --workers 0 runs without them"
                )
            return
        self.events.note({"what": how, "chunk": task.chunk, "run": worker.run, "status": code})
        if task.one_by_one or worker.alone:
            run = NO_RUN if worker.run is None else worker.run
            task.deaths[run] = task.deaths.get(run, 0) + 1
            if task.deaths[run] >= TRIES and run == NO_RUN:
                raise MihError(f"chunk {task.chunk} ends its worker before a run begins ({how})")
            if task.deaths[run] >= TRIES:
                task.lost[run] = how
        task.one_by_one = True
        self.waiting.appendleft(task)
