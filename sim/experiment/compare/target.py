"""A target: an outcome and the level that it has to reach, as in ``adoption>=0.5``."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.outcomes import kind_and_unit
from sim.wording import meant, show

_WRITTEN = re.compile(r"\s*([\w.-]+?)\s*(>=|<=)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(%?)\s*")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Target:
    """An outcome of at least (``>=``) or at most (``<=``) a level, in the outcome's unit."""

    outcome: str
    sign: str
    level: float

    def __str__(self) -> str:
        """Return the target as it may be written."""
        return f"{self.outcome}{self.sign}{self.level:g}"

    @property
    def exact(self) -> str:
        """The target as it may be written, to the last digit."""
        return f"{self.outcome}{self.sign}{self.level!r}"

    @property
    def share(self) -> bool:
        """Whether the outcome is a share, shown in per cent."""
        return kind_and_unit(self.outcome)[1] == "share"

    def level_in_words(self) -> str:
        """Return the level as people read it."""
        return f"{self.level * 100:g} %" if self.share else f"{self.level:g}"

    def met(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 1 where a value meets the target, else 0; never and undefined (NaN) do not."""
        with np.errstate(invalid="ignore"):
            found = values >= self.level if self.sign == ">=" else values <= self.level
        return np.asarray(found & np.isfinite(values), dtype=float)


def target_of(text: str, known: Iterable[str]) -> Target:
    """Return the target written in a text; raise InputError if it is none of a known outcome."""
    match = _WRITTEN.fullmatch(text[:LONGEST])
    if match is None:
        raise InputError(
            f"target: must be an outcome, >= or <=, and a number, as in adoption>=0.5 "
            f"(found {show(text[:LONGEST])})"
        )
    name, sign, digits, percent = match.groups()
    problems = []
    if name not in (names := list(known)):
        problems.append(f"target: {unknown_outcome(name, names)}")
    try:
        level = float(digits)
    except ValueError:
        level = math.nan
    if not math.isfinite(level):
        problems.append(f"target: must be a finite number (found {show(digits)})")
    elif not problems:
        level = level / 100.0 if percent else level
        share = kind_and_unit(name)[1] == "share"
        if percent and not share:
            problems.append(f"target: {name} is no share, so it takes no % (found {show(text)})")
        elif share and not 0.0 <= level <= 1.0:
            hint = f"; did you mean {level / 100:g}?" if 1.0 < level <= 100.0 else ""
            allowed = "allowed 0 to 1, or 0 % to 100 %"
            problems.append(f"target: {name} is a share (found {level:g}, {allowed}){hint}")
    if problems:
        raise InputError(problems)
    return Target(name, sign, level)


def unknown_outcome(name: str, known: Iterable[str]) -> str:
    """Say that no outcome has a name, and which was perhaps meant."""
    names = list(known)
    return f"no outcome is called {show(name)} (allowed {', '.join(names)}){meant(name, names)}"
