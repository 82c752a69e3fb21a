"""The headline figure: the whole variance of a single run, split into parts that sum to 100 %.

Factors alone, what they do together, what differs between organisations, and chance within them.
"""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from sim.experiment.numbers import count
from sim.experiment.sensitivity.jackknife import Interval
from sim.plots import style
from sim.plots.sensitivity.shown import WIDTH, Shown, finish, percent, precision

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.sensitivity.indices import Indices

SMALL = 0.03
"""Share of the variance below which factors are pooled."""
MOST_BARS = 8

_FOOT = 0.58
"""Where a bar begins, in the height of its panel; below it is room for names."""
_UNCLEAR = "#E4E4E4"
_KINDS: dict[str, tuple[Any, str]] = {
    "factor": (style.BLUE, ""),
    "others": ("#A9CDE6", ""),
    "together": (style.VERMILION, "///"),
    "between": (style.GREEN, "..."),
    "chance": ("#BFE3D7", ""),
}
"""Colour and hatch of the parts."""
_SIZE, _MOST_LINES, _NARROW = 8.5, 3, 13
"""Of text in a bar, and letters of a line below it."""
_INCHES = WIDTH - 0.3
"""Length of a whole bar, about."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the variance of a single run, with its interval (NaN: unknown, as of a pool).

    ``kind`` is factor, others, together, between or chance; ``members`` are the factors in it.
    """

    kind: str
    members: tuple[str, ...]
    value: float
    low: float
    high: float
    clear: bool

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2.0


def parts_of(indices: "Indices", k: int) -> list[Part]:
    """Return the parts of an outcome: factors, the largest first, pools, together, chance.

    They sum to 1. Small factors are pooled, apart from those that cannot be told apart from 0.
    """
    found = indices.table.parts[:, k]
    single = [_part("factor", (name,), found[g]) for g, name in enumerate(indices.names)]
    single.sort(key=lambda part: -part.value)
    parts = [part for part in single if part.value >= SMALL]
    for clear in (True, False):
        pool = [part for part in single if part.value < SMALL and part.clear == clear]
        if len(pool) == 1:
            parts.append(pool[0])
        elif pool:
            members = tuple(part.members[0] for part in pool)
            total = float(sum(part.value for part in pool))
            parts.append(Part("others", members, total, np.nan, np.nan, clear))
    parts.append(_part("together", (), found[-2]))
    split = indices.split
    if split is None or not np.isfinite(split.between.value[k]):  # there may be no chance to split
        return [*parts, _part("chance", (), found[-1])]
    between, within = split.between[k], split.within[k]
    return [*parts, _part("between", (), between), _part("chance", (), within)]


def drivers_figure(shown: Shown) -> Figure:
    """Return a bar for each outcome (eight at most): what drives it, 100 % in all."""
    indices = shown.indices
    assert indices is not None
    many = min(len(indices.outcomes), MOST_BARS)
    with style.styled():
        figure = Figure(figsize=(WIDTH, 0.9 + 1.36 * many), layout="constrained")
        grid = figure.subplots(many, 1, squeeze=False, sharex=True)
        for k, axes in enumerate(grid[:, 0]):
            drivers(axes, shown, indices, k)
        grid[-1, 0].set_xlabel("share of the variance of a single run")
        grid[-1, 0].tick_params(labelbottom=True, bottom=True)
        grid[-1, 0].spines["bottom"].set_visible(True)
        one = shown.inside(indices.outcomes[0]) if many == 1 else "each outcome"
        finish(figure, shown, f"What drives {one}", _notes(shown, indices), indices)
    return figure


def drivers_data(shown: Shown) -> "pd.DataFrame":
    """Return a row for each part that is drawn: outcome, kind, members, share, interval, clear."""
    import pandas as pd

    assert shown.indices is not None
    rows = [
        (name, part.kind, " ".join(part.members), part.value, part.low, part.high, part.clear)
        for k, name in enumerate(shown.indices.outcomes)
        for part in parts_of(shown.indices, k)
    ]
    columns = ["outcome", "part", "factors", "share", "ci_low", "ci_high", "distinguishable"]
    return pd.DataFrame(rows, columns=columns)


def drivers(axes: Axes, shown: Shown, indices: "Indices", k: int) -> Axes:
    """Draw the bar of an outcome."""
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.0f} %")
    axes.tick_params(labelbottom=False, bottom=False)
    axes.set_title(shown.outcome(indices.outcomes[k]), fontsize=10, pad=3)
    parts = parts_of(indices, k)
    if not np.isfinite([part.value for part in parts]).all():
        axes.text(0.0, 0.8, "undefined: there is no variance to split", va="top")
        return axes
    widths = np.maximum([part.value for part in parts], 0.0)
    widths = widths / widths.sum()
    hidden = [_one_line(shown, part) for part in parts if part.value <= 0.0]
    if hidden:
        text = f"not drawn: {', '.join(hidden)}"
        axes.text(1.0, 1.03, text, ha="right", va="bottom", fontsize=8)
    below = []
    for part, width, end in zip(parts, widths, np.cumsum(widths), strict=True):
        if width > 0.0:
            text = _bar(axes, shown, part, float(end - width), float(width))
            below += [(float(end - width / 2.0), text)] if text else []
    _name_below(axes, below)
    return axes


