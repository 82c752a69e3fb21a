"""Rules, organisations and chance: estimates against models whose variances are known exactly."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.draws import generator
from sim.experiment.doubt.parts import (
    NAMES,
    Parts,
    above_zero,
    band,
    expected,
    filled,
    parts_of,
    rules_interval,
    shares_of,
    split_of,
)
from tests.tolerances import ROUNDING, Z_EXACT

Floats = NDArray[np.float64]
TRUE = {"parameter": 1.0, "organisations": 2.25 + 0.25, "chance": 1.69}
DESIGNS = 600


def additive(pairs: int, many: int, units: int = 1, designs: int = 1, seed: int = 1) -> Floats:
    """Return runs of an additive model, (pairs, 2, organisations, 2, units, designs).

    A draw of the rules adds N(0, 1), an organisation N(0, 1.5^2) under both draws of a pair, draw
    and organisation together N(0, .5^2), luck N(0, 1.3^2), of which two thirds are shared by the
    draws of a pair. Of an organisation's own a third is what it has in common with its run.
    """
    random = generator(seed, "additive")

    def normal(*shape: int) -> Floats:
        return random.normal(size=(*shape, designs))

    def apart(*shape: int) -> Floats:
        common = normal(*shape, 1)
        return np.sqrt(1 / 3) * common + np.sqrt(2 / 3) * normal(*shape, units)

    rules = normal(pairs, 2, 1, 1, 1)
    own = 1.5 * apart(pairs, 1, many, 1)
    together = 0.5 * apart(pairs, 2, many, 1)
    luck = np.sqrt(2 / 3) * apart(pairs, 1, many, 2) + np.sqrt(1 / 3) * apart(pairs, 2, many, 2)
    if units == 1:  # a common part and an own one of one organisation are one part
        own, together = 1.5 * normal(pairs, 1, many, 1, 1), 0.5 * normal(pairs, 2, many, 1, 1)
    return 3.0 + rules + own + together + 1.3 * luck


@pytest.mark.parametrize(("many", "units"), [(2, 1), (5, 1), (3, 4)])
def test_the_parts_are_unbiased(many: int, units: int) -> None:
    found = parts_of(additive(3, many, units, designs=DESIGNS))
    for name in NAMES:
        means = getattr(found, name).mean(axis=0)
        error = means.std(ddof=1) / np.sqrt(DESIGNS)
        assert abs(means.mean() - TRUE[name]) < Z_EXACT * error, name
        assert error < 0.15  # so that a wrong formula would be noticed


@pytest.mark.parametrize(("pairs", "many"), [(6, 4), (30, 6)])
def test_intervals_of_the_shares_cover(pairs: int, many: int) -> None:
    whole = sum(TRUE.values())
    inside = dict.fromkeys(NAMES, 0)
    for found in parts_by_design(additive(pairs, many, designs=400)):
        for name, one in shares_of(found).items():
            inside[name] += one.ci_low <= TRUE[name] / whole <= one.ci_high
    # 95 % less three standard errors of 400 designs, and less what a skewed ratio costs; that of
    # the rules is wider than it need be for a model as normal as this.
    assert all(count / 400 >= 0.90 for count in inside.values()), inside
    assert all(inside[name] / 400 <= 0.99 for name in ("organisations", "chance")), inside


@pytest.mark.parametrize("quiet", [True, False])
def test_the_interval_of_the_rules_is_exact_where_one_mean_square_is_all(quiet: bool) -> None:
    """Without noise the squares of 12 pairs are a chi-square; without rules it has 0 inside."""
    random = generator(4, "one mean square")
    shape = (12, 2, 5, 2, 1)
    inside = 0
    for _ in range(400):
        values = np.zeros(shape)
        if quiet:
            values += random.normal(size=(12, 2, 1, 1, 1))
        else:
            values += random.normal(size=shape)
        low, high = rules_interval(parts_of(values))
        inside += low <= float(quiet) <= high
    assert 0.95 - 3 * 0.011 <= inside / 400 <= 0.95 + 3 * 0.011


def parts_by_design(values: Floats) -> list[Parts]:
    found = parts_of(values)
    columns = [getattr(found, name) for name in (*NAMES, "noise")]
    return [Parts(*(one[:, k] for one in columns), found.many) for k in range(values.shape[-1])]


def test_they_are_what_products_over_pairs_of_organisations_give() -> None:
    values = additive(2, 4, 3)[..., 0]
    found = parts_of(values)
    for g, pair in enumerate(values):
        of_runs = pair.mean(axis=(2, 3))
        others = list(permutations(range(4), 2))
        gaps = of_runs[0] - of_runs[1]
        rules = np.mean([gaps[o] * gaps[q] for o, q in others]) / 2
        same = np.mean(pair[:, :, 0] * pair[:, :, 1])
        other = np.mean([of_runs[d][o] * of_runs[d][q] for d in (0, 1) for o, q in others])
        np.testing.assert_allclose(found.parameter[g], rules)
        np.testing.assert_allclose(found.organisations[g], same - other)
        np.testing.assert_allclose(found.chance[g], np.mean(pair**2) - same)


def test_one_draw_twice_is_no_doubt_about_the_rules() -> None:
    values = additive(5, 3)[..., 0]
    values[:, 1] = values[:, 0]
    found = split_of(values)
    assert found is not None
    assert found.shares["parameter"].share == 0.0
    assert (found.shares["parameter"].ci_low, found.shares["parameter"].ci_high) == (0.0, 0.0)
    assert found.low == found.high == pytest.approx(found.mean, rel=ROUNDING)
    assert not found.shares["parameter"].below


def test_no_luck_is_no_chance_and_a_constant_has_no_shares() -> None:
    values = additive(4, 3)[..., 0]
    values[:, :, :, 1] = values[:, :, :, 0]
    found = split_of(values)
    assert found is not None
    assert found.shares["chance"].share == 0.0
    still = split_of(np.full((4, 2, 3, 2, 1), 0.3))
    assert still is not None
    assert still.shares == {}
    assert still.as_json()["shares"] is None
    assert (still.mean, still.low, still.high) == (0.3, 0.3, 0.3)
    assert split_of(np.full((4, 2, 3, 2, 1), np.nan)) is None


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 6), st.integers(2, 4), st.integers(1, 3), st.integers(0, 10**6))
def test_shares_add_to_one_and_lie_in_their_intervals(
    pairs: int, many: int, units: int, seed: int
) -> None:
    values = generator(seed, "any").normal(size=(pairs, 2, many, 2, units)).round(1)
    found = shares_of(parts_of(values))
    assert sum(one.share for one in found.values()) == pytest.approx(1.0)
    for one in found.values():
        assert 0.0 <= one.ci_low <= one.share <= one.ci_high <= 1.0
        assert not one.below or one.share == 0.0


@settings(max_examples=30, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 10), st.integers(0, 10**6))
def test_parts_do_not_move_with_zero_and_go_with_the_square_of_the_unit(
    shift: float, scale: float, seed: int
) -> None:
    values = additive(3, 3, 2, seed=seed)[..., 0]
    one, other = parts_of(values), parts_of(shift + scale * values)
    for name in NAMES:
        expect = scale**2 * getattr(one, name)
        np.testing.assert_allclose(getattr(other, name), expect, rtol=1e-6, atol=1e-9)


def test_expected_values_have_the_variance_of_the_rules_not_of_the_runs() -> None:
    values = additive(400, 4)[..., 0]
    means, draws = values.mean(axis=(2, 3, 4)).ravel(), expected(values)
    assert draws.shape == (800,)
    assert means.var(ddof=1) > 1.4  # 1 and the noise of four organisations
    assert draws.var(ddof=1) == pytest.approx(parts_of(values).parameter.mean())
    assert draws.mean() == pytest.approx(values.mean())
    low, high = band(draws)
    # Quantiles of N(3, 1): of 800 draws each has a standard error of .09, the scale of .05.
    assert abs(low - (3 - 1.96)) < Z_EXACT * 0.11
    assert abs(high - (3 + 1.96)) < Z_EXACT * 0.11


def test_the_chance_to_be_above_zero() -> None:
    values = additive(400, 6)[..., 0] - 3.0
    # The expected values are N(0, 1): P(m > -1) = .841, with a mean known to .05.
    assert above_zero(values + 1.0) == pytest.approx(0.841, abs=Z_EXACT * 0.02)
    assert above_zero(values) + above_zero(-values) == pytest.approx(1.0)
    assert above_zero(np.zeros((3, 2, 2, 2, 1))) == 0.5
    assert above_zero(np.full((3, 2, 2, 2, 1), 0.1)) == 1.0
    few = additive(2, 2)[..., 0]
    few[:, 1] = few[:, 0]  # the rules do nothing, and the runs do not know the mean
    assert 0.01 < above_zero(few - few.mean() + 0.1) < 0.99


def test_what_is_undefined_stands_at_the_mean_and_adds_nothing() -> None:
    values = additive(4, 3)[..., 0]
    assert filled(values) is values
    holes = values.copy()
    holes[0, 1, 2, 0] = np.nan
    whole = filled(holes)
    assert whole.mean() == pytest.approx(np.nanmean(holes))
    assert whole[0, 1, 2, 0, 0] == pytest.approx(np.nanmean(holes))
    assert np.isnan(filled(np.full(3, np.nan))).all()
