"""Cheap looks at many factors: Morris' effects above their noise floor, PAWN's distances."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from numpy.typing import NDArray

from sim.plots import style
from sim.plots.sensitivity.shown import (
    MOST_ROWS,
    WIDTH,
    Shown,
    dot,
    finish,
    name_rows,
    pawn_of,
)
from sim.plots.swept import NARROW

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.salib import Morris, Pawn

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_NAMES = 14
"""Factors above the floor that are named."""

_PANEL = (6.2, 3.6)
"""Inches of Morris' panel, about."""


def morris_figure(shown: Shown, k: int) -> Figure:
    """Return mu* and sigma of each factor for outcome number k, with the floor of the noise."""
    found, name = _morris(shown), list(shown.outcomes)[k]
    with style.styled():
        figure = Figure(figsize=(NARROW + 0.8, 5.2), layout="constrained")
        effects(figure.subplots(), shown, found, k)
        title = f"What moves {shown.inside(name)} (Morris)"
        finish(figure, shown, title, _morris_notes(found, k))
    return figure


def morris_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each factor: all measures, in the outcome's own unit."""
    import pandas as pd

    found = _morris(shown)
    measures = ("mu", "mu_star", "mu_star_conf", "sigma", "floor", "effect", "spread")
    columns = {one: getattr(found, one)[:, k] for one in measures}
    return pd.DataFrame({"factor": found.names, **columns, "above_floor": found.above_floor(k)})


def effects(axes: Axes, shown: Shown, found: "Morris", k: int) -> Axes:
    """Draw a mark a factor; those not above the floor hollow and grey."""
    name = list(shown.outcomes)[k]
    scale, clear = shown.scale(name), found.above_floor(k)
    x, y, half = (one[:, k] * scale for one in (found.mu_star, found.sigma, found.mu_star_conf))
    floor = found.floor[:, k] * scale
    right, top = 1.08 * float((x + half).max()) or 1.0, 1.1 * float(y.max()) or 1.0
    axes.set_xlim(0.0, right)
    axes.set_ylim(0.0, top)
    _floors(axes, floor, y)
    for ratio in (1.0, 0.5):
        end = min(right, top / ratio)
        axes.plot([0.0, end], [0.0, ratio * end], color=style.FAINT, linewidth=1.0, zorder=1)
        axes.annotate(
            f"sigma = mu*{' / 2' if ratio < 1.0 else ''}", (end, ratio * end),
            xytext=(3, 0), textcoords="offset points", fontsize=8, color=style.GREY, va="center",
            annotation_clip=False,
        )  # fmt: skip
    for g in range(len(found.names)):
        ends = (float(x[g] - half[g]), float(x[g] + half[g]))
        dot(axes, (float(x[g]), float(y[g])), ends, style.BLUE, "o", clear=bool(clear[g]))
    names = [(g, shown.factor(found.names[g])) for g in np.argsort(-x, kind="stable").tolist()]
    _label(axes, sorted(names, key=lambda one: not clear[one[0]])[:MOST_NAMES], x, y, half, clear)
    unit = shown.unit(name)
    axes.set_xlabel(f"mu*, mean size of effects{f' ({unit})' if unit else ''}")
    axes.set_ylabel(f"sigma, how much effects differ{f' ({unit})' if unit else ''}")
    return axes


def pawn_figure(shown: Shown, k: int) -> Figure:
    """Return PAWN's distances of each factor for outcome number k, above that of none at all."""
    found, name = pawn_of(shown), list(shown.outcomes)[k]
    order = np.argsort(-found.median[:, k], kind="stable")[:MOST_ROWS].tolist()
    with style.styled():
        figure = Figure(figsize=(WIDTH, 1.1 + 0.24 * len(order)), layout="constrained")
        distances(figure.subplots(), shown, found, k, order)
        title = f"What changes the distribution of {shown.inside(name)} (PAWN)"
        finish(figure, shown, title, _pawn_notes(found, order))
    return figure


