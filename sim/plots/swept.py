"""What figures of a sweep share: an outcome at every point, factors as people read them, captions.

Which figure suits which study is decided in `sim.plots.sweep`.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.experiment.design.designs import own_value
from sim.experiment.doubt.grouped import Grouped, grouped
from sim.experiment.numbers import count, number
from sim.experiment.points_summary import Estimates, estimates, horizon, run_values
from sim.experiment.units import better_of, is_share, label_of, lowered, shown_unit
from sim.outcomes import kind_and_unit
from sim.parameters import outcomes
from sim.plots import style

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.store.stored import Stored

Floats = NDArray[np.float64]

WIDTH = 9.6
"""Inches of a figure that fills a page."""
NARROW = 7.2
"""Inches of a figure with one panel."""

HALF = 0.5
"""Share of runs below which a mean time says more of the horizon than of the event."""

ONE_RUN = "One run a point: no intervals. Another seed gives another picture."
LUCK = "Points share their luck, so differences between them are surer."

_LETTERS, _TITLE, _AXIS = 16.0, 9.0, 14.5
"""Letters of a caption's, a title's and an axis label's size on an inch."""


@dataclass(frozen=True, slots=True, eq=False)
class Varied:
    """A factor that differs between points.

    ``values`` (points,) are those of the plan, ``levels`` the different ones: numbers rising,
    choices in the order in which they come. ``own`` is the scenario's own value, None for
    attention that changes over the weeks.
    """

    name: str
    label: str
    unit: str
    values: NDArray[Any]
    levels: tuple[Any, ...]
    own: Any

    @property
    def numeric(self) -> bool:
        """Whether its levels are numbers."""
        return self.values.dtype.kind in "fi"

    @property
    def holds_own(self) -> bool:
        """Whether the scenario's own value lies within the levels, which are numbers."""
        return self.own is not None and bool(self.levels[0] <= self.own <= self.levels[-1])

    @property
    def title(self) -> str:
        """Its label, with the unit if that says more."""
        unit = self.unit.removeprefix("share").strip() if self.share else self.unit
        return f"{self.label} ({unit})" if self.numeric and unit not in ("", "-") else self.label

    @property
    def share(self) -> bool:
        """Whether it is shown as per cent."""
        return is_share(self.unit)

    def text(self, level: Any) -> str:
        """Return a level as people read it."""
        if isinstance(level, bool | np.bool_):
            return "on" if level else "off"
        if not self.numeric:
            return str(level)
        return f"{level * 100:.4g} %" if self.share else f"{level:,.6g}"

    def at(self, level: Any) -> str:
        """Return the factor with a level, as the title of a panel."""
        return f"{self.label}{',' if ':' in self.label else ':'} {self.text(level)}"

    def where(self, level: Any) -> NDArray[np.bool_]:
        """Return at which points it has a level, (points,)."""
        return np.asarray(self.values == level)


@dataclass(frozen=True)
class View:
    """One outcome of a sweep, at every point; ``factors`` are those that vary."""

    stored: "Stored"
    name: str
    factors: tuple[Varied, ...]

    @cached_property
    def found(self) -> Estimates:
        """The outcome's mean at each point, with its interval."""
        return estimates(self.stored, self.name)

    @cached_property
    def runs(self) -> Floats:
        """The outcome in each run, (runs,), NaN = undefined."""
        return run_values(self.stored, self.name)

    @property
    def label(self) -> str:
        """The outcome in words."""
        return label_of(self.stored.plan.base, self.name)

    @property
    def kind(self) -> str:
        """Kind of the outcome: share, mean, amount, time or ratio."""
        return kind_and_unit(self.name)[0]

    @property
    def share(self) -> bool:
        """Whether the outcome is shown as per cent."""
        return self.unit == "share"

    @property
    def unit(self) -> str:
        """Unit of the outcome, money in the scenario's currency."""
        return shown_unit(kind_and_unit(self.name)[1], self.stored.plan.base.currency)

    @property
    def better(self) -> str:
        """Which direction is wanted: higher, lower or neither."""
        return better_of(self.name)

    @property
    def horizon(self) -> int:
        """The last week simulated."""
        return horizon(self.stored.plan)

    @property
    def rare(self) -> NDArray[np.bool_]:
        """Points at which a time is reached in less than half of the runs; shape (points,)."""
        return np.asarray(self.found.share_reached < HALF)

    @property
    def yes_or_no(self) -> bool:
        """Whether each run says yes or no, so that only means are of interest."""
        known = self.runs[np.isfinite(self.runs)]
        return bool(np.all((known == 0.0) | (known == 1.0)))

    @property
    def scale(self) -> float:
        """What values of the outcome are multiplied with to be shown."""
        return 100.0 if self.share else 1.0

    def text(self, value: float, digits: int = 0) -> str:
        """Return a value of the outcome as people read it."""
        return f"{number(value * 100, digits)} %" if self.share else number(value, digits)

    def frame(self, points: NDArray[np.int64] | None = None) -> "pd.DataFrame":
        """Return a row for each of some points (None: all): factors, mean, interval, n."""
        import pandas as pd

        at = np.arange(self.stored.plan.count) if points is None else points
        columns: dict[str, Any] = {"point": at}
        columns |= {one.name: one.values[at] for one in self.factors}
        columns |= {key: getattr(self.found, key)[at] for key in ("mean", "ci_low", "ci_high", "n")}
        if self.kind == "time":
            columns["share_reached"] = self.found.share_reached[at]
        return pd.DataFrame(columns)


