"""Plans compared under draws of the rules: against models whose differences are known."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

import sim
from sim.draws import generator
from sim.errors import DriftError, InputError
from sim.experiment.compare.comparison import Comparison
from sim.experiment.compare.over_rules import better_over_draws, folded, over_rules
from sim.experiment.compare.paired import differences, pairs_of
from sim.experiment.doubt.nested import Shape
from sim.scenario import load
from sim.simulate import run
from tests.posteriors import one_draw, small
from tests.tolerances import ROUNDING, Z_EXACT

BASE = load("baseline").with_values({"clinicians": 10, "caseload": 4, "weeks": 80})
PLANS = {"one": BASE, "two": BASE.with_values({"leads": 2}), "again": BASE}


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return sim.compare(PLANS, 300, seed=2, posterior=small())


def runs(shape: Shape, gain: float, sd: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return runs of two plans; the second gains N(gain, sd^2) a draw, N(0, .3^2) a run."""
    random = generator(seed, "two plans")
    whole = (shape.pairs, 2, shape.organisations, 2)
    first = random.normal(size=(shape.pairs, 1, shape.organisations, 1)) + random.normal(size=whole)
    gains = gain + sd * random.normal(size=(shape.pairs, 2, 1, 1))
    return first.ravel(), (first + gains + 0.3 * random.normal(size=whole)).ravel()


def test_the_chance_over_draws_and_the_one_over_luck_are_two_questions() -> None:
    shape = Shape(400, 5)
    first, other = runs(shape, gain=0.5, sd=0.5)
    found = over_rules(first, other, shape, "higher")
    assert found is not None
    assert found.p_better == pytest.approx(ndtr(1.0), abs=Z_EXACT * 0.02)  # P(N(.5, .5^2) > 0)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.5, abs=Z_EXACT * 0.06)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.5, abs=Z_EXACT * 0.06)
    lower = over_rules(first, other, shape, "lower")
    neither = over_rules(first, other, shape, "neither")
    assert lower is not None
    assert neither is not None
    assert lower.p_better == pytest.approx(1.0 - ndtr(1.0), abs=Z_EXACT * 0.02)
    assert neither.p_better is None
    luck = better_over_draws(first, other, shape, higher=True)
    # Two organisations with luck of their own differ by N(.5, 4 + .5^2 + .3^2).
    expect = float(ndtr(0.5 / np.sqrt(4.34)))
    assert luck.p is not None
    assert luck.low is not None
    assert luck.high is not None
    assert luck.low < expect < luck.high
    assert luck.high - luck.low < 0.08


def test_luck_compares_different_organisations_under_one_draw() -> None:
    """Counted by hand: two draws of two organisations with two lucks."""
    shape = Shape(1, 2)
    first = np.array([0, 1, 2, 3, 10, 11, 12, np.nan], float)
    other = np.array([2, 2, 0, 0, 12, np.inf, 10, 10], float)
    # Draw 0: (2, 2) against (2, 3): two ties; (0, 0) against (0, 1): two ties. Of 8: 2.
    # Draw 1: (12, never) against 12: a tie and a win; (10, 10) against (10, 11): two ties. Of 6.
    found = better_over_draws(first, other, shape, higher=True)
    assert found.p == pytest.approx((4 / 2 + 1 + 3 / 2) / 14)


def test_pairs_of_draws_take_the_place_of_runs() -> None:
    shape = Shape(60, 3)
    inside = 0
    for seed in range(200):
        first, other = runs(shape, gain=0.5, sd=0.5, seed=seed)
        table = np.stack([folded(one, shape) for one in (first, other)], axis=1)
        ((gap,),) = differences([pairs_of(table, each=shape.group)], 1)
        assert gap.difference == pytest.approx((other - first).mean())
        assert gap.ci_low is not None
        assert gap.ci_high is not None
        inside += gap.ci_low < 0.5 < gap.ci_high
    assert 0.90 <= inside / 200 <= 0.99  # draws as well as runs: twice 5 % would be missed


def test_an_unseen_gain_and_loss_move_a_pair_of_draws_by_a_run() -> None:
    same = np.ones((20, 2))
    ((one,),) = differences([pairs_of(same, extreme=1.0, each=16)], 1)
    ((all_,),) = differences([pairs_of(same, extreme=1.0)], 1)
    assert one.difference == 0.0
    assert one.ci_low is not None
    assert all_.ci_low is not None
    assert 0.0 < -one.ci_low < -all_.ci_low / 10


