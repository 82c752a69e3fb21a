"""The search: a few runs of all plans, more of those that may still matter, fresh ones of the last.

It knows no model: it asks for runs and is sent them. In each stage every plan left runs the same
replicates (common random numbers); about a third goes on, with twice as many new replicates, as in
successive halving (Karnin, Koren & Somekh 2013, Proceedings of ICML 28). What goes on is decided by
the shares of resamples in which a plan is the cheapest that does, the likeliest, or undominated.
The finalists are run again on replicates that had no part in choosing them, and only these are
reported.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.experiment.staff.ranking import Aim, Floats, Ints, Ranking, Sample, ranking

Simulate = Callable[[Ints, int, int], Sample]
"""Gives runs of plans (their numbers) for a first replicate and how many; depends on no more."""

Wanted = tuple[Ints, int, int]
"""Plans, a first replicate, and how many: what a stage has to run."""

FIRST = 32
"""Replicates of all plans in the first stage."""

FINALISTS = 16
THIRD = 3

SURE = 0.99
"""Share of resamples in which some plan does, from which it counts as settled that one does."""

LIKELY = 0.5
"""Membership of the Pareto set from which a plan counts as a member."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: how many plans run how many replicates."""

    plans: int
    replicates: int

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.plans * self.replicates


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """The finalists (numbers of plans, the own one among them) and their fresh runs."""

    finalists: Ints
    sample: Sample
    stages: tuple[Stage, ...]

    @property
    def runs(self) -> int:
        """Number of runs of all stages."""
        return sum(one.runs for one in self.stages)


def stages_of(plans: int, replicates: int) -> tuple[Stage, ...]:
    """Return the stages of a search among so many plans; the last one is the fresh one."""
    stages, left, many = [], plans, FIRST
    while left > FINALISTS:
        stages.append(Stage(left, many))
        left, many = max(FINALISTS, math.ceil(left / THIRD)), 2 * many
    return (*stages, Stage(left, replicates))


def search(
    simulate: Simulate, plans: int, own: int, aim: Aim, replicates: int, seed: int
) -> Searched:
    """Return the finalists among ``plans`` plans with ``replicates`` fresh runs of each.

    ``own`` is the number of the scenario's own plan, which is always among them.
    """
    steps = searching(plans, own, aim, replicates, seed)
    wanted = next(steps)
    while True:
        try:
            wanted = steps.send(simulate(*wanted))
        except StopIteration as end:
            found: Searched = end.value
            return found


def searching(
    plans: int, own: int, aim: Aim, replicates: int, seed: int
) -> Generator[Wanted, Sample, Searched]:
    """Yield what each stage has to run, take its runs, and return what `search` does."""
    stages = stages_of(plans, replicates)
    alive, first = np.arange(plans), 0
    so_far: Sample | None = None
    for stage, following in pairwise(stages):
        new = yield alive, first, stage.replicates
        first += stage.replicates
        so_far = new if so_far is None else so_far.followed_by(new)
        found = ranking(so_far, aim, seed)
        kept = _kept(found, so_far, aim, following.plans, int(np.flatnonzero(alive == own)[0]))
        alive, so_far = alive[kept], so_far.of(kept)
    fresh = yield alive, first, replicates
    return Searched(alive, fresh, stages)


def _kept(found: Ranking, sample: Sample, aim: Aim, count: int, own: int) -> Ints:
    """Return the places of the plans that go on, in order: the best by each question in turn.

    Who is likeliest matters only while it is open whether any plan does.
    """
    cost, chance = sample.cost.mean(axis=0), sample.met.mean(axis=0)
    does, dear = chance >= aim.confidence, cost > (math.inf if aim.budget is None else aim.budget)
    cheapest = np.lexsort((np.where(does, cost, -chance), ~does, dear, -found.cheapest))
    other = cheapest if found.cheapest.sum() > SURE else _order(found.likeliest, chance)
    turns = [iter(one.tolist()) for one in (cheapest, other, _along(found.member, cost))]
    turns[1] = turns[0] if other is cheapest else turns[1]
    chosen = {own}
    while len(chosen) < count:
        for turn in turns:
            new = next((place for place in turn if place not in chosen), None)
            if new is not None and len(chosen) < count:
                chosen.add(new)
    return np.array(sorted(chosen), np.int64)


def _order(share: Floats, otherwise: Floats) -> Ints:
    """Return places by falling share; of equal shares the one with more of the other first."""
    return np.lexsort((-otherwise, -share))


def _along(member: Floats, cost: Floats) -> Ints:
    """Return places spread over the likely Pareto set, from its ends inwards; the others last."""
    inside = np.flatnonzero(member >= LIKELY)
    inside = inside[np.argsort(cost[inside], kind="stable")]
    visits = sorted(range(len(inside)), key=lambda k: int(f"{k:016b}"[::-1], 2))  # van der Corput
    others = _order(member, -cost)
    return np.array(list(dict.fromkeys([*inside[-1:], *inside[visits], *others])), np.int64)