def view_of(stored: "Stored", name: str) -> View:
    """Return an outcome of a sweep ready to be drawn; KeyError for one that was not kept.

    Over draws of the rules the points are the study's, and pairs of draws are the runs.
    """
    stored = grouped(stored)
    if name not in stored.plan.outcomes:
        raise KeyError(name)
    said = {one["name"]: one for one in stored.manifest["study"].get("factors", ())}
    factors = []
    for factor, values in stored.plan.points.items():
        levels = _levels(values)
        if len(levels) > 1:
            one = said.get(factor, {"label": factor, "unit": "-"})
            own = own_value(factor, stored.plan.base)
            factors.append(Varied(factor, one["label"], one["unit"], values, levels, own))
    return View(stored, name, tuple(factors))


def _levels(values: NDArray[Any]) -> tuple[Any, ...]:
    distinct, first = np.unique(values, return_index=True)
    if values.dtype.kind not in "fi":
        distinct = distinct[np.argsort(first)]
    return tuple(distinct.tolist())


def titled(view: View, factors: Sequence[Varied]) -> str:
    """Return the outcome and the factors it is drawn over, as a title."""
    names = [lowered(one.label) for one in factors]
    by = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{view.label} by {by}" if names else view.label


def finish(figure: Figure, view: View, title: str, notes: Sequence[str]) -> Figure:
    """Give a figure its title, and a caption on how to read it and where it comes from.

    A title that is too long is the outcome's name alone. The figure grows by as much as the
    caption needs.
    """
    width = float(figure.get_size_inches()[0])
    title = title if len(title) <= _TITLE * width else view.label
    letters = int(_LETTERS * width)
    plan, entry = view.stored.plan, outcomes().get(view.name)
    said = [f"{view.label}: {lowered(entry.definition)}"] if entry else []
    said += [*notes, *_times(view), *_failures(view), *_rules(view)]
    lines = textwrap.wrap(" ".join(said), letters, break_on_hyphens=False)
    facts = [f"{_points(view)}", f"seed {plan.seed}"]
    rest = len(" · ".join(facts)) + 50  # version and result are added to the line
    study = view.stored.manifest["study"].get("title", plan.base.title)
    facts = [textwrap.shorten(study, max(20, letters - rest), placeholder=" ..."), *facts]
    stored = view.stored
    return style.finish(figure, title, facts, stored.manifest["label"], stored.result, lines)


def _points(view: View) -> str:
    plan, stored = view.stored.plan, view.stored
    low, high = int(plan.replicates.min()), int(plan.replicates.max())
    each = count(low, "run") if low == high else f"{low:,} to {high:,} runs"
    if isinstance(stored, Grouped):
        each = f"{count(stored.shape.runs, 'run')} over {stored.shape.draws:,} draws"
    many = int(plan.base.values["organisations"])
    of = (
        f" of {count(many, 'organisation')}"
        if many > 1 and "organisations" not in plan.points
        else ""
    )
    return f"{count(plan.count, 'point')} of {each}{of}"


def _rules(view: View) -> list[str]:
    """Say over which draws of the rules the points were run."""
    over = view.stored.plan.study.get("posterior")
    return [] if over is None else [f"Draws of the rules: posterior {over['id']}."]


