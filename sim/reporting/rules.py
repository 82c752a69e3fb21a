"""The table of what is not known of outcomes under draws of the rules, and why it is not."""

from collections.abc import Iterator, Mapping

from sim.experiment.doubt.parts import NAMES, Split
from sim.experiment.doubt.running import Drawn
from sim.experiment.doubt.words import below_zero
from sim.experiment.units import shown_unit
from sim.experiment.words import Words, digits_for
from sim.outcomes import kind_and_unit
from sim.reporting.table import Cell, Column, Row, Table, columns_of, quantity, text, unit_beside
from sim.reporting.tables import SHOWN
from sim.simulate import Result


def rules_table(results: Mapping[str, Result], words: Words) -> Table:
    """Return the band of the rules and the parts of the variance, as ``mih run`` gives them."""
    columns = columns_of(words, "outcome", "plan", "mean", "rules_low", "rules_high", "unit")
    columns += [Column(name, words.say(f"part.{name}").capitalize()) for name in NAMES]
    drawn = {plan: one for plan, one in results.items() if isinstance(one, Drawn)}
    rows = [row for name in SHOWN for row in _rows(drawn, name, words)]
    notes = [words.say("note.rules"), *_below(drawn, words)]
    return Table("rules", words.say("page.rules"), columns, rows, notes)


def _rows(drawn: Mapping[str, Drawn], name: str, words: Words) -> Iterator[Row]:
    for plan, result in drawn.items():
        split = result.splits.get(name)
        if split is not None:
            yield Row(name, _cells(result, split, name, plan, words), plan)


def _cells(result: Drawn, split: Split, name: str, plan: str, words: Words) -> list[Cell]:
    unit = shown_unit(kind_and_unit(name)[1], result.scenario.currency)
    known = result.summary()[name]
    digits = digits_for(known.mean, known.ci_low, known.ci_high, unit)
    numbers = [quantity(words, one, unit, digits) for one in (split.mean, split.low, split.high)]
    parts = [split.shares.get(part) for part in NAMES]
    shares = [None if one is None else one.share for one in parts]
    return [
        text(words.outcome(result.scenario, name)),
        text(plan),
        *numbers,
        text(unit_beside(words, unit)),
        *(quantity(words, one, "share", 0) for one in shares),
    ]


def _below(drawn: Mapping[str, Drawn], words: Words) -> Iterator[str]:
    for plan, result in drawn.items():
        found = {name: result.splits.get(name) for name in SHOWN}
        shares = {name: one.shares for name, one in found.items() if one is not None}
        for said in below_zero(shares, result.scenario, words):
            yield f"{plan}: {said}"
