"""Summaries: each on hand-made organisations with a known answer, denominators and all."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim import layout
from sim.experiment.calibrate import summaries as s
from sim.experiment.calibrate.arms import arms, sites, varies, with_rules
from sim.experiment.calibrate.fates import fates_of
from sim.experiment.calibrate.organisations import (
    OUTCOMES,
    PHASES,
    RUNNING,
    SERIES,
    TOOK,
    Organisations,
    joined,
    organisations_of,
)
from sim.experiment.calibrate.populations import plan_of, population
from sim.experiment.design.marginals import quantile_of
from sim.parameters import parameters
from sim.simulate import EVENT_ROW, run

NAN = math.nan
WEEKS = 300


def made(count: int = 0, **given: Any) -> Organisations:
    """Return organisations: outcomes by name, weekly series as w_NAME, spans, fates."""
    outcomes = {name: np.full(count, NAN) for name in OUTCOMES}
    weekly = {name: np.zeros((count, WEEKS)) for name in SERIES}
    for name, values in given.items():
        if name.startswith("w_"):
            weekly[name[2:]] = np.asarray(values, float)
        elif name in OUTCOMES:
            outcomes[name] = np.asarray(values, float)
    spans = np.full((count, len(PHASES), 2), NAN)
    if "done" in given:  # weeks in which the phases ended
        spans[:, :, 1] = given["done"]
        outcomes |= {name: spans[:, k, 1] for k, name in enumerate(TOOK)}
    return Organisations(outcomes, weekly, spans, given.get("fates"))


def weeks_with(count: int, *happened: tuple[int, int]) -> np.ndarray:
    """Return a weekly series of 0 with 1 in the given (organisation, week counted from 1)."""
    series = np.zeros((count, WEEKS))
    for organisation, week in happened:
        series[organisation, week - 1] = 1.0
    return series


# Nobody in the denominator.


@pytest.mark.parametrize("name", s.SUMMARIES)
def test_over_nobody_a_summary_is_undefined(name: str) -> None:
    one = s.SUMMARIES[name]
    nobody = made(0, fates=np.zeros((0, 3), np.int64))
    assert math.isnan(one.compute(*(nobody for _ in one.arms)))


@pytest.mark.parametrize("name", s.SUMMARIES)
def test_where_nothing_ever_happens_a_summary_is_undefined_or_none(name: str) -> None:
    one = s.SUMMARIES[name]
    idle = made(5, fates=np.zeros((5, 3), np.int64))
    value = one.compute(*(idle for _ in one.arms))
    expected = {"share_live": 0.0, "lost_early": 1.0}.get(name)
    assert math.isnan(value) if expected is None else value == expected


def test_only_summaries_of_arms_that_were_run_are_given() -> None:
    assert set(s.summaries({"training-only": made(1)})) == {"ever_used_of_trained"}
    assert "guidance_log_odds" not in s.summaries({"well-supported": made(1)})
    assert set(s.summaries({arm: made(1) for arm in arms()})) == set(s.SUMMARIES)


# Going live, starting, competence.


def test_shares_of_live_prepared_and_competent_have_their_own_denominators() -> None:
    full, half = [5, 10, 20, 25], [5, 10, 20, NAN]
    o = made(
        5,
        go_live_week=[30, 30, 30, 30, NAN],
        start_week=[40, 40, NAN, 40, NAN],
        competence_week=[60, NAN, NAN, 70, NAN],
        done=[full, full, full, half, half],
    )
    assert s.share_live(o) == pytest.approx(4 / 5)
    assert s.launched_of_prepared(o) == pytest.approx(2 / 3)
    assert s.competent_of_prepared(o) == pytest.approx(1 / 2)
    assert s.competent_of_started(o) == pytest.approx(2 / 3)


def test_running_needs_a_patient_in_the_quarter_that_ends_two_years_after_the_start() -> None:
    start = 50
    end = start + 104
    o = made(
        5,
        start_week=[start] * 5,
        competence_week=[80, 80, 80, 80, NAN],
        w_started=weeks_with(5, (0, end), (1, end - 12), (2, end - 13), (3, end + 1), (4, end)),
    )
    running, followed = s.running_after(o, o.outcomes["start_week"])
    assert followed.all()
    assert running.tolist() == [True, True, False, False, True]
    o.outcomes[RUNNING][:] = running  # type: ignore[index]
    assert s.running_of_started(o) == pytest.approx(2 / 5)  # the fifth never became competent


def test_who_cannot_be_followed_for_two_years_is_left_out() -> None:
    last = WEEKS - 104
    o = made(
        3,
        start_week=[last, last + 1, NAN],
        competence_week=[last, last, NAN],
        w_started=weeks_with(3, (0, WEEKS), (1, WEEKS)),
    )
    assert s.running_after(o, o.outcomes["start_week"])[1].tolist() == [True, False, False]
    o.outcomes[RUNNING][0] = 1.0  # type: ignore[index]
    assert s.running_of_started(o) == 1.0


def test_two_years_after_competence_is_a_share_of_all_that_started() -> None:
    o = made(
        4,
        start_week=[20, 20, 20, 20],
        competence_week=[100, 100, NAN, 290],
        w_started=weeks_with(4, (0, 204)),
    )
    assert s.running_after_competence(o) == pytest.approx(1 / 3)  # the fourth came too late


# Times.


def test_a_quantile_of_weeks_lies_within_its_week() -> None:
    assert s.quantile(np.array([10.0]), 0.5) == 9.5
    assert s.quantile(np.array([10.0, 10.0, NAN]), 0.25) == 9.25
    assert s.quantile(np.array([1.0, 2.0, 3.0, 4.0]), 0.5) == 2.0
    assert s.quantile(np.array([5.0, 6.0, 6.0, 9.0]), 0.5) == 5.5
    assert math.isnan(s.quantile(np.array([NAN]), 0.5))


def test_times_to_go_live_leave_out_who_never_got_there() -> None:
    o = made(5, go_live_week=[20, 30, 40, 90, NAN])
    assert s.preparation_months(o) == pytest.approx(30 * 12 / 52)
    assert s.preparation_skew(o) == pytest.approx(44.5 / 30)
    assert s.preparation_quartiles(o) == pytest.approx(40 / 20)


def test_evenly_spread_times_have_no_skew() -> None:
    assert s.preparation_skew(made(3, go_live_week=[10, 20, 30])) == pytest.approx(1.0)


def test_times_to_the_first_patient_and_to_competence() -> None:
    o = made(
        3,
        go_live_week=[30, 40, 50],
        start_week=[34, 44, NAN],
        competence_week=[60, NAN, NAN],
    )
    assert s.months_to_first_patient(o) == pytest.approx(4 * 12 / 52)
    assert s.months_to_competence(o) == pytest.approx(59.5 * 12 / 52)


def test_slow_and_careless_starters_give_the_signs_the_field_has() -> None:
    done = [[2, 5, NAN, NAN], [2, 6, NAN, NAN], [2, 30, NAN, NAN], [2, NAN, NAN, NAN]]
    fit = np.zeros((4, WEEKS))
    fit[0, 4], fit[1, 5], fit[2, 29] = 0.9, 0.8, 0.1
    fit[2, 30:] = 1.0  # what is repaired later does not count
    o = made(4, start_week=[40, 50, NAN, 60], done=done, w_journey_fit=fit)
    assert s.slow_and_start(o) == pytest.approx(-math.sqrt(3) / 2)
    assert s.thorough_and_start(o) == pytest.approx(math.sqrt(3) / 2)


def test_a_correlation_without_variation_is_undefined() -> None:
    assert math.isnan(s.rank_correlation(np.arange(4.0), np.ones(4)))
    assert math.isnan(s.rank_correlation(np.array([1.0, NAN]), np.array([1.0, 2.0])))


# Where organisations stop.


def test_stops_are_told_by_the_first_phase_not_finished() -> None:
    done = [[NAN] * 4, [3, NAN, NAN, NAN], [3, 9, NAN, NAN], [3, 9, 20, 25], [3, 9, 20, 25]]
    stopped = [10, 20, 30, 40, NAN]
    o = made(5, go_live_week=[NAN, NAN, NAN, 30, 30], done=done, stop_week=stopped)
    assert s.lost_early(o) == pytest.approx(2 / 3)
    found = s.where_stopped(o)
    assert sum(found.values()) == pytest.approx(1.0)
    assert {place: share for place, share in found.items() if share} == pytest.approx(
        {
            "in onboarding": 0.2,
            "in journeys": 0.2,
            "in build": 0.2,
            "after go-live": 0.2,
            "not stopped": 0.2,
        }
    )


# After go-live.


def logistic(months: np.ndarray, middle: float) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-0.29 * (months - middle)))


def adopting(*curves: tuple[int, np.ndarray]) -> Organisations:
    """Return organisations whose adoption follows a curve from the week of go-live on."""
    later = {name: [curve[int(name.rpartition("_")[2])] for _, curve in curves] for name in s.CURVE}
    return made(len(curves), go_live_week=[week for week, _ in curves], **later)


def test_the_published_curve_gives_the_published_numbers() -> None:
    months = np.arange(60) * 12 / 52
    risen = logistic(months, 6.0) - logistic(np.zeros(1), 6.0)  # nobody uses what is not there
    o = adopting((30, risen), (44, risen))
    assert s.curve(o)[0] == 0.0
    assert s.month_12(o) == pytest.approx(0.851 - 0.149, abs=0.001)
    assert s.steepest_month(o) == pytest.approx(6.0, abs=0.01)


def test_growth_that_only_slows_down_is_steepest_at_the_start() -> None:
    months = np.arange(60) * 12 / 52
    assert s.steepest_month(adopting((30, 1 - np.exp(-months / 4)))) == 0.0
    assert s.steepest_month(adopting((30, np.expm1(months / 20)))) == 12.0


def test_the_curve_leaves_out_who_stopped_within_the_year_or_cannot_be_followed() -> None:
    flat = np.full(53, 0.4)
    beyond = np.where(np.arange(53) < 52, flat, NAN)
    o = adopting((30, flat), (30, 2 * flat), (WEEKS - 51, beyond))
    o.outcomes["stop_week"][1] = 30 + 52  # type: ignore[index]
    assert s.month_12(o) == pytest.approx(0.4)
    stopped_later = adopting((30, flat))
    stopped_later.outcomes["stop_week"][0] = 30 + 53  # type: ignore[index]
    assert s.month_12(stopped_later) == pytest.approx(0.4)


def test_use_after_training_is_pooled_over_trained_clinicians() -> None:
    used, trained = np.zeros((3, WEEKS)), np.zeros((3, WEEKS))
    used[0, 81], trained[0, 81] = 0.1, 0.8  # a year after week 30
    used[1, 91], trained[1, 91] = 0.2, 0.2
    used[2], trained[2] = 1.0, 1.0  # never live
    o = made(3, go_live_week=[30, 40, NAN], w_first_use=used, w_trained=trained)
    assert s.ever_used_of_trained(o) == pytest.approx(0.3)
    assert s.ever_used(o) == pytest.approx(0.15)


def test_shares_at_the_horizon_take_in_all_organisations() -> None:
    o = made(2, adoption=[0.0, 0.5], reach=[0.1, 0.3], completion=[0.6, NAN])
    assert s.users_at_end(o) == pytest.approx(0.25)
    assert s.reach_at_end(o) == pytest.approx(0.2)
    assert s.completion(o) == pytest.approx(0.6)


def test_guidance_is_a_log_odds_ratio() -> None:
    guided, unguided = made(1, completion=[0.75]), made(1, completion=[0.5])
    assert s.guidance_log_odds(guided, unguided) == pytest.approx(math.log(3.0))
    assert math.isnan(s.guidance_log_odds(made(1, completion=[1.0]), unguided))


# Trained staff, a year later.

LIVE = (10, 0, layout.ROLE_ORGANISATION, 0, 0, layout.WENT_LIVE)


def followed(*events: tuple[int, int, int, int, int, int], weeks: int = 100) -> list[list[int]]:
    """Return the fates of hand-made events: week, replicate, role, post, occupant, event."""
    table = np.zeros(len(events), EVENT_ROW)
    for k, (week, replicate, role, post, occupant, event) in enumerate(events):
        table[k] = (7 + replicate, week, 0, role, post, -1, occupant, event, -1)
    result = SimpleNamespace(events=table, first_replicate=7, replicates=2, weeks=weeks)
    return fates_of(result).tolist()  # type: ignore[arg-type]


def clinician(week: int, post: int, event: int, occupant: int = 0, replicate: int = 0) -> tuple:
    return (week, replicate, layout.ROLE_CLINICIAN, post, occupant, event)


def test_the_three_fates() -> None:
    found = followed(
        LIVE,
        *(clinician(5, post, layout.TRAINED) for post in range(4)),
        clinician(20, 0, layout.STARTED),
        clinician(20, 1, layout.STARTED),
        clinician(40, 1, layout.LAPSED_USE),
        clinician(20, 3, layout.STARTED),
        clinician(62, 3, layout.LEFT_POST),
    )
    assert found == [[1, 2, 1], [0, 0, 0]]


def test_the_year_begins_when_both_trained_and_live() -> None:
    late = [LIVE, clinician(30, 0, layout.TRAINED), clinician(31, 0, layout.STARTED)]
    assert followed(*late, clinician(82, 0, layout.LAPSED_USE))[0] == [0, 1, 0]
    assert followed(*late, clinician(83, 0, layout.LAPSED_USE))[0] == [1, 0, 0]
    assert followed(*late, clinician(83, 0, layout.LEFT_POST))[0] == [1, 0, 0]


def test_who_left_before_the_year_began_or_cannot_be_followed_does_not_count() -> None:
    gone = clinician(10, 0, layout.LEFT_POST)
    assert followed(LIVE, clinician(5, 0, layout.TRAINED), gone)[0] == [0, 0, 0]
    assert followed(LIVE, clinician(48, 0, layout.TRAINED))[0] == [0, 0, 0]
    assert followed(LIVE, clinician(47, 0, layout.TRAINED))[0] == [0, 1, 0]
    assert followed(clinician(5, 0, layout.TRAINED))[0] == [0, 0, 0]  # never live


def test_people_are_told_apart_by_organisation_post_and_occupant() -> None:
    found = followed(
        LIVE,
        (12, 1, *LIVE[2:]),
        clinician(5, 0, layout.TRAINED),
        clinician(5, 0, layout.TRAINED, replicate=1),
        clinician(20, 0, layout.STARTED, replicate=1),
        clinician(30, 0, layout.LEFT_POST),
        clinician(40, 0, layout.TRAINED, occupant=1),
        clinician(41, 0, layout.RESUMED, occupant=1),
    )
    assert found == [[1, 0, 1], [1, 0, 0]]


def test_fates_are_shares_of_all_that_were_followed() -> None:
    o = made(2, fates=np.array([[3, 1, 0], [0, 0, 4]]))
    shares = [s.SUMMARIES[f"trained_{what}"].compute(o) for what in ("competent", "left")]
    assert shares == pytest.approx([3 / 8, 4 / 8])


def test_fates_of_a_run_are_those_found_person_by_person() -> None:
    result = run(with_rules("coached", {}), 3, 5, events=True, weeks=130)
    assert result.events is not None
    expected = np.zeros((3, 3), int)
    for replicate in range(3):
        rows = [row for row in result.events if row["replicate"] == replicate]
        live = [row["week"] for row in rows if row["event"] == layout.WENT_LIVE]
        staff = [row for row in rows if row["role"] == layout.ROLE_CLINICIAN]
        for person in {(row["post"], row["occupant"]) for row in staff}:
            own = [row for row in staff if (row["post"], row["occupant"]) == person]
            trained = [row["week"] for row in own if row["event"] == layout.TRAINED]
            left = [row["week"] for row in own if row["event"] == layout.LEFT_POST]
            if not trained or not live or (left and left[0] <= max(trained[0], live[0])):
                continue
            end = max(trained[0], live[0]) + 52
            if end >= 130:
                continue
            use = [
                row["event"] != layout.LAPSED_USE
                for row in own
                if row["week"] <= end
                and row["event"] in (layout.STARTED, layout.RESUMED, layout.LAPSED_USE)
            ]
            gone = bool(left) and left[0] <= end
            expected[replicate, 2 if gone else 0 if use and use[-1] else 1] += 1
    assert expected.sum() > 20
    assert np.array_equal(fates_of(result), expected)


# From runs to organisations.


def test_organisations_are_the_runs_and_taking_some_is_running_those() -> None:
    scenario = with_rules("well-supported", {})
    result = run(scenario, 4, 3, weeks=60)
    o = organisations_of(result)
    assert o.count == 4
    assert o.weekly is not None
    assert o.spans is not None
    assert np.array_equal(o.weekly["trained"], result.weekly["trained"])
    column = result.names.index("go_live_week")
    assert np.array_equal(o.outcomes["go_live_week"], result.outcomes[:, 0, column], equal_nan=True)
    halves = [organisations_of(run(scenario, 2, 3, weeks=60, first_replicate=k)) for k in (0, 2)]
    again = joined(halves)
    assert again.weekly is not None
    assert np.array_equal(again.spans, o.spans, equal_nan=True)  # type: ignore[arg-type]
    assert np.array_equal(again.weekly["started"], o.weekly["started"])
    some = o.take(np.array([False, False, True, True]))
    assert np.array_equal(some.spans, halves[1].spans, equal_nan=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("arm", ["field", "well-supported", "coached"])
def test_a_population_is_its_organisations_run_one_by_one(arm: str) -> None:
    draw = {"start_rate": 0.01, "turnover": 0.2}
    made = population(arm, draw, 2, 7, size=4)
    own = sites(arm, 4)
    parts = []
    for k in range(4):
        changes = {name: column[k].item() for name, column in own.items()}
        one = run(with_rules(arm, draw).at(changes), 1, 7, first_replicate=8 + k)
        parts.append(organisations_of(one))
    expected = joined(parts)
    for name in OUTCOMES:
        assert np.array_equal(made.outcomes[name], expected.outcomes[name], equal_nan=True), name
    assert made.weekly is not None
    assert expected.weekly is not None
    assert np.array_equal(made.weekly["started"], expected.weekly["started"])
    assert (made.fates is not None) == (arm == "coached")


def test_a_plan_of_an_arm_gives_each_draw_the_same_sites_and_luck_of_its_own() -> None:
    draws = {"start_rate": np.array([0.004, 0.008]), "turnover": np.array([0.1, 0.2])}
    plan = plan_of("field", draws, 1, first=5, size=4)
    assert plan.runs == 8
    assert [plan.first_replicate[k] for k in range(8)] == list(range(20, 28))
    assert plan.points["start_rate"].tolist() == [0.004] * 4 + [0.008] * 4
    for name in varies("field"):
        assert np.array_equal(plan.points[name][:4], plan.points[name][4:])
        assert len(set(plan.points[name][:4].tolist())) > 1 or name == "leads"
    plan = plan_of("unguided", draws | {"dropout_guidance": np.array([0.5, 0.6])}, 1, size=4)
    assert set(plan.points) == {"start_rate", "turnover"}
    assert plan.count == 2
    assert plan.replicates.tolist() == [4, 4]


def test_the_median_site_is_near_the_defaults_and_sites_fill_the_priors() -> None:
    found = sites("field", 64)
    for name in varies("field"):
        entry = parameters()[name]
        assert entry.prior is not None
        expected = quantile_of(entry, entry.prior, np.array([0.1, 0.9]))
        low, high = np.quantile(found[name], [0.1, 0.9], method="inverted_cdf")
        assert low == pytest.approx(expected[0], rel=0.2, abs=0.5)
        assert high == pytest.approx(expected[1], rel=0.2, abs=0.5)
        assert expected[0] <= float(entry.default) <= expected[1] or name == "attention"


def test_runs_of_several_organisations_are_refused() -> None:
    result = run(with_rules("field", {}).replace(organisations=2), 1, 3, weeks=5)
    with pytest.raises(ValueError, match="one organisation"):
        organisations_of(result)


def test_a_draw_changes_the_rules_and_not_what_an_arm_is_about() -> None:
    draw = {"turnover": 0.9, "start_rate": 0.02, "dropout_guidance": 1.0}
    assert with_rules("field", draw).values["turnover"] == 0.9
    assert with_rules("coached", draw).values["turnover"] == 0.374
    assert with_rules("unguided", draw).values["dropout_guidance"] == 0.0
    assert all(with_rules(arm, draw).values["start_rate"] == 0.02 for arm in arms())


def test_training_alone_goes_live_and_nobody_supports_it() -> None:
    result = run(with_rules("training-only", {}), 20, 1)
    o = organisations_of(result)
    assert s.share_live(o) > 0.5
    assert result.weekly["support"].max() == 0.0
    assert np.nanmax(o.weekly["trained"]) > 0.9
