"""Whether the rows of a chunk are those its plan asks for: each run once, in order, consistent."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.experiment.runs import columns
from sim.experiment.runs.chunks import empty_block
from sim.experiment.runs.columns import NON_FINITE, OK, STATUSES, week_numbers
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import written_out
from sim.experiment.store.parts import Receipt, part_name, tables_of
from sim.outcomes import kind_and_unit
from sim.simulate import EVENT_ROW

Tables = Mapping[str, pa.Table]
Integers = NDArray[np.int64]


def empty_tables(plan: Plan) -> dict[str, pa.Table]:
    """Return the tables of a plan without rows: their names, columns and types."""
    return tables_of(plan, [empty_block(plan)], np.zeros(0, EVENT_ROW))


def row_damage(
    plan: Plan, receipt: Receipt, tables: Tables, expected: Mapping[str, pa.Schema]
) -> Iterator[str]:
    """Yield what is wrong with the rows of a chunk, each with its file; nothing if all is well.

    ``expected``: the schemas of `empty_tables`. Rows are looked at only if the columns are right.
    """
    strange = [
        f"{part_name(name, receipt.chunk)}: not the columns of this plan"
        for name, table in tables.items()
        if not table.schema.equals(expected[name])
    ]
    if strange:
        yield from strange
        return
    found = []
    for name, text in _damage(plan, receipt, tables):
        found.append(name)
        yield f"{part_name(name, receipt.chunk)}: {text}"
    if not found:
        for text in _disagreements(plan, tables):
            yield f"{part_name('runs', receipt.chunk)}: {text}"


def _damage(plan: Plan, receipt: Receipt, tables: Tables) -> Iterator[tuple[str, str]]:
    """Yield table and complaint: rows out of order, statuses, numbers that are none."""
    numbers = plan.chunk_range(receipt.chunk)
    if receipt.runs != len(numbers):
        yield "runs", f"its receipt counts {receipt.runs} runs, the plan has {len(numbers)}"
    for name, keys in _planned(plan, numbers).items():
        if name in tables:
            yield from ((name, text) for text in _out_of_order(tables[name], keys))
    if "events" in tables:
        yield from (("events", text) for text in _strange_events(plan, numbers, tables["events"]))
    lost = _lost(tables["runs"])
    failed = _failed(tables["runs"])
    if failed != receipt.failed:
        yield "runs", f"its receipt lists failed runs {receipt.failed[:3]}, its rows {failed[:3]}"
    for name, table in tables.items():
        yield from ((name, text) for text in _strange_numbers(table, lost))


def _planned(plan: Plan, numbers: range) -> dict[str, dict[str, Integers]]:
    """Return the columns that name the rows of each table, as the plan has them."""
    pieces = list(plan.segments(numbers))
    points = np.concatenate([np.full(len(runs), point) for point, runs in pieces])
    replicates = np.concatenate([np.arange(runs.start, runs.stop) for _, runs in pieces])
    found = {"runs": {"point": points, "replicate": replicates}}
    inner = (("organisations", "organisation", 0), ("weekly", "week", 1))
    for table, key, first in inner:
        counts = plan.rows_within(table)[points]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first
        if key == "week":
            last = np.repeat(plan.whole("weeks")[points], counts)
            within = week_numbers(within, last, plan.weekly_every)
        named = {"point": np.repeat(points, counts), "replicate": np.repeat(replicates, counts)}
        found[table] = named | {key: within}
    return found


def _out_of_order(table: pa.Table, keys: Mapping[str, Integers]) -> Iterator[str]:
    count = len(keys["point"])
    if table.num_rows != count:
        yield f"{table.num_rows:,} rows, the plan has {count:,}"
        return
    for name, wanted in keys.items():
        column = table[name]
        if column.null_count:
            yield f"{name}: missing in {column.null_count:,} rows"
            continue
        found = column.to_numpy()
        wrong = np.flatnonzero(found != wanted)
        if wrong.size:
            at = int(wrong[0])
            yield f"{name}: row {at + 1} is of {found[at]}, the plan has {wanted[at]}"


def _strange_events(plan: Plan, numbers: range, table: pa.Table) -> Iterator[str]:
    """Check that events are of the chunk's runs, in order; events are kept of one point alone."""
    keys = [table[name] for name in ("point", "replicate", "week", "organisation")]
    if any(column.null_count for column in keys):
        yield "an event without run, week or organisation"
        return
    point, replicate, week, organisation = (column.to_numpy() for column in keys)
    first = int(plan.first_replicate[0])
    sound = (point == 0) & (replicate >= first + numbers.start) & (replicate < first + numbers.stop)
    sound &= (week >= 1) & (week <= plan.whole("weeks")[0])
    # What happens to the vendor's managers is of no organisation: -1.
    sound &= (organisation >= -1) & (organisation < plan.whole("organisations")[0])
    if not sound.all():
        yield f"row {int(np.flatnonzero(~sound)[0]) + 1} is of no run of this chunk"
    if (np.diff(replicate) < 0).any():
        yield "the runs are not in order"


