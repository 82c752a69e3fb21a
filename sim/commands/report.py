"""``mih report``: one HTML page and a workbook, of scenarios or of a folder of results."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands import options as shared
from sim.commands.changes import changed
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, shown
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.scenario import Scenario

BASELINE = "baseline"
RUNS, SEED = 100, 1


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mih report``; None: not given."""

    source: str
    against: str | None
    alone: bool
    replicates: int | None
    seed: int | None
    weeks: int | None
    settings: tuple[str, ...]
    target: str | None
    explain: bool
    posterior: str | None
    lang: str
    out: str
    xlsx: bool
    force: bool
    allow_large: bool
    as_json: bool

    def command(self) -> list[str]:
        """Return the command that gives the same report, without folders and machine."""
        words = ["mih", "report", Path(self.source).name]
        valued = (
            ("--against", self.against and Path(self.against).name),
            ("-n", self.replicates),
            ("--seed", self.seed),
            ("--weeks", self.weeks),
            *(("--set", setting) for setting in self.settings),
            ("--target", self.target),
            ("--posterior", self.posterior and Path(self.posterior).name),
            ("--lang", None if self.lang == "en" else self.lang),
        )
        for name, value in valued:
            words += [] if value is None else [name, str(value)]
        flags = (("--alone", self.alone), ("--explain", self.explain))
        return words + [name for name, given in flags if given]


@click.command()
@click.argument("source", metavar="DIR|SCENARIO")
@click.option(
    "--against",
    metavar="SCENARIO",
    help="The plan to compare with; by default the baseline or, with --set, the scenario as it is.",
)
@click.option("--alone", is_flag=True, help="Compare with nothing.")
@click.option("-n", "--replicates", type=int, help=f"Runs of each plan [{RUNS}].")
@click.option("--seed", type=int, help=f"Seed of the draws, 0 to 2^63 - 1 [{SEED}].")
@click.option("--weeks", type=int, help="Weeks to simulate, instead of the scenarios'.")
@shared.settings("Change an input of the scenario, as in leads=2; may be repeated.")
@click.option("--target", help="What to give the chance of [adoption>=0.5].")
@click.option("--explain", is_flag=True, help="Also run what each barrier costs (minutes).")
@shared.posterior
@click.option(
    "--lang",
    type=click.Choice(["en", "nl"]),
    default="en",
    show_default=True,
    help="Language: English or Dutch.",
)
@click.option(
    "--out",
    default="report.html",
    show_default=True,
    metavar="FILE.html",
    help="The page; the workbook beside it ends in .xlsx.",
)
@click.option("--xlsx/--no-xlsx", default=True, show_default=True, help="Write the workbook.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@shared.allow_large
@shared.as_json
def report(**options: Any) -> None:
    """Write a report: question, answer, plans, differences, why, assumptions, provenance.

    A DIR is a folder of mih run, compare, explain, staff or sweep with --out: nothing is run again.
    A SCENARIO is run and compared with another plan.
    """
    report_command(Options(**options))


def report_command(options: Options) -> None:
    """Write a report and say where; see `sim.reporting.making.report` for what raises."""
    from sim.reporting import making

    book = Path(options.out).with_suffix(".xlsx") if options.xlsx else None
    making.check_files(Path(options.out), book, force=options.force)
    kept: dict[str, Any] = {
        "lang": options.lang, "xlsx": options.xlsx, "force": options.force,
        "target": options.target, "command": options.command(),
    }  # fmt: skip
    if making.is_folder(options.source):
        _refuse_options(options)
        found = making.report(options.source, options.out, **kept)
    else:
        from sim.commands.changes import parsed

        plans = plans_of(options)
        shared.posterior_for(options.posterior, parsed(options.settings))
        announce_compilation()
        runs = RUNS if options.replicates is None else options.replicates
        seed = SEED if options.seed is None else options.seed
        with shown(_total(options, plans, runs, seed)) as progress:
            found = making.report(
                plans, options.out, replicates=runs, seed=seed, weeks=options.weeks,
                explain=options.explain, posterior=options.posterior,
                allow_large=options.allow_large, progress=progress, **kept,
            )  # fmt: skip
    if options.as_json:
        print_json(found.as_json())
        return
    click.echo("\n".join(found.sentences))
    files = " and ".join(str(path) for path in (found.html, found.xlsx) if path is not None)
    click.echo(f"written to {files}", err=True)


def plans_of(options: Options) -> Mapping[str, "Scenario"]:
    """Return the plans by name, what is compared with first. Raises InputError."""
    from sim.scenario import load

    if options.alone and options.against is not None:
        raise InputError("--alone: not together with --against; leave one of them out")
    own = load(options.source)
    subject = changed(own, options.settings)
    if options.alone:
        return {own.name: subject}
    name = "; ".join(options.settings) if options.settings else own.name
    if options.against is not None:
        first = load(options.against)
    elif options.settings:
        first = own
    else:
        first = load(BASELINE)
    if options.against is None and first == subject:
        return {own.name: subject}
    if first.name == name:
        raise InputError(f"--against: both plans are called {name}; rename one of the files")
    return {first.name: first, name: subject}


def _total(options: Options, plans: Mapping[str, "Scenario"], runs: int, seed: int) -> int:
    """Return how many runs there will be."""
    each = runs
    if options.posterior is not None:
        from sim.experiment.doubt.nested import shape_of

        each = shape_of(runs).runs
    total = each * len(plans)
    if options.explain:
        from sim.experiment.explain.question import checked

        subject = list(plans.values())[-1]
        total += checked(subject, "adoption", runs, seed, options.weeks).plan.runs
    return total


def _refuse_options(options: Options) -> None:
    """Raise InputError for options that would run something."""
    given = {
        "--against": options.against is not None,
        "--alone": options.alone,
        "--replicates": options.replicates is not None,
        "--seed": options.seed is not None,
        "--weeks": options.weeks is not None,
        "--set": bool(options.settings),
        "--explain": options.explain,
        "--posterior": options.posterior is not None,
        "--allow-large": options.allow_large,
    }
    problems = [
        f"{name}: only with a scenario; a folder is read and nothing is run"
        for name, one in given.items()
        if one
    ]
    if problems:
        raise InputError(problems)
