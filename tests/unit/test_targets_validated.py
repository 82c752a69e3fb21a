"""Validation and the look at the prior: pure functions of seeds, with verdicts that can fail."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.calibrate import validate as module
from sim.experiment.calibrate.organisations import joined
from sim.experiment.calibrate.populations import population
from sim.experiment.calibrate.prior import OverPrior, predict, prior_draws, rule_parameters
from sim.experiment.calibrate.summaries import SUMMARIES, summaries
from sim.experiment.calibrate.targets import FIT, HELD_OUT, Target, targets
from sim.experiment.calibrate.validate import (
    Check,
    NotReproducedError,
    Validation,
    validate,
)
from sim.experiment.calibrate.wording import allowed, published, rows, verdict
from sim.parameters import parameters
from tests.texts import LABEL

ARMS = ("field", "well-supported", "coached", "unguided", "training-only")


@pytest.fixture(scope="module")
def small() -> Validation:
    return validate(3, 5, size=6, workers=1)


def one(name: str) -> Target:
    return next(target for target in targets() if target.name == name)


def made(*checks: Check) -> Validation:
    return Validation(checks, {"not stopped": 1.0}, 2, 50, 1)


# What is simulated.


def test_the_answer_is_that_of_all_organisations_of_each_arm(small: Validation) -> None:
    whole = {arm: joined([population(arm, {}, k, 5, size=6) for k in range(3)]) for arm in ARMS}
    expected = summaries(whole)
    for check in small.checks:
        if check.value is None:
            assert math.isnan(expected[check.target.name])
        else:
            assert check.value == pytest.approx(expected[check.target.name], rel=1e-12)


def test_neither_workers_nor_a_second_time_change_anything(small: Validation) -> None:
    again = validate(3, 5, size=6, workers=2)
    assert json.dumps(again.as_json()) == json.dumps(small.as_json())
    other = validate(3, 6, size=6)
    assert other.checks != small.checks


def test_every_run_is_told_of_and_every_target_answered(small: Validation) -> None:
    told: list[int] = []
    validate(2, 5, size=2, progress=told.append)
    assert told == list(range(2, 21, 2))
    assert [check.target for check in small.checks] == list(targets())
    assert sum(small.stopped.values()) == pytest.approx(1.0)


def test_a_draw_of_the_rules_moves_the_summaries() -> None:
    never = validate(2, 5, size=4, draws=[{"start_rate": 0.0}])
    found = {check.target.name: check for check in never.checks}
    assert found["month_12"].value == 0.0
    assert found["competent_of_started"].value is None  # nobody started
    assert not found["competent_of_started"].reproduced
    assert not never.passed


@pytest.mark.parametrize("populations", [-1, 0, 1, 1001])
def test_too_few_or_too_many_populations_are_refused(populations: int) -> None:
    with pytest.raises(InputError, match=r"populations: .*allowed 2 to 1,000"):
        validate(populations)


def test_a_seed_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="seed"):
        validate(2, -1, size=1)


# Verdicts.


def test_a_value_at_a_bound_is_reproduced_and_one_beyond_is_not() -> None:
    target = one("competent_of_started")
    assert Check(target, target.low, 0.4, 0.6).reproduced
    assert not Check(target, target.low - 1e-9, 0.4, 0.6).reproduced
    assert not Check(target, None, None, None).reproduced


def test_borderline_is_an_interval_that_crosses_a_bound() -> None:
    target = one("competent_of_started")
    assert Check(target, 0.6, 0.55, 0.7).borderline
    assert Check(target, 0.45, 0.4, 0.55).borderline
    assert not Check(target, 0.6, 0.55, 0.65).borderline
    assert not Check(target, 0.8, 0.7, 0.9).borderline
    assert not Check(one("preparation_skew"), 2.0, 1.5, 2.5).borderline


def test_the_interval_of_a_share_stays_a_share(small: Validation) -> None:
    shares = [check for check in small.checks if check.target.unit == "share"]
    assert all(0.0 <= check.low <= check.high <= 1.0 for check in shares if check.low is not None)  # type: ignore[operator]


def test_held_out_patterns_alone_decide() -> None:
    held_out = next(target for target in targets() if target.use == HELD_OUT)
    fitted = next(target for target in targets() if target.use == FIT)
    good = Check(held_out, held_out.low, None, None)
    bad = Check(held_out, held_out.high + 1.0, None, None)
    missed = Check(fitted, None, None, None)
    assert made(good, missed).passed
    made(good, missed).require()
    assert not made(good, bad).passed
    with pytest.raises(NotReproducedError, match=held_out.label):
        made(good, bad).require()
    with pytest.raises(NotReproducedError, match="nothing is validated"):
        made(missed).require()
    assert NotReproducedError.exit_code == 1


def test_json_holds_the_target_and_no_number_json_cannot_hold(small: Validation) -> None:
    found = json.loads(json.dumps(small.as_json(), allow_nan=False))
    entry = found["targets"]["preparation_skew"]
    assert (entry["low"], entry["high"]) == (1.0, None)
    assert set(entry["simulated"]) == {"value", "ci_low", "ci_high"}
    assert entry["source"] == one("preparation_skew").source
    assert found["label"] == LABEL
    assert found["organisations"] == 18
    counted = sum(of for _, of in found["reproduced"].values())
    assert counted == len(targets())


def test_words_give_the_number_with_its_basis_and_the_bounds() -> None:
    assert published(one("competent_of_started")) == "58.5 % (n = 208)"
    assert published(one("share_live")) == "-"
    assert published(one("guidance_log_odds")) == "0.50"
    assert allowed(one("competent_of_started")) == "50.5 to 66.5 %"
    assert allowed(one("preparation_skew")) == "1 or more"
    assert allowed(one("slow_and_start")) == "0 or less"
    assert allowed(one("preparation_months")) == "4 to 18 months"


def test_the_table_says_no_where_it_must() -> None:
    target = one("trained_left")
    table = rows(made(Check(target, 0.9, 0.85, 0.95), Check(target, None, None, None)))
    assert table[1][0].startswith("HELD OUT")
    assert table[2][-1] == "NO"
    assert table[3][3:] == ("nobody to ask", "", "NO")
    assert "0 of 2 held-out patterns" in verdict(made(*[Check(target, 0.9, 0.8, 1.0)] * 2))[0]


# Before anything is fitted.


def test_what_may_be_fitted_are_rules_and_no_site_inputs() -> None:
    names = rule_parameters()
    assert {"start_rate", "stop_rate", "lapse_rate", "turnover"} <= set(names)
    assert not {"clinicians", "lead_hours", "workload", "organisation_sd", "load_effect"} & set(
        names
    )


def test_draws_fill_the_priors_evenly_and_counts_are_whole() -> None:
    names = ("start_rate", "vacancy_weeks")
    draws = prior_draws(names, 64, 1)
    assert draws == prior_draws(names, 64, 1)
    assert draws != prior_draws(names, 64, 2)
    rates = np.log([draw["start_rate"] for draw in draws])
    prior = parameters()["start_rate"].prior
    assert prior is not None
    share = np.sort((rates - math.log(prior.a)) / (math.log(prior.b) - math.log(prior.a)))
    assert np.abs(share - (np.arange(64) + 0.5) / 64).max() < 1 / 64
    assert all(isinstance(draw["vacancy_weeks"], int) for draw in draws)


def test_a_prediction_runs_every_draw_on_replicates_of_its_own() -> None:
    draws = [{"start_rate": 0.006}, {"start_rate": 0.006}, {"start_rate": 0.0}]
    found = predict(draws, 5, size=3)
    assert found.values.shape == (3, len(SUMMARIES))
    own = {arm: population(arm, draws[1], 1, 5, size=3) for arm in ARMS}
    assert np.array_equal(found.values[1], list(summaries(own).values()), equal_nan=True)
    assert not np.array_equal(found.values[0], found.values[1], equal_nan=True)
    assert found.column("month_12")[2] == 0.0
    assert found.draws[:, 0].tolist() == [0.006, 0.006, 0.0]


def test_what_moves_a_summary_comes_first() -> None:
    draws = np.array([[1.0, 5.0], [2.0, 1.0], [3.0, 4.0], [4.0, 2.0]])
    values = np.array([[-1.0, np.nan], [-2.0, np.nan], [-3.0, 1.0], [-4.0, np.nan]])
    found = OverPrior(("a", "b"), ("x", "y"), draws, values)
    assert list(found.correlations("x")) == ["a", "b"]
    assert found.correlations("x")["a"] == pytest.approx(-1.0)
    assert all(math.isnan(one) for one in found.correlations("y").values())


def test_the_interval_narrows_as_the_spread_of_populations_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one number a population the jackknife is the t interval of the mean."""
    numbers = [0.1, 0.4, 0.3, 0.6]
    real = module.population

    def instead(arm: str, draw: dict, number: int, seed: int, **options: int) -> object:
        kept = real(arm, draw, number, seed, size=1)
        outcomes = {**kept.outcomes, "adoption": np.array([numbers[number]])}
        return replace(kept, outcomes=outcomes)

    monkeypatch.setattr(module, "population", instead)
    found = {check.target.name: check for check in validate(4, 1, size=1).checks}
    check = found["users_at_end"]
    half = 3.182446 * np.std(numbers, ddof=1) / 2.0
    assert check.value == pytest.approx(0.35)
    assert check.high == pytest.approx(0.35 + half, abs=1e-6)
