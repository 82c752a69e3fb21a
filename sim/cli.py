"""The command line, ``mih``.

Data goes to standard output, everything else to standard error. Heavy libraries are imported by
the commands that need them, so that help comes at once. Commands raise; `Commands` alone turns
what they raise into a message and an exit code.
"""

from collections.abc import Sequence
from typing import Any

import click

from sim.commands import options as shared
from sim.commands.app import app
from sim.commands.explain import explain
from sim.commands.group import Commands, show_version
from sim.commands.output import print_json, print_table
from sim.commands.report import report
from sim.commands.staff import staff
from sim.errors import InputError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help="Show the version and exit.",
)
def main(debug: bool) -> None:
    """Simulate how an eMental-health platform is implemented in mental-healthcare organisations.

    A SCENARIO is the path of a TOML file or the name of a shipped scenario, such as baseline.
    """


main.add_command(app)
main.add_command(explain)
main.add_command(staff)
main.add_command(report)


@main.command("list")
@click.option("--studies", "only_studies", is_flag=True, help="List the studies only.")
@shared.as_json
def list_scenarios(only_studies: bool, as_json: bool) -> None:
    """List the scenarios and studies that come with the package (as JSON: only one of the two)."""
    from sim.experiment.design.study import load_study, shipped_studies
    from sim.scenario import load, shipped

    kinds: dict[str, list[Any]] = {}
    if not only_studies:
        kinds["scenario"] = [load(name) for name in shipped()]
    if only_studies or not as_json:
        kinds["study"] = [load_study(name) for name in shipped_studies()]
    if as_json:
        keys = ("name", "title", "shows")
        (found,) = kinds.values()
        print_json([{key: getattr(one, key) for key in keys} for one in found])
        return
    for place, (kind, found) in enumerate(kinds.items()):
        if place:
            click.echo()
        print_table([(kind, "title"), *((one.name, one.title) for one in found)])


@main.command()
@shared.as_json
@click.option("--markdown", is_flag=True, help="Print a page of Markdown tables.")
@click.option("--paths", is_flag=True, help="Print each factor's paths through the model.")
def parameters(as_json: bool, markdown: bool, paths: bool) -> None:
    """List every input with its default, range, unit and source."""
    from sim import parameters as registry

    if as_json + markdown + paths > 1:
        raise click.UsageError("choose one of --json, --markdown and --paths")
    if as_json:
        print_json(registry.as_json())
    elif markdown:
        click.echo(registry.as_page())
    elif paths:
        from sim.paths import as_markdown

        click.echo(as_markdown())
    else:
        print_table(registry.as_table())


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario import json_schema

    print_json(json_schema())


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: Sequence[str]) -> None:
    """Check scenario and study files and report every problem with its line."""
    from sim.experiment.design.study import load_any

    problems: list[str] = []
    for file in files:
        try:
            load_any(file)
        except InputError as error:
            problems += error.messages
        else:
            click.echo(f"{file}: ok")
    if problems:
        raise InputError(problems)


@main.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option("-n", "--replicates", default=100, show_default=True, help="How many runs.")
@shared.seed
@click.option("--weeks", type=int, help="Weeks to simulate, instead of the scenario's.")
@shared.settings("Change an input, as in leads=2 or mechanisms.trust=false; may be repeated.")
@click.option(
    "--engine",
    type=click.Choice(["compiled", "mesa"]),
    default="compiled",
    show_default=True,
    help="Which engine runs the model; both give the same numbers.",
)
@shared.posterior
@click.option("--events", is_flag=True, help="Keep a table of all events (with --out).")
@click.option("--out", metavar="DIR", help="Keep runs, tables and figures in a new folder.")
@shared.force
@shared.allow_large
@shared.as_json
def run(**options: Any) -> None:
    """Simulate a scenario and print its outcomes with intervals."""
    from sim.commands.run import Options, run_command

    run_command(Options(**options))


@main.command()
@click.argument("scenario")
@click.option(
    "--agent", required=True, help="ORG/clinician/12[/patient/3], ORG/lead/0, ORG, manager/0"
)
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--replicate", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--weeks", type=click.IntRange(0, 1040), help="Horizon instead of the scenario's.")
@shared.settings("Change an input.")
@shared.as_json
def trace(**options: Any) -> None:
    """Tell one agent's story, week by week, with the reason for each event."""
    from sim.commands.trace import trace_command

    trace_command(**options)


@main.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("-n", "--replicates", default=100, show_default=True, help="Runs of each plan.")
@shared.seed
@click.option("--weeks", type=int, help="Weeks to simulate, instead of the scenarios'.")
@shared.settings(
    "One more plan: the first scenario with these changes; may be repeated.", "'KEY=VALUE; ...'"
)
@click.option(
    "--precision",
    type=float,
    help="Add runs until the first outcome's difference is known to within this, in its unit.",
)
@click.option("--budget", type=int, help="Most runs for --precision, over all plans [20000].")
@click.option(
    "--target",
    default="adoption>=0.5",
    show_default=True,
    help="What to give the chance of: an outcome, >= or <=, a number.",
)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME",
    help="Compare this outcome, the most important first; may be repeated.",
)
@shared.posterior
@click.option("--out", metavar="DIR", help="Keep tables and figures in a new folder.")
@shared.force
@shared.allow_large
@shared.as_json
def compare(**options: Any) -> None:
    """Compare plans with the first, run by run with the same luck."""
    from sim.commands.compare import Options, compare_command

    compare_command(Options(**options))


