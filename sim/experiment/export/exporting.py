"""Results for other programs: a folder of CSV tables, or one netCDF file; whole or not there."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from sim.errors import IncompleteError, InputError
from sim.experiment.check.rows import empty_tables
from sim.experiment.export import provenance
from sim.experiment.export.arrays import dataset_of_stored, netcdf_bytes, require_xarray
from sim.experiment.export.meanings import meaning_of, types_of
from sim.experiment.progress import Progress
from sim.experiment.store.encoding import parquet_table, written_out
from sim.experiment.store.files import disk_error, hidden_name
from sim.experiment.store.locks import free_name
from sim.experiment.store.parts import kept_tables, part_name
from sim.experiment.store.stored import Stored, named, open_result

KINDS = ("csv", "netcdf")


def export(
    folder: str | Path,
    out: str | Path,
    kind: str = "csv",
    *,
    force: bool = False,
    allow_failed: bool = False,
    allow_partial: bool = False,
    progress: Progress | None = None,
) -> Stored:
    """Write a stored result to a new folder of CSV tables, or to a new netCDF file.

    Every file of the result is checked first. CSV is written a chunk at a time; netCDF is made in
    memory, as `sim.experiment.export.arrays.dataset_of_stored` describes it.

    Args:
        folder: the folder of a run or a sweep.
        out: the place to write; nothing that is there is overwritten.
        kind: "csv" or "netcdf".
        force: move what is there to ``<out>.old-N`` once the new is written.
        allow_failed: export although runs failed; they have a status and no values.
        allow_partial: export what is there of an unfinished result.
        progress: called with the number of runs written so far.

    Raises:
        InputError: the place is taken or cannot be, there is no result, or xarray is missing.
        DamagedError: the result is not as it was written.
        IncompleteError: runs are missing or failed, and that was not allowed.
        DiskError: it cannot be written.

    """
    if kind not in KINDS:
        raise InputError(f"format: found {kind!r}, allowed {', '.join(KINDS)}")
    if kind == "netcdf":
        require_xarray()
    place = _place(out, Path(folder), force)
    stored = open_result(folder)
    _refuse_incomplete(stored, allow_failed, allow_partial)
    with _appearing(place, force) as hidden:
        if kind == "netcdf":
            hidden.write_bytes(netcdf_bytes(dataset_of_stored(stored)))
        else:
            hidden.mkdir()
            _write_tables(stored, hidden, progress)
    return stored


def _place(out: str | Path, folder: Path, force: bool) -> Path:
    """Return the place to write as an absolute path; raise InputError if it cannot be."""
    if not str(out) or "\0" in str(out):
        raise InputError("--out: must name a place")
    place = Path(out).absolute()
    source, real = folder.resolve(), place.resolve()
    if source in (real, *real.parents) or real in source.parents:
        raise InputError(f"--out: {out}: must lie outside the result's folder, and not around it")
    above = next(one for one in place.parents if os.path.lexists(one))
    if not above.is_dir():
        raise InputError(f"--out: {above} is no folder")
    here = Path.cwd()
    if real in (here, *here.parents):
        raise InputError(f"--out: {out} holds the folder you are in and is not moved")
    if os.path.lexists(place) and not force:
        raise _taken(place)
    return place


def _taken(place: Path) -> InputError:
    return InputError(
        f"--out: {place} exists; choose another place, or --force to move it to "
        f"{free_name(place).name}"
    )


def _refuse_incomplete(stored: Stored, allow_failed: bool, allow_partial: bool) -> None:
    """Raise IncompleteError naming all that is missing or failed and was not allowed."""
    lines = []
    missing = stored.plan.runs - stored.done
    if not stored.chunks:
        lines += [f"{stored.folder}: no run is finished"]
    elif missing and not allow_partial:
        total = f"{stored.plan.runs:,} runs"
        lines += [f"{stored.folder}: partial: {missing:,} of {total} are missing"]
        lines += ["--allow-partial exports what is there"]
    if stored.failed and not allow_failed:
        lines += [f"{stored.folder}: {len(stored.failed)} runs failed:", *named(stored.failed)]
        lines += ["--allow-failed exports them without values"]
    if lines:
        raise IncompleteError("\n".join(lines))


def _make_room(place: Path, force: bool) -> None:
    """Move aside what is at a place."""
    if not os.path.lexists(place):
        return
    if not force:
        raise _taken(place)
    place.rename(free_name(place))


@contextmanager
def _appearing(place: Path, force: bool) -> Iterator[Path]:
    """Give a hidden name; what is written there gets the place's name when it is whole, or goes."""
    hidden = hidden_name(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield hidden
        if hidden.is_dir():
            for path in hidden.iterdir():
                _sync(path)
        _sync(hidden)
        _make_room(place, force)
        if hidden.is_dir():
            hidden.rename(place)
        else:
            os.link(hidden, place)  # a rename would replace what came there meanwhile
    except OSError as error:
        raise disk_error(place, error) from error
    finally:
        if hidden.is_dir():
            shutil.rmtree(hidden, ignore_errors=True)
        else:
            hidden.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if os.name == "nt":  # only files that are open for writing can be
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_tables(stored: Stored, folder: Path, progress: Progress | None) -> None:
    """Write all tables, what their columns mean, and last where they come from."""
    plan = stored.plan
    empty = empty_tables(plan)
    rows = {"points": _write_csv(folder / "points.csv", [plan.table], plan.table)}
    for name in kept_tables(plan):
        parts = _parts(stored, name, progress if name == kept_tables(plan)[-1] else None)
        rows[name] = _write_csv(folder / f"{name}.csv", parts, empty[name])
    described = pa.Table.from_pylist(
        [
            {
                "table": name,
                "column": column,
                "type": kind,
                "unit": (meaning := meaning_of(name, column, plan.base)).unit,
                "label": meaning.label,
                "meaning": meaning.text,
            }
            for name, table in {"points": plan.table, **empty}.items()
            for column, kind in types_of(table).items()
        ]
    )
    rows["columns"] = _write_csv(folder / "columns.csv", [described], described)
    facts = provenance.of_stored(stored)
    facts["files"] = {
        f"{name}.csv": {"rows": count, "sha256": _hash(folder / f"{name}.csv")}
        for name, count in rows.items()
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "provenance.json").write_text(f"{text}\n", encoding="utf-8")


def _parts(stored: Stored, name: str, progress: Progress | None) -> Iterator[pa.Table]:
    """Yield the table of each finished chunk."""
    done = 0
    for chunk in stored.chunks:
        path = stored.folder / part_name(name, chunk)
        yield parquet_table(path.read_bytes(), path)
        done += len(stored.plan.chunk_range(chunk))
        if progress:
            progress(done)


def _write_csv(path: Path, parts: Iterable[pa.Table], like: pa.Table) -> int:
    """Write tables below each other; return the number of rows. Null is an empty cell."""
    rows = 0
    with path.open("wb") as file, pyarrow.csv.CSVWriter(file, _plain(like).schema) as writer:
        for part in parts:
            writer.write_table(_plain(part))
            rows += part.num_rows
    return rows


def _plain(table: pa.Table) -> pa.Table:
    return pa.table([written_out(column) for column in table.columns], names=table.column_names)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        found: Any = hashlib.file_digest(file, "sha256")
    return str(found.hexdigest())
