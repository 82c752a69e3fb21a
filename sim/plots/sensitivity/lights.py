"""How the indices settle as scrambles are added, with the three lights beneath."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from sim.experiment.sensitivity.lights import INERT, LIGHTS, PRECISE
from sim.plots import style
from sim.plots.sensitivity.shown import PENS, WIDTH, Shown, finish, leading, shares_axis
from sim.plots.swept import name_ends

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.indices import Indices

_MARKS = {
    "green": (style.GREEN, "o", style.GREEN),
    "red": (style.VERMILION, "X", style.VERMILION),
    "grey": (style.GREY, "o", "white"),
}
"""Edge, shape and face of a light."""
_TICKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0)


def lights_figure(shown: Shown, k: int) -> Figure:
    """Return total order, widest interval and lights of outcome k by number of scrambles."""
    with style.styled():
        figure = Figure(figsize=(WIDTH, 6.2), layout="constrained")
        above, widths, below = figure.subplots(3, 1, sharex=True, height_ratios=(3.0, 1.3, 0.9))
        settling(above, shown, k)
        widest(widths, shown, k)
        lights(below, shown, k)
        last = shown.stages[-1]
        title = f"How sure it is what drives {shown.inside(last.outcomes[k])}"
        finish(figure, shown, title, _notes(shown, k), last)
    return figure


def lights_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each number of scrambles and factor: indices, and the three lights."""
    import pandas as pd

    rows = []
    for stage in shown.stages:
        lit = {name: getattr(stage.lights[k], name).state for name in LIGHTS}
        for g, name in enumerate(stage.names):
            row: dict[str, object] = {"scrambles": stage.scrambles, "factor": name}
            for what, found in (("first", stage.table.first), ("total", stage.table.total)):
                one = found[g, k]
                row |= {what: float(one.value)}
                row |= {f"{what}_low": float(one.low), f"{what}_high": float(one.high)}
            rows.append({**row, "widest": _widest(stage, k), **lit})
    return pd.DataFrame(rows)


def settling(axes: Axes, shown: Shown, k: int) -> Axes:
    """Draw the total order of the leading factors after each number of scrambles."""
    last = shown.stages[-1]
    chosen = leading(last.table.total[:, k], len(PENS))
    at = np.array([stage.scrambles for stage in shown.stages], np.float64)
    step = 0.05 * float(np.diff(at).min()) if len(at) > 1 else 0.05
    ends, seen = [], [0.0]
    for place, (g, (colour, dashes)) in enumerate(zip(chosen, PENS, strict=False)):
        found = [stage.table.total[g, k] for stage in shown.stages]
        value = np.array([float(one.value) for one in found])
        over = at + step * (place - (len(chosen) - 1) / 2.0)
        axes.plot(over, value, color=colour, linestyle=dashes, linewidth=1.2, zorder=2)
        axes.plot(over, value, "o", color=colour, markersize=4.5, zorder=3)
        for x, one in zip(over, found, strict=True):
            axes.plot([x, x], [one.low, one.high], color=colour, linewidth=1.6, zorder=2)
        seen += [*value.tolist(), *(float(one.high) for one in found[len(found) // 3 :])]
        ends.append((float(value[-1]), shown.factor(last.names[g]), colour))
    shares_axis(axes, vertical=True)
    axes.set_ylim(0.0, min(1.5, 1.06 * float(np.nanmax(seen))) or 1.0)
    axes.set_xlim(at[0] - 0.5, at[-1] + 0.5)
    axes.set_ylabel("total order")
    name_ends(axes, float(at[-1]), ends, 0.07)
    if not chosen:
        axes.text(0.5, 0.5, "no factor stands out from 0", transform=axes.transAxes, ha="center")
    return axes


def widest(axes: Axes, shown: Shown, k: int) -> Axes:
    """Draw the widest half interval of all indices, and how wide it may be to be quoted."""
    at = [stage.scrambles for stage in shown.stages]
    half = np.array([_widest(stage, k) for stage in shown.stages])
    axes.plot(at, half, "o-", color=style.TEXT, linewidth=1.4, markersize=4.5)
    axes.axhline(PRECISE, color=style.GREEN, linewidth=1.4, linestyle=(0, (5, 2)))
    axes.annotate(
        f"±{PRECISE * 100:.0f} points: may be quoted", (1.0, PRECISE),
        xycoords=axes.get_yaxis_transform(), xytext=(6, 0), textcoords="offset points",
        va="center", fontsize=8, annotation_clip=False,
    )  # fmt: skip
    axes.set_yscale("log")
    shares_axis(axes, vertical=True)
    axes.yaxis.set_major_locator(FixedLocator(_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    known = half[np.isfinite(half) & (half > 0.0)]
    low, high = float(known.min(initial=PRECISE)), float(known.max(initial=PRECISE))
    axes.set_ylim(min(low, PRECISE) / 1.6, max(high, 2.0 * PRECISE) * 1.3)
    axes.set_ylabel("widest ±")
    return axes


def lights(axes: Axes, shown: Shown, k: int) -> Axes:
    """Draw the three lights after each number of scrambles: a disc is green, a cross red."""
    for row, name in enumerate(LIGHTS):
        for stage in shown.stages:
            edge, marker, face = _MARKS[getattr(stage.lights[k], name).state]
            axes.plot(
                stage.scrambles, row, marker, markersize=8.5, markeredgecolor=edge,
                markerfacecolor=face, clip_on=False,
            )  # fmt: skip
    axes.set_yticks(range(len(LIGHTS)), LIGHTS)
    axes.set_ylim(len(LIGHTS) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes.set_xlabel("scrambles")
    return axes


def _widest(stage: "Indices", k: int) -> float:
    halves = [one.half_width[:, k] for one in (stage.table.first, stage.table.total)]
    return float(np.max(halves))


def _notes(shown: Shown, k: int) -> list[str]:
    notes = [
        (
            "Above: total order of the leading factors, with 95 % intervals. In the middle: half "
            "the widest interval of all first and total orders."
        ),
        (
            "Beneath: green disc, yes; red cross, no; hollow, too few scrambles to say. Screening: "
            f"what looks inert causes less than {INERT * 100:.0f} % of the variance. Ranking: "
            "what comes first is first whichever scramble is left out. Values: all indices are "
            f"known to within {PRECISE * 100:.0f} points."
        ),
    ]
    if any(stage.scrambles < 2 for stage in shown.stages):
        notes.append("One scramble has no interval.")
    return notes
