"""Rules of patients, the project, the calendar and measures at chosen numbers.

As `test_rule_values`: each against the formula of docs/odd.md written out with these numbers.
"""

import math

import pytest

from sim.rules import calendar, measures, patients, project
from tests.theory.numbers_for_rules import REFERENCES, exactly, logistic, parameters_with

# --- patients ------------------------------------------------------------------------------------


def test_length_of_care() -> None:
    table = [1.0, 3.0, 7.0, 20.0]
    found = [patients.quantile(table, u) for u in (0.0, 1 / 6, 0.5, 5 / 6, 1.0)]
    assert found == [exactly(value) for value in (1.0, 2.0, 5.0, 13.5, 20.0)]
    lengths = [patients.care_weeks([0.0, 0.2, 2.4, 2.6], u) for u in (0.0, 2 / 3, 0.9999)]
    assert lengths == [1, 2, 3], "rounded to whole weeks, never fewer than 1"
    assert [patients.residual_weeks(4, u) for u in (0.01, 0.3, 0.6, 0.99, 1.0)] == [1, 2, 3, 4, 4]
    p = parameters_with(blended_ratio=0.8)
    assert [patients.blended_weeks(p, weeks) for weeks in (1.0, 0.1, 3.0, 10.0)] == [1, 1, 2, 8]


def test_accepting_and_dropping_out() -> None:
    p = parameters_with(
        **REFERENCES,
        acceptance=0.3,
        acceptance_fit=0.8,
        acceptance_skill=0.6,
        dropout_rate=0.02,
        dropout_guidance=0.7,
        guidance_overload=1.5,
    )
    found = patients.acceptance_probability(p, -0.4, 0.6, 0.9)
    assert found == exactly(logistic(0.3 - 0.4 + 0.8 * 0.15 + 0.6 * 0.4))
    assert patients.dropout_hazard(p, 0.0, 0.2) == 0.02
    assert patients.dropout_hazard(p, 1.0, 0.2) == exactly(0.02 * math.exp(-0.7 * 0.7))
    assert patients.dropout_hazard(p, 1.0, 0.9) == 0.02


# --- the project ---------------------------------------------------------------------------------


def test_hours_of_a_team() -> None:
    p = parameters_with(coordination_hours=0.5)
    assert project.team_hours(p, 4.0, 20.0) == 17.0
    assert project.team_hours(p, 10.0, 20.0) == 0.0
    owned = 0.4 + 0.6 * (1.0 - 0.7**3) / (0.3 * 3)
    assert project.ownership(3.0, 0.4, 0.3) == exactly(owned)
    assert project.ownership(1.5, 0.4, 0.3) < 1.0 == project.ownership(0.5, 0.4, 0.3)


def test_quality_of_work() -> None:
    p = parameters_with(quality_motivation=0.4, quality_engagement=0.3, guidance_overload=1.5)
    assert project.work_quality(p, 0.7, 0.5) == exactly(0.7 * (0.6 + 0.4 * 0.5))
    assert project.quality(p, 0.7, 0.2) == exactly(0.7 * (0.7 + 0.3 * 0.2))
    assert project.attentiveness(p, 0.2) == exactly(0.7)
    assert project.attentiveness(p, 0.9) == 0.0
    assert project.commitment(p, 0.6, 0.2) == exactly(0.42)
    assert project.engagement(0.8, 1.5, 3.0) == exactly(0.4)
    assert project.engagement(0.8, 0.3, 0.5) == exactly(0.48)
    assert project.engagement(0.8, 1.5, 0.0) == 0.0


def test_a_plan_and_its_overrun() -> None:
    p = parameters_with(project_weeks=104.0, underestimation_seen=0.3, expected_adoption=0.4)
    assert [project.planned_weeks(p, 60.0, agreed) for agreed in (4.0, 0.5, 0.0)] == [15, 120, 104]
    assert project.planned_weeks(p, 0.0, 4.0) == project.planned_weeks(p, 0.0, 0.0) == 0.0
    assert project.planned_weeks(p, 0.5, 4.0) == 0.125
    assert project.real_effort(p, 60.0) == exactly(78.0)
    assert project.demand(60.0, 20.0, 5.0) == 4.0
    assert project.demand(60.0, 20.0, 19.5) == project.demand(60.0, 20.0, 30.0) == 60.0
    assert [project.overrun(weeks, 40.0) for weeks in (30.0, 40.0, 50.0)] == [0.0, 0.0, 0.25]
    assert project.overrun(0.6, 0.5) == exactly(0.2)
    assert project.overrun(50.0, 0.0) == 0.0
    assert project.surprise(p, 0.1) == exactly(-0.3)
    assert (project.surprise(p, 0.0), project.surprise(p, -1.0)) == (-0.4, 0.0)


