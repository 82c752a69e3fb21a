"""Sobol' indices without chance: exact answers, the same digits as SALib and SciPy, designs."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.analyze import sobol as salib
from scipy import stats

from sim.experiment.sensitivity.design import Design, design_of, seeds_of, sobol_points
from sim.experiment.sensitivity.estimators import estimate
from sim.experiment.sensitivity.factor import Factor, Floats, Marginal, factors_of
from sim.experiment.sensitivity.indices import Indices, combine
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.sobol import sobol_indices
from tests.theory.simulators import (
    ISHIGAMI,
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    LINEAR,
    UNIT,
    Seeds,
    ishigami,
    linear,
    sobol_g,
    sobol_g_closed,
    units,
)
from tests.tolerances import HALF_WIDTHS, ORACLE, ROUNDING

Plain = Callable[[Floats], Floats]


def meets(found: Interval, exact: object, *, within: float) -> None:
    """Assert that estimates are as near to exact values as they say, and that this is near."""
    assert (found.half_width <= within).all()
    assert (np.abs(found.value - exact) <= HALF_WIDTHS * found.half_width + ROUNDING).all()


def plain(
    function: Plain, factors: Mapping[str, Marginal], *, n: int = 2048, **more: object
) -> Indices:
    """Return the indices of a function without chance."""

    def model(points: Floats, _seeds: Seeds) -> Floats:
        return function(points)[:, None, None]

    return sobol_indices(
        model, factors, outcomes=["y"], n=n, replicates=1, deterministic=True, **more
    )  # type: ignore[arg-type]


def test_ishigami() -> None:
    table = plain(ishigami, ISHIGAMI).table
    meets(table.first[:, 0], ISHIGAMI_FIRST, within=0.01)
    meets(table.total[:, 0], ISHIGAMI_TOTAL, within=0.01)
    assert table.noise.value[0] == 0.0


def test_sobols_g_function() -> None:
    table = plain(sobol_g, units(8)).table
    every = tuple(range(8))
    first = [sobol_g_closed((i,)) for i in every]
    total = [1.0 - sobol_g_closed(tuple(k for k in every if k != i)) for i in every]
    assert first[:4] == pytest.approx([0.716192, 0.179048, 0.023676, 0.007162], abs=1e-6)
    assert total[:4] == pytest.approx([0.787144, 0.242198, 0.034317, 0.010460], abs=1e-6)
    meets(table.first[:, 0], first, within=0.01)
    meets(table.total[:, 0], total, within=0.01)


def test_a_sum_has_no_interactions() -> None:
    table = plain(linear, LINEAR, second_order=True).table
    exact = np.array([9.0, 4.0, 1.0]) / 14.0
    meets(table.first[:, 0], exact, within=0.02)
    meets(table.total[:, 0], exact, within=0.02)
    meets(table.parts[:, 0], [*exact, 0.0, 0.0], within=0.02)
    assert table.second is not None
    above = np.triu_indices(3, 1)
    meets(table.second[:, :, 0][above], 0.0, within=0.03)
    assert np.isnan(table.second.value[np.tril_indices(3)]).all()


def test_second_order_of_ishigami_is_between_the_first_and_the_third() -> None:
    table = plain(ishigami, ISHIGAMI, second_order=True).table
    assert table.second is not None
    pairs = table.second[:, :, 0][np.triu_indices(3, 1)]
    meets(pairs, [0.0, ISHIGAMI_TOTAL[2], 0.0], within=0.03)


def test_a_group_is_what_its_factors_do_together() -> None:
    found = plain(sobol_g, units(8), groups={"pair": ("x1", "x3"), "rest": ("x8", "x7", "x6")})
    assert found.names == ("pair", "x2", "x4", "x5", "rest")
    others = (1, 3, 4, 5, 6, 7)
    meets(found.table.first[0, 0], sobol_g_closed((0, 2)), within=0.02)
    meets(found.table.total[0, 0], 1.0 - sobol_g_closed(others), within=0.02)


def test_levels_weigh_as_often_as_they_occur() -> None:
    """Effects 0, 1, 3 with chances .5, .25, .25 have variance 1.5; 2 x has 1/3."""
    effects = np.array([0.0, 1.0, 3.0])
    rule = Factor("rule", ("mean", "majority", "none"), (2.0, 1.0, 1.0))
    size = Factor("size", (10, 30))
    factors = [rule, size, Factor("x", stats.uniform())]

    def model(points: Floats, _seeds: Seeds) -> Floats:
        y = effects[points[:, 0].astype(int)] + 2.0 * points[:, 2] + 0.1 * points[:, 1]
        return np.asarray(y[:, None, None])

    found = sobol_indices(model, factors, outcomes=["y"], replicates=1, deterministic=True)
    exact = np.array([1.5, 1.0, 1.0 / 3.0])
    meets(found.table.first_variance[:, 0], exact, within=0.05)
    meets(found.table.total[:, 0], exact / exact.sum(), within=0.02)
    columns = design_of(factors_of(factors), 8, 0, 2, 1).columns()
    assert set(columns["rule"].tolist()) == {"mean", "majority", "none"}
    assert columns["size"].dtype == np.int64
    assert set(columns["size"].tolist()) == {10, 30}
    assert (columns["rule"][:8] == "mean").sum() == 4


WEEKS = np.array([0.5, 2.0, 8.0])


def decay(x: Floats) -> Floats:
    return np.asarray(x[:, [0]] * np.exp(-x[:, [1]] * WEEKS))


def test_indices_of_weeks_and_of_all_weeks_together() -> None:
    def model(points: Floats, _seeds: Seeds) -> Floats:
        y = decay(points)
        return np.asarray(np.stack([y, 3.0 * y], axis=2)[:, None])

    found = sobol_indices(
        model, units(2), outcomes=["a", "b"], n=2048, replicates=1, deterministic=True
    )
    exact = np.array([[0.92337, 0.44402, 0.07686], [0.05747, 0.41698, 0.69236]])
    assert found.weekly is not None
    for k in range(2):
        meets(found.weekly.first[:, :, k], exact, within=0.02)
    # Variances are in the outcome's unit, shares are not.
    weekly = found.weekly.first_variance.value
    assert weekly[:, :, 1] == pytest.approx(9.0 * weekly[:, :, 0])
    together = weekly.sum(axis=1) / found.weekly.variance.value.sum(axis=0)
    assert found.table.first.value == pytest.approx(together)
    assert found.table.first.value[0, 0] > found.table.first.value[1, 0]


def test_weeks_with_next_to_no_variance_are_hatched() -> None:
    size = np.array([0.0, 0.05, 0.2, 1.0])  # variances 0, .0025, .04, 1 of the largest

    def model(points: Floats, _seeds: Seeds) -> Floats:
        return np.asarray((linear(points)[:, None] * size)[:, None, :, None])

    found = sobol_indices(model, LINEAR, outcomes=["y"], n=64, replicates=1, deterministic=True)
    assert found.hatched is not None
    assert found.hatched[:, 0].tolist() == [True, True, False, False]
    assert found.weekly is not None
    assert np.isnan(found.weekly.first.value[:, 0]).all()
    assert np.isfinite(found.table.first.value).all()


# The same digits as other programs.


def salib_order(design: Design, y: Floats) -> Floats:
    """Return values in SALib's order: line by line A, AB of each factor, BA of each, B."""
    blocks = y.reshape(len(design.blocks), design.n)
    order = [0, *range(2, len(blocks)), 1]
    return np.asarray(blocks[order].T.ravel())


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize(
    ("function", "factors"), [(ishigami, ISHIGAMI), (sobol_g, units(8)), (linear, LINEAR)]
)
def test_indices_are_those_of_salib(
    function: Plain, factors: Mapping[str, Marginal], second_order: bool
) -> None:
    design = design_of(
        factors_of(factors), 128, 3, 1, 1, second_order=second_order, deterministic=True
    )
    y = 100.0 + function(design.points)
    problem = {"num_vars": len(factors), "names": list(factors), "bounds": [[0, 1]] * len(factors)}
    theirs = salib.analyze(problem, salib_order(design, y), second_order, num_resamples=2, seed=1)
    ours = combine([estimate(design, y[:, None, None])], ["y"]).table
    assert np.abs(ours.first.value[:, 0] - theirs["S1"]).max() < ORACLE
    assert np.abs(ours.total.value[:, 0] - theirs["ST"]).max() < ORACLE
    if second_order:
        assert ours.second is not None
        above = np.triu_indices(len(factors), 1)
        assert np.abs(ours.second.value[..., 0] - theirs["S2"])[above].max() < ORACLE


