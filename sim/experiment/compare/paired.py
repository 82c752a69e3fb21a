"""Paired differences between plans that share their luck, and who would win if luck differed.

A table holds an outcome of some plans, shape (runs, plans), NaN = undefined; a row is one replicate
number, so its cells share people and luck, and the first plan is what others are compared with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.draws import generator
from sim.outcomes import wilson

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Chance with which an interval, or all the intervals of one outcome, should hold the truth."""

RESAMPLES = 4000
FEWEST = 10
"""Replicates below which resampling says nothing: Student's t with Sidak's correction instead."""

FEW = 5
"""Runs that stand out, below which a share of pairs counts as no surer than a share of runs."""

_CELLS = 4_000_000
"""Weights of resamples held in memory at a time."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a plan is from the first, over the ``n`` replicates in which both are defined.

    The interval is 95 % for all plans of a comparison together. ``variance_reduction`` is how many
    times as many runs unpaired seeds would take: (var A + var B) / var(B - A). None: too few
    replicates to say, or (of the factor) no spread at all.
    """

    difference: float | None
    ci_low: float | None
    ci_high: float | None
    se: float | None
    n: int
    variance_reduction: float | None


@dataclass(frozen=True, slots=True)
class Better:
    """The chance that a plan does better than the first with other luck, and its 95 % interval."""

    p: float | None
    low: float | None
    high: float | None


