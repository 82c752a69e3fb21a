"""Points of a study from a file of comma-separated values: a column a factor, a row a point.

The header holds dotted names of inputs. A million rows take seconds: columns are read and checked
as a whole, and only what is wrong is looked at cell by cell.
"""

import csv
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design.designs import MAX_POINTS
from sim.experiment.design.factors import MAX_FACTORS
from sim.experiment.design.varying import Input, fit, input_of, trouble, typed, unknown, within
from sim.scenario import Scenario
from sim.schema import hidden_character
from sim.wording import MAX_MESSAGES, show

if TYPE_CHECKING:
    import pyarrow as pa

MAX_BYTES = 256 * 2**20
_LONGEST = 10_000
"""Characters of the line of names."""

_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_TRUTH = {"true": True, "false": False}


def read_bytes(path: Path) -> bytes:
    """Return what a file of points holds.

    Raises InputError, without the file's name, for what is no regular file, cannot be read or is
    too large.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for without end
            raise InputError("not a regular file")
        if found.st_size > MAX_BYTES:
            raise InputError(f"too large (allowed {MAX_BYTES // 2**20} MB)")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({reason})") from error


def read_points(
    data: bytes, where: str, base: Scenario
) -> tuple[dict[str, Input], dict[str, NDArray[Any]]]:
    """Return the inputs that a file of points varies, and their columns.

    ``data`` is what the file holds, ``where`` its name in messages. Raises InputError with every
    problem found, each as ``file:line: name: what is wrong``.
    """
    # Some editors put a byte-order mark in front.
    data = data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n \t")
    header = _header(data, where)
    inputs = _inputs(header, base, where)
    table = _table(data, header, where)
    problems: list[tuple[int, str]] = []
    columns, count = {}, 0
    for name, what in inputs.items():
        columns[name], wrong = _column(what, table[name])
        count += len(wrong)
        for row in wrong[:MAX_MESSAGES].tolist():
            cell = table[name][row].as_py()
            text = trouble(what, _value(cell)) if cell.strip() else "missing"
            problems.append((row + 2, f"{name}: {text}"))
    if problems:
        raise InputError(_messages(problems, where, count))
    return inputs, columns


def _header(data: bytes, where: str) -> list[str]:
    """Return the names in the first line."""
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}:{line}: not UTF-8; save the file as UTF-8 text") from error
    first = data.partition(b"\n")[0].decode().strip()
    if not first:
        raise InputError(f"{where}:1: empty: needs a line of names, then a line for each point")
    if len(first) > _LONGEST:
        raise InputError(f"{where}:1: the line of names is too long (allowed {_LONGEST:,})")
    try:
        names = [name.strip() for name in next(csv.reader([first]))]
    except (csv.Error, StopIteration) as error:
        raise InputError(f"{where}:1: not a line of names") from error
    if len(names) > MAX_FACTORS:
        raise InputError(f"{where}:1: too many columns (allowed {MAX_FACTORS})")
    if len(names) == 1 and (";" in first or "\t" in first):
        raise InputError(f"{where}:1: columns must be separated by commas, decimals by points")
    return names


def _inputs(header: list[str], base: Scenario, where: str) -> dict[str, Input]:
    """Return the inputs that a header names."""
    found: dict[str, Input] = {}
    messages = []
    for place, name in enumerate(header):
        what = input_of(name, base)
        hidden = hidden_character(name)
        if hidden:
            messages.append(f"{where}:1: column {place + 1}: the name contains {hidden}")
        elif not name:
            messages.append(f"{where}:1: column {place + 1}: has no name")
        elif what is None:
            shown = name if name.isprintable() and len(name) <= 60 else show(name)
            messages.append(f"{where}:1: {shown}: {unknown(name, base)}")
        elif name in found:
            messages.append(f"{where}:1: {name}: given twice")
        else:
            found[name] = what
    if messages:
        raise InputError(messages)
    return found


def _table(data: bytes, header: list[str], where: str) -> "pa.Table":
    """Return the cells as text, by name; row r stands in line r + 2."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    rows = data.count(b"\n")
    if rows == 0:
        raise InputError(f"{where}:1: no points: needs a line for each below the names")
    if rows > MAX_POINTS:
        raise InputError(f"{where}: too many points (found {rows:,}, allowed {MAX_POINTS:,})")
    uneven: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        found = f"found {row.actual_columns}, the first line names {row.expected_columns}"
        uneven.append((row.number, f"wrong number of cells ({found})"))
        return "skip"

    try:
        table = arrow.read_csv(
            pa.BufferReader(data),
            # One thread: only then the numbers of uneven rows are known.
            read_options=arrow.ReadOptions(use_threads=False, skip_rows=1, column_names=header),
            parse_options=arrow.ParseOptions(invalid_row_handler=note, ignore_empty_lines=False),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(f"{where}: not comma-separated values ({reason})") from error
    broken = _line_breaks(table)
    if broken is not None:
        raise InputError(f"{where}:{broken}: a quoted cell must end in the line it begins in")
    if uneven:
        raise InputError(_messages(uneven, where, len(uneven)))
    return table


def _line_breaks(table: "pa.Table") -> int | None:
    """Return the line of the first cell with a line break in it, from where on lines differ."""
    from pyarrow import compute

    lines = [
        compute.index(compute.match_substring_regex(column, "[\r\n]"), True).as_py()
        for column in table.columns
    ]
    found = [line + 2 for line in lines if line >= 0]
    return min(found) if found else None


def _column(what: Input, cells: "pa.ChunkedArray") -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values of a column, and the rows in which they are wrong."""
    from pyarrow import compute

    cells = compute.utf8_trim_whitespace(cells)
    if what.entry is not None and what.numeric:
        numbers = _numbers(cells)
        sound = within(what.entry, numbers)
        return typed(what.entry, np.where(sound, numbers, 0.0)), np.flatnonzero(~sound)
    if what.entry is None:
        cells = compute.utf8_lower(cells)
        known: dict[Any, Any] = dict(_TRUTH)
    else:
        known = {choice: choice for choice in what.entry.choices}
    # Few different words stand in many cells.
    words = compute.dictionary_encode(cells).combine_chunks()
    different = words.dictionary.to_pylist()
    codes = words.indices.to_numpy(zero_copy_only=False)
    sound = np.array([word in known for word in different])[codes]
    fallback = next(iter(known.values()))
    made = fit(what, [known.get(word, fallback) for word in different])
    assert made is not None
    return made[codes], np.flatnonzero(~sound)


def _numbers(cells: "pa.ChunkedArray") -> NDArray[np.float64]:
    """Return cells as numbers; NaN for what is none."""
    import pyarrow as pa
    from pyarrow import compute

    try:
        found = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        plain = compute.match_substring_regex(cells, _NUMBER)
        nothing = pa.scalar(None, pa.string())
        found = compute.if_else(plain, cells, nothing).cast(pa.float64())
    numbers: NDArray[np.float64] = found.to_numpy()
    return numbers


def _value(cell: str) -> object:
    """Return a wrong cell as what its writer meant it to be, for the message about it."""
    cell = cell.strip()
    if cell.lower() in _TRUTH:
        return _TRUTH[cell.lower()]
    if re.fullmatch(r"-?[0-9]{1,18}", cell):
        return int(cell)
    return float(cell) if re.match(_NUMBER, cell) else cell


def _messages(problems: list[tuple[int, str]], where: str, count: int) -> Iterator[str]:
    """Write problems in the order of their lines, the first hundred of them."""
    for line, text in sorted(problems)[:MAX_MESSAGES]:
        yield f"{where}:{line}: {text}"
    if count > MAX_MESSAGES:
        yield f"{where}: and {count - MAX_MESSAGES:,} more problems"
