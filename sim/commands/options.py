"""Options that several commands have: how they are declared, and how they are read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.errors import InputError

if TYPE_CHECKING:
    from sim.experiment.calibrate.posterior import Posterior
    from sim.experiment.execute.work import Way

Command = Callable[..., None]

seed = click.option(
    "--seed", default=1, show_default=True, help="Seed of the draws, 0 to 2^63 - 1."
)
workers = click.option(
    "--workers", type=int, help="Processes; by default one per processor, 0 = none."
)
dry_run = click.option("--dry-run", is_flag=True, help="Say what it would take, and do nothing.")
force = click.option("--force", is_flag=True, help="Move an existing DIR to DIR.old-N first.")
allow_large = click.option(
    "--allow-large", is_flag=True, help="Run even if this machine seems too small."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
posterior = click.option(
    "--posterior",
    metavar="FILE",
    help="Run under these draws of the rules, made by mih calibrate; shipped: the package's.",
)


def settings(text: str, metavar: str = "KEY=VALUE") -> Callable[[Command], Command]:
    """Return the option that changes inputs; ``text`` is its help."""
    return click.option("--set", "settings", multiple=True, metavar=metavar, help=text)


def accept_drift(what: str) -> Callable[[Command], Command]:
    """Return the option that goes on though ``what`` differs from what a folder was begun by."""
    text = f"Do so if DIR was begun by another {what} or version."
    return click.option("--accept-drift", is_flag=True, help=text)


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
        workers,
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class WayOptions:
    """What `way` and `allow_large` add to a command."""

    workers: int | None
    shard: str | None
    dask: str | None
    timeout: float
    allow_large: bool

    def way(self, *, allow_failed: bool = False) -> "Way":
        """Return how runs are made. Raises InputError for a shard that is none."""
        from sim.experiment.execute.work import Way

        return Way(
            workers=self.workers,
            shard=shard_of(self.shard),
            dask=self.dask,
            timeout=self.timeout,
            allow_failed=allow_failed,
            allow_large=self.allow_large,
        )


def shard_of(text: str | None) -> tuple[int, int]:
    """Return (i, n) of the option "i/n", (1, 1) without. Raises InputError."""
    if text is None:
        return 1, 1
    index, sign, count = text.partition("/")
    if not sign or not index.strip().isdecimal() or not count.strip().isdecimal():
        raise InputError(f"--shard: found {text[:40]!r}, allowed i/n, as in 2/8")
    return int(index), int(count)


def folder_problems(out: str | None, **with_out: bool) -> list[str]:
    """Return what is wrong with ``--out``, and with given options that go together with it only."""
    problems = [
        f"--{name.replace('_', '-')}: only together with --out"
        for name, given in with_out.items()
        if given and out is None
    ]
    return problems + (["--out: must name a folder"] if out == "" else [])


def out_problems(out: str | None, *, dry_run: bool) -> list[str]:
    """Return what is wrong with ``--out`` of a command that needs it for all but ``--dry-run``."""
    if out is None and not dry_run:
        return ["--out: missing; name the folder that keeps the runs, or --dry-run"]
    return folder_problems(out)


def settings_in_words(given: Sequence[str]) -> str:
    """Return the settings of ``--set`` as people write them down."""
    return ", ".join(" = ".join(part.strip() for part in one.split("=", 1)) for one in given)


def posterior_for(given: str | None, changed: Iterable[str]) -> "Posterior | None":
    """Return the posterior of the option, None without; ``changed`` names what --set changes.

    Raises InputError for a file that is none, and for a rule that is set and drawn.
    """
    if given is None:
        return None
    from sim.experiment.doubt.source import posterior_of, refuse_set

    found = posterior_of(given)
    refuse_set(found, changed, "--set")
    return found


def posterior_words(given: str | None) -> list[str]:
    """Return the option as a command that is kept has it: without the folder of the file."""
    return [] if given is None else ["--posterior", Path(given).name]
