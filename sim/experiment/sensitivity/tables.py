"""Tables of a sensitivity analysis, for people and spreadsheets; an empty cell: cannot be said."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.experiment.sensitivity.contract import finite, numbers, ranks, shares_of_whole
from sim.experiment.sensitivity.indices import Indices
from sim.experiment.sensitivity.jackknife import Interval

if TYPE_CHECKING:
    from sim.experiment.sensitivity.found import Sensitivity

Rows = list[dict[str, Any]]


def tables_of(found: "Sensitivity") -> dict[str, bytes]:
    """Return the tables as CSV, by name.

    - ``indices``: a row an outcome and factor, see `index_rows`; ``spread``: the same of what
      drives the unpredictability;
    - ``shares``: what a single run's variance is made of; the shares of an outcome sum to 1;
    - ``pairs``: what two factors do beyond each alone;
    - ``response``: the mean outcome over slices of a factor;
    - ``lights``; ``weekly`` and ``weekly_variance``: a row a series, week (and factor);
    - ``ranges``: ranks and total effects over ranges of other widths.
    """
    indices = found.indices
    rows: dict[str, Rows] = {
        "indices": index_rows(found, indices),
        "shares": list(_shares(found)),
        "lights": list(_lights(found)),
        "response": list(_responses(found)),
    }
    if indices.spread is not None:
        rows["spread"] = index_rows(found, indices.spread)
    if indices.table.second is not None:
        rows["pairs"] = list(_pairs(found, indices.table.second))
    if found.weekly is not None:
        rows["weekly"] = list(_weekly(found, found.weekly))
        rows["weekly_variance"] = list(_weekly_variance(found, found.weekly))
    if found.ranges:
        rows["ranges"] = [row for one in (found, *found.ranges) for row in _range(one)]
    return {name: csv_of(listed) for name, listed in rows.items()}


def csv_of(rows: Rows) -> bytes:
    """Return rows as CSV."""
    import pyarrow as pa

    from sim.experiment.store.keeping import csv_bytes

    return csv_bytes(pa.Table.from_pylist(rows))


def index_rows(found: "Sensitivity", indices: Indices) -> Rows:
    """Return a row per outcome and factor.

    ``first`` and ``total`` are shares of the variance that the factors cause, with their 95 %
    intervals; ``alone`` is a share of a single run's variance; ``rank`` is empty for effects not
    distinguishable from 0, and the same for those that cannot be told apart.
    """
    table, rows = indices.table, []
    for k, outcome in enumerate(indices.outcomes):
        ranked = ranks(indices.lights[k], indices.names)
        for i, name in enumerate(indices.names):
            rows.append(
                _names(found, outcome, name)
                | numbers(table.first[i, k], "first")
                | numbers(table.total[i, k], "total")
                | numbers(table.first_variance[i, k], "first_variance")
                | numbers(table.total_variance[i, k], "total_variance")
                | numbers(table.parts[i, k], "alone")
                | {"rank": ranked[i]}
            )
    return rows


def _names(found: "Sensitivity", outcome: str, factor: str) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "outcome_label": found.outcome(outcome),
        "unit": found.unit(outcome),
        "factor": factor,
        "factor_label": found.factor(factor),
    }


def _shares(found: "Sensitivity") -> Iterator[dict[str, Any]]:
    for k, outcome in enumerate(found.indices.outcomes):
        for part, one in shares_of_whole(found.indices, k):
            yield {"outcome": outcome, "part": part} | numbers(one, "share")


def _lights(found: "Sensitivity") -> Iterator[dict[str, Any]]:
    for k, outcome in enumerate(found.indices.outcomes):
        for light in found.indices.lights[k]:
            yield {
                "outcome": outcome,
                "light": light.name,
                "state": light.state,
                "figure": finite(light.figure),
                "sentence": light.sentence,
            }


def _responses(found: "Sensitivity") -> Iterator[dict[str, Any]]:
    levels = {one.name: one.levels for one in found.question.study.factors}
    for k, outcome in enumerate(found.indices.outcomes):
        for one in found.responses:
            texts = [str(level) for level in levels[one.factor] if isinstance(level, str)]
            for slice_, at in enumerate(one.at):
                level = texts[round(at)] if texts else None
                head = {"outcome": outcome, "factor": one.factor, "slice": slice_ + 1}
                yield (
                    head | {"at": finite(at), "level": level} | numbers(one.mean[slice_, k], "mean")
                )


def _pairs(found: "Sensitivity", second: Interval) -> Iterator[dict[str, Any]]:
    names = found.names
    for k, outcome in enumerate(found.indices.outcomes):
        for i, one in enumerate(names):
            for j in range(i + 1, len(names)):
                pair = {"outcome": outcome, "factor": one, "other": names[j]}
                yield pair | numbers(second[i, j, k], "second")


def _weekly(found: "Sensitivity", indices: Indices) -> Iterator[dict[str, Any]]:
    table = indices.weekly
    assert table is not None
    for k, series in enumerate(indices.outcomes):
        for w, week in enumerate(found.weeks.tolist()):
            for i, name in enumerate(indices.names):
                yield (
                    {"series": series, "week": week, "factor": name}
                    | numbers(table.first[i, w, k], "first")
                    | numbers(table.total[i, w, k], "total")
                    | numbers(table.first_variance[i, w, k], "first_variance")
                    | numbers(table.total_variance[i, w, k], "total_variance")
                )


def _weekly_variance(found: "Sensitivity", indices: Indices) -> Iterator[dict[str, Any]]:
    """Yield what the weekly indices are shares of; ``quiet`` weeks have too little of it."""
    table, quiet = indices.weekly, indices.hatched
    assert table is not None
    assert quiet is not None
    for k, series in enumerate(indices.outcomes):
        for w, week in enumerate(found.weeks.tolist()):
            yield (
                {"series": series, "week": week, "quiet": bool(quiet[w, k])}
                | numbers(table.variance[w, k], "variance")
                | numbers(table.noise[w, k], "chance")
            )


def _range(one: "Sensitivity") -> Iterator[dict[str, Any]]:
    table = one.indices.table
    for k, outcome in enumerate(one.indices.outcomes):
        ranked = ranks(one.indices.lights[k], one.names)
        for i, name in enumerate(one.names):
            head = {"width": one.question.width, "outcome": outcome, "factor": name}
            yield head | numbers(table.total[i, k], "total") | {"rank": ranked[i]}
