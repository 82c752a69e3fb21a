"""Intervals over independent scrambles: the jackknife of ratios of means, Student's t.

Row bootstraps on scrambled Sobol' points are too wide, since the points of one scramble hang
together; scrambles are independent. Jackknife: Miller 1974, doi 10.1093/biomet/61.1.1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.experiment.sensitivity.factor import Floats

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Estimates with their 95 % intervals, arrays of one shape.

    NaN: not defined (a share of a variance that is not above 0; an interval over one scramble).
    """

    value: Floats
    low: Floats
    high: Floats

    @property
    def half_width(self) -> Floats:
        """Half the interval's width."""
        return (self.high - self.low) / 2.0

    @property
    def holds_zero(self) -> NDArray[np.bool_]:
        """Whether 0 cannot be ruled out; true where there is no interval."""
        return ~((self.low > 0.0) | (self.high < 0.0))

    @property
    def not_above_zero(self) -> NDArray[np.bool_]:
        """Whether what cannot be negative, such as a share, cannot be told from 0.

        Chance may make the whole interval negative; true where there is none.
        """
        return ~(self.low > 0.0)

    def __getitem__(self, place: Any) -> "Interval":
        """Return a part of the arrays, as numpy would."""
        return Interval(*(np.asarray(one[place]) for one in (self.value, self.low, self.high)))


def jackknife(statistic: Callable[..., Floats], *sums: Floats, level: float = LEVEL) -> Interval:
    """Return a statistic of sums over scrambles, with its interval of confidence ``level``.

    Each of ``sums`` is (scrambles, ...); the statistic takes their sums over scrambles.
    """
    count = len(sums[0])
    totals = [one.sum(axis=0) for one in sums]
    value = np.asarray(statistic(*totals), np.float64)
    if count < 2:
        nothing = np.full(value.shape, np.nan)
        return Interval(value, nothing, nothing)
    without = statistic(*(total - one for total, one in zip(totals, sums, strict=True)))
    error = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    half = float(stdtrit(count - 1, 0.5 + level / 2.0)) * error
    # Undefined when one scramble is left out: anything is possible.
    half = np.where(np.isnan(half) & ~np.isnan(value), np.inf, half)
    return Interval(value, value - half, value + half)


def share(top: Floats, bottom: Floats, level: float = LEVEL) -> Interval:
    """Return sum(top) / sum(bottom) over scrambles; NaN where the bottom is not above 0."""
    return jackknife(divided, top, bottom, level=level)


def mean(values: Floats) -> Interval:
    """Return the mean over scrambles."""
    return jackknife(divided, values, np.ones_like(values))


def divided(top: Floats, bottom: Floats) -> Floats:
    """Return top / bottom, arrays of one shape; NaN where the bottom is not above 0."""
    usable = bottom > 0.0
    return np.where(usable, top / np.where(usable, bottom, 1.0), np.nan)
