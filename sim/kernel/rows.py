"""From the tape of a run to what is kept of it: outcomes, weekly means and spans of phases.

Fields of the weekly record are read by number, since compiled code cannot look names up; the
record holds nothing but float64. Floats are added in order, so the sums are those of a plain loop.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import compiled, part
from sim.layout import NOT_YET, Record, Tape
from sim.rules import measures


class Columns(NamedTuple):
    """What `write_row` reads by number: columns of the weekly record, and codes of causes.

    ``flows`` are the columns of stopped, cost, started and adoption; ``defined`` says of each
    column when it must be a number, with ``vacant`` to judge by.
    """

    latest: NDArray[np.int64]
    sums: NDArray[np.int64]
    causes: NDArray[np.int64]
    flows: NDArray[np.int64]
    defined: NDArray[np.int64]
    vacant: int


ALWAYS, PERHAPS, IF_POSTS, IF_IN_POST = 0, 1, 2, 3
"""When a weekly field must be a number: always, never, if there are posts, if they are filled."""

MILESTONES = 5
"""Weeks of the totals that are outcomes: live, start, competence, half adoption, stop."""

REST = 6
"""Outcomes after the causes of stopping; see `write_rest`."""

AFTER_GO_LIVE = (13, 26, 39, 52)
AFTER_START = 104
"""Weeks after which an organisation is looked at again; these outcomes stand before the phases."""


@part
def write_row(
    tape: Tape,
    plain: NDArray[np.float64],
    columns: Columns,
    o: int,
    row: NDArray[np.float64],
) -> None:
    """Write the outcomes of one organisation, in the order of `sim.outcomes.written`.

    ``plain`` is the weekly record as floats (weeks, organisations, fields).
    """
    weeks = len(plain)
    totals = tape.totals[o]
    k = 0
    for column in columns.latest:
        row[k] = plain[weeks - 1, o, column] if weeks else 0.0
        k += 1
    for column in columns.sums:
        row[k] = column_sum(plain, o, column)
        k += 1
    row[k] = 0.0 if lies_behind(tape.progress[o, 0]) else after(totals.live_week)
    row[k + 1] = after(totals.start_week)
    row[k + 2] = after(totals.competence_week)
    row[k + 3] = after(totals.half_week)
    row[k + 4] = after(totals.stopped_week)
    k += MILESTONES
    for cause in columns.causes:
        row[k] = 1.0 if totals.stop_cause == cause else 0.0
        k += 1
    stopped = plain[weeks - 1, o, columns.flows[0]] if weeks else 0.0
    cost, patients = column_sum(plain, o, columns.flows[1]), column_sum(plain, o, columns.flows[2])
    write_rest(row[k : k + REST], totals, weeks, stopped, measures.mean(cost, patients))
    write_shares(row[k : k + REST], tape, o, weeks)
    k += REST
    for since in AFTER_GO_LIVE:
        row[k] = adoption_after(plain, o, columns.flows[3], totals.live_week, since)
        k += 1
    row[k] = running_after(plain, o, columns.flows[2], totals.start_week)
    k += 1
    for phase in range(tape.progress.shape[1]):
        progress = tape.progress[o, phase]
        row[k] = math.nan
        if progress.done >= 0:
            row[k] = after(progress.done) - progress.opened
        if lies_behind(progress):
            row[k] = 0.0
        k += 1


@part
def write_rest(
    rest: NDArray[np.float64], totals: Record, weeks: int, stopped: float, per_patient: float
) -> None:
    """Write open, competent, running and, in the last place, the cost per patient."""
    rest[0] = 1.0 if totals.live_week < 0 and stopped == 0.0 else 0.0
    rest[1] = 1.0 if totals.competence_week >= 0 else 0.0
    last = totals.last_start_week
    rest[2] = 1.0 if last >= 0 and last >= weeks - measures.ACTIVE_WEEKS else 0.0
    rest[5] = per_patient


@part
def write_shares(rest: NDArray[np.float64], tape: Tape, o: int, weeks: int) -> None:
    """Write completion of starters, and reach among the patients admitted in a window."""
    completed, started = 0, 0
    for t in range(max(0, weeks - measures.COMPLETION_WEEKS)):
        completed += tape.cohorts[t, o].started_completed
        started += tape.cohorts[t, o].started
    reached, admitted = 0, 0
    first, last = weeks - measures.ADMITTED_FROM, weeks - measures.ADMITTED_TO
    for t in range(max(0, first), max(0, last)):
        reached += tape.cohorts[t, o].admitted_started
        admitted += tape.cohorts[t, o].admitted
    rest[3] = measures.mean(completed, started)
    rest[4] = measures.mean(reached, admitted)


@part
def adoption_after(
    plain: NDArray[np.float64], o: int, adoption: int, live_week: int, since: int
) -> float:
    """Return adoption some weeks after go-live, NaN if never live or beyond the horizon."""
    if live_week == NOT_YET or live_week + since >= len(plain):
        return math.nan
    return plain[live_week + since, o, adoption]


@part
def running_after(plain: NDArray[np.float64], o: int, started: int, start_week: int) -> float:
    """Return whether (1 or 0) patients still start two years after the first did.

    That is, one starts in the 13 weeks up to then; NaN if none ever did or beyond the horizon.
    """
    last = start_week + AFTER_START
    if start_week == NOT_YET or last >= len(plain):
        return math.nan
    for t in range(last - measures.ACTIVE_WEEKS + 1, last + 1):
        if plain[t, o, started] > 0.0:
            return 1.0
    return 0.0


@part
def after(week: int) -> float:
    """Return the weeks from the project's start to the end of a week, NaN for never."""
    return week + 1.0 if week != NOT_YET else math.nan


