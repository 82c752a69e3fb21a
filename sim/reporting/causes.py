"""The tables of an explanation and of a sweep."""

import math
from typing import Any

from sim.experiment.compare.paired import Difference
from sim.experiment.explain.explanation import Explanation
from sim.experiment.explain.ledger import CAUSES
from sim.experiment.explain.sentences import (
    barrier_in_words,
    digits_for,
    ranks_in_words,
    scale_and_unit,
)
from sim.experiment.points_summary import points_table
from sim.experiment.store.stored import Stored
from sim.experiment.words import Words
from sim.plots.sweep import headlines
from sim.reporting.table import (
    Cell,
    Column,
    Row,
    Table,
    columns_of,
    estimate,
    quantity,
    text,
    unit_beside,
)

MOST_ROWS = 60
"""Rows of a sweep's table on the page; the workbook holds all."""


def barriers_table(found: Explanation, words: Words) -> Table:
    """Return what each barrier costs, the costliest first, and what all cost together."""
    columns = columns_of(
        words, "barrier", "now", "attainable", "cost", "low", "high", "unit", "rank"
    )
    unit = words.unit(scale_and_unit(found)[1])
    missing = [one for one in found.main.barriers.values() if not one.barrier.there]
    rows = []
    for one in (*found.main.by_size, *missing):
        levels = [
            Cell(words.plain(level), level) for level in (one.barrier.level, one.barrier.attainable)
        ]
        cells = [*_cost(found, one.share, words), text(unit), text(ranks_in_words(one, words))]
        label = text(barrier_in_words(one.barrier.name, words))
        rows.append(Row(one.barrier.name, [label, *levels, *cells]))
    total = [text(words.say("barrier.all")), Cell(""), Cell("")]
    rows.append(Row("all", [*total, *_cost(found, found.main.gap, words), text(unit), Cell("")]))
    return Table("barriers", words.say("caption.waterfall"), columns, rows, [words.say("note.why")])


def _cost(found: Explanation, one: Difference, words: Words) -> list[Cell]:
    scale, _ = scale_and_unit(found)
    digits = digits_for(found, one)
    return [
        Cell("-") if value is None else Cell(words.number(value * scale, digits), value)
        for value in (one.difference, one.ci_low, one.ci_high)
    ]


def ledger_table(found: Explanation, words: Words) -> Table:
    """Return the weeks that phases take, and whom they wait for."""
    columns = columns_of(words, "phase", "planned", "took", *CAUSES, "done")
    rows = []
    for one in found.ledger:
        label = words.phase(found.question.scenario, one.name, one.label)
        weeks = [one.took.mean, *(one.weeks[cause].mean for cause in CAUSES)]
        cells = [quantity(words, week, "weeks", 1) for week in (one.planned, *weeks)]
        rows.append(Row(one.name, [text(label), *cells, quantity(words, one.done, "share", 0)]))
    return Table("ledger", words.say("sheet.ledger"), columns, rows, [words.say("note.ledger")])


def points_of(stored: Stored, words: Words) -> Table:
    """Return the outcomes of most interest at each point: its factors, mean and interval."""
    shown = headlines(stored)
    frame: list[dict[str, Any]] = points_table(stored).to_pylist()
    factors = [name for name in stored.plan.points if name in (frame[0] if frame else {})]
    columns = columns_of(words, "outcome", "point")
    columns += [Column(name, words.input(name)) for name in factors]
    columns += columns_of(words, "mean", "low", "high", "runs", "unit")
    rows = []
    for one in frame:
        if one["outcome"] not in shown:
            continue
        unit = one["unit"]
        point = Cell(str(one["point"]), one["point"])
        levels = [_level(one[name], words) for name in factors]
        mean, low, high = (_known(one[key]) for key in ("mean", "ci_low", "ci_high"))
        cells = [
            *estimate(words, mean, low, high, unit),
            Cell(words.number(one["n"]), int(one["n"])),
        ]
        label = text(words.outcome(stored.plan.base, one["outcome"]))
        last = text(unit_beside(words, unit))
        rows.append(Row(one["outcome"], [label, point, *levels, *cells, last]))
    return Table("points", words.say("page.sweep"), columns, rows)


def first_rows(table: Table, words: Words) -> Table:
    """Return the rows of a long table that the page shows."""
    if len(table.rows) <= MOST_ROWS:
        return table
    parts = {"rows": words.number(MOST_ROWS), "all": words.number(len(table.rows))}
    notes = [*table.notes, words.say("note.sweep", **parts)]
    return Table(table.name, table.caption, table.columns, table.rows[:MOST_ROWS], notes)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _level(value: Any, words: Words) -> Cell:
    number = not isinstance(value, bool) and isinstance(value, int | float)
    return Cell(words.plain(value), value if number else None)
