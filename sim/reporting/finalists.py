"""The tables of a search for staffing: the finalists, and the levels that were looked at."""

from sim.experiment.compare.paired import Difference
from sim.experiment.staff.found import Staffing
from sim.experiment.staff.judging import Judged
from sim.experiment.staff.sentences import in_labels
from sim.experiment.words import Words
from sim.reporting.table import (
    Cell,
    Column,
    Row,
    Table,
    columns_of,
    difference,
    estimate,
    text,
)


def finalists_table(found: Staffing, words: Words) -> Table:
    """Return the finalists, the cheapest first, as ``mih staff`` gives them."""
    columns = columns_of(words, "plan", "standing")
    for name in ("chance", "cost"):
        columns += columns_of(words, name)
        columns += [one._replace(name=f"{name}_{one.name}") for one in _ends(words)]
    outcome = words.outcome(found.question.scenario, found.question.target.outcome)
    columns += [columns_of(words, "mean")[0]._replace(name="uptake", heading=outcome)]
    columns += columns_of(words, "does", "p_cheapest", "pareto")
    for name in ("dearer", "likelier"):
        columns += columns_of(words, name)
        columns += [one._replace(name=f"{name}_{one.name}") for one in _ends(words)]
    rows = [
        Row(found.words(one), _finalist(found, one, words), str(k))
        for k, one in enumerate(found.by_cost)
    ]
    notes = [words.say("note.finalists", currency=found.currency, by=found.question.by)]
    return Table("finalists", words.say("caption.finalists"), columns, rows, notes)


def levers_table(found: Staffing, words: Words) -> Table:
    """Return the levels of each lever, its own marked."""
    rows = [
        Row(
            one.name,
            [
                text(words.input(one.name)),
                text(words.amount(one.own, one.unit)),
                text("; ".join(words.amount(level, one.unit) for level in one.levels)),
            ],
        )
        for one in found.question.space.levers
    ]
    columns = columns_of(words, "input", "own", "levels")
    return Table("levers", words.say("caption.levers"), columns, rows)


def _ends(words: Words) -> list[Column]:
    return columns_of(words, "low", "high")


def _finalist(found: Staffing, one: Judged, words: Words) -> list[Cell]:
    mean, low, high = found.uptake(one)
    chosen, alike = one.place == found.verdict.chosen, one.place in found.verdict.alike
    standing = words.say("staff.named" if chosen else "staff.like") if chosen or alike else ""
    return [
        text(in_labels(found, one, words)),
        text(standing),
        *estimate(words, one.chance.mean, one.chance.low, one.chance.high, "share"),
        *estimate(words, one.cost.mean, one.cost.low, one.cost.high, found.currency),
        estimate(words, mean, low, high, found.unit)[0],
        text(words.say(f"staff.does_{one.does}")),
        Cell(words.number(one.cheapest, 2), one.cheapest),
        Cell(words.number(one.member, 2), one.member),
        *_gap(one.dearer, found.currency, words),
        *_gap(one.likelier, "share", words),
    ]


def _gap(one: Difference | None, unit: str, words: Words) -> list[Cell]:
    """Return a paired difference from the plan named, of which it is empty."""
    if one is None:
        return [Cell("")] * 3
    return difference(words, one.difference, one.ci_low, one.ci_high, unit)