def _codes(runs: pa.Table) -> Integers:
    """Return the number of each run's status; -1 for none that is known."""
    words = written_out(runs["status"]).to_pylist()
    known = {word: code for code, word in enumerate(STATUSES)}
    return np.array([known.get(word, -1) for word in words], np.int64)


def _lost(runs: pa.Table) -> set[tuple[int, int]]:
    """Return point and replicate of the runs that came to nothing."""
    rows = np.flatnonzero(_codes(runs) > NON_FINITE)
    return {(runs["point"][i].as_py(), runs["replicate"][i].as_py()) for i in rows.tolist()}


def _failed(runs: pa.Table) -> list[tuple[int, int, str]]:
    """Return point, replicate and status of the runs that are not ok."""
    rows = np.flatnonzero(_codes(runs) != OK)
    found = runs.select(["point", "replicate", "status"]).take(rows).to_pylist()
    return [(one["point"], one["replicate"], one["status"]) for one in found]


def _strange_numbers(table: pa.Table, lost: set[tuple[int, int]]) -> Iterator[str]:
    """Check that there is no NaN, no infinity, and no value in a run that came to nothing."""
    gone = None
    if lost:
        pairs = zip(table["point"].to_pylist(), table["replicate"].to_pylist(), strict=True)
        gone = np.array([pair in lost for pair in pairs], np.bool_)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pa.types.is_floating(column.type):
            continue
        if not np.isfinite(column.drop_null().to_numpy()).all():
            yield f"{name}: holds a number that is none"
        if gone is not None and np.asarray(column.is_valid())[gone].any():
            yield f"{name}: a run that came to nothing has a value"


def _disagreements(plan: Plan, tables: Tables) -> Iterator[str]:
    """Check that each run is what its organisations make it, bit for bit.

    Runs with a number that is none are left out: what it was is not in the file.
    """
    runs, rows = tables["runs"], tables["organisations"]
    points = runs["point"].to_numpy()
    counts = plan.whole("organisations")[points]
    starts = np.cumsum(counts) - counts
    names = plan.outcomes
    parts = {"cost", "patients_reached"} <= set(names)
    wanted = [name for name in names if kind_and_unit(name)[0] != "ratio" or parts]
    outcomes = np.stack([rows[name].to_numpy() for name in names], axis=-1)  # null becomes NaN
    ok = _codes(runs) == OK
    for count in np.unique(counts):
        these = np.flatnonzero((counts == count) & ok)
        each = outcomes[starts[these][:, None] + np.arange(count)]
        horizons = plan.whole("weeks")[points[these]].astype(float)
        made = columns.run_values(names, each, horizons, wanted)
        for name, values in made.items():
            wrong = np.flatnonzero(_bits(runs[name].to_numpy()[these]) != _bits(values))
            if wrong.size:
                at = int(these[wrong[0]])
                of = f"point {points[at]}, replicate {runs['replicate'][at].as_py()}"
                yield f"{name}: {of}: not what its organisations make it"


def _bits(values: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the bits of floats, with one NaN for all."""
    plain = np.where(np.isnan(values), np.nan, values).astype(np.float64)
    return plain.view(np.uint64)
