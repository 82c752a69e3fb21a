"""Which way a factor works: the mean outcome over slices of it, the others as they come.

The slices hold equal shares of a factor, or its levels. The mean over a slice is that of the rows
of A and B that lie in it, with all their replicates; slices of one scramble have the same other
factors but for chance, and intervals are over scrambles (J. Friedman 2001,
doi 10.1214/aos/1013203451, of a model instead of a fit).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.factor import Factor, Floats
from sim.experiment.sensitivity.jackknife import Interval, divided, jackknife

SLICES = 8
"""Slices of a factor that has no levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Sums of one scramble, factor by factor.

    ``rows`` (slices,) counts rows, ``values`` (slices, outcomes) and ``inputs`` (slices,) are sums
    over them of the mean outcome of a row, and of the factor.
    """

    rows: list[Floats]
    values: list[Floats]
    inputs: list[Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """The mean of the outcomes over slices of a factor that hold any rows.

    ``at`` (slices,) is the mean of the factor there (of levels that are no numbers their place),
    ``mean`` (slices, outcomes); ``rise`` (outcomes,) is the last slice minus the first.
    """

    factor: str
    at: Floats
    mean: Interval
    rise: Interval


def bins_of(design: Design, y: Floats) -> Bins:
    """Return the sums of a scramble's outcomes (rows, replicates, outcomes) by slice."""
    points, means = design.points[: 2 * design.n], y[: 2 * design.n].mean(axis=1)
    found = Bins([], [], [])
    for place, factor in enumerate(design.factors):
        edges = _edges(factor)
        here = np.searchsorted(edges, points[:, place], side="right")
        count = len(edges) + 1

        def sums(weights: Floats, here: NDArray[np.int64] = here, count: int = count) -> Floats:
            return np.asarray(np.bincount(here, weights, count), np.float64)

        found.rows.append(sums(np.ones(len(here))))
        found.inputs.append(sums(points[:, place]))
        found.values.append(np.stack([sums(one) for one in means.T], axis=1))
    return found


def responses(factors: Sequence[Factor], bins: Sequence[Bins]) -> tuple[Response, ...]:
    """Return the response to each factor over scrambles, with 95 % intervals."""
    found = []
    for place, factor in enumerate(factors):
        rows = np.stack([one.rows[place] for one in bins])
        there = rows.min(axis=0) > 0.0
        rows = rows[:, there]
        inputs = np.stack([one.inputs[place] for one in bins])[:, there]
        values = np.stack([one.values[place] for one in bins])[:, there]
        found.append(
            Response(
                factor.name,
                inputs.sum(axis=0) / rows.sum(axis=0),
                jackknife(divided, values, np.broadcast_to(rows[:, :, None], values.shape)),
                jackknife(_rise, values, np.broadcast_to(rows[:, :, None], values.shape)),
            )
        )
    return tuple(found)


def _rise(values: Floats, rows: Floats) -> Floats:
    means = divided(values, rows)
    return np.asarray(means[..., -1, :] - means[..., 0, :])


def _edges(factor: Factor) -> NDArray[np.float64]:
    """Return the inner ends of a factor's slices; a value at an end lies in the upper one."""
    if not isinstance(factor.marginal, Sequence):
        return np.asarray(np.unique(factor.values(np.arange(1, SLICES) / SLICES)), np.float64)
    values = np.unique(factor.values(_middles(factor)))
    return np.asarray((values[1:] + values[:-1]) / 2.0)


def _middles(factor: Factor) -> Floats:
    """Return shares at which each of a factor's levels comes up."""
    assert isinstance(factor.marginal, Sequence)
    weights = factor.weights or (1.0,) * len(factor.marginal)
    ends = np.cumsum(weights) / np.sum(weights)
    return np.asarray(ends - np.array(weights) / np.sum(weights) / 2.0)
