"""A worker of the page's server: a process that answers questions, one after another.

It talks with the server in lines of JSON over two pipes, listens on nothing, and ends when the
server does or kills it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO

from sim.app.answers import compared, table_of
from sim.app.desk import Answer
from sim.app.player import followed, played
from sim.app.questions import Comparing, Explaining, Following, Reporting, Staffing, Watching
from sim.app.report import reported
from sim.app.shelf import Shelf
from sim.app.staff import Searches, staffed
from sim.app.why import Combinations, explained
from sim.errors import MihError
from sim.experiment.execute.orders import Orders


def main(asked: Orders) -> None:
    """Answer until the input ends. Started by `sim.app.desk`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides what an interrupt means
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    shelf = Shelf()
    tasks = tasks_of(shelf)
    compared(Comparing(replicates=2), shelf)  # loads what is compiled, or compiles it
    _say(answers, {"ready": True})
    while True:
        order = asked.get()
        _say(answers, answer(tasks, order["task"], order["question"]))


def tasks_of(shelf: Shelf) -> dict[str, Callable[[Any], Any]]:
    """Return what can be asked, by name."""
    combinations, searches = Combinations(), Searches()
    return {
        "compare": lambda raw: compared(Comparing.of(raw), shelf),
        "csv": lambda raw: {"text": table_of(Comparing.of(raw), shelf)},
        "play": lambda raw: played(Watching.of(raw)),
        "why": lambda raw: explained(Explaining.of(raw), combinations),
        "staff": lambda raw: staffed(Staffing.of(raw), searches),
        "report": lambda raw: reported(Reporting.of(raw), shelf),
        "follow": lambda raw: followed(Following.of(raw)),
    }


def answer(tasks: dict[str, Callable[[Any], Any]], task: str, question: object) -> Answer:
    """Return the answer to a question, how far it is (202), or what is wrong with it."""
    try:
        found = tasks[task](question)
        return {"status": 202 if "done" in found else 200, "answer": found}
    except MihError as error:
        return {"status": 422, "problems": str(error).splitlines()}
    except MemoryError:
        return {"status": 507, "problems": ["not enough memory for this question"]}
    except Exception as error:  # one question must not end the worker; the log has the rest
        print(f"{task}: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        return {"status": 500, "problems": [f"internal error: {type(error).__name__}"]}


def _say(answers: TextIO, message: Answer) -> None:
    answers.write(json.dumps(message, allow_nan=False) + "\n")
    answers.flush()
