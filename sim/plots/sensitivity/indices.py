"""First and total order of each factor with intervals: what it does alone, and in all.

Ranks and ties are those of the lights; what cannot be told apart from 0 stands below, without one.
"""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots import style
from sim.plots.sensitivity.shown import (
    MOST_ROWS,
    UNCLEAR,
    WIDTH,
    Shown,
    dot,
    finish,
    name_rows,
    percent,
    shares_axis,
)

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.indices import Indices

_GAP = 0.5
"""Room between two groups of rows, in rows."""
_FARTHEST = 0.5
"""How far outside 0 to 100 % an interval is drawn."""
_APART = 0.17
"""Half the distance of a factor's two marks, in rows."""


def ranked(indices: "Indices", k: int) -> list[tuple[int, list[int]]]:
    """Return groups of places (rank, places) of an outcome; rank 0 is what is not ranked."""
    place = {name: g for g, name in enumerate(indices.names)}
    lights, groups, rank = indices.lights[k], [], 1
    for tie in lights.ties:
        groups.append((rank, [place[name] for name in tie]))
        rank += len(tie)
    total = indices.table.total.value[:, k]
    rest = sorted(
        (place[name] for name in lights.indistinct), key=lambda g: -np.nan_to_num(total[g])
    )
    return [*groups, (0, rest)] if rest else groups


def indices_figure(shown: Shown, k: int, *, spread: bool = False) -> Figure:
    """Return both indices of each factor for outcome number k; ``spread``: of the unpredictability.

    Factors that are tied share a rank and a bracket.
    """
    indices = _indices(shown, spread=spread)
    groups = _cut(ranked(indices, k))
    rows = sum(len(group) for _, group in groups)
    with style.styled():
        height = 1.15 + 0.27 * (rows + _GAP * len(groups))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        dots(figure.subplots(), shown, indices, k, groups)
        inside = shown.inside(indices.outcomes[k])
        title = (
            f"What drives the unpredictability of {inside}" if spread else f"What drives {inside}"
        )
        finish(figure, shown, title, _notes(shown, indices, k, rows, spread=spread), indices)
    return figure


def indices_data(shown: Shown, k: int, *, spread: bool = False) -> "pd.DataFrame":
    """Return a row for each factor: rank (0: none), tie, both indices with their intervals."""
    import pandas as pd

    indices = _indices(shown, spread=spread)
    table, rows = indices.table, []
    for number, (rank, group) in enumerate(ranked(indices, k)):
        for g in group:
            row: dict[str, Any] = {
                "factor": indices.names[g],
                "label": shown.factor(indices.names[g]),
            }
            row |= {"rank": rank, "tie": number if rank and len(group) > 1 else -1}
            for what, found in (("first", table.first[g, k]), ("total", table.total[g, k])):
                row |= {what: float(found.value)}
                row |= {f"{what}_low": float(found.low), f"{what}_high": float(found.high)}
            rows.append(row)
    return pd.DataFrame(rows)


def dots(
    axes: Axes, shown: Shown, indices: "Indices", k: int, groups: list[tuple[int, list[int]]]
) -> Axes:
    """Draw the factors in groups, as `ranked` gives them."""
    places, names, at = [], [], 0.0
    first, total = indices.table.first, indices.table.total
    for rank, group in groups:
        begin = at
        for g in group:
            for one, colour, marker, side in (
                (total[g, k], style.VERMILION, "o", -_APART), (first[g, k], style.BLUE, "s", _APART)
            ):  # fmt: skip
                if np.isfinite(one.value):
                    ends = (float(one.low), float(one.high))
                    where = (float(one.value), at + side)
                    dot(axes, where, ends, colour, marker, clear=not bool(one.not_above_zero))
            places.append(at)
            names.append("\n".join(textwrap.wrap(shown.factor(indices.names[g]), 38)))
            at += 1.0
        _rank(axes, rank, begin, at - 1.0)
        at += _GAP
    name_rows(axes, places, names)
    axes.axvline(0.0, color=style.TEXT, linewidth=1.0, zorder=1)
    shares_axis(axes, most=8)
    axes.set_xlim(*_extent(indices, k, groups))
    axes.set_xlabel("share of the variance that the factors cause")
    return axes


def _indices(shown: Shown, *, spread: bool) -> "Indices":
    found = shown.indices.spread if shown.indices and spread else shown.indices
    assert found is not None
    return found


def _cut(groups: list[tuple[int, list[int]]]) -> list[tuple[int, list[int]]]:
    """Return the groups with so many rows as there is room for."""
    kept, room = [], MOST_ROWS
    for rank, group in groups:
        if room:
            kept.append((rank, group[:room]))
            room -= len(group[:room])
    return kept


def _rank(axes: Axes, rank: int, first: float, last: float) -> None:
    """Write the rank of a group at its right, with a bracket around what is tied."""
    across = axes.get_yaxis_transform()
    if last > first or not rank:
        axes.plot(
            [1.012, 1.02, 1.02, 1.012], [first - 0.3, first - 0.3, last + 0.3, last + 0.3],
            transform=across, color=style.TEXT if rank else style.GREY, linewidth=1.0,
            clip_on=False,
        )  # fmt: skip
    text = f"{rank}" if last == first else f"{rank} to {rank + round(last - first)}\ntied"
    axes.annotate(
        text if rank else "not\nranked", (1.03, (first + last) / 2.0), xycoords=across, va="center",
        fontsize=9, color=style.TEXT if rank else style.GREY, annotation_clip=False,
        weight="bold" if rank else "normal", linespacing=1.1,
    )  # fmt: skip


def _extent(indices: "Indices", k: int, groups: list[tuple[int, list[int]]]) -> tuple[float, float]:
    """Return the ends of the axis: all that is drawn, but no interval that is beyond all reason."""
    shown = [g for _, group in groups for g in group]
    found = [one[shown, k] for one in (indices.table.first, indices.table.total)]
    ends = np.concatenate([part for one in found for part in (one.value, one.low, one.high)])
    ends = np.clip(ends[np.isfinite(ends)], -_FARTHEST, 1.0 + _FARTHEST)
    low, high = min(0.0, ends.min(initial=0.0)), max(0.05, ends.max(initial=0.0))
    return float(low - 0.03 * (high - low)), float(high + 0.03 * (high - low))


def _notes(shown: Shown, indices: "Indices", k: int, rows: int, *, spread: bool) -> list[str]:
    notes = [
        (
            "Orange circle: total order, all that a factor has a part in, alone and with others. "
            "Blue square: first order, what it does alone. Lines: 95 % intervals. "
            f"Hollow and grey: {UNCLEAR}."
        )
    ]
    if spread:
        notes.insert(0, "Of the variance between runs with the same inputs, not of their mean.")
    tied = [tie for tie in indices.lights[k].ties if len(tie) > 1]
    if tied:
        notes.append("Bracket: tied, each cannot be told apart from the first of them.")
    if rows < len(indices.names):
        notes.append(f"{rows} of {len(indices.names)} factors are shown, the largest.")
    notes += [
        f"{name}: {' and '.join(map(shown.factor, members))}."
        for name, members in shown.groups.items()
        if name in indices.names
    ]
    noise = indices.table.noise[k]
    if not spread:
        share = percent(float(noise.value), float(noise.half_width))
        notes.append(f"Beside it, {share} of a single run's variance is chance.")
    states = ", ".join(f"{light.name} {light.state}" for light in indices.lights[k])
    notes.append(f"Lights: {states}.")
    if indices.lights[k].ranking.state == "red":
        notes.append("Red for the ranking: what comes first is not sure yet.")
    return notes
