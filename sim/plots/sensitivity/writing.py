"""Which figures of a sensitivity analysis are drawn, and writing them with their data."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.plots.sensitivity.drivers import drivers_data, drivers_figure
from sim.plots.sensitivity.fans import fans_data, fans_figure
from sim.plots.sensitivity.indices import indices_data, indices_figure
from sim.plots.sensitivity.lights import lights_data, lights_figure
from sim.plots.sensitivity.overtime import overtime_data, overtime_figure, weekly_of
from sim.plots.sensitivity.pairs import pairs_data, pairs_figure
from sim.plots.sensitivity.ranges import ranges_data, ranges_figure
from sim.plots.sensitivity.responses import enough, responses_data, responses_figure
from sim.plots.sensitivity.screening import morris_data, morris_figure, pawn_data, pawn_figure
from sim.plots.sensitivity.shown import Shown
from sim.plots.style import save_figure

if TYPE_CHECKING:
    import pandas as pd

Draw = Callable[[Shown, int], Figure]
Tell = Callable[[Shown, int], "pd.DataFrame"]
Drawn = tuple[str, Callable[[], tuple[Figure, "pd.DataFrame"]]]
"""The name of a figure, and what draws it and returns it with its data."""


def write_sensitivity_figures(shown: Shown, folder: Path) -> list[Path]:
    """Write every figure that the analysis has data for into a folder; return the files.

    ``drivers`` has all outcomes; the others are named after what they show and their outcome, such
    as ``indices-adoption``. Each is a PNG and an SVG with its data as CSV. The same analysis gives
    the same bytes. Raises DiskError.
    """
    saved: list[Path] = []
    for name, draw in figures(shown):
        figure, data = draw()
        saved += save_figure(figure, folder, name, data)
    return saved


def figures(shown: Shown) -> Iterator[Drawn]:
    """Return the names of the figures there are, in order, each with what draws it."""
    if shown.indices is not None:
        yield "drivers", lambda: (drivers_figure(shown), drivers_data(shown))
    taken: set[str] = set()
    for kind, outcomes, figure, data in _kinds(shown):
        for k, outcome in enumerate(outcomes):
            yield _file_name(kind, outcome, taken), partial(_both, figure, data, shown, k)


def _kinds(shown: Shown) -> Iterator[tuple[str, Iterable[str], Draw, Tell]]:
    """Return which kinds of figures there are, with the outcomes that have one."""
    found, weekly = shown.indices, weekly_of(shown)
    if found is not None:
        yield "indices", found.outcomes, indices_figure, indices_data
    if found is not None and enough(shown):
        yield "responses", found.outcomes, responses_figure, responses_data
    if found is not None and found.table.second is not None:
        yield "pairs", found.outcomes, pairs_figure, pairs_data
    if found is not None and found.spread is not None:
        draw, tell = partial(indices_figure, spread=True), partial(indices_data, spread=True)
        yield "unpredictability", found.spread.outcomes, draw, tell
    if weekly is not None:
        yield "weeks", weekly.outcomes, overtime_figure, overtime_data
    if len(shown.stages) > 1:
        yield "lights", shown.stages[-1].outcomes, lights_figure, lights_data
    if len(shown.ranges) > 1:
        yield "ranges", shown.ranges[0][1].outcomes, ranges_figure, ranges_data
    if shown.morris is not None:
        yield "morris", shown.outcomes, morris_figure, morris_data
    if shown.pawn is not None:
        yield "pawn", shown.outcomes, pawn_figure, pawn_data
        yield "fans", shown.outcomes, fans_figure, fans_data


def _both(draw: Draw, tell: Tell, shown: Shown, k: int) -> tuple[Figure, "pd.DataFrame"]:
    return draw(shown, k), tell(shown, k)


def _file_name(kind: str, outcome: str, taken: set[str]) -> str:
    """Return a name for a file that no figure has yet: ``adoption>=0.5`` is no name everywhere."""
    plain = f"{kind}-{re.sub(r'[^A-Za-z0-9_.]+', '-', outcome).strip('-.')[:60]}"
    name, again = plain, 2
    while name.lower() in taken:
        name, again = f"{plain}-{again}", again + 1
    taken.add(name.lower())
    return name
