"""The store: results of runs in a folder, sealed when they are whole.

::

    manifest.json                       what was run: plan, scenario, seed, columns, versions
    plan.parquet                        the points and their replicates
    parts/part-000000.parquet           one row per run
    parts/organisations-000000.parquet  one row per organisation of a run
    weekly/weekly-000000.parquet        weekly series of each run
    events/events-000000.parquet        events, if asked for
    SEAL.json                           hashes of all files; written last
    tables/                             the same as CSV; not sealed

What is hashed holds no time, machine or process: the same command gives the same bytes.
"""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sim.compiled import source_hash
from sim.errors import IncompleteError, InputError, MihError
from sim.experiment import columns, tables
from sim.experiment.files import claim, write_file

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario import Scenario
    from sim.simulate import Result

STORE_VERSION = 1
MANIFEST, SEAL, PLAN = "manifest.json", "SEAL.json", "plan.parquet"
RUNS, ORGANISATIONS = "parts/part-000000.parquet", "parts/organisations-000000.parquet"
WEEKLY, EVENTS = "weekly/weekly-000000.parquet", "events/events-000000.parquet"
PACKAGES = ("numpy", "numba", "pyarrow", "mih-sim")


class DamagedError(MihError):
    """A stored file is not what was written."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True)
class Stored:
    """A result read from a folder; frames hold NaN where a file holds null.

    ``sealed``: the result is whole and every file is what was written; ``result`` is its id then.
    """

    folder: Path
    manifest: dict[str, Any]
    plan: "pd.DataFrame"
    runs: "pd.DataFrame"
    organisations: "pd.DataFrame"
    weekly: "pd.DataFrame | None"
    events: "pd.DataFrame | None"
    sealed: bool
    result: str | None


def write_result(
    result: "Result", folder: Path, *, command: Sequence[str], force: bool = False
) -> str:
    """Write the runs of one scenario to a folder and return the result's id.

    ``command`` is what was asked for, without anything that belongs to the machine (such as the
    folder). Raises InputError, BusyError and DiskError as `sim.experiment.files.claim` does.
    """
    with claim(folder, force=force):
        return fill(result, folder, command)


def fill(result: "Result", folder: Path, command: Sequence[str]) -> str:
    """Write a result to a folder this process holds; return its id. Raises DiskError."""
    kept = {
        PLAN: _plan_table(result),
        RUNS: columns.runs(result),
        ORGANISATIONS: columns.organisations(result),
        WEEKLY: columns.weekly(result),
    }
    if result.events is not None:
        kept[EVENTS] = columns.events(result)
    manifest = _manifest(result, kept, command)
    files = {MANIFEST: {"sha256": _write_json(folder / MANIFEST, manifest)}}
    for name, table in kept.items():
        data = _parquet(table)
        write_file(folder / name, data)
        # Hashed as read back, so that the seal vouches for what is on disk.
        decoded = pa.parquet.read_table(pa.BufferReader(data), page_checksum_verification=True)
        files[name] = {"sha256": _sha256(data), "columns": columns_hash(decoded)}
    plan = _plan_hash(result)
    made = _result_id(plan, files)
    seal = {"store": STORE_VERSION, "plan": plan, "files": files, "result": made}
    _write_json(folder / SEAL, seal)
    for stem, table in (
        ("summary", tables.summary_table(result)),
        ("runs", kept[RUNS]),
        ("organisations", kept[ORGANISATIONS]),
        ("weekly_quantiles", tables.weekly_table(result)),
    ):
        write_file(folder / "tables" / f"{stem}.csv", _csv(table))
    return made


def read_result(folder: Path) -> Stored:
    """Read a result, checking every page and, if it is sealed, every file.

    Raises InputError for a folder that holds no result, IncompleteError if parts are missing
    and DamagedError for what is not as it was written.
    """
    manifest = _read_json(folder / MANIFEST)
    if manifest is None:
        raise InputError(f"{folder}: holds no result (there is no {MANIFEST})")
    if manifest.get("store") != STORE_VERSION:
        raise InputError(f"{folder}: made by another version of the store; this one cannot read it")
    seal = _read_json(folder / SEAL)
    if seal is not None:
        _check_seal(folder, seal)
    frames = {name: _read(folder / name) for name in (PLAN, RUNS, ORGANISATIONS, WEEKLY, EVENTS)}
    plan, runs, organisations = (frames[name] for name in (PLAN, RUNS, ORGANISATIONS))
    if plan is None or runs is None or organisations is None:
        missing = [name for name in (PLAN, RUNS, ORGANISATIONS) if frames[name] is None]
        raise IncompleteError(f"{folder}: unfinished; missing {', '.join(missing)}")
    return Stored(
        folder,
        manifest,
        plan,
        runs,
        organisations,
        frames[WEEKLY],
        frames[EVENTS],
        seal is not None,
        seal["result"] if seal else None,
    )


def columns_hash(table: pa.Table) -> str:
    """Return the sha256 of the content of a table: names, types, nulls and values.

    It does not depend on how a version of Parquet happens to encode them.
    """
    digest = hashlib.sha256()
    for field, chunks in zip(table.schema, table.columns, strict=True):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        column = chunks.cast(kind)
        digest.update(f"{field.name}\0{kind}\0{len(column)}\0".encode())
        digest.update(np.asarray(column.is_null()).tobytes())
        if pa.types.is_string(kind):
            words = [word.encode() for word in column.drop_null().to_pylist()]
            digest.update(np.array([len(word) for word in words], "<i8").tobytes())
            digest.update(b"".join(words))
        else:
            values = column.drop_null().to_numpy()
            digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions that a manifest records."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        found[name] = version_of(name)
    return found


def version_of(package: str) -> str:
    """Return the version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _manifest(
    result: "Result", kept: dict[str, pa.Table], command: Sequence[str]
) -> dict[str, Any]:
    """Return what was run and what the files hold."""
    scenario = result.scenario
    return {
        "store": STORE_VERSION,
        "command": list(command),
        "label": result.label,
        "plan": _plan_hash(result),
        "name": scenario.name,
        "scenario": scenario.to_toml(),
        "parameters": _parameters(scenario),
        "seed": result.seed,
        "weeks": result.weeks,
        "first_replicate": result.first_replicate,
        "replicates": result.replicates,
        "engine": result.engine,
        "chunks": {"count": 1, "replicates": result.replicates},
        "columns": {
            name: columns.described(table, scenario.currency) for name, table in kept.items()
        },
        "source": source_hash(),
        "versions": versions(),
    }