def test_a_plan_under_two_names_is_the_same_under_all_rules(compared: Comparison) -> None:
    for one in compared.outcomes.values():
        rules = one.rules["again"]
        if rules is None:
            continue
        assert (rules.low, rules.high) == (0.0, 0.0)
        assert rules.p_better in (0.5, None)
        assert one.plans["again"].p_better in (0.5, None)
        assert one.plans["again"].difference == 0.0


def test_it_is_the_difference_of_the_runs(compared: Comparison) -> None:
    both = [sim.run(PLANS[name], 300, 2, posterior=small()) for name in ("one", "two")]
    at = both[0].names.index("adoption")
    gap = both[1].outcomes[:, 0, at].mean() - both[0].outcomes[:, 0, at].mean()
    entry, rules = (
        part["two"]
        for part in (compared.outcomes["adoption"].plans, compared.outcomes["adoption"].rules)
    )
    assert entry.difference == pytest.approx(gap)
    assert entry.n == compared.replicates == len(both[0].outcomes)
    assert rules is not None
    assert entry.ci_low is not None
    assert rules.low - ROUNDING <= gap <= rules.high + ROUNDING
    chance = compared.target.plans["two"]
    assert chance.chance == pytest.approx((both[1].outcomes[:, 0, at] >= 0.5).mean())


def test_it_is_told_in_words_and_numbers(compared: Comparison) -> None:
    said = compared.sentences()
    draws = compared.posterior["draws"] if compared.posterior else 0
    assert f"two: under 95 % of {draws} draws of the rules the expected difference" in said[1]
    found = json.loads(json.dumps(compared.as_json()))
    assert found["posterior"]["id"] == small().id
    entry = found["outcomes"]["adoption"]["plans"]["two"]
    assert entry["rules_low"] <= entry["rules_high"]
    assert 0.0 <= entry["p_better_rules"] <= 1.0
    frame = compared.frame().set_index(["outcome", "plan"])
    assert frame.loc[("adoption", "two"), "rules_low"] == entry["rules_low"]
    plain = sim.compare({"one": BASE, "two": PLANS["two"]}, 10)
    assert "posterior" not in plain.as_json()
    assert "rules_low" not in plain.frame().columns


def test_a_posterior_of_one_draw_gives_no_band() -> None:
    rules = {"start_rate": 0.006, "stop_rate": 0.004}
    found = sim.compare({"one": BASE, "two": PLANS["two"]}, 64, posterior=one_draw(**rules))
    one = found.outcomes["adoption"]
    assert one.rules["two"] is not None
    assert one.rules["two"].low == one.rules["two"].high
    assert one.rules["two"].low == pytest.approx(one.plans["two"].difference)


def test_a_kept_comparison_goes_on_and_is_no_other(tmp_path: Path, compared: Comparison) -> None:
    for _ in range(2):
        kept = sim.compare(PLANS, 300, seed=2, posterior=small(), out=tmp_path / "c")
        assert kept.as_json() == compared.as_json()
    stored = sim.open(tmp_path / "c" / "stage-01" / "1-two")
    assert stored.sealed
    assert stored.plan.study["posterior"]["id"] == small().id
    with pytest.raises(DriftError, match="posterior"):
        sim.compare(PLANS, 300, seed=2, posterior=small(30), out=tmp_path / "c")
    with pytest.raises(DriftError, match="posterior"):
        sim.compare(PLANS, 300, seed=2, out=tmp_path / "c")


def test_what_cannot_be_is_refused() -> None:
    faster = {"one": BASE, "quick": BASE.with_values({"start_rate": 0.01})}
    with pytest.raises(InputError, match=r"start_rate: set by the plan .quick."):
        sim.compare(faster, 100, posterior=small())
    with pytest.raises(InputError, match="precision: not together with a posterior"):
        sim.compare(PLANS, 100, posterior=small(), precision=0.1)
    with pytest.raises(InputError, match="too few for a posterior"):
        sim.compare(PLANS, 10, posterior=small())


def test_without_a_posterior_nothing_changed() -> None:
    found = sim.compare({"one": BASE, "two": PLANS["two"]}, 20)
    values = [run(PLANS[name], 20, 1).outcomes[:, 0, 0].mean() for name in ("one", "two")]
    name = run(BASE, 1, 1).names[0]
    assert found.outcomes[name].plans["two"].difference == pytest.approx(values[1] - values[0])
    assert found.outcomes[name].rules == {}
