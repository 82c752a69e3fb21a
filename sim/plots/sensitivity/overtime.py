"""Over the weeks: shares of the variance above the variance itself, never the shares alone."""

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.experiment.sensitivity.indices import QUIET, Table
from sim.plots import style
from sim.plots.sensitivity.shown import (
    PENS,
    WIDTH,
    Shown,
    finish,
    leading,
    shares_axis,
)
from sim.plots.swept import name_ends

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.indices import Indices

Floats = NDArray[np.float64]

_REST = "#E4E4E4"
_WHISKERS = 8
"""Weeks at which an interval is drawn, about."""


def weekly_of(shown: Shown) -> "Indices | None":
    """Return the indices that have weeks, None if there are none."""
    found = shown.weekly if shown.weekly is not None else shown.indices
    return None if found is None or found.weekly is None else found


def overtime_figure(shown: Shown, k: int) -> Figure:
    """Return total order and noise share over the weeks, above the variance, of outcome k."""
    indices = _weekly(shown)
    with style.styled():
        figure = Figure(figsize=(WIDTH, 6.4), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        shares(above, shown, indices, k)
        variances(below, shown, indices, k)
        title = f"What drives {shown.inside(indices.outcomes[k])}, week by week"
        finish(figure, shown, title, _notes(shown, indices, k), indices)
    return figure


def overtime_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return what the figure shows: a row for each week and factor, and one for the whole.

    Variances are in the squared unit of the outcome. ``hatched``: too little to look at shares.
    """
    import pandas as pd

    indices = _weekly(shown)
    table, weeks = _table(indices), weeks_of(shown, indices)
    assert indices.hatched is not None
    frames = []
    for g, name in enumerate((*indices.names, "chance", "all factors")):
        columns: dict[str, Any] = {"factor": name, "week": weeks}
        for what, found in _columns(table, g, len(indices.names)).items():
            columns |= {what: found[0][:, k], f"{what}_low": found[1][:, k]}
            columns |= {f"{what}_high": found[2][:, k]}
        frames.append(pd.DataFrame({**columns, "hatched": indices.hatched[:, k]}))
    return pd.concat(frames, ignore_index=True)


def shares(axes: Axes, shown: Shown, indices: "Indices", k: int) -> Axes:
    """Draw the total order of the leading factors and the share of chance, where they mean much."""
    table, weeks, seen = _table(indices), weeks_of(shown, indices), _seen(indices, k)
    axes.set_title("Shares", fontsize=10)
    axes.set_ylabel("share of the variance")
    shares_axis(axes, vertical=True)
    axes.set_ylim(0.0, 1.0)
    ends = []
    chosen = _leading(indices, k)
    every = max(1, len(weeks) // _WHISKERS)
    step = 0.004 * float(weeks[-1])
    for place, (g, (colour, dashes)) in enumerate(zip(chosen, PENS, strict=False)):
        found = table.total[g, :, k]
        value, low, high = (
            np.where(seen, one, np.nan) for one in (found.value, found.low, found.high)
        )
        for w in range((len(weeks) - 1) % every, len(weeks), every):
            over = float(weeks[w]) + step * (place - len(chosen) + 1)
            axes.plot([over, over], [low[w], high[w]], color=colour, linewidth=1.5, alpha=0.6)
        axes.plot(weeks, value, color=colour, linestyle=dashes, linewidth=2.0)
        ends.append((value, shown.factor(indices.names[g]), colour))
    noise = np.where(seen, table.noise.value[:, k], np.nan)
    axes.plot(weeks, noise, color=style.TEXT, linewidth=1.6, linestyle=(0, (3, 2)), zorder=4)
    ends.append((noise, "chance (of a single run)", style.TEXT))
    _name(axes, weeks, ends, seen)
    _hatch(axes, weeks, seen)
    return axes


def variances(axes: Axes, shown: Shown, indices: "Indices", k: int) -> Axes:
    """Draw the variance of the mean response, and what each leading factor causes alone."""
    table, weeks, name = _table(indices), weeks_of(shown, indices), indices.outcomes[k]
    scale = shown.scale(name) ** 2
    first = table.first_variance.value[:, :, k] * scale
    whole = table.variance.value[:, k] * scale
    chosen = _leading(indices, k)
    rest = [g for g in range(len(indices.names)) if g not in chosen]
    layers = [(first[g], shown.factor(indices.names[g])) for g in chosen]
    layers += [(first[rest].sum(axis=0), "other factors")] if rest else []
    layers.append((whole - first.sum(axis=0), "interactions"))
    fills = [*PENS[: len(chosen)], *([(_REST, "-")] if rest else []), (style.VERMILION, "///")]
    base, ends = np.zeros(len(weeks)), []
    for (layer, text), (colour, pen) in zip(layers, fills, strict=True):
        top = base + np.maximum(layer, 0.0)
        _area(axes, weeks, base, top, colour, pen)
        ends.append(((base + top) / 2.0, text, style.GREY if colour == _REST else colour))
        base = top
    axes.plot(weeks, whole, color=style.TEXT, linewidth=1.8, clip_on=False)
    ends.append((whole, "all factors", style.TEXT))
    axes.set_title("The variance itself", fontsize=10)
    axes.set_ylabel(f"variance ({shown.unit(name) or '-'}, squared)")
    style.week_axis(axes, int(weeks[-1]))
    axes.set_ylim(0.0, 1.06 * max(float(np.nanmax(base)), float(np.nanmax(whole))) or 1.0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.4g}")
    axes.grid(axis="y", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    _name(axes, weeks, ends, np.ones(len(weeks), np.bool_))
    _hatch(axes, weeks, _seen(indices, k))
    return axes


def weeks_of(shown: Shown, indices: "Indices") -> NDArray[np.int64]:
    """Return the numbers of the weeks, (weeks,), counted from 1 unless they are given."""
    many = _table(indices).noise.value.shape[0]
    return np.array(list(shown.weeks) if len(shown.weeks) else range(1, many + 1), np.int64)


def _weekly(shown: Shown) -> "Indices":
    found = weekly_of(shown)
    assert found is not None
    return found


def _table(indices: "Indices") -> Table:
    assert indices.weekly is not None
    return indices.weekly


def _seen(indices: "Indices", k: int) -> NDArray[np.bool_]:
    assert indices.hatched is not None
    return ~indices.hatched[:, k]


def _leading(indices: "Indices", k: int) -> list[int]:
    return leading(indices.table.total[:, k], len(PENS))


def _columns(table: Table, g: int, groups: int) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Return indices and variances of factor g, of chance, or of all factors."""
    if g < groups:
        found = {"first": table.first[g], "total": table.total[g]}
        found |= {
            "first_variance": table.first_variance[g],
            "total_variance": table.total_variance[g],
        }
    elif g == groups:
        found = {"noise_share": table.noise, "variance": table.noise_variance}
    else:
        found = {"variance": table.variance}
    return {what: (one.value, one.low, one.high) for what, one in found.items()}


def _area(
    axes: Axes, weeks: Floats | NDArray[np.int64], low: Floats, high: Floats, colour: str, pen: Any
) -> None:
    """Fill a layer; a hatch if that is its pen, else an edge with the dashes of its line above."""
    if pen == "///":
        with mpl.rc_context({"hatch.linewidth": 0.7, "hatch.color": colour}):
            axes.fill_between(
                weeks, low, high, facecolor="white", edgecolor=colour, hatch=pen, linewidth=0
            )
        return
    axes.fill_between(
        weeks, low, high, color=colour, alpha=1.0 if colour == _REST else 0.45, linewidth=0
    )
    if colour != _REST:
        axes.plot(weeks, high, color=colour, linestyle=pen, linewidth=1.2)


def _name(axes: Axes, weeks: Any, lines: list[tuple[Floats, str, str]], seen: Any) -> None:
    """Write the names of lines at the last week that is seen."""
    if not seen.any():
        axes.text(
            0.5, 0.5, "too little variance in every week", transform=axes.transAxes, ha="center"
        )
        return
    last = int(np.flatnonzero(seen)[-1])
    ends = [
        (float(line[last]), text, colour) for line, text, colour in lines if np.isfinite(line[last])
    ]
    axes.set_xlim(0, int(weeks[-1]))
    name_ends(axes, float(weeks[last]), ends, 0.075)


def _hatch(axes: Axes, weeks: Any, seen: Any) -> None:
    """Hatch the weeks that are not seen, each from the one before it."""
    before = np.concatenate([[0], weeks[:-1]])
    with mpl.rc_context({"hatch.linewidth": 0.5, "hatch.color": "#BDBDBD"}):
        for begin, end in zip(before[~seen].tolist(), weeks[~seen].tolist(), strict=True):
            axes.axvspan(
                begin, end, facecolor="none", edgecolor="#BDBDBD", hatch="\\\\\\", linewidth=0
            )


def _notes(shown: Shown, indices: "Indices", k: int) -> list[str]:
    notes = [
        (
            "Above: total order, with 95 % intervals at some weeks; dashed and dark, the share of "
            "chance in the variance of a single run. Below: dark line, the variance that the "
            "factors cause; areas, what each causes alone; striped, what they only do together."
        )
    ]
    if not _seen(indices, k).all():
        notes.append(
            f"Hatched weeks: less than {QUIET * 100:.0f} % of the largest variance "
            "(or too few events); shares of so little say nothing."
        )
    if len(indices.names) > len(_leading(indices, k)):
        notes.append(
            f"Lines: the {len(_leading(indices, k))} leading of {len(indices.names)} factors."
        )
    return notes
