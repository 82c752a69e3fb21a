"""The waterfall of barriers: from an outcome as it is to what is attainable, barrier by barrier."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiment.explain.barriers import ATTAINABLE, DEFINITIONS, MODEST
from sim.experiment.explain.costs import excludes_zero
from sim.experiment.explain.explanation import way_of
from sim.experiment.explain.sentences import (
    digits_for,
    level_in_words,
    listed,
    scale_and_unit,
)
from sim.experiment.numbers import count, signed
from sim.experiment.units import better_of
from sim.experiment.words import words_of
from sim.outcomes import kind_and_unit
from sim.plots import style

ENGLISH = words_of("en")

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.explain.explanation import Explanation

WIDTH = 9.6
_LETTERS = 150
"""Letters of a line of the caption."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the waterfall, in the outcome's unit.

    It goes from ``start`` to ``end``, its end is known to within ``low`` to ``high`` (None:
    unknown); ``modest`` is where it would end by the other definition (None: not there by it).
    ``apart``: whether it can be told from 0.
    """

    label: str
    start: float
    end: float
    low: float | None
    high: float | None
    modest: float | None
    apart: bool


def waterfall_figure(found: "Explanation") -> Figure:
    """Return the waterfall: the outcome now, what each barrier costs, and what is attainable."""
    steps = steps_of(found)
    with style.styled():
        figure = Figure(figsize=(WIDTH, 1.3 + 0.36 * (len(steps) + 2)), layout="constrained")
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=0.1)
        axes = figure.subplots()
        waterfall(axes, found, steps)
        _legend(axes, found, steps)
        title = f"What barriers cost: {found.outcome.lower()}"
        lines = [line for note in _notes(found) for line in textwrap.wrap(note, _LETTERS)]
        style.finish(figure, title, _facts(found), found.label, found.result or None, lines)
    return figure


def waterfall_data(found: "Explanation") -> "pd.DataFrame":
    """Return what the figure shows: a row a bar, now first and attainable last, in its unit."""
    import pandas as pd

    now, then = (_level(found, now=one) for one in (True, False))
    ends = [("now", "Now", now), ("then", "With no barrier left", then)]
    rows = [{"bar": bar, "label": label, "start": 0.0, "end": end} for bar, label, end in ends]
    names = [one.barrier.name for one in found.main.by_size]
    steps = [
        {
            "bar": name, "label": step.label, "start": step.start, "end": step.end,
            "ci_low": step.low, "ci_high": step.high, "end_modest": step.modest,
            "apart": step.apart,
        }
        for name, step in zip(names, steps_of(found), strict=True)
    ]  # fmt: skip
    columns = ("bar", "label", "start", "end", "ci_low", "ci_high", "end_modest", "apart")
    return pd.DataFrame([rows[0], *steps, rows[1]], columns=list(columns))


def steps_of(found: "Explanation") -> list[Step]:
    """Return the steps, the costliest barrier first; the last ends where no barrier is left."""
    way = way_of(found.question.outcome)
    modest, at, steps = found.costs[MODEST].barriers, _level(found, now=True), []
    for one in found.main.by_size:
        share, other = one.share, modest[one.barrier.name]
        ends = [at + way * one for one in (share.ci_low, share.ci_high) if one is not None]
        low, high = (min(ends), max(ends)) if ends else (None, None)
        end = at + way * (share.difference or 0.0)
        less = at + way * (other.share.difference or 0.0) if other.barrier.there else None
        steps.append(Step(one.barrier.label, at, end, low, high, less, excludes_zero(share)))
        at = end
    return steps


def waterfall(axes: Axes, found: "Explanation", steps: list[Step]) -> Axes:
    """Draw the bars, one under the other."""
    scale, unit = scale_and_unit(found)
    now, then = (_level(found, now=one) for one in (True, False))
    last = len(steps) + 1
    for row, level in ((0, now), (last, then)):
        axes.barh(row, level * scale, height=0.62, color=style.GREY, zorder=2)
    for row, step in enumerate(steps, 1):
        _bar(axes, row, step, scale, better_of(found.question.outcome))
    for row, level in enumerate([now, *(step.end for step in steps)]):  # from bar to bar
        axes.plot([level * scale] * 2, [row - 0.31, row + 1.31], color=style.GREY, linewidth=0.8)
    labels = [f"{found.outcome} now", *(step.label for step in steps), "With no barrier left"]
    axes.set_yticks(range(last + 1), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(last + 0.5, -0.5)
    _limits(axes, [now, then, 0.0], steps, scale)
    _numbers(axes, found, steps)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{found.outcome.lower()} ({'%' if unit == 'points' else unit})")
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    return axes


def write_explain_figures(found: "Explanation", folder: Path) -> list[Path]:
    """Write the waterfall as PNG and SVG with its data; return the files. Raises DiskError."""
    return style.save_figure(waterfall_figure(found), folder, "waterfall", waterfall_data(found))


def _level(found: "Explanation", *, now: bool) -> float:
    mean = found.level(ATTAINABLE, now=now)[0]
    return 0.0 if mean is None else mean


def _bar(axes: Axes, row: int, step: Step, scale: float, better: str) -> None:
    """Draw a step with its interval, and where the other definition would end it."""
    colour, _ = style.judged(step.end - step.start, better, step.apart)
    hatched = colour == style.VERMILION  # not by colour alone
    axes.barh(
        row, (step.end - step.start) * scale, left=step.start * scale, height=0.62,
        color=colour if step.apart else "white", edgecolor="white" if hatched else colour,
        hatch="///" if hatched else None, zorder=2,
    )  # fmt: skip
    if step.low is not None and step.high is not None:
        ends = [step.low * scale, step.high * scale]
        axes.plot(ends, [row, row], color=style.TEXT, linewidth=1.2, zorder=4)
        axes.plot(ends, [row, row], "|", color=style.TEXT, markersize=7, zorder=4)
    if step.modest is not None:
        axes.plot(
            step.modest * scale, row, "D", markersize=5, markerfacecolor="white",
            markeredgecolor=style.TEXT, zorder=5,
        )  # fmt: skip


def _limits(axes: Axes, levels: list[float], steps: list[Step], scale: float) -> None:
    """Show all bars and their intervals, with room for the numbers at their right."""
    ends = levels + [
        end for step in steps for end in (step.low, step.high, step.end) if end is not None
    ]
    low, high = min(ends) * scale, max(ends) * scale
    room = (high - low) or 1.0
    axes.set_xlim(low - (0.02 * room if low < 0.0 else 0.0), high + 0.13 * room)


def _numbers(axes: Axes, found: "Explanation", steps: list[Step]) -> None:
    """Write the size of each bar to its right."""
    scale, _ = scale_and_unit(found)
    gap = 0.01 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    way = way_of(found.question.outcome)
    now, then = (_level(found, now=one) for one in (True, False))
    written = [(now, level_in_words(found, ATTAINABLE, ENGLISH, now=True))]
    for step, one in zip(steps, found.main.by_size, strict=True):
        text = signed(way * (one.share.difference or 0.0) * scale, digits_for(found, one.share))
        ends = (step.start, step.end, step.low, step.high, step.modest)
        written.append((max(end for end in ends if end is not None), text))
    written.append((then, level_in_words(found, ATTAINABLE, ENGLISH, now=False)))
    for row, (end, text) in enumerate(written):
        axes.text(end * scale + gap, row, text, va="center", fontsize=9)


def _legend(axes: Axes, found: "Explanation", steps: list[Step]) -> None:
    """Say what the marks mean that are there."""
    better = better_of(found.question.outcome)
    used = {style.judged(step.end - step.start, better, step.apart)[0] for step in steps}
    bars = {
        style.BLUE: Patch(facecolor=style.BLUE, label="lost to a barrier"),
        style.VERMILION: Patch(
            facecolor=style.VERMILION, edgecolor="white", hatch="///", label="better with it"
        ),
        style.TEXT: Patch(facecolor=style.TEXT, label="changed by a barrier"),
        style.GREY: Patch(facecolor="white", edgecolor=style.GREY, label="not told from 0"),
    }
    handles: list[Any] = [bar for colour, bar in bars.items() if colour in used]
    pen: dict[str, Any] = {"color": style.TEXT, "markerfacecolor": "white"}
    if any(step.low is not None for step in steps):
        handles.append(Line2D([], [], marker="|", label="95 %, all together", **pen))
    if any(step.modest is not None for step in steps):
        label = f"by the {DEFINITIONS[MODEST]}"
        handles.append(Line2D([], [], marker="D", linestyle="", markersize=5, label=label, **pen))
    if handles:
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0),
            ncols=len(handles), fontsize=8, frameon=False,
        )  # fmt: skip


def _notes(found: "Explanation") -> list[str]:
    """Return how to read the figure."""
    barriers = found.main.barriers
    missing = [one.barrier.name for one in barriers.values() if not one.barrier.there]
    read = (
        f"In this model. Each barrier is moved to what is attainable ({DEFINITIONS[ATTAINABLE]} of "
        "the prior), in every combination with the others; a bar is its Shapley value. The "
        f"diamond is where it would end by the {DEFINITIONS[MODEST]}."
    )
    notes = [f"{read} {ENGLISH.say('why.shared')}" if found.shared else read]
    if kind_and_unit(found.question.outcome)[0] == "time":
        notes.append(f"'Never' counts as week {found.weeks}.")
    if found.question.replicates == 1:
        notes.append("One run: no intervals. Another seed gives another picture.")
    return notes + ([f"Not there, and so 0: {listed(missing, ENGLISH)}."] if missing else [])


def _facts(found: "Explanation") -> list[str]:
    question = found.question
    return [
        f"{question.scenario.title} ({question.scenario.name})",
        f"n = {count(len(question.points), 'combination')}, R = {question.replicates:,}",
        f"{count(found.weeks, 'week')}",
        f"seed {question.seed}",
    ]
