"""Every pattern before and after calibration, beside what was published."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.experiment.calibrate.calibration import target_rows
from sim.experiment.calibrate.targets import CROSS_CHECK, FIT
from sim.experiment.units import scale_of
from sim.plots import style
from sim.plots.calibrate.shown import finish

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.calibrate.calibration import Calibration
    from sim.experiment.calibrate.predictive import Predicted

UNITS = {
    "share": "Shares (%)",
    "months": "Months",
    "ratio": "Ratios",
    "correlation": "Correlations",
    "log odds ratio": "Log odds ratio",
}


def patterns_figure(found: "Calibration") -> Figure:
    """Return a row for each pattern: published, over the prior, over the posterior."""
    groups = _groups(found)
    heights = [len(rows) + 1.2 for _, rows in groups]
    with style.styled():
        figure = Figure(figsize=(9.6, 0.8 + 0.27 * sum(heights)), layout="constrained")
        panels = figure.subplots(len(groups), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes, (unit, rows) in zip(panels, groups, strict=True):
            _panel(axes, unit, rows)
        panels[0].legend(
            handles=[
                Patch(color=style.GREEN, alpha=0.25, label="counts as reproduced"),
                Line2D([], [], color=style.TEXT, marker="|", linestyle="", label="published"),
                Line2D([], [], color=style.GREY, linewidth=1.2, label="before, 95 %"),
                Line2D([], [], color=style.BLUE, linewidth=3, marker="o", label="after, 95 %"),
            ],
            loc="lower left", bbox_to_anchor=(0.0, 1.12), ncols=4, fontsize=8, frameon=False,
        )  # fmt: skip
        notes = [
            (
                "Lines: 95 % of simulated populations, one under each draw, chance within "
                "populations included. In bold what was fitted, in italics cross-checks, which "
                "decide nothing. Hollow: the published pattern cannot well be one of the model's "
                "(outer 1 %)."
            )
        ]
        finish(figure, found, "Patterns before and after calibration", notes)
    return figure


def patterns_data(found: "Calibration") -> "pd.DataFrame":
    """Return a row for each pattern; see `target_rows`."""
    import pandas as pd

    return pd.DataFrame(target_rows(found))


Row = tuple["Predicted", "Predicted"]


def _groups(found: "Calibration") -> list[tuple[str, list[Row]]]:
    """Return the patterns by unit, before and after; within a unit the fitted first."""
    rows = list(zip(found.before, found.after, strict=True))
    units = dict.fromkeys(one.target.unit for one in found.after)
    return [(unit, [row for row in rows if row[1].target.unit == unit]) for unit in units]


def _panel(axes: Axes, unit: str, rows: list[Row]) -> None:
    scale = scale_of(unit)
    ends = _ends(unit, rows, scale)
    axes.set_xlim(*ends)
    for place, (was, now) in enumerate(rows):
        target = now.target
        low, high = max(target.low * scale, ends[0]), min(target.high * scale, ends[1])
        axes.barh(place, high - low, left=low, height=0.75, color=style.GREEN, alpha=0.25)
        if target.value is not None:
            axes.plot(target.value * scale, place, "|", color=style.TEXT, markersize=13, mew=1.8)
        _line(axes, was, place - 0.16, style.GREY, 1.2, scale)
        _line(axes, now, place + 0.16, style.BLUE, 3.0, scale)
        if now.median is not None:
            face = style.BLUE if now.passed else "white"
            axes.plot(
                now.median * scale, place + 0.16, "o", markersize=6, markerfacecolor=face,
                markeredgecolor=style.BLUE, zorder=4, clip_on=False,
            )  # fmt: skip
    axes.set_yticks(range(len(rows)), [now.target.label for _, now in rows], fontsize=8.5)
    for text, (_, now) in zip(axes.get_yticklabels(), rows, strict=True):
        text.set_fontweight("bold" if now.target.use == FIT else "normal")
        text.set_fontstyle("italic" if now.target.use == CROSS_CHECK else "normal")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(UNITS[unit], fontsize=9, weight="normal", color=style.GREY, pad=2)


def _line(
    axes: Axes, one: "Predicted", place: float, colour: str, width: float, scale: float
) -> None:
    if one.low is not None and one.high is not None:
        ends = [one.low * scale, one.high * scale]
        axes.plot(ends, [place] * 2, color=colour, linewidth=width, solid_capstyle="butt", zorder=3)


def _ends(unit: str, rows: list[Row], scale: float) -> tuple[float, float]:
    """Return what an axis shows: all that was simulated and published; of bounds the finite."""
    if unit == "share":
        return 0.0, 100.0
    known = [
        value * scale
        for was, now in rows
        for value in (
            was.low, was.high, now.low, now.high, now.target.value, now.target.low, now.target.high
        )
        if value is not None and np.isfinite(value)
    ]  # fmt: skip
    low, high = min(known), max(known)
    room = 0.04 * (high - low)
    return low - room, high + room
