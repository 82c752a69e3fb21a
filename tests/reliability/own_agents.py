"""Agents of one's own that go wrong in every way, each at one point of a study."""

import os
import signal
import sys
import time
from typing import Any

from sim.agents import Clinician

RAISES, NOT_A_NUMBER, ENDLESS_NUMBER, GOES_ON, STOPS_EARLY, LEAVES, DIES, HANGS = (
    0.31,
    0.32,
    0.33,
    0.34,
    0.35,
    0.36,
    0.37,
    0.38,
)
"""Role clarity of the point at which something goes wrong."""

HEALED = "MIH_TEST_HEALED"
"""Environment variable that puts all of it right."""


class Poisoned(Clinician):
    """Does what its point says in week 5."""

    def begin_week(self) -> None:
        super().begin_week()
        if self.model.week == 5 and HEALED not in os.environ:
            self.go_wrong(self.model.p.role_clarity)

    def go_wrong(self, how: float) -> None:
        model: Any = self.model
        if how == RAISES:
            raise ValueError("poison\nin two lines")
        if how == NOT_A_NUMBER:
            self.motivation = float("nan")
        if how == ENDLESS_NUMBER:
            self.motivation = float("inf")
        if how == GOES_ON:
            model.weeks += 1
        if how == STOPS_EARLY:
            model.weeks -= 1
        if how == LEAVES:
            sys.exit(3)
        if how == DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        if how == HANGS:
            while True:
                time.sleep(0.01)
