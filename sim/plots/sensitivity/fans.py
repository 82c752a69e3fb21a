"""What a factor does to the distribution of an outcome: a curve for each slice of its range."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots import style
from sim.plots.sensitivity.shown import WIDTH, Shown, finish, pawn_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.salib import Pawn

PANELS = 3
"""Factors that are drawn: those with the largest median distance."""

LETTERS = 32
"""Of a line of a panel's title."""


def leading(found: "Pawn", k: int) -> list[int]:
    """Return the factors that are drawn for outcome number k, the strongest first."""
    order: list[int] = np.argsort(-found.median[:, k], kind="stable")[:PANELS].tolist()
    return order


def fans_figure(shown: Shown, k: int) -> Figure:
    """Return the distributions of outcome number k within slices of the strongest factors."""
    found, name = pawn_of(shown), list(shown.outcomes)[k]
    order = leading(found, k)
    with style.styled():
        figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
        panels = np.atleast_1d(figure.subplots(1, len(order), sharex=True, sharey=True))
        for axes, g in zip(panels, order, strict=True):
            fan(axes, shown, g, k)
        panels[0].set_ylabel("Share of runs at or below (%)")
        slices = found.within.shape[2]
        notes = [
            (
                f"Each curve: the runs in one of {slices} slices of the factor's range, equally "
                "likely, dark low and light high; dashed: all runs. The farther the curves lie "
                "from the dashed one, the larger the distance PAWN measures; a fan in order says "
                "which way it goes."
            )
        ]
        finish(figure, shown, f"How factors change the distribution of {shown.inside(name)}", notes)
    return figure


def fans_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each factor that is drawn, slice (0 for all runs) and quantile."""
    import pandas as pd

    found = pawn_of(shown)
    count = found.whole.shape[1]
    parts = [("", 0, found.whole[k])]
    for g in leading(found, k):
        parts += [(found.names[g], 1 + s, curve) for s, curve in enumerate(found.within[g, k])]
    columns = {
        "factor": np.repeat([name for name, _, _ in parts], count),
        "slice": np.repeat([number for _, number, _ in parts], count),
        "share": np.tile(np.linspace(0.0, 1.0, count), len(parts)),
        "value": np.concatenate([values for _, _, values in parts]),
    }
    return pd.DataFrame(columns)


def fan(axes: Axes, shown: Shown, g: int, k: int) -> Axes:
    """Draw the curves of one factor."""
    found, name = pawn_of(shown), list(shown.outcomes)[k]
    scale, share = shown.scale(name), np.linspace(0.0, 100.0, found.whole.shape[1])
    curves = found.within[g, k]
    colours = colormaps["viridis"](np.linspace(0.0, 0.92, len(curves)))
    for curve, colour in zip(curves, colours, strict=True):
        axes.step(curve * scale, share, where="post", color=colour, linewidth=1.4)
    dashes = (0, (4, 2))
    axes.step(
        found.whole[k] * scale, share, where="post", color=style.TEXT, linewidth=1.6,
        linestyle=dashes,
    )  # fmt: skip
    clear = bool(found.above_floor(k)[g])
    head = shown.factor(found.names[g]) + ("" if clear else " (not above chance)")
    head = textwrap.fill(head, LETTERS)
    axes.set_title(head, fontsize=10, loc="left", color=style.TEXT if clear else style.GREY)
    unit = shown.unit(name)
    axes.set_xlabel(shown.outcome(name) + (f" ({unit})" if unit else ""))
    axes.legend(
        handles=[
            Line2D([], [], color=colours[0], label="lowest slice"),
            Line2D([], [], color=colours[-1], label="highest slice"),
            Line2D([], [], color=style.TEXT, linestyle=dashes, label="all runs"),
        ],
        loc="lower right",
        fontsize=8,
        frameon=False,
    )
    return axes
