"""Plans compared: differences with their intervals, and how uptake goes under each plan."""

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.experiment.numbers import count
from sim.experiment.tables import weekly_quantiles
from sim.experiment.units import gap_unit, scale_of
from sim.plots import style
from sim.plots.uptake import PANELS, name_ends, panel

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.compare.comparison import Compared, Comparison, Entry

COLUMNS = 3
"""Panels of the forest side by side."""

BANDS = 2
"""Plans up to which bands are drawn; those of more would hide each other."""

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.GREY)
DASHES: tuple[Any, ...] = ((0, (5, 2)), (0, (1, 1.2)), (0, (7, 2, 1.2, 2)), (0, (3, 1, 1, 1, 1, 1)))
WIDEST_NAME = 26
"""Characters of a plan's name on a line of a figure."""


def forest_figure(found: "Comparison", result_id: str | None = None) -> Figure:
    """Return a panel for each outcome: differences from the first plan, with joint intervals."""
    others, shown = found.plans[1:], [found.outcomes[name] for name in found.shown]
    rows = math.ceil(len(shown) / COLUMNS)
    columns = math.ceil(len(shown) / max(rows, 1))  # four are two by two
    lines = sum(len(_wrapped(plan).splitlines()) for plan in others)
    notes = _forest_notes(found)
    with style.styled():
        height = rows * (1.25 + 0.21 * max(lines, len(others) * 1.3)) + 0.17 * (len(notes) + 2)
        figure = Figure(figsize=(9.6, height), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for k, axes in enumerate(grid.flat):
            if k < len(shown):
                forest(axes, found, shown[k], names=k % columns == 0)
            else:
                axes.set_axis_off()
        style.caption_of(figure, _facts(found), found.label, result_id, notes)
        engine: Any = figure.get_layout_engine()
        engine.set(h_pad=0.08, w_pad=0.08)
        style.settle(figure)
    return figure


def forest_data(found: "Comparison") -> "pd.DataFrame":
    """Return what the figure shows: the rows of the frame of the shown outcomes."""
    frame = found.frame()
    kept = frame["outcome"].isin(found.shown) & (frame["plan"] != found.reference)
    return frame[kept].reset_index(drop=True)


def forest(axes: Axes, found: "Comparison", one: "Compared", *, names: bool) -> Axes:
    """Draw the differences in one outcome; ``names``: write the plans at the left."""
    others, scale = found.plans[1:], scale_of(one.unit)
    axes.set_title("\n".join(textwrap.wrap(one.label, 30)), fontsize=10)
    axes.set_xlabel(_unit_and_direction(one), labelpad=1)
    axes.set_ylim(len(others) - 0.4, -0.6)
    axes.set_yticks(range(len(others)), [_wrapped(plan) if names else "" for plan in others])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(0.0, color=style.TEXT, linewidth=1.0, zorder=1)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    ends = [0.0]
    for k, plan in enumerate(others):
        ends += _point(axes, k, one, one.plans[plan], scale)
        ends += _over_rules(axes, k, one, plan, scale)
    room = 0.08 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    long = max(abs(end) for end in ends) >= 10_000  # long numbers need more room
    axes.xaxis.set_major_locator(MaxNLocator(2 if long else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    return axes


def fans_figure(found: "Comparison", result_id: str | None = None) -> Figure:
    """Return adoption and reach over time under each plan: medians, and bands of few plans."""
    notes = _fan_notes(found)
    with style.styled():
        figure = Figure(figsize=(9.6, 4.6 + 0.17 * len(notes)), layout="constrained")
        for axes, name in zip(figure.subplots(1, 2), PANELS, strict=True):
            fans(axes, found, name)
        style.caption_of(figure, _facts(found), found.label, result_id, notes)
    return figure


def fans_data(found: "Comparison") -> "pd.DataFrame":
    """Return what the figure shows: plan, series, week, mean, quantiles over runs."""
    import pandas as pd

    weeks = np.arange(1, found.weeks + 1)
    frames = [
        pd.DataFrame({"plan": plan, "series": name, "week": weeks, **_cuts(found, plan, name)})
        for plan in found.plans
        for name in PANELS
    ]
    return pd.concat(frames, ignore_index=True)


def fans(axes: Axes, found: "Comparison", name: str) -> Axes:
    """Draw one weekly series of each plan: its median and, of few plans, its 80 % band."""
    cuts = {plan: _cuts(found, plan, name) for plan in found.plans}
    if not panel(axes, name, found.weeks, [one["q50"] for one in cuts.values()]):
        return axes
    week = np.arange(1, found.weeks + 1)
    ends = []
    for k, (plan, one) in enumerate(cuts.items()):
        pen = _pen(k)
        if _bands(found):
            axes.fill_between(
                week, one["q10"], one["q90"], color=pen["color"], alpha=0.1, linewidth=0
            )
            for edge in ("q10", "q90"):
                axes.plot(week, one[edge], **{**pen, "linewidth": 0.7}, alpha=0.7, zorder=2)
        axes.plot(week, one["q50"], **pen, zorder=len(cuts) - k + 3, clip_on=False, label=plan)
        if not np.isnan(one["q50"][-1]):
            ends.append((float(one["q50"][-1]), _short(plan), str(pen["color"])))
    ends.sort(key=lambda end: -end[0])
    name_ends(axes, found.weeks, [end[:2] for end in ends], [end[2] for end in ends])
    return axes


def write_comparison_figures(
    found: "Comparison", folder: Path, result_id: str | None = None
) -> list[Path]:
    """Write both figures as PNG and SVG with their data; return the files. Raises DiskError."""
    forest, fans = forest_figure(found, result_id), fans_figure(found, result_id)
    saved = style.save_figure(forest, folder, "forest", forest_data(found))
    return saved + style.save_figure(fans, folder, "fans", fans_data(found))


def _point(axes: Axes, k: int, one: "Compared", entry: "Entry", scale: float) -> list[float]:
    """Draw a difference with its interval; return the values that must be seen."""
    if entry.difference is None:
        axes.text(0.0, k, " undefined", fontsize=8, va="center")
        return []
    at, low, high = entry.difference * scale, entry.ci_low, entry.ci_high
    known = low is not None and high is not None
    ends = [low * scale, high * scale] if low is not None and high is not None else [at]
    apart = known and not min(ends) <= 0.0 <= max(ends)
    colour, marker = style.judged(at, one.better, apart)
    axes.plot(ends, [k] * len(ends), color=colour, linewidth=2.0, solid_capstyle="butt", zorder=2)
    face = colour if apart else "white"
    axes.plot(at, k, marker, markersize=6.5, markerfacecolor=face, markeredgecolor=colour, zorder=3)
    return [*ends, at]


def _over_rules(axes: Axes, k: int, one: "Compared", plan: str, scale: float) -> list[float]:
    """Draw where the difference lies under draws of the rules, as a pale bar behind the rest."""
    found = one.rules.get(plan)
    if found is None:
        return []
    ends = [found.low * scale, found.high * scale]
    axes.plot(ends, [k, k], color=style.FAINT, linewidth=9.0, solid_capstyle="butt", zorder=1.5)
    return ends


def _unit_and_direction(one: "Compared") -> str:
    unit = gap_unit(one.unit)
    if one.better == "neither":
        return unit
    return f"{unit}   better →" if one.better == "higher" else f"← better   {unit}"


def _pen(k: int) -> dict[str, Any]:
    """Return the line of a plan: the first dark and solid, others by colour and dashes."""
    if k == 0:
        return {"color": style.TEXT, "linewidth": 2.2, "linestyle": "-"}
    place, again = (k - 1) % len(COLOURS), (k - 1) // len(COLOURS)
    dashes = DASHES[(place + again) % len(DASHES)]
    return {"color": COLOURS[place], "linewidth": 2.2, "linestyle": dashes}


def _bands(found: "Comparison") -> bool:
    return len(found.plans) <= BANDS and found.replicates >= style.FEW_RUNS


def _cuts(found: "Comparison", plan: str, name: str) -> dict[str, NDArray[np.float64]]:
    return weekly_quantiles(found.weekly[plan][name])


def _wrapped(plan: str) -> str:
    """Return a plan's name on at most two lines."""
    lines = textwrap.wrap(plan, WIDEST_NAME, max_lines=2, placeholder=" ...")
    return "\n".join(lines)


def _short(plan: str) -> str:
    return plan if len(plan) <= WIDEST_NAME else f"{plan[: WIDEST_NAME - 3]}..."


def _facts(found: "Comparison") -> list[str]:
    runs = count(found.replicates, "run")
    over = found.posterior
    rules = [] if over is None else [f"{over['draws']:,} draws of the rules ({over['id']})"]
    return [
        f"{runs} of each of {count(len(found.plans), 'plan')}",
        f"{count(found.weeks, 'week')}",
        f"seed {found.seed}",
        *rules,
    ]


def _forest_notes(found: "Comparison") -> list[str]:
    """Return the lines of the caption about how to read the forest."""
    first = _short(found.reference)
    if found.replicates == 1:
        return [f"One run of each plan against {first}: no intervals. Another seed differs."]
    points = f"Points: mean difference from {first} over runs with the same luck."
    lines = "Lines: 95 % intervals that hold for all plans of a panel together."
    marks = "Blue circle: better. Orange square: worse. Hollow and grey: cannot be told apart."
    if any(found.outcomes[name].better == "neither" for name in found.shown):
        marks += " Dark diamond: different, neither better nor worse."
    bars = "Pale bars: where the expected difference lies under 95 % of the draws of the rules."
    return [f"{points} {lines}", marks, *([] if found.posterior is None else [bars])]


def _fan_notes(found: "Comparison") -> list[str]:
    """Return the lines of the caption about how to read the fans."""
    over = "runs" if max(found.organisations) == 1 else "runs (each the mean of its organisations)"
    if found.replicates == 1:
        return ["One run of each plan: another seed gives another picture."]
    notes = [f"Thick lines: medians over {over}, week by week."]
    if _bands(found):
        return [f"{notes[0]} Shaded, with thin edges: the middle 80 %."]
    if found.replicates < style.FEW_RUNS:
        return [*notes, f"Only {found.replicates} runs of each plan: too few for bands."]
    return [*notes, f"Bands are left out for more than {BANDS} plans; see fans.csv."]
