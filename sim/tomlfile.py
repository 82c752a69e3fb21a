"""Read TOML files that people wrote, and say in which line they go wrong.

Whatever a file holds, the answer comes fast and in little memory: its content with the lines of
its keys, or an InputError.
"""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.locate import Lines, TooDeepError, locate
from sim.wording import dotted

MAX_BYTES = 65536
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_COMMA = re.compile(r"=\s*[-+]?\d+,\d")


def printable(name: str) -> str:
    """Return a file's name with everything invisible in it written out."""
    return name if name.isprintable() else repr(name)[1:-1]


def read_text(path: Path, where: str) -> str:
    """Return the text of a file; ``where`` is its name in messages.

    Raises InputError for what is no regular file, cannot be read, is too large or not UTF-8.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{where}: a folder, not a file")
        if not stat.S_ISREG(mode):  # a pipe would be waited for without end
            raise InputError(f"{where}: not a regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"{where}: no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{where}: cannot be read ({reason})") from error
    _check_size(len(data), where)
    try:
        # Some editors put a byte-order mark in front.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}:{line}: not UTF-8; save the file as UTF-8 text") from error


def parse(text: str, where: str) -> tuple[dict[str, Any], Lines]:
    """Return the content of a TOML text and the lines of its keys.

    Raises InputError where it is not TOML, is empty, is too large or goes too deep.
    """
    _check_size(len(text.encode("utf-8", "surrogatepass")), where)
    lines = Lines()
    try:
        lines = locate(text)
        raw = tomllib.loads(text)
    except TooDeepError as error:
        raise InputError(f"{where}:{error.line}: tables or lists too deep") from error
    except RecursionError as error:
        raise InputError(f"{where}:1: tables or lists too deep") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(_not_toml(str(error), text, lines, where)) from error
    except ValueError as error:  # an integer of thousands of digits
        raise InputError(f"{where}:1: not TOML: {str(error)[:120]}") from error
    if not raw:
        raise InputError(f"{where}:1: empty: a scenario needs at least a title")
    return raw, lines


def _check_size(size: int, where: str) -> None:
    if size > MAX_BYTES:
        raise InputError(f"{where}: too large (allowed {MAX_BYTES // 1024} kB)")


def _not_toml(message: str, text: str, lines: Lines, where: str) -> str:
    """Say in which line a text stops being TOML, and why."""
    at = _AT.search(message)
    line = int(at[1]) if at and at[1] else text.rstrip().count("\n") + 1
    reason = message[: at.start()] if at else message
    again = [(path, number) for path, number in lines.again if number <= line]
    if again and reason.startswith(("Cannot", "Duplicate")):
        path, number = again[-1]
        return f"{where}:{number}: {dotted(path)}: given twice (first in line {lines.first[path]})"
    comma = _COMMA.search(text.split("\n")[line - 1])
    hint = "; write a decimal point, not a comma" if comma else ""
    return f"{where}:{line}: not TOML: {reason[:160]}{hint}"
