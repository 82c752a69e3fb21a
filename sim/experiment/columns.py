"""Results as Arrow tables: one row per run, per organisation of a run, per week, per event.

A null is *never* (a time), *undefined* (a share of nobody) or not applicable (an event's place);
no table holds NaN or an infinity.
"""

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

_PATIENTS = ("in_care_reached", "left_care", "left_care_reached", "started", "completed", "dropped")


def runs(result: "Result", point: int = 0) -> pa.Table:
    """Return one row per run: point, replicate, status and each outcome.

    Over several organisations an outcome is the mean over those in which it is defined, a time
    its restricted mean with the share that reached it beside it, and cost per patient the ratio
    of the sums.
    """
    columns = {"point": _same(point, result.replicates), "replicate": pa.array(_numbers(result))}
    broken = np.isinf(result.outcomes).any(axis=(1, 2))
    columns["status"] = _words(np.asarray(broken), ("ok", "non-finite"))
    for k, name in enumerate(result.names):
        values = result.outcomes[:, :, k]
        kind, _ = kind_and_unit(name)
        if kind == "time":
            reached = ~np.isnan(values)
            columns[name] = _floats(
                _mean(np.where(reached, np.minimum(values, result.weeks), result.weeks))
            )
            columns[f"{name}.share_reached"] = _floats(_mean(reached.astype(float)))
        elif kind == "ratio":
            cost, patients = (_named(result, part) for part in ("cost", "patients_reached"))
            columns[name] = _floats(_quotient(_mean(cost), _mean(patients)))
        else:
            columns[name] = _floats(_mean(values))
    return pa.table(columns)


def organisations(result: "Result", point: int = 0) -> pa.Table:
    """Return one row per organisation of a run: its outcomes, and when its phases were."""
    replicates, count, _ = result.outcomes.shape
    columns = {
        "point": _same(point, replicates * count),
        "replicate": pa.array(np.repeat(_numbers(result), count)),
        "organisation": pa.array(np.tile(np.arange(count, dtype=np.int32), replicates)),
    }
    for k, name in enumerate(result.names):
        columns[name] = _floats(result.outcomes[:, :, k].ravel())
    for k, phase in enumerate(result.scenario.phases):
        for end, what in enumerate(("opened", "done")):
            spans = result.phase_spans[:, :, k, end].ravel()
            columns[f"phase_{what}.{phase.name}"] = _floats(spans)
    return pa.table(columns)


def weekly(result: "Result", point: int = 0) -> pa.Table:
    """Return one row per run and week (1 = the first): means over organisations."""
    replicates, weeks = result.weekly.shape
    columns = {
        "point": _same(point, replicates * weeks),
        "replicate": pa.array(np.repeat(_numbers(result), weeks)),
        "week": pa.array(np.tile(np.arange(1, weeks + 1, dtype=np.int32), replicates)),
    }
    for name in result.weekly.dtype.names or ():
        columns[name] = _floats(result.weekly[name].ravel())
    return pa.table(columns)


def events(result: "Result", point: int = 0) -> pa.Table:
    """Return one row per event; role and event in words. Raises ValueError if none were kept."""
    if result.events is None:
        raise ValueError("the events of these runs were not kept")
    kept = result.events
    columns = {
        "point": _same(point, len(kept)),
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


def _numbers(result: "Result") -> NDArray[np.int64]:
    first = result.first_replicate
    return np.arange(first, first + result.replicates, dtype=np.int64)


def _named(result: "Result", name: str) -> Floats:
    return result.outcomes[:, :, result.names.index(name)]


def _mean(values: Floats) -> Floats:
    """Return means over organisations that are defined, added in order; NaN over none."""
    known = ~np.isnan(values)
    total: Floats = column_sums(np.ascontiguousarray(np.where(known, values, 0.0).T))
    return _quotient(total, known.sum(axis=1).astype(float))


def _quotient(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _same(value: int, length: int) -> pa.Array:
    return pa.array(np.full(length, value, dtype=np.int32))


def _floats(values: Floats) -> pa.Array:
    """Return floats as an array whose nulls are what was not finite."""
    whole = np.ascontiguousarray(values)
    return pa.array(whole, mask=~np.isfinite(whole))


def _words(codes: NDArray[Any], words: tuple[str, ...]) -> pa.Array:
    """Return words by number; they are stored once."""
    numbers = pa.array(np.ascontiguousarray(codes).astype(np.int32))
    return pa.DictionaryArray.from_arrays(numbers, pa.array(list(words)))
