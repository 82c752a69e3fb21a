"""Whether the ranking hangs on the ranges: total order with ranges narrowed and widened."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots import style
from sim.plots.sensitivity.indices import ranked
from sim.plots.sensitivity.shown import PENS, UNCLEAR, Shown, finish, leading, shares_axis
from sim.plots.swept import NARROW, name_ends

if TYPE_CHECKING:
    import pandas as pd


def ranges_figure(shown: Shown, k: int) -> Figure:
    """Return the total order of the leading factors over each set of ranges, of outcome k."""
    with style.styled():
        figure = Figure(figsize=(NARROW + 1.0, 4.3), layout="constrained")
        slopes(figure.subplots(), shown, k)
        _, middle = shown.ranges[len(shown.ranges) // 2]
        title = f"What drives {shown.inside(middle.outcomes[k])}, over narrower and wider ranges"
        finish(figure, shown, title, _notes(shown, k), middle)
    return figure


def ranges_data(shown: Shown, k: int) -> "pd.DataFrame":
    """Return a row for each set of ranges and factor: rank (0: none), total order, interval."""
    import pandas as pd

    rows = []
    for label, indices in shown.ranges:
        ranks = {g: rank for rank, group in ranked(indices, k) for g in group}
        for g, name in enumerate(indices.names):
            one = indices.table.total[g, k]
            numbers = float(one.value), float(one.low), float(one.high)
            rows.append((label, name, ranks[g], *numbers))
    columns = ["ranges", "factor", "rank", "total", "total_low", "total_high"]
    return pd.DataFrame(rows, columns=columns)


def slopes(axes: Axes, shown: Shown, k: int) -> Axes:
    """Draw a line a factor from range to range, with its rank in the marks."""
    chosen, many = chosen_of(shown, k), len(shown.ranges)
    names, ends, seen = shown.ranges[-1][1].names, [], [0.0]
    ranks = [{g: rank for rank, group in ranked(one, k) for g in group} for _, one in shown.ranges]
    for place, (g, (colour, dashes)) in enumerate(zip(chosen, PENS, strict=False)):
        at = np.arange(many) + 0.06 * (place - (len(chosen) - 1) / 2.0)
        found = [indices.table.total[g, k] for _, indices in shown.ranges]
        value = np.array([float(one.value) for one in found])
        axes.plot(at, value, color=colour, linestyle=dashes, linewidth=1.4, zorder=2)
        for x, one, rank in zip(at, found, [known[g] for known in ranks], strict=True):
            ink = colour if rank else style.GREY
            axes.plot([x, x], [one.low, one.high], color=ink, linewidth=1.8, zorder=2)
            axes.plot(
                x, one.value, "o", markersize=11, markeredgecolor=ink, zorder=3,
                markerfacecolor=ink if rank else "white", clip_on=False,
            )  # fmt: skip
            if rank:
                axes.text(
                    x, float(one.value), f"{rank}", ha="center", va="center_baseline",
                    color="white", fontsize=7.5, weight="bold", zorder=4,
                )  # fmt: skip
            seen += [end for end in (float(one.value), float(one.high)) if np.isfinite(end)]
        ends.append((float(value[-1]), shown.factor(names[g]), colour))
    axes.set_xticks(range(many), [label for label, _ in shown.ranges])
    axes.set_xlim(-0.4, many - 0.6)
    axes.set_ylim(min(0.0, *seen), min(1.5, 1.08 * max(seen)) or 1.0)
    shares_axis(axes, vertical=True)
    axes.set_ylabel("total order")
    name_ends(axes, many - 1.0 + 0.15, ends, 0.07)
    return axes


def chosen_of(shown: Shown, k: int) -> list[int]:
    """Return the factors that are drawn: those that lead over any of the ranges, largest first."""
    totals = np.array([indices.table.total.value[:, k] for _, indices in shown.ranges])
    some = {g for _, one in shown.ranges for g in leading(one.table.total[:, k], len(PENS))}
    highest = np.nan_to_num(totals, nan=-1.0).max(axis=0)
    return sorted(some, key=lambda g: -highest[g])[: len(PENS)]


def _notes(shown: Shown, k: int) -> list[str]:
    notes = [
        (
            "Marks: total order, with 95 % intervals; the number is the rank, equal for what is "
            f"tied. Hollow and grey: {UNCLEAR}, not ranked."
        )
    ]
    first = [ranked(indices, k)[0] for _, indices in shown.ranges]
    names = shown.ranges[0][1].names
    tops = [{names[g] for g in group} if rank else set() for rank, group in first]
    shared = set.intersection(*tops)
    listed = " and ".join(shown.factor(name) for name in names if name in shared)
    notes.append(f"First over all ranges: {listed}." if shared else "What comes first changes.")
    if len(chosen_of(shown, k)) < len(names):
        notes.append(f"The {len(chosen_of(shown, k))} leading of {len(names)} factors.")
    return notes
