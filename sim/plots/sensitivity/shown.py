"""What figures of a sensitivity analysis are drawn from, and what all of them have in common.

Marks mean the same in all of them: blue is a factor alone, orange what it does with others, green
chance, and hollow grey what cannot be told apart from 0. None of it rests on colour alone.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiment.numbers import count, number
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.words import CAVEAT
from sim.experiment.units import is_share, lowered, scale_of
from sim.outcomes import LABEL
from sim.plots import style

if TYPE_CHECKING:
    from sim.experiment.sensitivity.indices import Indices
    from sim.experiment.sensitivity.response import Response
    from sim.experiment.sensitivity.salib import Morris, Pawn

WIDTH = 9.6
"""Inches of a figure that fills a page."""

MOST_ROWS = 30
"""Factors up to which all get a row; of more, those with the largest effects."""

PENS: tuple[tuple[str, Any], ...] = (
    (style.BLUE, "-"),
    (style.VERMILION, (0, (5, 1.5))),
    (style.GREEN, (0, (7, 1.5, 1.5, 1.5))),
    (style.BLUE, (0, (1.2, 1.2))),
    (style.VERMILION, (0, (1.2, 1.2))),
)
"""Colour and dashes of the lines of the leading factors: as many as can be told apart."""

UNCLEAR = "not distinguishable from 0"

_LETTERS = 16.0
"""Letters of a caption on an inch."""


@dataclass(frozen=True, slots=True)
class Words:
    """A factor or an outcome as people read it; unit "share" is shown as per cent."""

    label: str
    unit: str = "-"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A sensitivity analysis with the words for it.

    Args:
        title: of the study.
        outcomes: words for outcomes by name; the order is that of ``morris`` and ``pawn``.
        factors: words for factors and groups by name; a name without words stands for itself.
        runs: of the whole analysis.
        seed: of points and runs.
        label: of the results: what has to be said beside every number.
        result: id of the sealed result, if there is one.
        indices: those of the outcomes at the end.
        weekly: indices with weeks (``Indices.weekly``), if analysed apart; labels as ``outcomes``.
        weeks: numbers of the weeks of weekly indices; counted from 1 if not given.
        stages: the indices again after fewer scrambles, by rising number.
        ranges: the indices over other ranges with the words for these, narrow to wide, with the
            study's own among them.
        responses: the mean outcomes over slices of the factors.
        levels: the levels of factors that are no numbers, in words.
        morris: Morris' measures.
        pawn: PAWN's distances.
        replicates: of each point, where there are no ``indices`` to tell.
        groups: members of groups of factors that change together.
        notes: sentences for the caption of every figure, such as where ranges come from.

    """

    title: str
    outcomes: Mapping[str, Words]
    factors: Mapping[str, Words]
    runs: int
    seed: int
    label: str = LABEL
    result: str | None = None
    indices: "Indices | None" = None
    weekly: "Indices | None" = None
    weeks: Sequence[int] = ()
    stages: Sequence["Indices"] = ()
    ranges: Sequence[tuple[str, "Indices"]] = ()
    responses: Sequence["Response"] = ()
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    morris: "Morris | None" = None
    pawn: "Pawn | None" = None
    replicates: int | None = None
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def factor(self, name: str) -> str:
        """Return a factor or group in words."""
        return self.factors[name].label if name in self.factors else name

    def outcome(self, name: str) -> str:
        """Return an outcome in words."""
        return self.outcomes[name].label if name in self.outcomes else name

    def inside(self, name: str) -> str:
        """Return an outcome in words, inside a sentence."""
        return lowered(self.outcome(name))

    def unit(self, name: str) -> str:
        """Return the unit of an outcome, shares in percentage points; nothing for none."""
        unit = self.outcomes[name].unit if name in self.outcomes else "-"
        if is_share(unit):
            return "percentage points"
        return "" if unit == "-" else unit

    def scale(self, name: str) -> float:
        """Return what values of an outcome are multiplied with to be in its unit."""
        return scale_of(self.outcomes[name].unit) if name in self.outcomes else 1.0


