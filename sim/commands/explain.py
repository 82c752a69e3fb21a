"""``mih explain``: how much each barrier costs, and where the weeks of phases go."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands import options as shared
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, shown
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.experiment.explain.costs import Cost
    from sim.experiment.explain.explanation import Explanation

HEADINGS = ("now", "attainable", "cost", "95 % interval", "alone", "last", "rank", "by modest", "")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mih explain``."""

    scenario: str
    replicates: int
    seed: int
    weeks: int | None
    settings: tuple[str, ...]
    outcome: str
    posterior: str | None
    out: str | None
    workers: int | None
    force: bool
    accept_drift: bool
    allow_large: bool
    as_json: bool


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option("-n", "--replicates", default=100, show_default=True, help="Runs a combination.")
@shared.seed
@click.option("--weeks", type=int, help="Weeks to simulate, instead of the scenario's.")
@shared.settings("Change an input, as in role_clarity=0.3; may be repeated.")
@click.option(
    "--outcome", default="adoption", show_default=True, metavar="NAME", help="What to explain."
)
@shared.posterior
@click.option("--out", metavar="DIR", help="The folder that keeps runs, tables and figures.")
@shared.workers
@shared.force
@shared.accept_drift("plan")
@shared.allow_large
@shared.as_json
def explain(**options: Any) -> None:
    """Say how much each barrier of a scenario costs, such as unclear roles or overload.

    Every combination of eight barriers, each moved to what is attainable, is run on the same
    seeds, 511 combinations at most. The same command again goes on.
    """
    explain_command(Options(**options))


def explain_command(options: Options) -> None:
    """Explain, keep and print; see `sim.experiment.explain.explaining.explain` for what raises."""
    drift = options.accept_drift
    if problems := shared.folder_problems(options.out, force=options.force, accept_drift=drift):
        raise InputError(problems)
    from sim.commands.changes import changed, parsed
    from sim.experiment.execute.work import Way
    from sim.experiment.explain.explaining import answer
    from sim.experiment.explain.question import checked
    from sim.scenario import load

    scenario = changed(load(options.scenario), options.settings)
    posterior = shared.posterior_for(options.posterior, parsed(options.settings))
    question = checked(
        scenario, options.outcome, options.replicates, options.seed, options.weeks, posterior
    )
    announce_compilation()
    way = Way(workers=options.workers, allow_large=options.allow_large)
    with shown(question.plan.runs) as progress:
        found = answer(
            question, options.out, way,
            force=options.force, accept_drift=options.accept_drift, progress=progress,
        )  # fmt: skip
    if options.out is not None:
        from sim.plots.explain import write_explain_figures

        write_explain_figures(found, Path(options.out) / "figures")
    if options.as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(described(found, options.settings)))
    if options.out is not None:
        click.echo(f"written to {options.out} (result {found.result})", err=True)


def described(found: "Explanation", settings: tuple[str, ...] = ()) -> list[str]:
    """Return the lines that ``mih explain`` prints."""
    head, legend = _head(found, settings), _legend(found)
    return [*head, "", *_table(found), "", *_ledger(found), "", *found.sentences(), "", *legend]


def _head(found: "Explanation", settings: tuple[str, ...]) -> Iterator[str]:
    from sim.experiment.numbers import count
    from sim.experiment.units import labelled

    question = found.question
    yield f"What barriers cost: {question.scenario.title}  ({question.scenario.name})"
    if settings:
        yield f"with {shared.settings_in_words(settings)}"
    yield (
        f"{count(len(question.points), 'combination')} of barriers, "
        f"{count(question.replicates, 'run')} of each with the same luck, "
        f"{count(found.weeks, 'week')}; seed {question.seed}, compiled engine"
    )
    if found.drawn is not None:
        rules = ", ".join(found.drawn["parameters"])
        yield f"each run under a draw of its own of the rules (posterior {found.drawn['id']}:"
        yield f"{rules})"
    yield f"{labelled(found.label)}."


