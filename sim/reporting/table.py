"""A table of a report: the page shows its texts, the workbook holds its numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.experiment.units import scale_of
from sim.experiment.words import Words, digits_for


class Cell(NamedTuple):
    """What a cell shows, and the number behind it to the last digit (None: it is a text)."""

    text: str
    value: float | None = None

    @property
    def exact(self) -> str:
        """The number as JSON has it."""
        return "" if self.value is None else repr(self.value)


class Column(NamedTuple):
    """A column: the name by which it is known in all languages, and its heading."""

    name: str
    heading: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the name of what it is about, its plan, and its cells."""

    name: str
    cells: Sequence[Cell]
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``name`` is its sheet in the workbook, ``caption`` what it shows."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        places = range(len(self.columns))
        return [any(row.cells[k].value is not None for row in self.rows) for k in places]


def columns_of(words: Words, *names: str) -> list[Column]:
    """Return columns by name, with their headings."""
    return [Column(name, words.say(f"table.{name}")) for name in names]


def text(value: str) -> Cell:
    """Return a cell that holds a text."""
    return Cell(value)


def unit_beside(words: Words, unit: str) -> str:
    """Return the unit that stands beside the numbers of a row; a share is its own, per cent."""
    return "" if unit == "share" else words.unit(unit.removeprefix("share "))


def quantity(words: Words, value: float | None, unit: str, digits: int, missing: str = "-") -> Cell:
    """Return a cell with a number in a unit; shares are shown as per cent and kept as shares."""
    if value is None or not math.isfinite(value):
        return Cell(missing)
    scale = scale_of(unit)
    sign = " %" if scale != 1.0 else ""
    return Cell(f"{words.number(value * scale, digits)}{sign}", float(value))


def estimate(
    words: Words, value: float | None, low: float | None, high: float | None, unit: str
) -> list[Cell]:
    """Return the cells of a value and the ends of its interval."""
    digits = digits_for(value, low, high, unit)
    return [quantity(words, one, unit, digits) for one in (value, low, high)]


def difference(
    words: Words, value: float | None, low: float | None, high: float | None, unit: str
) -> list[Cell]:
    """Return the cells of a difference, signed and in points for shares, and of its interval."""
    digits, scale = digits_for(value, low, high, unit, gap=True), scale_of(unit)
    return [
        Cell("-") if one is None else Cell(words.signed(one * scale, digits), one)
        for one in (value, low, high)
    ]
