"""What a screening found: frame, JSON, table, sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import outcomes as measured
from sim.experiment.compare.target import Target
from sim.experiment.design.study import Study
from sim.experiment.numbers import number
from sim.experiment.runs.plan import described
from sim.experiment.sensitivity.contract import RESULT, SCHEMA, finite
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.salib import Morris, Pawn
from sim.experiment.sensitivity.tables import csv_of
from sim.experiment.sensitivity.words import (
    CAVEAT,
    default_ranges,
    factor_label,
    outcome_label,
    outcome_unit,
)
from sim.experiment.store.encoding import json_bytes
from sim.experiment.units import is_share, lowered

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "morris": ("mu", "mu_star", "mu_star_conf", "sigma", "floor", "effect", "spread"),
    "pawn": ("median", "mean", "maximum"),
}
"""What is told of each factor; see `sim.experiment.sensitivity.salib`."""


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Measures of the factors of a study, as they were ``asked`` for.

    ``found`` has arrays (factors, outcomes). ``runs`` are all; ``result`` is the id of all of it.
    """

    study: Study
    asked: Mapping[str, Any]
    target: Target | None
    outcomes: tuple[str, ...]
    found: Morris | Pawn
    runs: int
    result: str

    @property
    def method(self) -> str:
        """Which screening it is."""
        return str(self.asked["method"])

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return measured.LABEL

    def factor(self, name: str) -> str:
        """Return a factor in words."""
        return factor_label(self.study, name)

    def outcome(self, name: str) -> str:
        """Return an outcome or the target in words."""
        return outcome_label(self.study, self.target, name)

    def unit(self, name: str) -> str:
        """Return the unit of an outcome or of the target."""
        return outcome_unit(self.study, self.target, name)

    def order(self, k: int) -> list[int]:
        """Return the factors by falling effect on an outcome, those above the floor first."""
        found = self.found
        score = found.mu_star if isinstance(found, Morris) else found.median
        key = np.lexsort((-score[:, k], ~self.found.above_floor(k)))
        return [int(i) for i in key]

    def sentences(self) -> list[str]:
        """Return what came out for the headline outcome, a sentence a factor."""
        return [_sentence(self, i) for i in self.order(0)]

    def warnings(self) -> list[str]:
        """Return what to mind: where ranges come from, and what is not looked at."""
        found = default_ranges(self.study)
        choices = [one.name for one in self.study.factors if unordered(one.levels)]
        if choices and self.method == "morris":
            listed = ", ".join(choices)
            found.append(
                f"choices without order: an effect is that of choosing otherwise: {listed}"
            )
        if self.study.weekly:
            found.append("weekly: a screening looks at outcomes at the end, not at weekly series")
        return found

    def frame(self) -> "pd.DataFrame":
        """Return one row per outcome and factor; see `rows_of`."""
        import pandas as pd

        return pd.DataFrame(rows_of(self))

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih sensitivity --json`` for a screening; null = unknown."""
        return {
            "schema": SCHEMA,
            "method": self.method,
            "study": described(self.study),
            "scenario": self.study.base.name,
            "label": self.label,
            "seed": self.study.seed,
            "lines": self.asked["points"],
            "replicates": self.asked["replicates"],
            "runs": self.runs,
            "result": self.result,
            "asked": dict(self.asked),
            "outcomes": {name: self._outcome(k) for k, name in enumerate(self.outcomes)},
            "warnings": self.warnings(),
            "sentences": self.sentences(),
        }

    def _outcome(self, k: int) -> dict[str, Any]:
        name, above = self.outcomes[k], self.found.above_floor(k)
        made: dict[str, Any] = {"label": self.outcome(name), "unit": self.unit(name)}
        if isinstance(self.found, Pawn):
            made["floor"] = finite(float(self.found.floor[k]))
        made["factors"] = {
            one: self.measures(i, k) | {"above_floor": bool(above[i])}
            for i, one in enumerate(self.found.names)
        }
        return made

    def measures(self, i: int, k: int) -> dict[str, float | None]:
        """Return the measures of a factor and an outcome, None where there is none."""
        return {
            name: finite(float(getattr(self.found, name)[i, k])) for name in MEASURES[self.method]
        }


def files_of(found: Screened) -> dict[str, bytes]:
    """Return what is kept of a screening besides its runs: content by name within its folder."""
    table = {f"tables/{found.method}.csv": csv_of(rows_of(found))}
    return {RESULT: json_bytes(found.as_json())} | table


def rows_of(found: Screened) -> list[dict[str, Any]]:
    """Return a row per outcome and factor: in words, the unit, measures, and whether it stands out.

    Measures of Morris are in the outcome's unit, those of PAWN are distances.
    """
    rows: list[dict[str, Any]] = []
    for k, outcome in enumerate(found.outcomes):
        above = found.found.above_floor(k)
        for i, name in enumerate(found.found.names):
            row: dict[str, Any] = {
                "outcome": outcome,
                "outcome_label": found.outcome(outcome),
                "unit": found.unit(outcome),
                "factor": name,
                "factor_label": found.factor(name),
                **found.measures(i, k),
            }
            if isinstance(found.found, Pawn):
                row["floor"] = finite(float(found.found.floor[k]))
            rows.append(row | {"above_floor": bool(above[i])})
    return rows


def unordered(levels: Sequence[Any]) -> bool:
    """Return whether levels are a choice of three or more without order."""
    return len(levels) > 2 and any(isinstance(one, str) for one in levels)


def _sentence(screened: Screened, i: int) -> str:
    """Say what a factor does to the headline outcome."""
    found, name = screened.found, screened.outcomes[0]
    label, outcome = screened.factor(found.names[i]), lowered(screened.outcome(name))
    if not found.above_floor(0)[i]:
        return f"{label}: no effect on {outcome} stands out from chance. {CAVEAT}"
    if isinstance(found, Pawn):
        median, floor = found.median[i, 0], found.floor[0]
        return (
            f"{label}: changes how {outcome} is spread by a distance of {_distance(median)} "
            f"(chance alone scores up to {_distance(floor)}; 1 = nothing in common). {CAVEAT}"
        )
    size, half, floor = (_size(screened, one[i, 0]) for one in _of_morris(found))
    return (
        f"{label}: moves {outcome} by {size} on average over its range (± {half}; an inert "
        f"factor would score {floor}). {CAVEAT}"
    )


def _of_morris(found: Morris) -> tuple[Floats, Floats, Floats]:
    return found.mu_star, found.mu_star_conf, found.floor


def _size(screened: Screened, value: float) -> str:
    unit = screened.unit(screened.outcomes[0])
    if not np.isfinite(value):
        return "an unknown amount"
    if is_share(unit):
        return f"{number(100.0 * float(value), 1)} points"
    return f"{_plain(value)} {unit}".strip()


def _distance(value: float) -> str:
    return number(float(value), 3)


def _plain(value: float) -> str:
    return number(float(value), 2)
