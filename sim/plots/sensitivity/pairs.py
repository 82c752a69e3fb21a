"""What pairs of factors do together, beyond what each does alone: a heat map of second order."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiment.numbers import number
from sim.experiment.sensitivity.jackknife import Interval
from sim.plots import style
from sim.plots.sensitivity.shown import UNCLEAR, Shown, finish, precision
from sim.plots.swept import NARROW

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.indices import Indices

MOST = 12
"""Factors up to which all pairs are drawn; of more, those with the largest total order."""

_COLOURS = LinearSegmentedColormap.from_list("pairs", ["#FBE3D3", style.VERMILION])
_UNCLEAR = "#F2F2F2"


def pairs_figure(shown: Shown, k: int) -> Figure:
    """Return the second order of outcome number k: a cell a pair, first order on the diagonal."""
    indices = shown.indices
    assert indices is not None
    chosen = _chosen(indices, k)
    side = max(2.6, 0.56 * len(chosen))
    with style.styled():
        figure = Figure(
            figsize=(min(9.6, max(NARROW, side + 3.6)), side + 1.9), layout="constrained"
        )
        pairs(figure.subplots(), shown, indices, k, chosen)
        title = f"What drives {shown.inside(indices.outcomes[k])} in pairs"
        finish(figure, shown, title, _notes(indices, k, chosen), indices)
    return figure


def pairs_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each pair, of all factors: second order with its interval."""
    import pandas as pd

    assert shown.indices is not None
    names, rows = shown.indices.names, []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            one = _pair(shown.indices, i, j, k)
            numbers = float(one.value), float(one.low), float(one.high)
            rows.append((names[i], names[j], *numbers, not bool(one.not_above_zero)))
    columns = ["factor", "other", "second", "second_low", "second_high", "distinguishable"]
    return pd.DataFrame(rows, columns=columns)


def pairs(axes: Axes, shown: Shown, indices: "Indices", k: int, chosen: list[int]) -> Axes:
    """Draw the cells of the chosen factors; the darker, the larger."""
    cells = {
        (row, column): _pair(indices, chosen[row], chosen[column], k)
        for row in range(len(chosen))
        for column in range(row)
    }
    largest = max(
        (float(one.value) for one in cells.values() if not one.not_above_zero), default=1.0
    )
    for (row, column), one in cells.items():
        value, clear = float(one.value), not bool(one.not_above_zero)
        colour = _COLOURS(max(value, 0.0) / largest) if clear else _UNCLEAR
        _cell(
            axes,
            row,
            column,
            f"{number(value * 100, 0)} %",
            colour,
            style.TEXT if clear else style.GREY,
        )
    for place, g in enumerate(chosen):
        alone = indices.table.first[g, k]
        ink = style.GREY if alone.not_above_zero else style.BLUE
        _cell(
            axes, place, place, f"{number(float(alone.value) * 100, 0)} %", "white", ink, edge=ink
        )
    names = [shown.factor(indices.names[g]) for g in chosen]
    axes.set_xlim(-0.5, len(chosen) - 0.5)
    axes.set_ylim(len(chosen) - 0.5, -0.5)
    axes.set_yticks(range(len(chosen)), names)
    axes.set_xticks(range(len(chosen)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_aspect("equal")
    return axes


def _cell(
    axes: Axes, row: int, column: int, text: str, colour: object, ink: str, *, edge: str = "white"
) -> None:
    inset = 0.46 if edge == "white" else 0.43
    box = Rectangle((column - inset, row - inset), 2 * inset, 2 * inset)
    box.set(facecolor=colour, edgecolor=edge, linewidth=1.0 if edge == "white" else 1.2)
    axes.add_patch(box)
    axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=8.5)


def _pair(indices: "Indices", one: int, other: int, k: int) -> Interval:
    second = indices.table.second
    assert second is not None
    return second[min(one, other), max(one, other), k]


def _chosen(indices: "Indices", k: int) -> list[int]:
    """Return the factors that are drawn, by falling total order."""
    total = np.nan_to_num(indices.table.total.value[:, k], nan=-1.0)
    return [int(g) for g in np.argsort(-total, kind="stable")[:MOST]]


def _notes(indices: "Indices", k: int, chosen: list[int]) -> list[str]:
    upper = np.triu_indices(len(indices.names), 1)
    second = indices.table.second
    assert second is not None
    notes = [
        (
            "Cells: share of the variance that two factors cause only together; darker is more. "
            f"Grey: {UNCLEAR}. Blue frame: what the factor does alone (grey: {UNCLEAR})."
        ),
        precision("the pairs", second[(*upper, k)]),
    ]
    if len(chosen) < len(indices.names):
        notes.append(f"{len(chosen)} of {len(indices.names)} factors are shown, the largest.")
    return notes