def pawn_of(shown: Shown) -> "Pawn":
    """Return PAWN's distances of an analysis that has them, as its figures do."""
    assert shown.pawn is not None
    return shown.pawn


def finish(
    figure: Figure, shown: Shown, title: str, notes: Sequence[str], indices: "Indices | None" = None
) -> Figure:
    """Give a figure its title, and a caption on how to read it and where it comes from.

    ``indices`` are those it shows, for the size of the analysis. The figure grows by as much as
    the caption needs.
    """
    width = float(figure.get_size_inches()[0])
    title = textwrap.fill(title, int(8.3 * width))
    letters = int(_LETTERS * width)
    said = [*notes, *shown.notes, CAVEAT]
    wrapped = textwrap.wrap(" ".join(said), letters, break_on_hyphens=False)
    facts = [*_size(shown, indices), f"seed {shown.seed}"]
    rest = len(" · ".join(facts)) + 45  # version and result are added to the line
    facts.insert(0, textwrap.shorten(shown.title, max(20, letters - rest), placeholder=" ..."))
    return style.finish(figure, title, facts, shown.label, shown.result, wrapped)


def _size(shown: Shown, indices: "Indices | None") -> list[str]:
    replicates = shown.replicates if indices is None else indices.replicates
    facts = [count(shown.runs, "run")]
    if indices is not None:
        facts = [f"{count(indices.scrambles, 'scramble')} of {indices.n:,} lines", *facts]
    return facts if replicates is None else [*facts, f"{count(replicates, 'replicate')}"]


def percent(value: float, half: float = np.nan) -> str:
    """Return a share as per cent, with half its interval: ``38 ± 3 %``."""
    digits = 1 if 0.0005 <= abs(value) < 0.0095 else 0
    if not half >= 0.0005:  # also where there is none
        return f"{number(value * 100, digits)} %"
    digits = 0 if half >= 0.0095 else 1
    return f"{number(value * 100, digits)} ± {number(half * 100, digits)} %"


def precision(what: str, found: Interval) -> str:
    """Say how wide intervals are; ``what`` they are of."""
    half = found.half_width[np.isfinite(found.half_width)]
    if not half.size:
        return "One scramble: no intervals, so nothing can be told apart from 0."
    middle, widest = float(np.median(half)) * 100, float(half.max()) * 100
    digits = [0 if half >= 2 else 1 for half in (middle, widest)]
    said = f"±{number(middle, digits[0])} (median), at most ±{number(widest, digits[1])}"
    return f"95 % intervals of {what}: {said} percentage points."


def shares_axis(axes: Axes, *, vertical: bool = False, most: int = 6) -> None:
    """Show an axis of shares of variance as per cent."""
    axis = axes.yaxis if vertical else axes.xaxis
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(value * 100, 0)} %"))
    axes.grid(axis="y" if vertical else "x", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def name_rows(axes: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    """Name rows at the left, the first at the top."""
    axes.set_ylim(max(places, default=0.0) + 0.7, min(places, default=0.0) - 0.7)
    axes.set_yticks(list(places), list(names))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def dot(
    axes: Axes, at: tuple[float, float], ends: tuple[float, float], colour: str, marker: str,
    *, clear: bool = True, vertical: bool = False,
) -> None:  # fmt: skip
    """Draw a value at (x, y) with its interval; hollow and grey where it is not ``clear``."""
    ink = colour if clear else style.GREY
    line: Any = ([at[0], at[0]], ends) if vertical else (ends, [at[1], at[1]])
    if np.isfinite(ends).all():
        axes.plot(*line, color=ink, linewidth=1.8, solid_capstyle="butt", zorder=2)
    face = ink if clear else "white"
    axes.plot(
        *at, marker, markersize=6.2, markerfacecolor=face, markeredgecolor=ink, zorder=3,
        clip_on=False,
    )  # fmt: skip


def leading(found: Interval, most: int) -> list[int]:
    """Return the places of the largest effects (groups,) that stand out from 0, largest first."""
    order = [int(i) for i in np.argsort(-np.nan_to_num(found.value, nan=-1.0), kind="stable")]
    return [i for i in order if not found.not_above_zero[i]][:most]
