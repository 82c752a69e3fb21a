"""Response curves: an outcome over one numeric factor, a line or a panel for each choice of others.

A single curve has two bands: the 95 % interval of its mean, and the middle 80 % of runs, or what
draws of the rules leave open.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.experiment.doubt.grouped import Grouped
from sim.plots import style
from sim.plots.swept import (
    LUCK,
    NARROW,
    ONE_RUN,
    WIDTH,
    Varied,
    View,
    factor_axis,
    finish,
    flat,
    name_ends,
    nothing,
    titled,
    value_axis,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = 2
RUNS = ("runs_q10", "runs_q90")
"""The middle 80 % of the runs of a point."""
RULES = ("rules_low", "rules_high")
"""Where the expected value of a point lies under 95 % of the draws of the rules."""
ENDS = {
    RUNS: ("10 % of runs below", "10 % of runs above"),
    RULES: ("2.5 % of draws below", "2.5 % of draws above"),
}

PENS: tuple[tuple[str, Any, str], ...] = (
    (style.BLUE, "-", "o"),
    (style.VERMILION, (0, (5, 2)), "s"),
    (style.GREEN, (0, (1, 1.2)), "D"),
    (style.TEXT, (0, (7, 2, 1.2, 2)), "^"),
)
"""Colour, dashes and marker of each line; a choice has four levels at most."""


def curve_figure(
    view: View, x: Varied, lines: Varied | None = None, by: Varied | None = None
) -> Figure:
    """Return curves over x: a line for each level of ``lines``, a panel for each of ``by``."""
    data, levels = curve_data(view), (None,) if by is None else by.levels
    columns = min(COLUMNS, len(levels))
    rows = -(-len(levels) // columns)
    wide = NARROW - 2.0 if by is None else (WIDTH - 3.0) / columns
    said = flat(view, np.arange(len(data)))
    with style.styled():
        size = (NARROW, 4.2) if by is None else (WIDTH, 0.6 + rows * 3.1)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for k, (axes, level) in enumerate(zip(grid.flat, levels, strict=False)):
            rows_of = data if by is None else data[by.where(level)]
            _axes(axes, view, x, data, label=k % columns == 0)
            axes.set_xlabel(wrapped(x.title, wide))
            if by is not None:
                axes.set_title(by.at(level), fontsize=9.5, parse_math=False)
            if said:
                nothing(axes, said)
            else:
                curves(axes, view, rows_of, x, lines)
        for axes in grid.flat[len(levels) :]:
            axes.set_axis_off()
        factors = [one for one in (x, lines, by) if one is not None]
        finish(figure, view, titled(view, factors), [] if said else _notes(view, x, lines))
    return figure


def curve_data(view: View) -> "pd.DataFrame":
    """Return what the figure shows: a row a point, with the middle 80 % of its runs.

    Over draws of the rules it is instead where the expected value of 95 % of the draws lies.
    """
    frame, stored = view.frame(), view.stored
    cuts = _of_rules(stored, view.name) if isinstance(stored, Grouped) else _of_runs(view)
    for name, values in zip(_outer(view), cuts.T, strict=True):
        frame[name] = values
    return frame


def _of_runs(view: View) -> NDArray[np.float64]:
    """Return the middle 80 % of the runs of each point, (points, 2)."""
    starts = view.stored.plan.starts
    cuts = np.full((len(starts) - 1, 2), np.nan)
    for point, (start, stop) in enumerate(pairwise(starts.tolist())):
        known = view.runs[start:stop]
        known = known[np.isfinite(known)]
        if known.size:
            cuts[point] = np.quantile(known, [0.1, 0.9], method="inverted_cdf")
    return cuts


def _of_rules(stored: Grouped, name: str) -> NDArray[np.float64]:
    """Return the band of the rules at each point, (points, 2)."""
    ends = [(np.nan, np.nan) if one is None else (one.low, one.high) for one in stored.splits(name)]
    return np.array(ends)


def _outer(view: View) -> tuple[str, str]:
    """Return the names of the outer band: of the rules over draws of them, else of runs."""
    return RULES if isinstance(view.stored, Grouped) else RUNS


def curves(axes: Axes, view: View, data: "pd.DataFrame", x: Varied, lines: Varied | None) -> Axes:
    """Draw a line for each level of ``lines`` and name it at its end."""
    if x.holds_own:
        axes.axvline(x.own, color=style.GREY, linewidth=1.0, linestyle=":", zorder=1)
    ends = []
    for k, level in enumerate((None,) if lines is None else lines.levels):
        own = data if lines is None else data[data[lines.name] == level]
        own = own.sort_values(x.name)
        colour, _, _ = PENS[k % len(PENS)]
        over = own[x.name].to_numpy()
        if lines is None and _with_runs(view):
            low, high = _outer(view)
            axes.fill_between(over, own[low], own[high], color=colour, alpha=0.16, lw=0)
        alpha = 0.34 if lines is None else 0.14
        axes.fill_between(over, own["ci_low"], own["ci_high"], color=colour, alpha=alpha, lw=0)
        _line(axes, view, own, x, k)
        if lines is None:
            ends += _names(view, own, colour)
        elif np.isfinite(own["mean"].iloc[-1]):
            text = lines.at(level) if lines.values.dtype == bool else level
            ends.append((float(own["mean"].iloc[-1]), str(text), colour))
    name_ends(axes, float(x.levels[-1]), ends, 0.06)
    return axes


def _axes(axes: Axes, view: View, x: Varied, data: "pd.DataFrame", *, label: bool) -> None:
    """Prepare the axes; times end at the horizon."""
    factor_axis(axes, x)
    axes.set_xlim(x.levels[0], x.levels[-1])
    value_axis(axes, view, label=label)
    if view.share:
        return
    shown = data[
        ["mean", "ci_low", "ci_high", *(_outer(view) if _with_runs(view) else ())]
    ].to_numpy()
    known = shown[np.isfinite(shown)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if view.kind == "time":
        low, high = 0.0, float(view.horizon)
        axes.axhline(high, color=style.GREY, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        axes.text(x.levels[0], high, f" never (week {view.horizon})", va="bottom", fontsize=8)
    else:
        low = min(0.0, low) if low < 0.5 * high else low
    room = 0.06 * (high - low) or 1.0
    axes.set_ylim(low if low == 0.0 else low - room, high + room)


def _line(axes: Axes, view: View, own: "pd.DataFrame", x: Varied, k: int) -> None:
    """Draw the means; markers are hollow where a time is reached in less than half of the runs."""
    colour, dashes, marker = PENS[k % len(PENS)]
    over, mean = own[x.name].to_numpy(), own["mean"].to_numpy()
    pen: dict[str, Any] = {"color": colour, "clip_on": False, "zorder": 4}
    axes.plot(over, mean, linewidth=2.0, linestyle=dashes, **pen)
    rare: NDArray[np.bool_] = view.rare[own["point"].to_numpy()]
    for at, face in ((rare, "white"), (~rare, colour)):
        marks: dict[str, Any] = {"markersize": 4.5, "markerfacecolor": face, **pen, "zorder": 5}
        if at.any():  # an empty line that is not clipped has no place, and spoils the layout
            axes.plot(over[at], mean[at], marker, linestyle="none", **marks)


def _names(view: View, own: "pd.DataFrame", colour: str) -> list[tuple[float, str, str]]:
    """Return the names of a single curve's mean and bands, at its end."""
    last = own.iloc[-1]
    names = [(float(last["mean"]), "mean", colour)]
    if _with_runs(view):
        for cut, text in zip(_outer(view), ENDS[_outer(view)], strict=True):
            names.append((float(last[cut]), text, style.GREY))
    return [name for name in names if np.isfinite(name[0])]


def _with_runs(view: View) -> bool:
    """Return whether a band over runs says anything; a ratio is one of means, not of runs."""
    if isinstance(view.stored, Grouped):
        return True
    if view.yes_or_no or view.kind == "ratio":
        return False
    return int(view.stored.plan.replicates.min()) >= style.FEW_RUNS


def _notes(view: View, x: Varied, lines: Varied | None) -> list[str]:
    notes = []
    if np.isfinite(view.found.ci_high).any():
        runs = lines is None and _with_runs(view)
        light = "the middle 80 % of runs"
        if isinstance(view.stored, Grouped):
            light = "where the expected value lies under 95 % of the draws of the rules"
        more = f" (dark) and {light} (light)" if runs else ""
        notes += [f"Bands: 95 % intervals of the means{more}.", LUCK]
    else:
        notes.append(ONE_RUN)
    if x.holds_own:
        notes.append(f"Dotted: the scenario's own {x.label.lower()}.")
    if view.rare.any():
        notes.append("Hollow: it happens in fewer than half of the runs.")
    return notes
