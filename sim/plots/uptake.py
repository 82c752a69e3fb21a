"""Uptake over time: clinicians who use the platform, and patients reached, as fans over runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.experiment.doubt.parts import band
from sim.experiment.doubt.running import Drawn, expected_weekly
from sim.experiment.tables import weekly_quantiles
from sim.plots import style

if TYPE_CHECKING:
    import pandas as pd

    from sim.simulate import Result

BAND = 0.8
"""Share of the draws of the rules in their band, as of the runs in the outer one."""

PANELS = {
    "adoption": ("Adoption", "clinician posts using the platform", style.BLUE),
    "reach": ("Reach", "patients of the last year who started", style.GREEN),
}


def uptake_figure(result: "Result", result_id: str | None = None) -> Figure:
    """Return a figure of adoption and reach over time, with bands over runs."""
    with style.styled():
        figure = Figure(figsize=(9.6, 4.6), layout="constrained")
        for axes, name in zip(figure.subplots(1, 2), PANELS, strict=True):
            uptake(axes, result, name)
        style.caption(figure, result, result_id, _notes(result))
    return figure


def uptake_data(result: "Result") -> "pd.DataFrame":
    """Return what the figure shows: series, week, mean, quantiles over runs, band of the rules."""
    import pandas as pd

    weeks = np.arange(1, result.weeks + 1)
    frames = [
        pd.DataFrame({"series": name, "week": weeks, **_cuts(result, name)}) for name in PANELS
    ]
    return pd.concat(frames, ignore_index=True)


def uptake(axes: Axes, result: "Result", name: str) -> Axes:
    """Draw the fan of one weekly series: median, mean (dashed), two bands.

    The outer band holds 80 % of the runs, the inner 50 % of them, or, of runs under draws of the
    rules, the expected value of 80 % of the draws.
    """
    colour = PANELS[name][2]
    cuts = _cuts(result, name)
    if not panel(axes, name, result.weeks, [cuts["q50"]]):
        return axes
    week = np.arange(1, result.weeks + 1)
    if result.replicates >= style.FEW_RUNS:
        axes.fill_between(week, cuts["q10"], cuts["q90"], color=colour, alpha=0.18, linewidth=0)
        low, high = _inner(result)
        axes.fill_between(week, cuts[low], cuts[high], color=colour, alpha=0.32, linewidth=0)
    else:  # quantiles of a few runs say little: show the runs
        axes.plot(week, np.asarray(result.weekly[name]).T, color=colour, alpha=0.5, linewidth=0.8)
    if result.replicates > 1:
        axes.plot(week, cuts["mean"], color=style.TEXT, linewidth=1.0, linestyle=(0, (4, 3)))
    # Not clipped, so that a line along 0 % is seen.
    axes.plot(week, cuts["q50"], color=colour, linewidth=2.2, zorder=3, clip_on=False)
    _name_lines(axes, result, cuts)
    _mark_weeks(axes, result)
    return axes


def panel(axes: Axes, name: str, weeks: int, lines: Sequence[NDArray[np.float64]]) -> bool:
    """Prepare the axes of a weekly series; say so if there is nothing to see in any line."""
    axes.set_title(PANELS[name][0])
    axes.set_ylabel(PANELS[name][1])
    style.week_axis(axes, weeks)
    style.share_axis(axes)
    seen = weeks > 0 and not all(np.isnan(line).all() for line in lines)
    if not seen:
        nothing = "nobody to count" if weeks else "no week simulated"
        axes.text(0.5, 0.5, nothing, transform=axes.transAxes, ha="center", color=style.TEXT)
    return seen


def name_ends(
    axes: Axes, weeks: int, names: Sequence[tuple[float, str]], colours: Sequence[str] = ()
) -> None:
    """Write (height, name) at the right ends of lines; heights fall, names are moved apart.

    ``colours`` are those of the lines that lead from name to end.
    """
    heights = style.spread([height for height, _ in names], 0.05, 0.0, 1.0)
    leads = colours or [style.GREY] * len(names)
    for (at, text), height, colour in zip(names, heights, leads, strict=True):
        axes.annotate(
            text,
            xy=(weeks, at),
            xytext=(weeks * 1.05, height),
            va="center",
            fontsize=8,
            parse_math=False,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 1.2 if colours else 0.6,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
        )


def _cuts(result: "Result", name: str) -> dict[str, NDArray[np.float64]]:
    cuts = weekly_quantiles(np.asarray(result.weekly[name]))
    if isinstance(result, Drawn):
        low, high = band(expected_weekly(result, name), BAND)
        cuts |= {"rules_low": low, "rules_high": high}
    return cuts


def _inner(result: "Result") -> tuple[str, str]:
    """Return between which cuts the inner band lies."""
    return ("rules_low", "rules_high") if isinstance(result, Drawn) else ("q25", "q75")


def _name_lines(axes: Axes, result: "Result", cuts: dict[str, NDArray[np.float64]]) -> None:
    """Write what each line and edge is at its right end, moved apart where they would overlap."""
    last = {name: float(values[-1]) for name, values in cuts.items()}
    if any(np.isnan(value) for value in last.values()):
        return
    names = {"q50": "median", "mean": "mean"}
    if result.replicates == 1:
        names = {"q50": "the run"}
    elif result.replicates >= style.FEW_RUNS:
        inner = {"q75": "75 %", "q25": "25 %"}
        if isinstance(result, Drawn):
            inner = {"rules_high": "rules 90 %", "rules_low": "rules 10 %"}
        names = {"q90": "90 %", **names, **inner, "q10": "10 %"}
    merged: list[tuple[float, str]] = []
    for name in sorted(names, key=lambda name: -last[name]):
        if merged and merged[-1][0] - last[name] < 0.012:
            merged[-1] = merged[-1][0], f"{merged[-1][1]}, {names[name]}"
        else:
            merged.append((last[name], names[name]))
    name_ends(axes, result.weeks, merged)


def _mark_weeks(axes: Axes, result: "Result") -> None:
    """Mark the median go-live and the end of the project."""
    live = result.summary()["go_live_week"].q50
    ends = int(result.scenario.values["project_weeks"])
    one = result.replicates * result.organisations == 1
    marks = [] if live is None else [(live, "go-live" if one else "median\ngo-live", ":")]
    if 0 < ends <= result.weeks:
        marks.append((float(ends), "project\nends", "-."))
    close = len(marks) == 2 and abs(marks[0][0] - marks[1][0]) < 0.2 * result.weeks
    for k, (at, text, line) in enumerate(sorted(marks)):
        axes.axvline(at, color=style.GREY, linewidth=1.0, linestyle=line, zorder=1)
        # At the left of its line, unless there is no room: the axis or another line.
        left = at > 0.2 * result.weeks and not (close and k)
        axes.annotate(
            text,
            xy=(at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if left else 3, -2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            fontsize=8,
            linespacing=1.1,
        )


def _notes(result: "Result") -> list[str]:
    """Return the lines of the caption about how to read the figure."""
    over = "runs" if result.organisations == 1 else "runs (each the mean of its organisations)"
    notes: list[str] = []
    if not result.weeks:
        return notes
    if isinstance(result, Drawn) and result.replicates >= style.FEW_RUNS:
        draws, posterior = result.design.shape.draws, result.design.described()["id"]
        notes.append(f"Light band: the middle 80 % of {over}: rules, organisations and luck.")
        notes.append(
            "Dark band: the rules alone: where the expected value lies under 80 % of "
            f"{draws} draws (posterior {posterior})."
        )
    elif result.replicates >= style.FEW_RUNS:
        notes.append(f"Bands: the middle 50 % and 80 % of {over}, week by week.")
    elif result.replicates > 1:
        notes.append(f"Thin lines: each of the {result.replicates} {over}; too few for bands.")
    else:
        notes.append("One run: another seed gives another picture.")
    if result.own_agents:
        notes.append("With agents of one's own, not those of the model.")
    return [*notes, _live_note(result)]


def _live_note(result: "Result") -> str:
    """Say in how many runs or organisations the platform went live."""
    reached = result.summary()["go_live_week"].share_reached or 0.0
    within = f"within {result.weeks} weeks"
    if result.replicates * result.organisations == 1:
        return f"The organisation {'went' if reached else 'did not go'} live {within}."
    half = "; so there is no median week of going live" if reached < 0.5 else ""
    if result.organisations == 1:
        return f"The organisation went live {within} in {reached * 100:.0f} % of runs{half}."
    return f"{reached * 100:.0f} % of organisations went live {within}{half}."
