"""Results as labelled arrays (xarray), and as the bytes of a netCDF file."""

import json
import shlex
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from sim import layout
from sim.errors import InputError, how_to_install
from sim.experiment.doubt.running import laid_out
from sim.experiment.export import provenance
from sim.experiment.export.meanings import Meaning, meaning_of
from sim.experiment.runs.columns import STATUSES
from sim.experiment.runs.plan import Plan
from sim.experiment.store.parts import kept_tables, tables_of

if TYPE_CHECKING:
    import xarray as xr

    from sim.experiment.store.stored import Stored
    from sim.simulate import Result

_PACKAGES = ("xarray", "h5netcdf", "h5py")

_KEYS = ("point", "replicate", "organisation", "week")
_WORDS = {"status": STATUSES, "role": layout.ROLES, "event": layout.EVENTS}
_INNER = {"organisations": "organisation", "weekly": "week"}
_PREFIX = {"runs": "", "organisations": "organisation_", "weekly": "weekly_", "events": "event_"}
"""What stands before the names of each table's columns: several tables have an ``adoption``."""

_PLAIN_UNITS = {"hours": "h"}
"""xarray would read a number of "hours" back as a length of time of its own type."""

_MISSING = np.int32(-1)

_COMPRESSED = {"zlib": True, "complevel": 4, "shuffle": True, "fletcher32": True}
"""HDF5 lets a flipped bit pass in silence unless blocks carry a checksum (fletcher32)."""


def require_xarray() -> None:
    """Raise InputError, with the command that installs them, if a library is missing."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        lacking = ", ".join(missing)
        raise InputError(f"netCDF: {lacking} not installed; {how_to_install('xarray')}")


def dataset_of_stored(stored: "Stored") -> "xr.Dataset":
    """Return a stored result as labelled arrays.

    Where all points have the same replicates, organisations and weeks, runs have the dimensions
    ``point`` and ``replicate``, else ``run``. Columns of organisations (``organisation_...``) add
    the dimension ``organisation``, weekly ones (``weekly_...``) ``week``; if their number differs
    between runs they have one row each (``organisation_row``, ``week_row``) that names its run.
    Events have a dimension of their own. Factors are coordinates; words of few kinds are numbers
    with their ``flag_meanings``. NaN is never (a time), undefined, or a run that came to nothing.

    Raises InputError if xarray is not installed, IncompleteError if no chunk is finished.
    """
    tables = {name: stored.table(name) for name in kept_tables(stored.plan)}
    return _dataset(stored.plan, tables, provenance.of_stored(stored))


def dataset_of_result(result: "Result") -> "xr.Dataset":
    """Return the runs of one scenario as labelled arrays, without the dimension ``point``.

    Otherwise, and under draws of the rules in all, as `dataset_of_stored`.
    """
    plan, block = laid_out(result)
    tables = tables_of(plan, [block], result.events)
    made = _dataset(plan, tables, provenance.of_plan(plan))
    if plan.count > 1:
        return made
    return made.isel(point=0, drop=True).drop_vars("event_point", errors="ignore")


def netcdf_bytes(dataset: "xr.Dataset") -> bytes:
    """Return labelled arrays as a netCDF-4 file: compressed, each block with a checksum.

    It is made in memory: HDF5 can end the process when a disk is full.
    """
    # What is given here replaces a variable's own encoding.
    encoding = {
        str(name): _own(one.encoding) | _COMPRESSED
        for name, one in dataset.variables.items()
        if one.dtype.kind in "fiu" and one.size and one.ndim
    }
    return bytes(dataset.to_netcdf(engine="h5netcdf", encoding=encoding))


def _dataset(plan: Plan, tables: Mapping[str, pa.Table], facts: Mapping[str, Any]) -> "xr.Dataset":
    require_xarray()
    import xarray as xr

    maker = _Maker(plan, tables)
    for name in tables:
        maker.add(name)
    return xr.Dataset(maker.variables, maker.coordinates, _attributes(facts))


class _Maker:
    """Variables and coordinates of a dataset, by name."""

    def __init__(self, plan: Plan, tables: Mapping[str, pa.Table]) -> None:
        self.plan = plan
        self.tables = tables
        self.variables: dict[str, Any] = {}
        self.coordinates: dict[str, Any] = {}
        self.points = tables["runs"]["point"].to_numpy()
        self.outer: tuple[str, ...] = ("run",)
        self.shape: tuple[int, ...] = (len(self.points),)
        if self._rectangular():
            count = int(plan.replicates[0])
            self.outer, self.shape = ("point", "replicate"), (plan.count, count)
            first = int(plan.first_replicate[0])
            self._coordinate("point", ("point",), np.arange(plan.count, dtype=np.int32))
            self._coordinate("replicate", ("replicate",), np.arange(first, first + count))
        else:
            self._coordinate("point", self.outer, self.points)
            self._coordinate("replicate", self.outer, tables["runs"]["replicate"].to_numpy())
        for name, values in plan.points.items():
            of_run = values if self.outer[0] == "point" else values[self.points]
            self._coordinate(name, self.outer[:1], of_run)

    def add(self, table: str) -> None:
        """Add the columns of a table, those that name its rows as coordinates."""
        dims, shape = self._place(table)
        for name in self.tables[table].column_names:
            if table != "events" and name in _KEYS:
                continue
            values, attributes, encoding = _values(self.tables[table][name], name)
            meaning = meaning_of(table, name, self.plan.base)
            kept = _described(meaning) | attributes
            made = (dims, values.reshape(shape), kept, encoding)
            self.variables[f"{_PREFIX[table]}{name}"] = made

    def _place(self, table: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return dimensions and shape of a table's columns; add what names its rows."""
        if table == "runs":
            return self.outer, self.shape
        rows = self.tables[table].num_rows
        if table == "events":
            return ("event",), (rows,)
        inner = _INNER[table]
        counts = self.plan.rows_within(table)[self.points]
        numbers = self.tables[table][inner].to_numpy()
        if len(np.unique(counts)) == 1:
            count = int(counts[0])
            self._coordinate(inner, (inner,), numbers[:count])
            return (*self.outer, inner), (*self.shape, count)
        dim = f"{inner}_row"
        run = np.repeat(np.arange(len(counts)), counts)
        text = "Number along the dimension run of the run that the row is of, from 0."
        attributes = _described(Meaning("Run", "", text)) | {"instance_dimension": "run"}
        self.coordinates[f"{dim}_run"] = ((dim,), run, attributes)
        self._coordinate(inner, (dim,), numbers)
        return (dim,), (rows,)

    def _rectangular(self) -> bool:
        plan = self.plan
        alike = [plan.first_replicate, plan.replicates]
        alike += [plan.rows_within(table) for table in _INNER if table in self.tables]
        return len(self.points) == plan.runs and all((one == one[0]).all() for one in alike)

    def _coordinate(self, name: str, dims: tuple[str, ...], values: NDArray[Any]) -> None:
        meaning = meaning_of("points", name, self.plan.base)
        self.coordinates[name] = (dims, values, _described(meaning))


