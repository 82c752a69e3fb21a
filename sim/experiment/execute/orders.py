"""What a worker is asked to do, and the end of the worker when nobody is left to ask.

Apart from `sim.experiment.execute.worker` because it comes before anything slow is imported: a
worker that is only starting must not outlive its parent either.
"""

import json
import os
import queue
import sys
import threading
from typing import Any

Orders = queue.Queue[dict[str, Any]]


def orders() -> Orders:
    """Return a queue of the messages that come in, line by line, on standard input.

    The end of the input, which is the end of the parent, ends the process at once.
    """
    asked: Orders = queue.Queue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    return asked


def _listen(asked: Orders) -> None:
    for line in sys.stdin.buffer:
        asked.put(json.loads(line))
    os._exit(0)
