"""A plan can hold what differs between organisations while their luck differs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.agents import Clinician
from sim.experiment.design.study import study_of
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store.folder import read_plan
from sim.experiment.store.stored import Stored, open_result
from sim.scenario import load

BASE = load("baseline").with_values({"clinicians": 8, "caseload": 3, "weeks": 40})


class Same(Clinician):
    """Does what every clinician does."""


def plan(between: list[int] | None) -> Plan:
    made = plan_of_study(study_of(BASE, {"leads": [1, 2]}, replicates=4))
    return replace(made, between=None if between is None else np.array(between, np.int64))


def done(made: Plan, folder: Path) -> Stored:
    execute(made, folder, Way(workers=0))
    return open_result(folder)


def test_held_organisations_differ_in_luck_alone(tmp_path: Path) -> None:
    own, held = done(plan(None), tmp_path / "own"), done(plan([-1, 0]), tmp_path / "held")
    first, second = (held.runs[held.runs["point"] == point] for point in (0, 1))
    usual = own.runs[own.runs["point"] == 1]
    assert first.equals(own.runs[own.runs["point"] == 0])
    # Replicate 0 draws its organisations as itself either way; the others do not.
    name = "role_clarity.lead"
    assert second[name].iloc[0] == usual[name].iloc[0]
    assert (second[name].iloc[1:].to_numpy() != usual[name].iloc[1:].to_numpy()).all()
    assert held.manifest["plan"] != own.manifest["plan"]
    again, _ = read_plan(tmp_path / "held")
    assert again.between is not None
    assert again.between.tolist() == [-1, 0]


@pytest.mark.parametrize("between", [None, [3, -1]])
def test_both_engines_hold_them_alike(between: list[int] | None, tmp_path: Path) -> None:
    fast = done(plan(between), tmp_path / "fast")
    mesa = replace(plan(between), own=own_of({Clinician: Same}), engine="mesa")
    plain = done(mesa, tmp_path / "mesa")
    assert fast.runs.equals(plain.runs)
    assert fast.organisations.equals(plain.organisations)
