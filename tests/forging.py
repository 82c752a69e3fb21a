"""Small results in several chunks, and ways to forge them so that all hashes hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim import simulate
from sim.experiment.design.study import study_of
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store.encoding import canonical, json_bytes, parquet_table, sha256
from sim.experiment.store.folder import MANIFEST, SEAL, identity_of, read_manifest, read_plan, seal
from sim.experiment.store.parts import kept_tables, part_name, read_receipt, write_chunk
from sim.scenario import loads
from tests.keeping import write_result

SMALL = loads('title = "small"\norganisations = 2\nclinicians = 8\ncaseload = 2\nweeks = 40\n')
HERE = Way(workers=0)

SMALL_CHUNKS = 16_000
"""Work of a chunk (`sim.experiment.runs.plan.CHUNK_WORK`) that cuts these results in several."""


def make_results(place: Path) -> None:
    """Write a sweep and a run with events to the folders sweep and run."""
    study = study_of(
        SMALL,
        {
            "organisations": [1, 3],
            "role_clarity": [0.3, 0.7],
            "network": ["teams", "random"],
            "mechanisms.trust": [True, False],
        },
        replicates=3,
        weekly=["adoption", "trust"],
    )
    report = execute(plan_of_study(study, command=("mih", "sweep", "x")), place / "sweep", HERE)
    assert report.result is not None
    write_result(simulate.run(SMALL, 6, events=True), place / "run", command=("mih", "run", "x"))


def tables(folder: Path, plan: Plan, chunk: int) -> dict[str, pa.Table]:
    paths = {name: folder / part_name(name, chunk) for name in kept_tables(plan)}
    return {name: parquet_table(path.read_bytes(), path) for name, path in paths.items()}


def reseal(folder: Path) -> None:
    """Write the seal anew, as whoever forges a result would."""
    plan, manifest = read_plan(folder)
    receipts = [read_receipt(folder, chunk) for chunk in range(plan.chunks)]
    (folder / SEAL).unlink(missing_ok=True)
    seal(folder, manifest, [one for one in receipts if one is not None])


Change = Callable[[dict[str, pa.Table]], None]


def forge(folder: Path, chunk: int, change: Change) -> None:
    """Change the tables of a chunk and write a fresh part, receipt and seal."""
    plan, manifest = read_plan(folder)
    found = tables(folder, plan, chunk)
    change(found)
    write_chunk(folder, plan, identity_of(manifest), chunk, found)
    reseal(folder)


def with_value(table: pa.Table, name: str, row: int, value: Any) -> pa.Table:
    values = table[name].to_pylist()
    values[row] = value
    place = table.column_names.index(name)
    return table.set_column(place, name, pa.array(values, table.schema.field(name).type))


def as_made_by(folder: Path, **changes: Any) -> None:
    """Rewrite a whole folder as one whose manifest says something else."""
    plan, _ = read_plan(folder)
    manifest = read_manifest(folder) | changes
    manifest["plan"] = sha256(canonical(manifest["decides"]))
    (folder / MANIFEST).write_bytes(json_bytes(manifest))
    receipts = []
    for chunk in range(plan.chunks):
        found = tables(folder, plan, chunk)
        receipts.append(write_chunk(folder, plan, identity_of(manifest), chunk, found))
    (folder / SEAL).unlink()
    seal(folder, manifest, receipts)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def swap(name: str) -> Change:
    def change(found: dict[str, pa.Table]) -> None:
        order = [1, 0, *range(2, found[name].num_rows)]
        found[name] = found[name].take(order)

    return change


def cut(name: str) -> Change:
    def change(found: dict[str, pa.Table]) -> None:
        found[name] = found[name].slice(0, found[name].num_rows - 1)

    return change


def twice(name: str) -> Change:
    def change(found: dict[str, pa.Table]) -> None:
        found[name] = found[name].take([0, 0, *range(2, found[name].num_rows)])

    return change


def set_value(name: str, column: str, value: Any) -> Change:
    def change(found: dict[str, pa.Table]) -> None:
        found[name] = with_value(found[name], column, 0, value)

    return change


def rename(name: str) -> Change:
    def change(found: dict[str, pa.Table]) -> None:
        names = found[name].column_names
        found[name] = found[name].rename_columns([*names[:-1], "other"])

    return change


def consistent(found: dict[str, pa.Table]) -> None:
    """Change the trust of a week by the last bit, which nothing else in the files shows."""
    value = found["weekly"]["trust"][0].as_py()
    found["weekly"] = with_value(found["weekly"], "trust", 0, float(np.nextafter(value, 1.0)))
