"""Targets: the published patterns, as data in ``sim/targets.toml``, read and checked here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sim.errors import InputError
from sim.experiment.calibrate.reading import problems_of
from sim.tomlfile import parse, printable
from sim.wording import report

FIT, HELD_OUT, CROSS_CHECK = "fit", "held-out", "cross-check"


@dataclass(frozen=True, slots=True)
class Target:
    """A published pattern that simulated organisations are held against.

    ``low`` and ``high`` say what counts as reproduced, infinite where there is no bound. ``value``
    is the published number, ``n`` how many it rests on, ``se`` its standard error on its own scale;
    None where there is none. ``transform`` is the scale on which it is fitted: none, log or logit.
    """

    name: str
    pattern: str
    label: str
    use: str
    low: float
    high: float
    unit: str
    transform: str
    definition: str
    source: str
    caveat: str
    value: float | None = None
    n: int | None = None
    se: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether a simulated value is within what counts as reproduced; NaN is not."""
        return self.low <= value <= self.high

    def scaled(self, value: float) -> float:
        """Return a value on the scale of the fit; infinite at the ends of that scale."""
        if self.transform == "none":
            return value
        odds = value
        if self.transform == "logit":
            odds = value / (1.0 - value) if value < 1.0 else math.inf
        return math.log(odds) if odds > 0.0 else -math.inf

    def standard_error(self) -> float | None:
        """Return the sampling error of the published value on the scale of the fit.

        From ``se``, or for a share from ``n`` (binomial), by the delta method. None for patterns
        that are bounds.
        """
        if self.value is None:
            return None
        error = self.se
        if error is None and self.n is not None and self.unit == "share":
            error = math.sqrt(self.value * (1.0 - self.value) / self.n)
        slope = {"none": 1.0, "log": self.value, "logit": self.value * (1.0 - self.value)}
        return None if error is None else error / slope[self.transform]


@cache
def targets() -> tuple[Target, ...]:
    """Return the targets that come with the package, in the file's order."""
    text = (files("sim") / "targets.toml").read_text(encoding="utf-8")
    return loads_targets(text, "targets.toml")


def loads_targets(text: str, where: str = "<text>") -> tuple[Target, ...]:
    """Return the targets written in a TOML text; ``where`` stands for the file in messages.

    Raises InputError with every problem, each as ``file:line: key: what is wrong``.
    """
    where = printable(where)
    raw, lines = parse(text, where)
    found = problems_of(raw)
    if found:
        raise InputError(report(found, lines, where))
    return tuple(_target(name, entry) for name, entry in raw.items())


def _target(name: str, entry: Mapping[str, Any]) -> Target:
    """Make a target of a checked entry."""
    bounds = {"low": float(entry.get("low", -math.inf)), "high": float(entry.get("high", math.inf))}
    numbers = {key: float(entry[key]) for key in ("value", "se") if key in entry}
    fields: dict[str, Any] = {**entry, **numbers, **bounds}
    return Target(name, **fields)
