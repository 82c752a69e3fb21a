"""Real ``mih sweep`` commands with worker processes: started, watched, interrupted, killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiment.design.study import load_study
from sim.experiment.execute.work import execute
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store.locks import LOCK
from tests.reliability.campaigns import HERE, Tally, kept
from tests.reliability.faults import APART, content
from tests.reliability.studies import busy_study

EYES = Path(__file__).parent / "eyes"
LIMIT = 120.0
"""Seconds after which a command that should have ended is taken for hung."""


@dataclass
class Sweep:
    """A sweep that runs: its process, and what its eyes see."""

    process: subprocess.Popen[str]
    eyes: Path
    seen: set[int] = field(default_factory=set)

    @property
    def workers(self) -> list[int]:
        """Processes that it has started and that live."""
        self.seen.update(_children(self.process.pid))
        return [pid for pid in self.seen if lives(pid)]

    def kill_all(self) -> None:
        """End it and its workers as a power cut would."""
        for pid in [self.process.pid, *self.workers]:
            with_no_fuss(os.kill, pid, signal.SIGKILL)
        self.process.wait()

    def ended(self, limit: float = LIMIT) -> tuple[int, str, str]:
        """Wait for its end; return exit status, standard output and standard error."""
        out, err = self.process.communicate(timeout=limit)
        return self.process.returncode, out, err

    def lines(self, word: str) -> list[str]:
        """Return what its eyes have seen of one kind."""
        text = self.eyes.read_text() if self.eyes.exists() else ""
        return [line for line in text.splitlines() if line.startswith(word)]


def start(study: Path, folder: Path, *options: str, eyes: str = "eyes", **more: Any) -> Sweep:
    """Start ``mih sweep`` on a study in the folder beside it."""
    seen = folder.with_name(f"{folder.name}.{eyes}")
    seen.unlink(missing_ok=True)
    path = os.pathsep.join([str(EYES), str(Path(__file__).parents[2])])
    call = [sys.executable, "-c", "from sim.cli import main; main()", "sweep", study.name]
    words: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    process = subprocess.Popen(
        [*call, "--out", str(folder), *options],
        cwd=study.parent,
        env={**os.environ, "PYTHONPATH": path, "MIH_EYES": str(seen)},
        text=True,
        start_new_session=True,
        **(words | {"stderr": subprocess.PIPE} | more),
    )
    return Sweep(process, seen)


def wait_until(true: Callable[[], Any], what: str, limit: float = LIMIT) -> None:
    """Wait until something is so; raise TimeoutError if it does not come."""
    until = time.monotonic() + limit
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.01)


def finished_chunks(folder: Path) -> int:
    """Return how many chunks of a folder have a receipt."""
    return len(list((folder / "receipts").glob("chunk-*.json")))


def lives(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def sockets_of(pid: int) -> list[str]:
    """Return the sockets that a process has open."""
    found = []
    try:
        for path in Path(f"/proc/{pid}/fd").iterdir():
            target = with_no_fuss(os.readlink, path)
            if target and target.startswith("socket:"):
                found.append(target)
    except OSError:
        return []
    return found


def with_no_fuss(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call something that fails if a process has just ended."""
    try:
        return call(*arguments)
    except OSError:
        return None


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Undisturbed:
    """A sweep by two workers with nothing wrong, and what was seen of it.

    ``whole``: wait for the tables and figures that come after the seal.
    """

    def __init__(self, place: Path, *, whole: bool = False) -> None:
        self.study = busy_study(place)
        self.folder = place / "whole"
        self.plan: Plan = plan_of_study(
            load_study(self.study), command=("mih", "sweep", self.study.name)
        )
        self.sweep = start(self.study, self.folder, "--workers", "2")
        wait_until(lambda: finished_chunks(self.folder) > 2, "chunks that are done")
        self.workers = self.sweep.workers
        self.sockets = [sockets_of(pid) for pid in (self.sweep.process.pid, *self.workers)]
        seal = self.folder / "SEAL.json"
        wait_until(lambda: seal.exists() or self.sweep.process.poll() is not None, "its seal")
        if whole:
            assert self.sweep.ended()[0] == 0
        self.sweep.kill_all()
        (self.folder / LOCK).unlink(missing_ok=True)  # it may have died before it let go
        self.bytes = content(self.folder)
        self.everything = content(self.folder, APART)


