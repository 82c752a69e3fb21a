"""What commands print: JSON, and tables for people."""

import json
from collections.abc import Iterable, Sequence

import click


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_table(rows: Iterable[Sequence[str]], widest: int = 44) -> None:
    """Print rows of text in aligned columns, the first row as headings.

    Cells wider than ``widest`` are cut, except in the last column.
    """
    cells = [[_cut(cell, widest) for cell in row[:-1]] + [row[-1]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else text[: widest - 3] + "..."
