"""Tables of an explanation, for people and spreadsheets; an empty cell: cannot be said."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.experiment.explain.barriers import DEFINITIONS
from sim.experiment.explain.explanation import numbers_of
from sim.experiment.explain.ledger import CAUSES, NOBODY
from sim.experiment.sensitivity.tables import Rows, csv_of

if TYPE_CHECKING:
    from sim.experiment.compare.paired import Difference
    from sim.experiment.explain.explanation import Explanation


def tables_of(found: "Explanation") -> dict[str, bytes]:
    """Return the tables as CSV, by name: ``barriers`` (`cost_rows`), ``ledger`` (a row a phase)."""
    return {"barriers": csv_of(cost_rows(found)), "ledger": csv_of(ledger_rows(found))}


def cost_rows(found: "Explanation") -> Rows:
    """Return a row per definition of attainable and barrier, and one for the gap.

    ``share``, ``alone`` and ``on_top`` are in the outcome's unit, above 0 is a loss, each with its
    95 % interval; ranks are empty for what is not there.
    """
    return [row for definition in DEFINITIONS for row in _costs(found, definition)]


def ledger_rows(found: "Explanation") -> Rows:
    """Return a row per phase: weeks planned and taken, by cause, each with its interval."""
    rows: Rows = []
    for phase in found.ledger:
        row: dict[str, Any] = {
            "phase": phase.name,
            "label": phase.label,
            "begun": phase.begun,
            "done": phase.done,
            "planned": phase.planned,
        }
        for name in ("took", *CAUSES, *NOBODY):
            one = phase.took if name == "took" else phase.weeks[name]
            row |= {name: one.mean, f"{name}_low": one.ci_low, f"{name}_high": one.ci_high}
        rows.append(row)
    return rows


def _costs(found: "Explanation", definition: str) -> Iterator[dict[str, Any]]:
    costs = found.costs[definition]
    head = {"definition": definition, "outcome": found.question.outcome, "unit": found.unit}
    for name, one in costs.barriers.items():
        barrier, (best, worst) = one.barrier, one.ranks or (None, None)
        levels = {
            "there": barrier.there,
            "level": barrier.level,
            "attainable": barrier.attainable,
        }
        yield (
            head
            | {"barrier": name, "label": barrier.label}
            | levels
            | _numbers(one.share, "share")
            | _numbers(one.alone, "alone")
            | _numbers(one.on_top, "on_top")
            | {"rank_best": best, "rank_worst": worst}
        )
    yield head | {"barrier": "all", "label": "All together"} | _numbers(costs.gap, "share")


def _numbers(one: "Difference", name: str) -> dict[str, float | None]:
    found = numbers_of(one)
    return {
        name: found["value"],
        **{f"{name}_{key}": found[key] for key in ("ci_low", "ci_high", "se")},
    }
