"""How many replicates a comparison needs: it grows in stages until it is precise enough.

The stopping rule is the look-ahead of Hoad, Robinson & Davies (2010,
doi 10.1057/jors.2009.121), on the difference instead of the mean: the half-width must be met at
some number of replicates and stay met for some more, or a lucky start would end it. All replicates
that were run are used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiment.compare.paired import Floats, Pairs, sidak

BUDGET = 20_000
"""Runs, over all plans, after which a comparison stops growing."""

FEWEST = 10
"""Replicates below which no half-width counts."""

K_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Precision:
    """How precise the difference in one outcome is, and what that took.

    ``asked`` and ``half_width`` are in the outcome's unit; the half-width is the largest over the
    plans, by Student's t with Sidak's correction. ``reached`` is None where nothing was asked.
    ``more_runs``: roughly how many more would be needed, None if reached or unknown. ``stages``:
    replicates of each plan in each stage.
    """

    outcome: str
    asked: float | None
    half_width: float | None
    reached: bool | None
    runs: int
    budget: int
    more_runs: int | None
    stages: tuple[int, ...]


def look_ahead(replicates: int) -> int:
    """Return for how many more replicates a half-width must stay met: 5, and 5 % above 100."""
    return K_LIMIT if replicates <= 100 else K_LIMIT * replicates // 100


def half_widths(pairs: Pairs) -> Floats:
    """Return the half-width after 1, 2, ... replicates: the largest over the plans.

    The shape is (replicates,), in the outcome's unit. Infinite where it cannot be said yet.
    """
    _, error, count = pairs.estimates(lambda values: np.asarray(np.cumsum(values, axis=0)))
    widths = sidak(error.shape[1], count) * error
    return np.asarray(np.where(np.isnan(widths), np.inf, widths).max(axis=1))


def settled(widths: Floats, asked: float) -> int | None:
    """Return the first number of replicates at which the rule is met, None if not yet.

    ``widths[k]`` is the half-width after k + 1 replicates. The rule is met at n >= 10 if all
    half-widths from n to n + look_ahead(n) are at most ``asked``.
    """
    missed = np.flatnonzero(~(widths <= asked)) + 1
    missed = missed[missed >= FEWEST]
    # A run of good ones starts at 10 or after a miss; the look-ahead only grows within it.
    starts = [FEWEST, *(int(n) + 1 for n in missed)]
    ends = [*(int(n) for n in missed), len(widths) + 1]
    for start, end in zip(starts, ends, strict=True):
        if start + look_ahead(start) < end:
            return start
    return None


def next_total(widths: Floats, asked: float, most: int) -> int:
    """Return how many replicates to have after the next stage; as many as now: stop.

    It is what the last half-width predicts with its look-ahead, at most twice as many as now (but
    enough for the rule) and at most ``most``. A pure function of what the stages so far have shown.
    """
    now = len(widths)
    if settled(widths, asked) is not None:
        return now
    double = max(2 * now, FEWEST + K_LIMIT)
    return max(now, min(_predicted(widths, asked) or double, double, most))


def precision(
    outcome: str,
    widths: Floats,
    *,
    asked: float | None,
    budget: int,
    plans: int,
    stages: Sequence[int],
) -> Precision:
    """Return what stages of replicates of some plans have reached."""
    last = float(widths[-1]) if len(widths) else math.inf
    reached = None if asked is None else settled(widths, asked) is not None
    more = None
    if asked is not None and not reached:
        predicted = _predicted(widths, asked)
        more = None if predicted is None else max(1, predicted - len(widths)) * plans
    return Precision(
        outcome=outcome,
        asked=asked,
        half_width=last if math.isfinite(last) else None,
        reached=reached,
        runs=plans * sum(stages),
        budget=budget,
        more_runs=more,
        stages=tuple(stages),
    )


def _predicted(widths: Floats, asked: float) -> int | None:
    """Return the replicates at which the rule should be met: half-widths fall with their root."""
    last = float(widths[-1])
    if not math.isfinite(last):
        return None
    times = min(max(last / asked, 1.0), 1e6)  # a wish for nothing at all is still a number
    needed = max(FEWEST, math.ceil(len(widths) * times * times))
    return needed + look_ahead(needed)
