"""A group of commands that turns what they raise into a message and an exit code."""

import os
import sys
from typing import Any

import click

from sim.errors import MihError

NO_MEMORY, INTERRUPTED = 6, 130


class Commands(click.Group):
    """A group of commands that reports errors in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command asked for; end with the exit code of what it raised."""
        if ctx.params.get("debug"):
            return super().invoke(ctx)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except MihError as error:
            for line in str(error).splitlines() or [type(error).__name__]:
                _complain(line)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt as error:
            _complain(f"interrupted: {error}" if str(error) else "interrupted")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # The reader has gone; Python would complain when it closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except MemoryError:
            _complain("not enough memory")
            ctx.exit(NO_MEMORY)
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            _complain(f"internal error: {reason[:300]} (run again with --debug)")
            ctx.exit(1)


def show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the version and end, if it was asked for."""
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"mih {version('mih-sim')}")
        except PackageNotFoundError:
            click.echo("mih (not installed)")
        ctx.exit()


def _complain(line: str) -> None:
    click.echo(f"mih: {line}", err=True)
