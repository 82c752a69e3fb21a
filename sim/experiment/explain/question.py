"""What is asked of an explanation, checked before anything runs, and the runs that answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import simulate
from sim.errors import InputError
from sim.experiment.compare.target import unknown_outcome
from sim.experiment.doubt.each import Draws, each_its_own
from sim.experiment.doubt.source import Given, posterior_of, refuse_set
from sim.experiment.explain.barriers import DEFINITIONS, WORDS, Barrier, barriers_of
from sim.experiment.runs.plan import Plan
from sim.outcomes import outcome_names
from sim.scenario import Scenario, load
from sim.world import recipe

Levels = tuple[float, ...]
"""The levels of the eight inputs, in the order of `sim.experiment.explain.barriers.WORDS`."""


@dataclass(frozen=True)
class Question:
    """An explanation that can be made: what the barriers of a scenario cost of an outcome.

    ``posterior``: draws of the rules; each run has one of its own, the same in every combination.
    """

    scenario: Scenario
    outcome: str
    replicates: int
    seed: int
    weeks: int | None
    posterior: Draws | None = None

    @cached_property
    def barriers(self) -> Mapping[str, tuple[Barrier, ...]]:
        """The eight barriers by definition of attainable."""
        return {one: barriers_of(self.scenario, one) for one in DEFINITIONS}

    @cached_property
    def points(self) -> Mapping[Levels, int]:
        """The combinations to run, each once, with their numbers; the first is the scenario."""
        every = [one for barriers in self.barriers.values() for one in combinations(barriers)]
        return {levels: k for k, levels in enumerate(dict.fromkeys(every))}

    def coalitions(self, definition: str) -> NDArray[np.int64]:
        """Return the point of each combination of the barriers that are there, shape (2^k,).

        Bit i of a combination's number says whether the i-th of them is moved.
        """
        listed = combinations(self.barriers[definition])
        return np.array([self.points[levels] for levels in listed], np.int64)

    @cached_property
    def draws(self) -> list[dict[str, Any]]:
        """The rules of each run, {} for those of the scenario."""
        if self.posterior is None:
            return [{}] * self.replicates
        return self.posterior.equal(self.replicates, self.seed)

    @cached_property
    def plan(self) -> Plan:
        """The plan of all runs: all combinations run the same replicates, and share their luck.

        All outcomes are kept, so that another one can be explained from the same runs. Under draws
        of the rules each run is a point of its own, combination by combination.
        """
        table = np.array(list(self.points))
        moved = np.flatnonzero((table != table[0]).any(axis=0))
        names = list(WORDS)
        columns = {names[i]: table[:, i] for i in moved}
        points, first, many = each_its_own(columns, len(table), self.draws, 0)
        return Plan(
            base=self.scenario,
            points=points,
            first_replicate=first,
            replicates=many,
            seed=self.seed,
            outcomes=outcome_names(recipe(self.scenario)),
            weeks=self.weeks,
            study={} if self.posterior is None else {"drawn_from": self.posterior.id},
            command=("mih", "explain", self.scenario.name),
        )


def combinations(barriers: tuple[Barrier, ...]) -> list[Levels]:
    """Return the levels of each combination of the barriers that are there, by its number."""
    there = [i for i, one in enumerate(barriers) if one.there]
    found = []
    for number in range(1 << len(there)):
        levels = [one.level for one in barriers]
        for bit, i in enumerate(there):
            if (number >> bit) & 1:
                levels[i] = barriers[i].attainable
        found.append(tuple(levels))
    return found


def checked(
    scenario: Scenario | str | Path,
    outcome: str,
    replicates: int,
    seed: int,
    weeks: int | None,
    posterior: Given | None = None,
) -> Question:
    """Return the question asked with some options; raise InputError with every problem."""
    problems: list[str] = []
    chosen: Scenario | None = None
    try:
        chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    except InputError as error:
        problems += error.messages
    try:
        simulate.checked_options(replicates, seed, None, weeks, None)
    except InputError as error:
        problems += error.messages
    known = outcome_names(recipe(chosen)) if chosen is not None else ()
    if known and outcome not in known:
        problems.append(f"outcome: {unknown_outcome(outcome, known)}")
    drawn: Draws | None = None
    try:
        drawn = None if posterior is None else posterior_of(posterior)
        if drawn is not None and chosen is not None:
            refuse_set(drawn, chosen.differences(), "the scenario")
            refuse_set(drawn, WORDS, "the barriers")
    except InputError as error:
        problems += error.messages
    if problems or chosen is None:
        raise InputError(problems)
    return Question(chosen, outcome, replicates, seed, weeks, drawn)
