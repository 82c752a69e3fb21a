"""Figures and tables of a sweep: which figure suits which study, and writing them all.

- one input at a time: differences from the scenario as it is, sorted;
- one number: a response curve, with a line or a panel for each choice of up to two more factors;
- two numbers: a heat map with contours; a third factor makes panels of it;
- choices alone: a row a point;
- sampled or listed points, and more than three factors: a scatter panel a factor.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.errors import InputError
from sim.experiment.design.designs import SAMPLED
from sim.experiment.points_summary import RATIO_OF, left_out, points_table
from sim.experiment.store.contents import shows, write_contents
from sim.experiment.store.files import write_file
from sim.experiment.store.keeping import csv_bytes
from sim.plots.curves import curve_data, curve_figure
from sim.plots.dots import effects_data, effects_figure, points_figure
from sim.plots.heatmap import heat_data, heat_figure
from sim.plots.scatter import scatter_data, scatter_figure
from sim.plots.style import save_figure
from sim.plots.swept import Varied, View, view_of
from sim.wording import meant, show

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.store.stored import Stored

HEADLINES = ("adoption", "reach", "go_live_week", "live")
MOST_FACTORS, MOST_ROWS = 3, 40
CONTENTS = "tables/contents.json"
"""Which result the tables and figures of a folder show, and their names; written last."""


def write_sweep(stored: "Stored", *, allow_failed: bool = False) -> list[Path]:
    """Write the summary of a sweep's points and its figures into its folder; return the files.

    They are ``tables/points.csv`` and, for each headline outcome that was kept, a figure as PNG and
    SVG with its data in ``figures/``. The same result gives the same bytes.

    Raises IncompleteError if runs are missing, or failed and ``allow_failed`` is not given, and
    DiskError.
    """
    stored.complete(allow_failed=allow_failed)
    saved = [stored.folder / "tables" / "points.csv"]
    write_file(saved[0], csv_bytes(points_table(stored, allow_failed=allow_failed)))
    for outcome in headlines(stored):
        figure, data = drawn(view_of(stored, outcome))
        saved += save_figure(figure, stored.folder / "figures", outcome, data)
    write_contents(stored.folder / CONTENTS, stored.folder, stored.result, saved)
    return saved


def is_written(folder: Path, result: str | None) -> bool:
    """Return whether a folder holds all tables and figures of its result."""
    return shows(folder / CONTENTS, folder, result)


def headlines(stored: "Stored") -> list[str]:
    """Return the outcomes that are drawn: the headlines, else the first few that were kept."""
    plan = stored.plan
    kept = [name for name in plan.outcomes if name not in left_out(plan)]
    return [name for name in HEADLINES if name in kept] or kept[: len(HEADLINES)]


def sweep_figure(stored: "Stored", outcome: str = "adoption") -> Figure:
    """Return the figure of an outcome that suits the study; InputError if it was not kept."""
    _check(stored, outcome)
    return drawn(view_of(stored, outcome))[0]


def drawn(view: View) -> tuple[Figure, "pd.DataFrame"]:
    """Return the figure that suits a study, and the data it shows."""
    design = view.stored.manifest["study"].get("design")
    numbers = [one for one in view.factors if one.numeric]
    choices = [one for one in view.factors if not one.numeric]
    many = len(view.factors) > MOST_FACTORS or (not numbers and view.found.n.size > MOST_ROWS)
    if design == "oat" and view.factors:
        return effects_figure(view), effects_data(view)
    if design in SAMPLED or many or not is_grid(view):
        return scatter_figure(view), scatter_data(view)
    if not numbers:
        return points_figure(view), view.frame()
    if len(numbers) == 1:
        return curve_figure(view, numbers[0], *choices), curve_data(view)
    if len(view.factors) == 2:
        return heat_figure(view, *numbers), heat_data(view)
    by = choices[0] if choices else fewest(numbers)
    x, y = (one for one in numbers if one is not by)
    return heat_figure(view, x, y, by), heat_data(view, by)


def fewest(factors: Sequence[Varied]) -> Varied:
    """Return the factor with the fewest levels, of several the last."""
    return min(reversed(factors), key=lambda one: len(one.levels))


def is_grid(view: View) -> bool:
    """Return whether the points are all combinations of the levels, each once."""
    if math.prod(len(one.levels) for one in view.factors) != view.stored.plan.count:
        return False
    places = [np.unique(one.values, return_inverse=True)[1] for one in view.factors]
    return not places or len(np.unique(np.stack(places), axis=1).T) == view.stored.plan.count


def _check(stored: "Stored", outcome: str) -> None:
    """Raise InputError for an outcome that cannot be drawn."""
    plan = stored.plan
    if outcome in left_out(plan):
        needed = " and ".join(RATIO_OF)
        text = f"is a ratio of means; it needs {needed}, which were not both kept"
        raise InputError(f"outcome: {outcome} {text}")
    if outcome not in plan.outcomes:
        hint = meant(outcome, plan.outcomes)
        allowed = ", ".join(name for name in plan.outcomes if name not in left_out(plan))
        raise InputError(f"outcome: not kept (found {show(outcome)}, allowed {allowed}){hint}")
