"""Holidays: fewer hours in some weeks of the year, and nothing else."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.outcomes import kept, outcome_names
from sim.rules import calendar, project
from sim.simulate import run_compiled
from sim.world import recipe
from tests.theory.test_exact_limits import FIXED
from tests.theory.worlds import baseline

SPRING = {"calendar_week": 13, "holiday_hours": 0.5}
"""Week 15 is calendar week 28, the first of six of summer; weeks 38 and 39 end the year."""


def parameters_with(**values: float) -> Any:
    usual = {"calendar_week": 1, "holiday_hours": 0.5, "summer_week": 28, "summer_weeks": 6}
    return SimpleNamespace(**(usual | {"december_weeks": 2} | values))


def test_holiday_weeks_are_those_of_the_year() -> None:
    p = parameters_with(**SPRING)
    quiet = [week for week in range(104) if calendar.hours_share(p, week) < 1.0]
    one_year = [15, 16, 17, 18, 19, 20, 38, 39]
    assert quiet == one_year + [52 + week for week in one_year]


def test_a_summer_may_run_over_the_end_of_the_year() -> None:
    """Where January is summer: six weeks from calendar week 50, and no weeks in December."""
    p = parameters_with(summer_week=50, december_weeks=0)
    quiet = [week for week in range(52) if calendar.hours_share(p, week) < 1.0]
    assert quiet == [0, 1, 2, 49, 50, 51]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_working_weeks_add_up_week_by_week(share: float) -> None:
    p = parameters_with(holiday_hours=share, calendar_week=20)
    assert calendar.working_weeks(p, 0, 52) == 44 + 8 * share
    for first, middle, last in ((0, 7, 90), (5, 5, 12), (30, 33, 33)):
        parts = calendar.working_weeks(p, first, middle), calendar.working_weeks(p, middle, last)
        assert sum(parts) == calendar.working_weeks(p, first, last)


@pytest.mark.parametrize(("share", "build", "live"), [(1.0, 29, 35), (0.5, 30, 36), (0.0, 31, 37)])
def test_schedule_with_a_summer_by_hand(share: float, build: int, live: int) -> None:
    """As `test_schedule_of_fixed_hours_by_hand`, with a summer in weeks 15 to 20.

    The delay before build counts in weeks of the calendar, so it opens in week 19. With half the
    hours its 130 take 6 + 6 in weeks 19 and 20 and 118/12 = 9.8 weeks more, to week 30 with 2
    hours left for training, whose other 68 take to week 36. With no hours all begins in week 21.
    """
    made = recipe(baseline(FIXED | SPRING | {"holiday_hours": share}))
    tape = run_compiled(made, 1, 0)
    assert int(tape.progress["opened"][0, 2]) == 19
    assert int(tape.progress["done"][0, 2]) == build
    assert int(tape.totals["live_week"][0]) == live
    outcomes = dict(zip(outcome_names(made), kept(tape, made)[0][0], strict=True))
    # Two years of the project have 16 holiday weeks.
    assert outcomes["staff_hours.lead"] == 12 * (104 - 16 * (1.0 - share))
    assert outcomes["staff_hours.manager"] == 4 * (104 - 16 * (1.0 - share))


def test_a_week_costs_the_hours_it_has() -> None:
    """In a quiet week before training, what it costs is half of what a usual one costs."""
    series = run_compiled(recipe(baseline(FIXED | SPRING | {"licence": 0.0})), 1, 0).series
    assert series["cost"][15, 0] == 0.5 * series["cost"][14, 0] > 0.0


def test_a_holiday_is_no_overrun_and_costs_no_trust() -> None:
    """A project in time at fixed hours: trust goes the same way with and without a summer off."""
    assert project.hours_felt(parameters_with(agreed_manager_hours=4.0), 0.0, 0.0, 0.0) == 1.0
    assert project.hours_felt(parameters_with(agreed_manager_hours=4.0), 2.0, 0.0, 0.5) == 1.0
    quiet = FIXED | SPRING | {"holiday_hours": 0.0, "trust_milestone": 0.0}
    with_summer = run_compiled(recipe(baseline(quiet)), 1, 0).series["trust"][:, 0]
    without = run_compiled(recipe(baseline(quiet | {"holiday_hours": 1.0})), 1, 0).series["trust"]
    assert np.array_equal(with_summer[:30], without[:30, 0])


def test_without_holidays_the_calendar_decides_nothing() -> None:
    same = {"summer_week": 3, "summer_weeks": 16, "december_weeks": 8, "calendar_week": 40}
    a = run_compiled(recipe(baseline()), 1, 0)
    b = run_compiled(recipe(baseline(same)), 1, 0)
    assert a.series.tobytes() == b.series.tobytes()
