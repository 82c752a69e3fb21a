"""Figures of sensitivity: they show the numbers of the analysis, and never rank what is unclear."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.experiment.sensitivity.estimators import Estimates
from sim.experiment.sensitivity.indices import Indices, combine
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.response import Response
from sim.experiment.sensitivity.salib import Morris, Pawn
from sim.experiment.sensitivity.split import SplitEstimates
from sim.plots import style
from sim.plots.sensitivity.drivers import drivers_data, drivers_figure, parts_of
from sim.plots.sensitivity.fans import fans_data, fans_figure
from sim.plots.sensitivity.indices import indices_data, indices_figure, ranked
from sim.plots.sensitivity.lights import lights_data, lights_figure
from sim.plots.sensitivity.overtime import overtime_data, overtime_figure
from sim.plots.sensitivity.pairs import pairs_data, pairs_figure
from sim.plots.sensitivity.ranges import ranges_data, ranges_figure
from sim.plots.sensitivity.responses import responses_data, responses_figure
from sim.plots.sensitivity.screening import morris_figure, pawn_figure
from sim.plots.sensitivity.shown import MOST_ROWS, Shown, Words
from sim.plots.sensitivity.writing import figures, write_sensitivity_figures
from tests.texts import LABEL

Floats = NDArray[np.float64]

FIRST = [0.4, 0.2, 0.2, 0.01, 0.0]
TOTAL = [0.5, 0.25, 0.25, 0.02, 0.0]
LABELS = (
    "Role clarity",
    "Workload, $x$",
    "Motivation",
    "A name that is as long as names get",
    "Dummy",
)


def indices_of(
    first: Sequence[float] = FIRST,
    total: Sequence[float] = TOTAL,
    *,
    noise: float = 1.0,
    scrambles: int = 8,
    outcomes: Sequence[str] = ("adoption",),
    second: float | None = None,
    split: bool = False,
    weeks: Sequence[float] = (),
) -> Indices:
    """Return indices around given ones, of a variance of 1; scrambles differ a little.

    ``noise`` is the variance of chance, ``second`` what the first two factors do together, and
    ``weeks`` the variance in each week.
    """
    groups, many = len(first), len(outcomes)
    size = (len(weeks), many) if weeks else (many,)
    by = np.repeat(np.array(weeks)[:, None], many, 1) if weeks else np.ones(many)
    made, parted = [], []
    for number in range(scrambles):
        shift = 1.0 + 0.05 * np.cos(number * np.arange(1, groups + 1))
        around = 0.0004 + 0.002 * np.cos(3.0 * number)  # the index of a dummy
        values = []
        for given_values in (first, total):
            one = np.where(np.array(given_values) == 0.0, around, np.array(given_values) * shift)
            values.append(one.reshape(groups, *[1] * len(size)) * by)
        pairs = None
        if second is not None:
            pairs = np.full((groups, groups, *size), np.nan)
            pairs[np.triu_indices(groups, 1)] = around
            pairs[0, 1] = second * shift[0]
        made.append(
            Estimates(
                names=tuple(f"x{g}" for g in range(groups)),
                key="key",
                scramble=number,
                n=64,
                replicates=4,
                spread=False,
                first=values[0],
                total=values[1],
                second=pairs,
                variance=by.copy(),
                noise=noise * by * (1.0 + 0.02 * np.sin(number)),
                lowest=np.zeros(size),
                highest=np.ones(size),
                events=np.full(size, -1),
            )
        )
        parted.append(SplitEstimates("key", number, 0.25 * noise * by, noise * by))
    return combine(made, outcomes, split=parted if split else ())


def shown_of(indices: Indices | None = None, **options: Any) -> Shown:
    return Shown(
        title="A study of $x$ and what it does",
        outcomes={"adoption": Words("Adoption", "share"), "weeks>=3": Words("Weeks", "weeks")},
        factors={f"x{g}": Words(label, "-") for g, label in enumerate(LABELS)},
        runs=3584,
        seed=7,
        result="0123456789abcdef",
        indices=indices,
        **options,
    )


def morris_of(noise: float = 3.0) -> Morris:
    star = np.array([40.0, 20.0, 18.0, 3.0, 2.5])[:, None] / 100.0
    some, none = np.full((5, 1), noise / 100.0), np.full((5, 1), 0.02)
    return Morris(tuple(f"x{g}" for g in range(5)), star, star, none, star / 2, some, star, star)


def pawn_of() -> Pawn:
    median = np.array([0.4, 0.2, 0.15, 0.08, 0.05])[:, None]
    names = tuple(f"x{g}" for g in range(5))
    within = np.sort(np.arange(5 * 10 * 101).reshape(5, 1, 10, 101) % 101 / 100.0, axis=3)
    within = within ** np.linspace(0.5, 2.0, 10)[:, None]
    whole = np.linspace(0.0, 1.0, 101)[None]
    return Pawn(names, median, median, median * 1.5, np.array([0.1]), within, whole)


def words(figure: Figure) -> str:
    """Return everything that is written in a figure, on one line."""
    found = [text.get_text() for text in figure.texts] + [figure.get_suptitle()]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for label in axes.get_xticklabels() + axes.get_yticklabels()]
    return " ".join(" ".join(found).split())


def bars(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def place(line: Line2D) -> tuple[float, float]:
    """Return where a mark, or the begin of a line, is."""
    return float(np.asarray(line.get_xdata())[0]), float(np.asarray(line.get_ydata())[0])


def everything() -> Shown:
    """Return an analysis that has data for every figure."""
    both = ("adoption", "weeks>=3")
    indices = indices_of(outcomes=both, second=0.1, split=True)
    return shown_of(
        replace(indices, spread=indices_of()),
        weekly=indices_of(weeks=[0.001, 0.3, 1.0, 0.8]),
        weeks=(4, 8, 12, 16),
        stages=[indices_of(scrambles=many) for many in (1, 2, 4, 8)],
        ranges=[("x 0.5", indices_of(TOTAL, FIRST)), ("x 1", indices_of()), ("x 2", indices_of())],
        morris=morris_of(),
        pawn=pawn_of(),
        replicates=4,
    )


# --- all of them ---------------------------------------------------------------------------------


def test_every_figure_says_where_it_comes_from_and_warns_of_nothing(
    recwarn: pytest.WarningsRecorder,
) -> None:
    shown = replace(everything(), outcomes={"adoption": Words("Adoption", "share")})
    names = []
    for name, draw in figures(shown):
        figure, data = draw()
        names.append(name)
        text = words(figure)
        for fact in ("3,584 runs", "4 replicates", "seed 7", "mih-sim", "result 0123456789abcdef"):
            assert fact in text, (name, fact)
        assert figure.texts[-1].get_text().startswith(LABEL)
        assert "In this model, over these ranges." in text
        assert len(data)
        assert not any(text.get_parse_math() for text in figure.texts)
    assert names == [
        "drivers", "indices-adoption", "indices-weeks-3", "pairs-adoption", "pairs-weeks-3",
        "unpredictability-adoption", "weeks-adoption", "lights-adoption", "ranges-adoption",
        "morris-adoption", "pawn-adoption", "fans-adoption",
    ]  # fmt: skip
    assert [str(warning.message) for warning in recwarn] == []


def test_only_what_there_is_data_for_is_written_and_always_the_same_bytes(tmp_path: Path) -> None:
    shown = replace(shown_of(pawn=pawn_of()), outcomes={"adoption>=0.5": Words("P(adoption)")})
    saved = write_sensitivity_figures(shown, tmp_path / "one")
    again = write_sensitivity_figures(shown, tmp_path / "two")
    assert [path.name for path in saved] == [
        f"{figure}-adoption-0.5.{kind}"
        for figure in ("pawn", "fans")
        for kind in ("png", "svg", "csv")
    ]
    assert [path.read_bytes() for path in saved] == [path.read_bytes() for path in again]
    assert imread(saved[0]).shape[1] == 1440


def test_outcomes_never_share_a_file() -> None:
    outcomes = ("a>=0.5", "a>0.5", "A-0.5")
    names = [name.lower() for name, _ in figures(shown_of(indices_of(outcomes=outcomes)))]
    assert len(set(names)) == len(names) == 4
    assert not any(set(name) & set('<>:"/\\|?*') for name in names)


# --- what drives it ------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.0, 0.3), min_size=1, max_size=12),
    st.floats(0.0, 20.0),
    st.booleans(),
)
def test_parts_sum_to_the_whole_and_hold_each_factor_once(
    first: list[float], noise: float, split: bool
) -> None:
    indices = indices_of(first, first, noise=noise, split=split)
    parts = parts_of(indices, 0)
    assert sum(part.value for part in parts) == pytest.approx(1.0)
    members = [name for part in parts for name in part.members]
    assert sorted(members) == sorted(indices.names)
    values = [part.value for part in parts if part.kind == "factor" and part.value >= 0.03]
    assert values == sorted(values, reverse=True)


def test_bars_are_as_wide_as_the_parts_and_fill_the_whole() -> None:
    shown = shown_of(indices_of(noise=0.25, split=True))
    figure, data = drivers_figure(shown), drivers_data(shown)
    drawn = data[data["share"] > 0.0]
    widths = [bar.get_width() for bar in bars(figure)]
    np.testing.assert_allclose(widths, drawn["share"] / drawn["share"].sum())
    edges = np.cumsum([0.0, *widths])
    np.testing.assert_allclose([bar.get_x() for bar in bars(figure)], edges[:-1], atol=1e-12)
    text = words(figure)
    assert "What drives adoption" in text
    for said in ("Role clarity 32 ±", "between organisations 5 %", "chance within 15.0 "):
        assert said in text


def test_parts_that_cannot_be_told_from_0_are_grey() -> None:
    shown = shown_of(indices_of([0.6, 0.4, 0.0], [0.6, 0.4, 0.0], noise=0.5))
    assert shown.indices is not None
    parts = [part for part in parts_of(shown.indices, 0) if part.value > 0.0]
    for part, bar in zip(parts, bars(drivers_figure(shown)), strict=True):
        red, green, blue = to_rgb(bar.get_facecolor())
        assert (red == green == blue) == (not part.clear), part
    assert {part.clear for part in parts} == {True, False}


def test_a_negative_part_is_said_where_it_cannot_be_drawn() -> None:
    text = words(drivers_figure(shown_of(indices_of([0.7, 0.5], [0.7, 0.5]))))
    assert "not drawn: interactions -10 ±" in text
    assert "below 0 has no width" in text


def test_without_intervals_nothing_is_told_apart() -> None:
    shown = shown_of(indices_of(scrambles=1))
    figure = drivers_figure(shown)
    assert "One scramble: no intervals" in words(figure)
    assert len({to_hex(bar.get_facecolor()) for bar in bars(figure)}) == 1
    assert set(indices_data(shown, 0)["rank"]) == {0}


def test_a_variance_that_is_not_there_is_said() -> None:
    found = indices_of()
    gone = replace(found.table, parts=type(found.table.parts)(*[np.full((7, 1), np.nan)] * 3))
    text = words(drivers_figure(shown_of(replace(found, table=gone))))
    assert "undefined: there is no variance to split" in text


# --- indices -------------------------------------------------------------------------------------


def test_ranks_and_ties_are_those_of_the_lights() -> None:
    shown = shown_of(indices_of())
    data = indices_data(shown, 0).set_index("factor")
    assert dict(data["rank"]) == {"x0": 1, "x1": 2, "x2": 2, "x3": 4, "x4": 0}
    assert data.loc["x1", "tie"] == data.loc["x2", "tie"] >= 0
    assert set(data.loc[["x0", "x3", "x4"], "tie"]) == {-1}
    text = words(indices_figure(shown, 0))
    assert "2 to 3 tied" in text
    assert "not ranked" in text
    names = [label.get_text() for label in indices_figure(shown, 0).axes[0].get_yticklabels()]
    assert names[0] == LABELS[0]
    assert names[-1] == LABELS[4]


def test_hollow_marks_are_those_whose_interval_holds_0() -> None:
    shown = shown_of(indices_of())
    assert shown.indices is not None
    table = shown.indices.table
    axes = indices_figure(shown, 0).axes[0]
    marks = {
        (line.get_marker(), round(place(line)[0], 9)): line.get_markerfacecolor()
        for line in axes.lines
        if line.get_marker() in ("o", "s")
    }
    for marker, found in (("o", table.total), ("s", table.first)):
        for g in range(5):
            face = marks[marker, round(float(found.value[g, 0]), 9)]
            assert (face == "white") == bool(found.holds_zero[g, 0])


def test_of_very_many_factors_the_largest_are_shown_and_that_is_said() -> None:
    many = np.linspace(0.04, 0.001, 45).tolist()
    shown = replace(shown_of(indices_of(many, many)), factors={})
    figure = indices_figure(shown, 0)
    assert len(figure.axes[0].get_yticks()) == MOST_ROWS
    assert "30 of 45 factors are shown" in words(figure)
    assert len(indices_data(shown, 0)) == 45
    assert figure.get_size_inches()[1] < 14


def test_members_of_groups_are_named() -> None:
    shown = shown_of(indices_of(), groups={"x0": ("x1", "x2")})
    assert "x0: Workload, $x$ and Motivation." in words(indices_figure(shown, 0))


# --- over time, pairs ----------------------------------------------------------------------------


def test_shares_are_not_drawn_where_there_is_no_variance_to_share() -> None:
    shown = everything()
    figure = overtime_figure(shown, 0)
    above_axes, below = figure.axes
    lines = [line for line in above_axes.lines if len(np.atleast_1d(line.get_xdata())) == 4]
    assert len(lines) == 5  # four factors that stand out, and chance
    for line in lines:
        np.testing.assert_array_equal(np.isnan(line.get_ydata()), [True, False, False, False])
    hatched = [patch for patch in above_axes.patches if isinstance(patch, Rectangle)]
    assert [(patch.get_x(), patch.get_width()) for patch in hatched] == [(0.0, 4.0)]
    whole = [line for line in below.lines if to_hex(line.get_color()) == style.TEXT]
    assert shown.weekly is not None
    assert shown.weekly.weekly is not None
    drawn = np.asarray(whole[0].get_ydata(), float)
    squared = shown.weekly.weekly.variance.value[:, 0] * 1e4  # in percentage points
    np.testing.assert_allclose(drawn, squared)
    assert "Hatched weeks: less than 1 % of the largest variance" in words(figure)


def test_the_data_over_time_are_the_weekly_indices() -> None:
    shown = everything()
    data = overtime_data(shown, 0)
    assert shown.weekly is not None
    assert shown.weekly.weekly is not None
    one = data[data["factor"] == "x1"]
    assert list(one["week"]) == [4, 8, 12, 16]
    np.testing.assert_array_equal(one["total"], shown.weekly.weekly.total.value[1, :, 0])
    chance = data[data["factor"] == "chance"]
    np.testing.assert_array_equal(chance["noise_share"], shown.weekly.weekly.noise.value[:, 0])
    assert list(one["hatched"]) == [True, False, False, False]


def test_a_pair_stands_where_its_factors_meet() -> None:
    shown = shown_of(indices_of(second=0.1))
    figure = pairs_figure(shown, 0)
    axes = figure.axes[0]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    texts = {text.get_position(): text for text in axes.texts}
    assert len(texts) == 15
    for (column, row), text in texts.items():
        pair = {rows[int(row)], rows[int(column)]}
        if pair == set(LABELS[:2]):
            assert text.get_text() == "10 %"
            assert text.get_color() == style.TEXT
        elif row != column:
            assert text.get_text() == "0 %"
            assert text.get_color() == style.GREY
    data = pairs_data(shown, 0)
    assert len(data) == 10
    assert list(data["distinguishable"]) == [True] + [False] * 9


# --- how sure it is ------------------------------------------------------------------------------


def test_lights_are_shown_as_they_are() -> None:
    shown = everything()
    data = lights_data(shown, 0)
    axes = lights_figure(shown, 0).axes[2]
    shapes = {(style.GREEN, "o"): "green", (style.VERMILION, "X"): "red", ("white", "o"): "grey"}
    for line in axes.lines:
        scrambles, row = place(line)[0], int(place(line)[1])
        name = ("screening", "ranking", "values")[row]
        state = set(data.loc[data["scrambles"] == scrambles, name])
        assert state == {shapes[str(line.get_markerfacecolor()), str(line.get_marker())]}
    assert len(axes.lines) == 12
    assert set(data["values"]) >= {"grey", "green"}


def test_it_is_said_whether_the_same_comes_first_over_all_ranges() -> None:
    same = [(f"x {by}", indices_of()) for by in (0.5, 1, 2)]
    text = words(ranges_figure(shown_of(ranges=same), 0))
    assert "First over all ranges: Role clarity." in text
    turned = indices_of(FIRST[::-1], TOTAL[::-1])
    other = shown_of(ranges=[*same[:2], ("x 2", turned)])
    figure = ranges_figure(other, 0)
    assert "What comes first changes." in words(figure)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "x 0.5",
        "x 1",
        "x 2",
    ]
    data = ranges_data(other, 0)
    firsts = data[data["rank"] == 1].groupby("ranges")["factor"].agg(list)
    assert dict(firsts) == {"x 0.5": ["x0"], "x 1": ["x0"], "x 2": ["x4"]}


# --- screening -----------------------------------------------------------------------------------


def test_effects_within_the_noise_are_hollow() -> None:
    found = morris_of()
    assert list(found.above_floor(0)) == [True, True, True, False, False]
    figure = morris_figure(shown_of(morris=found), 0)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in marks] == [False] * 3 + [True] * 2
    np.testing.assert_allclose(
        [place(line)[0] for line in marks], [40.0, 20.0, 18.0, 3.0, 2.5]
    )  # fmt: skip
    unknown = replace(found, floor=np.full((5, 1), np.nan))
    assert "how much of it is chance is not known" in words(
        morris_figure(shown_of(morris=unknown), 0)
    )


def test_names_of_effects_do_not_cover_each_other() -> None:
    star = np.linspace(0.2, 0.4, 12)[:, None]
    flat = np.full((12, 1), 0.01)
    names = tuple(f"x{g}" for g in range(12))
    found = Morris(names, star, star, flat, star / 3, flat, star, star)
    figure = morris_figure(replace(shown_of(morris=found), factors={}), 0)
    canvas: Any = FigureCanvasAgg(figure)
    renderer = canvas.get_renderer()
    boxes = [
        text.get_window_extent(renderer)
        for text in figure.axes[0].texts
        if text.get_text().startswith("x")
    ]
    assert len(boxes) == 12
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k])


def test_distances_below_that_of_no_factor_are_hollow() -> None:
    figure = pawn_figure(shown_of(pawn=pawn_of()), 0)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in marks] == [False] * 3 + [True] * 2


def test_fans_show_the_strongest_factors_a_curve_for_each_slice_and_all_runs() -> None:
    shown = shown_of(pawn=pawn_of())
    figure, data = fans_figure(shown, 0), fans_data(shown, 0)
    assert [len(axes.lines) for axes in figure.axes] == [11] * 3
    assert data.groupby(["factor", "slice"], sort=False).size().tolist() == [101] * 31
    assert data["factor"].unique().tolist() == ["", "x0", "x1", "x2"]
    for (name, number), curve in data.groupby(["factor", "slice"]):
        assert curve["value"].is_monotonic_increasing, (name, number)


def test_groups_are_ranked_below_each_other() -> None:
    groups = ranked(indices_of(), 0)
    assert groups == [(1, [0]), (2, [1, 2]), (4, [3]), (0, [4])]


def test_responses_are_drawn_of_what_stands_out_and_levels_by_name() -> None:
    mean = np.array([[0.2], [0.5]])
    between = Interval(mean, mean - 0.1, mean + 0.1)
    rise = Interval(*(np.array([value]) for value in (0.3, 0.2, 0.4)))
    numbers = np.array([0.0, 1.0])
    found = indices_of()
    shown = replace(
        shown_of(found),
        responses=[Response(name, numbers, between, rise) for name in found.names],
        levels={"x1": ("off", "on")},
    )
    figure = responses_figure(shown, 0)
    drawn = [axes for axes in figure.axes if axes.get_visible()]
    assert len(drawn) == 4  # the dummy cannot be told from 0
    lines = drawn[0].get_lines()
    assert np.allclose(lines[0].get_ydata(), [20.0, 50.0])  # in per cent
    named = [
        axes for axes in drawn if [t.get_text() for t in axes.get_xticklabels()] == ["off", "on"]
    ]
    assert len(named) == 1
    data = responses_data(shown, 0)
    assert len(data) == 10
    assert list(data[data["factor"] == "x1"]["level"]) == ["off", "on"]
    assert list(data["mean"][:2]) == [0.2, 0.5]
