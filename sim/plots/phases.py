"""The phases of the implementation on a time line, with ranges over organisations."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots import style

if TYPE_CHECKING:
    import pandas as pd

    from sim.outcomes import Summary
    from sim.simulate import Result

GO_LIVE = "go-live"
HALF = 0.2
"""Half the height of a bar, in rows."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a phase is opened and done: 10, 50 and 90 % quantiles of weeks, infinity for never.

    The shares are of the organisations that open it and get it done; ``length`` sums up how long
    it takes (for going live: when it is).
    """

    phase: str
    label: str
    opened: tuple[float, float, float]
    done: tuple[float, float, float]
    opened_share: float
    done_share: float
    length: "Summary"


def phases_figure(result: "Result", result_id: str | None = None) -> Figure:
    """Return a time line of the phases: median start to median end, and the ranges of both."""
    with style.styled():
        rows = len(result.scenario.phases) + 1
        notes = _notes(result)
        figure = Figure(figsize=(9.6, 1.6 + 0.5 * rows + 0.17 * len(notes)), layout="constrained")
        phases(figure.subplots(), result)
        style.caption(figure, result, result_id, notes)
    return figure


def phases_data(result: "Result") -> "pd.DataFrame":
    """Return what the figure shows: start and end of each phase in weeks, empty for never."""
    import pandas as pd

    rows = []
    for span in spans(result):
        row: dict[str, float | str | None] = {"phase": span.phase, "label": span.label}
        for what in ("opened", "done"):
            for name, week in zip(("q10", "q50", "q90"), getattr(span, what), strict=True):
                row[f"{what}_{name}"] = week if math.isfinite(week) else None
            row[f"{what}_share"] = getattr(span, f"{what}_share")
        rows.append(row)
    return pd.DataFrame(rows)


def spans(result: "Result") -> list[Span]:
    """Return a span for each phase, and last for going live (opened = done)."""
    summary = result.summary()
    found = []
    for k, phase in enumerate(result.scenario.phases):
        opened, done = result.phase_spans[:, :, k, 0], result.phase_spans[:, :, k, 1]
        length = summary[f"phase_weeks.{phase.name}"]
        found.append(_span(phase.name, phase.label, opened, done, length))
    live = result.outcomes[:, :, result.names.index("go_live_week")]
    return [*found, _span(GO_LIVE, "Go-live", live, live, summary["go_live_week"])]


def phases(axes: Axes, result: "Result") -> Axes:
    """Draw a row for each phase: a bar with whiskers; for going live a diamond."""
    rows = spans(result)
    axes.set_title("Phases")
    style.week_axis(axes, result.weeks)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for k, row in enumerate(rows):
        if row.phase == GO_LIVE:
            _milestone(axes, k, row, result.weeks)
        else:
            _bar(axes, k, row, result.weeks)
        axes.annotate(
            _words(row),
            xy=(1.015, k),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            annotation_clip=False,
        )
    _head_of_words(axes, result)
    return axes


def _head_of_words(axes: Axes, result: "Result") -> None:
    """Say what the words at the right of each row are, and that there is nothing to see."""
    if result.replicates * result.organisations > 1:
        axes.annotate(
            "median (10 to 90 %)",
            xy=(1.015, 1.0),
            xycoords="axes fraction",
            xytext=(0, 4),
            textcoords="offset points",
            fontsize=8.5,
            annotation_clip=False,
        )
    if not result.weeks:
        axes.text(0.5, 0.5, "no week simulated", transform=axes.transAxes, ha="center")


def _span(
    phase: str,
    label: str,
    opened: NDArray[np.float64],
    done: NDArray[np.float64],
    length: "Summary",
) -> Span:
    return Span(
        phase,
        label,
        _cuts(opened),
        _cuts(done),
        float(np.isfinite(opened).mean()),
        float(np.isfinite(done).mean()),
        length,
    )


def _cuts(weeks: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the 10, 50 and 90 % quantiles (observed weeks), infinity for never."""
    late = np.where(np.isnan(weeks), np.inf, weeks)
    low, middle, high = np.quantile(late, [0.1, 0.5, 0.9], method="inverted_cdf")
    return float(low), float(middle), float(high)


