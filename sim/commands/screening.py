"""``mih sensitivity --method morris`` and ``pawn``: cheap looks at many factors."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, duration, shown
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.commands.sensitivity import Options
    from sim.experiment.execute.work import Way
    from sim.experiment.sensitivity.screened import Screened
    from sim.experiment.sensitivity.screening import Screen

_OF_SOBOL = ("scrambles", "until", "budget", "second_order", "spread", "split", "ranges")
"""Options that a screening has no use for."""

_HEADINGS = {
    "morris": ("mu*", "+-", "sigma", "noise floor", "without noise"),
    "pawn": ("median distance", "largest"),
}
_SHOWN = {
    "morris": ("mu_star", "mu_star_conf", "sigma", "floor", "effect"),
    "pawn": ("median", "maximum"),
}


def screening_command(options: "Options", way: "Way") -> None:
    """Screen, keep and print; see `sim.experiment.sensitivity.screening.screen` for what raises."""
    _refuse_others()
    from sim.experiment.sensitivity.figures import write_figures
    from sim.experiment.sensitivity.screening import kept, screen_of

    asked = screen_of(
        options.study,
        options.method,
        points=options.points,
        replicates=options.replicates,
        target=options.target,
    )
    announce_compilation()
    if options.dry_run or options.out is None:
        _print_forecast(asked, way, as_json=options.as_json)
        return
    with shown(asked.plan.runs) as progress:
        found = kept(
            asked, Path(options.out), way,
            force=options.force, accept_drift=options.accept_drift, progress=progress,
        )  # fmt: skip
    write_figures(found, Path(options.out) / "figures")
    if options.as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(described(found)))
    click.echo(f"written to {options.out} (result {found.result})", err=True)


def _refuse_others() -> None:
    given = [name for name in _OF_SOBOL if is_given(name)]
    if given:
        raise InputError(
            [f"--{name.replace('_', '-')}: only with --method sobol" for name in given]
        )


def is_given(name: str) -> bool:
    """Return whether somebody gave an option of the running command, though it be the default."""
    return click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT


def _print_forecast(asked: "Screen", way: "Way", *, as_json: bool) -> None:
    from sim.experiment.numbers import count
    from sim.experiment.runs.forecast import forecast

    plan, workers = asked.plan, way.processes
    seconds = forecast(plan, workers).seconds
    if as_json:
        print_json(
            {
                "method": asked.method,
                "factors": len(asked.factors),
                "points": plan.count,
                "replicates": asked.replicates,
                "workers": workers,
                "runs": plan.runs,
                "seconds": seconds,
            }
        )
        return
    click.echo(f"{asked.study.title}  ({asked.study.name}), {asked.method}")
    click.echo(
        f"{plan.count:,} points x {count(asked.replicates, 'replicate')} = {plan.runs:,} runs, "
        f"about {duration(seconds)} with {count(workers, 'worker')}"
    )


def described(found: "Screened") -> list[str]:
    """Return the lines that are printed."""
    from sim.experiment.numbers import count
    from sim.experiment.units import labelled, lowered

    outcome = found.outcome(found.outcomes[0])
    what = {"morris": "What moves", "pawn": "What changes the distribution of"}[found.method]
    many = {"morris": "trajectories", "pawn": "points"}[found.method]
    size = f"{count(len(found.found.names), 'factor')}, {found.asked['points']:,} {many}"
    size += f", {count(int(found.asked['replicates']), 'replicate')}"
    warnings = found.warnings()
    return [
        f"{what} {lowered(outcome)}: {found.study.title}",
        f"{size}: {found.runs:,} runs; seed {found.study.seed}",
        f"{labelled(found.label)}.",
        "",
        *_table(found),
        "",
        *found.sentences(),
        *(["", *(f"Mind: {text}" for text in warnings)] if warnings else []),
        "",
        *_legend(found),
    ]


def _table(found: "Screened") -> Iterator[str]:
    """Yield the factors by falling effect on the headline outcome."""
    from sim.commands.show import aligned
    from sim.experiment.numbers import number
    from sim.experiment.units import is_share

    share = found.method == "morris" and is_share(found.unit(found.outcomes[0]))
    scale, digits = (100.0, 1) if share else (1.0, 3)
    above = found.found.above_floor(0)
    rows: list[tuple[str, ...]] = [("", *_HEADINGS[found.method], "")]
    for i in found.order(0):
        values = (found.measures(i, 0)[name] for name in _SHOWN[found.method])
        cells = ("-" if one is None else number(one * scale, digits) for one in values)
        rows.append(
            (found.factor(found.found.names[i]), *cells, "" if above[i] else "not above the floor")
        )
    yield from aligned(rows)


def _legend(found: "Screened") -> Iterator[str]:
    from sim.experiment.numbers import number
    from sim.experiment.sensitivity.salib import Pawn
    from sim.experiment.units import is_share

    if isinstance(found.found, Pawn):
        floor = number(float(found.found.floor[0]), 3)
        yield "distance: Kolmogorov-Smirnov, of the runs in a slice of the factor from all runs;"
        yield f"{floor} is what chance alone may score (lines shuffled: mean and three SDs)."
        return
    unit = found.unit(found.outcomes[0])
    points = "percentage points" if is_share(unit) else unit
    yield "mu*: mean size of the effect of a factor over the middle 95 % of its range, or over its"
    yield f"levels, in {points}; sigma: how much it differs from place to place."
    yield "The floor is what noise alone would score: it does not shrink with more trajectories,"
    yield "but with more replicates."