@main.command()
@click.argument("study", metavar="STUDY")
@shared.posterior
@click.option("--out", metavar="DIR", help="The folder that keeps the runs.")
@shared.way
@shared.dry_run
@shared.force
@shared.accept_drift("plan")
@click.option("--allow-failed", is_flag=True, help="Finish although runs failed; they are listed.")
@shared.allow_large
@shared.as_json
def sweep(**options: Any) -> None:
    """Run a study: every point, every replicate. The same command again goes on.

    A STUDY is the path of a TOML file or the name of a shipped study (mih list --studies).
    """
    from sim.commands.sweep import Options, sweep_command

    sweep_command(Options(**options))


@main.command()
@click.argument("study", metavar="STUDY")
@click.option("--out", metavar="DIR", help="The folder that keeps runs, tables and figures.")
@click.option(
    "--method",
    type=click.Choice(["sobol", "morris", "pawn"]),
    default="sobol",
    show_default=True,
    help="How effects are measured.",
)
@click.option(
    "--points",
    type=int,
    help="Lines of a scramble or points of pawn, a power of two [the study's]; trajectories of "
    "morris [64].",
)
@click.option("--scrambles", default=8, show_default=True, help="Independent scrambles.")
@click.option("--replicates", type=int, help="Runs of each point, without a pilot [the best].")
@click.option("--target", help='Explain the chance of it too, as in "adoption>=0.5".')
@click.option(
    "--until",
    type=click.Choice(["screening", "ranking", "values"]),
    help="Add scrambles until this light of the first outcome is green.",
)
@click.option("--budget", type=int, help="Most runs for --until [four times the first scrambles].")
@click.option("--second-order", is_flag=True, help="Also what pairs of factors do together.")
@click.option("--spread", is_flag=True, help="Also what drives the unpredictability.")
@click.option(
    "--split",
    default=64,
    show_default=True,
    help="Lines on which chance is parted into between and within organisations; 0 = none.",
)
@click.option(
    "--ranges",
    type=float,
    multiple=True,
    metavar="WIDTH",
    help="Also over ranges so many times as wide, as in 0.5 or 2; may be repeated.",
)
@shared.way
@shared.dry_run
@click.option("--check", is_flag=True, help="Derive every number anew from the stored runs.")
@shared.force
@shared.accept_drift("question")
@shared.allow_large
@shared.as_json
def sensitivity(**options: Any) -> None:
    """Say which factors of a study drive its outcomes, and how much is chance.

    A STUDY of design sobol is the path of a TOML file or the name of a shipped study, such as
    what-drives-uptake. The same command again goes on.
    """
    from sim.commands.sensitivity import Options, sensitivity_command

    sensitivity_command(Options(**options))


@main.command()
@click.option("--out", metavar="DIR", required=True, help="The folder that keeps runs and results.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="NAME",
    help="A rule to calibrate, up to six, instead of the usual ones; may be repeated.",
)
@click.option("--draws", default=8192, show_default=True, help="Of the bank, a power of two.")
@click.option("--seed", default=1, show_default=True, help="Seed of all of it, 0 to 2^63 - 1.")
@click.option("--accept", type=int, help="Nearest draws to keep [a fortieth, 60 to 1,000].")
@click.option("--size", default=64, show_default=True, help="Organisations of a population.")
@click.option("--checks", default=64, show_default=True, help="Populations of predictive checks.")
@shared.way
@shared.allow_large
@shared.force
@shared.accept_drift("question")
@shared.as_json
def calibrate(**options: Any) -> None:
    """Fit some rules to published patterns, and check the fit and the model.

    About 20 minutes on two processors. The same command again goes on where it stopped.
    """
    from sim.commands.calibrate import Options, calibrate_command

    calibrate_command(Options(**options))


@main.command()
@click.option("--posterior", metavar="FILE", help="Draws of a calibration to validate.")
@click.option(
    "--populations",
    default=20,
    show_default=True,
    help="Populations of 64 organisations in each situation; more narrow the intervals.",
)
@shared.seed
@shared.as_json
def validate(**options: Any) -> None:
    """Set published patterns beside what the model gives; fail unless the held-out ones match.

    Ends with exit code 0 only if every held-out pattern is reproduced, else with 1.
    """
    from sim.commands.validate import validate_command

    validate_command(**options)


@main.command()
@click.argument("folder", metavar="DIR")
@click.option("--runs", default=8, show_default=True, help="How many runs to run again.")
@click.option("--seed", default=1, show_default=True, help="Chooses which.")
@click.option("--accept-drift", is_flag=True, help="Compare runs though other code made them.")
@shared.as_json
def verify(folder: str, **options: Any) -> None:
    """Check a result: derive all hashes anew, run some runs again and compare every bit."""
    from sim.commands.verify import verify_command

    verify_command(folder, **options)


@main.command()
@click.argument("folder", metavar="DIR")
@click.option("--out", required=True, metavar="PLACE", help="A new folder (csv) or file (netcdf).")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "netcdf"]),
    help="By default netcdf if PLACE ends in .nc, else csv.",
)
@click.option("--force", is_flag=True, help="Move an existing PLACE to PLACE.old-N first.")
@click.option("--allow-failed", is_flag=True, help="Export although runs failed; they are empty.")
@click.option("--allow-partial", is_flag=True, help="Export what is there of an unfinished sweep.")
def export(folder: str, **options: Any) -> None:
    """Write a result as CSV tables or as one netCDF file, with units and provenance."""
    from sim.commands.export import export_command

    export_command(folder, **options)


@main.command()
@shared.as_json
def doctor(as_json: bool) -> None:
    """Show versions, processors, memory and cache, and check that both engines agree."""
    from sim.commands.doctor import doctor_command

    doctor_command(as_json)
