"""What barriers cost, estimated from the runs of their combinations, with intervals and ranks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.experiment.compare.paired import Difference, Floats, Pairs, differences, pairs_of
from sim.experiment.explain.barriers import Barrier
from sim.experiment.explain.shapley import alone, gap, on_top, players_of, shapley

NOTHING = Difference(0.0, 0.0, 0.0, 0.0, 0, None)
"""What a barrier costs that is not there: exactly 0, whatever the luck."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a barrier costs of an outcome, in its unit; above 0 is a loss.

    ``share`` is its Shapley value: the shares of all barriers add up to the gap. ``alone``: what
    would be won if it alone were moved; ``on_top``: if all others had been moved before. ``ranks``
    are the best and the worst rank it may have among the barriers that are there, 95 % for all
    together; None if it is not there.
    """

    barrier: Barrier
    share: Difference
    alone: Difference
    on_top: Difference
    ranks: tuple[int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What the barriers cost by one definition of attainable.

    ``now`` and ``then`` (runs,) are the outcome in the scenario and with no barrier left; ``gap``
    is what all barriers cost together. The intervals of ``barriers`` hold for all barriers
    together, 95 %; that of the gap is its own.
    """

    now: Floats
    then: Floats
    gap: Difference
    barriers: Mapping[str, Cost]

    @property
    def by_size(self) -> list[Cost]:
        """The barriers that are there, the costliest first."""
        there = [one for one in self.barriers.values() if one.barrier.there]
        return sorted(there, key=lambda one: -(one.share.difference or 0.0))


def costs_of(
    barriers: tuple[Barrier, ...], values: Floats, way: float, extreme: float, seed: int
) -> Costs:
    """Return what barriers cost.

    Args:
        barriers: all of them; those that are there are the players, in their order.
        values: the outcome in each combination, shape (runs, 2^k).
        way: 1 if more of the outcome is better or neither is, -1 if less is.
        extreme: how far a rare run may lie from the others (`sim.experiment.compare.paired`).
        seed: of the bootstrap.

    """
    there = [one.name for one in barriers if one.there]
    game, players = way * values, players_of(values)
    shares = shapley(game)
    pairs = [(i, j) for i in range(players) for j in range(players) if i < j]
    between = [shares[:, i] - shares[:, j] for i, j in pairs]
    tables = [
        _pairs(one, extreme)
        for one in (gap(game)[:, None], shares, alone(game), on_top(game), _stacked(between, game))
    ]
    (whole,), *found, apart = _intervals(tables, seed)
    ranks = _ranks(players, pairs, apart)
    costs = {one.name: Cost(one, NOTHING, NOTHING, NOTHING, None) for one in barriers}
    for k, name in enumerate(there):
        share, single, last = (one[k] for one in found)
        costs[name] = Cost(costs[name].barrier, share, single, last, ranks[k])
    return Costs(values[:, 0], values[:, -1], whole, costs)


def excludes_zero(one: Difference) -> bool:
    """Return whether the interval of a value leaves out 0; false where there is none."""
    return (
        one.ci_low is not None and one.ci_high is not None and not one.ci_low <= 0.0 <= one.ci_high
    )


def _intervals(tables: list[Pairs], seed: int) -> list[tuple[Difference, ...]]:
    """Return the differences of tables of which some may have no columns."""
    found = iter(differences([one for one in tables if one.gaps.size], seed))
    return [next(found) if one.gaps.size else () for one in tables]


def _pairs(values: Floats, extreme: float) -> Pairs:
    """Return values per run (runs, values) as differences from 0."""
    table = np.concatenate([np.zeros((len(values), 1)), values], axis=1)
    return pairs_of(table, extreme=extreme)


def _ranks(
    players: int, pairs: list[tuple[int, int]], apart: tuple[Difference, ...]
) -> list[tuple[int, int]]:
    """Return the ranks that each player may have, 1 for the largest share.

    Behind all that are surely larger, before all that are surely smaller (Mogstad, Romano, Shaikh
    & Wilhelm 2024, doi 10.1093/restud/rdad006); ``apart`` are the differences of the pairs.
    """
    larger, smaller = [0] * players, [0] * players
    for (i, j), one in zip(pairs, apart, strict=True):
        if excludes_zero(one):
            first, second = (i, j) if (one.ci_low or 0.0) > 0.0 else (j, i)
            larger[second] += 1
            smaller[first] += 1
    return [(1 + more, players - less) for more, less in zip(larger, smaller, strict=True)]


def _stacked(columns: list[Floats], game: Floats) -> Floats:
    return np.stack(columns, axis=1) if columns else np.zeros((len(game), 0))
