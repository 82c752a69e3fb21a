"""The search for staffing on made-up plans whose answer is known, without the model."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import binom

from sim.draws import generator
from sim.experiment.staff.judging import (
    ALIKE,
    FOUND,
    MAYBE,
    NONE,
    TOO_DEAR,
    YES,
    Verdict,
    ends_of,
    judge,
)
from sim.experiment.staff.ranking import Aim, Floats, Ints, Sample, ranking, undominated
from sim.experiment.staff.search import FINALISTS, Searched, Simulate, search, stages_of

X, Y, Z = (np.array(one) for one in zip(*itertools.product(range(5), repeat=3), strict=True))
COST = 100.0 + 10.0 * X + 25.0 * Y + 5.0 * Z


def made_up(chance: Floats, cost: Floats, seed: int, *, shared: bool = True) -> Simulate:
    """Return plans that meet a target with these chances at these mean costs.

    ``shared``: plans meet the same luck in a replicate; else each has its own.
    """
    count = len(cost)

    def simulate(plans: Ints, first: int, replicates: int) -> Sample:
        random = generator(seed, f"luck from {first}")
        luck = random.random((replicates, 1 if shared else count))
        weather = random.normal(0.0, 20.0, (replicates, 1))
        own = random.normal(0.0, 1.0, (replicates, count))
        met = np.broadcast_to(luck < chance, (replicates, count)).astype(float)
        every = Sample(cost + weather + own, met, met, 1.0 - met)
        return every.of(plans)

    return simulate


def found_by(
    chance: Floats, cost: Floats, aim: Aim, seed: int, *, n: int = 300, shared: bool = True
) -> tuple[Searched, Verdict]:
    """Search and judge; the own plan is the first."""
    found = search(made_up(chance, cost, seed, shared=shared), len(cost), 0, aim, n, seed)
    return found, judge(found.sample, aim, seed)


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_known_optimum_is_found(seed: int) -> None:
    chance = np.where((X >= 2) & (Y >= 3), 0.92, 0.55)
    best = int(np.flatnonzero((X == 2) & (Y == 3) & (Z == 0))[0])
    found, verdict = found_by(chance, COST, Aim(0.8), seed)
    chosen = verdict.plans[verdict.chosen]
    assert (verdict.answer, found.finalists[verdict.chosen]) == (FOUND, best)
    assert (chosen.does, chosen.cheapest) == (YES, 1.0)
    assert found.finalists[0] == 0  # the own plan stays
    assert chosen.cost.low is not None
    assert chosen.cost.high is not None
    assert chosen.cost.low < COST[best] < chosen.cost.high


@pytest.mark.parametrize("seed", range(1, 7))
def test_on_a_smooth_slope_what_is_said_is_true(seed: int) -> None:
    """Plans near the confidence asked for are not sorted: the optimum is among those named."""
    chance = 1.0 / (1.0 + np.exp(3.0 - X - 1.2 * Y))
    does = chance >= 0.8
    best = int(np.argmin(np.where(does, COST, np.inf)))
    found, verdict = found_by(chance, COST, Aim(0.8), seed)
    assert verdict.answer in (FOUND, ALIKE)
    assert does[found.finalists[verdict.chosen]]
    assert best in found.finalists[[verdict.chosen, *verdict.alike]]
    assert all(does[found.finalists[one.place]] for one in verdict.plans if one.does == YES)


def test_a_budget_rules_out_what_is_dearer() -> None:
    chance = np.where((X >= 2) & (Y >= 3), 0.92, 0.55)
    _, verdict = found_by(chance, COST, Aim(0.8, budget=190.0), 1)
    assert verdict.answer == NONE  # the cheapest that does costs 195
    assert verdict.plans[verdict.chosen].cost.mean < 190.0
    assert verdict.plans[verdict.chosen].chance.mean == pytest.approx(0.55, abs=0.1)
    _, verdict = found_by(chance, COST, Aim(0.8, budget=50.0), 1)
    assert verdict.answer == TOO_DEAR
    assert verdict.plans[verdict.chosen].cost.mean == pytest.approx(100.0, abs=5.0)


def test_plans_that_are_one_cannot_be_told_apart() -> None:
    chance, cost = np.full(3, 0.95), np.full(3, 500.0)
    simulate = made_up(chance, cost, 1)

    def alike(plans: Ints, first: int, replicates: int) -> Sample:
        return simulate(np.zeros_like(plans), first, replicates)

    found = search(alike, 3, 0, Aim(0.8), 200, 1)
    verdict = judge(found.sample, Aim(0.8), 1)
    assert verdict.answer == ALIKE
    assert len(verdict.alike) == 2
    assert [one.cheapest for one in verdict.plans] == pytest.approx([1 / 3] * 3)
    assert [one.member for one in verdict.plans] == [1.0] * 3


def test_plans_of_one_law_with_their_own_luck_cannot_be_told_apart() -> None:
    _, verdict = found_by(np.full(40, 0.95), np.full(40, 500.0), Aim(0.8), 3, shared=False)
    assert verdict.answer == ALIKE
    assert len(verdict.alike) >= FINALISTS // 2
    assert max(one.cheapest for one in verdict.plans) < 0.9


def test_a_cheaper_plan_that_may_do_is_not_left_unsaid() -> None:
    """The first surely does; the second is cheaper, and whether it does is not known."""
    _, verdict = found_by(np.array([0.95, 0.8]), np.array([200.0, 100.0]), Aim(0.8), 2)
    assert verdict.answer == ALIKE
    assert (verdict.chosen, verdict.alike) == (0, (1,))


def test_the_lucky_of_many_are_not_believed() -> None:
    """300 plans reach the target with 75 %: some seem to with far more until they run again."""
    chance, aim = np.full(300, 0.75), Aim(0.8)
    simulate = made_up(chance, np.full(300, 500.0), 1, shared=False)
    first = simulate(np.arange(300), 0, 16)
    found, verdict = found_by(chance, np.full(300, 500.0), aim, 1, n=400, shared=False)
    assert np.sort(first.met.mean(axis=0))[-FINALISTS:].min() > 0.85
    fresh = found.sample.met
    assert fresh.mean() == pytest.approx(0.75, abs=4.0 * (0.1875 / fresh.size) ** 0.5)
    assert verdict.answer in (MAYBE, NONE)


@pytest.mark.parametrize("n", [30, 100, 200, 400])
def test_plans_that_just_fail_are_seldom_said_to_do(n: int) -> None:
    """16 plans at exactly the confidence: in at most 5 % of searches any of them surely does."""
    lows = [
        ends_of(np.repeat([1.0, 0.0], [k, n - k]), FINALISTS, share=True).low for k in range(n + 1)
    ]
    wrong = float(binom.pmf(np.arange(n + 1), n, 0.8)[np.array(lows, float) >= 0.8].sum())
    assert 1.0 - (1.0 - wrong) ** FINALISTS <= 0.05


def test_too_few_runs_say_that_they_are_too_few() -> None:
    plans = (np.array([0.8, 0.8]), np.array([100.0, 200.0]), Aim(0.8))
    _, verdict = found_by(*plans, 2, n=30)
    assert verdict.answer == MAYBE
    _, verdict = found_by(*plans, 2, n=1)  # no interval of a cost, no difference
    assert verdict.answer in (MAYBE, NONE)
    assert verdict.plans[0].cost.low is None


def test_stages_run_fresh_replicates_of_fewer_and_fewer_plans() -> None:
    seen: list[tuple[int, range]] = []
    simulate = made_up(np.where(X > 2, 0.9, 0.1), COST, 1)

    def told(plans: Ints, first: int, replicates: int) -> Sample:
        seen.append((len(plans), range(first, first + replicates)))
        return simulate(plans, first, replicates)

    found = search(told, 125, 124, Aim(0.8), 50, 1)
    assert [(plans, len(block)) for plans, block in seen] == [(125, 32), (42, 64), (16, 50)]
    assert found.stages == stages_of(125, 50)
    assert found.runs == 125 * 32 + 42 * 64 + 16 * 50
    used = [one for _, block in seen for one in block]
    assert used == list(range(len(used)))  # none twice
    assert 124 in found.finalists


def test_the_same_seed_gives_the_same_answer() -> None:
    chance = np.where((X >= 2) & (Y >= 3), 0.85, 0.7)
    (first, one), (second, other) = (found_by(chance, COST, Aim(0.8), 5, n=60) for _ in range(2))
    assert first.finalists.tolist() == second.finalists.tolist()
    assert one == other


# --- ranking -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_undominated_is_what_no_other_beats(plans: list[tuple[int, int]]) -> None:
    cost, uptake = np.array(plans, float).T
    expected = [
        not any((c <= a and u >= b) and (c < a or u > b) for c, u in plans) for a, b in plans
    ]
    assert undominated(cost, uptake).tolist() == expected


def test_membership_is_the_chance_to_be_undominated() -> None:
    """Two plans, the dearer one with more by d on average: a member in P(mean d > 0)."""
    gap = generator(1, "gaps").normal(0.0, 1.0, 100)
    gap += 0.1 - gap.mean()
    zero = np.zeros(100)
    cost = np.stack([zero, zero + 1.0], axis=1)
    sample = Sample(cost, np.ones((100, 2)), np.stack([zero, gap], axis=1), np.zeros((100, 2)))
    found = ranking(sample, Aim(0.5), 1, resamples=4000)
    assert found.member[0] == 1.0
    # Bootstrap means are about normal with sd s / 10: P = Phi(0.1 / (s / 10)).
    expected = float(ndtr(0.1 / (gap.std() / 10.0)))
    assert found.member[1] == pytest.approx(expected, abs=4.0 * (0.25 / 4000) ** 0.5)


def test_the_cheapest_and_the_likeliest_are_sought_within_the_budget() -> None:
    met = np.tile([1.0, 1.0, 0.0, 1.0], (20, 1))
    cost = np.tile([300.0, 200.0, 100.0, 900.0], (20, 1))
    found = ranking(Sample(cost, met, met, 1.0 - met), Aim(0.8, 500.0), 1)
    assert found.cheapest.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert found.likeliest.tolist() == [0.0, 1.0, 0.0, 0.0]  # of equals the cheaper
    assert found.member.tolist() == [0.0, 1.0, 1.0, 0.0]
