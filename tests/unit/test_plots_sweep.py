"""Figures of sweeps: each study gets the one that suits it, and it shows the result's numbers."""

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from numpy.typing import NDArray

from sim.commands.sweep import _write_extras
from sim.errors import IncompleteError, InputError
from sim.experiment.design.study import Study, study_of
from sim.experiment.execute.work import Report
from sim.experiment.points_summary import points_summary
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.stored import Stored, open_result
from sim.experiment.sweep import sweep
from sim.plots import heatmap
from sim.plots.dots import effects_data
from sim.plots.scatter import bins, scatter_data, shown_factors
from sim.plots.sweep import CONTENTS, drawn, headlines, is_written, sweep_figure, write_sweep
from sim.plots.swept import View, panels, view_of
from sim.scenario import loads
from tests.texts import LABEL

SMALL = loads('title = "small $x$"\nclinicians = 10\ncaseload = 3\nweeks = 90\n')
RUNS = 24
STEPS = {"from": 0.2, "to": 0.8, "steps": 5}
LOADS = {"from": 0.8, "to": 1.2, "steps": 6}
TIME = "go_live_week"


def stored_of(study: Study, values: dict[str, NDArray[np.float64]]) -> Stored:
    """Return a result of a study with values of one's own at each point, the same in all runs."""
    plan = plan_of_study(study)
    many = study.replicates
    runs = {name: np.repeat(one, many) for name, one in values.items()}
    manifest = {"study": dict(plan.study), "label": LABEL}
    found = Stored(
        Path("nowhere"), plan, manifest, range(plan.chunks), [], True, "0123456789abcdef"
    )
    frame = pd.DataFrame({"point": np.repeat(np.arange(plan.count), many), "status": "ok", **runs})
    frame["replicate"] = np.tile(np.arange(many), plan.count)
    found.__dict__["runs"] = frame
    return found


def invented(factors: dict[str, Any], outcome: str = "adoption", **options: Any) -> Stored:
    """Return a result whose outcome rises from point to point, with luck that points share."""
    options = {"replicates": RUNS, **options}
    study = study_of(SMALL, factors, outcomes=[outcome], **options)
    stored = stored_of(study, {outcome: np.linspace(0.1, 0.7, study.count)})
    luck = np.tile(np.linspace(-0.1, 0.1, study.replicates), study.count)
    scale = 1.0 if outcome in ("adoption", "reach") else 50.0
    stored.runs[outcome] = (stored.runs[outcome] + luck) * scale
    if outcome == TIME:
        stored.runs[f"{outcome}.share_reached"] = 1.0
    return stored


def words(figure: Figure) -> str:
    """Return everything that is written in a figure, on one line."""
    figure.draw_without_rendering()
    found = [text.get_text() for text in figure.texts]
    found += [figure.get_suptitle()]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for label in axes.get_xticklabels() + axes.get_yticklabels()]
    return " ".join(" ".join(found).split())


def panels_of(figure: Figure) -> int:
    return len([axes for axes in figure.axes if axes.axison and axes.get_label() != "<colorbar>"])


GRIDS: list[tuple[dict[str, Any], dict[str, Any], str, int]] = [
    ({"role_clarity": STEPS}, {}, "10 % of runs above", 1),
    ({"role_clarity": STEPS, "rollout": ["all", "teams"]}, {}, "teams", 1),
    (
        {"role_clarity": STEPS, "rollout": ["all", "teams"], "mechanisms.trust": [True, False]},
        {},
        "Mechanism: trust in the provider, off",
        2,
    ),
    ({"role_clarity": STEPS, "workload": LOADS}, {}, "better →", 1),
    ({"leads": [1, 2, 3], "lead_hours": [4, 12, 16]}, {}, "Orange frame", 1),
    ({"role_clarity": STEPS, "workload": LOADS, "leads": [1, 2]}, {}, "Project leads: 2", 2),
    (
        {"role_clarity": STEPS, "rollout": ["all", "teams"], "workload": LOADS},
        {},
        "Roll-out: all",
        2,
    ),
    ({"rollout": ["all", "teams"], "invitation": ["clinician", "default"]}, {}, "Roll-out: all", 1),
    ({"leads": [2]}, {}, "the scenario", 1),
    (
        {"role_clarity": [0.2, 0.8], "workload": [0.9], "leads": [1, 3]},
        {"design": "oat"},
        "cannot be told apart",
        1,
    ),
    ({"role_clarity": "prior", "leads": [1, 2]}, {"design": "lhs", "points": 40}, "Dark: means", 2),
    (
        {"role_clarity": [0.2, 0.5, 0.3], "workload": [1.0, 0.9, 0.8]},
        {"design": "points"},
        "Dark",
        2,
    ),
    (
        {"role_clarity": STEPS, "workload": [0.9, 1.0], "leads": [1, 2], "managers": [1, 2]},
        {},
        "Dark: means",
        4,
    ),
]


