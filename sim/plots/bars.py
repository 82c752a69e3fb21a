"""Amounts as bars, plan by plan: how far patients get, what a plan costs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.plots import style

COLOURS = (style.GREY, style.BLUE, style.VERMILION, style.GREEN)
HATCHES = (None, None, "///", "...")


class Bar(NamedTuple):
    """A bar, the text at its end, and the ends of the interval of its length (None: unknown)."""

    length: float
    text: str
    low: float | None = None
    high: float | None = None


def bars_figure(
    rows: Mapping[str, Sequence[Bar]],
    plans: Sequence[str],
    unit: str,
    facts: Sequence[str],
    label: str,
) -> Figure:
    """Return a figure with a group of bars for each row: one bar a plan, in one unit."""
    height = 0.32 * len(plans) * len(rows) + 0.2 * len(rows) + 1.1
    with style.styled():
        figure = Figure(figsize=(9.6, height), layout="constrained")
        axes = figure.subplots()
        bars(axes, rows, plans)
        axes.set_xlabel(unit)
        for text in figure.findobj(Text):
            text.set_parse_math(False)
        style.caption_of(figure, facts, label, None, [])
        style.settle(figure)
    return figure


def bars(axes: Axes, rows: Mapping[str, Sequence[Bar]], plans: Sequence[str]) -> Axes:
    """Draw a group of bars for each row, the first plan's on top."""
    room, ends = 0.8 / len(plans), [0.0]
    for row, group in enumerate(rows.values()):
        for k, one in enumerate(group):
            ends.append(_bar(axes, row - 0.4 + (k + 0.5) * room, room * 0.86, k, one))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0.0, max(ends) * 1.18 or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    if len(plans) > 1:
        handles = [Patch(label=plan, **_look(k)) for k, plan in enumerate(plans)]
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0),
            ncols=min(len(plans), 3), fontsize=8, frameon=False,
        )  # fmt: skip
    return axes


def _bar(axes: Axes, at: float, height: float, plan: int, one: Bar) -> float:
    """Draw a bar with its interval and its text; return how far it reaches."""
    axes.barh(at, one.length, height=height, zorder=2, **_look(plan))
    end = one.length
    if one.low is not None and one.high is not None:
        span = [max(one.low, 0.0), one.high]
        axes.plot(span, [at, at], "|-", color=style.TEXT, linewidth=1.2, markersize=6, zorder=3)
        end = max(end, one.high)
    axes.annotate(
        one.text, xy=(end, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5
    )
    return end


def _look(plan: int) -> dict[str, Any]:
    """Return the look of a plan's bars: told apart by colour and by hatching."""
    place = plan % len(COLOURS)
    return {"facecolor": COLOURS[place], "edgecolor": "white", "hatch": HATCHES[place]}
