"""The JSON of a sensitivity analysis: ``sensitivity.json`` and ``mih sensitivity --json``."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiment.runs.plan import described
from sim.experiment.sensitivity.indices import Indices
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.lights import Lights

if TYPE_CHECKING:
    from sim.experiment.sensitivity.found import Sensitivity

RESULT = "sensitivity.json"
SCHEMA = 1
"""Version of the contract: a key may be added, none is renamed without raising it."""


def as_json(found: "Sensitivity") -> dict[str, Any]:
    """Return an analysis as JSON; null = cannot be said, or without bound."""
    question, study = found.question, found.question.study
    return {
        "schema": SCHEMA,
        "method": "sobol",
        "study": described(study),
        "scenario": study.base.name,
        "label": found.label,
        "seed": study.seed,
        "lines": question.lines,
        "scrambles": found.indices.scrambles,
        "replicates": found.replicates,
        "split": question.split,
        "width": question.width,
        "runs": found.runs,
        "result": found.result,
        "pilot": None if found.pilot is None else _pilot(found),
        "asked": question.asked(),
        "reached": found.reached,
        "outcomes": {
            name: {"label": found.outcome(name), "unit": found.unit(name)}
            | outcome_json(found.indices, k)
            for k, name in enumerate(found.indices.outcomes)
        },
        "weekly": None if found.weekly is None else _weekly(found, found.weekly),
        "responses": {one.factor: _response(found, one) for one in found.responses},
        "ranges": {f"{one.question.width:g}": _range(one) for one in found.ranges},
        "warnings": found.warnings(),
        "sentences": found.sentences(),
    }


def outcome_json(found: Indices, k: int) -> dict[str, Any]:
    """Return the indices of an outcome."""
    table, split = found.table, found.split
    lights = found.lights[k]
    made: dict[str, Any] = {
        "variance": interval_json(table.variance[k]),
        "chance": interval_json(table.noise[k]),
        "between_organisations": None if split is None else interval_json(split.between[k]),
        "within": None if split is None else interval_json(split.within[k]),
        "interactions": interval_json(table.parts[len(found.names), k]),
        "factors": {
            name: {
                "first": interval_json(table.first[i, k]),
                "total": interval_json(table.total[i, k]),
                "alone": interval_json(table.parts[i, k]),
                "first_variance": interval_json(table.first_variance[i, k]),
                "total_variance": interval_json(table.total_variance[i, k]),
                "distinguishable": bool(~table.indistinct[i, k]),
            }
            for i, name in enumerate(found.names)
        },
        "ranking": [list(tied) for tied in lights.ties],
        "indistinct": list(lights.indistinct),
        "lights": lights_json(lights),
    }
    if table.second is not None:
        made["second"] = [
            {"factors": [one, other], **interval_json(table.second[i, j, k])}
            for i, one in enumerate(found.names)
            for j, other in enumerate(found.names)
            if i < j
        ]
    if found.spread is not None:
        made["spread"] = outcome_json(found.spread, k)
    return made


def lights_json(lights: Lights) -> dict[str, Any]:
    """Return the three lights by name."""
    return {
        one.name: {"state": one.state, "figure": finite(one.figure), "sentence": one.sentence}
        for one in lights
    }


def interval_json(found: Interval) -> dict[str, float | None]:
    """Return a value with its interval."""
    return {
        "value": finite(found.value),
        "ci_low": finite(found.low),
        "ci_high": finite(found.high),
    }


def finite(value: Any) -> float | None:
    """Return a number, None for NaN, infinity and nothing."""
    if value is None or not math.isfinite(value):
        return None
    return float(value) + 0.0


def _pilot(found: "Sensitivity") -> dict[str, Any]:
    assert found.pilot is not None
    made = asdict(found.pilot)
    return made | {
        "ranked": list(found.pilot.ranked),
        "by_name": {name: finite(one) for name, one in found.pilot.by_name.items()},
    }


def _weekly(found: "Sensitivity", weekly: Indices) -> dict[str, Any]:
    """Return the indices over all weeks; those of single weeks are in tables/weekly.csv."""
    return {
        "weeks": found.weeks.tolist(),
        "series": {
            name: {"label": found.outcome(name), "unit": found.unit(name)} | outcome_json(weekly, k)
            for k, name in enumerate(weekly.outcomes)
        },
    }


def _response(found: "Sensitivity", one: Any) -> dict[str, Any]:
    return {
        "at": [finite(value) for value in one.at],
        "outcomes": {
            name: {
                "mean": [interval_json(one.mean[i, k]) for i in range(len(one.at))],
                "rise": interval_json(one.rise[k]),
            }
            for k, name in enumerate(found.indices.outcomes)
        },
    }


def _range(one: "Sensitivity") -> dict[str, Any]:
    return {
        "runs": one.runs,
        "result": one.result,
        "outcomes": {
            name: outcome_json(one.indices, k) for k, name in enumerate(one.indices.outcomes)
        },
    }


def numbers(found: Interval, head: str) -> dict[str, float | None]:
    """Return a value with its interval as cells of a table: head, head_low, head_high."""
    return {
        head: finite(found.value),
        f"{head}_low": finite(found.low),
        f"{head}_high": finite(found.high),
    }


def ranks(lights: Lights, names: tuple[str, ...]) -> list[int | None]:
    """Return the place of each name in the ranking, tied ones alike; None: not ranked."""
    places: dict[str, int] = {}
    before = 1
    for tied in lights.ties:
        places |= dict.fromkeys(tied, before)
        before += len(tied)
    return [places.get(name) for name in names]


def shares_of_whole(found: Indices, k: int) -> list[tuple[str, Interval]]:
    """Return the parts of an outcome's variance over single runs; together they are all of it."""
    groups = len(found.names)
    parts = [(name, found.table.parts[i, k]) for i, name in enumerate(found.names)]
    parts.append(("interactions", found.table.parts[groups, k]))
    if found.split is None:
        return [*parts, ("chance", found.table.parts[groups + 1, k])]
    split = found.split
    return [*parts, ("between organisations", split.between[k]), ("chance within", split.within[k])]


def order_of(found: Indices, k: int) -> list[int]:
    """Return the places of the factors by falling total effect on an outcome."""
    total = np.nan_to_num(found.table.total.value[:, k], nan=-1.0)
    return [int(i) for i in np.argsort(-total, kind="stable")]