def _bar(axes: Axes, k: int, row: Span, weeks: int) -> None:
    """Draw a bar from median start to median end; open to the right if most never end."""
    start, end = row.opened[1], row.done[1]
    if math.isfinite(start):
        ends = math.isfinite(end)
        stop = end if ends else weeks
        axes.fill_between(
            [start, stop],
            k - HALF,
            k + HALF,
            facecolor=style.BLUE if ends else "none",
            edgecolor=style.BLUE,
            hatch=None if ends else "////",
            alpha=0.75,
            linewidth=1.0,
            zorder=2,
        )
    _whisker(axes, k - HALF - 0.1, row.opened, weeks)
    _whisker(axes, k + HALF + 0.1, row.done, weeks)


def _milestone(axes: Axes, k: int, row: Span, weeks: int) -> None:
    _whisker(axes, k, row.done, weeks)
    if math.isfinite(row.done[1]):
        axes.plot(row.done[1], k, "D", color=style.VERMILION, markersize=9, zorder=4, clip_on=False)


def _whisker(axes: Axes, height: float, cuts: tuple[float, float, float], weeks: int) -> None:
    """Draw the range from 10 to 90 %; an arrow at the horizon stands for later or never."""
    low, _, high = cuts
    if not math.isfinite(low) or low == high:  # never, or no range
        return
    pen: dict[str, Any] = {
        "color": style.TEXT,
        "linewidth": 1.1,
        "zorder": 3,
        "clip_on": False,
    }
    known = math.isfinite(high)
    ends = [low, high if known else weeks]
    axes.plot(ends, [height, height], marker="|", markevery=None if known else [0], **pen)
    if not known:
        axes.plot([weeks], [height], marker=">", markersize=5, **pen)


def _words(row: Span) -> str:
    """Say how long a phase takes, or when an organisation goes live, and how many never."""
    one, never = row.length, 1.0 - row.done_share
    if never in (0.0, 1.0) and one.q10 == one.q90:  # one organisation, or all the same
        if one.q10 is not None:
            return f"week {one.q10:.0f}" if row.phase == GO_LIVE else f"{one.q10:.0f} weeks"
        return "never" if one.n == 1 else "100 % never"
    missing = f"{never * 100:.0f} % never" if never >= 0.005 else "less than 1 % never"
    if one.q10 is None:
        return missing
    ends = ["never" if week is None else f"{week:.0f}" for week in (one.q10, one.q50, one.q90)]
    if one.q50 is None:
        text = f"10 % by week {ends[0]}" if row.phase == GO_LIVE else f"10 % within {ends[0]} weeks"
    elif row.phase == GO_LIVE:
        text = f"week {ends[1]} ({ends[0]} to {ends[2]})"
    else:
        text = f"{ends[1]} weeks ({ends[0]} to {ends[2]})"
    return text if never == 0.0 else f"{text}\n{missing}"


def _notes(result: "Result") -> list[str]:
    """Return the lines of the caption about how to read the figure."""
    over = "runs" if result.organisations == 1 else "organisations of all runs"
    bars = "Bars: median start to median end (of the first round, where a phase recurs)"
    lines = f"Lines: 10 to 90 % of {over}, of the start above a bar and of the end below it"
    notes = [
        f"{bars}; hatched: most never end. Diamond: median go-live.",
        f"{lines}; arrow: later or never.",
        "Quantiles count 'never' as infinitely late.",
    ]
    if result.replicates * result.organisations == 1:
        return ["Bars: first week to last (of the first round, where a phase recurs)."]
    return notes + style.few_runs(result)