@pytest.mark.parametrize(
    ("hours", "wanted", "given", "rest"),
    [
        (12.0, [2.0, 9.0, -1.0, 9.0], [2, 5, 0, 5], 0),
        (12.0, [1.0, 2.0, 30.0], [1, 2, 9], 0),
        (12.0, [1.0, 4.5, 30.0], [1, 4.5, 5.5], 1),
        (12.0, [1.0, 2.0, 0.0], [1, 2, 0], 9),
        (12.0, [1.0, 4.0, 30.0], [1, 4, 7], 0),
        (12.0, [6.0, 6.0], [6, 6], 0),
        (12.0, [-1.0, -1.0], [0, 0], 0),
        (0.0, [0.0, 3.0], [0, 0], 0),
    ],
)
def test_managers_hours_are_shared_twice(
    hours: float, wanted: list[float], given: list[float], rest: float
) -> None:
    """Equal shares; then what some leave, in equal parts to those who want more."""
    found = [9.0] * len(wanted)
    assert project.share_hours(hours, wanted, found) == exactly(rest)
    assert found == [exactly(value) for value in given]


def test_trust_in_the_provider() -> None:
    p = parameters_with(
        agreed_manager_hours=4.0,
        trust_hours=1.2,
        trust_overrun=0.8,
        trust_kept=0.9,
        trust_milestone=0.1,
        trust_turnover=0.5,
    )
    assert [project.hours_felt(p, 3.0, live, 0.5) for live in (0.0, 1.0)] == [1.5, 1.0]
    assert [project.hours_felt(p, 3.0, live, 1.0) for live in (0.0, 1.0)] == [0.75, 0.75]
    assert project.hours_felt(p, 0.1, 0.0, 0.1) == exactly(0.25)
    assert project.hours_felt(p, 3.0, 0.0, 0.0) == 1.0
    assert project.trust_target(p, 0.4, 0.7, 0.5) == exactly(logistic(0.4 - 0.36 - 0.4))
    assert project.departed(1, 2.0, 3, 40.0) == exactly(0.575)
    assert project.departed(1, 0.5, 0, 0.5) == exactly(2.0)
    assert project.departed(0, 0.5, 1, 0.5) == exactly(2.0)
    assert project.departed(1, 0.0, 3, 40.0) == exactly(0.075)
    assert project.departed(1, 2.0, 3, 0.0) == exactly(0.5)
    grown = 1.0 - (1.0 - (0.6 + 0.1 * 0.9)) * 0.9**2
    assert project.next_trust(p, 0.7, 0.6, 2, 0.4) == exactly(grown * 0.8)
    assert project.next_trust(p, 0.7, 0.6, 0, 0.0) == exactly(0.69)
    assert project.next_trust(p, 0.7, 0.6, 0, 3.0) == 0.0