@pytest.mark.parametrize(("factors", "options", "said", "count"), GRIDS)
def test_each_study_gets_the_figure_that_suits_it(
    factors: dict[str, Any],
    options: dict[str, Any],
    said: str,
    count: int,
    recwarn: pytest.WarningsRecorder,
) -> None:
    for outcome in ("adoption", TIME):
        stored = invented(factors, outcome, **options)
        figure, data = drawn(view_of(stored, outcome))
        text = words(figure)
        assert said in text
        assert panels_of(figure) == count
        assert len(data) >= stored.plan.count - 1
        assert figure.texts[-1].get_text().startswith(LABEL)
        for fact in (f"{stored.plan.count:,} point", f"{RUNS} runs", "seed 1", "mih-sim"):
            assert fact in text
        assert "result 0123456789abcdef" in text
    assert [str(warning.message) for warning in recwarn] == []


def test_the_data_of_grids_are_the_summary_of_the_points() -> None:
    for factors, options, _, _ in GRIDS[:8]:
        stored = invented(factors, **options)
        summary = points_summary(stored)
        _, data = drawn(view_of(stored, "adoption"))
        merged = data.merge(summary, on="point", suffixes=("", "_summary"))
        assert len(merged) == stored.plan.count
        for key in ("mean", "ci_low", "ci_high", "n", *factors):
            pd.testing.assert_series_equal(merged[key], merged[f"{key}_summary"], check_names=False)


def test_the_bands_of_a_curve_are_the_middle_of_the_runs() -> None:
    stored = invented({"role_clarity": STEPS})
    _, data = drawn(view_of(stored, "adoption"))
    runs = stored.runs["adoption"].to_numpy().reshape(5, RUNS)
    expected = np.quantile(runs, [0.1, 0.9], axis=1, method="inverted_cdf")
    np.testing.assert_array_equal(data[["runs_q10", "runs_q90"]].to_numpy().T, expected)


def test_a_heat_map_has_each_value_where_its_factors_say() -> None:
    study = study_of(SMALL, {"leads": [1, 2, 3], "lead_hours": [4, 8]}, replicates=2)
    stored = stored_of(study, {"adoption": np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])})
    figure = sweep_figure(stored)
    axes = figure.axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    for point, (leads, hours) in enumerate([(1, 4), (1, 8), (2, 4), (2, 8), (3, 4), (3, 8)]):
        assert texts[leads - 1, [4, 8].index(hours)] == f"{10 * (point + 1)} %"
    assert axes.get_xlabel().startswith("Project leads")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "3"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["4", "8"]


def test_contours_lie_where_the_outcome_has_their_value() -> None:
    factors = {"role_clarity": STEPS, "workload": LOADS}
    study = study_of(SMALL, factors, replicates=2)
    clarity = study.points["role_clarity"]
    stored = stored_of(study, {"adoption": clarity.copy()})  # plane: adoption = role clarity
    axes = sweep_figure(stored).axes[0]
    found = {text.get_text(): text.get_position() for text in axes.texts}
    assert len(found) >= 4
    for text, (x, _) in found.items():
        assert float(text.removesuffix(" %")) / 100 == pytest.approx(x)
    assert axes.get_xlim() == (0.2, 0.8)


def test_yellow_is_the_better_end() -> None:
    factors = {"role_clarity": STEPS, "workload": LOADS}
    for outcome, better in (("adoption", "high"), (TIME, "low"), ("load.lead", "neither")):
        view = view_of(invented(factors, outcome), outcome)
        scale = heatmap.scale_of(view, view.found.mean)
        ends = [scale.colours(scale.norm(float(end))) for end in (scale.edges[0], scale.edges[-2])]
        yellow = [red > 0.7 and blue < 0.35 for red, _, blue, _ in ends]
        assert yellow == ([True, False] if better == "low" else [False, True]), outcome


def test_panels_are_nine_at_most_and_the_rest_is_said() -> None:
    many = {"from": 0.2, "to": 0.8, "steps": 13}
    loads = {**many, "from": 0.8, "to": 1.2}
    stored = invented({"motivation": many, "role_clarity": many, "workload": loads}, replicates=1)
    view = view_of(stored, "adoption")
    figure, data = drawn(view)
    assert panels_of(figure) == 9
    assert "9 of 13 levels of workload" in words(figure)
    assert set(data["workload"]) == set(panels(view.factors[2]))
    assert {0.8, 1.2} <= set(data["workload"])


