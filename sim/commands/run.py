"""``mih run``: simulate a scenario, print what came out and keep it if asked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.changes import changed
from sim.commands.output import print_json
from sim.commands.progress import shown
from sim.errors import InputError
from sim.scenario import load

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.simulate import Result

NO_POSTERIOR = (
    "--posterior: not available: this version is not calibrated yet, so there are no posterior "
    "draws to run with; leave the option out"
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mih run``."""

    scenario: str
    replicates: int
    seed: int
    weeks: int | None
    settings: tuple[str, ...]
    engine: str
    posterior: str | None
    events: bool
    out: str | None
    force: bool
    allow_large: bool
    as_json: bool

    def command(self) -> list[str]:
        """Return the command that gives the same result, without folder and machine."""
        words = ["mih", "run", self.scenario_name(), "-n", str(self.replicates)]
        words += ["--seed", str(self.seed)]
        words += [] if self.weeks is None else ["--weeks", str(self.weeks)]
        for setting in self.settings:
            words += ["--set", setting]
        words += [] if self.engine == "compiled" else ["--engine", self.engine]
        return words + (["--events"] if self.events else [])

    def scenario_name(self) -> str:
        """Return the scenario without the folder it lies in."""
        return Path(self.scenario).name


def run_command(options: Options) -> None:
    """Simulate, keep and print. Raises InputError, TooLargeError, BusyError or DiskError."""
    _check(options)
    scenario = changed(load(options.scenario), options.settings)
    if options.out is None:
        _print(_simulate(options, scenario), options)
        return
    from sim.experiment.store.locks import claim

    folder = Path(options.out)
    with claim(folder, force=options.force):
        result = _simulate(options, scenario)
        made = _keep(result, folder, options)
    _print(result, options)
    click.echo(f"written to {folder} (result {made})", err=True)


def announce_compilation() -> None:
    """Say that the first run on a machine takes longer, if it will."""
    from sim.batch import is_compiled

    if not is_compiled():
        message = "compiling the model once for this machine (about half a minute) ..."
        click.echo(message, err=True)


def _check(options: Options) -> None:
    problems = []
    if options.posterior is not None:
        problems.append(NO_POSTERIOR)
    if options.force and options.out is None:
        problems.append("--force: only together with --out")
    if options.out == "":
        problems.append("--out: must name a folder")
    if problems:
        raise InputError(problems)


def _simulate(options: Options, scenario: "Scenario") -> "Result":
    from sim.simulate import run

    announce_compilation()
    with shown(options.replicates) as progress:
        return run(
            scenario,
            options.replicates,
            options.seed,
            engine=options.engine,
            weeks=options.weeks,
            events=options.events,
            allow_large=options.allow_large,
            progress=progress,
        )


def _keep(result: "Result", folder: Path, options: Options) -> str:
    """Write the result, then its figures, which carry the result's id."""
    from sim.experiment.store.keeping import fill
    from sim.plots.figures import write_figures

    made = fill(result, folder, options.command())
    write_figures(result, folder / "figures", made)
    return made


def _print(result: "Result", options: Options) -> None:
    if options.as_json:
        print_json(as_json(result))
        return
    from sim.commands.show import described

    click.echo("\n".join(described(result, list_of(options.settings))))


def list_of(settings: Sequence[str]) -> str:
    """Return settings as people write them down."""
    return ", ".join(" = ".join(part.strip() for part in one.split("=", 1)) for one in settings)


def as_json(result: "Result") -> dict[str, Any]:
    """Return the contract of ``mih run --json``."""
    from sim.experiment.units import shown_unit

    outcomes = {}
    for name, one in result.summary().items():
        unit = shown_unit(one.unit, result.scenario.currency)
        outcomes[name] = {**one.as_json(), "unit": unit}
    from sim.spread import between_organisations

    between = between_organisations(result)
    return {
        "scenario": result.scenario.name,
        "seed": result.seed,
        "replicates": result.replicates,
        "weeks": result.weeks,
        "engine": result.engine,
        "label": result.label,
        "outcomes": outcomes,
        "between_organisations": {name: asdict(one) for name, one in between.items()},
    }
