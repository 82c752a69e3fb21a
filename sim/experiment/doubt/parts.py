r"""The variance of one organisation's outcome in three parts: rules, organisations, chance.

An outcome is Y(d, o, l): of an organisation o with luck l under the draw d of the rules. With
m(d) = E[Y | d] and a(d, o) = E[Y | d, o]

    Var Y = Var m(d)  +  E Var(a(d, o) | d)  +  E Var(Y | d, o)
            rules        organisations          chance

The runs are those of `sim.experiment.doubt.nested`: pairs of draws that share organisations and
luck, O organisations, two lucks. Within a draw the estimates are those of a nested analysis of
variance (Searle, Casella & McCulloch 1992, Variance Components, doi 10.1002/9780470316856):

    chance        = mean (y1 - y2)^2 / 2
    organisations = mean (y1 - c)(y2 - c) + sum_o (ybar_o - c)^2 / (O (O - 1)),  c the draw's mean

With e_o = difference of the two draws of a pair for organisation o, averaged over luck,

    rules = 1/2 mean over o != o' of e_o e_o'  =  1/2 [ebar^2 - sum_o (e_o - ebar)^2 / (O (O - 1))]

since E[e_o e_o' | draws] = (m(d) - m(d'))^2 for organisations that are independent, however much
luck the two draws share. All three are unbiased; the smaller ones may come out below 0. A pair of
one draw twice has e_o = 0, so its rules part is exactly 0. A run may hold several organisations:
each is one of the o in the first two, and those of one run count as one in the last, because they
are not independent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri, fdtri, ndtr

from sim.experiment.compare.paired import ratio_values
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.jackknife import divided, jackknife
from sim.outcomes import kind_and_unit

NAMES = ("parameter", "organisations", "chance")


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Variances in each pair of draws, arrays (pairs, ...); their means are the estimates.

    ``noise``: what of the squared difference of a pair is not the rules'; ``many``: organisations
    under a draw.
    """

    parameter: Floats
    organisations: Floats
    chance: Floats
    noise: Floats
    many: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the variance with its 95 % interval over pairs; ``below``: estimated below 0."""

    share: float
    ci_low: float
    ci_high: float
    below: bool


@dataclass(frozen=True, slots=True)
class Split:
    """What we do not know of an outcome.

    ``mean``: over all draws. ``low``, ``high``: 95 % of the draws have their expected value
    between these, the noise of few runs a draw taken out. ``shares``: of the variance of one
    organisation's outcome, by `NAMES`; empty if it does not vary.
    """

    mean: float
    low: float
    high: float
    shares: dict[str, Share]

    def as_json(self) -> dict[str, Any]:
        """Return the numbers."""
        shares = {
            name: {"share": one.share, "ci_low": one.ci_low, "ci_high": one.ci_high}
            for name, one in self.shares.items()
        }
        return {"mean": self.mean, "low": self.low, "high": self.high, "shares": shares or None}


def parts_of(values: Floats) -> Parts:
    """Return the parts of values (pairs, 2, organisations, 2, organisations of a run, ...)."""
    free = values.shape[2] * (values.shape[2] - 1)
    one, other = values[:, :, :, 0], values[:, :, :, 1]
    chance = ((one - other) ** 2 / 2.0).mean(axis=(1, 2, 3))
    off = values - values.mean(axis=(2, 3, 4), keepdims=True)
    of_runs = off.mean(axis=(3, 4))
    common = (off[:, :, :, 0] * off[:, :, :, 1]).mean(axis=(1, 2, 3))
    between = common + (of_runs**2).sum(axis=2).mean(axis=1) / free
    means = values.mean(axis=(3, 4))
    gaps = means[:, 0] - means[:, 1]
    gap = gaps.mean(axis=1, keepdims=True)
    noise = ((gaps - gap) ** 2).sum(axis=1) / free
    return Parts((gap[:, 0] ** 2 - noise) / 2.0, between, chance, noise, values.shape[2])


def shares_of(parts: Parts) -> dict[str, Share]:
    """Return the share of each part (pairs,); {} if there is no variance.

    A part that is estimated below 0 is shown as 0, and the shares add to 1. Intervals are those of
    the ratios of means, by the jackknife over pairs, within 0 and 1. That of the rules also holds
    `rules_interval`: a variance seen in few pairs is skewed, and where it comes out small so does
    the jackknife's idea of its error.
    """
    every = {name: getattr(parts, name) for name in NAMES}
    means = {name: float(one.mean()) for name, one in every.items()}
    whole, total = sum(max(0.0, one) for one in means.values()), sum(every.values())
    if not whole > 0.0:
        return {}
    found = {}
    for name, one in every.items():
        low, high = _ends(one, np.asarray(total)) if one.any() else (0.0, 0.0)
        if name == "parameter":
            ends = rules_interval(parts)
            low, high = min(low, ends[0] / whole), max(high, ends[1] / whole)
        value = max(0.0, means[name]) / whole
        low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
        found[name] = Share(value, min(low, value), max(high, value), means[name] < 0.0)
    return found


def rules_interval(parts: Parts) -> tuple[float, float]:
    """Return the 95 % interval of the rules part (pairs,): half a difference of two mean squares.

    Of the pairs' squared differences, and of the organisations' within pairs. It is exact for
    normal draws and luck where either vanishes, and near it between (Ting, Burdick, Graybill,
    Jeyaratnam & Lu 1990, Journal of Statistical Computation and Simulation 35, 135-143).
    """
    one = float((2.0 * parts.parameter + parts.noise).mean())
    other = float(parts.noise.mean())
    n, m, a = len(parts.noise), len(parts.noise) * (parts.many - 1), 0.025
    g1, h1 = 1.0 - n / chdtri(n, a), n / chdtri(n, 1.0 - a) - 1.0
    g2, h2 = 1.0 - m / chdtri(m, a), m / chdtri(m, 1.0 - a) - 1.0
    f_low, f_high = fdtri(n, m, a), fdtri(n, m, 1.0 - a)
    g12 = ((f_high - 1.0) ** 2 - (g1 * f_high) ** 2 - h2**2) / f_high
    h12 = ((1.0 - f_low) ** 2 - (h1 * f_low) ** 2 - g2**2) / f_low
    below = (g1 * one) ** 2 + (h2 * other) ** 2 + g12 * one * other
    above = (h1 * one) ** 2 + (g2 * other) ** 2 + h12 * one * other
    low = one - other - math.sqrt(max(0.0, below))
    return low / 2.0, (one - other + math.sqrt(max(0.0, above))) / 2.0


def _ends(part: Floats, total: Floats) -> tuple[float, float]:
    """Return the interval of a share; where the sum of all is not above 0 anything is possible."""
    found = jackknife(divided, part, total)
    return (0.0, 1.0) if np.isnan(found.low) else (float(found.low), float(found.high))


def expected(values: Floats) -> Floats:
    """Return the expected value under each draw, (draws, ...), of values as `parts_of` takes.

    Means of few runs vary more than what they estimate. They are drawn together around their mean
    until their variance is that of the rules part, and to one value if that is not above 0.
    """
    means = values.mean(axis=(2, 3, 4)).reshape(-1, *values.shape[5:])
    centre, seen = means.mean(axis=0), means.var(axis=0, ddof=1)
    true = np.maximum(parts_of(values).parameter.mean(axis=0), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        closer = np.sqrt(np.where(seen > 0.0, np.minimum(true / seen, 1.0), 0.0))
    return np.asarray(centre + (means - centre) * closer)


def band(draws: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the quantiles of expected values (draws, ...) that hold a share of the draws."""
    cuts = (0.5 - level / 2.0, 0.5 + level / 2.0)
    low, high = np.quantile(draws, cuts, axis=0, method="median_unbiased")
    return np.asarray(low), np.asarray(high)