NOT_SAID = Better(None, None, None)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Differences of plans from the first, replicate by replicate, ready to be summed.

    ``table`` is (runs, plans), the other shapes are (runs, other plans). ``known`` is 1 where both
    are defined, 0 elsewhere; ``gaps`` are the differences from ``offset``, which keeps the digits.
    ``same`` plans are the first one under another name.

    ``extreme`` is the largest difference there can be, if a rare run may differ so much: 1 for a
    yes or no, the horizon for a time that may be *never*; else 0. Such outcomes get Bonett and
    Price's interval (2012, doi 10.3102/1076998611411915), here for any extreme: one gain and one
    loss of that size more than were seen, so that no difference in a sample is no certainty.
    ``each``: how many runs a row is the mean of; one run more moves it by so much less.
    """

    table: Floats
    known: Floats
    gaps: Floats
    offset: Floats
    extreme: float
    same: NDArray[np.bool_]
    each: int = 1

    def estimates(self, weigh: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
        """Return centre, standard error and number of pairs of each other plan.

        ``weigh`` sums columns (runs, n) over replicates; what comes has the shape that it gives,
        with a last axis of the other plans.
        """
        columns = np.hstack([self.known, self.gaps, self.gaps * self.gaps])
        count, total, squares = np.split(weigh(columns), 3, axis=-1)
        unseen = self.extreme / self.each
        squares = squares + 2.0 * unseen * unseen
        more = 2.0 if self.extreme > 0.0 and self.each == 1 else 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total / (count + more)
            left = squares - total * mean
            # What is left of equal differences is rounding.
            left = np.where(left <= _ROUNDING * squares, 0.0, left)
            free = count + more if more else count - 1.0
            centre, error = self.offset + mean, np.sqrt(left / free / (count + more))
        error = np.where(count > 1, error, np.nan)
        return np.where(self.same, 0.0, centre), np.where(self.same, 0.0, error), count

    def means(self) -> Floats:
        """Return the mean difference of each other plan, (other plans,); NaN over no pairs."""
        count, total = self.known.sum(axis=0), self.gaps.sum(axis=0)
        return np.where(count > 0, self.offset + total / np.maximum(count, 1.0), np.nan)


def pairs_of(
    table: Floats, *, extreme: float = 0.0, same: Sequence[bool] | None = None, each: int = 1
) -> Pairs:
    """Return the differences of a table's plans from its first.

    ``extreme``, ``same`` and ``each`` are those of `Pairs`. An infinite value is no value: the run
    broke.
    """
    finite = np.isfinite(table)
    values = np.where(finite, table, 0.0)
    known = finite[:, 1:] & finite[:, :1]
    gaps = np.where(known, values[:, 1:] - values[:, :1], 0.0)
    offset = np.zeros(gaps.shape[1])
    if len(gaps) and not extreme:  # the extremes lie around 0
        offset = gaps[known.argmax(axis=0), np.arange(gaps.shape[1])]
    gaps = np.where(known, gaps - offset, 0.0)
    alike = np.zeros(gaps.shape[1], bool) if same is None else np.array(same, bool)
    return Pairs(table, known.astype(float), gaps, offset, extreme, alike, each)


def yes_or_no(*values: Floats) -> bool:
    """Return whether all defined values are 0 or 1."""
    return all(bool(np.all((one == 0.0) | (one == 1.0) | np.isnan(one))) for one in values)


def extreme_of(kind: str, weeks: int, values: Floats) -> float:
    """Return how far a rare run may lie from the others, by the kind of an outcome; else 0.

    A time may be *never*, which counts as the horizon of ``weeks``; a share that is all or nothing
    may turn over.
    """
    if kind == "time":
        return float(weeks)
    return 1.0 if kind == "share" and yes_or_no(values) else 0.0


def differences(tables: Sequence[Pairs], seed: int) -> list[tuple[Difference, ...]]:
    """Return for each table the difference of each other plan from the first.

    The intervals of a table hold together: centre +- c * standard error, see `critical_values`.
    All tables are resampled with the same draws, so none depends on which others are there.
    """
    widths = critical_values(tables, seed)
    return [_differences(one, width) for one, width in zip(tables, widths, strict=True)]


def critical_values(tables: Sequence[Pairs], seed: int) -> list[Floats]:
    """Return by how many standard errors each plan's interval reaches to either side.

    Replicates are resampled, whole rows at a time, and the studentised errors looked at: c is such
    that in 95 % of resamples no plan's error exceeds its own. It is the max-t of Romano & Wolf
    (2005, doi 10.1111/j.1468-0262.2005.00615.x), balanced (2010, doi 10.1214/09-AOS734), so that a
    plan with rare large differences does not widen the intervals of the others. Never less than
    Student's t asks of a single interval. Shapes are (other plans,).
    """
    runs = max((len(one.known) for one in tables), default=0)
    errors = [np.zeros((RESAMPLES, one.known.shape[1])) for one in tables]
    draws, at_once = generator(seed, "compare"), max(1, _CELLS // max(1, runs))
    for start in range(0, RESAMPLES if runs >= FEWEST else 0, at_once):
        stop = min(start + at_once, RESAMPLES)
        weights = _weights(draws.integers(runs, size=(stop - start, runs)))
        for found, one in zip(errors, tables, strict=True):
            found[start:stop] = _errors(one, weights)
    return [_critical(one, found) for one, found in zip(tables, errors, strict=True)]


def sidak(plans: int, pairs: Floats | float) -> Floats:
    """Return Student's t for so many simultaneous two-sided intervals (Sidak 1967)."""
    level = LEVEL ** (1.0 / max(plans, 1))
    return np.asarray(stdtrit(np.maximum(np.asarray(pairs) - 1.0, 1.0), 0.5 + level / 2.0))


def p_better(first: Floats, other: Floats, *, higher: bool) -> Better:
    """Return P(other better) + 1/2 P(equal) over pairs of *different* replicates.

    Values are (runs,), infinity = never, NaN = undefined. The estimate is the U-statistic over all
    ordered pairs of two replicate numbers, so it does not depend on how plans share their luck;
    its error comes from each replicate's influence (Hoeffding 1948,
    doi 10.1214/aoms/1177730196), where common seeds do help. The interval is Wilson's with the
    number of runs that would give this error.
    """
    both = ~(np.isnan(first) | np.isnan(other))
    a, b = (first[both], other[both]) if higher else (-first[both], -other[both])
    n = len(a)
    if n < 2:
        return NOT_SAID
    own = _wins(b, a, paired=True)
    # Of each run, in how many of its n - 1 pairs the other plan wins: by row, by column.
    wins, losses = _wins(b, a) - own, n - _wins(a, b) - own
    p = float(wins.sum()) / (n * (n - 1))
    variance = float(((wins + losses) / (n - 1)).var(ddof=1)) / n
    if variance == 0.0 and 0.0 < p < 1.0:  # one plan under two names
        return Better(p, p, p)
    sides = (wins, n - 1 - wins, losses, n - 1 - losses)
    standing_out = min(int((side > 0.0).sum()) for side in sides)
    runs = p * (1.0 - p) / variance if variance > 0.0 else float(n)
    if standing_out < FEW:
        runs = min(runs, float(n))
    return Better(p, *wilson(p, runs, float(stdtrit(n - 1, 0.5 + LEVEL / 2.0))))


