"""``mih sensitivity``: which factors of a study drive its outcomes, and how much is chance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands import options as shared
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, duration, shown
from sim.commands.screening import is_given, screening_command
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.experiment.execute.work import Way
    from sim.experiment.sensitivity.found import Sensitivity
    from sim.experiment.sensitivity.jackknife import Interval
    from sim.experiment.sensitivity.question import Question
    from sim.experiment.sensitivity.stages import Planned

HEADINGS = ("total effect", "95 % interval", "alone", "95 % interval", "rank")


@dataclass(frozen=True, slots=True)
class Options(shared.WayOptions):
    """The options of ``mih sensitivity``."""

    study: str
    out: str | None
    method: str
    points: int | None
    scrambles: int
    replicates: int | None
    target: str | None
    until: str | None
    budget: int | None
    second_order: bool
    spread: bool
    split: int
    ranges: tuple[float, ...]
    dry_run: bool
    check: bool
    force: bool
    accept_drift: bool
    as_json: bool


def sensitivity_command(options: Options) -> None:
    """Analyse, keep and print; see `sim.experiment.sensitivity.run.sensitivity` for what raises."""
    _check(options)
    if options.check:
        _print_check(options)
        return
    way = options.way()
    if options.method != "sobol":
        screening_command(options, way)
        return
    question = question_of(options)
    announce_compilation()
    if options.dry_run or options.out is None:
        _print_forecast(question, way, as_json=options.as_json)
        return
    from sim.experiment.sensitivity.figures import write_figures
    from sim.experiment.sensitivity.run import answer
    from sim.experiment.sensitivity.stages import Watch

    def planned(plan: "Planned") -> None:
        for line in plan_lines(plan, way):
            click.echo(line, err=True)

    found = answer(
        question, options.out, way, Watch(shown, planned),
        force=options.force, accept_drift=options.accept_drift,
    )  # fmt: skip
    write_figures(found, Path(options.out) / "figures")
    if options.as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(described(found)))
    click.echo(f"written to {options.out} (result {found.result})", err=True)


def question_of(options: Options) -> "Question":
    """Return what the options ask. Raises InputError with every problem."""
    from sim.experiment.design.study import load_study
    from sim.experiment.sensitivity.question import checked

    return checked(
        load_study(options.study),
        points=options.points,
        scrambles=options.scrambles,
        replicates=options.replicates,
        target=options.target,
        until=options.until,
        budget=options.budget,
        second_order=options.second_order,
        spread=options.spread,
        split=options.split,
        ranges=options.ranges,
    )


def _check(options: Options) -> None:
    problems = shared.out_problems(options.out, dry_run=options.dry_run)
    if options.check and options.dry_run:
        problems.append("--check and --dry-run: choose one")
    if problems:
        raise InputError(problems)


def _print_check(options: Options) -> None:
    """Derive everything anew from the stored runs and say that it is the same."""
    from sim.experiment.sensitivity.check import check

    # Without --method the folder says which it is.
    found = check(options.study, str(options.out), options.method if is_given("method") else None)
    if options.as_json:
        print_json({"result": found.result, "runs": found.runs, "files": list(found.files)})
        return
    click.echo(
        f"{found.folder}: all numbers follow from the {found.runs:,} stored runs "
        f"({len(found.files)} files, result {found.result})"
    )
    click.echo(f"to run some of these again: mih verify {found.folder / found.stage}")


def _print_forecast(question: "Question", way: "Way", *, as_json: bool) -> None:
    """Say what an analysis takes, for each number of replicates that the pilot may find best."""
    from sim.experiment.numbers import count
    from sim.experiment.runs.forecast import forecast
    from sim.experiment.sensitivity.stages import plan_of

    workers = way.processes
    rate = forecast(plan_of(question, question.design(0, 2)), workers).seconds
    rate /= question.runs(2)
    pilot = 0 if question.replicates else len(question.pilot.points) * question.pilot.replicates
    numbers = [question.replicates] if question.replicates else [2, 4, 8, 16]
    rows = [(number, pilot + main_runs(question, number)) for number in numbers]
    if as_json:
        print_json(
            {
                "factors": len(question.factors),
                "lines": question.lines,
                "scrambles": question.scrambles,
                "pilot": pilot,
                "workers": workers,
                "runs": [
                    {"replicates": number, "runs": runs, "seconds": runs * rate}
                    for number, runs in rows
                ],
            }
        )
        return
    click.echo(f"{question.study.title}  ({question.study.name})")
    if pilot:
        click.echo(f"pilot      {pilot:,} runs, about {duration(pilot * rate)}; it says how many")
        click.echo("           replicates are best")
    for number, runs in rows:
        click.echo(
            f"{number:>2} replicates  {runs:,} runs in all, about {duration(runs * rate)} "
            f"with {count(workers, 'worker')}"
        )


def main_runs(question: "Question", replicates: int) -> int:
    """Return the runs of the first scrambles, and of those over other ranges."""
    own = question.scrambles * question.runs(replicates)
    others = (question.over(one, question.scrambles, replicates) for one in question.ranges)
    return own + sum(one.scrambles * one.runs(replicates) for one in others)


def plan_lines(plan: "Planned", way: "Way") -> Iterator[str]:
    """Yield the plan of the main run: what the pilot found, what it costs, what to expect."""
    from sim.experiment.numbers import count
    from sim.experiment.runs.forecast import forecast
    from sim.experiment.sensitivity.stages import plan_of

    question, pilot = plan.question, plan.pilot
    if question.width != 1.0:
        runs = main_runs(question, plan.replicates)
        yield f"ranges {question.width_in_words}: {runs:,} runs"
        return
    if pilot is not None:
        ranked = f"from {count(len(pilot.ranked), 'factor')} that stand out"
        yield (
            f"pilot: {pilot.runs:,} runs; {count(pilot.best, 'replicate')} are best "
            f"({ranked if pilot.ranked else 'none stands out from the noise'})"
        )
    blocks = (2 if question.second_order else 1) * len(question.factors) + 2
    extra = f", {question.split} lines again to part the chance" if question.split else ""
    yield (
        f"main run: {count(question.scrambles, 'scramble')} x {question.lines:,} lines x {blocks} "
        f"x {count(plan.replicates, 'replicate')}{extra}"
    )
    runs, workers, rate = main_runs(question, plan.replicates), way.processes, plan.seconds
    if rate is None:
        rate = forecast(plan_of(question, question.design(0, plan.replicates)), workers).seconds
        rate /= question.runs(plan.replicates)
    yield f"cost: {runs:,} runs, about {duration(runs * rate)} if none are there"
    if pilot is not None and pilot.half_width is not None:
        yield (
            f"to expect: total effects on {question.outcomes[0]} to within "
            f"{pilot.half_width * 100:.0f} percentage points or better (95 % interval)"
        )


def described(found: "Sensitivity") -> list[str]:
    """Return the lines that ``mih sensitivity`` prints."""
    lines = [*_head(found), "", *_table(found), "", *_parts(found), "", *found.sentences()]
    warnings = found.warnings()
    if warnings:
        lines += ["", *(f"Mind: {text}" for text in warnings)]
    return [*lines, "", *_legend(found)]


def _head(found: "Sensitivity") -> Iterator[str]:
    from sim.experiment.numbers import count
    from sim.experiment.units import labelled

    question, indices = found.question, found.indices
    yield f"What drives {found.outcome(indices.outcomes[0]).lower()}: {question.study.title}"
    yield (
        f"{count(len(found.names), 'factor')}, {count(indices.scrambles, 'scramble')} of "
        f"{indices.n:,} lines, {count(found.replicates, 'replicate')}: {found.runs:,} runs; "
        f"seed {question.study.seed}"
    )
    yield f"{labelled(found.label)}."


def _table(found: "Sensitivity") -> Iterator[str]:
    """Yield the factors by falling total effect on the headline outcome."""
    from sim.commands.show import aligned
    from sim.experiment.sensitivity.contract import order_of, ranks

    table, ranked = found.indices.table, ranks(found.indices.lights[0], found.names)
    rows: list[tuple[str, ...]] = [("", *HEADINGS)]
    for i in order_of(found.indices, 0):
        cells = [*_cells(table.total[i, 0]), *_cells(table.first[i, 0])]
        rank = ranked[i]
        same = ranked.count(rank) > 1
        shown_rank = "-" if rank is None else f"{rank}=" if same else f"{rank}"
        rows.append((found.factor(found.names[i]), *cells, shown_rank))
    yield from aligned(rows)


def _parts(found: "Sensitivity") -> Iterator[str]:
    """Yield what the variance of single runs is made of, for every outcome."""
    from sim.commands.show import aligned

    table, split = found.indices.table, found.indices.split
    groups = len(found.names)
    heads = ("factors alone", "interactions") + (
        ("chance",) if split is None else ("between organisations", "chance within")
    )
    rows: list[tuple[str, ...]] = [("of single runs", *heads)]
    for k, name in enumerate(found.indices.outcomes):
        parts = table.parts.value[:, k]
        cells = [float(parts[:groups].sum()), float(parts[groups])]
        if split is None:
            cells.append(float(table.noise.value[k]))
        else:
            cells += [float(split.between.value[k]), float(split.within.value[k])]
        rows.append((found.outcome(name), *(_percent(cell) for cell in cells)))
    yield from aligned(rows)


def _cells(one: "Interval") -> tuple[str, str]:
    """Return a share and its interval as cells."""
    low, high = float(one.low) * 100, float(one.high) * 100
    ends = f"{low:.1f} to {high:.1f} %" if math.isfinite(high - low) else "-"
    return _percent(float(one.value)), ends


def _percent(value: float) -> str:
    from sim.experiment.numbers import number

    return f"{number(value * 100, 1)} %" if math.isfinite(value) else "-"


def _legend(found: "Sensitivity") -> Iterator[str]:
    yield "total effect: the share of the variance caused by the factors that would be left if all"
    yield "others were known; alone: the share that would go if only this one were known. Chance is"
    yield "not in these. 95 % intervals are over scrambles: they cover chance in points and runs,"
    yield "not wrong numbers or rules. Rank: = tied; - not distinguishable from 0, so not ranked."
    if found.pilot is None:
        yield "Replicates were given, so there was no pilot."