def _part(kind: str, members: tuple[str, ...], one: Interval) -> Part:
    clear = not bool(one.not_above_zero)
    return Part(kind, members, float(one.value), float(one.low), float(one.high), clear)


def _bar(axes: Axes, shown: Shown, part: Part, left: float, width: float) -> str:
    """Draw a part with its name in it; return the name if there is no room."""
    colour, hatch = _KINDS[part.kind]
    colour = colour if part.clear else _UNCLEAR
    with mpl.rc_context({"hatch.linewidth": 0.7, "hatch.color": "white"}):
        box = Rectangle((left, _FOOT), width, 1.0 - _FOOT, hatch=hatch, clip_on=False)
        box.set(facecolor=colour, edgecolor="white", linewidth=1.2)
        axes.add_patch(box)
    text = _fitting(shown, part, width * _INCHES)
    if text is None:
        return "\n".join(_lines(shown, part, _NARROW))
    red, green, blue = to_rgb(colour)
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45
    axes.text(
        left + width / 2.0, (1.0 + _FOOT) / 2.0, text, ha="center", va="center", fontsize=_SIZE,
        color="white" if dark else style.TEXT, linespacing=1.1,
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
    return ""


def _name(shown: Shown, part: Part) -> str:
    if part.kind == "factor":
        return shown.factor(part.members[0])
    if part.kind == "others" and part.clear and len(part.members) == 2:
        return " and ".join(shown.factor(name) for name in part.members)
    if part.kind == "others":
        return f"{count(len(part.members), 'factor')}, {'small' if part.clear else 'unclear'}"
    return {"together": "interactions", "between": "between organisations"}.get(
        part.kind, "chance within" if shown.indices and shown.indices.split else "chance"
    )


def _one_line(shown: Shown, part: Part) -> str:
    return f"{_name(shown, part)} {percent(part.value, part.half)}"


def _lines(shown: Shown, part: Part, letters: int) -> list[str]:
    name = _name(shown, part)
    return [*textwrap.wrap(name, letters, break_long_words=False), percent(part.value, part.half)]


def _fitting(shown: Shown, part: Part, inches: float) -> str | None:
    """Return the name and value of a part on three lines at most, None if that is too wide."""
    for letters in (40, 24, 18, 14, 11, 8):
        lines = _lines(shown, part, letters)
        if len(lines) <= _MOST_LINES and max(map(_width, lines)) < inches - 0.1:
            return "\n".join(lines)
    return None


def _width(text: str) -> float:
    """Return the width of a text in inches."""
    return float(TextPath((0.0, 0.0), text, size=_SIZE).get_extents().width) / 72.0


def _name_below(axes: Axes, names: list[tuple[float, str]]) -> None:
    """Write names under narrow parts, moved apart, with lines to them."""
    if not names:
        return
    gap = (max(_width(line) for _, text in names for line in text.split("\n")) + 0.12) / _INCHES
    # `spread` moves falling numbers apart.
    places = style.spread([at for at, _ in names[::-1]], gap, gap / 2.0, 1.0 - gap / 2.0)[::-1]
    for (at, text), place in zip(names, places, strict=True):
        axes.plot(
            [at, at, place, place], [_FOOT, _FOOT - 0.04, _FOOT - 0.09, _FOOT - 0.11],
            color=style.GREY, linewidth=0.8, clip_on=False,
        )  # fmt: skip
        axes.text(place, _FOOT - 0.12, text, ha="center", va="top", fontsize=8, linespacing=1.05)


def _notes(shown: Shown, indices: "Indices") -> list[str]:
    notes = [
        "Blue: what a factor does alone, whatever the others are; pale blue: small ones together.",
        "Orange, striped: what factors only do together. Green: chance",
    ]
    if indices.split is None:
        notes[-1] += ", the same inputs run again."
    else:
        notes[-1] += "; dotted, how organisations with the same inputs differ; plain, the rest."
    notes.append("Grey: cannot be told apart from 0.")
    notes.append(precision("the parts", indices.table.parts))
    known = [part for k in range(len(indices.outcomes)) for part in parts_of(indices, k)]
    if any(part.value < 0.0 for part in known):
        notes.append("What is estimated below 0 has no width; the rest is drawn to 100 %.")
    if len(indices.outcomes) > MOST_BARS:
        notes.append(f"{MOST_BARS} of {len(indices.outcomes)} outcomes are shown.")
    return notes
