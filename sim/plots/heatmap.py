"""Heat maps of an outcome over two factors, one panel for each level of a third.

Colours are those of viridis, which is even to the eye and safe for colour blindness; yellow is the
better end. Fine grids are drawn as bands with labelled contours, coarse ones as cells with numbers.
"""

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.plots import style
from sim.plots.swept import (
    HALF,
    NARROW,
    WIDTH,
    Floats,
    Varied,
    View,
    factor_axis,
    finish,
    flat,
    nothing,
    panels,
    precision,
    titled,
    wrapped,
)

COLUMNS = 3
FEWEST_LEVELS = 4
"""Levels below which a contour between them would be invented."""
MOST_NUMBERS, MOST_NUMBERS_SMALL = 12, 5
"""Cells in a row up to which each holds its number."""
UNKNOWN = "#F2F2F2"
_HATCH = "////"
_SHORTEST, _MARGIN, _APART = 0.3, 0.09, 0.17
"""In sides of a panel: the line that gets a label, its distance from edges and from the ring."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Colours of values: ``edges`` are round numbers that hold them all."""

    edges: Floats
    colours: Colormap
    norm: BoundaryNorm

    def ink(self, value: float) -> str:
        """Return a colour of lines and text that is seen on a value's colour."""
        red, green, blue, _ = self.colours(self.norm(value))
        return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else style.TEXT


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Points over two factors; ``at`` (levels of y, levels of x) holds their numbers."""

    x: Varied
    y: Varied
    at: NDArray[np.int64]
    own: bool

    @property
    def fine(self) -> bool:
        """Whether there are enough levels to draw contours."""
        return bool(min(self.at.shape) >= FEWEST_LEVELS)


def heat_figure(view: View, x: Varied, y: Varied, by: Varied | None = None) -> Figure:
    """Return heat maps over x and y, with a panel for each level of ``by`` (nine at most)."""
    levels = (None,) if by is None else panels(by)
    grids = [grid_of(x, y, by, level) for level in levels]
    shown = np.concatenate([grid.at.ravel() for grid in grids])
    said, scale = flat(view, shown), scale_of(view, view.found.mean[shown])
    columns = min(COLUMNS, len(levels))
    rows = -(-len(levels) // columns)
    with style.styled():
        wide = NARROW - 1.7 if by is None else (WIDTH - 1.9) / columns
        high = (0.8 if columns > 1 else 0.65) * wide
        size = (NARROW if by is None else WIDTH, 0.8 + rows * (high + 0.25))
        figure = Figure(figsize=size, layout="constrained")
        whole = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, level, grid in zip(whole.flat, levels, grids, strict=False):
            heat(axes, view, grid, None if said else scale, small=by is not None)
            if said:
                nothing(axes, said)
            if by is not None:
                axes.set_title(wrapped(by.at(level), wide), fontsize=9.5, parse_math=False)
        _outer(whole, len(levels), wrapped(x.title, wide), wrapped(y.title, high))
        if not said:
            colour_bar(figure, view, scale, [axes for axes in whole.flat if axes.axison])
        notes = [] if said else _notes(view, grids, by, shown)
        finish(figure, view, titled(view, [x, y, *([by] if by else [])]), notes)
    return figure


def heat_data(view: View, by: Varied | None = None) -> Any:
    """Return what the figure shows: a row a point."""
    if by is None:
        return view.frame()
    shown = np.isin(by.values, panels(by))
    return view.frame(np.flatnonzero(shown))


def heat(axes: Axes, view: View, grid: Grid, scale: Scale | None, *, small: bool = False) -> Axes:
    """Draw one heat map: bands with labelled contours, or cells with numbers; no scale: neither."""
    axes.set_facecolor(UNKNOWN)
    ticks = _fine_axes if grid.fine else _coarse_axes
    ticks(axes, grid, small=small)
    if scale is not None and grid.fine:
        _bands(axes, view, grid, scale, small=small)
    elif scale is not None:
        _cells(axes, view, grid, scale, small=small)
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)
    return axes


def scale_of(view: View, values: Floats) -> Scale:
    """Return the colours for values: five to ten bands with round edges."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if high - low <= 1e-9 * max(1.0, abs(high)):
        room = 0.05 if view.share else max(1.0, 0.05 * abs(high))
        low, high = low - room, high + room
    ticks = MaxNLocator(10, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    edges: Floats = np.array([round(float(tick), 9) for tick in ticks])
    if view.share:
        edges = edges[(edges >= 0.0) & (edges <= 1.0)]
    name = {"higher": "viridis", "lower": "viridis_r"}.get(view.better, "cividis")
    colours = mpl.colormaps[name].resampled(len(edges) - 1)
    return Scale(edges, colours, BoundaryNorm(edges, len(edges) - 1))


def grid_of(x: Varied, y: Varied, by: Varied | None, level: Any) -> Grid:
    """Return the points over two factors at a level of a third. KeyError if one is missing."""
    kept = np.arange(len(x.values)) if by is None else np.flatnonzero(by.where(level))
    places = {(x.values[k].item(), y.values[k].item()): k for k in kept.tolist()}
    at = np.array([[places[over, up] for over in x.levels] for up in y.levels], np.int64)
    own = all(one.holds_own for one in (x, y)) and (by is None or level == by.own)
    return Grid(x, y, at, own)


def colour_bar(figure: Figure, view: View, scale: Scale, axes: list[Axes]) -> None:
    """Draw the bar that explains the colours of all axes."""
    bar = figure.colorbar(
        ScalarMappable(scale.norm, scale.colours),
        ax=axes,
        ticks=scale.edges,
        format=FuncFormatter(lambda value, _: view.text(value, _digits(view, scale))),
        aspect=32,
        pad=0.02,
        fraction=0.04,
    )
    outline: Any = bar.outline
    outline.set_visible(False)
    better = "" if view.better == "neither" else "better →"
    bar.set_label("   ".join(one for one in ("" if view.share else view.unit, better) if one))
    bar.ax.tick_params(length=0)
    if view.better == "lower":  # better is up, as everywhere
        bar.ax.invert_yaxis()


def _fine_axes(axes: Axes, grid: Grid, *, small: bool) -> None:
    most = 3 if small else 6
    factor_axis(axes, grid.x, most=most)
    factor_axis(axes, grid.y, vertical=True, most=most + 1)
    axes.set_xlim(grid.x.levels[0], grid.x.levels[-1])
    axes.set_ylim(grid.y.levels[0], grid.y.levels[-1])


def _coarse_axes(axes: Axes, grid: Grid, *, small: bool) -> None:
    rows, columns = grid.at.shape
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    every = max(1, -(-columns // (8 if small else 16)))
    axes.set_xticks(range(0, columns, every), [grid.x.text(one) for one in grid.x.levels[::every]])
    axes.set_yticks(range(rows), [grid.y.text(level) for level in grid.y.levels])
    axes.tick_params(length=0)


def _bands(axes: Axes, view: View, grid: Grid, scale: Scale, *, small: bool) -> None:
    x, y = np.array(grid.x.levels), np.array(grid.y.levels)
    mean = np.ma.masked_invalid(view.found.mean[grid.at])
    if not mean.mask.all():
        axes.contourf(x, y, mean, levels=scale.edges, cmap=scale.colours, norm=scale.norm)
        _contours(axes, view, grid, scale, size=7.5 if small else 8.5)
    if view.rare[grid.at].any():
        share = np.ma.masked_invalid(view.found.share_reached[grid.at])
        with mpl.rc_context({"hatch.linewidth": 0.5, "hatch.color": "white"}):
            axes.contourf(x, y, share, levels=[-1.0, HALF], colors="none", hatches=[_HATCH])
    if grid.own:
        ring: dict[str, Any] = {
            "markersize": 6,
            "markerfacecolor": "none",
            "clip_on": False,
            "zorder": 5,
        }
        for ink, width in ((style.TEXT, 3.0), ("white", 1.4)):
            edge: dict[str, Any] = {"markeredgecolor": ink, "markeredgewidth": width}
            axes.plot(grid.x.own, grid.y.own, "o", **edge, **ring)


def _contours(axes: Axes, view: View, grid: Grid, scale: Scale, *, size: float) -> None:
    """Draw lines between the bands, with their values where there is room for them."""
    mean = np.ma.masked_invalid(view.found.mean[grid.at])
    inner = [edge for edge in scale.edges[1:-1] if float(mean.min()) <= edge <= float(mean.max())]
    if not inner:
        return
    x, y = np.array(grid.x.levels), np.array(grid.y.levels)
    inks = [scale.ink(edge) for edge in inner]
    lines = axes.contour(x, y, mean, levels=inner, colors=inks, linewidths=0.7)
    corner, sides = np.array([x[0], y[0]]), np.array([x[-1] - x[0], y[-1] - y[0]])
    ring = (np.array([grid.x.own, grid.y.own]) - corner) / sides if grid.own else None
    places = [
        place * sides + corner
        for line in lines.get_paths()
        for piece in line.to_polygons(closed_only=False)
        if (place := _room((piece - corner) / sides, ring)) is not None
    ]
    if places:
        words = {edge: view.text(edge, _digits(view, scale)) for edge in inner}
        manual: Any = [tuple(place) for place in places]
        axes.clabel(lines, fmt=words, fontsize=size, inline_spacing=3, manual=manual)


def _room(line: Floats, ring: Floats | None) -> Floats | None:
    """Return where on a line its value fits: in the middle, off the edges and the ring.

    All are in shares of the axes' sides. None: nowhere.
    """
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if run[-1] < _SHORTEST:
        return None
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        place = np.array([np.interp(share * run[-1], run, side) for side in line.T])
        inside = float(min(place.min(), (1.0 - place).min())) > _MARGIN
        if inside and (ring is None or float(np.hypot(*(place - ring))) > _APART):
            return place
    return None


def _cells(axes: Axes, view: View, grid: Grid, scale: Scale, *, small: bool) -> None:
    rows, columns = grid.at.shape
    mean, rare = view.found.mean[grid.at], view.rare[grid.at]
    axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        np.ma.masked_invalid(mean),
        cmap=scale.colours,
        norm=scale.norm,
        edgecolors="white",
        linewidth=1.0,
    )
    for row, column in np.ndindex(rows, columns):
        value = float(mean[row, column])
        known = bool(np.isfinite(value))
        text = view.text(value, _digits(view, scale)) if known else "undefined"
        text = f"{text}*" if rare[row, column] else text
        ink = scale.ink(value) if known else style.TEXT
        if columns > (MOST_NUMBERS_SMALL if small else MOST_NUMBERS):
            text = "*" if rare[row, column] else ""
        axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
        if grid.own and _own_cell(grid, row, column):
            box = Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False)
            box.set(edgecolor=style.VERMILION, linewidth=2.0, zorder=4)
            axes.add_patch(box)


def _own_cell(grid: Grid, row: int, column: int) -> bool:
    return bool(grid.x.levels[column] == grid.x.own and grid.y.levels[row] == grid.y.own)


def _outer(grid: NDArray[Any], shown: int, x: str, y: str) -> None:
    """Name axes only at the left and at the bottom; take away empty panels."""
    columns = grid.shape[1]
    for k, axes in enumerate(grid.flat):
        if k >= shown:
            axes.set_axis_off()
        lowest = k + columns >= shown
        axes.tick_params(labelbottom=lowest)
        axes.set_xlabel(x if lowest else "")
        axes.set_ylabel("" if k % columns else y)


def _digits(view: View, scale: Scale) -> int:
    """Return how many decimals tell the colours apart."""
    step = float(scale.edges[1] - scale.edges[0]) * view.scale
    return next((digits for digits in range(3) if np.isclose(step, round(step, digits))), 3)


def _notes(view: View, grids: list[Grid], by: Varied | None, shown: NDArray[np.int64]) -> list[str]:
    notes = [f"Colours: means over the runs of a point. {precision(view, shown)}"]
    if by is not None and len(grids) < len(by.levels):
        notes.append(f"{len(grids)} of {len(by.levels)} levels of {by.label.lower()} are shown.")
    fine, own = grids[0].fine, [grid for grid in grids if grid.own]
    if own and (fine or any(_has_own_cell(grid) for grid in own)):
        notes.append(f"{'White ring' if fine else 'Orange frame'}: the scenario as it is.")
    if view.rare[shown].any():
        mark = "Hatched" if fine else "Star"
        notes.append(f"{mark}: it happens in fewer than half of the runs.")
    if not np.isfinite(view.found.mean[shown]).all():
        notes.append("Grey: undefined in all runs.")
    return notes


def _has_own_cell(grid: Grid) -> bool:
    return grid.x.own in grid.x.levels and grid.y.own in grid.y.levels
