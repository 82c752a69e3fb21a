"""``mih sweep``: run a study, resume it, say what came of it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands import options as shared
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, duration, shown
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.experiment.execute.work import Report, Way
    from sim.experiment.runs.forecast import Forecast
    from sim.experiment.runs.plan import Plan


@dataclass(frozen=True, slots=True)
class Options(shared.WayOptions):
    """The options of ``mih sweep``."""

    study: str
    out: str | None
    dry_run: bool
    force: bool
    accept_drift: bool
    allow_failed: bool
    as_json: bool
    posterior: str | None = None


def sweep_command(options: Options) -> None:
    """Run a study; see `sim.experiment.execute.work.execute` for what is raised."""
    from sim.experiment.design.study import load_study
    from sim.experiment.doubt.nested import over
    from sim.experiment.execute.work import execute
    from sim.experiment.runs.plan import plan_of_study

    if problems := shared.out_problems(options.out, dry_run=options.dry_run):
        raise InputError(problems)
    study = load_study(options.study)
    command = ("mih", "sweep", Path(options.study).name, *shared.posterior_words(options.posterior))
    plan = over(plan_of_study(study, command=command), options.posterior)
    way = options.way(allow_failed=options.allow_failed)
    announce_compilation()
    if options.dry_run or options.out is None:
        _print_forecast(plan, way, options)
        return
    with shown(plan.runs) as progress:
        report = execute(
            plan,
            Path(options.out),
            way,
            force=options.force,
            accept_drift=options.accept_drift,
            progress=progress,
        )
    if report.result is not None:
        _write_extras(report, allow_failed=options.allow_failed)
    _print(report, options)


def _print_forecast(plan: "Plan", way: "Way", options: Options) -> None:
    from sim.experiment.runs.forecast import forecast

    found = forecast(plan, way.processes)
    if options.as_json:
        print_json(asdict(found))
        return
    for line in forecast_lines(plan, found):
        click.echo(line)


def forecast_lines(plan: "Plan", found: "Forecast") -> list[str]:
    """Return what ``--dry-run`` says."""
    from sim.estimates import gigabytes
    from sim.experiment.doubt.nested import shape_in
    from sim.experiment.doubt.words import design_in_words
    from sim.experiment.numbers import count

    many = int(plan.replicates[0])
    same = bool((plan.replicates == many).all())
    each = f"{found.points:,} points x {many:,} replicates" if same else f"{found.points:,} points"
    shape, design = shape_in(plan.study), []
    if shape is not None:
        each = f"{found.points // shape.points:,} points x {shape.runs:,} replicates"
        design = list(design_in_words(plan.study["posterior"]))
    workers = count(found.workers, "worker")
    return [
        f"{plan.study['title']}  ({plan.study['name']})",
        *design,
        f"{each} = {found.runs:,} runs in {found.chunks:,} chunks",
        f"time    about {duration(found.seconds)} with {workers} (timed pilot)",
        f"memory  about {gigabytes(found.memory)}",
        f"disk    about {found.disk / 1e6:,.1f} MB",
    ]


def _write_extras(report: "Report", *, allow_failed: bool = False) -> None:
    """Write tables and figures for people beside a sealed result, unless they are there.

    Of runs that failed they would tell only a part: nothing is written unless ``allow_failed``.
    """
    from sim.experiment.points_summary import left_out
    from sim.experiment.store.stored import open_result
    from sim.plots.sweep import is_written, write_sweep

    if (report.failed and not allow_failed) or is_written(report.folder, report.result):
        return
    stored = open_result(report.folder)
    write_sweep(stored, allow_failed=allow_failed)
    for name in left_out(stored.plan):
        text = "not in tables and figures: it needs cost and patients_reached, which were not kept"
        click.echo(f"{name}: {text}", err=True)


def _print(report: "Report", options: Options) -> None:
    """Say what came of it; raise IncompleteError if runs failed or are missing."""
    from sim.experiment.sweep import refuse_failed

    if options.as_json:
        print_json(as_json(report))
    else:
        for line in described(report):
            click.echo(line, err=True)
    if not options.allow_failed:
        refuse_failed(report)


def as_json(report: "Report") -> dict[str, Any]:
    """Return a report as JSON."""
    return {
        "runs": report.runs,
        "done": report.done,
        "before": report.before,
        "failed": [list(one) for one in report.failed],
        "lost": [list(one) for one in report.lost],
        "repaired": report.repaired,
        "sealed": report.result is not None,
        "result": report.result,
    }


def described(report: "Report") -> list[str]:
    """Return a report in words."""
    lines = []
    if report.repaired:
        lines.append(f"{report.repaired} damaged or unknown files were put aside (quarantine)")
    if report.before:
        lines.append(f"{report.before:,} runs were there already")
    if report.result is not None:
        lines.append(f"written to {report.folder} (result {report.result})")
    else:
        lines.append(f"{report.folder}: {report.done:,} of {report.runs:,} runs are there")
    return lines
