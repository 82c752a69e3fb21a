"""The event table: one row per event, kept only as far as there is room."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part

Who = tuple[int, int, int, int, int]
"""An agent in the event table: organisation, role, post, place, occupant."""


@part
def log(events: NDArray[np.void], week: int, who: Who, event: int, detail: int) -> None:
    """Write down one event; what does not fit is counted, so the caller can make more room.

    Without any room nothing is counted either: nobody asked for events.
    """
    if len(events) < 2:
        return
    n = events[0].week + 1
    events[0].week = n
    if n < len(events):
        row = events[n]
        row.week = week
        row.organisation, row.role, row.post, row.place, row.occupant = who
        row.event = event
        row.detail = detail
