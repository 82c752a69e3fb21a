"""``mih staff``: the cheapest staffing that reaches a target by a week."""

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
    from sim.experiment.staff.found import Staffing
    from sim.experiment.staff.judging import Judged

HEADINGS = ("chance", "95 % interval", "cost", "95 % interval", "does", "P(cheapest)", "Pareto")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mih staff``."""

    scenario: str
    target: str
    by: int
    confidence: float
    budget: float | None
    replicates: int
    seed: int
    settings: tuple[str, ...]
    vary: tuple[str, ...]
    posterior: str | None
    out: str | None
    workers: int | None
    force: bool
    allow_large: bool
    as_json: bool


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option("--target", required=True, metavar="TEXT", help='To reach, as in "adoption>=0.5".')
@click.option("--by", type=int, required=True, metavar="WEEK", help="The week of target and cost.")
@click.option(
    "--confidence",
    default=0.8,
    show_default=True,
    help="The chance with which the target has to be reached.",
)
@click.option("--budget", type=float, metavar="AMOUNT", help="Most mean cost until that week.")
@click.option("-n", "--replicates", default=400, show_default=True, help="Runs of a finalist.")
@shared.seed
@shared.settings("Change an input, as in role_clarity=0.3; may be repeated.")
@click.option(
    "--vary",
    multiple=True,
    metavar="NAME=LEVELS",
    help="Levels of a lever, as in manager_hours=4,8 or seats=own; may be repeated.",
)
@shared.posterior
@click.option("--out", metavar="DIR", help="The folder that keeps runs, table and figure.")
@shared.workers
@shared.force
@shared.allow_large
@shared.as_json
def staff(**options: Any) -> None:
    """Find the cheapest staffing that reaches a target by a week, with a stated confidence.

    Every combination of some levels of managers' hours, leads and their hours, key-users, protected
    hours and training seats is looked at, the best ones again on fresh seeds. The same command with
    --out again goes on.
    """
    staff_command(Options(**options))


def staff_command(options: Options) -> None:
    """Search, keep and print; see `sim.experiment.staff.staffing.staff` for what raises."""
    if problems := shared.folder_problems(options.out, force=options.force):
        raise InputError(problems)
    from sim.commands.changes import changed, parsed
    from sim.experiment.execute.work import Way
    from sim.experiment.numbers import count
    from sim.experiment.staff.question import checked
    from sim.experiment.staff.staffing import answer
    from sim.scenario import load

    scenario = changed(load(options.scenario), options.settings)
    posterior = shared.posterior_for(options.posterior, parsed(options.settings))
    question = checked(
        scenario, options.target, options.by, options.confidence, options.budget,
        options.replicates, options.seed, varied(options.vary), posterior,
    )  # fmt: skip
    stages = count(len(question.stages), "stage")
    plans, runs = count(question.space.count, "plan"), count(question.runs, "run")
    click.echo(f"{plans}, {runs} in {stages}", err=True)
    announce_compilation()
    way = Way(workers=options.workers, allow_large=options.allow_large)
    with shown(question.runs) as progress:
        found = answer(question, options.out, way, force=options.force, progress=progress)
    if options.out is not None:
        from sim.plots.staff import write_staff_figures

        write_staff_figures(found, Path(options.out) / "figures")
    if options.as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(described(found, options.settings)))
    if options.out is not None:
        click.echo(f"written to {options.out} (result {found.result})", err=True)


def varied(texts: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the levels that ``--vary`` gives, by lever; raise InputError naming the option."""
    from sim.commands.changes import value_of
    from sim.wording import show

    found: dict[str, list[Any]] = {}
    problems = []
    for text in texts:
        name, sign, levels = text.partition("=")
        name = name.strip()
        if not sign or not name or not levels.strip():
            problems.append(f"--vary {show(text)}: must be NAME=levels, as in manager_hours=4,8")
        elif name in found:
            problems.append(f"--vary {show(name)}: given twice; put all levels in one")
        else:
            found[name] = [value_of(level.strip()) for level in levels.split(",")]
    if problems:
        raise InputError(problems)
    return found


def described(found: "Staffing", settings: tuple[str, ...] = ()) -> list[str]:
    """Return the lines that ``mih staff`` prints."""
    lines = [*_head(found, settings), "", *found.sentences(), "", *_table(found), ""]
    return [*lines, *_levers(found), "", *_legend(found)]


def _head(found: "Staffing", settings: tuple[str, ...]) -> Iterator[str]:
    from sim.experiment.numbers import count
    from sim.experiment.staff.sentences import goal
    from sim.experiment.units import labelled
    from sim.experiment.words import words_of

    question = found.question
    aim = goal(found, words_of("en"))
    yield f"Staffing for {aim}: {question.scenario.title}  ({question.scenario.name})"
    if settings:
        yield f"with {shared.settings_in_words(settings)}"
    finalists = count(len(found.finalists), "finalist")
    yield (
        f"{count(question.space.count, 'plan')}, {count(question.runs, 'run')}; {finalists} on "
        f"{count(question.replicates, 'fresh run')} each with the same luck; "
        f"seed {question.seed}, compiled engine"
    )
    if question.posterior is not None:
        yield f"each run under a draw of the rules of its own (posterior {question.posterior.id})"
    yield f"{labelled(found.label)}."


def _table(found: "Staffing") -> Iterator[str]:
    """Return the lines of the finalists, the cheapest first."""
    from sim.commands.show import aligned

    head = (f"Finalists ({found.currency})", *HEADINGS[:4], found.outcome.lower(), *HEADINGS[4:])
    yield from aligned([head, *(_row(found, one) for one in found.by_cost)])


def _row(found: "Staffing", one: "Judged") -> tuple[str, ...]:
    from sim.experiment.staff.sentences import percent, uptake_in_words
    from sim.experiment.words import words_of

    english = words_of("en")

    def between(low: float | None, high: float | None, shown: Any) -> str:
        return "-" if low is None or high is None else f"{shown(low)} to {shown(high)}"

    mark = "> " if one.place == found.verdict.chosen else "= " if one in found.alike else "  "
    return (
        mark + found.words(one),
        f"{percent(one.chance.mean, english)} %",
        between(one.chance.low, one.chance.high, lambda end: percent(end, english)),
        english.number(one.cost.mean),
        between(one.cost.low, one.cost.high, english.number),
        uptake_in_words(found, one, english),
        {"yes": "yes", "open": "perhaps", "no": "no"}[one.does],
        f"{one.cheapest:.2f}",
        f"{one.member:.2f}",
    )


def _levers(found: "Staffing") -> Iterator[str]:
    from sim.experiment.staff.space import level_in_words

    yield "Levels looked at (own in brackets):"
    for one in found.question.space.levers:
        levels = [
            f"({level_in_words(level)})" if level == one.own else level_in_words(level)
            for level in one.levels
        ]
        yield f"  {one.name}: {', '.join(levels)} {one.unit}"


def _legend(found: "Staffing") -> Iterator[str]:
    yield ">: the plan named first; =: cannot be told apart from it. A plan is written as what it"
    yield "changes. chance: of reaching the target by then; intervals hold for all finalists"
    yield "together. They cover chance in the runs, not wrong numbers. does: whether chance and"
    yield "budget (on mean cost) are surely kept. P(cheapest): share of resamples in which it is"
    yield "the cheapest that does. Pareto: share in which no finalist is cheaper with as much."
    yield f"Cost: mean until week {found.question.by} of an organisation, by the scenario's rates"
    yield "and licence; a project that stops costs less."
