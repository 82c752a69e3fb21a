"""Paired differences: exact variances, coverage, and who wins if luck differs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, t

from sim.draws import generator
from sim.experiment.compare import grow
from sim.experiment.compare.paired import (
    Floats,
    critical_values,
    differences,
    p_better,
    pairs_of,
    ratio_values,
    sidak,
)
from sim.outcomes import summarise
from tests.tolerances import COVERAGE, ROUNDING, Z_EXACT

DESIGNS = 400


def binomials(n: int, *, common: bool) -> Floats:
    """Return counts of 100 draws below .4 and below .5, on the same draws or on others."""
    draws = generator(1, f"binomial {common}")
    first = draws.random((n, 100))
    second = first if common else draws.random((n, 100))
    return np.stack([(first < 0.4).sum(axis=1), (second < 0.5).sum(axis=1)], axis=1).astype(float)


@pytest.mark.parametrize(("common", "variance"), [(True, 9.0), (False, 49.0)])
def test_common_seeds_leave_the_variance_of_what_differs(common: bool, variance: float) -> None:
    """Var(B - A) = 100 * .1 * .9 on common draws, 24 + 25 on others; so the factor is 49 / 9."""
    n = 20_000
    ((found,),) = differences([pairs_of(binomials(n, common=common))], 1)
    assert found.se is not None
    assert found.variance_reduction is not None
    assert found.difference == pytest.approx(10.0, abs=Z_EXACT * found.se)
    # The relative error of a variance is sqrt(2 / n); of the factor at most twice that.
    relative = Z_EXACT * math.sqrt(2.0 / n)
    assert n * found.se**2 == pytest.approx(variance, rel=relative)
    assert found.variance_reduction == pytest.approx(49.0 / variance, rel=2.0 * relative)


def test_who_is_better_does_not_depend_on_how_luck_is_shared() -> None:
    counts = np.arange(101)
    a, b = binom.pmf(counts, 100, 0.4), binom.pmf(counts, 100, 0.5)
    exact = float(np.sum(b[:, None] * a * ((counts[:, None] > counts) + 0.5 * np.eye(101))))
    for common in (True, False):
        found = p_better(*binomials(4000, common=common).T, higher=True)
        assert found.p is not None
        assert found.low is not None
        assert found.high is not None
        assert found.p == pytest.approx(exact, abs=Z_EXACT / 1.96 * (found.high - found.low) / 2)
        assert found.high - found.low < 0.03


NUMBERS = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=12), st.booleans())
def test_better_is_the_share_of_pairs_of_different_runs(
    rows: list[tuple[float, float]], higher: bool
) -> None:
    a, b = np.array(rows).T
    won = 0.0
    for r, s in itertools.permutations(range(len(rows)), 2):
        wins = b[r] > a[s] if higher else b[r] < a[s]
        won += 0.5 if b[r] == a[s] else float(wins)
    found = p_better(a, b, higher=higher)
    assert found.p == pytest.approx(won / (len(rows) * (len(rows) - 1)), abs=ROUNDING)
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low <= found.p + ROUNDING
    assert found.p - ROUNDING <= found.high <= 1.0
    other = p_better(b, a, higher=higher)
    assert other.p == pytest.approx(1.0 - found.p, abs=ROUNDING)


def test_a_plan_under_two_names_is_better_half_the_time_exactly() -> None:
    values = generator(3, "same").normal(size=50)
    found = p_better(values, values, higher=True)
    assert (found.p, found.low, found.high) == (0.5, 0.5, 0.5)


def test_winning_in_all_runs_is_no_certainty() -> None:
    low, high = np.arange(100.0), np.arange(100.0) + 1000.0
    found = p_better(low, high, higher=True)
    assert found.p == 1.0
    assert found.low == pytest.approx(100 / (100 + t.ppf(0.975, 99) ** 2))
    high[0] = -1.0  # one run that loses to all
    assert found.low > (p_better(low, high, higher=True).low or 1.0)


def skewed(seed: int, n: int) -> Floats:
    """Return three plans against a first: paired, skewed and correlated; true differences 1."""
    draws = generator(seed, "coverage")
    shared = draws.normal(size=n)
    one = draws.exponential(size=(n, 3)) + 0.3 * draws.exponential(size=(n, 1)) - 0.3
    return np.column_stack([3.0 * shared, 3.0 * shared[:, None] + one])


def test_simultaneous_intervals_hold_all_the_truths_as_often_as_they_say() -> None:
    held = 0
    for design in range(DESIGNS):
        table = skewed(design, 40)
        (found,) = differences([pairs_of(table)], design)
        held += all((one.ci_low or 9.0) <= 1.0 <= (one.ci_high or 0.0) for one in found)
    assert COVERAGE[0] <= held / DESIGNS <= COVERAGE[1]


def test_the_interval_of_better_holds_the_truth_as_often_as_it_says() -> None:
    """B = A + 1 + noise, A normal: P(B > A') = Phi(1 / sqrt(2 + .25))."""
    truth, held = 0.5 * (1.0 + math.erf(1.0 / 1.5 / math.sqrt(2.0))), 0
    for design in range(DESIGNS):
        draws = generator(design, "better")
        a = draws.normal(size=40)
        found = p_better(a, a + 1.0 + 0.5 * draws.normal(size=40), higher=True)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert COVERAGE[0] <= held / DESIGNS <= COVERAGE[1]


def test_more_plans_need_wider_intervals_and_one_plan_students_t() -> None:
    normal = generator(5, "normal").normal(size=(60, 6))
    one, five = (pairs_of(normal[:, :k]) for k in (2, 6))
    narrow, wide = critical_values([one, five], 1)
    assert t.ppf(0.975, 59) <= narrow[0] < 2.2
    assert wide.mean() > narrow[0]
    assert sidak(1, 60.0) == pytest.approx(t.ppf(0.975, 59))
    assert sidak(5, 60.0) == pytest.approx(t.ppf(0.5 + 0.95**0.2 / 2, 59))


def test_a_plan_with_rare_large_differences_does_not_widen_the_others() -> None:
    table = generator(6, "rare").normal(size=(100, 3))
    table[:, 2] = table[:, 0] + 0.001 * table[:, 2]
    table[:2, 2] += 50.0
    usual, rare = critical_values([pairs_of(table)], 1)[0]
    assert rare > 4.0
    assert usual < 2.8


def test_a_yes_or_no_gets_one_gain_and_one_loss_more() -> None:
    first = np.array([0.0, 0, 0, 1, 1, 1, 1, 1, 0, 0])
    other = np.array([1.0, 1, 1, 0, 1, 1, 1, 1, 0, 0])  # three gains, one loss
    pairs = pairs_of(np.stack([first, other], axis=1), extreme=1.0)
    centre, error, count = pairs.estimates(lambda values: values.sum(axis=0))
    assert pairs.means() == pytest.approx([0.2])
    assert count[0] == 10.0
    assert centre[0] == pytest.approx(4 / 12 - 2 / 12)
    assert error[0] == pytest.approx(math.sqrt((4 / 12 + 2 / 12 - (2 / 12) ** 2) / 12))
    alike = pairs_of(np.stack([first, first], axis=1), extreme=1.0)
    ((unseen,),) = differences([alike], 1)
    assert unseen.difference == 0.0
    assert unseen.ci_low is not None
    assert unseen.ci_high is not None
    assert unseen.ci_low < -0.1
    assert unseen.ci_high == pytest.approx(-unseen.ci_low)


def test_the_same_plan_differs_by_nothing_at_all() -> None:
    values = np.repeat(generator(2, "same").normal(size=(30, 1)), 2, axis=1)
    for extreme in (0.0, 10.0):
        ((found,),) = differences([pairs_of(values, extreme=extreme, same=[True])], 1)
        assert (found.difference, found.ci_low, found.ci_high, found.se) == (0.0, 0.0, 0.0, 0.0)
        assert found.variance_reduction is None


def test_a_constant_difference_is_exact() -> None:
    first = generator(4, "constant").integers(100, size=30).astype(float)
    ((found,),) = differences([pairs_of(np.stack([first, first + 7.0], axis=1))], 1)
    assert (found.difference, found.ci_low, found.ci_high, found.se) == (7.0, 7.0, 7.0, 0.0)


def test_undefined_values_drop_the_pair_and_few_pairs_say_little() -> None:
    table = generator(7, "holes").normal(size=(30, 3))
    table[:10, 1] = np.nan
    table[[11, 12], 0] = np.nan
    table[13, 2] = np.inf
    ((one, two),) = differences([pairs_of(table)], 1)
    kept = np.isfinite(table[:, :2]).all(axis=1)
    assert (one.n, two.n) == (18, 27)
    assert one.difference == pytest.approx((table[kept, 1] - table[kept, 0]).mean())
    assert p_better(table[:, 0], table[:, 1], higher=True) == p_better(
        table[kept, 0], table[kept, 1], higher=True
    )
    ((single,),) = differences([pairs_of(table[20:21, :2])], 1)
    assert (single.n, single.ci_low, single.se, single.variance_reduction) == (1, None, None, None)
    assert single.difference == pytest.approx(table[20, 1] - table[20, 0])
    ((nothing,),) = differences([pairs_of(np.full((5, 2), np.nan))], 1)
    assert (nothing.n, nothing.difference, nothing.ci_low) == (0, None, None)
    assert p_better(table[:1, 0], table[:1, 1], higher=True).p is None


def test_values_of_a_ratio_have_its_mean_and_its_error() -> None:
    draws = generator(8, "ratio")
    cost, patients = 100.0 + draws.normal(size=50), draws.integers(0, 20, size=50).astype(float)
    values = ratio_values(cost, patients)
    assert values.mean() == pytest.approx(cost.mean() / patients.mean())
    with np.errstate(divide="ignore"):
        each = np.where(patients > 0, cost / patients, np.nan)
    rows = np.stack([cost, patients, each], axis=1)[:, None, :]
    names = ("cost", "patients_reached", "cost_per_patient_reached")
    whole = summarise(rows, names, 10)["cost_per_patient_reached"]
    assert whole.mean == pytest.approx(values.mean())
    assert whole.ci_high is not None
    assert whole.ci_low is not None
    half = t.ppf(0.975, 49) * values.std(ddof=1) / math.sqrt(50)
    assert (whole.ci_high - whole.ci_low) / 2 == pytest.approx(half)
    assert np.isnan(ratio_values(cost, np.zeros(50))).all()


# How many replicates.


def test_the_look_ahead_is_five_and_five_per_cent_above_a_hundred() -> None:
    found = [grow.look_ahead(n) for n in (10, 100, 101, 119, 120, 1000)]
    assert found == [5, 5, 5, 5, 6, 50]


@pytest.mark.parametrize(
    ("missed", "runs", "found"),
    [
        ((), 14, None),  # met from 10 on, but 15 are needed to look ahead
        ((), 15, 10),
        ((9,), 15, 10),  # below 10 nothing counts
        ((12,), 17, None),
        ((12,), 18, 13),
        ((15,), 30, 16),
        ((11, 16), 21, None),  # 12 to 15 is too short a run of good ones
        ((11, 17), 30, 18),  # the fifth more after 12 is 17, which misses
        ((11, 18), 30, 12),
        ((150,), 158, 10),
    ],
)
def test_the_half_width_must_stay_met(
    missed: tuple[int, ...], runs: int, found: int | None
) -> None:
    widths = np.full(runs, 0.01)
    widths[:9] = np.inf
    for n in missed:
        widths[n - 1] = 0.03
    assert grow.settled(widths, 0.02) == found


def test_half_widths_are_students_t_of_the_worst_plan() -> None:
    table = generator(9, "widths").normal(size=(25, 3))
    gaps = table[:, 1:] - table[:, :1]
    widths = grow.half_widths(pairs_of(table))
    assert math.isinf(widths[0])
    for n in (2, 10, 25):
        error = gaps[:n].std(axis=0, ddof=1).max() / math.sqrt(n)
        assert widths[n - 1] == pytest.approx(sidak(2, float(n)) * error)


def test_the_next_stage_is_what_the_half_width_predicts() -> None:
    widths = np.full(100, 0.025)
    # 100 * (.025 / .02)^2 = 156.25, and 7 to look ahead
    assert grow.next_total(widths, 0.02, 10_000) == 157 + 7
    assert grow.next_total(widths, 0.02, 130) == 130
    assert grow.next_total(widths, 0.001, 10_000) == 200
    assert grow.next_total(widths, 0.025, 10_000) == 100
    assert grow.next_total(widths[:3], 1e-300, 10_000) == 15
    told = grow.precision("adoption", widths, asked=0.02, budget=200, plans=2, stages=(60, 40))
    assert (told.reached, told.runs, told.half_width) == (False, 200, 0.025)
    assert told.more_runs == 2 * (157 + 7 - 100)


@given(
    st.lists(st.floats(0.001, 10.0), min_size=1, max_size=60),
    st.floats(0.001, 1.0),
    st.integers(1, 200),
)
def test_stages_grow_to_at_most_twice_and_within_the_budget(
    widths: list[float], asked: float, most: int
) -> None:
    now = len(widths)
    total = grow.next_total(np.array(widths), asked, most)
    assert now <= total <= max(now, min(most, max(2 * now, 15)))
    assert (total > now) == (grow.settled(np.array(widths), asked) is None and most > now)
