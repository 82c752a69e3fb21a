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
    """Return the finalists, the cheapest first: chance, cost and outcome as ``mih staff`` says."""
    columns = columns_of(words, "plan", "standing")
    columns += [*_with_ends("chance", words), *_with_ends("cost", words)]
    outcome = words.outcome(found.question.scenario, found.question.target.outcome)
    columns += [Column("uptake", outcome), *columns_of(words, "does")]
    rows = [_row(found, one, _finalist(found, one, words), words) for one in found.by_cost]
    note = words.say("note.finalists", currency=found.currency, by=found.question.by)
    return Table("finalists", words.say("caption.finalists"), columns, rows, [note])


def pareto_table(found: Staffing, words: Words) -> Table:
    """Return how often finalists are cheapest and undominated, and paired differences."""
    columns = columns_of(words, "plan", "p_cheapest", "pareto")
    columns += [*_with_ends("dearer", words), *_with_ends("likelier", words)]
    rows = [_row(found, one, _against(found, one, words), words) for one in found.by_cost]
    return Table("pareto", words.say("caption.pareto"), columns, rows, [words.say("note.pareto")])


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


def _with_ends(name: str, words: Words) -> list[Column]:
    """Return the columns of a value and of the ends of its interval."""
    ends = columns_of(words, "low", "high")
    return [*columns_of(words, name), *(one._replace(name=f"{name}_{one.name}") for one in ends)]


def _row(found: Staffing, one: Judged, cells: list[Cell], words: Words) -> Row:
    """Return a row whose name is the plan as settings."""
    return Row(found.words(one), [text(in_labels(found, one, words)), *cells])


def _finalist(found: Staffing, one: Judged, words: Words) -> list[Cell]:
    mean, low, high = found.uptake(one)
    chosen, alike = one.place == found.verdict.chosen, one.place in found.verdict.alike
    standing = words.say("staff.named" if chosen else "staff.like") if chosen or alike else ""
    return [
        text(standing),
        *estimate(words, one.chance.mean, one.chance.low, one.chance.high, "share"),
        *estimate(words, one.cost.mean, one.cost.low, one.cost.high, found.currency),
        estimate(words, mean, low, high, found.unit)[0],
        text(words.say(f"staff.does_{one.does}")),
    ]


def _against(found: Staffing, one: Judged, words: Words) -> list[Cell]:
    return [
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
