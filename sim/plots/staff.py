"""Cost against uptake of the finalists: which are undominated, which do, which one was chosen."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiment.staff.judging import NO, YES, Judged
from sim.experiment.staff.search import LIKELY
from sim.experiment.staff.sentences import goal, in_labels, in_settings, sentences
from sim.experiment.units import is_share, scale_of
from sim.experiment.words import Words, words_of
from sim.plots import style

if TYPE_CHECKING:
    from sim.experiment.staff.found import Staffing

_LETTERS = 150
"""Letters of a line of the caption."""

MARKS = {YES: (style.BLUE, "o"), "open": (style.GREEN, "D"), NO: (style.VERMILION, "s")}
LETTERS = "ABCDEFGHIJKLMNOP"
"""Names of plans in the figure, the cheapest first."""

APART = 0.045
"""Parts of both axes within which a second plan gets no letter."""


def staff_figure(found: "Staffing", words: Words | None = None) -> Figure:
    """Return the figure: a point for each finalist, with its membership of the Pareto set.

    Without ``words`` it is in English.
    """
    words = words or words_of("en")
    with style.styled():
        figure = Figure(figsize=(9.6, 5.0), layout="constrained")
        axes = figure.subplots()
        pareto(axes, found, words)
        _legend(axes, found, words)
        lines = [line for note in _notes(found, words) for line in textwrap.wrap(note, _LETTERS)]
        title = words.say("plot.staff", goal=goal(found, words))
        style.finish(figure, title, _facts(found, words), found.label, found.result or None, lines)
    return figure


def pareto(axes: Axes, found: "Staffing", words: Words) -> Axes:
    """Draw the finalists by mean cost and mean outcome, with their intervals."""
    share = is_share(found.unit)
    scale = scale_of(found.unit)
    for one in sorted(found.by_cost, key=lambda one: one.member):
        _point(axes, found, one, scale)
    members = _members(found)
    for letter, one in _lettered(found).items():
        axes.annotate(
            letter, (one.cost.mean, found.uptake(one)[0] * scale), (6, 9),
            textcoords="offset points", weight="bold", zorder=5,
        )  # fmt: skip
    path = [(one.cost.mean, found.uptake(one)[0] * scale) for one in members]
    if len(path) > 1:
        x, y = np.array(path).T
        axes.step(x, y, where="post", color=style.GREY, linewidth=0.9, linestyle=":", zorder=1)
    budget = found.question.aim.budget
    if budget is not None:
        axes.axvline(budget, color=style.TEXT, linewidth=1.0, linestyle="--", zorder=1)
    axes.margins(x=0.08, y=0.12)
    axes.grid(color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(words.say("plot.cost", by=found.question.by, currency=found.currency))
    outcome = words.outcome(found.question.scenario, found.question.target.outcome).lower()
    axes.set_ylabel(f"{outcome} ({'%' if share else words.unit(found.unit)})")
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    return axes


def write_staff_figures(found: "Staffing", folder: Path) -> list[Path]:
    """Write the figure as PNG and SVG with its data; return the files. Raises DiskError."""
    return style.save_figure(staff_figure(found), folder, "staff", found.frame())


def _point(axes: Axes, found: "Staffing", one: Judged, scale: float) -> None:
    """Draw a plan: colour and shape say whether it does, the size how surely undominated."""
    mean, low, high = found.uptake(one)
    x, y, (colour, marker) = one.cost.mean, mean * scale, MARKS[one.does]
    if low is not None and high is not None:
        axes.plot([x, x], [low * scale, high * scale], color=colour, linewidth=0.8, alpha=0.6)
    if one.cost.low is not None and one.cost.high is not None:
        axes.plot([one.cost.low, one.cost.high], [y, y], color=colour, linewidth=0.8, alpha=0.6)
    face = colour if one.member >= LIKELY else "white"
    axes.plot(
        x, y, marker, markersize=4.0 + 6.0 * one.member, markerfacecolor=face,
        markeredgecolor=colour, zorder=3,
    )  # fmt: skip
    if one.place == found.verdict.chosen:
        pen: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": style.TEXT}
        axes.plot(x, y, "o", markersize=16, zorder=4, **pen)


def _legend(axes: Axes, found: "Staffing", words: Words) -> None:
    """Say what the marks mean that are there."""
    used = {one.does for one in found.verdict.plans}
    handles = [
        Line2D([], [], marker=marker, linestyle="", color=colour, label=words.say(f"plot.{does}"))
        for does, (colour, marker) in MARKS.items()
        if does in used
    ]
    hollow: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": style.TEXT}
    handles.append(
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            markersize=11,
            label=words.say("staff.named"),
            **hollow,
        )
    )
    handles.append(
        Line2D([], [], linestyle=":", color=style.GREY, label=words.say("plot.undominated"))
    )
    if found.question.aim.budget is not None:
        handles.append(
            Line2D([], [], linestyle="--", color=style.TEXT, label=words.say("plot.budget"))
        )
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(handles),
        fontsize=8, frameon=False,
    )  # fmt: skip


def _members(found: "Staffing") -> list[Judged]:
    """Return the finalists that are likely undominated, the cheapest first."""
    return [one for one in found.by_cost if one.member >= LIKELY]


def _lettered(found: "Staffing") -> dict[str, Judged]:
    """Return the plans with letters: the one named, the own one and members far enough apart."""
    every = [(one.cost.mean, found.uptake(one)[0]) for one in found.by_cost]
    span = np.ptp(np.array(every), axis=0)
    chosen: list[Judged] = []
    for one in (found.chosen, found.own, *_members(found)):
        at = np.array([one.cost.mean, found.uptake(one)[0]])
        gaps = [np.abs(at - (other.cost.mean, found.uptake(other)[0])) for other in chosen]
        if all((gap > APART * span).any() for gap in gaps):
            chosen.append(one)
    return dict(zip(LETTERS, sorted(chosen, key=lambda one: one.cost.mean), strict=False))


def _notes(found: "Staffing", words: Words) -> list[str]:
    """Return how to read the figure: the answer first."""
    confidence = words.decimal(f"{found.question.aim.confidence * 100.0:g}")
    read = words.say("plot.read", confidence=confidence, likely=f"{LIKELY * 100.0:.0f}")
    plans = "; ".join(f"{key}: {_name(found, one, words)}" for key, one in _lettered(found).items())
    return [sentences(found, words, lambda one: _name(found, one, words))[0], read, f"{plans}."]


def _name(found: "Staffing", one: Judged, words: Words) -> str:
    """Return a plan as settings in English, in the words of its inputs in another language."""
    return (in_settings if words.language == "en" else in_labels)(found, one, words)


def _facts(found: "Staffing", words: Words) -> list[str]:
    question = found.question
    return [
        f"{question.scenario.title} ({question.scenario.name})",
        words.say(
            "plot.of",
            finalists=len(found.finalists),
            plans=words.count(question.space.count, "plan"),
        ),
        f"R = {question.replicates:,}",
        f"seed {question.seed}",
    ]