@part
def lies_behind(progress: Record) -> bool:
    """Say whether a phase was done before week 0: nobody's work on it ever ended."""
    return progress.done >= 0 and progress.manager_done == NOT_YET


@part
def column_sum(plain: NDArray[np.float64], o: int, column: int) -> float:
    """Return the sum of a weekly column over weeks, added in order."""
    total = 0.0
    for t in range(len(plain)):
        total += plain[t, o, column]
    return total


@part
def write_means(plain: NDArray[np.float64], means: NDArray[np.float64]) -> None:
    """Write the weekly record as means over the organisations that have a value (weeks, fields)."""
    weeks, organisations, fields = plain.shape
    for t in range(weeks):
        for k in range(fields):
            total, count = 0.0, 0
            for o in range(organisations):
                value = plain[t, o, k]
                if value == value:  # not NaN
                    total += value
                    count += 1
            means[t, k] = measures.mean(total, count)


@part
def write_spans(progress: NDArray[np.void], spans: NDArray[np.float64]) -> None:
    """Write when each phase opened and was done (organisations, phases, 2); NaN = never.

    An opening counts from the start of its week, an end from the end of its week.
    """
    for o in range(progress.shape[0]):
        for k in range(progress.shape[1]):
            opened = progress[o, k].opened
            spans[o, k, 0] = opened if opened != NOT_YET else math.nan
            spans[o, k, 1] = after(progress[o, k].done)
            if lies_behind(progress[o, k]):
                spans[o, k, 1] = 0.0


@part
def is_sound(plain: NDArray[np.float64], columns: Columns) -> bool:
    """Say whether a weekly record holds nothing infinite, and no NaN but means over nobody."""
    weeks, organisations, fields = plain.shape
    for t in range(weeks):
        for o in range(organisations):
            vacant = plain[t, o, columns.vacant]
            for k in range(fields):
                value = plain[t, o, k]
                if math.isinf(value):
                    return False
                if value == value:
                    continue
                when = columns.defined[k]
                if when == ALWAYS or (when == IF_POSTS and vacant == vacant):
                    return False
                if when == IF_IN_POST and vacant < 1.0:
                    return False
    return True


@compiled
def keep(
    tape: Tape,
    plain: NDArray[np.float64],
    columns: Columns,
    rows: NDArray[np.float64],
    means: NDArray[np.float64],
    spans: NDArray[np.float64],
) -> bool:
    """Write the outcomes, weekly means (unless there is no room for them) and spans of a run.

    Returns whether its weekly record is sound: no infinity, no NaN but means over nobody.
    """
    for o in range(len(rows)):
        write_row(tape, plain, columns, o, rows[o])
    if len(means):
        write_means(plain, means)
    write_spans(tape.progress, spans)
    return is_sound(plain, columns)
