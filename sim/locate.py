"""In which line of a TOML text each key stands.

The standard reader does not tell, and an error message needs it. This scan follows the text only
as far as keys, brackets and strings go; whether the text is TOML is for the standard reader to
say, so the scan stops without complaint where it no longer understands.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

MAX_DEPTH = 8
"""Parts of a key, and brackets inside brackets, that a file may have."""

_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_REST = re.compile(r"[^\n]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^\s,\[\]{}#\"'=]+")


class TooDeepError(Exception):
    """A key has too many parts, or brackets stand too deep; ``line`` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _LostError(Exception):
    """The text is not TOML from here on."""


@dataclass(slots=True)
class Lines:
    """The lines of the keys of one text, and keys that were given a second time."""

    first: dict[Path, int] = field(default_factory=dict)
    again: list[tuple[Path, int]] = field(default_factory=list)

    def place(self, path: Path) -> tuple[Path, int | None]:
        """Return the longest part of a path that the text names, and its line (None: no part)."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.first:
                return path[:end], self.first[path[:end]]
        return (), None


def locate(text: str) -> Lines:
    """Return the line, counted from 1, of each key, table and list item of a TOML text.

    Raises TooDeepError where a key or brackets go deeper than `MAX_DEPTH`: the standard reader
    would need very long, or more room on its stack than there is.
    """
    scan = _Scan(text)
    with suppress(_LostError):
        scan.document()
    return scan.lines


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines = Lines()
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip(_GAP):
            if self._next("["):
                table = self._header()
            else:
                self._pair(table, 0)
            self._skip(_REST)  # a comment; anything else is not TOML

    def _header(self) -> Path:
        """Read ``[key]`` or ``[[key]]`` after its first bracket; return the table's path."""
        line = self._line()
        many = self._next("[")
        key = self._key()
        path: Path = ()
        for part in key[:-1]:
            path = self._inside((*path, part))
            self.lines.first.setdefault(path, line)
        path = (*path, key[-1])
        if many:
            count = self._counts.get(path, 0)
            self._counts[path] = count + 1
            self.lines.first.setdefault(path, line)
            path = (*path, count)
        self._note(path, line)
        self._expect("]]" if many else "]")
        return path

    def _inside(self, path: Path) -> Path:
        """Return the path of the last item where a path leads to an array of tables."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: Path, depth: int) -> None:
        line = self._line()
        key = self._key()
        for end in range(1, len(key)):
            self.lines.first.setdefault((*table, *key[:end]), line)
        path = (*table, *key)
        self._note(path, line)
        self._expect("=")
        self._value(path, depth)

    def _note(self, path: Path, line: int) -> None:
        if path in self.lines.first:
            self.lines.again.append((path, line))
        else:
            self.lines.first[path] = line

    def _key(self) -> Sequence[str]:
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            parts.append(self._key_part())
            if len(parts) > MAX_DEPTH:
                raise TooDeepError(self._line())
            self._skip(_BLANK)
            if not self._next("."):
                return parts

    def _key_part(self) -> str:
        match = _BARE.match(self.text, self.at)
        if match:
            self.at = match.end()
            return match[0]
        return self._string()

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if not match:
            raise _LostError
        self.at = match.end()
        try:
            return str(tomllib.loads(f"x = {match[0]}")["x"])
        except ValueError as error:
            raise _LostError from error

    def _value(self, path: Path, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooDeepError(self._line())
        self._skip(_BLANK)
        if self._next("["):
            self._items(path, depth)
        elif self._next("{"):
            self._inline(path, depth)
        elif self.text.startswith(('"', "'"), self.at):
            match = _STRING.match(self.text, self.at)
            if not match:
                raise _LostError
            self.at = match.end()
        elif not self._skip_match(_SCALAR):
            raise _LostError

    def _items(self, path: Path, depth: int) -> None:
        index = 0
        while True:
            self._skip(_GAP)
            if self._next("]"):
                return
            self.lines.first.setdefault((*path, index), self._line())
            self._value((*path, index), depth + 1)
            index += 1
            self._skip(_GAP)
            if not self._next(","):
                self._expect("]")
                return

    def _inline(self, path: Path, depth: int) -> None:
        while True:
            self._skip(_GAP)
            if self._next("}"):
                return
            self._pair(path, depth + 1)
            self._skip(_GAP)
            if not self._next(","):
                self._expect("}")
                return

    def _line(self) -> int:
        return bisect_right(self._starts, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Pass over what a pattern matches here; say whether any text is left."""
        self._skip_match(pattern)
        return self.at < len(self.text)

    def _skip_match(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match is not None

    def _next(self, mark: str) -> bool:
        """Pass over a mark if it stands here."""
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def _expect(self, mark: str) -> None:
        self._skip(_BLANK)
        if not self._next(mark):
            raise _LostError
