"""What a plan will roughly take: time, memory, disk. Estimates; nothing of them enters a result."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.draws import generator
from sim.errors import TooLargeError
from sim.estimates import LONGEST_RUN, MOST_MEMORY, estimate, free_memory, gigabytes
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.runs.columns import weeks_kept
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import parquet_bytes
from sim.experiment.store.parts import tables_of
from sim.layout import SERIES
from sim.simulate import EVENT_ROW

PILOT_RUNS, PILOT_SECONDS = 64, 2.0
SPARE_DISK = 1.2
"""A plan needs so many times its estimated bytes to be begun."""

WORKER_BYTES = 250_000_000
"""Memory of a worker before it does anything: the interpreter, numba and Arrow."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan takes: ``seconds`` with so many workers, ``memory`` and ``disk`` in bytes."""

    points: int
    runs: int
    chunks: int
    workers: int
    seconds: float
    memory: int
    disk: int


def forecast(plan: Plan, workers: int) -> Forecast:
    """Return what a plan takes, from a timed pilot of some runs spread over its points."""
    run_chunk(plan, range(1))  # compiles or loads
    order = generator(plan.seed, "pilot").choice(plan.runs, min(plan.runs, PILOT_RUNS), False)
    begun, blocks = time.perf_counter(), []
    for number in order.tolist():
        blocks += run_chunk(plan, range(number, number + 1))[0]
        if time.perf_counter() - begun > PILOT_SECONDS:
            break
    seconds = (time.perf_counter() - begun) / len(blocks)
    tables = tables_of(plan, blocks, np.zeros(0, EVENT_ROW))
    size = sum(len(parquet_bytes(table)) for table in tables.values()) / len(blocks)
    each = seconds * plan.runs / max(1, workers)
    disk = int(size * plan.runs) + len(parquet_bytes(plan.table))
    return Forecast(plan.count, plan.runs, plan.chunks, workers, each, memory(plan, workers), disk)


def memory(plan: Plan, workers: int) -> int:
    """Return roughly the bytes of memory that all workers take together."""
    largest = plan.recipe(int(np.argmax(plan.agents)))
    runs = plan.chunk_runs
    one = estimate(largest, 1, 1, mesa=plan.engine == "mesa").bytes
    rows = runs * largest.organisations * 8 * 2 * (len(plan.outcomes) + 2 * len(largest.plan))
    batch = min(runs, int(plan.replicates.max()))
    weeks = batch * largest.weeks + runs * weeks_kept(largest.weeks, plan.weekly_every)
    weekly = weeks * SERIES.itemsize if plan.weekly else 0
    return max(1, workers) * (WORKER_BYTES + one + rows + weekly)


def refuse_too_large(plan: Plan, workers: int, folder: Path, allowed: bool) -> None:
    """Raise TooLargeError if memory, disk or time would not do, unless that is allowed."""
    if allowed:
        return
    free, needed = free_memory(), memory(plan, workers)
    if free is not None and needed > MOST_MEMORY * free:
        raise TooLargeError(
            f"too large: {workers} workers need about {gigabytes(needed)} of memory, "
            f"{gigabytes(free)} are free; use fewer --workers or smaller organisations, or "
            "--allow-large"
        )
    columns = len(plan.outcomes) * 2 + 10
    disk = int(plan.runs * columns * 3)  # seen: about three bytes a value, compressed
    room = shutil.disk_usage(folder).free
    if disk * SPARE_DISK > room:
        raise TooLargeError(
            f"too large: about {gigabytes(disk)} of disk are needed, {gigabytes(room)} are free; "
            "keep fewer outcomes, or --allow-large"
        )
    largest = plan.recipe(int(np.argmax(plan.agents)))
    mesa = plan.engine == "mesa"
    seconds = estimate(largest, 1, 1, mesa=mesa).seconds * plan.runs / max(1, workers)
    if seconds > LONGEST_RUN:
        raise TooLargeError(
            f"too large: about {seconds / 3600:.1f} hours, and more than {LONGEST_RUN / 3600:.0f} "
            "are not started unasked; --allow-large starts it"
        )
