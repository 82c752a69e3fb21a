"""Agents that raise, compute nonsense, never end or kill their process: one run each is lost."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.agents import Clinician
from sim.errors import IncompleteError
from sim.experiment.design.study import study_of
from sim.experiment.execute import pool
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store.stored import open_result
from sim.experiment.sweep import sweep
from tests.keeping import read_notes
from tests.reliability import own_agents
from tests.reliability.campaigns import HERE
from tests.reliability.faults import content
from tests.reliability.studies import SMALL, small_chunks

AGENTS = {Clinician: own_agents.Poisoned}
TAME = {
    own_agents.RAISES: "exception",
    own_agents.NOT_A_NUMBER: "non-finite",
    own_agents.ENDLESS_NUMBER: "non-finite",
    own_agents.GOES_ON: "step-budget",
    own_agents.STOPS_EARLY: "step-budget",
    own_agents.LEAVES: "exception",
}
WILD = {own_agents.DIES: "killed", own_agents.HANGS: "timeout"}


def poisoned(points: Sequence[float], largest: int = 2000) -> Plan:
    """Return a plan of one run a point; the last point is large, so that chunks are of four."""
    factors = {"role_clarity": list(points), "clinicians": [3] * (len(points) - 1) + [largest]}
    study = study_of(
        SMALL, factors, design="points", replicates=1, outcomes=["adoption", "motivation.clinician"]
    )
    return plan_of_study(study, own=own_of(AGENTS))


def rows(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for path in sorted((folder / "parts").glob("part-*.parquet")):
        found += pq.read_table(path).to_pylist()
    return found


def compare_rows(folder: Path, whole: Path, wrong: dict[int, str]) -> None:
    """Every planned run has a row; those that went well are as if nothing else had gone wrong."""
    found, healthy = rows(folder), rows(whole)
    assert [row["point"] for row in found] == list(range(len(healthy)))
    for row, other in zip(found, healthy, strict=True):
        point = row["point"]
        assert isinstance(point, int)
        if point not in wrong:
            assert row == other
            continue
        assert row["status"] == wrong[point]
        if row["status"] != "non-finite":
            assert row["adoption"] is None


@pytest.fixture
def healed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv(own_agents.HEALED, "1")
    return monkeypatch


def test_runs_that_go_wrong_by_themselves_are_rows_with_a_status(
    tmp_path: Path, healed: pytest.MonkeyPatch
) -> None:
    points = [0.5, *TAME, 0.6, 0.7]
    wrong = {1 + k: status for k, status in enumerate(TAME.values())}
    with small_chunks():
        execute(poisoned(points, 3), tmp_path / "whole", HERE)
        healed.delenv(own_agents.HEALED)
        report = execute(poisoned(points, 3), tmp_path / "r", HERE)
        assert report.failed == [(point, 0, status) for point, status in wrong.items()]
        assert report.result is not None
        assert not report.lost
        compare_rows(tmp_path / "r", tmp_path / "whole", wrong)
        sound = content(tmp_path / "whole")
        other = content(tmp_path / "r")
        assert sound["parts/part-000004.parquet"] == other["parts/part-000004.parquet"]
        said = {one["point"]: one["message"] for one in read_notes(tmp_path / "r")}
        assert said[1] == "ValueError: poison in two lines"
        assert set(said) == {1, 4, 5, 6}
        with pytest.raises(IncompleteError, match="6 runs failed"):
            open_result(tmp_path / "r").complete()
        # They are part of the result: the same again changes nothing, and says so again.
        assert execute(poisoned(points, 3), tmp_path / "r", HERE).failed == report.failed
        assert content(tmp_path / "r") == other


def test_a_sweep_with_failed_runs_raises_with_a_list(tmp_path: Path) -> None:
    study = study_of(
        SMALL, {"role_clarity": [0.5, own_agents.RAISES]}, replicates=2, outcomes=["adoption"]
    )
    with pytest.raises(IncompleteError) as caught:
        sweep(study, tmp_path / "r", agents=AGENTS, workers=0)
    assert caught.value.exit_code == 5
    lines = str(caught.value).splitlines()
    assert lines[1:] == [f"  point 1, replicate {k}: exception" for k in range(2)]
    kept = sweep(study, tmp_path / "r", agents=AGENTS, workers=0, allow_failed=True)
    assert list(kept.runs["status"]) == ["ok", "ok", "exception", "exception"]
    assert np.isnan(kept.runs["adoption"][2:]).all()


def test_runs_that_end_their_process_or_never_end_block_the_seal_and_are_tried_again(
    tmp_path: Path, healed: pytest.MonkeyPatch
) -> None:
    points = [0.4, own_agents.DIES, 0.5, 0.6, 0.7, own_agents.HANGS, 0.8, 0.9, 0.45]
    plan, folder = poisoned(points), tmp_path / "r"
    execute(plan, tmp_path / "whole", HERE)
    healed.delenv(own_agents.HEALED)
    healed.setattr(pool, "TRIES", 1)  # every further try takes a worker's start more
    report = execute(plan, folder, Way(workers=2, timeout=6.0))
    assert sorted(report.lost) == [(1, 0, "killed"), (5, 0, "timeout")]
    assert report.failed == []
    assert report.result is None
    assert not (folder / "SEAL.json").exists()
    # Chunks are of four runs: the last, of one, had nothing wrong in it.
    assert report.done == 1
    assert open_result(folder).done == 1
    healed.setenv(own_agents.HEALED, "1")
    again = execute(plan, folder, HERE)
    assert (again.before, again.done, again.lost) == (1, 9, [])
    assert content(folder) == content(tmp_path / "whole")


@pytest.mark.long
def test_with_leave_to_fail_they_are_rows_that_are_tried_again_without(
    tmp_path: Path, healed: pytest.MonkeyPatch
) -> None:
    points = [0.4, 0.5, own_agents.DIES, own_agents.HANGS, 0.7]
    lost = [(2, 0, "killed"), (3, 0, "timeout")]
    plan, whole, folder = poisoned(points), tmp_path / "whole", tmp_path / "r"
    execute(plan, whole, HERE)
    healed.delenv(own_agents.HEALED)
    lenient = Way(workers=1, timeout=6.0, allow_failed=True)
    report = execute(plan, folder, lenient)
    assert report.failed == lost
    assert report.lost == []
    assert report.result is not None
    compare_rows(folder, whole, {2: "killed", 3: "timeout"})
    assert open_result(folder).failed == lost
    kept = content(folder)
    assert execute(plan, folder, lenient).before == plan.runs
    assert content(folder) == kept
    # Without that leave just its chunk is tried again, and here it ends well.
    healed.setenv(own_agents.HEALED, "1")
    again = execute(plan, folder, HERE)
    assert (again.before, again.failed) == (1, [])
    assert content(folder) == content(whole)
