"""Estimators of one scramble: variances of the mean response, free of the model's own noise.

The mean response is m(x) = E[Y | x] over replicates. What is squared elsewhere is here a product
over two different replicates: their noise is independent, so it cancels in expectation, and the
estimate of a total effect is unbiased for any number of replicates from 2 on. (Indices of averages
over R replicates are too large by noise / R.) With A, B, AB as in `design`, c the mean over all
rows, and D_r = AB_i - A in replicate r:

- V_i = mean[(mean_r B - c) mean_r D]: Saltelli et al. 2010, doi 10.1016/j.cpc.2009.09.018;
- VT_i = 1/2 mean[((sum D)^2 - sum D^2) / (R (R - 1))]: Jansen 1999,
  doi 10.1016/S0010-4655(98)00154-4, as a product over replicates;
- V_m: the same product of Y - mean, over the rows of A and B;
- V_jk = mean[BA_j AB_k - A B] - V_j - V_k: Saltelli 2002, doi 10.1016/S0010-4655(02)00280-1.

Without chance (one replicate) these are the estimators of SALib, to the last digits.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.gates import outcomes_of

_ROUNDING = 1e-14

FEWEST_FOR_SPREAD = 4
"""Replicates that make two halves with a variance each."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Variances of one scramble, not normalised, in the squared unit of each outcome.

    Arrays are (...) as the outcomes of a run, ``first`` and ``total`` (groups, ...), ``second``
    (groups, groups, ...) with NaN on and below the diagonal. ``variance`` is that of the mean
    response, ``noise`` the mean variance within a row. ``lowest`` and ``highest`` are over all
    runs; ``events`` counts the rarer of yes and no among the runs of A and B, -1 for an outcome
    with other values. ``spread``: all of it is about the variance within a row, not about the mean.
    """

    names: tuple[str, ...]
    key: str
    scramble: int
    n: int
    replicates: int
    spread: bool
    first: Floats
    total: Floats
    second: Floats | None
    variance: Floats
    noise: Floats
    lowest: Floats
    highest: Floats
    events: NDArray[np.int64]


def estimate(design: Design, y: Floats) -> Estimates:
    """Return the variances of one scramble.

    ``y`` (rows, replicates, ...) holds the outcomes of the design's runs; all trailing axes
    (outcomes, weeks) are worked on at once. Raises InputError for a wrong shape and for runs that
    are not finite.
    """
    y = outcomes_of(design, y)
    blocks = y.reshape(len(design.blocks), design.n, *y.shape[1:])
    a, b, ab = blocks[0], blocks[1], blocks[2 : 2 + len(design.names)]
    centre = y.mean(axis=(0, 1))
    beyond = b.mean(axis=1) - centre
    shape = (len(design.names), *y.shape[2:])
    first, total = np.empty(shape), np.empty(shape)
    for place, swapped in enumerate(ab):  # one at a time: little memory
        gap = swapped - a
        first[place] = (beyond * gap.mean(axis=1)).mean(axis=0)
        total[place] = 0.5 * product(gap).mean(axis=0)
    lowest, highest = y.min(axis=(0, 1)), y.max(axis=(0, 1))
    # Differences of equal numbers, summed in another order, are rounding and no effect.
    nothing = np.abs(total) <= (_ROUNDING * np.maximum(np.abs(lowest), np.abs(highest))) ** 2
    first[nothing], total[nothing] = 0.0, 0.0
    both = blocks[:2].reshape(2 * design.n, *y.shape[1:])
    around = both - both.mean(axis=(0, 1))
    noise = both.var(axis=1, ddof=1).mean(axis=0) if design.replicates > 1 else np.zeros(shape[1:])
    return Estimates(
        design.names, design.key, design.scramble, design.n, design.replicates, False,
        first, total, _second(design, blocks, centre, first), product(around).mean(axis=0), noise,
        lowest, highest, _events(blocks, both),
    )  # fmt: skip


def estimate_spread(design: Design, y: Floats) -> Estimates:
    """Return the same of who drives the *unpredictability*: the variance between replicates.

    The variances of two disjoint halves of a row's replicates are two independent estimates of
    its variance, so they stand for two replicates of it; a plain sample variance would bring its
    own noise into every total. Needs at least four replicates; raises InputError otherwise.
    """
    if design.replicates < FEWEST_FOR_SPREAD:
        raise InputError(
            "replicates: too few to tell what drives the unpredictability "
            f"(found {design.replicates}, allowed {FEWEST_FOR_SPREAD} or more)"
        )
    halves = np.split(outcomes_of(design, y), [design.replicates // 2], axis=1)
    variances = np.stack([half.var(axis=1, ddof=1) for half in halves], axis=1)
    found = estimate(replace(design, replicates=2), variances)
    return replace(found, spread=True, replicates=design.replicates)


def over_time(estimates: Estimates) -> Estimates:
    """Return the variances summed over the weeks, of outcomes (weeks, outcomes)."""
    weeks = -2
    return replace(
        estimates,
        first=estimates.first.sum(axis=weeks),
        total=estimates.total.sum(axis=weeks),
        second=None if estimates.second is None else estimates.second.sum(axis=weeks),
        variance=estimates.variance.sum(axis=weeks),
        noise=estimates.noise.sum(axis=weeks),
    )


def product(values: Floats) -> Floats:
    """Return the mean product over pairs of different replicates: (rows, R, ...) to (rows, ...).

    Its expectation is the square of the mean. One replicate (a model without chance): the square.
    """
    count = values.shape[1]
    if count == 1:
        return values[:, 0] * values[:, 0]
    sums = values.sum(axis=1)
    squares = np.einsum("nr...,nr...->n...", values, values)
    return np.asarray((sums * sums - squares) / (count * (count - 1)))


def _second(design: Design, blocks: Floats, centre: Floats, first: Floats) -> Floats | None:
    if not design.second_order:
        return None
    groups = len(design.names)
    means = blocks.mean(axis=2) - centre
    a, b, ab, ba = means[0], means[1], means[2 : 2 + groups], means[2 + groups :]
    base = (a * b).mean(axis=0)
    found = np.full((groups, *first.shape), np.nan)
    for j in range(groups):
        for k in range(j + 1, groups):
            found[j, k] = (ba[j] * ab[k]).mean(axis=0) - base - first[j] - first[k]
    return found


def _events(blocks: Floats, both: Floats) -> NDArray[np.int64]:
    """Count the rarer of yes (1) and no (0) of each outcome; -1 if it has other values."""
    plain = np.ones(both.shape[2:], np.bool_)
    for block in blocks:  # one at a time: little memory, and most outcomes show in the first
        if not plain.any():
            break
        plain &= ((block == 0.0) | (block == 1.0)).all(axis=(0, 1))
    yes = (both == 1.0).sum(axis=(0, 1))
    return np.where(plain, np.minimum(yes, both.shape[0] * both.shape[1] - yes), -1)
