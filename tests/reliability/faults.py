"""Faults to order: a process that dies, or a disk that fails, at the n-th touch of a file."""

import os
import pathlib
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from unittest import mock

from sim.errors import MihError

WATCHED = ("fsync", "replace", "rename", "link", "unlink", "mkdir", "open", "write", "truncate")
"""Functions of ``os`` that a store touches files with; opening and writing files come on top."""

HARMLESS = ("unlink", "rename")
"""What a full disk still does."""

APART = ("attempts.jsonl", "quarantine")
"""What may differ between two folders of one result."""

FOR_PEOPLE = ("tables", "figures")
"""What the command adds to a sealed result, and the function does not."""

Act = Callable[[str], None]
"""Told the name of a point as it is passed; may end the process or raise."""


def content(folder: Path, apart: tuple[str, ...] = (*APART, *FOR_PEOPLE)) -> dict[str, bytes]:
    """Return the bytes of every file of a result's folder, hidden ones too, but for some."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in apart
    }


class Torn:
    """A file whose writes come in two halves, with a point between them."""

    def __init__(self, file: IO[bytes], act: Act) -> None:
        self.file = file
        self.act = act

    def __enter__(self) -> "Torn":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, data: bytes) -> int:
        self.act("before write")
        half = len(data) // 2
        self.file.write(data[:half])
        self.file.flush()
        self.act("within write")
        self.file.write(data[half:])
        self.file.flush()
        self.act("after write")
        return len(data)


@contextmanager
def watched(act: Act) -> Iterator[None]:
    """Call ``act`` before and after every touch of a file for as long as this lasts."""
    opened = pathlib.Path.open

    def around(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **words: Any) -> Any:
            act(f"before {name}")
            found = real(*arguments, **words)
            act(f"after {name}")
            return found

        return call

    def opens(path: Path, mode: str = "r", *arguments: Any, **words: Any) -> Any:
        if "w" not in mode:
            return opened(path, mode, *arguments, **words)
        act("before open")
        file = opened(path, mode, *arguments, **words)
        act("after open")
        return Torn(file, act)

    patches = [mock.patch.object(os, name, around(name, getattr(os, name))) for name in WATCHED]
    patches.append(mock.patch.object(pathlib.Path, "open", opens))
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


class Countdown:
    """Does something at the n-th point, counted from 0; ``names`` are the points passed."""

    def __init__(self, at: int, deed: Callable[[str], None]) -> None:
        self.at = at
        self.deed = deed
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.at + 1:
            self.deed(name)


def die(_: str) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class FailingDisk:
    """From the n-th point on every touch fails, but for what a failing disk still does."""

    def __init__(self, at: int, code: int, *, once: bool = False) -> None:
        self.at = at
        self.code = code
        self.once = once
        self.passed = 0
        self.failed = 0

    def __call__(self, name: str) -> None:
        when, what = name.split()
        if when == "after" or what in HARMLESS:
            return
        self.passed += 1
        if self.passed > self.at and not (self.once and self.failed):
            self.failed += 1
            raise OSError(self.code, os.strerror(self.code))


def forked(work: Callable[[], str], limit: float = 60.0) -> tuple[int, str]:
    """Do some work in a copy of this process; return its exit status and what it says.

    The status is that of `subprocess`: negative for a signal. An error of this package ends it
    with the error's exit code and message.
    """
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        _end_with(work, writes)
    os.close(writes)
    until, said = time.monotonic() + limit, b""
    try:
        while select.select([reads], [], [], max(0.0, until - time.monotonic()))[0]:
            more = os.read(reads, 65536)
            if not more:
                break
            said += more
        else:
            os.kill(child, signal.SIGKILL)
            said += b"(did not end)"
    finally:
        os.close(reads)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.decode()


def _end_with(work: Callable[[], str], writes: int) -> None:
    """Do the work and end this process without the parent's clean-up."""
    write = os.write  # as it is now: the work may watch it
    code, words = 99, ""
    try:
        code, words = 0, work()
    except MihError as error:
        code, words = error.exit_code, str(error)
    except BaseException:
        words = traceback.format_exc()
    finally:
        write(writes, words.encode()[:60000])
        os._exit(code)
