"""Comparing plans: what is estimated from runs, when it stops growing, and what is said of it."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from sim import simulate
from sim.errors import InputError
from sim.experiment.compare.comparing import Rows, Runs, compare, in_memory
from sim.experiment.compare.comparison import Comparison
from sim.experiment.compare.question import HEADLINE
from sim.experiment.compare.sentences import gap_in_words, target_in_words
from sim.experiment.compare.target import Target, target_of
from sim.experiment.numbers import gap_digits
from sim.experiment.words import words_of
from sim.scenario import Scenario, load, loads

SMALL = loads('title = "small"\nclinicians = 10\ncaseload = 3\nweeks = 90\n', "small")
TWO = SMALL.replace(leads=2, name="two")
BUSY = SMALL.replace(workload=1.3, name="busy")
MANY = SMALL.replace(organisations=3, name="many")
KNOWN = ("adoption", "go_live_week", "cost", "patients_reached", "cost_per_patient_reached")


def made(*plans: Sequence[Sequence[float]], organisations: int = 1) -> Rows:
    """Return rows of plans whose adoption and go-live week in each run are given."""

    def rows(first_replicate: int, count: int) -> list[Runs]:
        found = []
        for plan in plans:
            part = np.array(plan[first_replicate : first_replicate + count], float)
            shape = (len(part), organisations, 2)
            outcomes = np.ones((len(part), organisations, len(KNOWN)))
            outcomes[:, :, :2] = part.reshape(shape)
            weekly = {name: np.zeros((len(part), 90)) for name in ("adoption", "reach")}
            found.append(Runs(first_replicate, 90, KNOWN, outcomes, weekly))
        return found

    return rows


def of(rows: Rows, replicates: int, plans: int = 2, **options: object) -> Comparison:
    """Return a comparison of made runs."""
    names = ("first", "second", "third")[:plans]
    scenarios = {
        name: SMALL.replace(leads=1 + k) for k, name in enumerate(names)
    }  # the scenarios only name the plans
    return compare(
        scenarios,
        replicates,
        outcomes=["adoption", "go_live_week"],
        rows=rows,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare({"small": SMALL, "two": TWO, "busy": BUSY}, 30)


def test_means_are_those_of_a_run_and_differences_their_distance(found: Comparison) -> None:
    for plan, scenario in (("small", SMALL), ("two", TWO), ("busy", BUSY)):
        summary = simulate.run(scenario, 30).summary()
        assert set(found.outcomes) == set(summary)
        for name, one in found.outcomes.items():
            entry = one.plans[plan]
            assert entry.mean == pytest.approx(summary[name].mean), name
            first = one.plans["small"]
            if entry.difference is not None and entry.n == first.n == 30:
                assert entry.difference == pytest.approx(entry.mean - first.mean, abs=1e-9)  # type: ignore[operator]


def test_a_comparison_is_a_function_of_its_question(found: Comparison) -> None:
    again = compare({"small": SMALL, "two": TWO, "busy": BUSY}, 30)
    assert again.as_json() == found.as_json()
    other = compare({"small": SMALL, "two": TWO, "busy": BUSY}, 30, 2)
    assert other.as_json()["outcomes"] != found.as_json()["outcomes"]


def test_other_outcomes_change_nothing(found: Comparison) -> None:
    asked = ["reach", "cost"]
    alone = compare({"small": SMALL, "two": TWO, "busy": BUSY}, 30, outcomes=asked)
    assert list(alone.outcomes) == asked
    assert alone.shown == tuple(asked)
    assert alone.precision.outcome == "reach"
    for name in asked:
        assert alone.outcomes[name] == found.outcomes[name]
    assert alone.target == found.target


def test_shared_luck_makes_differences_surer(found: Comparison) -> None:
    for name in ("adoption", "reach", "cost", "strain.clinician"):
        factor = found.outcomes[name].plans["two"].variance_reduction
        assert factor is not None
        assert factor > 1.5, name


def test_a_plan_under_another_name_is_the_same_exactly() -> None:
    same = compare({"one": SMALL, "again": SMALL.replace(title="Other words"), "two": TWO}, 12)
    for one in same.outcomes.values():
        entry = one.plans["again"]
        if entry.n:
            assert (entry.difference, entry.ci_low, entry.ci_high) == (0.0, 0.0, 0.0), one.name
            assert entry.p_better in (None, 0.5)
    chance = 100 * (same.target.plans["one"].chance or 0.0)
    assert same.sentences()[0] == (
        "again: adoption is the same in all 12 runs; the chance of reaching adoption of at least "
        f"50 % is {chance:.0f} %, the same in all 12 runs."
    )


def test_over_several_organisations_a_run_is_their_mean() -> None:
    found = compare({"many": MANY, "two": MANY.replace(leads=2)}, 8)
    rows = [simulate.run(one, 8).outcomes for one in (MANY, MANY.replace(leads=2))]
    at = simulate.run(MANY, 1).names.index("go_live_week")
    week = [np.where(np.isnan(one[:, :, at]), 90.0, one[:, :, at]).mean(axis=1) for one in rows]
    entry = found.outcomes["go_live_week"].plans["two"]
    assert entry.difference == pytest.approx((week[1] - week[0]).mean())
    assert found.organisations == (3, 3)
    assert "the share of organisations that reach" in found.sentences()[0]


def test_plans_with_other_phases_are_compared_in_what_both_have() -> None:
    other = loads(
        'title = "other"\nclinicians = 10\ncaseload = 3\nweeks = 90\n'
        '[[phases]]\nname = "all-in-one"\nfeeds = "fit"\nteam_hours = 40.0\nmanager_hours = 10.0\n'
    )
    found = compare({"small": SMALL, "other": other}, 5)
    assert not [name for name in found.outcomes if name.startswith("phase_weeks")]
    with pytest.raises(InputError, match=r"no outcome is called \"phase_weeks\.build\""):
        compare({"small": SMALL, "other": other}, 5, outcomes=["phase_weeks.build"])
    same = compare({"other": other, "more": other.replace(leads=2)}, 5)
    assert same.outcomes["phase_weeks.all-in-one"].better == "lower"


# Never, undefined, targets: counted by hand.

NEVER = float("nan")
FIRST = [(0.2, NEVER), (0.6, 40.0), (0.5, 50.0), (0.4, 90.0)]
SECOND = [(0.6, 60.0), (0.7, 30.0), (0.5, NEVER), (0.3, 20.0)]


def test_the_target_is_a_hand_count() -> None:
    found = of(made(FIRST, SECOND), 4)
    first, second = found.target.plans.values()
    assert (first.chance, second.chance, second.change) == (0.5, 0.75, 0.25)
    late = of(made(FIRST, SECOND), 4, target="go_live_week<=45").target.plans
    assert [one.chance for one in late.values()] == [0.25, 0.5]
    later = of(made(FIRST, SECOND), 4, target="go_live_week>=45").target.plans
    assert [one.chance for one in later.values()] == [0.5, 0.25]  # never reaches nothing


def test_the_target_counts_organisations() -> None:
    one = [[(0.6, 1.0), (0.4, 1.0)], [(0.7, 1.0), (0.2, 1.0)], [(0.9, 1.0), (0.8, 1.0)]]
    two = [[(0.6, 1.0), (0.5, 1.0)], [(0.1, 1.0), (0.2, 1.0)], [(0.9, 1.0), (0.8, 1.0)]]
    found = of(made(one, two, organisations=2), 3).target.plans
    assert found["first"].chance == pytest.approx(4 / 6)
    assert found["second"].chance == pytest.approx(4 / 6)
    assert found["second"].change == pytest.approx(0.0)


def test_never_counts_as_the_horizon_in_means_and_as_later_than_all_in_ranks() -> None:
    found = of(made(FIRST, SECOND), 4).outcomes["go_live_week"].plans
    assert found["first"].mean == pytest.approx((90 + 40 + 50 + 90) / 4)
    assert found["second"].difference == pytest.approx((-30 - 10 + 40 - 70) / 4)
    first, second = [99, 40, 50, 90], [60, 30, 99, 20]  # 99: never, later than week 90
    pairs = [(b, a) for r, b in enumerate(second) for s, a in enumerate(first) if r != s]
    expected = sum(1.0 if b < a else 0.5 if b == a else 0.0 for b, a in pairs) / 12
    assert found["second"].p_better == pytest.approx(expected)


def test_any_outcome_and_any_target_can_be_said(found: Comparison) -> None:
    said = [
        gap_in_words(found, name, "two", words_of(lang), "the base case")
        for name in ("cost", "weeks_to_half_adoption")
        for lang in ("en", "nl")
    ]
    entry = found.outcomes["cost"].plans["two"]
    low, high = (f"{end:,.0f}" for end in (entry.ci_low or 0.0, entry.ci_high or 0.0))
    assert said[0] == f"cost is {entry.difference:,.0f} EUR higher ({low} to {high})"
    low, high = (words_of("nl").decimal(end) for end in (low, high))
    assert said[1].startswith("wat het kost is ")
    assert said[1].endswith(f" EUR hoger ({low} tot {high})")
    assert said[2].startswith("the week in which half of the clinicians use the platform ")
    assert said[3].startswith("de week waarin de helft van de behandelaren het platform gebruikt ")
    for text, words in (
        ("adoption>=0.5", "adoption of at least 50 %"),
        ("strain.clinician<=0.25", "strain of clinicians of at most 25 %"),
        ("go_live_week<=40", "week of go-live no later than 40"),
    ):
        goal = target_of(text, found.outcomes)
        assert target_in_words(SMALL, goal, words_of("en")) == words


def test_one_run_gives_differences_and_no_intervals() -> None:
    found = of(made(FIRST, SECOND), 1)
    entry = found.outcomes["adoption"].plans["second"]
    assert entry.difference == pytest.approx(0.4)
    assert (entry.ci_low, entry.se, entry.p_better, entry.variance_reduction) == (None,) * 4
    (said,) = found.sentences()
    assert "40.0 points higher (one run: another may say otherwise)" in said
    assert "goes from 0 % to 100 % in this one run" in said
    json.dumps(found.as_json(), allow_nan=False)


# What is said.


def steps(*differences: float) -> list[tuple[float, float]]:
    return [(0.4 + gap, 40.0 - 10 * gap) for gap in differences]


def test_sentences_say_what_the_intervals_say() -> None:
    zero = [0.0] * 40
    up, unsure = [0.15, 0.25] * 20, [0.05, -0.05] * 20
    found = of(made(steps(*zero), steps(*up), steps(*unsure)), 40, 3)
    better, alike = found.sentences()
    entry = found.outcomes["adoption"].plans["second"]
    low, high = (f"{(end or 0) * 100:.1f}" for end in (entry.ci_low, entry.ci_high))
    assert better.startswith(f"second: adoption is 20.0 points higher ({low} to {high}); ")
    assert "reaching adoption of at least 50 % rises from 0 % to 100 % (+100 points" in better
    assert alike.startswith("third: adoption cannot be told apart from first with these runs (-")
    assert "to +" in alike
    down = of(made(steps(*up), steps(*zero)), 40)
    assert f"adoption is 20.0 points lower ({low} to {high})" in down.sentences()[0]
    assert "falls from 100 % to 0 % (-100 points, -100 to " in down.sentences()[0]


def test_times_are_earlier_or_later() -> None:
    weeks = [(0.5, 40.0 + k % 3) for k in range(400)]
    sooner = [(0.5, 20.0 + k % 5) for k in range(400)]
    scenarios = {"slow": SMALL, "fast": TWO}
    for first, second, word in ((weeks, sooner, "earlier"), (sooner, weeks, "later")):
        found = compare(scenarios, 400, outcomes=["go_live_week"], rows=made(first, second))
        assert f"week of go-live is 19.0 weeks {word} (" in found.sentences()[0]


def test_an_end_near_nought_is_shown_on_its_side_of_it() -> None:
    assert gap_digits(5.0, -0.4, 10.4) == 1
    assert gap_digits(5.0, 0.0, 10.0) == 0
    assert gap_digits(5.0, 0.001, 10.0) == 2
    assert gap_digits(0.05, -0.004, 0.104, 100.0) == 1


# Growing until it is precise.


def noisy(n: int) -> Rows:
    """Return rows whose differences in adoption alternate between .1 and .3: sd .1."""
    return made([(0.4, 1.0)] * n, [(0.5 + 0.2 * (k % 2), 1.0) for k in range(n)])


def test_runs_are_added_until_the_half_width_is_reached() -> None:
    # t * .1 / sqrt(n) <= .02 from about n = 100 on
    found = of(noisy(5000), 20, precision=0.02)
    told = found.precision
    assert told.reached
    assert told.half_width is not None
    assert told.half_width <= 0.02
    assert told.stages[0] == 20
    assert all(b <= sum(told.stages[: k + 1]) for k, b in enumerate(told.stages[1:]))
    assert 95 <= found.replicates == sum(told.stages) <= 140
    assert told.runs == 2 * found.replicates
    assert found.sentences()[-1].startswith("Precision of 2 points reached: half-width ")
    whole = of(noisy(5000), found.replicates)
    assert whole.outcomes == found.outcomes
    assert whole.precision.reached is None


def test_a_budget_that_is_too_small_is_said() -> None:
    found = of(noisy(5000), 20, precision=0.01, budget=301)
    told = found.precision
    assert told.reached is False
    assert found.replicates == 150
    assert told.runs == 300
    assert told.more_runs is not None
    # about (1.96 * .1 / .01)^2 = 384 replicates of two plans are needed
    assert 2 * (384 - 150) < told.more_runs < 2 * (430 - 150)
    said = found.sentences()[-1]
    assert said.startswith("Precision of 1 point not reached: half-width 1.6 points in adoption")
    assert "after 300 runs in 4 stages" in said
    assert said.endswith(" more would be needed.")


def test_stages_are_simulated_as_one_run_would_be() -> None:
    plans = {"small": SMALL, "two": TWO}
    calls: list[tuple[int, int]] = []
    inner = in_memory(plans, 1)

    def rows(first_replicate: int, count: int) -> Sequence[Runs]:
        calls.append((first_replicate, count))
        return inner(first_replicate, count)

    grown = compare(plans, 10, precision=0.2, budget=100, rows=rows)
    assert len(calls) > 1
    assert [first for first, _ in calls] == [
        sum(n for _, n in calls[:k]) for k in range(len(calls))
    ]
    assert compare(plans, grown.replicates).outcomes == grown.outcomes


def test_progress_counts_the_runs_of_all_plans() -> None:
    seen: list[int] = []
    rows = in_memory({"small": SMALL, "two": TWO}, 1, progress=seen.append)
    rows(0, 3)
    rows(3, 2)
    assert seen == sorted(seen)
    assert seen[-1] == 10


def test_a_stage_that_does_not_follow_is_refused() -> None:
    one, _ = made(FIRST, SECOND)(0, 2)
    later, _ = made(FIRST, SECOND)(3, 1)
    with pytest.raises(ValueError, match="begins at replicate 3"):
        one.followed_by(later)


# Frames, JSON, mistakes.


def test_frame_and_json_hold_the_same_and_no_nan(found: Comparison) -> None:
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    frame = found.frame()
    assert len(frame) == 3 * len(found.outcomes)
    assert list(frame["plan"].unique()) == told["plans"] == ["small", "two", "busy"]
    for row in frame.to_dict("records"):
        entry = told["outcomes"][row["outcome"]]["plans"][row["plan"]]
        for key, value in entry.items():
            assert (pd.isna(row[key]) and value is None) or row[key] == value
    assert set(told) == {
        *("scenarios", "seed", "replicates", "weeks", "label", "reference", "plans"),
        *("outcomes", "target", "precision", "sentences"),
    }
    assert told["scenarios"] == {"small": "small", "two": "two", "busy": "busy"}
    assert set(HEADLINE) <= set(told["outcomes"])
    assert list(found.target_frame()["plan"]) == told["plans"]


def problems(plans: dict[str, Scenario | str], *names: object, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        compare(plans, *names, **options)  # type: ignore[arg-type]
    return list(caught.value.messages)


def test_all_mistakes_are_named_at_once() -> None:
    said = problems(
        {"small": SMALL, "long": SMALL.replace(weeks=100, currency="CHF")},
        0,
        -1,
        precision=0.0,
        target="adopton>=0.5",
        outcomes=["raech"],
    )
    starts = ["seed", "replicates", "precision", "weeks", "currency", "outcome", "target"]
    assert [message.split(":")[0] for message in said] == starts
    assert "--weeks 90" in said[3]
    assert "did you mean reach?" in said[5]
    assert "did you mean adoption?" in said[6]


def test_files_are_loaded_and_a_plan_alone_is_no_comparison() -> None:
    assert compare({"a": "baseline", "b": "more-leads"}, 2, weeks=20).weeks == 20
    said = problems({"a": "nothing-like-it"})
    assert any("nothing-like-it" in message for message in said)
    assert any("at least two" in message for message in said)
    assert "too small" in problems({"a": SMALL, "b": TWO}, 50, precision=0.1, budget=99)[0]
    assert "weeks" in problems({"a": SMALL, "b": TWO}, weeks=5000)[0]
    assert load("baseline") != load("more-leads")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("adoption>=0.5", Target("adoption", ">=", 0.5)),
        (" adoption >= 50 % ", Target("adoption", ">=", 0.5)),
        ("go_live_week<=4e1", Target("go_live_week", "<=", 40.0)),
        ("cost <= 100000", Target("cost", "<=", 100_000.0)),
        ("load.lead<=1.5", Target("load.lead", "<=", 1.5)),
    ],
)
def test_targets_are_read(text: str, target: Target) -> None:
    known = ("adoption", "go_live_week", "cost", "load.lead")
    assert target_of(text, known) == target
    assert target_of(str(target), known) == target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adoption", "must be an outcome, >= or <="),
        ("adoption>0.5", "must be an outcome, >= or <="),
        ("adoption>=half", "must be an outcome"),
        ("adoption>=50", "did you mean 0.5?"),
        ("adoption>=-1", "allowed 0 to 1"),
        ("adoption>=1.2.3", "finite number"),
        ("cost>=50%", "is no share"),
        ("costs<=5", "did you mean cost?"),
        ("adoption>=1e999", "finite number"),
        (">=1", "must be an outcome"),
    ],
)
def test_bad_targets_are_refused(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        target_of(text, ("adoption", "cost"))
    assert said in str(caught.value)
