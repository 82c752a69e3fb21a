"""Figures: their data are the result's, and the same result gives the same bytes."""

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from sim import simulate
from sim.plots import style
from sim.plots.figures import write_figures
from sim.plots.phases import phases_data, phases_figure
from sim.plots.uptake import uptake_data, uptake_figure
from sim.scenario import loads
from tests.texts import LABEL

SMALL = loads('title = "small"\norganisations = 2\nclinicians = 10\ncaseload = 3\nweeks = 90\n')
ODD = loads(
    'title = "odd $x$"\nclinicians = 8\ncaseload = 0\nweeks = 60\n'
    '[[phases]]\nname = "all-in-one"\nfeeds = "fit"\nteam_hours = 40.0\nmanager_hours = 10.0\n'
)


@pytest.fixture(scope="module")
def result() -> simulate.Result:
    return simulate.run(SMALL, 24)


def words(figure: Figure) -> str:
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [label.get_text() for label in axes.get_yticklabels()]
    return "\n".join(found)


def test_the_data_of_uptake_are_quantiles_of_the_result(result: simulate.Result) -> None:
    data = uptake_data(result)
    assert list(data["series"].unique()) == ["adoption", "reach"]
    adoption = data[data["series"] == "adoption"]
    assert list(adoption["week"]) == list(range(1, 91))
    values = result.weekly["adoption"]
    for name, at in (("q10", 0.1), ("q25", 0.25), ("q50", 0.5), ("q75", 0.75), ("q90", 0.9)):
        expected = np.quantile(values, at, axis=0, method="inverted_cdf")
        np.testing.assert_array_equal(adoption[name], expected)
    np.testing.assert_allclose(adoption["mean"], values.mean(axis=0), rtol=1e-12)


def test_the_data_of_phases_are_quantiles_of_the_result(result: simulate.Result) -> None:
    data = phases_data(result).set_index("phase")
    assert list(data.index) == [*(phase.name for phase in SMALL.phases), "go-live"]
    live, summary = data.loc["go-live"], result.summary()["go_live_week"]
    assert live["done_share"] == summary.share_reached
    for name in ("q10", "q50", "q90"):
        expected = getattr(summary, name)
        assert (None if pd.isna(live[f"done_{name}"]) else live[f"done_{name}"]) == expected
    done = result.phase_spans[:, :, 0, 1]
    assert data.loc["onboarding", "done_q50"] == np.quantile(
        np.where(np.isnan(done), np.inf, done), 0.5, method="inverted_cdf"
    )
    lasted = result.phase_spans[..., 1] - result.phase_spans[..., 0]
    names = [f"phase_weeks.{phase.name}" for phase in SMALL.phases]
    columns = [result.names.index(name) for name in names]
    np.testing.assert_array_equal(lasted, result.outcomes[:, :, columns])


def test_figures_are_saved_in_three_formats(result: simulate.Result, tmp_path: Path) -> None:
    saved = write_figures(result, tmp_path / "figures", "0123456789abcdef")
    kinds = [f"{name}.{kind}" for name in ("uptake", "phases") for kind in ("png", "svg", "csv")]
    assert [path.name for path in saved] == kinds
    for name, make in (("uptake", uptake_data), ("phases", phases_data)):
        kept = pd.read_csv(tmp_path / "figures" / f"{name}.csv")
        pd.testing.assert_frame_equal(kept, make(result).astype(kept.dtypes))
        assert imread(tmp_path / "figures" / f"{name}.png").shape[1] == round(9.6 * 150)
        svg = (tmp_path / "figures" / f"{name}.svg").read_text()
        assert svg.rstrip().endswith("</svg>")
        assert "<dc:date>" not in svg


def test_the_same_result_gives_the_same_bytes(result: simulate.Result, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    first = [path.read_bytes() for path in write_figures(result, tmp_path / "a")]
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        again = [path.read_bytes() for path in write_figures(result, tmp_path / "b")]
    assert first == again
    assert dict(mpl.rcParams) == before


def test_captions_say_where_a_figure_comes_from(result: simulate.Result) -> None:
    for figure in (uptake_figure(result, "0123456789abcdef"), phases_figure(result)):
        text = words(figure)
        assert "24 runs of 2 organisations" in text
        assert "seed 1" in text
        assert "mih-sim" in text
        assert LABEL in text
        assert figure.texts[-1].get_text().startswith(LABEL)
    assert "result 0123456789abcdef" in words(uptake_figure(result, "0123456789abcdef"))
    assert "result" not in words(result.plot()).split("seed")[1]


@pytest.mark.parametrize(
    ("scenario", "replicates", "weeks", "said"),
    [
        (SMALL, 1, None, "organisations"),
        (SMALL, 4, None, "too few for bands"),
        (SMALL, 30, 0, "no week simulated"),
        (SMALL, 30, 1, "0 % of organisations went live within 1 weeks"),
        (SMALL, 30, 10, "no median week of going live"),
        (ODD, 25, None, "nobody to count"),
        (ODD, 1, None, "The organisation"),
    ],
)
def test_odd_results_are_drawn_and_said(
    scenario: object,
    replicates: int,
    weeks: int | None,
    said: str,
    recwarn: pytest.WarningsRecorder,
) -> None:
    result = simulate.run(scenario, replicates, weeks=weeks)  # type: ignore[arg-type]
    text = ""
    for figure in (uptake_figure(result), phases_figure(result)):
        figure.savefig(io.BytesIO(), format="png")
        text += words(figure)
    assert said in text
    assert [str(warning.message) for warning in recwarn] == []


def test_phases_that_never_end_are_said(result: simulate.Result) -> None:
    short = simulate.run(SMALL, 30, weeks=20)
    assert "100 % never" in words(phases_figure(short))


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([0.9, 0.5, 0.1], [0.9, 0.5, 0.1]),
        ([0.5, 0.5], [0.55, 0.45]),
        ([1.0, 1.0], [1.0, 0.9]),
        ([0.0, 0.0], [0.1, 0.0]),
        ([0.52, 0.5, 0.0], [0.56, 0.46, 0.0]),
        ([], []),
    ],
)
def test_labels_are_moved_apart(wanted: list[float], placed: list[float]) -> None:
    assert style.spread(wanted, 0.1, 0.0, 1.0) == pytest.approx(placed)