def test_titles_of_panels_side_by_side_do_not_run_into_each_other() -> None:
    factors = {
        "turnover": [0.1, 0.2, 0.3],
        "leads": [1, 2, 3],
        "newcomer_training_weeks": [0, 1, 26],
    }
    figure = sweep_figure(invented(factors))
    figure.draw_without_rendering()
    texts = [text for axes in figure.axes for text in axes.findobj(Text) if isinstance(text, Text)]
    titles = [
        one.get_window_extent() for one in texts if one.get_text().startswith("Weeks between")
    ]
    assert len(titles) == 3
    for left, right in pairwise(titles):
        assert left.x1 < right.x0


def test_never_is_said_and_not_drawn_as_a_week() -> None:
    for factors in ({"role_clarity": STEPS}, {"role_clarity": STEPS, "workload": LOADS}):
        study = study_of(SMALL, factors, replicates=RUNS, outcomes=[TIME])
        late, none = np.full(study.count, 90.0), np.zeros(study.count)
        text = words(
            sweep_figure(stored_of(study, {TIME: late, f"{TIME}.share_reached": none}), TIME)
        )
        assert "never, at any point" in text
        assert "never happens within 90 weeks" in text
        some = np.linspace(0.0, 1.0, study.count)
        stored = stored_of(study, {TIME: late - some * 40, f"{TIME}.share_reached": some})
        text = words(sweep_figure(stored, TIME))
        assert "count as week 90, the last one: 0 % to 100 %" in text
        assert "fewer than half of the runs" in text


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "50 % at every point"), (np.nan, "undefined at")]
)
@pytest.mark.parametrize(
    ("factors", "options"),
    [
        ({"role_clarity": STEPS}, {}),
        ({"role_clarity": STEPS, "workload": LOADS}, {}),
        ({"role_clarity": "prior", "leads": [1, 2]}, {"design": "lhs", "points": 20}),
        ({"role_clarity": [0.2, 0.8]}, {"design": "oat"}),
    ],
)
def test_an_outcome_that_does_not_vary_is_said(
    factors: dict[str, Any], options: dict[str, Any], value: float, said: str
) -> None:
    study = study_of(SMALL, factors, replicates=3, outcomes=["adoption"], **options)
    figure = sweep_figure(stored_of(study, {"adoption": np.full(study.count, value)}))
    assert said in words(figure)
    figure.savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize(("factors", "options", "said", "count"), GRIDS)
def test_one_run_a_point_and_gaps_are_drawn(
    factors: dict[str, Any],
    options: dict[str, Any],
    said: str,
    count: int,
    recwarn: pytest.WarningsRecorder,
) -> None:
    stored = invented(factors, replicates=1, **options)
    assert ("One run a point: no intervals" in words(sweep_figure(stored))) == ("Dark" not in said)
    gaps = invented(factors, replicates=3, **options)
    gaps.runs.loc[gaps.runs["point"] == gaps.plan.count // 2, "adoption"] = np.nan
    sweep_figure(gaps).savefig(io.BytesIO(), format="png")
    assert [str(warning.message) for warning in recwarn] == []


def test_effects_are_differences_between_runs_with_the_same_luck() -> None:
    factors = {"role_clarity": [0.2, 0.8], "workload": [0.9], "leads": [1, 3]}
    stored = invented(factors, design="oat", replicates=RUNS)
    runs = stored.runs["adoption"].to_numpy().reshape(stored.plan.count, RUNS)
    luck = np.sin(np.arange(RUNS))[None, :] * np.arange(stored.plan.count)[:, None] / 50
    stored.runs["adoption"] = (runs + luck).ravel()
    data = effects_data(view_of(stored, "adoption"))
    assert list(data["factor"]) == ["role_clarity", "role_clarity", "workload", "leads"]
    assert list(data["level"]) == [0.2, 0.8, 0.9, 3]
    assert list(data["own"]) == [0.5, 0.5, 1.0, 1]
    expected = (runs + luck)[1:] - (runs + luck)[:1]
    np.testing.assert_allclose(data["difference"], expected.mean(axis=1))
    half = (data["ci_high"] - data["ci_low"]) / 2
    assert (half >= 1.96 * expected.std(axis=1, ddof=1) / np.sqrt(RUNS)).all()
    assert (half < 0.05).all()  # unpaired, the luck that points share would make them wider
    names = [text.get_text() for text in sweep_figure(stored).axes[0].texts]
    assert [name.split("(")[0].strip() for name in names] == [
        "Project leads",
        "Workload",
        "Role clarity",
    ]


def test_bins_hold_every_point_once_and_their_mean() -> None:
    factors = {"role_clarity": "prior", "leads": [1, 2], "network": ["teams", "full"]}
    stored = invented(factors, design="lhs", points=60)
    view = view_of(stored, "adoption")
    for factor in view.factors:
        made = bins(view, factor)
        assert sum(one.points for one in made) == 60
        for one in made:
            inside = (factor.values >= one.low) & (factor.values <= one.high)
            if not factor.numeric:
                inside = factor.values == one.low
            assert one.mean == pytest.approx(view.found.mean[inside].mean())
            assert one.ci_low < one.mean < one.ci_high
    assert len(bins(view, view.factors[1])) == 2
    data = scatter_data(view)
    assert (data["what"] == "point").sum() == 3 * 60


def test_of_many_factors_those_with_the_largest_effects_are_shown() -> None:
    names = ["role_clarity", "workload", "motivation", "trust", "alignment", "diffusion"]
    names += ["underestimation", "lead_hours", "manager_hours", "caseload", "clinicians"]
    study = study_of(SMALL, dict.fromkeys(names, "prior"), design="lhs", points=80, replicates=2)
    chosen = ("clinicians", "trust")
    values = sum(pd.Series(study.points[name]).rank().to_numpy() / 160 for name in chosen)
    view = view_of(stored_of(study, {"adoption": np.asarray(values)}), "adoption")
    shown = [factor.name for factor in shown_factors(view)]
    assert len(shown) == 9
    assert set(chosen) <= set(shown)
    assert shown == [name for name in names if name in shown]
    assert "9 of 11 factors" in words(drawn(view)[0])


def test_outcomes_that_were_not_kept_are_refused() -> None:
    stored = invented({"role_clarity": STEPS})
    with pytest.raises(InputError, match="did you mean adoption"):
        stored.plot("adopton")
    assert isinstance(stored.plot(), Figure)
    study = study_of(SMALL, {"role_clarity": STEPS}, outcomes=["cost", "cost_per_patient_reached"])
    ratio = stored_of(study, {"cost": np.arange(5.0), "cost_per_patient_reached": np.arange(5.0)})
    assert headlines(ratio) == ["cost"]
    with pytest.raises(InputError, match="ratio of means"):
        ratio.plot("cost_per_patient_reached")


# --- in a folder ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = ["adoption", "live", TIME, "cost", "cost_per_patient_reached"]
    factors = {"role_clarity": [0.2, 0.5, 0.8], "leads": [1, 2]}
    study = study_of(SMALL, factors, replicates=4, outcomes=kept)
    place = tmp_path_factory.mktemp("swept") / "result"
    sweep(study, place, workers=0)
    return place


def report_of(folder: Path, failed: list[tuple[int, int, str]] | None = None) -> Report:
    stored = open_result(folder)
    return Report(folder, 24, 0, 24, failed or [], [], 0, stored.result)


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for part in ("tables", "figures")
        for path in sorted((folder / part).rglob("*"))
    }


