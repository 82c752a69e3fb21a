"""What a comparison is asked: its plans and options, checked before anything runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim import simulate
from sim.errors import InputError
from sim.experiment.compare.target import Target, target_of, unknown_outcome
from sim.outcomes import outcome_names
from sim.scenario import Scenario, load
from sim.world import recipe

TARGET = "adoption>=0.5"

HEADLINE = (
    "adoption",
    "sustained_adoption",
    "reach",
    "live",
    "go_live_week",
    "weeks_to_half_adoption",
    "strain.clinician",
    "cost",
    "cost_per_patient_reached",
)
"""The outcomes that tables and figures show unless others are asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A comparison that can be made: the first plan is what the others are compared with.

    ``outcomes`` are all to compare, the most important first; ``shown`` those of tables and
    figures.
    """

    plans: Mapping[str, Scenario]
    seed: int
    target: Target
    outcomes: tuple[str, ...]
    shown: tuple[str, ...]


def checked(
    plans: Mapping[str, Scenario | str | Path],
    replicates: int,
    seed: int,
    *,
    weeks: int | None,
    precision: float | None,
    budget: int,
    target: str,
    outcomes: Sequence[str] | None,
) -> Question:
    """Return the question asked with some options; raise InputError with every problem."""
    problems: list[str] = []
    loaded: dict[str, Scenario] = {}
    for name, plan in plans.items():
        try:
            loaded[name] = plan if isinstance(plan, Scenario) else load(plan)
        except InputError as error:
            problems += error.messages
    if len(plans) < 2:
        problems.append(f"plans: a comparison needs at least two (found {len(plans)})")
    problems += _options(replicates, seed, weeks)
    problems += _growth(precision, budget, replicates * len(plans))
    problems += _alike(loaded, weeks)
    known = _known(loaded)
    wanted = _wanted(outcomes, known, problems)
    try:
        aim = target_of(target, known)
    except InputError as error:
        problems += error.messages
    if problems:
        raise InputError(problems)
    shown = wanted if outcomes else HEADLINE
    return Question(loaded, seed, aim, wanted, shown)


def _options(replicates: int, seed: int, weeks: int | None) -> tuple[str, ...]:
    """Return what is wrong with the options that a run has too."""
    try:
        simulate.checked_options(replicates, seed, None, weeks, None)
    except InputError as error:
        return error.messages
    return ()


def _growth(precision: float | None, budget: int, first_stage: int) -> list[str]:
    """Return what is wrong with the precision asked for and its budget."""
    if precision is None:
        return []
    if not (math.isfinite(precision) and precision > 0.0):
        return [f"precision: must be a number above 0 (found {precision:g})"]
    if budget < first_stage:
        takes = f"the first stage takes {first_stage:,} (replicates times plans)"
        return [f"budget: too small: found {budget:,} runs, {takes}"]
    return []


def _alike(plans: Mapping[str, Scenario], weeks: int | None) -> list[str]:
    """Return why plans cannot be compared."""
    problems = []
    horizons = {name: int(plan.values["weeks"]) for name, plan in plans.items()}
    if weeks is None and len(set(horizons.values())) > 1:
        found = ", ".join(f"{name} {value}" for name, value in horizons.items())
        problems.append(
            f"weeks: plans are compared over the same weeks (found {found}); choose with "
            f"--weeks, as in --weeks {min(horizons.values())} (Python: weeks=...)"
        )
    if len({plan.currency for plan in plans.values()}) > 1:
        found = ", ".join(f"{name} {plan.currency}" for name, plan in plans.items())
        problems.append(f"currency: plans are compared in one currency (found {found})")
    return problems


def _known(plans: Mapping[str, Scenario]) -> tuple[str, ...]:
    """Return the outcomes that all plans have: those with other phases lack each other's."""
    names = [outcome_names(recipe(plan)) for plan in plans.values()]
    return (
        tuple(name for name in names[0] if all(name in other for other in names)) if names else ()
    )


def _wanted(
    outcomes: Sequence[str] | None, known: Sequence[str], problems: list[str]
) -> tuple[str, ...]:
    """Return the outcomes to compare, the first of them the one that precision is asked of."""
    if not outcomes:
        return ("adoption", *(name for name in known if name != "adoption"))
    if known:  # else no plan could be read
        problems += [
            f"outcome: {unknown_outcome(name, known)}" for name in outcomes if name not in known
        ]
    return tuple(dict.fromkeys(outcomes))
