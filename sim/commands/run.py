"""``mih run``: simulate a scenario, print what came out and keep it if asked."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands import options as shared
from sim.commands.changes import changed, parsed
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, shown
from sim.errors import InputError
from sim.scenario import load

if TYPE_CHECKING:
    from sim.experiment.doubt.running import Drawn
    from sim.scenario import Scenario
    from sim.simulate import Result


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
        words += shared.posterior_words(self.posterior)
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


def _check(options: Options) -> None:
    problems = []
    if options.posterior is not None and options.engine != "compiled":
        problems.append("--engine mesa: not with --posterior; both engines give the same numbers")
    if options.posterior is not None and options.events:
        problems.append("--events: not with --posterior; its runs keep outcomes and weekly series")
    problems += shared.folder_problems(options.out, force=options.force)
    if problems:
        raise InputError(problems)


def _simulate(options: Options, scenario: "Scenario") -> "Result":
    from sim.simulate import run

    if options.posterior is not None:
        return _simulate_drawn(options, scenario)
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


def _simulate_drawn(options: Options, scenario: "Scenario") -> "Result":
    from sim.experiment.doubt.nested import shape_of
    from sim.experiment.doubt.running import run

    posterior = shared.posterior_for(options.posterior, parsed(options.settings))
    announce_compilation()
    with shown(shape_of(options.replicates).runs) as progress:
        return run(
            scenario,
            options.replicates,
            options.seed,
            posterior=posterior,
            weeks=options.weeks,
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
    from sim.commands import show

    settings, runs = shared.settings_in_words(options.settings), _drawn(result)
    if runs is None:
        click.echo("\n".join(show.described(result, settings)))
        return
    from sim.commands import drawn

    click.echo("\n".join(drawn.described(runs, settings)))


def _drawn(result: "Result") -> "Drawn | None":
    """Return a result under draws of the rules as such, None for another."""
    from sim.simulate import Result

    if type(result) is Result:  # what draws need takes time to import
        return None
    from sim.experiment.doubt.running import Drawn

    return result if isinstance(result, Drawn) else None


def as_json(result: "Result") -> dict[str, Any]:
    """Return the contract of ``mih run --json``; under draws of the rules with more keys."""
    from sim.experiment.units import shown_unit
    from sim.spread import between_organisations

    drawn = _drawn(result)
    outcomes: dict[str, Any] = {}
    for name, one in result.summary().items():
        unit = shown_unit(one.unit, result.scenario.currency)
        outcomes[name] = {**one.as_json(), "unit": unit}
        if drawn is not None:
            split = drawn.splits[name]
            outcomes[name]["posterior"] = None if split is None else split.as_json()
    between = {} if drawn else between_organisations(result)
    found = {
        "scenario": result.scenario.name,
        "seed": result.seed,
        "replicates": result.replicates,
        "weeks": result.weeks,
        "engine": result.engine,
        "label": result.label,
        "outcomes": outcomes,
        "between_organisations": {name: asdict(one) for name, one in between.items()},
    }
    return found if drawn is None else found | {"posterior": drawn.design.described()}