def kill_campaign(
    calm: Undisturbed,
    kills: int,
    generator: np.random.Generator,
    *,
    each: int = 4,
    whole: bool = False,
) -> Tally:
    """Kill real sweeps at random times; each folder ``each`` times, then let it finish.

    Every second kill is of the parent alone: its workers must be gone within two seconds.
    ``whole``: the command finishes it, with tables and figures, else the function without them.
    """
    tally, number = Tally(), 0
    while tally.faults < kills:
        number += 1
        folder = calm.study.parent / f"killed-{number}"
        for _ in range(min(each, kills - tally.faults)):
            _kill_once(calm, folder, generator, tally, 5.0 if whole else 1.0)
        there = kept(folder, calm.plan)
        before = sum(len(calm.plan.chunk_range(chunk)) for chunk in there)
        if whole:
            _finish(calm, folder, there, before, tally)
        else:
            report = execute(calm.plan, folder, HERE)
            tally.check(report.before == before, f"{folder.name}: {report}")
            tally.check(content(folder) == calm.bytes, f"{folder.name}: other bytes")
    return tally


def _finish(calm: Undisturbed, folder: Path, there: list[int], before: int, tally: Tally) -> None:
    """Let the command finish a folder; just what was missing is done, and all bytes are as ever."""
    sweep = start(calm.study, folder, "--workers", "2", "--json")
    status, out, err = sweep.ended()
    tally.check(status == 0, f"{folder.name}: ended with {status} {err}")
    said = json.loads(out) if status == 0 else {}
    tally.check(said.get("before") == before, f"{folder.name}: {said}, there were {before}")
    tally.check(said.get("repaired") == 0, f"{folder.name}: {said}")
    missing = [chunk for chunk in range(calm.plan.chunks) if chunk not in there]
    done = sorted(int(line.split()[1]) for line in sweep.lines("chunk"))
    tally.check(done == missing, f"{folder.name}: did {done}, missing were {missing}")
    tally.check(content(folder, APART) == calm.everything, f"{folder.name}: other bytes")


def _kill_once(
    calm: Undisturbed,
    folder: Path,
    generator: np.random.Generator,
    tally: Tally,
    seconds: float,
) -> None:
    """Start a sweep or go on with it, and kill it at a random time, if it has not ended."""
    there = set(kept(folder, calm.plan))
    sweep = start(calm.study, folder, "--workers", "2")
    if generator.random() < 0.8:  # most of its time a sweep loads code, which is little to disturb
        wait_until(
            lambda: sweep.lines("chunk") or sweep.process.poll() is not None, "a first chunk"
        )
        time.sleep(generator.uniform(0.0, seconds))
    else:
        time.sleep(generator.uniform(0.1, 3.0))
    if sweep.process.poll() is not None:
        tally.check(sweep.process.returncode == 0, f"{folder.name}: {sweep.ended()}")
        return
    tally.faults += 1
    if tally.faults % 2:
        sweep.kill_all()
    else:
        alone = sweep.workers
        sweep.process.kill()
        sweep.process.wait()
        try:
            wait_until(lambda: not any(map(lives, alone)), "workers that end", 2.0)
        except TimeoutError:
            tally.check(False, f"{folder.name}: workers outlive their parent")
            sweep.kill_all()
    begun = {int(line.split()[1]) for line in sweep.lines("chunk")}
    now = set(kept(folder, calm.plan))
    tally.check(there <= now, f"{folder.name}: finished chunks are gone")
    tally.check(not begun & there, f"{folder.name}: chunks {begun & there} were done twice")
    lost = begun - now
    tally.check(len(lost) <= 2, f"{folder.name}: lost {lost}")
