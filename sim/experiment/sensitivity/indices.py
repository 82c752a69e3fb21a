"""Sobol' indices of the mean response over scrambles, with intervals, gates and warnings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity import gates
from sim.experiment.sensitivity.estimators import Estimates, over_time
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.jackknife import LEVEL, Interval, mean, share
from sim.experiment.sensitivity.lights import Lights, lights_of
from sim.experiment.sensitivity.split import Shares, SplitEstimates, shares_of

QUIET = 0.01
"""Share of its largest variance below which an outcome's week has indices of next to nothing."""

NOISY, FEW_REPLICATES = 0.5, 4
"""Above this share of chance, fewer replicates than this are warned of: near half noise the best
number is seldom lower, and from here on `best_replicates` can tell it."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Indices and variances of outcomes; arrays are (groups, ...) or, without groups, (...).

    ``first`` and ``total`` are shares of ``variance``, that of the mean response; ``second``
    (groups, groups, ...) holds what two groups do together beyond each alone, above the diagonal.
    ``noise`` is the share of chance in the variance of a single run. ``parts`` (groups + 2, ...)
    splits that whole variance: each group alone, interactions, chance; they sum to 1. Variances are
    in the squared unit of the outcome; ``first_variance`` and ``total_variance`` are not divided.
    """

    first: Interval
    total: Interval
    second: Interval | None
    noise: Interval
    parts: Interval
    variance: Interval
    noise_variance: Interval
    first_variance: Interval
    total_variance: Interval

    @property
    def indistinct(self) -> NDArray[np.bool_]:
        """Which total effects are not distinguishable from 0 (groups, ...): grey, never ranked."""
        return self.total.not_above_zero


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """What drives the outcomes of a stochastic model, over independent scrambles.

    ``table`` has arrays (groups, outcomes) or (outcomes,); of weekly outcomes its variances are
    summed over the weeks, so that an index is sum_t V_i / sum_t V. ``weekly`` has a week axis
    before the outcomes; ``hatched`` (weeks, outcomes) marks weeks that have too little variance, or
    too few events, to look at shares of it. ``lights`` has one set an outcome. ``split`` parts the
    chance; ``spread`` has the same indices of the variance of runs at one point, instead of their
    mean (its ``noise`` and ``parts`` are about the error of those variances).
    """

    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    scrambles: int
    n: int
    replicates: int
    table: Table
    weekly: Table | None
    hatched: NDArray[np.bool_] | None
    lights: tuple[Lights, ...]
    warnings: tuple[str, ...]
    split: Shares | None = None
    spread: "Indices | None" = None


def combine(
    estimates: Sequence[Estimates],
    outcomes: Sequence[str],
    *,
    split: Sequence[SplitEstimates] = (),
    spread: Sequence[Estimates] = (),
) -> Indices:
    """Return the indices over scrambles: ratios of means, with 95 % intervals by the jackknife.

    ``estimates`` are those of different scrambles of one design, in any number (one gives no
    intervals; eight are a good start), of outcomes (outcomes,) or (weeks, outcomes); ``outcomes``
    are their names. ``split`` and ``spread`` are of the same scrambles, if given. Raises InputError
    for mixed designs, for outcomes that are constant, and for events that are too rare.
    """
    estimates = sorted(estimates, key=lambda one: one.scramble)
    gates.one_analysis([one.key for one in estimates], [one.scramble for one in estimates])
    sizes = estimates[0].variance.shape
    if len(sizes) not in (1, 2) or sizes[-1] != len(outcomes):
        raise InputError(
            "outcomes: a run's must be an array (outcomes,) or (weeks, outcomes) with "
            f"{len(outcomes)} named outcomes (found {sizes})"
        )
    gates.something_to_explain(
        outcomes,
        np.min([one.lowest for one in estimates], axis=0),
        np.max([one.highest for one in estimates], axis=0),
        _events(estimates),
    )
    summed = [over_time(one) for one in estimates] if len(sizes) == 2 else estimates
    table, first = table_of(summed), estimates[0]
    weekly = table_of(estimates) if len(sizes) == 2 else None
    return Indices(
        first.names, tuple(outcomes), len(estimates), first.n, first.replicates,
        table, weekly,
        None if weekly is None else _hatched(weekly, _events(estimates)),
        lights_of(first.names, table, _stacked(summed, "total"), _stacked(summed, "variance")),
        tuple(_warnings(summed, outcomes, table)),
        shares_of(summed, sorted(split, key=lambda one: one.scramble)) if split else None,
        combine(spread, outcomes) if spread else None,
    )  # fmt: skip


def table_of(estimates: Sequence[Estimates]) -> Table:
    """Return indices and variances over scrambles, whatever the shape of the outcomes."""
    first, total = _stacked(estimates, "first"), _stacked(estimates, "total")
    variance, noise = _stacked(estimates, "variance"), _stacked(estimates, "noise")
    below, whole = variance[:, None], (variance + noise)[:, None]
    together = below - first.sum(axis=1, keepdims=True)
    second = None
    if estimates[0].second is not None:
        second = share(_stacked(estimates, "second"), below[:, None])
    return Table(
        first=share(first, below),
        total=share(total, below),
        second=second,
        noise=share(noise, variance + noise),
        parts=share(np.concatenate([first, together, noise[:, None]], axis=1), whole),
        variance=mean(variance),
        noise_variance=mean(noise),
        first_variance=mean(first),
        total_variance=mean(total),
    )


def _stacked(estimates: Sequence[Estimates], what: str) -> Floats:
    return np.stack([getattr(one, what) for one in estimates])


def _events(estimates: Sequence[Estimates]) -> NDArray[np.int64]:
    """Return the events over scrambles, -1 for what is no yes or no in all of them."""
    counts = np.stack([one.events for one in estimates])
    return np.where((counts >= 0).all(axis=0), counts.sum(axis=0), -1)


def _hatched(weekly: Table, events: NDArray[np.int64]) -> NDArray[np.bool_]:
    variance = weekly.variance.value
    quiet = ~(variance > 0.0) | (variance < QUIET * variance.max(axis=0))
    return np.asarray(quiet | ((events >= 0) & (events < gates.FEWEST_EVENTS)))


def _warnings(
    estimates: Sequence[Estimates], outcomes: Sequence[str], table: Table
) -> Iterator[str]:
    """Say what to mind, outcome by outcome (of weekly ones over all weeks)."""
    first, total = _stacked(estimates, "first"), _stacked(estimates, "total")
    # Of many factors and outcomes together, one in twenty analyses is warned of by chance.
    alone = 1.0 - (1.0 - LEVEL) / (first.shape[1] * len(outcomes))
    excess = share(first - total, _stacked(estimates, "variance")[:, None], alone)
    replicates = estimates[0].replicates
    for k, outcome in enumerate(outcomes):
        if table.variance.not_above_zero[k] and len(estimates) > 1:
            yield (
                f"{outcome}: the variance that the factors cause is not distinguishable from 0; "
                "shares of it say nothing"
            )
        noise = table.noise.value[k]
        if noise > NOISY and replicates < FEW_REPLICATES and not estimates[0].spread:
            yield (
                f"{outcome}: {noise:.0%} of a single run's variance is chance, which "
                f"{replicates} replicates average badly; use {FEW_REPLICATES} or more"
            )
        for name, low in zip(estimates[0].names, excess.low[:, k], strict=True):
            if low > 0.0:
                yield (
                    f"{outcome}: {name}: first order above total order beyond its interval, which "
                    "cannot be; are rows or replicates mixed up?"
                )
