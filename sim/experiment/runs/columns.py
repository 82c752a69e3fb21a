"""Results as Arrow tables: one row per run, per organisation of a run, per week, per event.

A null is *never* (a time), *undefined* (a share of nobody) or not applicable (an event's place);
no table holds NaN or an infinity.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim import layout
from sim.experiment.units import shown_unit
from sim.outcomes import column_sums, kind_and_unit

if TYPE_CHECKING:
    from sim.simulate import Result

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_PATIENTS = ("in_care_reached", "left_care", "left_care_reached", "started", "completed", "dropped")


STATUSES = ("ok", "non-finite", "exception", "step-budget", "killed", "timeout")
"""What became of a run. The last two depend on the machine and are tried again on resume."""
OK, NON_FINITE, EXCEPTION, STEP_BUDGET, KILLED, TIMEOUT = range(len(STATUSES))


ARRAYS = ("points", "replicates", "horizons", "status", "outcomes", "weekly", "spans")
"""Fields of a block that have a value a run."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Runs of one shape: n runs of O organisations over T weeks with K phases.

    ``points``, ``replicates``, ``horizons`` (weeks) and ``status`` (a number of `STATUSES`) have a
    value a run; ``outcomes`` (n, O, names), ``weekly`` (n, T) of `sim.layout.SERIES`, with T = 0
    if nobody asked, and ``spans`` (n, O, K, 2) are those of `sim.batch.Kept`. Of the weeks only
    each ``every``-th and the last is there, see `weeks_kept`.
    """

    names: tuple[str, ...]
    phases: tuple[str, ...]
    points: NDArray[np.int32]
    replicates: NDArray[np.int64]
    horizons: NDArray[np.float64]
    status: NDArray[np.int8]
    outcomes: Floats
    weekly: NDArray[np.void]
    spans: Floats
    every: int = 1

    def cut(self, first: int, last: int) -> "Block":
        """Return the runs from ``first`` up to ``last``."""
        part: dict[str, Any] = {name: getattr(self, name)[first:last] for name in ARRAYS}
        return replace(self, **part)

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Which runs came to nothing, (n,): all they would have given is null."""
        return self.status > NON_FINITE


def block_of(result: "Result") -> Block:
    """Return the runs of a result as a block."""
    n, first = result.replicates, result.first_replicate
    return Block(
        result.names,
        tuple(phase.name for phase in result.scenario.phases),
        np.zeros(n, np.int32),
        np.arange(first, first + n, dtype=np.int64),
        np.full(n, float(result.weeks)),
        status_of(result.outcomes, result.sound),
        result.outcomes,
        result.weekly,
        result.phase_spans,
    )


