"""Progress of long work on standard error: a bar on a terminal, a line a minute elsewhere.

Also the notice that the model is compiled first.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EVERY = 60.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def shown(total: int, *, every: float = EVERY) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many runs are done, and shows it."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        # Short work is over before a bar would help.
        with tqdm(total=total, unit="run", file=sys.stderr, leave=False, delay=0.5) as bar:
            first: list[int] = []

            def advance(done: int) -> None:
                if not first:  # what an earlier sitting did says nothing about the rate
                    first.append(done)
                    bar.initial = done
                    bar.n = done
                    bar.refresh()
                bar.update(done - bar.n)

            yield advance
        return
    yield _lines(total, every)


def _lines(total: int, every: float) -> Callable[[int], None]:
    """Return a function that prints a line now and then: runs, rate, time left."""
    begun = said = time.monotonic()
    first: int | None = None

    def advance(done: int) -> None:
        nonlocal said, first
        now = time.monotonic()
        first = done if first is None else first
        if now - said < every or done == first:
            return
        said = now
        rate = (done - first) / (now - begun)
        left = duration((total - done) / rate)
        click.echo(f"{done:,} of {total:,} runs, {rate:,.0f} a second, {left} left", err=True)

    return advance


def announce_compilation() -> None:
    """Say that the first run on a machine takes longer, if it will."""
    from sim.batch import is_compiled

    if not is_compiled():
        message = "compiling the model once for this machine (about half a minute) ..."
        click.echo(message, err=True)


def duration(seconds: float) -> str:
    """Return a time in words that fit its size."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
