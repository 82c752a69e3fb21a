"""Summaries of points: what a run of each point alone says, and nothing of runs that failed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import simulate
from sim.errors import IncompleteError
from sim.experiment.design.study import study_of
from sim.experiment.points_summary import (
    estimates,
    horizon,
    intervals,
    left_out,
    points_summary,
    points_table,
    table_of,
)
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.stored import Stored
from sim.experiment.sweep import sweep
from sim.outcomes import interval
from sim.scenario import loads
from tests.texts import LABEL
from tests.tolerances import ROUNDING

SMALL = loads('title = "small"\norganisations = 2\nclinicians = 10\ncaseload = 3\nweeks = 90\n')
KEPT = ("adoption", "go_live_week", "live", "cost", "patients_reached", "cost_per_patient_reached")
FACTORS = {"role_clarity": [0.2, 0.8], "rollout": ["all", "teams"]}
REPLICATES = 12


def stored_of(
    factors: dict[str, Any],
    values: dict[str, NDArray[np.float64]],
    status: NDArray[np.str_] | None = None,
    replicates: int = REPLICATES,
) -> Stored:
    """Return a result with runs of one's own."""
    names = [name for name in values if not name.endswith(".share_reached")]
    plan = plan_of_study(study_of(SMALL, factors, replicates=replicates, outcomes=names))
    runs = pd.DataFrame({"point": np.repeat(np.arange(plan.count), replicates), **values})
    runs["status"] = "ok" if status is None else status
    bad = [(int(run.point), 0, str(run.status)) for run in runs.itertuples() if run.status != "ok"]
    manifest = {"study": dict(plan.study), "label": LABEL}
    found = Stored(
        Path("nowhere"), plan, manifest, range(plan.chunks), bad, True, "0123456789abcdef"
    )
    found.__dict__["runs"] = runs
    return found


@pytest.fixture(scope="module")
def swept() -> Stored:
    study = study_of(SMALL, FACTORS, replicates=REPLICATES, outcomes=KEPT)
    return sweep(study, workers=0)


def test_a_point_says_what_a_run_of_its_scenario_says(swept: Stored) -> None:
    found = swept.summary()
    assert len(found) == 4 * len(KEPT)
    for point in range(4):
        alone = simulate.run(swept.plan.scenario(point), REPLICATES).summary()
        rows = found[found["point"] == point].set_index("outcome")
        assert list(rows.index) == [name for name in alone if name in KEPT]
        assert set(rows["role_clarity"]) == {swept.plan.points["role_clarity"][point]}
        assert set(rows["rollout"]) == {swept.plan.points["rollout"][point]}
        for name in KEPT:
            one, row = alone[name], rows.loc[name]
            assert row["n"] == one.n, name
            assert row["unit"] == one.unit
            for key in ("mean", "ci_low", "ci_high", "share_reached"):
                expected = getattr(one, key)
                expected = np.nan if expected is None else expected
                np.testing.assert_allclose(row[key], expected, rtol=1e-9, err_msg=f"{name} {key}")


@given(
    st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 0.25, 7.5]), min_size=6, max_size=6),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 6),
    st.booleans(),
)
def test_intervals_are_those_of_the_outcomes(
    rows: list[list[float]], runs: int, share: bool
) -> None:
    table = np.array(rows)[:, :runs]
    found = np.array(intervals(table, share=share))
    for row, numbers in zip(table, found.T, strict=True):
        expected = [np.nan if one is None else one for one in interval(row, share=share)]
        np.testing.assert_allclose(numbers, expected, rtol=ROUNDING, atol=ROUNDING)


def test_undefined_values_and_runs_that_failed_are_left_out() -> None:
    values = np.arange(2.0 * REPLICATES)
    values[3] = np.nan
    status = np.where(np.arange(len(values)) == 5, "non-finite", "ok").astype(np.str_)
    stored = stored_of({"role_clarity": [0.2, 0.8]}, {"cost": values}, status)
    found = estimates(stored, "cost")
    kept = np.delete(values[:REPLICATES], [3, 5])
    assert found.n.tolist() == [REPLICATES - 2, REPLICATES]
    np.testing.assert_allclose(found.mean, [kept.mean(), values[REPLICATES:].mean()])
    np.testing.assert_allclose(found.ci_low[0], interval(kept)[1])
    with pytest.raises(IncompleteError, match="non-finite"):
        points_summary(stored)
    assert len(points_summary(stored, allow_failed=True)) == 2


def test_partial_results_are_refused() -> None:
    stored = stored_of({"role_clarity": [0.2, 0.8]}, {"cost": np.zeros(2 * REPLICATES)})
    assert len(stored.summary()) == 2
    partial = replace(stored, chunks=[], sealed=False, result=None)
    with pytest.raises(IncompleteError, match="missing"):
        partial.summary(allow_failed=True)


def test_a_ratio_is_one_of_means_or_not_there(swept: Stored) -> None:
    found = estimates(swept, "cost_per_patient_reached")
    expected = estimates(swept, "cost").mean / estimates(swept, "patients_reached").mean
    np.testing.assert_allclose(found.mean, expected, rtol=1e-12)
    ratios = swept.runs["cost_per_patient_reached"].to_numpy().reshape(4, REPLICATES)
    assert not np.allclose(np.nanmean(ratios, axis=1), expected, rtol=1e-3)
    assert left_out(swept.plan) == []
    alone = replace(swept.plan, outcomes=("cost", "cost_per_patient_reached"))
    assert left_out(alone) == ["cost_per_patient_reached"]
    with pytest.raises(KeyError):
        estimates(replace(swept, plan=alone), "cost_per_patient_reached")


def test_a_table_holds_nulls_and_no_nan() -> None:
    values = np.full(2 * REPLICATES, np.nan)
    values[:REPLICATES] = 1.0
    table = points_table(stored_of({"leads": [1, 2]}, {"completion": values}))
    assert table["mean"].to_pylist() == [1.0, None]
    assert table["n"].to_pylist() == [REPLICATES, 0]
    assert table["share_reached"].null_count == 2
    assert table["leads"].to_pylist() == [1, 2]


def test_rows_of_a_table_are_replicates(swept: Stored) -> None:
    table = table_of(swept, swept.runs["adoption"].to_numpy())
    assert table.shape == (REPLICATES, 4)
    frame = swept.runs
    one = frame[(frame["point"] == 2) & (frame["replicate"] == 7)]["adoption"].item()
    assert table[7, 2] == one
    unlike = replace(swept, plan=replace(swept.plan, first_replicate=np.array([0, 12, 24, 36])))
    with pytest.raises(ValueError, match="share no luck"):
        table_of(unlike, swept.runs["adoption"].to_numpy())


def test_the_horizon_is_the_last_week_of_all_points(swept: Stored) -> None:
    assert horizon(swept.plan) == 90
    plan = plan_of_study(study_of(SMALL, {"weeks": [20, 60, 40]}))
    assert horizon(plan) == 60