def test_indices_are_those_of_scipy_which_centres_on_other_rows() -> None:
    """SciPy subtracts the mean over A and B, SALib and we the mean over all rows."""
    design = design_of(factors_of(ISHIGAMI), 128, 3, 1, 1, deterministic=True)
    blocks = ishigami(design.points).reshape(5, 128)
    theirs = stats.sobol_indices(
        func={"f_A": blocks[:1], "f_B": blocks[1:2], "f_AB": blocks[2:, None]}, n=128
    )
    ours = estimate(design, blocks.reshape(-1, 1, 1))
    assert np.abs(ours.total[:, 0] / ours.variance - theirs.total_order).max() < ORACLE
    moved = blocks.mean() - blocks[:2].mean()
    same = ours.first[:, 0] + moved * (blocks[2:] - blocks[0]).mean(axis=1)
    assert np.abs(same / ours.variance - theirs.first_order).max() < ORACLE


# Designs.


@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(2, 4),
    st.booleans(),
    st.integers(0, 2**63 - 1),
)
@settings(max_examples=40)
def test_rows_share_replicates_with_their_line_and_with_no_other(
    dimensions: int, power: int, replicates: int, second_order: bool, seed: int
) -> None:
    n, factors = 2**power, factors_of(units(dimensions))
    used: set[int] = set()
    for scramble in range(3):
        design = design_of(factors, n, scramble, replicates, seed, second_order=second_order)
        first = design.first_replicate.reshape(-1, n)
        points = design.points.reshape(-1, n, dimensions)
        assert len(design.points) == n * (dimensions * (1 + second_order) + 2)
        for place in range(dimensions):
            assert (first[2 + place] == first[0]).all()
            moved = points[2 + place] != points[0]
            assert not np.delete(moved, place, axis=1).any()
            assert (points[2 + place][:, place] == points[1][:, place]).all()
            if second_order:
                back = 2 + dimensions + place
                assert (first[back] == first[1]).all()
                assert (points[back][:, place] == points[0][:, place]).all()
        numbers = (first[:2].reshape(-1, 1) + np.arange(replicates)).ravel().tolist()
        assert len(set(numbers)) == 2 * n * replicates
        assert not used & set(numbers)
        used |= set(numbers)
    assert len({design_of(factors, n, m, replicates, seed).key for m in range(3)}) == 1