def _times(view: View) -> list[str]:
    """Say how events that did not happen were counted."""
    if view.kind != "time":
        return []
    reached = view.found.share_reached
    if np.nanmax(reached, initial=0.0) == 0.0:
        return [f"It never happens within {count(view.horizon, 'week')}, in any run."]
    if np.nanmin(reached, initial=1.0) == 1.0:
        return []
    fewest, most = _percent(np.nanmin(reached)), _percent(np.nanmax(reached))
    share = fewest if fewest == most else f"{fewest} to {most}"
    said = f"{share} of the runs of a point get there"
    return [f"Runs in which it never happens count as week {view.horizon}, the last one: {said}."]


def _percent(share: float) -> str:
    return f"{number(share * 100, 0)} %"


def _failures(view: View) -> list[str]:
    many = len(view.stored.failed)
    verb = "is" if many == 1 else "are"
    return [f"{count(many, 'run')} failed and {verb} left out."] if many else []


def precision(view: View, at: NDArray[Any] | None = None) -> str:
    """Say how wide the intervals of the means are, at the points that are shown."""
    found = view.found
    half = (found.ci_high - found.ci_low)[slice(None) if at is None else at] / 2.0
    half = half[np.isfinite(half)]
    if not half.size:
        return ONE_RUN
    middle, widest = float(np.median(half)) * view.scale, float(half.max()) * view.scale
    unit = "percentage points" if view.share else view.unit
    digits = 0 if widest >= 2 else 1
    said = f"±{number(middle, digits)} {unit} (median), at most ±{number(widest, digits)}"
    return f"95 % intervals of the means: {said}. {LUCK}"


def flat(view: View, at: NDArray[Any]) -> str:
    """Return what to say of an outcome that is the same at some points, else nothing."""
    mean = view.found.mean[at]
    known = mean[np.isfinite(mean)]
    if not known.size:
        return "undefined at every point"
    if view.kind == "time" and not np.nansum(view.found.share_reached[at]):
        return "never, at any point"
    if known.size == mean.size and np.ptp(known) <= 1e-9 * max(1.0, abs(float(known[0]))):
        return f"{view.text(float(known[0]))} at every point"
    return ""


def value_axis(axes: Axes, view: View, *, label: bool = True) -> None:
    """Prepare a vertical axis for the outcome."""
    if view.share:
        style.share_axis(axes)
        return
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_ylabel(view.unit if label else "")


def name_ends(axes: Axes, x: float, ends: Sequence[tuple[float, str, str]], gap: float) -> None:
    """Write names at the right ends (height, name, colour) of lines, moved apart.

    ``gap`` is the distance of two names, in shares of the axes' height.
    """
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    ordered = sorted(ends, key=lambda end: -end[0])
    heights = style.spread([(at - low) / (high - low) for at, _, _ in ordered], gap, 0.0, 1.0)
    for (at, text, colour), height in zip(ordered, heights, strict=True):
        axes.annotate(
            text,
            xy=(x, at),
            xytext=(right + 0.04 * (right - left), low + height * (high - low)),
            va="center",
            fontsize=8,
            parse_math=False,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.8,
                "shrinkA": 1,
                "shrinkB": 2,
                "relpos": (0, 0.5),
            },
        )


def factor_axis(axes: Axes, factor: Varied, *, vertical: bool = False, most: int = 6) -> None:
    """Put a numeric factor on an axis, with about so many ticks."""
    axis = axes.yaxis if vertical else axes.xaxis
    whole = factor.values.dtype.kind == "i"
    axis.set_major_locator(MaxNLocator(most, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: factor.text(round(value, 9))))


def wrapped(text: str, inches: float) -> str:
    """Return a label of an axis that long on as many lines as it needs."""
    return "\n".join(textwrap.wrap(text, max(10, int(_AXIS * inches))))


def panels(factor: Varied, most: int = 9) -> tuple[Any, ...]:
    """Return at most so many levels of a factor to make panels of, evenly spread with both ends."""
    if len(factor.levels) <= most:
        return factor.levels
    places = np.round(np.linspace(0, len(factor.levels) - 1, most)).astype(int)
    return tuple(factor.levels[place] for place in places)


def nothing(axes: Axes, text: str) -> None:
    """Write across empty axes why there is nothing to see."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=style.TEXT)
