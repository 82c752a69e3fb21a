"""Results read back: sealed or partial, checked, as frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sim.errors import IncompleteError
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import DamagedError, parquet_table, sha256
from sim.experiment.store.folder import SEAL, identity_of, read_plan, read_seal, result_id
from sim.experiment.store.parts import check_chunk, kept_tables, part_name

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Stored:
    """A result in a folder; frames hold NaN where a file holds null.

    ``sealed``: every planned run is there and every file is what was written; ``result`` is its
    id then. Otherwise ``chunks`` lists the finished chunks, which are all that the frames hold.
    ``failed``: (point, replicate, status) of the runs that are not ok.
    """

    folder: Path
    plan: Plan
    manifest: dict[str, Any]
    chunks: Sequence[int]
    failed: list[tuple[int, int, str]]
    sealed: bool
    result: str | None

    @property
    def done(self) -> int:
        """Number of finished runs."""
        return sum(len(self.plan.chunk_range(chunk)) for chunk in self.chunks)

    @cached_property
    def points(self) -> "pd.DataFrame":
        """One row per point: its number, replicates and factors."""
        frame: pd.DataFrame = self.plan.table.to_pandas()
        return frame

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """One row per run: point, replicate, status and outcomes."""
        return self._frame("runs")

    @cached_property
    def organisations(self) -> "pd.DataFrame":
        """One row per organisation of a run."""
        return self._frame("organisations")

    @cached_property
    def weekly(self) -> "pd.DataFrame | None":
        """One row per run and week, None if weekly series were not kept."""
        return self._frame("weekly") if self.plan.weekly else None

    @cached_property
    def events(self) -> "pd.DataFrame | None":
        """One row per event, None if events were not kept."""
        return self._frame("events") if self.plan.events else None

    def frame(self) -> "pd.DataFrame":
        """Return the tidy frame: one row per run, its factors before its outcomes."""
        factors = ["point", *self.plan.points]
        found: pd.DataFrame = self.points[factors].merge(self.runs, on="point", how="right")
        return found

    def summary(self, *, allow_failed: bool = False) -> "pd.DataFrame":
        """Return a row for each outcome and point: factors, mean, 95 % interval, n, share reached.

        See `sim.experiment.points_summary.points_summary`. Raises IncompleteError if runs are
        missing, or failed and ``allow_failed`` is not given.
        """
        from sim.experiment.points_summary import points_summary

        return points_summary(self, allow_failed=allow_failed)

    def plot(self, outcome: str = "adoption", *, allow_failed: bool = False) -> "Figure":
        """Return a matplotlib figure of an outcome over the points, as suits the study.

        Raises InputError for an outcome that was not kept, and IncompleteError as `summary` does.
        """
        from sim.plots.sweep import sweep_figure

        return sweep_figure(self.complete(allow_failed=allow_failed), outcome)

    def to_xarray(self) -> "xr.Dataset":
        """Return labelled arrays; see `sim.experiment.export.arrays.dataset_of_stored`."""
        from sim.experiment.export.arrays import dataset_of_stored

        return dataset_of_stored(self)

    def table(self, name: str) -> pa.Table:
        """Return the Arrow table of all finished chunks: runs, organisations, weekly, events.

        Raises KeyError for what was not kept, DamagedError for a page that was changed, and
        IncompleteError if no chunk is finished.
        """
        if name not in kept_tables(self.plan):
            raise KeyError(name)
        paths = [self.folder / part_name(name, chunk) for chunk in self.chunks]
        tables = [parquet_table(path.read_bytes(), path) for path in paths]
        if not tables:
            raise IncompleteError(f"{self.folder}: no chunk is finished")
        return pa.concat_tables(tables).unify_dictionaries()

    def _frame(self, name: str) -> "pd.DataFrame":
        frame: pd.DataFrame = self.table(name).to_pandas()
        return frame

    def complete(self, *, allow_failed: bool = False) -> "Stored":
        """Return this result if every run is there and ok.

        Raises IncompleteError naming what is missing or failed, unless ``allow_failed``.
        """
        missing = self.plan.runs - self.done
        if missing:
            total = f"{self.plan.runs:,} runs"
            raise IncompleteError(f"{self.folder}: partial: {missing:,} of {total} are missing")
        if self.failed and not allow_failed:
            head = f"{self.folder}: {len(self.failed)} runs failed:"
            raise IncompleteError("\n".join([head, *named(self.failed)]))
        return self


def named(failed: Sequence[tuple[int, int, str]], most: int = 20) -> list[str]:
    """Return a line for each failed run, up to some number."""
    lines = [
        f"  point {point}, replicate {replicate}: {status}" for point, replicate, status in failed
    ]
    return lines if len(lines) <= most else [*lines[:most], f"  and {len(lines) - most} more"]


def open_result(folder: str | Path) -> Stored:
    """Read a result, checking every file; ``sealed`` says whether it is whole.

    Raises InputError for a folder that holds no result, and DamagedError for one that was sealed
    or finished in part and is not as it was written.
    """
    place = Path(folder)
    plan, manifest = read_plan(place)
    seal = read_seal(place)
    if seal is not None:
        check_seal(place, seal, manifest)
        failed = [(point, replicate, status) for point, replicate, status in seal["failed"]]
        return Stored(place, plan, manifest, range(plan.chunks), failed, True, seal["result"])
    identity = identity_of(manifest)
    chunks: list[int] = []
    failed = []
    for chunk in range(plan.chunks):
        receipt = check_chunk(place, plan, identity, chunk)
        if receipt is not None:
            chunks.append(chunk)
            failed += receipt.failed
    return Stored(place, plan, manifest, chunks, failed, False, None)


def check_seal(folder: Path, seal: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Raise DamagedError unless every sealed file is there and as it was."""
    try:
        wrong = [
            name
            for name, hashes in seal["files"].items()
            if sha256((folder / name).read_bytes()) != hashes["sha256"]
        ]
        sound = seal["identity"] == identity_of(manifest)
        sound &= seal["result"] == result_id(seal["plan"], seal["files"])
    except OSError as error:
        raise DamagedError(f"{folder}: sealed, but {error.filename} cannot be read") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder / SEAL}: damaged") from error
    if wrong or not sound:
        raise DamagedError(f"{folder}: damaged: {', '.join(wrong) or SEAL}")