def test_the_command_writes_tables_and_figures_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of(folder)
    _write_extras(report, allow_failed=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "cost_per_patient_reached: not in tables and figures" in captured.err
    written = everything(folder)
    kinds = [
        f"figures/{name}.{kind}"
        for name in ("adoption", "live", TIME)
        for kind in ("csv", "png", "svg")
    ]
    assert set(written) == {"tables/points.csv", CONTENTS, *kinds}
    table = pd.read_csv(folder / "tables" / "points.csv")
    expected = points_summary(open_result(folder))
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    assert imread(folder / "figures" / "adoption.png").shape[1] == round(7.2 * 150)
    assert json.loads((folder / CONTENTS).read_text())["result"] == report.result
    before = {name: (folder / name).stat().st_mtime_ns for name in written}
    _write_extras(report)
    assert {name: (folder / name).stat().st_mtime_ns for name in written} == before
    assert capsys.readouterr().err == ""


def test_what_is_missing_is_written_again_with_the_same_bytes(folder: Path) -> None:
    report = report_of(folder)
    _write_extras(report)
    written = everything(folder)
    (folder / "figures" / "live.svg").unlink()
    assert not is_written(folder, report.result)
    _write_extras(report)
    assert is_written(folder, report.result)
    assert everything(folder) == written
    (folder / CONTENTS).write_text("damaged")
    assert not is_written(folder, report.result)
    _write_extras(report)
    assert everything(folder) == written
    assert not is_written(folder, "another result")
    assert open_result(folder).sealed


def test_failed_runs_are_not_drawn_unless_allowed(folder: Path) -> None:
    (folder / CONTENTS).unlink(missing_ok=True)
    _write_extras(report_of(folder, [(1, 2, "exception")]))
    assert not (folder / CONTENTS).exists()
    stored = open_result(folder)
    stored.failed.append((1, 2, "exception"))
    with pytest.raises(IncompleteError, match="exception"):
        write_sweep(stored)
    with pytest.raises(IncompleteError, match="exception"):
        stored.plot()
    assert "1 run failed and is left out" in words(stored.plot(allow_failed=True))


def test_a_view_knows_the_runs_of_a_result(folder: Path) -> None:
    view: View = view_of(open_result(folder), "live")
    assert view.yes_or_no
    assert view.share
    assert [factor.own for factor in view.factors] == [0.5, 1]
