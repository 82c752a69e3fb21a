"""Dots with intervals in rows: effects of inputs one at a time, and points that are choices."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiment.compare.paired import Difference, differences, extreme_of, pairs_of
from sim.experiment.doubt.grouped import Grouped
from sim.experiment.numbers import digits_of, number
from sim.experiment.points_summary import table_of
from sim.plots import style
from sim.plots.swept import LUCK, ONE_RUN, WIDTH, Varied, View, finish, flat, nothing, titled

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS = 16
"""Factors up to which all are drawn; of more, those that matter most."""

_GAP = 0.45
"""Room between two groups, in rows."""
_LETTERS = 26
"""Letters of a group's name on a line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, what it stands under, and a value with its interval (None: unknown)."""

    group: str
    name: str
    at: float | None
    low: float | None
    high: float | None

    @property
    def apart(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high


# --- effects, one input at a time ----------------------------------------------------------------


def effects_figure(view: View) -> Figure:
    """Return the paired differences of each point from the first, by factor, largest first."""
    groups = _groups(view)
    rows = [row for group in groups[:MOST_GROUPS] for row in group]
    with style.styled():
        figure = Figure(figsize=(WIDTH, _height(rows)), layout="constrained")
        axes = figure.subplots()
        said = flat(view, np.arange(view.stored.plan.count))
        if said:
            nothing(axes, said)
            axes.set_axis_off()
        else:
            effects(axes, view, rows)
        title = f"{view.label}, one input at a time"
        finish(figure, view, title, [] if said else _effect_notes(view, groups))
    return figure


def effects_data(view: View) -> "pd.DataFrame":
    """Return what the figure shows: factor, level, difference from the first point, interval."""
    import pandas as pd

    columns = ("point", "factor", "level", "own", "difference", "ci_low", "ci_high", "n")
    rows = []
    for point, one, found in _changes(view):
        level, own = one.values[point].item(), one.values[0].item()
        numbers = found.difference, found.ci_low, found.ci_high, found.n
        rows.append((point, one.name, level, own, *numbers))
    return pd.DataFrame(rows, columns=list(columns))


def effects(axes: Axes, view: View, rows: Sequence[Row]) -> Axes:
    """Draw differences from the first point: better, worse, or not to be told apart."""
    scale = view.scale
    places = _rows(axes, rows)
    axes.axvline(0.0, color=style.TEXT, linewidth=1.0, zorder=1)
    ends = [0.0]
    for row, place in zip(rows, places, strict=True):
        if row.at is None:
            axes.text(0.0, place, " undefined", fontsize=8, va="center")
            continue
        colour, marker = style.judged(row.at, view.better, row.apart)
        ends += _dot(axes, row, place, scale, colour, marker, hollow=not row.apart)
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    unit = "percentage points" if view.share else view.unit
    text = f"difference from the scenario as it is ({unit})"
    sides = {"higher": f"{text}   better →", "lower": f"← better   {text}"}
    axes.set_xlabel(sides.get(view.better, text))
    return axes


def _changes(view: View) -> list[tuple[int, Varied, Difference]]:
    """Return the points after the first, what each changes, and its difference from the first."""
    if view.stored.plan.count < 2:
        return []
    table = table_of(view.stored, view.runs)
    extreme = extreme_of(view.kind, view.horizon, table)
    each = view.stored.shape.group if isinstance(view.stored, Grouped) else 1
    found = differences([pairs_of(table, extreme=extreme, each=each)], view.stored.plan.seed)[0]
    changed = [
        next(one for one in view.factors if one.values[point] != one.values[0])
        for point in range(1, view.stored.plan.count)
    ]
    return list(zip(range(1, len(changed) + 1), changed, found, strict=True))


def _groups(view: View) -> list[list[Row]]:
    """Return the rows of each factor, the factor with the largest difference first."""
    groups: dict[str, list[Row]] = {}
    for point, one, found in _changes(view):
        own = one.text(one.values[0].item()).replace(" ", "\N{NO-BREAK SPACE}")
        row = Row(
            f"{one.label} ({own})",
            one.text(one.values[point].item()),
            found.difference,
            found.ci_low,
            found.ci_high,
        )
        groups.setdefault(one.name, []).append(row)
    return sorted(groups.values(), key=lambda rows: -max(abs(row.at or 0.0) for row in rows))


def _effect_notes(view: View, groups: Sequence[Sequence[Row]]) -> list[str]:
    notes = ["In brackets: the scenario's own value."]
    if int(view.stored.plan.replicates.min()) < 2:
        notes.append(ONE_RUN)
    else:
        notes.append(
            "Dots: mean differences over runs with the same luck. Lines: 95 % intervals that hold "
            "for all rows together. Blue circle: better. Orange square: worse. Hollow and grey: "
            "cannot be told apart."
        )
    if view.better == "neither":
        notes.append("Dark diamond: different, neither better nor worse.")
    if len(groups) > MOST_GROUPS:
        notes.append(f"{MOST_GROUPS} of {len(groups)} factors are shown, the largest differences.")
    return notes


# --- points that are choices alone ---------------------------------------------------------------


def points_figure(view: View) -> Figure:
    """Return the mean of each point with its interval, a row a point."""
    rows = _points(view)
    with style.styled():
        figure = Figure(figsize=(WIDTH, _height(rows)), layout="constrained")
        axes = figure.subplots()
        points(axes, view, rows)
        finish(figure, view, titled(view, view.factors), [_points_note(view)])
    return figure


def points(axes: Axes, view: View, rows: Sequence[Row]) -> Axes:
    """Draw means with their intervals, and write them beside."""
    scale = view.scale
    ends = [0.0, 100.0] if view.share else [0.0]
    for row, place in zip(rows, _rows(axes, rows), strict=True):
        if row.at is None:
            axes.text(0.0, place, " undefined", fontsize=8, va="center")
            continue
        ends += _dot(axes, row, place, scale, style.BLUE, "o")
        digits = digits_of(row.at, row.low, row.high, scale)
        text = f"{number(row.at * scale, digits)}{' %' if view.share else ''}"
        axes.annotate(
            text, (row.at * scale, place), xytext=(0, 6), textcoords="offset points", ha="center"
        ).set_fontsize(8)
    room = 0.0 if view.share else 0.06 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - (room if min(ends) < 0.0 else 0.0), max(ends) + room)
    if view.share:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} %"))
    axes.set_xlabel("" if view.share else view.unit)
    return axes


