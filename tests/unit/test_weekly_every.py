"""Weekly series kept of every n-th week: the same numbers, fewer of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.agents import Clinician
from sim.errors import InputError
from sim.experiment.check.verify import verify
from sim.experiment.design.study import Study, loads_study, study_of
from sim.experiment.execute.work import Way, execute
from sim.experiment.export.arrays import dataset_of_stored
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.stored import Stored, open_result
from sim.scenario import load

BASE = load("baseline").with_values({"clinicians": 6, "caseload": 2, "organisations": 2})


class Ordinary(Clinician):
    """A clinician like any other."""


def study(every: int, **more: object) -> Study:
    factors = {"role_clarity": [0.3, 0.7], "weeks": [10, 12]}
    words: dict = {"replicates": 3, "weekly": ["adoption", "load_users"]}
    return study_of(BASE, factors, weekly_every=every, **words | more)


def kept(every: int, folder: Path, **more: object) -> Stored:
    execute(plan_of_study(study(every, **more)), folder, Way(workers=0))
    return open_result(folder)


def test_the_weeks_kept_are_each_nth_and_the_last_with_the_numbers_of_a_whole_record(
    tmp_path: Path,
) -> None:
    whole, thin = kept(1, tmp_path / "whole").weekly, kept(4, tmp_path / "thin").weekly
    assert whole is not None
    assert thin is not None
    by_point = {point: list(rows["week"].unique()) for point, rows in thin.groupby("point")}
    assert by_point == {0: [4, 8, 10], 1: [4, 8, 12], 2: [4, 8, 10], 3: [4, 8, 12]}
    last = np.where(whole["point"] % 2 == 0, 10, 12)
    chosen = whole[(whole["week"] % 4 == 0) | (whole["week"] == last)]
    assert chosen.reset_index(drop=True).equals(thin)
    assert len(thin) == 4 * 3 * 3


def test_runs_and_organisations_do_not_depend_on_it(tmp_path: Path) -> None:
    whole, thin = kept(1, tmp_path / "whole"), kept(5, tmp_path / "thin")
    assert whole.runs.equals(thin.runs)
    assert whole.organisations.equals(thin.organisations)


def test_a_thinned_result_comes_back_with_its_plan_verifies_and_is_found_finished(
    tmp_path: Path,
) -> None:
    stored = kept(5, tmp_path / "r")
    assert stored.plan.weekly_every == 5
    assert stored.plan.keeps == plan_of_study(study(5)).keeps
    verify(tmp_path / "r", 4).require()
    again = execute(plan_of_study(study(5)), tmp_path / "r", Way(workers=0))
    assert again.before == again.runs


def test_every_week_is_what_was_always_kept() -> None:
    assert "weekly_every" not in plan_of_study(study(1)).keeps


def test_an_export_has_the_weeks_that_are_kept(tmp_path: Path) -> None:
    pytest.importorskip("xarray")
    even = study_of(
        BASE, {"role_clarity": [0.3, 0.7]}, replicates=2, weekly=["adoption"], weekly_every=4
    )
    execute(plan_of_study(even), tmp_path / "r", Way(workers=0))
    stored = open_result(tmp_path / "r")
    made = dataset_of_stored(stored)
    weeks = int(BASE.values["weeks"])
    assert list(made["week"].values) == list(range(4, weeks + 1, 4))
    assert made["weekly_adoption"].shape == (2, 2, weeks // 4)
    assert stored.weekly is not None
    assert np.array_equal(made["weekly_adoption"].values.ravel(), stored.weekly["adoption"])


def test_runs_of_agents_of_ones_own_are_thinned_alike(tmp_path: Path) -> None:
    fast = plan_of_study(study(3))
    slow = replace(fast, own=own_of({Clinician: Ordinary}), engine="mesa")
    for name, plan in (("fast", fast), ("slow", slow)):
        execute(plan, tmp_path / name, Way(workers=0))
    one, other = (open_result(tmp_path / name).weekly for name in ("fast", "slow"))
    assert one is not None
    assert other is not None
    assert one.equals(other)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("weekly = true\nweekly_every = 0", "line 4: weekly_every: out of range (found 0"),
        ("weekly = true\nweekly_every = 53", "allowed 1 to 52"),
        ("weekly = true\nweekly_every = 2.0", "must be a whole number (found 2.0"),
        ("weekly_every = 4", "line 3: weekly_every: no weekly series are kept"),
        ("weekly = false\nweekly_every = 4", "no weekly series are kept"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(line: str, said: str) -> None:
    text = f'title = "x"\nscenario = "baseline"\n{line}\n[factors]\nleads = [1, 2]\n'
    with pytest.raises(InputError) as caught:
        loads_study(text, "s.toml")
    assert said.replace("line ", "s.toml:") in str(caught.value)
