"""Runs that are there already, kept in the store's layout: ``mih run --out``."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv

from sim.experiment import tables
from sim.experiment.doubt.running import laid_out
from sim.experiment.store.encoding import written_out
from sim.experiment.store.files import write_file
from sim.experiment.store.folder import identity_of, prepare, seal
from sim.experiment.store.parts import tables_of, write_chunk

if TYPE_CHECKING:
    from sim.simulate import Result


def fill(result: "Result", folder: Path, command: Sequence[str]) -> str:
    """Write a result to a folder this process holds; return its id. Raises DiskError."""
    plan, whole = laid_out(result, command)
    manifest = prepare(folder, plan)
    identity = identity_of(manifest)
    events, receipts = result.events, []
    for chunk in range(plan.chunks):
        numbers = plan.chunk_range(chunk)
        block = whole.cut(numbers.start, numbers.stop)
        happened = None
        if events is not None:
            at = events["replicate"] - result.first_replicate
            happened = events[(at >= numbers.start) & (at < numbers.stop)]
        kept = tables_of(plan, [block], happened)
        receipts.append(write_chunk(folder, plan, identity, chunk, kept))
    made: str = seal(folder, manifest, receipts)["result"]
    everything = tables_of(replace(plan, weekly=(), events=False), [whole])
    for stem, table in (
        ("summary", tables.summary_table(result)),
        ("runs", everything["runs"]),
        ("organisations", everything["organisations"]),
        ("weekly_quantiles", tables.weekly_table(result)),
    ):
        write_file(folder / "tables" / f"{stem}.csv", csv_bytes(table))
    return made


def csv_bytes(table: pa.Table) -> bytes:
    """Return a table as CSV; words are written out."""
    stream = pa.BufferOutputStream()
    plain = [written_out(column) for column in table.columns]
    pa.csv.write_csv(pa.table(plain, names=table.column_names), stream)
    data: bytes = stream.getvalue().to_pybytes()
    return data
