"""Morris and PAWN through SALib, guarded: what it would turn into quiet nonsense is refused first.

Morris' elementary effects (Morris 1991, doi 10.1080/00401706.1991.10484804; mu*: Campolongo et al.
2007, doi 10.1016/j.envsoft.2006.10.004) are differences of runs, so noise adds to mu* and sigma and
never averages out over trajectories. Here all points of a trajectory run the same replicates; what
noise is left is told as a floor, and taken out by products over different replicates.

PAWN (Pianosi & Wagener 2018, doi 10.1016/j.envsoft.2018.07.019) compares distributions of single
runs; its floor is what a factor scores that the model does not even see.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import generator, seed_problems
from sim.errors import InputError
from sim.experiment.sensitivity.design import seeds_of, sobol_points, to_points
from sim.experiment.sensitivity.estimators import product
from sim.experiment.sensitivity.factor import Factor, Floats, Marginal, factors_of
from sim.experiment.sensitivity.gates import SHOWN
from sim.experiment.sensitivity.sobol import Model

SHUFFLED = 60
"""Distances of factors without effect that a floor is taken from."""

PERCENTILES = 101
"""Quantiles of a distribution that are kept: 0 to 100 %."""

FEWEST_IN_SLICE = 20
"""Runs of a slice below which its distribution is mostly chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Points of the unit cube and of the factors (rows, factors), and the replicates they run."""

    factors: tuple[Factor, ...]
    shares: Floats
    points: Floats
    first_replicate: NDArray[np.int64]
    replicates: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Morris:
    """Elementary effects over a factor's whole range, in the outcome's unit: (factors, outcomes).

    ``mu``, ``mu_star`` (with SALib's half-width ``mu_star_conf``) and ``sigma`` are SALib's, of
    means over replicates. ``floor`` is the mu_star that an inert factor with as much noise would
    score (NaN for one replicate: unknown). ``effect`` and ``spread`` are mu_star and sigma without
    noise: 0 on average for an inert factor; effects not much larger than the floor come out
    somewhat too small, never too large.
    """

    names: tuple[str, ...]
    mu: Floats
    mu_star: Floats
    mu_star_conf: Floats
    sigma: Floats
    floor: Floats
    effect: Floats
    spread: Floats

    def above_floor(self, k: int) -> NDArray[np.bool_]:
        """Return which factors' mu* on outcome k lies above their floor by its half-width.

        Without a floor (one replicate): above 0.
        """
        floor = np.nan_to_num(self.floor[:, k])
        return np.asarray(self.mu_star[:, k] - self.mu_star_conf[:, k] > floor)


@dataclass(frozen=True, slots=True, eq=False)
class Pawn:
    """Kolmogorov-Smirnov distances between runs of a slice and all runs: (factors, outcomes).

    ``floor`` (outcomes,) is the median of a factor that is not in the model, or what
    `shuffled_floor` says. ``within`` (factors, outcomes, slices, percentiles) holds the
    distributions of the slices, low to high, at the 0 to 100 % quantiles; ``whole`` (outcomes,
    percentiles) that of all runs.
    """

    names: tuple[str, ...]
    median: Floats
    mean: Floats
    maximum: Floats
    floor: Floats
    within: Floats
    whole: Floats

    def above_floor(self, k: int) -> NDArray[np.bool_]:
        """Return which factors' median on outcome k is above that of none at all, (factors,)."""
        return np.asarray(self.median[:, k] > self.floor[k])


def morris(
    model: Model,
    factors: Mapping[str, Marginal] | Sequence[Factor],
    *,
    outcomes: Sequence[str],
    trajectories: int = 64,
    replicates: int = 4,
    levels: int = 4,
    seed: int = 1,
) -> Morris:
    """Return Morris' measures of a model's factors; costs trajectories (D + 1) replicates runs.

    ``model`` and ``factors`` are those of `sobol_indices`; outcomes have no weeks. Raises
    InputError for wrong arguments, unbounded distributions and runs that are not finite.
    """
    plan = morris_plan(factors_of(factors), trajectories, replicates, seed, levels=levels)
    return morris_of(plan, _run(model, plan, outcomes), levels=levels)


def morris_plan(
    factors: Sequence[Factor],
    trajectories: int,
    replicates: int,
    seed: int,
    *,
    levels: int = 4,
    within: tuple[float, float] = (0.0, 1.0),
) -> Plan:
    """Return SALib's trajectories, a row a point; all rows of one share their replicates.

    ``within``: the shares of each factor that its lowest and its highest level stand for.
    """
    from SALib.sample import morris as sample

    _check(replicates, seed, trajectories=trajectories, levels=levels)
    count = len(factors)
    # A generator, not a number: no seed is special, and no global state is touched.
    shares = sample.sample(_problem(count), trajectories, levels, seed=generator(seed, "morris"))
    shares, (low, high) = np.clip(shares, 0.0, 1.0), within
    first = replicates * np.repeat(np.arange(trajectories, dtype=np.int64), count + 1)
    return Plan(
        tuple(factors), shares, to_points(factors, low + (high - low) * shares), first, replicates,
        seed,
    )  # fmt: skip


def morris_of(plan: Plan, y: Floats, *, levels: int = 4) -> Morris:
    """Return Morris' measures of outcomes (rows, replicates, outcomes).

    Raises InputError for runs that are not finite, before SALib sees them.
    """
    from SALib.analyze import morris as analyze

    y = _finite(y)
    found = []
    for k in range(y.shape[2]):
        one = analyze.analyze(
            _problem(len(plan.factors)), plan.shares, y[:, :, k].mean(axis=1),
            num_levels=levels, seed=generator(plan.seed, "morris resamples"),
        )  # fmt: skip
        measures = ("mu", "mu_star", "mu_star_conf", "sigma")
        found.append([np.asarray(one[name], np.float64) for name in measures])
    mu, mu_star, conf, sigma = np.moveaxis(np.array(found), 0, -1)
    effects = elementary_effects(plan, y)
    return Morris(
        tuple(factor.name for factor in plan.factors), mu, mu_star, conf, sigma,
        _floor(effects), _without_floor(effects), _spread(effects),
    )  # fmt: skip


def elementary_effects(plan: Plan, y: Floats) -> Floats:
    """Return effects per unit of share, (factors, trajectories, replicates, outcomes)."""
    size = len(plan.factors) + 1
    steps = np.diff(plan.shares.reshape(-1, size, size - 1), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    length = np.take_along_axis(steps, moved[:, :, None], axis=2)[:, :, 0]
    slopes = np.diff(y.reshape(-1, size, *y.shape[1:]), axis=1) / length[:, :, None, None]
    return np.swapaxes(np.take_along_axis(slopes, np.argsort(moved)[:, :, None, None], 1), 0, 1)


def _floor(effects: Floats) -> Floats:
    """Return the mean size of normal noise with the variance that means over replicates have."""
    replicates = effects.shape[2]
    if replicates < 2:
        return np.full((effects.shape[0], effects.shape[3]), np.nan)
    variance = effects.var(axis=2, ddof=1).mean(axis=1) / replicates
    return np.asarray(np.sqrt(2.0 / math.pi * variance))


def _without_floor(effects: Floats) -> Floats:
    """Return the mean size of effects, the sign of each taken from the other replicates."""
    replicates = effects.shape[2]
    if replicates < 2:
        return np.asarray(np.abs(effects).mean(axis=(1, 2)))
    others = effects.sum(axis=2, keepdims=True) - effects
    return np.asarray((np.sign(others) * effects).mean(axis=(1, 2)))


def _spread(effects: Floats) -> Floats:
    """Return the standard deviation of effects between trajectories, 0 where below the noise."""
    trajectories = effects.shape[1]
    squares = np.stack([product(one).mean(axis=0) for one in effects])
    means = effects.mean(axis=2)
    sums = means.sum(axis=1)
    across = (sums * sums - (means * means).sum(axis=1)) / (trajectories * (trajectories - 1))
    return np.asarray(np.sqrt(np.maximum(squares - across, 0.0)))


def pawn(
    model: Model,
    factors: Mapping[str, Marginal] | Sequence[Factor],
    *,
    outcomes: Sequence[str],
    n: int = 1024,
    replicates: int = 2,
    slices: int = 10,
    seed: int = 1,
) -> Pawn:
    """Return PAWN's distances of a model's factors; costs n replicates runs.

    ``model`` and ``factors`` are those of `sobol_indices`; outcomes have no weeks; ``n`` is a power
    of two. Raises InputError for wrong arguments and runs that are not finite.
    """
    plan = pawn_plan(factors_of(factors), n, replicates, seed)
    check_slices(slices, n * replicates)
    return pawn_of(plan, _run(model, plan, outcomes), slices=slices)


def pawn_plan(factors: Sequence[Factor], n: int, replicates: int, seed: int) -> Plan:
    """Return Sobol' points, each with replicates of its own.

    The shares have one column more: a factor that the model does not see.
    """
    _check(replicates, seed, n=n)
    shares = sobol_points(len(factors) + 1, n, seed, "pawn")
    points = to_points(factors, shares[:, :-1])
    return Plan(
        tuple(factors), shares, points, replicates * np.arange(n, dtype=np.int64), replicates, seed
    )


def pawn_of(plan: Plan, y: Floats, *, slices: int = 10) -> Pawn:
    """Return PAWN's distances of outcomes (rows, replicates, outcomes).

    Slices are of equal shares of a factor, also of one with levels. Raises InputError for runs
    that are not finite, and for numbers of slices at which SALib fails.
    """
    from SALib.analyze import pawn as analyze

    y = _finite(y)
    check_slices(slices, y.shape[0] * y.shape[1])
    shares = np.repeat(plan.shares, y.shape[1], axis=0)
    problem = _problem(shares.shape[1])
    found = []
    for k in range(y.shape[2]):
        # Without a seed SALib leaves numpy's global generator alone; there is no chance in it.
        one = analyze.analyze(problem, shares, y[:, :, k].ravel(), S=slices, seed=None)
        found.append([np.asarray(one[name]) for name in ("median", "mean", "maximum")])
    median, mean, maximum = np.moveaxis(np.array(found), 0, -1)
    names = tuple(factor.name for factor in plan.factors)
    within, whole = slice_quantiles(shares[:, :-1], y.reshape(-1, y.shape[2]), slices)
    return Pawn(names, median[:-1], mean[:-1], maximum[:-1], median[-1], within, whole)


def slice_quantiles(shares: Floats, y: Floats, slices: int) -> tuple[Floats, Floats]:
    """Return quantiles of outcomes within slices of each factor, and of all runs.

    ``shares`` (runs, factors) lie in 0 to 1, ``y`` is (runs, outcomes); see `Pawn` for what comes.
    """
    at = np.linspace(0.0, 1.0, PERCENTILES)
    which = np.minimum((shares * slices).astype(np.int64), slices - 1)

    def spread(some: Floats) -> Floats:
        return np.asarray(np.quantile(some, at, axis=0, method="inverted_cdf")).T

    within = [[spread(y[column == part]) for part in range(slices)] for column in which.T]
    return np.moveaxis(np.array(within), 2, 1), spread(y)


def shuffled_floor(plan: Plan, y: Floats, *, slices: int = 10) -> Floats:
    """Return the median distance that no inert factor is likely to pass, (outcomes,).

    A single factor that is not in the model is passed by half of all inert ones. Here the lines of
    the outcomes are shuffled, replicates together, until some sixty distances are known of factors
    that can have no effect; the floor is their mean and three standard deviations.
    """
    drawn, none = generator(plan.seed, "pawn shuffles"), []
    for _ in range(-(-SHUFFLED // (len(plan.factors) + 1))):
        one = pawn_of(plan, y[drawn.permutation(len(y))], slices=slices)
        none += [*one.median, one.floor]
    return np.asarray(np.mean(none, axis=0) + 3.0 * np.std(none, axis=0, ddof=1))


def _problem(count: int) -> dict[str, Any]:
    """Return SALib's description of the unit cube; own names, since some of them break it."""
    return {
        "num_vars": count,
        "names": [f"x{place}" for place in range(count)],
        "bounds": [[0.0, 1.0]] * count,
    }


def _run(model: Model, plan: Plan, outcomes: Sequence[str]) -> Floats:
    seeds = seeds_of(plan.first_replicate, plan.replicates, plan.seed)
    y = model(plan.points, seeds)
    shape, wanted = getattr(y, "shape", ()), (*seeds.shape, len(outcomes))
    if shape != wanted:
        raise InputError(
            f"model: must return an array {wanted} (rows, replicates, outcomes) "
            f"(found {shape or 'no array'})"
        )
    return _finite(y)


def _finite(y: NDArray[Any]) -> Floats:
    values = np.asarray(y, np.float64)
    broken = ~np.isfinite(values).all(axis=2)
    if broken.any():
        listed = [f"row {row}, replicate {r}" for row, r in np.argwhere(broken)[:SHOWN].tolist()]
        raise InputError(
            f"outcomes: not finite in {broken.sum():,} runs, the first: {'; '.join(listed)}"
        )
    constant = np.flatnonzero((values == values[:1, :1]).all(axis=(0, 1)))
    if len(constant):
        listed = [str(k) for k in constant[:SHOWN].tolist()]
        raise InputError(f"outcomes: number {', '.join(listed)}: the same in all runs")
    return values


def _check(
    replicates: int,
    seed: int,
    *,
    trajectories: int | None = None,
    levels: int | None = None,
    n: int | None = None,
) -> None:
    problems = []
    if replicates < 1:
        problems.append(f"replicates: out of range (found {replicates}, allowed 1 or more)")
    problems += seed_problems(seed)
    if trajectories is not None and trajectories < 2:
        problems.append(f"trajectories: out of range (found {trajectories}, allowed 2 or more)")
    if levels is not None and (levels < 2 or levels % 2):
        problems.append(f"levels: must be even (found {levels}, allowed 2, 4, 6, ...)")
    if n is not None and (n < 2 or n & (n - 1)):
        problems.append(f"n: must be a power of two (found {n})")
    if problems:
        raise InputError(problems)


def slices_fail(slices: int) -> bool:
    """Return whether SALib's ends of so many slices pass 1 by rounding, at which it raises."""
    step = 1 / slices
    return bool(np.arange(0, 1 + step, step)[-1] > 1.0)


def check_slices(slices: int, runs: int) -> None:
    """Raise InputError for numbers of slices at which SALib fails, and for too few runs."""
    problems = []
    if slices < 2:
        problems.append(f"slices: out of range (found {slices}, allowed 2 or more)")
    elif slices_fail(slices):
        near = min(
            (one for one in range(2, slices + 9) if not slices_fail(one)),
            key=lambda one: abs(one - slices),
        )
        problems.append(
            f"slices: SALib fails at this number (found {slices}); did you mean {near}?"
        )
    if slices >= 2 and runs < FEWEST_IN_SLICE * slices:
        needed = FEWEST_IN_SLICE * slices
        problems.append(f"n: too few runs for {slices} slices (found {runs}, allowed {needed:,})")
    if problems:
        raise InputError(problems)
