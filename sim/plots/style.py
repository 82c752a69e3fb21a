"""What all figures share: colours, type, the caption that says where a figure comes from, saving.

No pyplot: figures are objects of their own, so that they can be made on any thread and server.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from sim.experiment.numbers import count
from sim.experiment.store.files import write_file
from sim.experiment.store.folder import version_of
from sim.experiment.units import labelled

if TYPE_CHECKING:
    import pandas as pd

    from sim.simulate import Result

BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
"""Okabe and Ito's colours (and a grey): told apart with any kind of colour vision."""
TEXT, FAINT = "#222222", "#D9D9D9"

FEW_RUNS = 20
"""Below so many runs a band of quantiles is a guess."""

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.labelcolor": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "svg.hashsalt": "mih-sim",
    "svg.fonttype": "path",
}


@contextmanager
def styled() -> Iterator[None]:
    """Use the style of these figures, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = mpl.rcParams
        settings.update(_STYLE)
        yield


def caption(figure: Figure, result: "Result", result_id: str | None, notes: Sequence[str]) -> None:
    """Write under a figure what it shows and from which result; leaves room for it."""
    facts = [
        f"{result.scenario.title} ({result.scenario.name})",
        f"{count(result.replicates, 'run')} of {count(result.organisations, 'organisation')}",
        f"seed {result.seed}",
    ]
    caption_of(figure, facts, result.label, result_id, notes)


def caption_of(
    figure: Figure, facts: Sequence[str], label: str, result_id: str | None, notes: Sequence[str]
) -> None:
    """Write under a figure how to read it (notes), where it comes from (facts) and its label."""
    facts = [*facts, f"mih-sim {version_of('mih-sim')}"]
    facts += [f"result {result_id}"] if result_id else []
    inches = figure.get_size_inches()
    lines = [*notes, " · ".join(facts), f"{labelled(label)}."]
    room = 0.17 * len(lines) + 0.1
    for k, line in enumerate(lines):
        last = k == len(lines) - 1
        y = (room - 0.05 - 0.17 * k) / inches[1]
        weight = "bold" if last else "normal"
        figure.text(0.1 / inches[0], y, line, fontsize=8, va="top", weight=weight, parse_math=False)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0, room / inches[1], 1, 1 - room / inches[1]))


def finish(
    figure: Figure,
    title: str,
    facts: Sequence[str],
    label: str,
    result_id: str | None,
    lines: Sequence[str],
) -> Figure:
    """Give a figure its title and a caption (wrapped ``lines``), and the height that this needs."""
    width, height = (float(side) for side in figure.get_size_inches())
    figure.suptitle(title, x=0.1 / width, ha="left", weight="bold", fontsize=12)
    figure.set_size_inches(width, height + 0.17 * (len(lines) + 2))
    for text in figure.findobj(Text):  # a dollar sign in a label is one
        text.set_parse_math(False)
    caption_of(figure, facts, label, result_id, lines)
    settle(figure)
    return figure


def settle(figure: Figure) -> None:
    """Lay a figure out now, and keep it so.

    The solver's last digits depend on where objects lie in memory, and in a grid they show in the
    bytes of the SVG.
    """
    engine: Any = figure.get_layout_engine()
    engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = axes.get_position(original=True).bounds
        axes.set_position((round(left, 6), round(bottom, 6), round(width, 6), round(height, 6)))


def few_runs(result: "Result") -> list[str]:
    """Return a note where there are too few runs for their bands to mean much."""
    if result.replicates == 1:
        return ["One run: no bands. Another seed gives another picture."]
    if result.replicates < FEW_RUNS:
        return [f"Only {result.replicates} runs: ranges over runs would be rough."]
    return []


def judged(difference: float, better: str, apart: bool) -> tuple[str, str]:
    """Return colour and marker of a difference: better, worse, other, or not told apart from 0."""
    if not apart:
        return GREY, "o"
    if better == "neither":
        return TEXT, "D"
    return (BLUE, "o") if (difference > 0.0) == (better == "higher") else (VERMILION, "s")


def week_axis(axes: Axes, weeks: int) -> None:
    """Put weeks on the horizontal axis, and years under the whole ones."""
    axes.set_xlim(0, max(weeks, 1))
    step = next((one for one in (4, 13, 26, 52, 104) if weeks / one <= 10), 208)
    axes.set_xticks(np.arange(0, weeks + 1, step))
    axes.xaxis.set_major_formatter(FuncFormatter(_week))
    axes.set_xlabel("weeks from the project's start")


def share_axis(axes: Axes) -> None:
    """Show shares as per cent on the vertical axis."""
    axes.set_ylim(0, 1)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return heights near the wanted ones, in the same order, at least ``gap`` apart.

    ``wanted`` falls (or stays equal). What is too close is pooled around its mean; the whole is
    kept between ``low`` and ``high`` if there is room for it.
    """
    blocks: list[list[float]] = []  # of heights without the gaps, as in isotonic regression
    for k, height in enumerate(wanted):
        blocks.append([height + k * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) < np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    pooled = [float(np.mean(block)) for block in blocks for _ in block]
    heights = [height - k * gap for k, height in enumerate(pooled)]
    for k in range(len(heights)):
        heights[k] = min(heights[k], high - k * gap)
    for k in range(len(heights)):
        heights[k] = max(heights[k], low + (len(heights) - 1 - k) * gap)
    return heights


def save_figure(figure: Figure, folder: Path, name: str, data: "pd.DataFrame") -> list[Path]:
    """Write a figure as PNG and SVG, and its data as CSV; return the files.

    The same figure gives the same bytes: no dates, no random ids. Raises DiskError.
    """
    saved = []
    for kind in ("png", "svg"):
        saved.append(folder / f"{name}.{kind}")
        write_file(saved[-1], image_of(figure, kind))
    saved.append(folder / f"{name}.csv")
    write_file(saved[-1], data.to_csv(index=False, lineterminator="\n").encode())
    return saved


def image_of(figure: Figure, kind: str, *, tight: bool = False) -> bytes:
    """Return a figure as ``png`` or ``svg``. The same figure gives the same bytes.

    ``tight``: as large as what is drawn, also where that goes beyond the figure's edges.
    """
    options: dict[str, Any] = {"dpi": 150} if kind == "png" else {}
    options |= {"bbox_inches": "tight", "pad_inches": 0.05} if tight else {}
    fixed = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    stream = io.BytesIO()
    with styled():
        figure.savefig(stream, format=kind, metadata=fixed, **options)
    return stream.getvalue()


def _week(value: float, _: int | None) -> str:
    week = round(value)
    if week == 0 or week % 52:
        return f"{week}"
    return f"{week}\n{week // 52} year{'' if week == 52 else 's'}"