def _values(
    column: pa.ChunkedArray, name: str
) -> tuple[NDArray[Any], dict[str, Any], dict[str, Any]]:
    """Return the values of a column with attributes and encoding of their own."""
    if name in _WORDS:
        words = _WORDS[name]
        codes = compute.index_in(column.cast(pa.string()), value_set=pa.array(words))
        flags = {
            "flag_values": np.arange(len(words), dtype=np.int8),
            "flag_meanings": " ".join(word.replace(" ", "_") for word in words),
        }
        return codes.to_numpy().astype(np.int8), flags, {}
    if pa.types.is_integer(column.type) and name not in _KEYS:
        # What may be missing is a float in memory and a whole number in a file.
        whole_numbers = {"dtype": "int32", "_FillValue": _MISSING}
        return column.cast(pa.float64()).to_numpy(), {}, whole_numbers
    return column.to_numpy(), {}, {}


def _own(encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encoding[name] for name in ("dtype", "_FillValue") if name in encoding}


def _described(meaning: Meaning) -> dict[str, Any]:
    unit = _PLAIN_UNITS.get(meaning.unit, meaning.unit) or "1"
    return {"long_name": meaning.label, "units": unit, "description": meaning.text}


def _attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as a netCDF file can hold them: text and numbers; what is None is left out."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if name == "command":
            found[name] = shlex.join(value)
        elif isinstance(value, bool):
            found[name] = "yes" if value else "no"
        elif isinstance(value, Mapping | list):
            found[name] = json.dumps(value, ensure_ascii=False)
        elif value is not None:
            found[name] = value
    return found
