"""The workbook of a report: a sheet a table, numbers as numbers, texts always as texts."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from sim.experiment.words import Words
from sim.reporting.table import Table

_MADE = datetime(2000, 1, 1)
"""Instead of the time of day: the same report gives the same bytes."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
WIDEST = 60


def workbook(tables: Sequence[Table], about: Sequence[tuple[str, str]], words: Words) -> bytes:
    """Return an XLSX file with a sheet for each table, and one that says where it comes from.

    Nothing in it is a formula or a link: a text that begins with ``=`` stays a text.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    book.set_properties({"created": _MADE})
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "%": book.add_format({"num_format": "0.0%"}),
        "long": book.add_format({"num_format": "#,##0"}),
    }
    _about(book.add_worksheet(words.say("sheet.about")), about, styles)
    for table in tables:
        _sheet(book.add_worksheet(words.say(f"sheet.{table.name}")[:31]), table, styles)
    book.close()
    return stream.getvalue()


def _about(sheet: Any, about: Sequence[tuple[str, str]], styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    for row, (name, value) in enumerate(about):
        sheet.write_string(row, 0, name, styles["bold"])
        sheet.write_string(row, 1, value, styles["wrap"])


def _sheet(sheet: Any, table: Table, styles: dict[str, Any]) -> None:
    """Write a table: its headings stay in sight; notes stand below."""
    for k, column in enumerate(table.columns):
        sheet.write_string(0, k, column.heading, styles["head"])
        cells = [row.cells[k].text for row in table.rows]
        sheet.set_column(k, k, min(WIDEST, max(map(len, [column.heading, *cells])) + 2))
    for place, row in enumerate(table.rows, 1):
        for k, cell in enumerate(row.cells):
            if cell.value is None:
                sheet.write_string(place, k, cell.text)
            else:
                sheet.write_number(place, k, cell.value, _format(cell.text, cell.value, styles))
    sheet.freeze_panes(1, 1)
    for k, note in enumerate(table.notes):
        sheet.write_string(len(table.rows) + 2 + k, 0, note)


def _format(text: str, value: float, styles: dict[str, Any]) -> Any:
    if text.endswith("%"):
        return styles["%"]
    return styles["long"] if abs(value) >= 1000.0 else None
