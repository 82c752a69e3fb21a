"""The parts of a result: a chunk's tables as Parquet files, and a receipt that vouches for them.

::

    parts/part-000000.parquet           one row per run of the chunk
    parts/organisations-000000.parquet  one row per organisation of a run
    weekly/weekly-000000.parquet        weekly series of each run, if asked for
    events/events-000000.parquet        events, if asked for
    receipts/chunk-000000.json          hashes of these; written last: the chunk is done

A part holds nothing but what its plan and its number decide: no time, machine or process.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.experiment.runs import columns
from sim.experiment.runs.columns import STATUSES, Block
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import (
    DamagedError,
    columns_hash,
    json_bytes,
    parquet_bytes,
    parquet_table,
    read_json,
    sha256,
)
from sim.experiment.store.files import move_aside, write_file

QUARANTINE = "quarantine"
_NUMBER = re.compile(r"-(\d+)\.(?:parquet|json)")
FOLDERS = {
    "runs": ("parts", "part"),
    "organisations": ("parts", "organisations"),
    "weekly": ("weekly", "weekly"),
    "events": ("events", "events"),
}
"""Folder and first word of the files of each table."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a finished chunk.

    ``files``: hashes of file and content by name; ``failed``: (point, replicate, status) of the
    runs that are not ok.
    """

    chunk: int
    identity: str
    runs: int
    files: dict[str, dict[str, str]]
    failed: list[tuple[int, int, str]]


def part_name(table: str, chunk: int) -> str:
    """Return the name of a chunk's file within the result's folder."""
    folder, word = FOLDERS[table]
    return f"{folder}/{word}-{chunk:06d}.parquet"


def receipt_name(chunk: int) -> str:
    """Return the name of a chunk's receipt within the result's folder."""
    return f"receipts/chunk-{chunk:06d}.json"


def kept_tables(plan: Plan) -> list[str]:
    """Return which tables a plan keeps."""
    asked = {"weekly": bool(plan.weekly), "events": plan.events}
    return [name for name in FOLDERS if asked.get(name, True)]


def tables_of(
    plan: Plan, blocks: Sequence[Block], events: NDArray[np.void] | None = None
) -> dict[str, pa.Table]:
    """Return the tables of a chunk from its runs, in order, by name (`kept_tables`).

    Raises ValueError if the plan keeps events and there are none.
    """
    found = {
        "runs": pa.concat_tables(columns.runs(one, plan.outcomes) for one in blocks),
        "organisations": pa.concat_tables(
            columns.organisations(one, plan.outcomes) for one in blocks
        ),
    }
    if plan.weekly:
        found["weekly"] = pa.concat_tables(columns.weekly(one, plan.weekly) for one in blocks)
    if plan.events:
        if events is None:
            raise ValueError("the events of these runs were not kept")
        found["events"] = columns.events(events)
    return {name: table.unify_dictionaries().combine_chunks() for name, table in found.items()}


def write_chunk(
    folder: Path, plan: Plan, identity: str, chunk: int, tables: dict[str, pa.Table]
) -> Receipt:
    """Write the parts of a chunk and then its receipt. Raises DiskError."""
    files = {}
    for name, table in tables.items():
        data = parquet_bytes(table)
        path = folder / part_name(name, chunk)
        # Hashed as read back, so that the receipt vouches for what is on disk.
        content = columns_hash(parquet_table(data, path))
        write_file(path, data)
        files[part_name(name, chunk)] = {"sha256": sha256(data), "columns": content}
    failed = list(_failed(tables["runs"]))
    receipt = Receipt(chunk, identity, len(plan.chunk_range(chunk)), files, failed)
    value = asdict(receipt) | {"failed": [list(one) for one in failed]}
    write_file(folder / receipt_name(chunk), json_bytes(value))
    return receipt


def read_receipt(folder: Path, chunk: int) -> Receipt | None:
    """Return the receipt of a chunk, None if there is none. Raises DamagedError."""
    path = folder / receipt_name(chunk)
    value = read_json(path)
    if value is None:
        return None
    try:
        failed = [(point, replicate, status) for point, replicate, status in value["failed"]]
        return Receipt(value["chunk"], value["identity"], value["runs"], value["files"], failed)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{path}: damaged") from error


def check_chunk(folder: Path, plan: Plan, identity: str, chunk: int) -> Receipt | None:
    """Return the receipt of a chunk whose files are all as they were written, None if undone.

    Raises DamagedError for a receipt or a file that was changed, is of another plan or another
    chunk, or is missing.
    """
    receipt = read_receipt(folder, chunk)
    if receipt is None:
        return None
    names = sorted(part_name(name, chunk) for name in kept_tables(plan))
    if (receipt.identity, receipt.chunk, sorted(receipt.files)) != (identity, chunk, names):
        raise DamagedError(f"{folder / receipt_name(chunk)}: belongs to another result or chunk")
    for name, hashes in receipt.files.items():
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise DamagedError(f"{folder / name}: cannot be read") from error
        if sha256(data) != hashes["sha256"]:
            raise DamagedError(f"{folder / name}: damaged")
    return receipt


def clear_unfinished(folder: Path, chunks: Collection[int] | None) -> None:
    """Remove what writers left that died: of some chunks, or of all (None)."""
    for place in (folder, folder / "receipts", *(folder / one for one, _ in FOLDERS.values())):
        for path in place.glob(".*.new"):
            number = _NUMBER.search(path.name)
            if chunks is None or (number is not None and int(number[1]) in chunks):
                path.unlink(missing_ok=True)


def quarantine_chunk(folder: Path, plan: Plan, chunk: int) -> list[Path]:
    """Move what is there of a chunk aside; return the new places. Raises DiskError."""
    names = [*(part_name(name, chunk) for name in kept_tables(plan)), receipt_name(chunk)]
    there = [folder / name for name in names if (folder / name).exists()]
    return [move_aside(path, folder / QUARANTINE) for path in there]


def strangers(folder: Path, plan: Plan) -> Iterator[Path]:
    """Yield files among the parts that the plan does not know."""
    known = {receipt_name(chunk) for chunk in range(plan.chunks)}
    for name in kept_tables(plan):
        known |= {part_name(name, chunk) for chunk in range(plan.chunks)}
    for place in sorted({folder / "receipts", *(folder / one for one, _ in FOLDERS.values())}):
        if place.is_dir():
            for path in sorted(place.iterdir()):
                hidden = path.name.startswith(".")
                if not hidden and path.relative_to(folder).as_posix() not in known:
                    yield path


def _failed(runs: pa.Table) -> Iterator[tuple[int, int, str]]:
    """Yield point, replicate and status of the runs that are not ok."""
    status: Any = runs["status"].combine_chunks()
    codes = np.asarray(status.indices)
    for at in np.flatnonzero(codes):
        yield runs["point"][at].as_py(), runs["replicate"][at].as_py(), STATUSES[codes[at]]