def _points(view: View) -> list[Row]:
    """Return a row for each point; the first factor makes groups if there is another."""
    found, rows = view.found, []
    for point in range(view.stored.plan.count):
        texts = [one.at(one.values[point].item()) for one in view.factors]
        group = texts.pop(0) if len(texts) > 1 else ""
        numbers = (
            float(found.mean[point]),
            float(found.ci_low[point]),
            float(found.ci_high[point]),
        )
        at, low, high = (one if np.isfinite(one) else None for one in numbers)
        rows.append(Row(group, "; ".join(texts) or "the scenario", at, low, high))
    return sorted(rows, key=lambda row: [one.group for one in rows].index(row.group))


def _points_note(view: View) -> str:
    if np.isfinite(view.found.ci_high).any():
        return f"Dots: means over the runs of a point. Lines: their 95 % intervals. {LUCK}"
    return ONE_RUN


# --- rows ----------------------------------------------------------------------------------------


def _height(rows: Sequence[Row]) -> float:
    return 1.2 + 0.24 * (len(rows) + _GAP * len({row.group for row in rows}))


def _rows(axes: Axes, rows: Sequence[Row]) -> list[float]:
    """Name the rows at the left, groups further out; return their heights."""
    places: list[float] = []
    at = 0.0
    for k, row in enumerate(rows):
        at += (1.0 + (_GAP if row.group != rows[k - 1].group else 0.0)) if k else 0.0
        places.append(at)
    axes.set_ylim(at + 0.7, -0.7)
    axes.set_yticks(places, [row.name for row in rows])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    _name_groups(axes, rows, places)
    return places


def _name_groups(axes: Axes, rows: Sequence[Row], places: Sequence[float]) -> None:
    """Write the names of groups left of their first rows' names."""
    letters = max(len(row.name) for row in rows)
    engine: Any = axes.get_figure(root=True).get_layout_engine()  # type: ignore[union-attr]
    engine.set(w_pad=0.12)
    for k, row in enumerate(rows):
        if row.group and (k == 0 or row.group != rows[k - 1].group):
            mates = [
                place for one, place in zip(rows, places, strict=True) if one.group == row.group
            ]
            axes.annotate(
                "\n".join(textwrap.wrap(row.group, _LETTERS)),
                (0.0, (mates[0] + mates[-1]) / 2.0),
                xycoords=axes.get_yaxis_transform(),
                xytext=(-14 - 5.6 * letters, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=9.5,
                weight="bold",
                parse_math=False,
                annotation_clip=False,
            )


def _dot(
    axes: Axes,
    row: Row,
    place: float,
    scale: float,
    colour: str,
    marker: str,
    *,
    hollow: bool = False,
) -> list[float]:
    """Draw a value with its interval; return what must be seen."""
    assert row.at is not None
    at = row.at * scale
    ends = [at]
    if row.low is not None and row.high is not None:
        ends = [row.low * scale, row.high * scale]
    axes.plot(ends, [place] * len(ends), color=colour, linewidth=2.0, solid_capstyle="butt")
    face = "white" if hollow else colour
    axes.plot(at, place, marker, markersize=6.5, markerfacecolor=face, markeredgecolor=colour)
    return [*ends, at]
