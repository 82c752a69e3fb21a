"""A desk: one worker process, a short queue before it, and the answers it gave.

A question that is asked twice is answered once, also while the first is still under way. A job
that exceeds its limit is killed with its process, and a new one takes its place. Too many
questions at once are refused, not piled up.
"""

import asyncio
import json
import sys
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from sim.errors import MihError

Answer = dict[str, Any]
"""A status as in HTTP, and an answer or a list of problems."""

ROOM = 64
"""Answers kept."""

START_LIMIT = 300.0
"""Seconds a worker has to start: the first on a machine compiles the model."""

LONGEST_LINE = 64 * 1024 * 1024

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sim.experiment.execute.orders import orders
asked = orders()
from sim.app.worker import main
main(asked)
"""


class OverloadedError(MihError):
    """More questions are waiting than will be answered."""


class TooSlowError(MihError):
    """A job took longer than its limit and was killed."""


class LostError(MihError):
    """The worker died, or could not start."""


class Desk:
    """Answers questions, one at a time. Open it before use and close it after."""

    def __init__(self, limit: float = 20.0, queue: int = 8) -> None:
        self.limit = limit  # seconds for one job
        self.queue = queue
        self.process: asyncio.subprocess.Process | None = None
        self.starting: asyncio.Task[asyncio.subprocess.Process] | None = None
        self.turn = asyncio.Lock()
        self.waiting: dict[str, asyncio.Task[Answer]] = {}
        self.answers: OrderedDict[str, Answer] = OrderedDict()

    def open(self) -> None:
        """Begin to start the worker; the first question waits for it."""
        self.starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """End the worker at once."""
        for task in [*self.waiting.values(), self.starting]:
            if task is not None and not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, MihError):
                    await task
        await self._end()

    async def ask(self, task: str, question: object) -> Answer:
        """Return the answer to a question. Raises OverloadedError, TooSlowError or LostError."""
        key = json.dumps([task, question], sort_keys=True)
        if key in self.answers:
            self.answers.move_to_end(key)
            return self.answers[key]
        if key not in self.waiting:
            if len(self.waiting) >= self.queue:
                raise OverloadedError("too many questions at once; try again in a moment")
            job = asyncio.create_task(self._work(key, task, question))
            self.waiting[key] = job
            job.add_done_callback(lambda _: self.waiting.pop(key, None))
        return await asyncio.shield(self.waiting[key])

    async def _work(self, key: str, task: str, question: object) -> Answer:
        async with self.turn:
            process = await self._ready()
            message = json.dumps({"task": task, "question": question}) + "\n"
            try:
                found = await asyncio.wait_for(_exchange(process, message), self.limit)
            except TimeoutError:
                await self._end()
                raise TooSlowError(
                    f"stopped after {self.limit:g} seconds; make clinicians, weeks or runs smaller"
                ) from None
            except (OSError, ValueError) as error:
                await self._end()
                raise LostError("the simulation ended unexpectedly; ask again") from error
        if found["status"] == 200:
            self.answers[key] = found
            if len(self.answers) > ROOM:
                self.answers.popitem(last=False)
        return found

    async def _ready(self) -> asyncio.subprocess.Process:
        """Return the worker, started anew if it is gone."""
        gone = self.process is None or self.process.returncode is not None
        if gone and (self.starting is None or self.starting.done()):
            self.open()
        assert self.starting is not None
        return await asyncio.shield(self.starting)

    async def _start(self) -> asyncio.subprocess.Process:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _START, json.dumps(sys.path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # an interrupt of the terminal is for the server
            limit=LONGEST_LINE,
        )
        try:
            await asyncio.wait_for(_line(self.process), START_LIMIT)
        except (TimeoutError, OSError, ValueError) as error:
            await self._end()
            raise LostError("the simulation could not be started; see the terminal") from error
        return self.process

    async def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _exchange(process: asyncio.subprocess.Process, message: str) -> Answer:
    assert process.stdin is not None
    process.stdin.write(message.encode())
    await process.stdin.drain()
    return await _line(process)


async def _line(process: asyncio.subprocess.Process) -> Answer:
    """Return the next message of a worker. Raises ValueError if it is torn or there is none."""
    assert process.stdout is not None
    found: Answer = json.loads(await process.stdout.readline())
    return found
