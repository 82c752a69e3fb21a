"""What ``mih run --posterior`` prints: each outcome with what is not known of it, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.commands.show import Cells, head_of, table_of, times
from sim.experiment.doubt.words import PARTS, below_zero, design_in_words
from sim.experiment.words import words_of
from sim.outcomes import Summary

if TYPE_CHECKING:
    from sim.experiment.doubt.running import Drawn

HEADINGS = ("mean", "+/-", "95 % of rules", "10 %", "50 %", "90 %", "reached", *PARTS, "unit")


def described(result: "Drawn", settings: str = "") -> list[str]:
    """Return the lines of the runs of a scenario under draws of the rules."""
    head, label = (lines := list(head_of(result, settings)))[:-1], lines[-1]
    table = table_of(result, HEADINGS, lambda one: _row(result, one))
    design = design_in_words(result.design.described())
    return [*head, *design, label, *table, "", *_legend(result), *times(result)]


def _row(result: "Drawn", one: Summary) -> tuple[str, ...]:
    cells, split = Cells(result, one), result.splits[one.name]
    half = "-"
    if one.ci_low is not None and one.ci_high is not None:
        half = cells.cell((one.ci_high - one.ci_low) / 2.0)
    rules = "-" if split is None else cells.between(split.low, split.high)
    shares = {} if split is None else split.shares
    parts = [f"{shares[name].share:.0%}" if name in shares else "-" for name in PARTS.values()]
    mean = cells.cell(one.mean)
    return (cells.label, mean, half, rules, *cells.quantiles, cells.reached, *parts, cells.unit)


def _legend(result: "Drawn") -> Iterator[str]:
    over = "runs" if result.organisations == 1 else "organisations of all runs"
    yield "mean: over draws; +/- is how well these runs know it (95 %; more runs narrow it)."
    yield "95 % of rules: where the expected value lies under 95 % of the draws; more runs do not"
    yield "narrow it. The noise of the few runs of a draw is taken out."
    yield f"10 %, 50 %, 90 %: quantiles over {over}, with all that differs between them."
    yield "rules, organisations, chance: shares of the variance of one organisation's outcome: what"
    yield "we do not know of the rules; how organisations differ; their people and their luck."
    shares = {name: one.shares for name, one in result.splits.items() if one is not None}
    yield from below_zero(shares, result.scenario, words_of("en"))