def above_zero(values: Floats) -> float:
    """Return the chance over draws that the expected value is above 0, of values without units.

    What the noise of the runs leaves open of the mean counts: where it is larger than the mean
    itself the chance is near one half.
    """
    draws, groups = expected(values), values.mean(axis=(1, 2, 3, 4))
    rules = max(0.0, float(parts_of(values).parameter.mean()))
    noise = float(groups.var(ddof=1)) / len(groups) - rules / len(draws)
    error = math.sqrt(max(0.0, noise))
    if error > 0.0:
        return float(ndtr(draws / error).mean())
    return float(np.where(draws > 0.0, 1.0, np.where(draws < 0.0, 0.0, 0.5)).mean())


def split_of(values: Floats) -> Split | None:
    """Return what is not known of an outcome (pairs, 2, O, 2, organisations of a run).

    None if it is undefined in all runs.
    """
    if not np.isfinite(values).all():
        return None
    low, high = band(expected(values))
    return Split(float(values.mean()), float(low), float(high), shares_of(parts_of(values)))


def filled(values: Floats) -> Floats:
    """Return values without gaps: a mean over what is defined, linearised.

    What is undefined (NaN) stands at the mean and so adds nothing; NaN if nothing is defined.
    """
    known = np.isfinite(values)
    if known.all():
        return values
    zero, one = np.where(known, values, 0.0).ravel(), known.astype(float).ravel()
    return ratio_values(zero, one).reshape(values.shape)


def measured(outcomes: Floats, names: Sequence[str], name: str, weeks: float) -> Floats:
    """Return an outcome of organisations (runs, organisations, names) as (runs, organisations).

    As `sim.outcomes.summarise` averages it: a time that is never is the horizon of ``weeks``; a
    ratio is linearised. NaN if it is undefined in all.
    """
    values = outcomes[:, :, names.index(name)]
    kind, _ = kind_and_unit(name)
    if kind == "time":
        return np.where(np.isnan(values), weeks, np.minimum(values, weeks))
    if kind == "ratio":
        above, below = (outcomes[:, :, names.index(part)] for part in ("cost", "patients_reached"))
        return ratio_values(above.ravel(), below.ravel()).reshape(values.shape)
    return filled(values)
