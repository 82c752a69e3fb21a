"""Some runs of a stored result once more, and every bit compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from sim import simulate
from sim.draws import generator
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.runs.columns import KILLED, STATUSES
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import parquet_table, written_out
from sim.experiment.store.parts import kept_tables, part_name, tables_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of a run that comes out otherwise: the first of its rows, and how many.

    ``row`` counts the run's rows from 1. A value is None for null; both are numbers of rows if
    ``column`` is empty.
    """

    file: str
    point: int
    replicate: int
    column: str
    row: int
    rows: int
    stored: Any
    recomputed: Any

    def in_words(self) -> str:
        """Return the difference as one line."""
        head = f"{self.file}: point {self.point}, replicate {self.replicate}"
        if not self.column:
            return f"{head}: {self.stored} rows stored, {self.recomputed} recomputed"
        values = f"stored {_shown(self.stored)}, recomputed {_shown(self.recomputed)}"
        more = f" (row {self.row} of the run; {self.rows} differ)" if self.rows > 1 else ""
        return f"{head}: {self.column}: {values}{more}"


def picked(plan: Plan, chunks: Sequence[int], count: int, seed: int) -> list[int]:
    """Return the numbers of some runs, in order: a random choice among those of some chunks."""
    sizes = np.array([len(plan.chunk_range(chunk)) for chunk in chunks], np.int64)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    chosen = generator(seed, "verify").choice(total, min(count, total), replace=False)
    found = []
    for at in np.sort(chosen):
        place = int(np.searchsorted(ends, at, side="right"))
        found.append(int(plan.chunk_range(chunks[place]).stop - ends[place] + at))
    return found


def compared(folder: Path, plan: Plan, numbers: Sequence[int]) -> Iterator[list[Difference] | None]:
    """Run each of some numbers again; yield how it differs from what is stored.

    Yields None for a run that only says what a machine did to it: killed or out of time. Reads
    one chunk at a time.
    """
    held, tables = -1, dict[str, pa.Table]()
    for number in numbers:
        chunk = number // plan.chunk_runs
        if chunk != held:
            held, tables = chunk, _read(folder, plan, chunk)
        point, replicate = plan.run_of(number)
        stored = {name: _of_run(table, point, replicate) for name, table in tables.items()}
        status = written_out(stored["runs"]["status"]).to_pylist()
        if status and status[0] in STATUSES[KILLED:]:
            yield None
            continue
        made = again(plan, number)
        yield [
            one
            for name in stored
            for one in _differences(
                part_name(name, chunk), point, replicate, stored[name], made[name]
            )
        ]


def again(plan: Plan, number: int) -> dict[str, pa.Table]:
    """Run one number of a plan and return its tables.

    Outcomes and series come from the engine of sweeps, events from the one that keeps them.
    """
    blocks, _ = run_chunk(plan, range(number, number + 1))
    events = None
    if plan.events:
        point, replicate = plan.run_of(number)
        events = simulate.run(
            plan.scenario(point),
            1,
            plan.seed,
            weeks=plan.weeks,
            events=True,
            first_replicate=replicate,
            allow_large=True,
        ).events
    return tables_of(plan, blocks, events)


def _read(folder: Path, plan: Plan, chunk: int) -> dict[str, pa.Table]:
    paths = {name: folder / part_name(name, chunk) for name in kept_tables(plan)}
    return {name: parquet_table(path.read_bytes(), path) for name, path in paths.items()}


def _of_run(table: pa.Table, point: int, replicate: int) -> pa.Table:
    same = compute.equal(table["point"], point)
    return table.filter(compute.and_(same, compute.equal(table["replicate"], replicate)))


def _differences(
    file: str, point: int, replicate: int, stored: pa.Table, made: pa.Table
) -> Iterator[Difference]:
    if stored.num_rows != made.num_rows:
        yield Difference(file, point, replicate, "", 0, 0, stored.num_rows, made.num_rows)
        return
    for name in made.column_names:
        old, new = written_out(stored[name]), written_out(made[name])
        wrong = np.flatnonzero(_encoded(old) != _encoded(new))
        if wrong.size:
            at = int(wrong[0])
            values = old[at].as_py(), new[at].as_py()
            yield Difference(file, point, replicate, name, at + 1, len(wrong), *values)


def _encoded(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return what of each value is compared: whether it is null, and its bits or its word."""
    valid = np.asarray(column.is_valid())
    if pa.types.is_string(column.type):
        values = np.array([word or "" for word in column.to_pylist()], np.str_)
    else:
        values = column.fill_null(0).to_numpy()
        values = values.view(np.uint64) if values.dtype == np.float64 else values
    pairs = np.zeros(len(valid), [("valid", np.bool_), ("value", values.dtype)])
    pairs["valid"], pairs["value"] = valid, values
    return pairs


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)
