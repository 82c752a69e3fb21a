"""Quantile functions of the distributions an input may have: from a share to a value.

Designs fill the unit cube evenly; these functions carry its points to the inputs' own scales.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Parameter, Prior

Floats = NDArray[np.float64]


def quantile(prior: Prior, u: Floats, low: float, high: float) -> Floats:
    """Return the values below which the shares ``u`` (0 to 1) of a distribution lie.

    The normal distribution is truncated to ``low`` .. ``high``, which must hold its mean. Every
    result lies within ``low`` .. ``high``. Raises ValueError for a share outside 0 to 1.
    """
    u = np.asarray(u, np.float64)
    if not np.all((u >= 0.0) & (u <= 1.0)):
        raise ValueError("a share must lie between 0 and 1")
    found: Floats = np.clip(_INVERSES[prior.kind](prior.a, prior.b, u, low, high), low, high)
    return found


def quantile_of(entry: Parameter, prior: Prior, u: Floats) -> Floats | NDArray[np.int64]:
    """Return quantiles of an input's distribution, whole numbers (int64) for a count.

    Of a uniform or loguniform count every whole number from one end to the other, both included,
    gets the interval from half below to half above it, so that the ends are as likely as the rest.
    Quantiles of other distributions are rounded.
    """
    if entry.kind != "count":
        return quantile(prior, u, entry.low, entry.high)
    first, last = math.ceil(prior.a), math.floor(prior.b)
    if prior.kind not in ("uniform", "loguniform") or first > last:
        return _whole(quantile(prior, u, entry.low, entry.high), entry.low, entry.high)
    wide = Prior(prior.kind, first - 0.5, last + 0.5)
    return _whole(quantile(wide, u, first - 0.5, last + 0.5), first, last)


def _whole(values: Floats, low: float, high: float) -> NDArray[np.int64]:
    return np.clip(np.floor(values + 0.5), math.ceil(low), math.floor(high)).astype(np.int64)


def _uniform(a: float, b: float, u: Floats, _low: float, _high: float) -> Floats:
    return np.clip(a + u * (b - a), a, b)


def _loguniform(a: float, b: float, u: Floats, _low: float, _high: float) -> Floats:
    return np.clip(np.exp(math.log(a) + u * (math.log(b) - math.log(a))), a, b)


def _normal(mean: float, sd: float, u: Floats, low: float, high: float) -> Floats:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    found: Floats = mean + sd * ndtri(below + u * (above - below))
    return found


def _beta(a: float, b: float, u: Floats, _low: float, _high: float) -> Floats:
    from scipy.special import betaincinv

    found: Floats = betaincinv(a, b, u)
    return found


_INVERSES = {"uniform": _uniform, "loguniform": _loguniform, "normal": _normal, "beta": _beta}
