"""Plans compared under draws of the rules: what the rules leave open of a difference.

Runs are those of `sim.experiment.doubt.nested`, the same draws, organisations and luck for each
plan. The pairs of draws are independent, so their means take the place of runs in everything that
`sim.experiment.compare.paired` does.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sim.experiment.compare.paired import LEVEL, NOT_SAID, Better, Floats
from sim.experiment.doubt.nested import Shape
from sim.experiment.doubt.parts import above_zero, band, expected, filled
from sim.experiment.sensitivity.jackknife import divided, jackknife
from sim.outcomes import wilson

_AT_ONCE = 256
"""Pairs of draws whose runs are held against each other at a time, so that they fit in memory."""


@dataclass(frozen=True, slots=True)
class OverRules:
    """How the expected difference of a plan from the first varies over draws of the rules.

    95 % of the draws have it between ``low`` and ``high``. ``p_better``: the share of draws under
    which the plan is better on average; where the runs do not know the mean difference, nearer to
    one half (`sim.experiment.doubt.parts.above_zero`). None: neither way is better.
    """

    low: float
    high: float
    p_better: float | None


def folded(values: Floats, shape: Shape) -> Floats:
    """Return the mean of each pair of draws, (pairs,), of values of runs; NaN = all undefined."""
    return np.asarray(shape.array(filled(values)).mean(axis=(1, 2, 3)))


def over_rules(first: Floats, other: Floats, shape: Shape, better: str) -> OverRules | None:
    """Return how an outcome's difference varies over draws; values are (runs,), NaN = undefined.

    None if no run has it in both plans.
    """
    known = np.isfinite(first) & np.isfinite(other)
    if not known.any():
        return None
    gaps = shape.array(filled(np.where(known, other - first, np.nan))[:, None])
    low, high = band(expected(gaps))
    sign = {"higher": 1.0, "lower": -1.0}.get(better)
    chance = None if sign is None else above_zero(sign * gaps)
    return OverRules(float(low), float(high), chance)


def better_over_draws(first: Floats, other: Floats, shape: Shape, *, higher: bool) -> Better:
    """Return P(other better) + 1/2 P(equal) if luck differed, under the same rules.

    Values are (runs,), infinity = never, NaN = undefined. Compared are runs of *different*
    organisations under one draw, all of them; the mean is over draws. The interval is Wilson's
    with the number of runs that would give the error over pairs of draws.
    """
    sign = 1.0 if higher else -1.0
    a, b = sign * shape.array(first), sign * shape.array(other)
    parts = [
        _wins(a[at : at + _AT_ONCE], b[at : at + _AT_ONCE]) for at in range(0, len(a), _AT_ONCE)
    ]
    won, played = np.concatenate(parts, axis=1)
    if not played.any():
        return NOT_SAID
    p = float(won.sum() / played.sum())
    half = float(jackknife(divided, won, played).half_width)
    t = float(stdtrit(shape.pairs - 1, 0.5 + LEVEL / 2.0))
    runs = shape.runs / 2.0
    if np.isfinite(half) and half > 0.0 and 0.0 < p < 1.0:
        runs = p * (1.0 - p) * (t / half) ** 2
    elif 0.0 < p < 1.0:  # one plan under two names
        return Better(p, p, p)
    return Better(p, *wilson(p, runs, t))


def _wins(first: Floats, other: Floats) -> Floats:
    """Return for each pair of draws how often the other wins, ties by half, and how often it plays.

    Values are (pairs, 2, organisations, 2); two runs of one organisation do not play.
    """
    apart = ~np.eye(first.shape[2], dtype=np.bool_)[:, None, :, None]
    a, b = first[:, :, None, None], other[..., None, None]
    known = apart & ~np.isnan(a) & ~np.isnan(b)
    wins = np.where(b > a, 1.0, np.where(b == a, 0.5, 0.0)) * known
    axes = tuple(range(1, wins.ndim))
    return np.stack([wins.sum(axis=axes), known.sum(axis=axes).astype(np.float64)])
