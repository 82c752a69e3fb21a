"""The plans to choose from: a grid of levels for each lever of staffing; the own plan is in it."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design.varying import fit, input_of, near, trouble
from sim.parameters import Parameter, parameters
from sim.scenario import Scenario
from sim.wording import show

OWN = "own"
"""The word for the scenario's own level; alone it holds a lever where it is."""

MOST_PLANS = 5000

TIMES: Mapping[str, tuple[float, ...]] = {
    "manager_hours": (0.5, 2.0),
    "lead_hours": (0.5, 2.0),
    "seats": (0.5, 2.0),
}
"""Levers whose levels are multiples of the own one, as sizes of organisations differ."""

LEVELS: Mapping[str, tuple[float, ...]] = {
    "key_users": (0.06, 0.12, 0.25),
    "protected_hours": (0.0, 0.5, 1.0),
}
"""Levers with levels of their own, beside the scenario's."""

STANDARD = ("manager_hours", "leads", "lead_hours", "key_users", "protected_hours", "seats")
"""The levers that are moved unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Lever:
    """An input of staffing with the levels it may have, in order, its own among them."""

    name: str
    label: str
    unit: str
    levels: tuple[Any, ...]
    own: Any


@dataclass(frozen=True)
class Space:
    """Every combination of the levels of some levers."""

    levers: tuple[Lever, ...]

    @property
    def count(self) -> int:
        """Number of plans."""
        return math.prod(len(one.levels) for one in self.levers)

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """The level of each lever in each plan, (plans,)."""
        rows = list(itertools.product(*(one.levels for one in self.levers)))
        return {
            one.name: np.array(column)
            for one, column in zip(self.levers, zip(*rows, strict=True), strict=True)
        }

    @cached_property
    def own(self) -> int:
        """The number of the scenario's own plan."""
        same = np.ones(self.count, bool)
        for one in self.levers:
            same &= self.columns[one.name] == one.own
        return int(np.flatnonzero(same)[0])

    def levels(self, plan: int) -> dict[str, Any]:
        """Return the levels of a plan by lever."""
        return {one.name: self.columns[one.name][plan].item() for one in self.levers}

    def changes(self, plan: int) -> dict[str, Any]:
        """Return the levels of a plan that are not the scenario's own."""
        found = self.levels(plan)
        return {one.name: found[one.name] for one in self.levers if found[one.name] != one.own}

    def words(self, plan: int) -> str:
        """Return a plan as the settings that make it of the scenario: ``leads=2, seats=8``."""
        changes = self.changes(plan)
        if not changes:
            return "the plan as it is"
        return ", ".join(f"{name}={level_in_words(level)}" for name, level in changes.items())


def level_in_words(level: Any) -> str:
    """Return a level as ``--set`` takes it."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def space_of(scenario: Scenario, vary: Mapping[str, Sequence[Any]]) -> Space:
    """Return the plans of a scenario: the usual levers, with the levels given instead of theirs.

    ``vary`` names inputs of staffing with their levels; the own level is always among them, and
    ``"own"`` stands for it. Raises InputError with every problem.
    """
    problems = [text for name, levels in vary.items() for text in _problems(scenario, name, levels)]
    if problems:
        raise InputError(problems)
    levels = {name: _usual(scenario, name) for name in STANDARD} | dict(vary)
    found = Space(tuple(_lever(scenario, name, some) for name, some in levels.items()))
    if found.count > MOST_PLANS:
        raise InputError(
            f"vary: too many plans (found {found.count:,}, allowed up to {MOST_PLANS:,}); give "
            "fewer levels, or hold a lever where it is with NAME=own"
        )
    if found.count == 1:
        raise InputError("vary: no lever has a second level, so there is nothing to choose from")
    return found


def movable() -> list[str]:
    """Return the inputs that a plan of staffing may move: what a planner decides."""
    known = parameters().values()
    return [one.name for one in known if one.group == "staffing" and one.name != "attention"]


def _usual(scenario: Scenario, name: str) -> list[Any]:
    """Return the usual levels of a lever for a scenario; those out of bounds are left out."""
    own, most = scenario.values[name], parameters()[name].high
    if name == "leads":
        return [int(own), min(int(own) + 1, int(most))]
    if name in LEVELS:
        return list(LEVELS[name])
    entry = parameters()[name]
    scale = float(own or entry.default)
    found = [scale * times for times in TIMES[name]]
    return [level for level in found if entry.low <= level <= entry.high]


def _problems(scenario: Scenario, name: str, levels: Sequence[Any]) -> Iterable[str]:
    """Yield what is wrong with the levels given for a lever."""
    what = input_of(name, scenario) if name in movable() else None
    if what is None:
        yield f"vary: {show(name)} is no lever of staffing (allowed {', '.join(movable())})" + near(
            name, movable()
        )
        return
    if not levels:
        yield f"vary: {name} has no levels; give some, as in {name}={_example(what.entry)}"
    for level in levels:
        if level != OWN and (text := trouble(what, level)):
            yield f"vary: {name}: {text}"


def _example(entry: Parameter | None) -> str:
    return "own" if entry is None else f"{entry.default}"


def _lever(scenario: Scenario, name: str, levels: Sequence[Any]) -> Lever:
    """Return a lever with its levels sorted, each once, the own one among them."""
    what = input_of(name, scenario)
    assert what is not None
    own = scenario.values[name]
    values = fit(what, [own if level == OWN else level for level in [*levels, own]])
    assert values is not None
    own = values[-1].item()
    return Lever(name, what.label, what.unit, tuple(np.unique(values).tolist()), own)
