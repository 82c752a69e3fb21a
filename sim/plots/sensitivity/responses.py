"""Which way factors work: the mean outcome over slices of each leading factor."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiment.numbers import number
from sim.experiment.sensitivity.response import Response
from sim.experiment.units import lowered
from sim.plots import style
from sim.plots.sensitivity.shown import WIDTH, Shown, finish, leading

if TYPE_CHECKING:
    import pandas as pd

COLUMNS, MOST = 4, 8
"""Panels beside each other, and in all."""


def responses_figure(shown: Shown, k: int) -> Figure:
    """Return the mean of outcome k over slices of the leading factors, a panel each."""
    drawn = chosen_of(shown, k)
    rows = -(-len(drawn) // COLUMNS)
    with style.styled():
        size = (WIDTH, 0.5 + 2.1 * max(rows, 1))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(max(rows, 1), COLUMNS, sharey=True, squeeze=False).ravel()
        for place, axes in enumerate(panels):
            if place < len(drawn):
                response(axes, shown, drawn[place], k)
            else:
                axes.set_visible(False)
        outcome = _outcome(shown, k)
        unit = shown.unit(outcome).replace("percentage points", "per cent")
        figure.supylabel(f"mean {shown.inside(outcome)}" + (f" ({unit})" if unit else ""), size=9)
        title = f"Which way the leading factors move {shown.inside(outcome)}"
        finish(figure, shown, title, _notes(shown, drawn), shown.indices)
    return figure


def responses_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each factor and slice: where it lies, mean outcome, interval."""
    import pandas as pd

    rows = []
    for one in shown.responses:
        words = shown.levels.get(one.factor, ())
        for place, at in enumerate(one.at):
            mean = one.mean[place, k]
            numbers = float(mean.value), float(mean.low), float(mean.high)
            level = words[round(float(at))] if words else ""
            rows.append((one.factor, float(at), level, *numbers))
    columns = ["factor", "at", "level", "mean", "mean_low", "mean_high"]
    return pd.DataFrame(rows, columns=columns)


def response(axes: Axes, shown: Shown, found: Response, k: int) -> Axes:
    """Draw the mean outcome over a factor's slices with its intervals."""
    outcome = _outcome(shown, k)
    scale, mean = shown.scale(outcome), found.mean
    value, low, high = (scale * one[:, k] for one in (mean.value, mean.low, mean.high))
    words = shown.levels.get(found.factor, ())
    if not words:
        axes.plot(found.at, value, color=style.BLUE, linewidth=1.2, zorder=2)
    axes.vlines(found.at, low, high, color=style.BLUE, linewidth=1.8, zorder=2)
    axes.plot(found.at, value, "o", color=style.BLUE, markersize=4, zorder=3)
    lines = textwrap.wrap(shown.factor(found.factor), 26)
    axes.set_title("\n".join(lines), loc="left", fontsize=8.5, weight="bold")
    if words:
        axes.set_xticks(found.at, [words[round(float(at))] for at in found.at], fontsize=7.5)
        axes.set_xlim(found.at.min() - 0.5, found.at.max() + 0.5)
    else:
        axes.locator_params(axis="x", nbins=4)
        unit = shown.factors[found.factor].unit if found.factor in shown.factors else "-"
        axes.set_xlabel("" if unit in ("-", "") else lowered(unit), fontsize=8)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def chosen_of(shown: Shown, k: int) -> list[Response]:
    """Return the responses to the leading factors, the one with most effect first."""
    if shown.indices is None:
        return []
    by_name = {one.factor: one for one in shown.responses}
    names = [shown.indices.names[g] for g in leading(shown.indices.table.total[:, k], MOST)]
    return [by_name[name] for name in names if name in by_name]


def _outcome(shown: Shown, k: int) -> str:
    assert shown.indices is not None
    return shown.indices.outcomes[k]


def _notes(shown: Shown, drawn: list[Response]) -> list[str]:
    if not drawn:
        return ["No factor can be told apart from 0."]
    slices = max(len(one.at) for one in drawn)
    means = f"Means over {number(slices, 0)} equally likely slices of a factor, or its levels,"
    notes = [f"{means} while all others vary; 95 % intervals over scrambles."]
    left = len(shown.responses) - len(drawn)
    if left > 0:
        notes.append(f"Not drawn: {left} factors with less effect or none that can be told from 0.")
    return notes


def enough(shown: Shown) -> bool:
    """Say whether there is anything to draw: responses with more than one slice."""
    return any(np.size(one.at) > 1 for one in shown.responses)
