"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int], None]
"""Told how many runs are finished."""


def going_on(before: int, progress: Progress | None) -> Progress | None:
    """Return what tells ``progress`` of the runs of a part those of the parts before it too."""
    return None if progress is None else lambda done: progress(before + done)
