"""The tables of outcomes, differences, phases, patients and cost."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.experiment.compare.comparison import Compared, Comparison
from sim.experiment.compare.question import HEADLINE
from sim.experiment.compare.sentences import aim_of
from sim.experiment.doubt.running import Drawn
from sim.experiment.patients import FLOWS, way_of_patients
from sim.experiment.tables import weekly_quantiles
from sim.experiment.units import gap_unit, scale_of, shown_unit
from sim.experiment.words import Words, digits_for
from sim.outcomes import Summary, kind_and_unit
from sim.plots.phases import GO_LIVE, Span, spans
from sim.plots.uptake import PANELS
from sim.reporting.table import (
    Cell,
    Row,
    Table,
    columns_of,
    difference,
    estimate,
    quantity,
    text,
    unit_beside,
)
from sim.simulate import Result

Results = Mapping[str, Result]

COSTS = (
    *("cost", "cost_per_patient_reached", "hours_saved"),
    *("staff_hours.manager", "staff_hours.lead", "staff_hours.clinician"),
)
"""Outcomes of the table of costs."""

SHOWN = (*HEADLINE[:4], "stopped", *HEADLINE[4:])
"""Outcomes of the first table."""

_LATE = {"time": "word.never", "ratio": "word.nobody"}


def outcomes_table(results: Results, words: Words, name: str = "outcomes") -> Table:
    """Return the outcomes of each plan: the ``outcomes`` of most interest, ``costs``, or ``all``.

    Means and intervals are those of ``mih run``.
    """
    first = next(iter(results.values()))
    chosen = {"outcomes": SHOWN, "cost": COSTS}.get(name, first.names)
    columns = columns_of(
        words, "outcome", "plan", "mean", "low", "high", "q10", "q50", "q90", "reached", "unit"
    )
    rows = [
        Row(one, _outcome(result, result.summary()[one], plan, words), plan)
        for one in chosen
        for plan, result in results.items()
        if one in result.summary()
    ]
    key = "note.outcomes_rules" if isinstance(first, Drawn) else "note.outcomes"
    note = words.say("note.cost" if name == "cost" else key, weeks=first.weeks)
    return Table(name, words.say(f"page.{name}"), columns, rows, [note])


def _outcome(result: Result, one: Summary, plan: str, words: Words) -> list[Cell]:
    unit = shown_unit(one.unit, result.scenario.currency)
    digits = digits_for(one.mean, one.ci_low, one.ci_high, unit)
    key = _LATE.get(kind_and_unit(one.name)[0], "")
    late = words.say(key) if key and one.n else "-"
    label = words.outcome(result.scenario, one.name)
    return [
        text(label),
        text(plan),
        *estimate(words, one.mean, one.ci_low, one.ci_high, unit),
        *(quantity(words, value, unit, digits, late) for value in (one.q10, one.q50, one.q90)),
        quantity(words, one.share_reached, "share", 0, ""),
        text(unit_beside(words, unit)),
    ]


def differences_table(found: Comparison, words: Words) -> Table:
    """Return the differences from the first plan, as ``mih compare`` gives them."""
    columns = columns_of(words, "outcome", "plan", "mean", "difference", "low", "high", "unit")
    columns += columns_of(words, "better")
    over = found.posterior is not None
    columns += columns_of(words, "rules_low", "rules_high", "p_better_rules") if over else []
    rows = [
        Row(name, _difference(found, name, plan, words), plan)
        for name in found.shown
        for plan in found.plans
    ]
    key = "note.differences_rules" if over else "note.differences"
    note = words.say(key, reference=found.reference)
    return Table("differences", words.say("page.differences"), columns, rows, [note])


def _difference(found: Comparison, name: str, plan: str, words: Words) -> list[Cell]:
    one = found.outcomes[name]
    entry = one.plans[plan]
    label = words.outcome(found.scenarios[found.reference], name)
    digits = digits_for(entry.difference, entry.ci_low, entry.ci_high, one.unit)
    gaps = difference(words, entry.difference, entry.ci_low, entry.ci_high, one.unit)
    if plan == found.reference:
        gaps = [Cell("")] * 3
        digits = _first_digits(found, name)
    unit = words.unit(gap_unit(one.unit))
    better = Cell("") if entry.p_better is None else Cell(
        words.number(entry.p_better, 2), entry.p_better
    )  # fmt: skip
    mean = quantity(words, entry.mean, one.unit, digits)
    cells = [text(label), text(plan), mean, *gaps, text(unit), better]
    return cells + (_over_rules(one, plan, digits, words) if found.posterior is not None else [])


def _over_rules(one: Compared, plan: str, digits: int, words: Words) -> list[Cell]:
    """Return what draws of the rules leave open of a difference."""
    rules = one.rules.get(plan)
    if rules is None:
        return [Cell("")] * 3
    scale = scale_of(one.unit)
    ends = [Cell(words.signed(end * scale, digits), end) for end in (rules.low, rules.high)]
    chance = rules.p_better
    return [*ends, Cell("") if chance is None else Cell(words.number(chance, 2), chance)]


def _first_digits(found: Comparison, name: str) -> int:
    """Return the decimals of the first plan's mean: those of the others' in the same panel."""
    one = found.outcomes[name]
    others = (one.plans[plan] for plan in found.plans[1:])
    return max(digits_for(row.difference, row.ci_low, row.ci_high, one.unit) for row in others)


def target_table(found: Comparison, words: Words) -> Table:
    """Return the chance of reaching the target with each plan, and how it changes."""
    goal = str(found.target.target)
    columns = columns_of(words, "plan", "chance", "low", "high", "change")
    columns += [
        column._replace(name=f"change_{column.name}") for column in columns_of(words, "low", "high")
    ]
    rows = []
    for plan, one in found.target.plans.items():
        cells = estimate(words, one.chance, one.ci_low, one.ci_high, "share")
        gaps = difference(words, one.change, one.change_low, one.change_high, "share")
        gaps = [Cell("")] * 3 if plan == found.reference else gaps
        rows.append(Row(goal, [text(plan), *cells, *gaps], plan))
    said = words.say("note.target", target=aim_of(found, words))
    return Table("target", said, columns, rows)


def phases_table(results: Results, words: Words) -> Table:
    """Return when each phase begins and is done: quantiles of weeks, and how many get there."""
    names = [f"{what}_{cut}" for what in ("opened", "done") for cut in ("q10", "q50", "q90")]
    heads = {name: columns_of(words, *name.split("_")) for name in names}
    columns = columns_of(words, "phase", "plan")
    columns += [
        two[0]._replace(name=name, heading=f"{two[0].heading}, {two[1].heading}")
        for name, two in heads.items()
    ]
    columns += columns_of(words, "done_share")
    rows = [
        Row(span.phase, _span(result, span, plan, words), plan)
        for plan, result in results.items()
        for span in spans(result)
    ]
    return Table("phases", words.say("page.time"), columns, rows, [words.say("note.time")])


def _span(result: Result, span: Span, plan: str, words: Words) -> list[Cell]:
    never = words.say("word.never")
    opened = [Cell("")] * 3
    if span.phase != GO_LIVE:
        opened = [quantity(words, week, "weeks", 0, never) for week in span.opened]
    done = [quantity(words, week, "weeks", 0, never) for week in span.done]
    label = words.phase(result.scenario, span.phase, span.label)
    share = quantity(words, span.done_share, "share", 0)
    return [text(label), text(plan), *opened, *done, share]


def patients_table(results: Results, words: Words) -> Table | None:
    """Return how far patients get, None if the weekly series for it were not kept."""
    first = next(iter(results.values()))
    if not first.weeks or not set(FLOWS) <= set(first.weekly.dtype.names or ()):
        return None
    ways = {plan: way_of_patients(result) for plan, result in results.items()}
    columns = columns_of(words, "step")
    columns += [columns_of(words, "plan")[0]._replace(name=plan, heading=plan) for plan in ways]
    rows = [
        Row(
            step,
            [
                text(words.say(f"patients.{step}")),
                *(quantity(words, way[step], "patients", 0) for way in ways.values()),
            ],
        )
        for step in next(iter(ways.values()))
    ]
    note = words.say("note.patients", weeks=first.weeks)
    return Table("patients", words.say("page.patients"), columns, rows, [note])


def weekly_table(results: Results, words: Words) -> Table:
    """Return the numbers of the fans: quantiles over runs, week by week."""
    columns = columns_of(words, "series", "plan", "week", "mean", "q10", "q50", "q90")
    rows = list(_weeks(results, words))
    return Table("weekly", words.say("caption.uptake"), columns, rows)


def _weeks(results: Results, words: Words) -> Iterator[Row]:
    for name in PANELS:
        for plan, result in results.items():
            cuts: Any = weekly_quantiles(result.weekly[name])
            label = words.outcome(result.scenario, name)
            for week in range(result.weeks):
                parts: Sequence[float] = [cuts[key][week] for key in ("mean", "q10", "q50", "q90")]
                cells = [quantity(words, float(part), "share", 1) for part in parts]
                number = Cell(str(week + 1), week + 1)
                yield Row(name, [text(label), text(plan), number, *cells], plan)