def _parameters(scenario: "Scenario") -> dict[str, Any]:
    """Return every input of a scenario, defaults included."""
    return {
        **scenario.values,
        "attention": [list(step) for step in scenario.attention],
        "mechanisms": dict(scenario.mechanisms),
        "phases": [asdict(phase) for phase in scenario.phases],
    }


def _plan_table(result: "Result") -> pa.Table:
    """Return the plan: one point, its replicates and what differs from the defaults."""
    row: dict[str, Any] = {
        "point": 0,
        "first_replicate": result.first_replicate,
        "replicates": result.replicates,
    }
    for name, value in result.scenario.differences().items():
        row[name] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
    return pa.Table.from_pylist([row])


def _plan_hash(result: "Result") -> str:
    """Return the hash of what decides the runs; the engine does not."""
    plan = {
        "store": STORE_VERSION,
        "scenario": result.scenario.to_toml(),
        # The text names only what differs from the defaults, which a version may change.
        "parameters": _parameters(result.scenario),
        "seed": result.seed,
        "weeks": result.weeks,
        "points": [[0, result.first_replicate, result.replicates]],
    }
    return _sha256(_canonical(plan))


def _result_id(plan: str, files: dict[str, dict[str, str]]) -> str:
    """Return the id of a result: its plan and the content of its parts, series apart."""
    parts = {name: files[name]["columns"] for name in (RUNS, ORGANISATIONS)}
    return _sha256(_canonical({"plan": plan, "parts": parts}))[:16]


def _check_seal(folder: Path, seal: dict[str, Any]) -> None:
    """Raise DamagedError unless every sealed file is there and as it was."""
    try:
        wrong = [
            name
            for name, hashes in seal["files"].items()
            if _sha256((folder / name).read_bytes()) != hashes["sha256"]
        ]
        sound = seal["result"] == _result_id(seal["plan"], seal["files"])
    except OSError as error:
        raise DamagedError(f"{folder}: sealed, but {error.filename} cannot be read") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder / SEAL}: damaged") from error
    if wrong or not sound:
        raise DamagedError(f"{folder}: damaged: {', '.join(wrong) or SEAL}")


def _read(path: Path) -> "pd.DataFrame | None":
    """Return the frame of a file, None if it is not there. Raises DamagedError."""
    if not path.exists():
        return None
    try:
        table = pa.parquet.read_table(path, page_checksum_verification=True, memory_map=False)
        frame: pd.DataFrame = table.to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedError(f"{path}: damaged ({reason})") from error
    return frame


def _parquet(table: pa.Table) -> bytes:
    stream = pa.BufferOutputStream()
    words = [field.name for field in table.schema if not pa.types.is_primitive(field.type)]
    pa.parquet.write_table(
        table, stream, compression="zstd", use_dictionary=words, write_page_checksum=True
    )
    data: bytes = stream.getvalue().to_pybytes()
    return data


def _csv(table: pa.Table) -> bytes:
    stream = pa.BufferOutputStream()
    plain = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    pa.csv.write_csv(pa.table(plain, names=table.column_names), stream)
    data: bytes = stream.getvalue().to_pybytes()
    return data


def _write_json(path: Path, value: object) -> str:
    """Write a JSON file and return its hash."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    data = (text + "\n").encode()
    write_file(path, data)
    return _sha256(data)


def _read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file, None if it is not there. Raises DamagedError."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path}: damaged") from error
    if not isinstance(found, dict):
        raise DamagedError(f"{path}: damaged")
    return found


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
