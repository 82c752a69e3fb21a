"""Points of a sweep summed up: the mean of each outcome at each point, with its interval.

Nothing here loops over points but the ratio, so that 10^5 points take seconds.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from sim.experiment.compare.paired import ratio_values
from sim.experiment.doubt.grouped import Grouped, grouped
from sim.experiment.tables import split_columns
from sim.experiment.units import shown_unit
from sim.outcomes import kind_and_unit, wilson

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from sim.experiment.runs.plan import Plan
    from sim.experiment.store.stored import Stored

Floats = NDArray[np.float64]

RATIO_OF = ("cost", "patients_reached")
"""A ratio's mean is the ratio of these means; the mean of the runs' ratios is another number."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """An outcome at each point; all shapes are (points,).

    ``mean`` and its 95 % interval are over the ``n`` runs of a point that are ok and in which the
    outcome is defined; NaN where there is too little. Of a time it is the restricted mean: never
    counts as the horizon. ``share_reached`` is NaN for all but times.
    """

    mean: Floats
    ci_low: Floats
    ci_high: Floats
    n: NDArray[np.int64]
    share_reached: Floats


def points_summary(stored: "Stored", *, allow_failed: bool = False) -> "pd.DataFrame":
    """Return a row for each outcome and point of a sweep.

    Columns: outcome, unit, point, the factors, mean, ci_low, ci_high, n and share_reached, as in
    `Estimates`. Over draws of the rules the points are the study's, ``n`` counts pairs of draws,
    and there are the columns of `sim.experiment.tables.split_columns` too. A ratio is left out if
    what it is the ratio of was not kept (`left_out`).

    Raises IncompleteError if runs are missing, or failed and ``allow_failed`` is not given.
    """
    frame: pd.DataFrame = points_table(stored, allow_failed=allow_failed).to_pandas()
    return frame


def points_table(stored: "Stored", *, allow_failed: bool = False) -> "pa.Table":
    """Return what `points_summary` does as an Arrow table, with nulls for what is undefined."""
    import pyarrow as pa

    stored = grouped(stored.complete(allow_failed=allow_failed))
    plan = stored.plan
    names = [name for name in plan.outcomes if name not in left_out(plan)]
    units = [shown_unit(kind_and_unit(name)[1], plan.base.currency) for name in names]
    found = [estimates(stored, name) for name in names]
    columns = {
        "outcome": pa.array(np.repeat(np.array(names, np.str_), plan.count)),
        "unit": pa.array(np.repeat(np.array(units, np.str_), plan.count)),
        "point": pa.array(np.tile(np.arange(plan.count, dtype=np.int32), len(names))),
    }
    for name, values in plan.points.items():
        columns[name] = pa.array(np.tile(values, len(names)))
    for key in ("mean", "ci_low", "ci_high", "n", "share_reached"):
        column = np.concatenate([getattr(one, key) for one in found] or [np.zeros(0)])
        columns[key] = pa.array(column, from_pandas=True)
    return pa.table(columns | (_splits(stored, names) if isinstance(stored, Grouped) else {}))


def _splits(stored: Grouped, names: list[str]) -> dict[str, Any]:
    """Return what is not known of each outcome at each point, as columns."""
    import pyarrow as pa

    rows = [split_columns(one) for name in names for one in stored.splits(name)]
    return {key: pa.array([row[key] for row in rows], pa.float64()) for key in split_columns(None)}


def left_out(plan: "Plan") -> list[str]:
    """Return the kept outcomes that have no mean: ratios whose parts were not kept."""
    if set(RATIO_OF) <= set(plan.outcomes):
        return []
    return [name for name in plan.outcomes if kind_and_unit(name)[0] == "ratio"]


def estimates(stored: "Stored", name: str) -> Estimates:
    """Return an outcome at each point. Raises KeyError for one that was not kept or is left out."""
    plan = stored.plan
    if name not in plan.outcomes or name in left_out(plan):
        raise KeyError(name)
    kind, _ = kind_and_unit(name)
    values = run_values(stored, name)
    known, counts = np.isfinite(values), np.zeros(plan.count, np.int64)
    points = np.repeat(np.arange(plan.count), plan.replicates)[known]
    counts += np.bincount(points, minlength=plan.count)
    starts, values = np.cumsum(counts) - counts, values[known]
    numbers = np.full((3, plan.count), np.nan)
    for n in np.unique(counts[counts > 0]).tolist():  # as a rule all points have as many
        at = np.flatnonzero(counts == n)
        table = values[starts[at][:, None] + np.arange(n)]
        numbers[:, at] = intervals(table, share=kind == "share")
    shares = np.full(plan.count, np.nan)
    if kind == "time":
        reached = run_values(stored, f"{name}.share_reached")[known]
        total = np.bincount(points, reached, minlength=plan.count)
        shares = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
    mean, low, high = numbers
    return Estimates(mean, low, high, counts, shares)


def run_values(stored: "Stored", name: str) -> Floats:
    """Return a column of the runs, (runs,), in the order of the plan; NaN = undefined or not ok.

    A ratio's values are those of `sim.experiment.compare.paired.ratio_values`, point by point:
    their mean is the ratio of the means.
    """
    ok = (stored.runs["status"] == "ok").to_numpy()

    def column(one: str) -> Floats:
        return np.where(ok, stored.runs[one].to_numpy(np.float64), np.nan)

    if kind_and_unit(name)[0] != "ratio":
        return column(name)
    above, below = (column(one) for one in RATIO_OF)
    starts = stored.plan.starts
    found = np.empty(len(above))
    for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        found[start:stop] = ratio_values(above[start:stop], below[start:stop])
    return found


def intervals(table: Floats, *, share: bool = False) -> tuple[Floats, Floats, Floats]:
    """Return for each row of a table (points, runs) what `sim.outcomes.interval` says of it.

    That is the mean and its 95 % interval: Student's t, or Wilson's score where all values of a
    share are 0 or 1. NaN where it says None.
    """
    n = table.shape[1]
    mean = table.mean(axis=1)
    if n == 1:
        unknown = np.full(len(mean), np.nan)
        return mean, unknown, unknown
    half = float(stdtrit(n - 1, 0.975)) * table.std(axis=1, ddof=1) / math.sqrt(n)
    low, high = mean - half, mean + half
    yes_no = np.flatnonzero(np.all((table == 0.0) | (table == 1.0), axis=1) & share)
    distinct, which = np.unique(mean[yes_no], return_inverse=True)  # n + 1 at most
    ends = [wilson(one, n, float(ndtri(0.975))) for one in distinct.tolist()]
    if ends:
        low[yes_no], high[yes_no] = np.array(ends).T[:, which]
    return mean, low, high


def table_of(stored: "Stored", values: Floats) -> Floats:
    """Return values of runs as (replicates, points). Raises ValueError if points have unlike runs.

    A row is one replicate number, so its cells share people and luck.
    """
    plan = stored.plan
    one = int(plan.replicates[0]) if plan.count else 0
    if np.any(plan.replicates != one) or np.any(plan.first_replicate != plan.first_replicate[:1]):
        raise ValueError("points with different replicates share no luck")
    return np.ascontiguousarray(values.reshape(plan.count, one).T)


def horizon(plan: "Plan") -> int:
    """Return the last week that any run of a plan can reach."""
    if plan.weeks is not None:
        return plan.weeks
    weeks: Any = plan.points.get("weeks", plan.base.values["weeks"])
    return int(np.max(weeks))
