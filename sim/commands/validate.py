"""``mih validate``: published patterns, reproduced or not."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from sim.commands.output import print_json, print_table
from sim.commands.progress import announce_compilation, shown

if TYPE_CHECKING:
    from sim.experiment.calibrate.validate import Validation


def validate_command(*, posterior: str | None, populations: int, seed: int, as_json: bool) -> None:
    """Set every pattern beside what the model gives, and print both.

    Raises InputError, and NotReproducedError unless all held-out patterns are reproduced.
    """
    from sim.experiment.calibrate.arms import POPULATION, arms
    from sim.experiment.calibrate.validate import validate

    draws = _draws(posterior, populations, seed)
    announce_compilation()
    with shown(populations * POPULATION * len(arms())) as progress:
        found = validate(populations, seed, draws=draws, progress=progress)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    found.require()


def _draws(posterior: str | None, populations: int, seed: int) -> Sequence[Mapping[str, Any]]:
    """Return a draw of the rules for each population: the defaults without a posterior."""
    if posterior is None:
        return ({},)
    from sim.experiment.doubt.source import posterior_of

    return posterior_of(posterior).equal(max(1, min(populations, 10_000)), seed)


def _print(found: "Validation") -> None:
    from sim.experiment.calibrate.wording import rows, stops, verdict
    from sim.experiment.numbers import count
    from sim.experiment.units import labelled

    organisations = count(found.populations * found.size, "organisation")
    click.echo(f"Patterns from other programmes and countries; {organisations} in each situation")
    click.echo(f"({found.populations} populations of {found.size}), seed {found.seed}.")
    click.echo(f"{labelled(found.label)}.\n")
    print_table(rows(found), widest=48)
    click.echo()
    click.echo("\n".join((*verdict(found), stops(found))))
    click.echo("Definitions, sources and caveats: mih validate --json, or docs/validation.md.")
