"""Options that several commands have."""

from collections.abc import Callable

import click

Command = Callable[..., None]


def posterior(command: Command) -> Command:
    """Add the option that names draws of the rules."""
    return click.option(
        "--posterior",
        metavar="FILE",
        help="Run under these draws of the rules, made by mih calibrate; shipped: the package's.",
    )(command)


def way(command: Command) -> Command:
    """Add the options that say by whom runs are made."""
    for option in (
        click.option(
            "--timeout",
            type=float,
            default=600.0,
            show_default=True,
            help="Seconds after which a run is taken for endless.",
        ),
        click.option("--dask", metavar="ADDRESS", help="Use the Dask cluster of this scheduler."),
        click.option("--shard", metavar="i/n", help="Do the i-th of n shares of the work."),
        click.option(
            "--workers", type=int, help="Processes; by default one per processor, 0 = none."
        ),
    ):
        command = option(command)
    return command


def settings(text: str) -> Callable[[Command], Command]:
    """Add the option that changes inputs; ``text`` is its help."""
    return click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=text)


def folder_problems(out: str | None, **with_out: bool) -> list[str]:
    """Return what is wrong with ``--out``, and with given options that go together with it only."""
    problems = [
        f"--{name.replace('_', '-')}: only together with --out"
        for name, given in with_out.items()
        if given and out is None
    ]
    return problems + (["--out: must name a folder"] if out == "" else [])
