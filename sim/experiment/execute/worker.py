"""A worker: a process that computes chunks and writes their parts, and knows nothing else.

It talks with its parent in lines of JSON over two pipes, and reads the plan from the result's
folder. It ends when its parent does, or when it is told so by the end of its input.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any, TextIO

from sim.errors import MihError
from sim.experiment.execute.orders import Orders
from sim.experiment.runs.chunks import Trouble, empty_block, run_chunk
from sim.experiment.runs.columns import KILLED, TIMEOUT
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import columns_hash, parquet_bytes, parquet_table
from sim.experiment.store.folder import identity_of, read_plan
from sim.experiment.store.parts import Receipt, tables_of, write_chunk

BEAT = 0.5
"""Seconds between two signs of life while a chunk is computed."""

NO_MEMORY = 6

Message = dict[str, Any]


def main(asked: Orders) -> None:
    """Serve chunks until the input ends. Started by `sim.experiment.execute.pool`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    # Agents of one's own may print; that must not mix with the protocol.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        folder = Path(asked.get()["folder"])
        plan, manifest = read_plan(folder)
        identity = identity_of(manifest)
        _load(plan)
        _say(answers, {"ready": True})
        while True:
            _say(answers, _served(folder, plan, identity, asked.get(), answers))
    except MihError as error:
        _say(answers, {"error": str(error), "code": error.exit_code})
    except MemoryError:
        _say(answers, {"error": "not enough memory", "code": NO_MEMORY})


def _load(plan: Plan) -> None:
    """Load all that a chunk needs, compiled code and libraries, so that the first is as quick."""
    run_chunk(plan, range(0))
    for table in tables_of(plan, [empty_block(plan)]).values():
        columns_hash(parquet_table(parquet_bytes(table), Path()))


def compute(folder: Path, plan: Plan, identity: str, chunk: int) -> tuple[Receipt, list[Trouble]]:
    """Compute a chunk and write its parts. Raises DiskError."""
    blocks, troubles = run_chunk(plan, plan.chunk_range(chunk))
    return write_chunk(folder, plan, identity, chunk, tables_of(plan, blocks)), troubles


def _served(folder: Path, plan: Plan, identity: str, task: Message, answers: TextIO) -> Message:
    """Do what is asked: compute a chunk, and write it unless some of its runs are left out."""
    chunk, careful = int(task["chunk"]), bool(task.get("one_by_one"))
    alone = careful or plan.own is not None
    lost = {
        int(number): KILLED if status == "killed" else TIMEOUT
        for number, status in task.get("lost", {}).items()
    }
    said = 0.0

    def begins(number: int) -> None:
        nonlocal said
        now = time.monotonic()
        if alone or now - said > BEAT:
            said = now
            _say(answers, {"run": number, "alone": alone})

    numbers = plan.chunk_range(chunk)
    blocks, troubles = run_chunk(plan, numbers, begins=begins, one_by_one=careful, lost=lost)
    if not lost or task.get("allow_failed"):
        write_chunk(folder, plan, identity, chunk, tables_of(plan, blocks))
    return {"done": chunk, "troubles": [one.note() for one in troubles]}


def _say(answers: TextIO, message: Message) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()
