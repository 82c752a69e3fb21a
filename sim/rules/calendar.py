"""The calendar: holiday weeks, in which the project has fewer hours."""

from sim.compiled import rule
from sim.rules.types import P

YEAR = 52
"""Weeks of a year; the odd days are left out."""


@rule
def hours_share(p: P, week: int) -> float:
    """Return the share (0..1) of the usual hours that the project has in a week (0-based)."""
    if p.holiday_hours >= 1.0:
        return 1.0
    calendar_week = (int(p.calendar_week) - 1 + week) % YEAR + 1
    since_summer = (calendar_week - int(p.summer_week)) % YEAR
    december = calendar_week > YEAR - int(p.december_weeks)
    if december or since_summer < int(p.summer_weeks):
        return p.holiday_hours
    return 1.0


@rule
def working_weeks(p: P, first: int, last: int) -> float:
    """Return how many usual weeks' hours lie between two weeks: from ``first`` to before ``last``.

    A plan knows its holidays: what is late is counted in these weeks.
    """
    if p.holiday_hours >= 1.0:
        return float(last - first)
    weeks = 0.0
    for week in range(first, last):
        weeks += hours_share(p, week)
    return weeks
