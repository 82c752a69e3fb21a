"""Two kinds of chance: what differs between organisations, and what happens within them.

For a model whose draws of the organisations have a stream of their own. Some lines of A are run a
second time, on the same organisations with other chance. The covariance of a replicate with its
second run is the variance between organisations; what is left of the variance within a row is
chance within, including what it does to some organisations more than to others. It costs
``lines`` x R more runs a scramble.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity import gates
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.estimators import Estimates
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.jackknife import Interval, divided, jackknife


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The runs that part the chance: the first ``lines`` lines of A once more.

    ``first_replicate`` (lines,) are the replicates of all draws but those of the organisations,
    which keep the replicates that ``first_between`` begins.
    """

    points: Floats
    first_replicate: NDArray[np.int64]
    first_between: NDArray[np.int64]
    replicates: int


@dataclass(frozen=True, slots=True, eq=False)
class SplitEstimates:
    """Of one scramble: mean variance between organisations, and of both kinds; (...)."""

    key: str
    scramble: int
    between: Floats
    both: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of the variance of a single run; together they are the noise share."""

    between: Interval
    within: Interval


def split_of(design: Design, lines: int) -> Split:
    """Return the runs that part the chance, on the first lines of A (a power of two is even).

    Raises InputError for a design without replicates, or without so many lines.
    """
    if design.replicates < 2:
        raise InputError("replicates: a model without chance has none to part (found 1)")
    if not 1 <= lines <= design.n:
        raise InputError(f"split: out of range (found {lines} lines, allowed 1 to {design.n})")
    own = design.first_replicate[:lines]
    return Split(
        design.points[:lines], own + 2 * design.n * design.replicates, own, design.replicates
    )


def estimate_split(design: Design, y: Floats, again: Floats) -> SplitEstimates:
    """Return the variances of one scramble.

    ``y`` (rows, replicates, ...) are the outcomes of the design, ``again`` (lines, replicates, ...)
    those of its split. Raises InputError for a wrong shape and for runs that are not finite.
    """
    lines = len(again)
    if lines > design.n or again.shape[1:] != y.shape[1:]:
        raise InputError(
            f"split: must be an array (lines, {', '.join(map(str, y.shape[1:]))}) "
            f"(found shape {again.shape})"
        )
    if not np.isfinite(again).all():
        lost = np.unique(np.argwhere(~np.isfinite(again))[:, 0])
        listed = ", ".join(map(str, lost[: gates.SHOWN].tolist()))
        raise InputError(f"split: runs of {len(lost)} lines are not finite, the first are {listed}")
    one = y[:lines] - y[:lines].mean(axis=1, keepdims=True)
    other = again - again.mean(axis=1, keepdims=True)
    free = lines * (design.replicates - 1)
    between = np.einsum("nr...,nr...->...", one, other) / free
    squares = np.einsum("nr...,nr...->...", one, one) + np.einsum("nr...,nr...->...", other, other)
    return SplitEstimates(design.key, design.scramble, between, squares / 2.0 / free)


def shares_of(estimates: Sequence[Estimates], splits: Sequence[SplitEstimates]) -> Shares:
    """Return the shares of both kinds of chance over scrambles, with intervals.

    The scrambles are the same, in one order. Weekly splits are summed over the weeks if the
    estimates are. Raises InputError for mixed designs.
    """
    if [(one.key, one.scramble) for one in splits] != [
        (one.key, one.scramble) for one in estimates
    ]:
        raise InputError("split: must be of the same scrambles as the indices")
    between, both = (
        np.stack([one.between for one in splits]),
        np.stack([one.both for one in splits]),
    )
    if between.ndim > estimates[0].noise.ndim + 1:
        between, both = between.sum(axis=-2), both.sum(axis=-2)
    noise = np.stack([one.noise for one in estimates])
    whole = noise + np.stack([one.variance for one in estimates])
    return Shares(
        jackknife(_between, between, both, noise, whole),
        jackknife(_within, between, both, noise, whole),
    )


def _between(between: Floats, both: Floats, noise: Floats, whole: Floats) -> Floats:
    # Both are of the same lines, so their ratio is surer than the covariance alone.
    return divided(between, both) * divided(noise, whole)


def _within(between: Floats, both: Floats, noise: Floats, whole: Floats) -> Floats:
    return divided(noise, whole) - _between(between, both, noise, whole)