def pawn_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each factor: its distances, and the floor."""
    import pandas as pd

    found = pawn_of(shown)
    columns = {one: getattr(found, one)[:, k] for one in ("median", "mean", "maximum")}
    return pd.DataFrame({"factor": found.names, **columns, "floor": found.floor[k]})


def distances(axes: Axes, shown: Shown, found: "Pawn", k: int, order: list[int]) -> Axes:
    """Draw median and largest distance of the factors, in order."""
    floor = float(found.floor[k])
    axes.axvspan(0.0, floor, color=style.FAINT, alpha=0.6, linewidth=0, zorder=0)
    axes.axvline(floor, color=style.GREY, linewidth=1.2, linestyle=(0, (4, 2)), zorder=1)
    for row, g in enumerate(order):
        at, most = float(found.median[g, k]), float(found.maximum[g, k])
        clear = at > floor
        dot(axes, (at, row), (at, most), style.BLUE, "o", clear=clear)
        axes.plot(most, row, "|", color=style.BLUE if clear else style.GREY, markersize=8)
    name_rows(axes, range(len(order)), [shown.factor(found.names[g]) for g in order])
    axes.set_xlim(0.0, 1.06 * float(max(found.maximum[order, k].max(), floor)))
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("Kolmogorov-Smirnov distance (0: no change, 1: nothing in common)")
    return axes


def _morris(shown: Shown) -> "Morris":
    assert shown.morris is not None
    return shown.morris


def _floors(axes: Axes, floor: Floats, sigma: Floats) -> None:
    """Draw at each factor's height what it would score if it did nothing, a line up to there."""
    for end, height in zip(floor.tolist(), sigma.tolist(), strict=True):
        if np.isfinite(end):
            axes.plot([0.0, end], [height, height], color=style.FAINT, linewidth=3.0, zorder=0)
            axes.plot(end, height, "|", color=style.GREY, markersize=8, zorder=1)


def _label(
    axes: Axes, names: list[tuple[int, str]], x: Floats, y: Floats, half: Floats, clear: Bools
) -> None:
    """Write names beside their marks, where no name and no mark is in the way.

    What is not clear goes without a name where there is no room right above or below it.
    """
    wide, high = _PANEL[0] / axes.get_xlim()[1], _PANEL[1] / axes.get_ylim()[1]  # data to inches
    taken = [
        box
        for u, v, reach in zip(x * wide, y * high, half * wide, strict=True)
        for box in (_Box(u - 0.06, v - 0.06, u + 0.06, v + 0.06), _Box(u - reach, v, u + reach, v))
    ]
    for g, text in names:
        u, v = float(x[g]) * wide, float(y[g]) * high
        size = float(TextPath((0.0, 0.0), text, size=8.5).get_extents().width) / 72.0 + 0.05
        places = [
            _Box(left, v + lift - 0.07, left + size, v + lift + 0.07)
            for lift in (0.15, -0.15, 0.3, -0.3, 0.45, -0.45)
            for left in (u - size / 2.0, u, u - size)
        ]
        free = [
            box
            for box in (places if clear[g] else places[:4:3])
            if box.left >= 0.0 and box.low >= 0.0 and not any(box.meets(one) for one in taken)
        ]
        if not free and not clear[g]:
            continue
        box = (free or places)[0]
        taken.append(box)
        axes.text(
            (box.left + 0.025) / wide, (box.low + 0.07) / high, text, va="center", fontsize=8.5,
            color=style.TEXT if clear[g] else style.GREY,
        )  # fmt: skip


class _Box(NamedTuple):
    """A rectangle that is taken, in inches."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "_Box") -> bool:
        """Return whether two overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.low < other.high and other.low < self.high


def _morris_notes(found: "Morris", k: int) -> list[str]:
    notes = [
        (
            "Marks: effects over a factor's range, with SALib's 95 % intervals. Sigma far "
            "below mu*: the effect is much the same everywhere; near it: it depends on the others, "
            "or bends."
        )
    ]
    if np.isfinite(found.floor[:, k]).any():
        notes.append(
            "Grey lines end at the floor of a factor: what it would score if it did nothing, by "
            "chance alone. Hollow and grey: the interval reaches down to it."
        )
    else:
        notes.append("One replicate: how much of it is chance is not known.")
    if len(found.names) > MOST_NAMES:
        notes.append(f"At most {MOST_NAMES} factors are named, the largest.")
    return notes


def _pawn_notes(found: "Pawn", order: list[int]) -> list[str]:
    notes = [
        (
            "Dots: how far the distribution of single runs moves when the factor is held in one "
            "slice of its range, the median over these slices; bars end at the largest. Shaded: "
            "what chance alone may score. Hollow and grey: not above it."
        )
    ]
    if len(order) < len(found.names):
        notes.append(f"{len(order)} of {len(found.names)} factors are shown, the largest.")
    return notes