def test_the_hazard_of_a_stop_and_its_cause() -> None:
    p = parameters_with(
        **REFERENCES,
        stop_rate=0.01,
        stop_after=0.4,
        stop_overrun=1.5,
        stop_trust=2.0,
        stop_motivation=1.0,
        stop_use=3.0,
    )
    hazard = 0.01 * math.exp(1.5 * 0.2 - 2.0 * 0.1 - 1.0 * 0.15 + 3.0 * 0.05)
    assert project.stop_hazard(p, 0.2, 0.7, 0.7, -0.05, 0.0) == exactly(hazard)
    assert project.stop_hazard(p, 0.2, 0.7, 0.7, -0.05, 1.0) == exactly(0.4 * hazard)
    at_ease = (0.0, 0.6, 0.55, 0.0)
    causes = {
        (0.4, 0.5, 0.4, -0.1): project.STOPPED_OVERRUN,
        (0.1, 0.2, 0.4, -0.1): project.STOPPED_TRUST,
        (0.1, 0.5, 0.1, -0.1): project.STOPPED_MOTIVATION,
        (0.1, 0.5, 0.4, -0.2): project.STOPPED_USE,
        (0.2, 0.5, 0.4, 0.1): project.STOPPED_OVERRUN,
        (0.0, 0.7, 0.5, 0.2): project.STOPPED_MOTIVATION,
        (0.0, 0.7, 0.6, 0.2): project.STOPPED_CHANCE,
        (0.01, 0.7, 0.6, 0.2): project.STOPPED_OVERRUN,
        at_ease: project.STOPPED_CHANCE,
    }
    for seen, cause in causes.items():
        assert project.stop_cause(p, *seen) == cause, seen
    numbers = (project.STOPPED_TIME, project.STOPPED_OVERRUN, project.STOPPED_TRUST)
    assert numbers == (1, 2, 3), "numbers of causes are part of the results"
    numbers = (project.STOPPED_MOTIVATION, project.STOPPED_CHANCE, project.STOPPED_USE)
    assert numbers == (4, 5, 6)


def test_support_repair_and_seats() -> None:
    p = parameters_with(
        support_hours=0.5,
        support_kept=0.8,
        repair=0.4,
        seats_per_key_user=0.3,
        seats=2.0,
    )
    target = 0.7 * (1.0 - math.exp(-6.0 / (0.5 * 10.0)))
    assert project.next_support(p, 0.6, 6.0, 10.0, 0.7) == exactly(target + (0.6 - target) * 0.8)
    assert project.next_support(p, 0.6, 6.0, 0.0, 0.7) == exactly(0.48)
    assert project.next_support(p, 0.6, -6.0, 10.0, 0.7) == exactly(0.48)
    small = 0.7 * (1.0 - math.exp(-0.4))
    assert project.next_support(p, 0.6, 0.1, 0.5, 0.7) == exactly(small + (0.6 - small) * 0.8)
    assert project.repaired(p, 0.5, 0.6) == exactly(0.5 + 0.4 * 0.6 * 0.5)
    assert project.seats_inflow(p, 0.0, 3.0) == exactly(0.9)
    assert project.seats_inflow(p, 1.0, 3.0) == exactly(2.9)


def test_a_calendar_without_quiet_weeks_has_all_its_hours() -> None:
    quiet = {"calendar_week": 30, "summer_week": 28, "summer_weeks": 6, "december_weeks": 2}
    assert calendar.hours_share(parameters_with(**quiet, holiday_hours=1.0), 0) == 1.0
    assert calendar.hours_share(parameters_with(**quiet, holiday_hours=0.4), 0) == 0.4


# --- what is measured ----------------------------------------------------------------------------


def test_means_over_nobody_are_undefined() -> None:
    assert measures.mean(3.0, 4.0) == 0.75
    assert measures.mean(3.0, 0.5) == 6.0
    assert math.isnan(measures.mean(0.0, 0.0))


def test_a_week_costs_hours_and_the_licence() -> None:
    p = parameters_with(
        clinician_rate=60.0,
        agreed_manager_hours=4.0,
        manager_rate=80.0,
        leads=2.0,
        lead_hours=8.0,
        lead_rate=70.0,
        licence=13.0,
        clinicians=20.0,
    )
    agreed = 4.0 * 80.0 + 2.0 * 8.0 * 70.0
    assert measures.week_cost(p, 0.0, 0.0, 3.0, 0.5) == 180.0
    assert measures.week_cost(p, 1.0, 0.0, 3.0, 0.5) == exactly(180.0 + agreed * 0.5)
    assert measures.week_cost(p, 0.0, 1.0, 3.0, 0.5) == exactly(180.0 + 60.0)


def test_windows_are_those_of_the_definitions_of_outcomes() -> None:
    windows = measures.SUSTAINED_WEEKS, measures.ACTIVE_WEEKS, measures.REACH_WEEKS
    assert windows == (26, 13, 52)
    windows = measures.COMPLETION_WEEKS, measures.ADMITTED_FROM, measures.ADMITTED_TO
    assert windows == (26, 78, 26)