def _table(found: "Explanation") -> Iterator[str]:
    """Return the lines of the barriers, the costliest first, and of the gap."""
    from sim.commands.show import aligned
    from sim.experiment.explain.barriers import ATTAINABLE, MODEST
    from sim.experiment.explain.sentences import level_in_words
    from sim.experiment.words import words_of

    main, modest = found.main, found.costs[MODEST]
    english = words_of("en")
    now, then = (level_in_words(found, ATTAINABLE, english, now=one) for one in (True, False))
    missing = [one for one in main.barriers.values() if not one.barrier.there]
    rows: list[tuple[str, ...]] = [("Barrier", *HEADINGS)]
    rows += [
        _row(found, one, modest.barriers[one.barrier.name]) for one in (*main.by_size, *missing)
    ]
    gap = _cells(found, main.gap)
    rows.append((f"All: {found.outcome.lower()}", now, then, *gap, "", "", "", "", ""))
    yield from aligned(rows)


def _row(found: "Explanation", one: "Cost", modest: "Cost") -> tuple[str, ...]:
    from sim.experiment.explain.sentences import ranks_in_words, scale_and_unit
    from sim.experiment.words import words_of

    barrier = one.barrier
    levels = (f"{barrier.level:g}", f"{barrier.attainable:g}")
    if not barrier.there:
        return (barrier.label, *levels, "0", "not there", *("" for _ in HEADINGS[4:]))
    ranks = (ranks_in_words(by, words_of("en")) for by in (one, modest))
    alone, last = (_cells(found, part)[0] for part in (one.alone, one.on_top))
    unit = scale_and_unit(found)[1]
    return (barrier.label, *levels, *_cells(found, one.share), alone, last, *ranks, unit)


def _cells(found: "Explanation", one: Any) -> tuple[str, str]:
    """Return a value and its interval."""
    from sim.experiment.explain.sentences import digits_for, interval_in_words, scale_and_unit
    from sim.experiment.words import words_of

    if one.difference is None:
        return "-", "-"
    (scale, _), english = scale_and_unit(found), words_of("en")
    value = english.number(one.difference * scale, digits_for(found, one))
    return value, interval_in_words(found, one, english)


def _ledger(found: "Explanation") -> Iterator[str]:
    """Return the lines of the ledger."""
    from sim.commands.show import aligned
    from sim.experiment.explain.ledger import CAUSES, NOBODY
    from sim.experiment.numbers import number

    heads = ("planned", "took", "outside", "at work", "for manager", "for team")
    rows: list[tuple[str, ...]] = [("Weeks of a phase", *heads, "no manager", "no lead", "done")]
    for phase in found.ledger:
        weeks = [phase.took, *(phase.weeks[name] for name in (*CAUSES, *NOBODY))]
        cells = ["-" if one.mean is None else number(one.mean, 1) for one in weeks]
        rows.append((phase.label, number(phase.planned, 1), *cells, f"{phase.done * 100.0:.0f} %"))
    yield from aligned(rows)


def _legend(found: "Explanation") -> Iterator[str]:
    from sim.outcomes import kind_and_unit

    yield "cost: Shapley value, the mean over all orders in which barriers may be moved; they add"
    yield "up to the gap. Its 95 % intervals hold for all barriers together; they cover chance in"
    yield "the runs, not wrong numbers. alone: moved by itself; last: after all others. rank: best"
    yield "and worst that can be; by modest: if attainable is the 75th percentile of what"
    yield "organisations may have (the prior), not the 90th."
    if found.drawn is not None:
        yield "The intervals also hold what is not known of the rules that were drawn."
    if kind_and_unit(found.question.outcome)[0] == "time":
        yield f"'never' counts as week {found.weeks}."
    yield "for manager, for team: the other's part of the phase is done. no manager, no lead: weeks"
    yield "among these with that part unfinished and nobody in post. done: of all organisations."
