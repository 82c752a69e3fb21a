"""Sobol' indices with chance: the mean response, whatever the noise and however it is coupled."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity.design import Design, design_of, seeds_of
from sim.experiment.sensitivity.estimators import estimate, estimate_spread, product
from sim.experiment.sensitivity.factor import Floats, factors_of
from sim.experiment.sensitivity.indices import combine, table_of
from sim.experiment.sensitivity.jackknife import Interval, mean
from sim.experiment.sensitivity.pilot import best_replicates, pilot_design
from sim.experiment.sensitivity.sobol import sobol_indices
from sim.experiment.sensitivity.split import estimate_split, shares_of, split_of
from tests.theory.simulators import (
    HETERO_FIRST,
    HETERO_NAIVE,
    HETERO_NOISE,
    HETERO_TOTAL,
    Seeds,
    bernoulli,
    chance,
    flipped,
    hetero,
    normal,
    units,
)
from tests.tolerances import COVERAGE, DESIGNS, HALF_WIDTHS, ROUNDING, Z_EXACT

FOUR = factors_of(units(4))
Model = Callable[[Floats, Seeds], Floats]


def meets(found: Interval, exact: object, *, within: float) -> None:
    """Assert that estimates are as near to exact values as they say, and that this is near."""
    assert (found.half_width <= within).all()
    assert (np.abs(found.value - exact) <= HALF_WIDTHS * found.half_width + ROUNDING).all()


def outcomes(model: Model, design: Design) -> Floats:
    return model(design.points, seeds_of(design.first_replicate, design.replicates, design.seed))


def quick_seeds(first_replicate: NDArray[np.int64], design: Design) -> Seeds:
    """Return seeds that only differ: the simulators hash them again."""
    return (design.seed << 32) + first_replicate[:, None] + np.arange(design.replicates)


@pytest.mark.parametrize("model", [hetero, flipped])
@pytest.mark.parametrize("replicates", [2, 5])
def test_noise_moves_no_index_however_it_is_coupled(model: Model, replicates: int) -> None:
    table = sobol_indices(model, FOUR, outcomes=["y"], replicates=replicates).table
    meets(table.first[:, 0], HETERO_FIRST, within=0.06)
    meets(table.total[:, 0], HETERO_TOTAL, within=0.06)
    meets(table.noise, HETERO_NOISE, within=0.02)
    meets(table.variance, 23.0 / 12.0, within=0.15)
    meets(table.noise_variance, 13.0 / 12.0, within=0.05)
    alone = HETERO_FIRST * (1.0 - HETERO_NOISE)
    interactions = 1.0 - alone.sum() - HETERO_NOISE
    meets(table.parts[:, 0], [*alone, interactions, HETERO_NOISE], within=0.05)
    assert table.parts.value[:, 0].sum() == pytest.approx(1.0)
    assert table.indistinct[:, 0].tolist() == [False, False, True, True]


def test_what_only_multiplies_the_noise_has_no_effect_on_the_mean_and_all_on_the_spread() -> None:
    """The variance within a row is (.5 + x3)^2 whatever else."""
    found = sobol_indices(flipped, FOUR, outcomes=["y"], replicates=8, spread=True)
    assert found.spread is not None
    table = found.spread.table
    meets(table.first[:, 0], [0.0, 0.0, 1.0, 0.0], within=0.15)
    meets(table.total[:, 0], [0.0, 0.0, 1.0, 0.0], within=0.15)
    # E (.5 + x)^4 - (E (.5 + x)^2)^2
    exact = (1.5**5 - 0.5**5) / 5.0 - (13.0 / 12.0) ** 2
    meets(table.variance, exact, within=0.15)


def spread_apart(points: Floats, seeds: Seeds) -> Floats:
    """Return (.5 + x2) e, with other chance wherever x1 is another number."""
    stream = (points[:, [0]] * 2.0**40).astype(np.int64)
    return ((0.5 + points[:, [1]]) * normal(seeds, stream))[:, :, None]


def test_plain_sample_variances_would_blame_who_is_innocent() -> None:
    factors = factors_of(units(2))
    designs = [design_of(factors, 512, m, 8, 1) for m in range(8)]
    runs = [outcomes(spread_apart, design) for design in designs]
    right = table_of([estimate_spread(*one) for one in zip(designs, runs, strict=True)])
    assert right.total.holds_zero[0, 0]
    assert right.total.high[0, 0] < 0.3
    trap = [design_of(factors, 512, m, 1, 1, deterministic=True) for m in range(8)]
    wrong = table_of(
        [
            estimate(design, y.var(axis=1, ddof=1, keepdims=True))
            for design, y in zip(trap, runs, strict=True)
        ]
    )
    assert wrong.total.low[0, 0] > 0.4


# Traps: what other estimators would say of the same model.


def naive(replicates: int) -> Interval:
    """Return total indices of averages, each row on seeds of its own."""
    found = []
    for m in range(8):
        design = design_of(FOUR, 512, m, 1, 1, deterministic=True)
        rows = len(design.points)
        first = (m * rows + np.arange(rows, dtype=np.int64)) * replicates
        y = hetero(design.points, seeds_of(first, replicates, 1)).mean(axis=1, keepdims=True)
        found.append(estimate(design, y))
    return table_of(found).total[:, 0]


@pytest.mark.parametrize("replicates", [1, 2])
def test_averages_on_independent_seeds_inflate_every_total(replicates: int) -> None:
    """V + noise / R instead of V: with one replicate (32, 20, 13, 13) / 36."""
    noise = 13.0 / 12.0 / replicates
    exact = (HETERO_TOTAL * 23.0 / 12.0 + noise) / (23.0 / 12.0 + noise)
    if replicates == 1:
        assert exact == pytest.approx(HETERO_NAIVE)
    meets(naive(replicates), exact, within=0.06)


def test_one_replicate_on_common_seeds_depends_on_the_coupling() -> None:
    totals = []
    for model in (hetero, flipped):
        found = []
        for m in range(8):
            design = design_of(FOUR, 512, m, 1, 1, deterministic=True)
            found.append(estimate(design, outcomes(model, design)))
        totals.append(table_of(found).total[0, 0])
    assert totals[1].low > totals[0].high + 0.1


def test_a_factor_without_any_effect_is_exactly_0_on_common_seeds() -> None:
    design = design_of(FOUR, 64, 0, 2, 1)
    found = estimate(design, 1e6 + outcomes(flipped, design))
    assert found.first[3, 0] == 0.0
    assert found.total[3, 0] == 0.0


# A chance.


def test_a_chance_is_nearly_all_noise_and_its_drivers_are_still_found() -> None:
    found = sobol_indices(
        bernoulli, units(2), outcomes=["success"], n=4096, scrambles=8, replicates=4
    )
    meets(found.table.first[:, 0], [0.8, 0.2], within=0.15)
    meets(found.table.total[:, 0], [0.8, 0.2], within=0.15)
    meets(found.table.noise, 14.0 / 15.0, within=0.01)
    whole = found.table.variance.value + found.table.noise_variance.value
    assert whole == pytest.approx(0.25, abs=0.005)


# Intervals.


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = np.zeros((3, 4))
    for number in range(DESIGNS):
        found = []
        for m in range(8):
            design = design_of(FOUR, 64, m, 2, number)
            seeds = quick_seeds(design.first_replicate, design)
            found.append(estimate(design, flipped(design.points, seeds)))
        table = table_of(found)
        truths = ((table.first, HETERO_FIRST), (table.total, HETERO_TOTAL))
        for kind, (interval, exact) in enumerate(truths):
            inside = (interval.low[:, 0] <= exact) & (exact <= interval.high[:, 0])
            held[kind] += inside
        held[2, 0] += table.noise.low[0] <= HETERO_NOISE <= table.noise.high[0]
    share = held / DESIGNS
    assert (share[:2, 3] == 1.0).all()  # inert: exactly 0
    share = np.append(share[:2, :3], share[2, 0])
    assert (share >= COVERAGE[0]).all()
    assert (share <= COVERAGE[1]).all()


def test_totals_are_unbiased_with_few_lines_and_two_replicates() -> None:
    found = [
        estimate(design, outcomes(flipped, design))
        for design in (design_of(FOUR, 16, m, 2, 5) for m in range(400))
    ]
    total = mean(np.stack([one.total[:, 0] for one in found]))
    error = total.half_width / 1.966  # Student's t, 399 degrees of freedom
    exact = HETERO_TOTAL * 23.0 / 12.0
    assert (np.abs(total.value - exact) <= Z_EXACT * error + ROUNDING).all()
    assert (error < 0.05).all()


def test_products_over_replicates_are_the_mean_over_pairs() -> None:
    values = normal(np.arange(60).reshape(4, 5, 3))
    pairs = [values[:, r] * values[:, s] for r in range(5) for s in range(5) if r != s]
    assert product(values) == pytest.approx(np.mean(pairs, axis=0), rel=1e-9)


def test_scrambles_may_come_one_by_one_and_in_any_order() -> None:
    designs = [design_of(FOUR, 32, m, 2, 1) for m in (2, 0, 1)]
    found = [estimate(design, outcomes(hetero, design)) for design in designs]
    one, other = combine(found, ["y"]), combine(found[::-1], ["y"])
    assert np.array_equal(one.table.total.low, other.table.total.low)
    run = sobol_indices(hetero, FOUR, outcomes=["y"], n=32, scrambles=3, replicates=2)
    assert np.array_equal(one.table.total.low, run.table.total.low)


def test_many_outcomes_at_once_are_each_what_it_would_be_alone() -> None:
    def several(points: Floats, seeds: Seeds) -> Floats:
        y = np.concatenate([hetero(points, seeds), bernoulli(points, seeds)], axis=2)
        return np.stack([y, 2.0 * y, y * y], axis=2)

    settings = {"n": 32, "scrambles": 3, "replicates": 4, "second_order": True, "spread": True}
    found = sobol_indices(several, FOUR, outcomes=["a", "b"], **settings)  # type: ignore[arg-type]
    alone = sobol_indices(hetero, FOUR, outcomes=["a"], **settings)  # type: ignore[arg-type]
    assert found.weekly is not None
    assert found.weekly.total.low.shape == (4, 3, 2)
    for name in ("first", "total", "parts", "second", "variance"):
        many, one = getattr(found.weekly, name), getattr(alone.table, name)
        assert many.high[..., 0, 0] == pytest.approx(one.high[..., 0], rel=1e-9, nan_ok=True)
    assert found.spread is not None
    assert found.spread.weekly is not None
    assert alone.spread is not None
    assert found.spread.weekly.total.value[:, 0, 0] == pytest.approx(
        alone.spread.table.total.value[:, 0], rel=1e-9
    )


# Two kinds of chance.


def organisations(points: Floats, seeds: Seeds, between: Seeds) -> Floats:
    """Return 4 x1 + s (u + e / 2 + u e / 2), s = .5 + x2, and a second outcome without u."""
    u, e = normal(between, 1), normal(seeds, 2)
    s = 0.5 + points[:, [1]]
    y = 4.0 * points[:, [0]] + s * (u + 0.5 * e + 0.5 * u * e)
    return np.stack([y, points[:, [0]] + s * e], axis=2)


@pytest.mark.parametrize("lines", [128, 512])
def test_chance_is_parted_into_organisations_and_within(lines: int) -> None:
    """Variances 4/3 (x1); 13/12 (between); 13/12 / 2 (within, half of it depends on the former)."""
    found = sobol_indices(organisations, units(2), outcomes=["both", "within"], split=lines)
    assert found.split is not None
    whole = 4.0 / 3.0 + 13.0 / 12.0 * 1.5
    meets(found.split.between[0], 13.0 / 12.0 / whole, within=0.08)
    meets(found.split.within[0], 13.0 / 24.0 / whole, within=0.08)
    within = 13.0 / 12.0 / (13.0 / 12.0 + 1.0 / 12.0)
    meets(found.split.between[1], 0.0, within=0.1)
    meets(found.split.within[1], within, within=0.1)
    both = found.split.between.value + found.split.within.value
    assert both == pytest.approx(found.table.noise.value)


def test_intervals_of_both_kinds_of_chance_hold_the_truth_as_often_as_they_say() -> None:
    factors, held = factors_of(units(2)), np.zeros(2)
    whole = 4.0 / 3.0 + 13.0 / 12.0 * 1.5
    for number in range(DESIGNS):
        estimates, splits = [], []
        for m in range(8):
            design = design_of(factors, 64, m, 4, number)
            seeds = quick_seeds(design.first_replicate, design)
            y = organisations(design.points, seeds, seeds)
            parted = split_of(design, 64)
            fresh, same = (
                quick_seeds(first, design)
                for first in (parted.first_replicate, parted.first_between)
            )
            estimates.append(estimate(design, y))
            splits.append(estimate_split(design, y, organisations(parted.points, fresh, same)))
        found = shares_of(estimates, splits)
        for kind, (interval, exact) in enumerate(
            ((found.between[0], 13.0 / 12.0 / whole), (found.within[0], 13.0 / 24.0 / whole))
        ):
            held[kind] += interval.low <= exact <= interval.high
    assert (held / DESIGNS >= COVERAGE[0]).all()
    assert (held / DESIGNS <= COVERAGE[1]).all()


# How many replicates.


def jumpy(points: Floats, seeds: Seeds, size: float) -> Floats:
    """Return size x1 + e, with other chance wherever x1 is another number."""
    stream = (points[:, [0]] * 2.0**40).astype(np.int64)
    return np.asarray(size * points[:, [0]] + normal(seeds, stream))


def test_the_best_number_of_replicates_is_found_without_bias() -> None:
    """E s^4 = 4 and Var(delta^2) = 7/180 size^4 make it 1 + sqrt(8 / that): 10 for size 1.262."""
    size = (8.0 / 81.0 / (7.0 / 180.0)) ** 0.25
    factors = factors_of(units(2))
    design = design_of(factors, 2**14, 0, 8, 1)
    y = jumpy(design.points, seeds_of(design.first_replicate, 8, 1), size)
    found = best_replicates(design, y)
    assert found.ranked == ("x1",)
    assert found.by_name["x1"] == pytest.approx(10.0, rel=0.1)
    assert found.best == pytest.approx(10, abs=1)
    gap = y.reshape(4, -1, 8)[2] - y.reshape(4, -1, 8)[0]
    plugged = 1.0 + np.sqrt(2.0 * gap.var(axis=1, ddof=1).mean() ** 2 / product(gap).var())
    assert plugged < 7.0


def test_a_pilot_of_a_quiet_model_asks_for_2_and_of_a_loud_one_for_16() -> None:
    factors = factors_of(units(2))
    design = pilot_design(factors, 1)
    seeds = seeds_of(design.first_replicate, design.replicates, 1)
    quiet = best_replicates(design, design.points[:, [0]] + chance(seeds))
    assert (quiet.best, quiet.by_name["x1"]) == (2, 1.0)
    loud = best_replicates(design, jumpy(design.points, seeds, 0.001))
    assert loud.best == 16
    main = design_of(factors, 2**10, 31, 16, 1)
    assert design.first_replicate.min() > main.first_replicate.max() + 2**15
    with pytest.raises(InputError, match="4 or more"):
        best_replicates(design_of(factors, 16, 0, 2, 1), np.zeros((64, 2)))