def ratio_values(above: Floats, below: Floats) -> Floats:
    """Return values per run whose mean is mean(above) / mean(below), and whose error is its error.

    They are the ratio's linearisation (delta method): R + (above - R below) / mean(below). NaN if
    all that is divided by is 0.
    """
    known = np.isfinite(above) & np.isfinite(below)
    whole = float(below[known].mean()) if known.any() else 0.0
    if whole <= 0.0:
        return np.full(len(above), np.nan)
    ratio = float(above[known].mean()) / whole
    return np.asarray(ratio + (above - ratio * below) / whole)


def _differences(pairs: Pairs, widths: Floats) -> tuple[Difference, ...]:
    centre, error, count = pairs.estimates(_total)
    means = pairs.means()
    found = []
    for k in range(len(centre)):
        n, se = int(count[k]), float(error[k])
        mean = float(means[k]) if n else None
        if n < 2:
            found.append(Difference(mean, None, None, None, n, None))
            continue
        half = float(widths[k]) * se
        low, high = float(centre[k]) - half, float(centre[k]) + half
        if pairs.extreme:
            low, high = max(low, -pairs.extreme), min(high, pairs.extreme)
        factor = _factor(pairs.table[:, 0], pairs.table[:, k + 1])
        found.append(Difference(mean, low, high, se, n, factor))
    return tuple(found)


def _factor(first: Floats, other: Floats) -> float | None:
    """Return (var A + var B) / var(B - A), None where the difference does not vary."""
    both = np.isfinite(first) & np.isfinite(other)
    a, b = first[both], other[both]
    apart, paired = float(a.var(ddof=1) + b.var(ddof=1)), float((b - a).var(ddof=1))
    return apart / paired if paired > _ROUNDING * apart else None


def _total(values: Floats) -> Floats:
    return np.asarray(values.sum(axis=0))


def _weights(chosen: NDArray[np.int64]) -> Floats:
    """Return how often each replicate is in each resample; both are (resamples, runs)."""
    resamples, runs = chosen.shape
    places = chosen + np.arange(resamples)[:, None] * runs
    counts = np.bincount(places.ravel(), minlength=resamples * runs)
    return counts.reshape(resamples, runs).astype(float)


def _errors(pairs: Pairs, weights: Floats) -> Floats:
    """Return the studentised error of each plan in each resample, without its sign.

    A resample in which a plan's difference does not vary says nothing of it: 0.
    """
    centre, error, _ = pairs.estimates(lambda values: np.asarray(weights @ values))
    usable = error > 0.0
    gap = np.abs(centre - pairs.means())
    return np.asarray(np.where(usable, gap / np.where(usable, error, 1.0), 0.0))


def _critical(pairs: Pairs, errors: Floats) -> Floats:
    count = pairs.known.sum(axis=0)
    if count.min(initial=np.inf) < FEWEST:
        return sidak(len(count), count)
    # Ranks among all resamples: the same scale for every plan.
    ranks = np.stack([np.searchsorted(np.sort(one), one, side="right") for one in errors.T], axis=1)
    together = int(np.quantile(ranks.max(axis=1), LEVEL, method="higher"))
    return np.asarray(np.maximum(np.sort(errors, axis=0)[together - 1], sidak(1, count)))


def _wins(values: Floats, against: Floats, *, paired: bool = False) -> Floats:
    """Return how many of ``against`` each value exceeds, ties by half; or only its own partner."""
    if paired:
        return np.where(values > against, 1.0, np.where(values == against, 0.5, 0.0))
    ordered = np.sort(against)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + upto) / 2.0)