def test_designs_are_pure_functions_of_the_seed_also_of_seed_0() -> None:
    factors = factors_of(units(3))
    for seed in (0, 1):
        one, two = (design_of(factors, 16, 2, 2, seed) for _ in range(2))
        assert np.array_equal(one.points, two.points)
    zero, other = (design_of(factors, 16, 2, 2, seed) for seed in (0, 1))
    assert not np.array_equal(zero.points, other.points)
    assert not np.array_equal(zero.points, design_of(factors, 16, 3, 2, 0).points)
    assert zero.key != other.key
    wider = factors_of({**units(2), "x3": stats.uniform(0, 2)})
    assert zero.key != design_of(wider, 16, 2, 2, 0).key


def test_seeds_are_those_of_a_replicate_whatever_stands_around_it() -> None:
    first = np.array([4, 0, 4])
    seeds = seeds_of(first, 3, 7)
    assert (seeds[0] == seeds[2]).all()
    assert seeds[0, 0] == seeds_of(np.array([2]), 3, 7)[0, 2]
    assert len(np.unique(np.concatenate([seeds, seeds_of(first, 3, 7, between=True)]))) == 12
    assert (seeds >= 0).all()


def test_unbounded_distributions_have_no_infinite_points() -> None:
    design = design_of(factors_of({"x": stats.norm(), "y": stats.cauchy()}), 2**14, 0, 2, 1)
    assert np.isfinite(design.points).all()
    # Middles of the finest cells: never 0 or 1, whatever the scramble.
    assert (sobol_points(4, 64, 1, "any") * 2.0**30 % 1.0 == 0.5).all()


@given(st.floats(0.01, 100.0), st.floats(-1000.0, 1000.0))
def test_the_unit_of_an_outcome_does_not_matter(scale: float, shift: float) -> None:
    design = design_of(factors_of({"x": UNIT, "z": UNIT}), 32, 0, 1, 1, deterministic=True)
    y = (design.points[:, 0] + design.points.prod(axis=1))[:, None, None]
    one, other = (combine([estimate(design, v)], ["y"]).table for v in (y, shift + scale * y))
    for name in ("first", "total", "parts"):
        assert getattr(other, name).value == pytest.approx(getattr(one, name).value, abs=1e-6)
    assert other.variance.value == pytest.approx(scale**2 * one.variance.value, rel=1e-6)
