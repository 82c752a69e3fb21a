"""What resampled replicates say of plans: who is cheapest, who is likeliest, who is undominated.

Replicates are resampled whole rows at a time, so that plans keep the luck they share. All shapes
of samples are (replicates, plans).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 1000

_AT_ONCE = 100
_DIGITS = 9
"""Decimals to which means are compared, so that equal columns stay equal whatever the order of
their sums."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Runs of some plans on common replicates.

    ``cost`` in money; ``met`` is 1 where the target is met (or the share of organisations that
    meet it); ``uptake`` is the outcome aimed at, the more the better; ``stopped`` is 1 where the
    project stopped. Shapes are (replicates, plans).
    """

    cost: Floats
    met: Floats
    uptake: Floats
    stopped: Floats

    def of(self, places: Ints) -> "Sample":
        """Return some columns of it."""
        parts = (self.cost, self.met, self.uptake, self.stopped)
        return Sample(*(np.ascontiguousarray(one[:, places]) for one in parts))

    def followed_by(self, other: "Sample") -> "Sample":
        """Return these replicates and those of another sample of the same plans."""
        return Sample(
            np.vstack([self.cost, other.cost]),
            np.vstack([self.met, other.met]),
            np.vstack([self.uptake, other.uptake]),
            np.vstack([self.stopped, other.stopped]),
        )


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan has to do: reach the target with this chance, at this mean cost at most."""

    confidence: float
    budget: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Shares of resamples, (plans,).

    ``cheapest``: the plan is the cheapest of those that reach the target with the confidence
    within the budget. ``likeliest``: it has the highest chance within the budget (the cheaper of
    equals). ``member``: no plan is cheaper on average with as much uptake. Ties share.
    """

    cheapest: Floats
    likeliest: Floats
    member: Floats


def ranking(sample: Sample, aim: Aim, seed: int, resamples: int = RESAMPLES) -> Ranking:
    """Return what resampling says; the same seed gives the same resamples."""
    runs, plans = sample.cost.shape
    random = generator(seed, "staff")
    totals = [np.zeros(plans) for _ in range(3)]
    for start in range(0, resamples, _AT_ONCE):
        some = min(_AT_ONCE, resamples - start)
        weights = random.multinomial(runs, np.full(runs, 1.0 / runs), size=some) / runs
        cost, chance, uptake = (
            np.round(weights @ one, _DIGITS) for one in (sample.cost, sample.met, sample.uptake)
        )
        fits = np.ones_like(cost, bool) if aim.budget is None else cost <= aim.budget
        wins = least(np.where(fits & (chance >= aim.confidence - 1e-9), cost, np.inf))
        totals[0] += wins.sum(axis=0)
        best = least(np.where(fits, -chance, np.inf)) > 0.0
        totals[1] += least(np.where(best, cost, np.inf)).sum(axis=0)
        for one in range(some):
            totals[2] += undominated(cost[one], uptake[one])
    return Ranking(*(one / resamples for one in totals))


def least(values: Floats) -> Floats:
    """Return for each row (n, plans) a win shared by its least values; none where all are inf."""
    lowest = values.min(axis=1, keepdims=True)
    wins = (values == lowest) & np.isfinite(lowest)
    return np.asarray(wins / np.maximum(wins.sum(axis=1, keepdims=True), 1))


def undominated(cost: Floats, uptake: Floats) -> NDArray[np.bool_]:
    """Return which plans (plans,) no other beats: as cheap with more, or cheaper with as much."""
    order = np.lexsort((-uptake, cost))
    c, u = cost[order], uptake[order]
    before = np.maximum.accumulate(np.concatenate([[-np.inf], u[:-1]]))
    new = np.concatenate([[True], (np.diff(c) != 0.0) | (np.diff(u) != 0.0)])
    first = np.maximum.accumulate(np.where(new, np.arange(len(c)), 0))  # equals share its fate
    found = np.empty(len(c), bool)
    found[order] = (u > before)[first]
    return found
