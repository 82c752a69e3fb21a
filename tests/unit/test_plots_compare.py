"""Figures of a comparison: their data are the comparison's, and odd ones are drawn too."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from sim.experiment.compare.comparing import compare
from sim.experiment.compare.comparison import Comparison
from sim.plots.compare import (
    fans_data,
    fans_figure,
    forest_data,
    forest_figure,
    write_comparison_figures,
)
from sim.scenario import Scenario, loads
from tests.texts import LABEL

SMALL = loads('title = "small"\nclinicians = 10\ncaseload = 3\nweeks = 90\n')


def plans(count: int) -> dict[str, Scenario]:
    """Return so many plans; the names of some are long, or would be mathematics."""
    found = {"small": SMALL}
    for k in range(1, count):
        found[f"leads={k + 1}; lead_hours=$x$ and so on for long"] = SMALL.replace(leads=k + 1)
    return found


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(plans(3), 24)


def words(figure: Figure) -> str:
    said = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        said += [text.get_text() for text in axes.texts]
        said += [axes.get_title(loc="left"), axes.get_xlabel()]
        said += [label.get_text() for label in axes.get_yticklabels()]
    return "\n".join(said)


def test_the_data_of_the_forest_are_the_rows_of_the_frame(found: Comparison) -> None:
    data, frame = forest_data(found), found.frame()
    assert list(data["outcome"].unique()) == [
        name for name in found.outcomes if name in found.shown
    ]
    assert set(data["plan"]) == set(found.plans[1:])
    merged = data.merge(frame, on=["outcome", "plan"], suffixes=("", "_frame"))
    assert len(merged) == len(data) == 2 * len(found.shown)
    for key in ("difference", "ci_low", "ci_high"):
        pd.testing.assert_series_equal(merged[key], merged[f"{key}_frame"], check_names=False)


def test_the_forest_shows_each_difference_and_the_line_of_no_difference(
    found: Comparison,
) -> None:
    figure = forest_figure(found)
    panels = [axes for axes in figure.axes if axes.axison]
    assert len(panels) == len(found.shown)
    for axes, name in zip(panels, found.shown, strict=True):
        one = found.outcomes[name]
        scale = 100.0 if one.unit == "share" else 1.0
        drawn = {line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1}
        for plan in found.plans[1:]:
            gap = one.plans[plan].difference
            assert gap is None or any(np.isclose(gap * scale, at) for at in drawn), name
        assert [0.0, 0.0] in [list(line.get_xdata()) for line in axes.lines]
        low, high = axes.get_xlim()
        assert low < 0.0 < high


def test_the_data_of_fans_are_quantiles_of_the_weekly_series(found: Comparison) -> None:
    data = fans_data(found)
    assert len(data) == 3 * 2 * found.weeks
    for plan in found.plans:
        rows = data[(data["plan"] == plan) & (data["series"] == "reach")]
        values = found.weekly[plan]["reach"]
        for name, at in (("q10", 0.1), ("q50", 0.5), ("q90", 0.9)):
            expected = np.quantile(values, at, axis=0, method="inverted_cdf")
            np.testing.assert_array_equal(rows[name], expected)


def test_lines_of_fans_differ_in_more_than_colour() -> None:
    many = compare(plans(8), 24)
    lines = [line for line in fans_figure(many).axes[0].lines if line.get_linewidth() > 2.0]
    assert len(lines) == 8
    assert len({(line.get_color(), str(line._unscaled_dash_pattern)) for line in lines}) == 8  # type: ignore[attr-defined]
    assert len({str(line._unscaled_dash_pattern) for line in lines[:5]}) == 5  # type: ignore[attr-defined]


def test_bands_are_drawn_for_two_plans_and_many_runs() -> None:
    assert len(fans_figure(compare(plans(2), 24)).axes[0].collections) == 2
    for other, said in (
        (compare(plans(5), 24), "left out for more than 2 plans"),
        (compare(plans(2), 5), "Only 5 runs of each plan"),
    ):
        figure = fans_figure(other)
        assert len(figure.axes[0].collections) == 0
        assert said in words(figure)


def test_captions_say_where_a_figure_comes_from(found: Comparison) -> None:
    for figure in (forest_figure(found, "0123456789abcdef"), fans_figure(found)):
        text = words(figure)
        assert "24 runs of each of 3 plans" in text
        assert "seed 1" in text
        assert "mih-sim" in text
        assert figure.texts[-1].get_text().startswith(LABEL)
    text = words(found.plot())
    assert "mean difference from small" in text
    assert "better →" in text
    assert "← better" in text
    assert "Dark diamond" not in text
    assert "result 0123456789abcdef" in words(forest_figure(found, "0123456789abcdef"))


def test_figures_are_saved_with_the_same_bytes(found: Comparison, tmp_path: Path) -> None:
    saved = write_comparison_figures(found, tmp_path / "a")
    assert [path.name for path in saved] == [
        f"{name}.{kind}" for name in ("forest", "fans") for kind in ("png", "svg", "csv")
    ]
    again = write_comparison_figures(found, tmp_path / "b")
    assert [path.read_bytes() for path in saved] == [path.read_bytes() for path in again]
    assert imread(saved[0]).shape[1] == round(9.6 * 150)


@pytest.mark.parametrize(
    ("count", "replicates", "options", "said"),
    [
        (2, 1, {}, "no intervals"),
        (2, 12, {"weeks": 0}, "no week simulated"),
        (3, 12, {"outcomes": ["load.lead", "completion"]}, "Dark diamond"),
        (8, 3, {"weeks": 20}, "undefined"),
    ],
)
def test_odd_comparisons_are_drawn_and_said(
    count: int,
    replicates: int,
    options: dict[str, object],
    said: str,
    recwarn: pytest.WarningsRecorder,
) -> None:
    found = compare(plans(count), replicates, **options)  # type: ignore[arg-type]
    text = ""
    for figure in (forest_figure(found), fans_figure(found)):
        figure.savefig(io.BytesIO(), format="png")
        text += words(figure)
    assert said in text
    assert [str(warning.message) for warning in recwarn] == []
