"""What Ctrl-C means to a sweep: once, finish the chunks that are begun; twice, stop at once."""

import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """A context in which the first interrupt is only noted and the second raises.

    In a thread that is not the main one interrupts cannot be caught and nothing changes.
    """

    def __init__(self) -> None:
        self._count = 0
        self._before: Any = None
        self._caught = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> "Interrupts":
        """Catch interrupts."""
        if self._caught:
            self._before = signal.signal(signal.SIGINT, self._noted)
        return self

    def __exit__(self, *_: object) -> None:
        """Let interrupts be as they were."""
        if self._caught:
            signal.signal(signal.SIGINT, self._before)

    def asked(self) -> bool:
        """Say whether somebody wants the work to end."""
        return self._count > 0

    def _noted(self, _: int, __: FrameType | None) -> None:
        self._count += 1
        if self._count > 1:
            raise KeyboardInterrupt
