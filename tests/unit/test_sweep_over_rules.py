"""A sweep over draws of the rules: crash-safe as any, read as its own points again."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.agents import Clinician
from sim.errors import InputError
from sim.experiment.check.verify import verify
from sim.experiment.design.study import Study, study_of
from sim.experiment.doubt.grouped import Grouped, grouped
from sim.experiment.doubt.nested import shape_of
from sim.experiment.doubt.running import run_drawn
from sim.experiment.execute.work import Way, execute
from sim.experiment.points_summary import estimates
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.stored import Stored
from sim.plots.curves import curve_data
from sim.plots.sweep import drawn
from sim.plots.swept import view_of
from sim.scenario import load
from tests.posteriors import small
from tests.tolerances import ROUNDING

BASE = load("baseline").with_values({"clinicians": 8, "caseload": 6, "weeks": 120})
FACTORS = {"role_clarity": [0.4, 0.5, 0.7]}
KEPT = ("adoption", "completion", "go_live_week", "cost", "patients_reached")
RUNS = 64


class Same(Clinician):
    """Does what every clinician does."""


def study(**changes: object) -> Study:
    usual = {"replicates": RUNS, "seed": 5, "outcomes": [*KEPT, "cost_per_patient_reached"]}
    return study_of(BASE, FACTORS, **(usual | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return sim.sweep(study(), tmp_path_factory.mktemp("swept") / "s", posterior=small())


def test_each_point_is_the_run_of_its_scenario_over_the_same_draws(swept: Stored) -> None:
    summary = swept.summary().set_index(["outcome", "point"])
    for point, clarity in enumerate(FACTORS["role_clarity"]):
        alone = run_drawn(BASE.with_values({"role_clarity": clarity}), small(), RUNS, seed=5)
        for name in (*KEPT, "cost_per_patient_reached"):
            row, split = summary.loc[(name, point)], alone.splits[name]
            assert split is not None
            assert (row["rules_low"], row["rules_high"]) == (split.low, split.high), name
            for part, one in split.shares.items():
                assert row[f"share_{part}"] == one.share
                assert (row[f"share_{part}_low"], row[f"share_{part}_high"]) == (
                    one.ci_low,
                    one.ci_high,
                )
            whole = alone.summary()[name]
            if name != "completion":  # undefined in some runs: one is a mean of means
                assert row["mean"] == pytest.approx(whole.mean)
                assert row["ci_low"] == pytest.approx(whole.ci_low)
    assert summary["role_clarity"].tolist()[:3] == FACTORS["role_clarity"]
    assert "start_rate" not in summary.columns


def test_a_mean_is_over_the_runs_and_its_interval_over_pairs(swept: Stored) -> None:
    view, shape = grouped(swept), shape_of(RUNS)
    assert isinstance(view, Grouped)
    found = estimates(view, "adoption")
    runs = swept.runs["adoption"].to_numpy().reshape(3, -1)
    np.testing.assert_allclose(found.mean, runs.mean(axis=1), rtol=ROUNDING)
    assert found.n.tolist() == [shape.pairs] * 3
    assert view.plan.count == 3
    assert swept.plan.count == 3 * shape.points
    assert grouped(view) is view
    times = estimates(view, "go_live_week")
    reached = swept.runs["go_live_week.share_reached"].to_numpy().reshape(3, -1).mean(axis=1)
    np.testing.assert_allclose(times.share_reached, reached, rtol=ROUNDING)


def test_shards_and_a_second_call_give_the_same_result(swept: Stored, tmp_path: Path) -> None:
    for shard in ((1, 2), (2, 2)):
        execute(swept.plan, tmp_path / "s", Way(workers=0, shard=shard))
    shared = sim.open(tmp_path / "s")
    assert shared.sealed
    assert shared.result == swept.result
    again = sim.sweep(study(), swept.folder, posterior=small())
    assert again.result == swept.result
    verify(swept.folder, runs=3).require()


def test_it_is_known_again_when_it_is_opened(swept: Stored) -> None:
    opened = sim.open(swept.folder)
    assert opened.plan.study["posterior"]["id"] == small().id
    assert opened.summary().equals(swept.summary())
    frame = opened.frame()
    assert {"role_clarity", "start_rate", "stop_rate", "adoption"} <= set(frame.columns)
    assert len(frame) == 3 * shape_of(RUNS).runs


def test_agents_of_ones_own_run_over_draws_too() -> None:
    one = study(replicates=16, outcomes=["adoption"])
    own = sim.sweep(one, posterior=small(), agents={Clinician: Same}, workers=0)
    usual = sim.sweep(one, posterior=small(), workers=0)
    assert own.runs["adoption"].tolist() == usual.runs["adoption"].tolist()


@pytest.mark.parametrize(
    ("factors", "design"),
    [
        (FACTORS, "grid"),
        ({"role_clarity": [0.4, 0.7], "leads": [1, 2]}, "grid"),
        ({"network": ["teams", "random"]}, "grid"),
        ({"role_clarity": [0.4, 0.7], "leads": [2]}, "oat"),
    ],
)
def test_every_figure_says_that_rules_were_drawn(
    factors: dict[str, list[object]], design: str
) -> None:
    one = study_of(BASE, factors, design=design, replicates=16, outcomes=["adoption"])
    found = sim.sweep(one, posterior=small(), workers=0)
    figure, _ = drawn(view_of(found, "adoption"))
    texts = " ".join(text.get_text() for text in figure.texts)
    assert f"posterior {small().id}" in texts
    assert "16 runs over 4 draws" in texts


def test_a_curve_shows_the_band_of_the_rules(swept: Stored) -> None:
    data = curve_data(view_of(swept, "adoption"))
    view = grouped(swept)
    assert isinstance(view, Grouped)
    splits = view.splits("adoption")
    assert data["rules_low"].tolist() == [one.low for one in splits if one]
    assert "runs_q10" not in data.columns


def test_rules_that_are_set_or_varied_are_refused() -> None:
    varied = study_of(BASE, {"start_rate": [0.004, 0.01]}, replicates=RUNS)
    with pytest.raises(InputError, match="start_rate: set by the study or its scenario, and drawn"):
        sim.sweep(varied, posterior=small())
    with pytest.raises(InputError, match="too few for a posterior"):
        sim.sweep(study(replicates=8), posterior=small())


def test_a_sweep_without_a_posterior_is_what_it_was() -> None:
    plan = plan_of_study(study())
    assert plan.between is None
    assert "posterior" not in plan.study
    found = sim.sweep(study(replicates=2, outcomes=["adoption"]), workers=0)
    assert grouped(found) is found
    assert "rules_low" not in found.summary().columns
