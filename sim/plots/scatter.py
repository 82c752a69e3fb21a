"""Scatter of an outcome over each factor, with means of bins: for points that are no grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.experiment.numbers import count
from sim.experiment.points_summary import intervals
from sim.plots import style
from sim.plots.swept import (
    WIDTH,
    Floats,
    Varied,
    View,
    factor_axis,
    finish,
    flat,
    nothing,
    titled,
    value_axis,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = 3
MOST_PANELS = 9
BINS, FEWEST_IN_BIN = 8, 5
MOST_DOTS = 1500
"""Points up to which all are drawn; of more, every so many."""

_STEP = 0.6180339887498949  # the golden section spreads dots of one level evenly


@dataclass(frozen=True, slots=True)
class Bin:
    """Points whose values of a factor lie between two ends (for few levels: one level).

    ``at`` is their mean place; of a choice, places count its levels. The interval is that of the
    mean over points, so it holds what the other factors do, but not the luck that all points share.
    """

    low: Any
    high: Any
    at: float
    mean: float
    ci_low: float
    ci_high: float
    points: int


def scatter_figure(view: View) -> Figure:
    """Return a panel for each factor (nine at most): points, and means of bins."""
    shown = shown_factors(view)
    columns = min(COLUMNS, max(1, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    said = flat(view, np.arange(view.stored.plan.count))
    with style.styled():
        size = (WIDTH, 0.6 + rows * (2.5 if columns == COLUMNS else 3.2))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for k, axes in enumerate(grid.flat):
            if k >= len(shown):
                axes.set_axis_off()
                continue
            value_axis(axes, view, label=k % columns == 0)
            scatter(axes, view, shown[k], said)
            axes.set_xlabel(wrapped(shown[k].title, (WIDTH - 1.5) / columns))
        finish(figure, view, titled(view, shown), [] if said else _notes(view, shown))
    return figure


def scatter_data(view: View) -> "pd.DataFrame":
    """Return what the figure shows: the dots, and the bins of each factor.

    ``what`` is "point" or "bin"; a bin has its ends, its mean with interval and its points.
    """
    import pandas as pd

    columns = ("what", "factor", "low", "high", "mean", "ci_low", "ci_high", "points")
    rows: list[tuple[Any, ...]] = []
    for factor in shown_factors(view):
        for point in _drawn(view):
            value, found = factor.values[point].item(), view.found
            numbers = found.mean[point], found.ci_low[point], found.ci_high[point]
            rows.append(("point", factor.name, value, value, *map(float, numbers), 1))
        for one in bins(view, factor):
            numbers = one.mean, one.ci_low, one.ci_high
            rows.append(("bin", factor.name, one.low, one.high, *numbers, one.points))
    return pd.DataFrame(rows, columns=list(columns))


def scatter(axes: Axes, view: View, factor: Varied, said: str = "") -> Axes:
    """Draw an outcome over a factor; ``said``: write this instead."""
    places = _places(factor)
    if factor.numeric:
        factor_axis(axes, factor, most=4)
    else:
        axes.set_xticks(range(len(factor.levels)), [factor.text(one) for one in factor.levels])
        axes.set_xlim(-0.6, len(factor.levels) - 0.4)
        for label in axes.get_xticklabels():
            label.set(parse_math=False, fontsize=8.5 if len(factor.levels) < 4 else 7.5)
    if said:
        nothing(axes, said)
        return axes
    dots = _drawn(view)
    over = places[dots]
    if len(factor.levels) <= BINS:  # dots side by side
        room = float(np.diff(np.unique(places)).min())
        over = over + 0.4 * room * ((dots * _STEP) % 1.0 - 0.5)
    axes.plot(over, view.found.mean[dots], "o", color=style.BLUE, markersize=2.6, alpha=0.35, mew=0)
    found = [one for one in bins(view, factor) if np.isfinite(one.mean)]
    pen: dict[str, Any] = {"color": style.TEXT, "zorder": 5}
    for one in found:
        if np.isfinite(one.ci_low):
            axes.plot([one.at, one.at], [one.ci_low, one.ci_high], linewidth=1.6, **pen)
    line = "-" if factor.numeric else "none"
    at, mean = [one.at for one in found], [one.mean for one in found]
    axes.plot(at, mean, "o", linestyle=line, linewidth=1.2, markersize=4.5, **pen)
    return axes


def bins(view: View, factor: Varied) -> list[Bin]:
    """Return the bins of a factor: its levels if they are few, else as many points in each."""
    mean, places = view.found.mean, _places(factor)
    order = np.argsort(places, kind="stable")
    order = order[np.isfinite(mean[order])]
    if len(factor.levels) <= BINS:
        found = [order[places[order] == place] for place in np.unique(places)]
    else:
        found = np.array_split(order, max(1, min(BINS, len(order) // FEWEST_IN_BIN)))
    made = []
    for points in found:
        if len(points):
            values = factor.values[points]
            middle, low, high = (float(one[0]) for one in intervals(mean[points][None, :]))
            ends = values[0].item(), values[-1].item()
            made.append(Bin(*ends, float(places[points].mean()), middle, low, high, len(points)))
    return made


def shown_factors(view: View) -> list[Varied]:
    """Return the factors that get a panel: all, or those whose bins differ most, in order."""
    if len(view.factors) <= MOST_PANELS:
        return list(view.factors)
    spread = [_spread([one.mean for one in bins(view, factor)]) for factor in view.factors]
    most = sorted(np.argsort([-one for one in spread], kind="stable")[:MOST_PANELS].tolist())
    return [view.factors[place] for place in most]


def _spread(means: Sequence[float]) -> float:
    return max(means) - min(means) if means else 0.0


def _places(factor: Varied) -> Floats:
    """Return where points lie on the axis of a factor."""
    if factor.numeric:
        return factor.values.astype(np.float64)
    numbers = {level: float(k) for k, level in enumerate(factor.levels)}
    return np.array([numbers[value] for value in factor.values.tolist()])


def _drawn(view: View) -> NDArray[np.int64]:
    """Return the points that are drawn: all, or every so many."""
    many = view.stored.plan.count
    return np.arange(0, many, max(1, -(-many // MOST_DOTS)))


def _notes(view: View, shown: Sequence[Varied]) -> list[str]:
    dots, many = len(_drawn(view)), view.stored.plan.count
    blue = "Blue: means over the runs of a point"
    blue += f" ({dots:,} of {count(many, 'point')})." if dots < many else "."
    dark = "Dark: means over points that are alike in one factor, with 95 % intervals; "
    notes = [blue, f"{dark}other factors vary among them, the luck that all share does not."]
    if len(shown) < len(view.factors):
        said = f"{len(shown)} of {len(view.factors)} factors are shown"
        notes.append(f"{said}, those whose means of bins differ most.")
    return notes
