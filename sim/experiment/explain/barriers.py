"""The eight barriers, and which of them a scenario has.

A barrier is an input that is worse than what is attainable: what the organisation at the favourable
90th percentile of the registry's prior has or, by a modest definition, at the 75th.
"""

from dataclasses import dataclass

from sim.parameters import Parameter, parameters
from sim.scenario import Scenario

WORDS = {
    "role_clarity": "Unclear roles",
    "workload": "Overload",
    "motivation": "Low motivation",
    "underestimation": "Underestimated work",
    "diffusion": "Diffusion of responsibility",
    "trust": "Weak relationship",
    "alignment": "Misaligned expectations",
    "manager_hours": "Thin vendor support",
}
"""What a barrier is called, by the input that is moved."""

ATTAINABLE, MODEST = "attainable", "attainable_modest"
DEFINITIONS = {ATTAINABLE: "90th percentile", MODEST: "75th percentile"}
"""The two definitions of attainable, the main one first."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """An input and where it goes: ``level`` is the scenario's, ``attainable`` what it is moved to.

    ``there``: whether the scenario has this barrier; what is as good as attainable is not moved.
    """

    name: str
    level: float
    attainable: float
    there: bool

    @property
    def label(self) -> str:
        """The barrier in words."""
        return WORDS[self.name]


def barriers_of(scenario: Scenario, definition: str) -> tuple[Barrier, ...]:
    """Return the eight barriers of a scenario by a definition of attainable (`DEFINITIONS`)."""
    found = []
    for name in WORDS:
        entry, level = parameters()[name], float(scenario.values[name])
        goal, way = _goals(entry)[definition], _better(entry)
        found.append(Barrier(name, level, goal, way * (goal - level) > 0.0))
    return tuple(found)


def _goals(entry: Parameter) -> dict[str, float]:
    if entry.attainable is None or entry.attainable_modest is None:
        raise ValueError(f"{entry.name}: the registry does not say what is attainable")
    return {ATTAINABLE: entry.attainable, MODEST: entry.attainable_modest}


def _better(entry: Parameter) -> float:
    """Return 1 if more is better, -1 if less is: the further percentile lies that way."""
    goals = _goals(entry)
    return 1.0 if goals[ATTAINABLE] > goals[MODEST] else -1.0
