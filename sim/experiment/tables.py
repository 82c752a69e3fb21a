"""Tables for people and spreadsheets: the summary, and the weekly series as quantiles."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.experiment.doubt.parts import NAMES as PARTS
from sim.experiment.units import label_of, shown_unit

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.experiment.doubt.parts import Split
    from sim.simulate import Result

QUANTILES = {"q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9}
"""The bands of fan charts: 80 % between the outer, 50 % between the inner ones."""


_NUMBERS = ("mean", "ci_low", "ci_high", "q10", "q50", "q90", "n", "share_reached")


def weekly_quantiles(values: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the mean and the quantiles over runs of a weekly series (runs, weeks).

    Quantiles are observed values, as in summaries. Runs in which a week is undefined (NaN) are
    left out of it; a week that is undefined in all is NaN.
    """
    found = {name: np.full(values.shape[1], np.nan) for name in ("mean", *QUANTILES)}
    by_week = np.ascontiguousarray(values.T)
    known = ~np.isnan(by_week)
    counts = known.sum(axis=1)
    for count in np.unique(counts[counts > 0]):  # weeks that are defined in as many runs, at once
        weeks = counts == count
        runs = by_week[weeks][known[weeks]].reshape(-1, count)
        cuts = np.quantile(runs, list(QUANTILES.values()), axis=1, method="inverted_cdf")
        for name, row in zip(("mean", *QUANTILES), (runs.mean(axis=1), *cuts), strict=True):
            found[name][weeks] = row
    return found


def summary_table(result: "Result") -> "pa.Table":
    """Return one row per outcome: label, unit, mean, interval, quantiles, n, share reached.

    Under draws of the rules also what `split_columns` gives.
    """
    import pyarrow as pa

    from sim.experiment.doubt.running import Drawn

    splits = result.splits if isinstance(result, Drawn) else {}
    rows = []
    for name, one in result.summary().items():
        unit = shown_unit(one.unit, result.scenario.currency)
        numbers = {key: _finite(getattr(one, key)) for key in _NUMBERS}
        if name in splits:
            numbers |= split_columns(splits[name])
        rows.append(
            {"outcome": name, "label": label_of(result.scenario, name), "unit": unit, **numbers}
        )
    return pa.Table.from_pylist(rows)


def split_columns(split: "Split | None") -> dict[str, float | None]:
    """Return what is not known of an outcome as columns of a table, None where it is undefined.

    They are ``rules_low`` and ``rules_high``, and for each part of the variance its share with the
    ends of its interval, as in ``share_chance``, ``share_chance_low`` and ``share_chance_high``.
    """
    found = {
        "rules_low": None if split is None else split.low,
        "rules_high": None if split is None else split.high,
    }
    for name in PARTS:
        one = None if split is None else split.shares.get(name)
        found[f"share_{name}"] = None if one is None else one.share
        found[f"share_{name}_low"] = None if one is None else one.ci_low
        found[f"share_{name}_high"] = None if one is None else one.ci_high
    return found


def _finite(value: float | None) -> float | None:
    """Return a number, None for NaN and infinity: the parts say which runs broke."""
    return value if value is not None and math.isfinite(value) else None


def weekly_table(result: "Result") -> "pa.Table":
    """Return one row per series and week: mean and quantiles over runs."""
    import pyarrow as pa

    fields = result.weekly.dtype.names or ()
    weeks = result.weekly.shape[1]
    found = [weekly_quantiles(result.weekly[field]) for field in fields]
    columns = {
        "series": pa.array([field for field in fields for _ in range(weeks)], pa.string()),
        "week": pa.array(np.tile(np.arange(1, weeks + 1), len(fields))),
    }
    for name in ("mean", *QUANTILES):
        values = np.concatenate([one[name] for one in found])
        columns[name] = pa.array(values, mask=np.isnan(values))
    return pa.table(columns)
