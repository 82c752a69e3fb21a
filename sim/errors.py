"""The errors this package raises on purpose; each knows the exit code of the command line."""

from collections.abc import Iterable
from typing import ClassVar


def how_to_install(extra: str) -> str:
    """Return the command that installs what an extra of this package brings."""
    return f'pip install "mih-sim[{extra}]" (in a copy of the repository: pip install ".[{extra}]")'


class MihError(Exception):
    """Something went wrong that the user can understand and act on."""

    exit_code: ClassVar[int] = 1


class InputError(MihError):
    """A file, a value or an option is wrong.

    Holds every problem found, one line each, in ``messages``; ``str()`` gives them line by line.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, messages: str | Iterable[str]) -> None:
        found = (messages,) if isinstance(messages, str) else tuple(messages)
        super().__init__(found)
        self.messages: tuple[str, ...] = found

    def __str__(self) -> str:
        """Return the messages line by line."""
        return "\n".join(self.messages)


class BusyError(MihError):
    """Another process holds the folder."""

    exit_code: ClassVar[int] = 3


class DriftError(MihError):
    """Stored results were made by another plan, scenario or version."""

    exit_code: ClassVar[int] = 4


class IncompleteError(MihError):
    """The work ended, but some runs failed or are missing."""

    exit_code: ClassVar[int] = 5


class TooLargeError(MihError):
    """The memory or disk asked for is more than there is."""

    exit_code: ClassVar[int] = 6
