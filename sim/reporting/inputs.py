"""The tables of inputs: what differs between plans, and what the numbers rest on."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sim.experiment.units import shown_unit
from sim.experiment.words import Words
from sim.parameters import SOURCES, Parameter, parameters
from sim.reporting.table import Cell, Column, Row, Table, columns_of, text
from sim.scenario import Scenario

Plans = Mapping[str, Scenario]

MATTER = ("setting", "conditions", "staffing", "costs")
"""Groups of inputs that describe an organisation and its plan; the page lists these."""


def plans_table(plans: Plans, words: Words) -> Table:
    """Return what differs from the first plan; of a single plan, from the defaults."""
    names = _differing(plans)
    columns = columns_of(words, "input")
    if len(plans) == 1:
        columns += columns_of(words, "usual")
    columns += [Column(f"plan.{name}", name) for name in plans]
    columns += columns_of(words, "unit", "evidence", "confidence")
    rows = []
    for name in names:
        shown = [_value(scenario, name, words) for scenario in plans.values()]
        if len(plans) == 1:
            shown = [_default(name, words), *shown]
        first = next(iter(plans.values()))
        rows.append(Row(name, [text(words.input(name)), *shown, *_marks(name, first, words)]))
    notes = [words.say("note.plans" if names else "note.no_difference")]
    return Table("plans", words.say("page.plans"), columns, rows, notes)


def assumptions_table(plan: str, scenario: Scenario, words: Words, *, every: bool = False) -> Table:
    """Return inputs with value, range, evidence mark, confidence and source.

    ``every``: all of them, else those of an organisation, its staffing and prices.
    """
    columns = columns_of(words, "input", "value", "range", "unit", "evidence", "confidence")
    columns += columns_of(words, "reference")
    chosen = [one for one in parameters().values() if every or one.group in MATTER]
    rows = [
        Row(
            one.name,
            [
                text(words.input(one.name)),
                _value(scenario, one.name, words),
                text(_range(one, words)),
                *_marks(one.name, scenario, words),
                text(one.reference),
            ],
        )
        for one in chosen
    ]
    counts = Counter(one.source for one in parameters().values())
    numbers = {source: counts[source] for source in SOURCES}
    note = words.say("note.assumptions", all=len(parameters()), plan=plan, **numbers)
    name = "inputs" if every else "assumptions"
    return Table(name, words.say("page.assumptions"), columns, rows, [note])


def _differing(plans: Plans) -> list[str]:
    """Return the names of inputs in which plans differ, in the registry's order."""
    found = [scenario.differences() for scenario in plans.values()]
    names = dict.fromkeys(name for one in found for name in one)
    if len(plans) > 1:
        names = {name: None for name in names if _unequal([one.get(name) for one in found])}
    order = {name: k for k, name in enumerate(parameters())}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _unequal(values: list[Any]) -> bool:
    return any(value != values[0] for value in values[1:])


def _value(scenario: Scenario, name: str, words: Words) -> Cell:
    """Return an input of a scenario: what it sets, else the default."""
    found = scenario.differences()
    return _cell(found[name], words) if name in found else _default(name, words)


def _default(name: str, words: Words) -> Cell:
    entry = parameters().get(name)
    if entry is not None:
        return _cell(entry.default, words)
    return text(words.say("value.on")) if name.startswith("mechanisms.") else text("-")


def _cell(value: Any, words: Words) -> Cell:
    if isinstance(value, list):
        return text("; ".join(_listed(one) for one in value))
    number = not isinstance(value, bool) and isinstance(value, int | float)
    return Cell(words.plain(value), value if number else None)


def _listed(value: Any) -> str:
    """Return a part of a list: a step of the calendar, or a phase of another model."""
    if isinstance(value, dict):
        return str(value.get("label") or value.get("name") or value)
    return ": ".join(f"{one:g}" for one in value) if isinstance(value, list) else str(value)


def _marks(name: str, scenario: Scenario, words: Words) -> list[Cell]:
    """Return unit, evidence mark and confidence of an input."""
    entry = parameters().get(name)
    if entry is None:
        return [text(""), text("-"), text("-")]
    unit = words.unit(shown_unit(entry.unit, scenario.currency))
    marks = (f"evidence.{entry.source}", f"confidence.{entry.confidence}")
    return [text(unit), *(text(words.say(mark)) for mark in marks)]


def _range(one: Parameter, words: Words) -> str:
    if one.choices:
        return ", ".join(words.plain(choice) for choice in one.choices)
    return words.say("say.range", low=words.plain(one.low), high=words.plain(one.high))
