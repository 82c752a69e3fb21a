"""``mih calibrate``: rules fitted to published patterns, and whether that can be believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands import options as shared
from sim.commands.output import print_json, print_table
from sim.commands.progress import announce_compilation, shown

if TYPE_CHECKING:
    from sim.experiment.calibrate.calibration import Calibration
    from sim.experiment.progress import Progress


@dataclass(frozen=True, slots=True)
class Options(shared.WayOptions):
    """What was asked for on the command line."""

    out: str
    rules: tuple[str, ...]
    draws: int
    seed: int
    accept: int | None
    size: int
    checks: int
    force: bool
    accept_drift: bool
    as_json: bool


def calibrate_command(options: Options) -> None:
    """Calibrate, keep and print; see `sim.experiment.calibrate.calibrating.calibrate`."""
    from sim.experiment.calibrate.calibrating import FREE, calibrate
    from sim.plots.calibrate.writing import write_calibration_figures

    announce_compilation()
    found = calibrate(
        options.out,
        force=options.force,
        accept_drift=options.accept_drift,
        bar=_bar,
        way=options.way(),
        names=options.rules or FREE,
        draws=options.draws,
        seed=options.seed,
        accept=options.accept,
        size=options.size,
        checks=options.checks,
    )
    write_calibration_figures(found, Path(options.out) / "figures")
    if options.as_json:
        print_json(found.as_json())
    else:
        _print(found)
    click.echo(f"written to {options.out} (posterior {found.posterior.id})", err=True)


@contextmanager
def _bar(title: str, runs: int) -> "Iterator[Progress]":
    click.echo(f"{title}: {runs:,} runs", err=True)
    with shown(runs) as progress:
        yield progress


def _print(found: "Calibration") -> None:
    from sim.experiment.calibrate.calibration import parameter_rows
    from sim.experiment.units import labelled
    from sim.parameters import parameters

    click.echo(f"{labelled(found.label)}.\n")
    head = ("rule", "prior", "posterior, 95 %", "median", "for new defaults", "contraction")
    table = [head]
    for row in parameter_rows(found):
        entry = parameters()[row["parameter"]]
        table.append(
            (
                entry.label,
                f"{row['prior_low']:.4g} to {row['prior_high']:.4g}",
                f"{row['low']:.3g} to {row['high']:.3g}",
                f"{row['median']:.3g}",
                f"{row['chosen']:.3g}",
                f"{row['contraction']:.2f}" + ("" if row["informed"] else ", not informed by data"),
            )
        )
    print_table(table, widest=44)
    click.echo()
    click.echo("\n".join(found.sentences()))
