"""What is asked of a search for staffing, checked before anything runs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sim import simulate
from sim.errors import InputError
from sim.experiment.calibrate.posterior import Posterior
from sim.experiment.compare.target import Target, target_of
from sim.experiment.doubt.each import Draws
from sim.experiment.doubt.source import Given, posterior_of, refuse_set
from sim.experiment.runs.plan import parameters_of
from sim.experiment.staff.ranking import Aim
from sim.experiment.staff.search import Stage, stages_of
from sim.experiment.staff.space import Space, space_of
from sim.outcomes import kind_and_unit, outcome_names
from sim.scenario import Scenario, load
from sim.world import recipe

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Question:
    """A search that can be made: which plans of a scenario, and what they have to reach by when.

    ``by`` is the week of the target, and the horizon of every run and cost. ``replicates`` are
    the fresh runs of a finalist.
    """

    scenario: Scenario
    space: Space
    target: Target
    by: int
    aim: Aim
    replicates: int
    seed: int
    posterior: Draws | None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the search."""
        return stages_of(self.space.count, self.replicates)

    @property
    def runs(self) -> int:
        """Number of runs of all stages."""
        return sum(one.runs for one in self.stages)

    def as_json(self) -> dict[str, Any]:
        """Return what decides the answer, but for the code."""
        return {
            "scenario": self.scenario.name,
            "parameters": parameters_of(self.scenario),
            "levers": {one.name: list(one.levels) for one in self.space.levers},
            "target": self.target.exact,
            "by": self.by,
            "confidence": self.aim.confidence,
            "budget": self.aim.budget,
            "replicates": self.replicates,
            "seed": self.seed,
            "posterior": None if self.posterior is None else self.posterior.id,
        }


def checked(
    scenario: Scenario | str | Path,
    target: str,
    by: int,
    confidence: float,
    budget: float | None,
    replicates: int,
    seed: int,
    vary: Mapping[str, Sequence[Any]],
    posterior: Given | None,
) -> Question:
    """Return the question asked with some options; raise InputError with every problem."""
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    problems = _numbers(confidence, budget)
    _tried(problems, lambda: simulate.checked_options(replicates, seed, None, by, None))
    space = _tried(problems, lambda: space_of(chosen, vary))
    aimed = _tried(problems, lambda: _target(target, chosen))
    drawn = _tried(problems, lambda: _posterior(posterior, chosen, vary))
    if problems or space is None or aimed is None:
        raise InputError(problems)
    return Question(chosen, space, aimed, by, Aim(confidence, budget), replicates, seed, drawn)


def _tried(problems: list[str], make: Callable[[], T]) -> T | None:
    """Return what can be made; None, with its problems noted, if it cannot."""
    try:
        return make()
    except InputError as error:
        problems += [_by(message) for message in error.messages]
    return None


def _by(message: str) -> str:
    """Name the option as it is called here."""
    return f"by{message.removeprefix('weeks')}" if message.startswith("weeks:") else message


def _numbers(confidence: float, budget: float | None) -> list[str]:
    problems = []
    if not 0.0 < confidence < 1.0:
        hint = f"; did you mean {confidence / 100:g}?" if 1.0 < confidence < 100.0 else ""
        problems.append(
            f"confidence: must lie between 0 and 1 (found {confidence:g}, as in 0.8){hint}"
        )
    if budget is not None and not (math.isfinite(budget) and budget > 0.0):
        problems.append(f"budget: must be an amount above 0 (found {budget:g})")
    return problems


def _target(text: str, scenario: Scenario) -> Target:
    found = target_of(text, outcome_names(recipe(scenario)))
    if kind_and_unit(found.outcome)[0] == "ratio":
        raise InputError(
            f"target: {found.outcome} is a ratio of means and has no value in a run; choose a "
            "share, a time or an amount, as in adoption>=0.5"
        )
    return found


def _posterior(
    given: Given | None, scenario: Scenario, vary: Mapping[str, Sequence[Any]]
) -> Posterior | None:
    if given is None:
        return None
    found = posterior_of(given)
    refuse_set(found, [*scenario.differences(), *vary], "the scenario or a lever")
    return found