def weeks_kept(weeks: NDArray[np.integer[Any]] | int, every: int) -> Any:
    """Return how many weeks are kept of runs of so many: each ``every``-th, and the last."""
    return -(-weeks // every)


def week_numbers(places: Integers, weeks: Integers | int, every: int) -> Integers:
    """Return the numbers (1 = the first) of weeks that are kept, by their place among these.

    ``places`` count from 1; ``weeks`` are those of the run.
    """
    return np.minimum(places * every, weeks)


def thinned(weekly: NDArray[np.void], every: int) -> NDArray[np.void]:
    """Return the weeks that are kept of series (n, T)."""
    weeks = weekly.shape[1]
    return weekly[:, week_numbers(np.arange(1, weeks_kept(weeks, every) + 1), weeks, every) - 1]


def status_of(outcomes: Floats, sound: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the status (a number of `STATUSES`) of each run, (runs,): ok or non-finite."""
    broken = ~sound | np.isinf(outcomes).any(axis=(1, 2))
    return np.where(broken, NON_FINITE, OK).astype(np.int8)


def runs(block: Block, wanted: Collection[str]) -> pa.Table:
    """Return one row per run: point, replicate, status and each outcome that is wanted.

    Over several organisations an outcome is the mean over those in which it is defined, a time
    its restricted mean with the share that reached it beside it, and cost per patient the ratio
    of the sums.
    """
    columns = {"point": pa.array(block.points), "replicate": pa.array(block.replicates)}
    columns["status"] = _words(block.status, STATUSES)
    lost = block.lost
    found = run_values(block.names, block.outcomes, block.horizons, wanted)
    for name, values in found.items():
        columns[name] = _floats(values, lost)
    return pa.table(columns)


def run_values(
    names: Sequence[str],
    outcomes: Floats,
    horizons: NDArray[np.float64],
    wanted: Collection[str],
) -> dict[str, Floats]:
    """Return the values that a row of a run holds, by column, each (n,); NaN = undefined.

    ``outcomes``: (n, organisations, names), ``horizons``: (n,) weeks.
    """
    found = {}
    late = horizons[:, None]
    for k, name in enumerate(names):
        if name not in wanted:
            continue
        values = outcomes[:, :, k]
        kind, _ = kind_and_unit(name)
        if kind == "time":
            reached = ~np.isnan(values)
            found[name] = _mean(np.where(reached, np.minimum(values, late), late))
            found[f"{name}.share_reached"] = _mean(reached.astype(float))
        elif kind == "ratio":
            parts = (names.index(part) for part in ("cost", "patients_reached"))
            found[name] = _quotient(*(_mean(outcomes[:, :, part]) for part in parts))
        else:
            found[name] = _mean(values)
    return found


def organisations(block: Block, wanted: Collection[str]) -> pa.Table:
    """Return one row per organisation of a run: its outcomes, and when its phases were."""
    count = block.outcomes.shape[1]
    lost = np.repeat(block.lost, count)
    columns = {
        "point": pa.array(np.repeat(block.points, count)),
        "replicate": pa.array(np.repeat(block.replicates, count)),
        "organisation": pa.array(np.tile(np.arange(count, dtype=np.int32), len(block.points))),
    }
    for k, name in enumerate(block.names):
        if name in wanted:
            columns[name] = _floats(block.outcomes[:, :, k].ravel(), lost)
    for k, phase in enumerate(block.phases):
        for end, what in enumerate(("opened", "done")):
            columns[f"phase_{what}.{phase}"] = _floats(block.spans[:, :, k, end].ravel(), lost)
    return pa.table(columns)


def weekly(block: Block, wanted: Collection[str] = layout.SERIES.names or ()) -> pa.Table:
    """Return one row per run and week that is kept (1 = the first): means over organisations."""
    weeks = block.weekly.shape[1]
    horizons = block.horizons.astype(np.int32)[:, None]
    numbers = week_numbers(np.arange(1, weeks + 1, dtype=np.int32), horizons, block.every)
    lost = np.repeat(block.lost, weeks)
    columns = {
        "point": pa.array(np.repeat(block.points, weeks)),
        "replicate": pa.array(np.repeat(block.replicates, weeks)),
        "week": pa.array(numbers.ravel()),
    }
    for name in block.weekly.dtype.names or ():
        if name in wanted:
            columns[name] = _floats(block.weekly[name].ravel(), lost)
    return pa.table(columns)


def events(kept: NDArray[np.void], point: int = 0) -> pa.Table:
    """Return one row per event; role and event in words. ``kept`` as in `sim.simulate.Result`."""
    columns = {
        "point": pa.array(np.full(len(kept), point, dtype=np.int32)),
        "replicate": pa.array(np.ascontiguousarray(kept["replicate"])),
        # A week counts from 1 in files, from 0 inside.
        "week": pa.array(kept["week"] + np.int32(1)),
        "organisation": pa.array(np.ascontiguousarray(kept["organisation"])),
        "role": _words(kept["role"], layout.ROLES),
        "event": _words(kept["event"], layout.EVENTS),
    }
    for name in ("post", "place", "occupant", "detail"):
        values = np.ascontiguousarray(kept[name])
        columns[name] = pa.array(values, mask=values < 0)
    return pa.table(columns)


def described(table: pa.Table, currency: str) -> list[dict[str, str]]:
    """Return the name, type and unit of each column of a table."""
    return [
        {"name": field.name, "type": _type(field.type), "unit": unit_of(field.name, currency)}
        for field in table.schema
    ]


def unit_of(name: str, currency: str) -> str:
    """Return the unit of a column; empty for numbers that count or name rows."""
    if name in ("point", "replicate", "organisation", "status", "phase") or name in _EVENT_COLUMNS:
        return ""
    if name.endswith(".share_reached"):
        return "share"
    if name == "week" or name.startswith(("phase_opened.", "phase_done.", "phase_weeks.")):
        return "weeks"
    if name in layout.SERIES.fields and name != "cost":  # type: ignore[operator]
        return _series_unit(name)
    return shown_unit(kind_and_unit(name)[1], currency)


_EVENT_COLUMNS = ("role", "event", "post", "place", "occupant", "detail")


def _series_unit(name: str) -> str:
    """Return the unit of a weekly series other than cost."""
    if name.startswith("hours_"):
        return "hours"
    if name.startswith("load_"):
        return "share of hours available"
    if name in _PATIENTS:
        return "patients"
    return "people" if name == "staff_leavers" else "share"


def _type(kind: pa.DataType) -> str:
    return "string" if pa.types.is_dictionary(kind) else str(kind)


def _mean(values: Floats) -> Floats:
    """Return means over organisations that are defined, added in order; NaN over none."""
    known = ~np.isnan(values)
    total: Floats = column_sums(np.ascontiguousarray(np.where(known, values, 0.0).T))
    return _quotient(total, known.sum(axis=1).astype(float))


def _quotient(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _floats(values: Floats, lost: NDArray[np.bool_]) -> pa.Array:
    """Return floats as an array whose nulls are what was not finite, or lost."""
    whole = np.ascontiguousarray(values)
    return pa.array(whole, mask=~np.isfinite(whole) | lost)


def _words(codes: NDArray[Any], words: tuple[str, ...]) -> pa.Array:
    """Return words by number; they are stored once."""
    numbers = pa.array(np.ascontiguousarray(codes).astype(np.int32))
    return pa.DictionaryArray.from_arrays(numbers, pa.array(list(words)))
