"""Files of a result damaged in every way: what is noticed, and what is made of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim.errors import MihError
from sim.experiment.execute.work import execute
from sim.experiment.runs.plan import Plan
from sim.experiment.store.stored import open_result
from tests.reliability.campaigns import HERE, Tally
from tests.reliability.faults import content

Damage = Callable[[Path, np.random.Generator], None]


def flip_a_bit(path: Path, generator: np.random.Generator) -> None:
    data = bytearray(path.read_bytes())
    data[generator.integers(len(data))] ^= 1 << int(generator.integers(8))
    path.write_bytes(data)


def truncate(path: Path, generator: np.random.Generator) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: generator.integers(1, len(data))])


def empty(path: Path, _: np.random.Generator) -> None:
    path.write_bytes(b"")


def fill_with_zeros(path: Path, _: np.random.Generator) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def lose(path: Path, _: np.random.Generator) -> None:
    path.unlink()


KINDS: tuple[Damage, ...] = (flip_a_bit, truncate, empty, fill_with_zeros, lose)


class Damaged:
    """One result, damaged and put right many times; its files are compared with the whole ones."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        execute(plan, folder, HERE)
        self.whole = content(folder)
        self.numbers = open_result(folder).frame()
        self.tally = Tally()

    def suffer(
        self, name: str, damage: Damage, generator: np.random.Generator, *, sealed: bool = True
    ) -> None:
        """Damage one file, read the result, and run the sweep again."""
        what = f"{damage.__name__} of {name}, {'sealed' if sealed else 'not sealed'}"
        if not sealed:
            (self.folder / "SEAL.json").unlink()
        damage(self.folder / name, generator)
        self.tally.faults += 1
        self.tally.check(self._reads_truly(), f"{what}: read silently with other numbers")
        before = self._put_aside()
        report = execute(self.plan, self.folder, HERE)
        # What is lost is not there to be put aside, unless a receipt or a seal vouches for it.
        noticed = self._put_aside() > before or damage is lose
        self.tally.check(noticed, f"{what}: not put aside")
        self.tally.check(report.result is not None, f"{what}: {report}")
        if content(self.folder) != self.whole:
            self.tally.check(False, f"{what}: other bytes")
            shutil.rmtree(self.folder)
            execute(self.plan, self.folder, HERE)

    def _reads_truly(self) -> bool:
        try:
            found = open_result(self.folder)
            numbers = found.frame()
        except MihError:
            return True
        if not found.sealed:  # then it says which chunks are missing
            whole = self.numbers
            there = set(zip(numbers["point"], numbers["replicate"], strict=True))
            runs = zip(whole["point"], whole["replicate"], strict=True)
            expected = whole[[run in there for run in runs]].reset_index(drop=True)
            return found.done == len(numbers) and numbers.equals(expected)
        return bool(numbers.equals(self.numbers))

    def _put_aside(self) -> int:
        return len(list((self.folder / "quarantine").glob("*")))
