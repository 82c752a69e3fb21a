"""A start in an organisation whose platform is live already, with some trained and using."""

import math

import numpy as np
import pytest

from sim import layout
from sim.outcomes import kept, outcome_names
from sim.simulate import run, run_compiled
from sim.world import new_world, recipe
from tests.theory.worlds import CONSTANT, NO_LOSS, baseline
from tests.tolerances import Z_EXACT

LIVE = {"at_start": "live", "trained_at_start": 0.5, "using_at_start": 0.6}


def test_as_many_are_trained_and_using_as_the_scenario_says() -> None:
    people = new_world(recipe(baseline(LIVE)), 1, 0).clinicians
    assert (people["trained"].sum(), (people["use"] == layout.USER).sum()) == (30, 18)
    assert np.all(people["trained"][people["use"] == layout.USER] == 1)
    assert np.all(people["trained"][people["key_user"] == 1] == 1), "key-users come first"
    # Half a year of use at the default pace of habit, 0.05 a week.
    habits = people["habit"][people["use"] == layout.USER]
    assert np.allclose(habits, 1.0 - math.exp(-0.05 * 26))


def test_what_lies_behind_takes_no_weeks() -> None:
    made = recipe(baseline(LIVE | NO_LOSS | {"manager_hours": 20.0, "lead_hours": 40.0}))
    tape = run_compiled(made, 1, 0, events=True)
    outcomes = dict(zip(outcome_names(made), kept(tape, made)[0][0], strict=True))
    assert outcomes["go_live_week"] == 0.0
    assert [outcomes[f"phase_weeks.{name}"] for name in made.phases[:4]] == [0.0] * 4
    assert outcomes["live"] == 1.0
    opened = tape.events[tape.events["event"] == layout.PHASE_OPENED]
    assert set(opened["detail"].tolist()) == {4}, "only evaluation opens"
    # The first opens 13 weeks after week 0.
    assert opened["week"].min() == 13


def test_all_teams_of_a_live_platform_are_live() -> None:
    by_team = LIVE | {"rollout": "teams", "rollout_weeks": 20}
    a, b = (run_compiled(recipe(baseline(one, weeks=60)), 1, 0) for one in (LIVE, by_team))
    assert a.series.tobytes() == b.series.tobytes()


def test_use_at_the_start_lapses_at_its_hazard() -> None:
    """No feedback and nobody starts: users are left by exp(-hazard) a week."""
    quiet = CONSTANT | NO_LOSS | {"start_rate": 0.0, "lapse_rate": 0.1, "caseload": 0}
    scenario = baseline(LIVE | quiet, clinicians=4000, trained_at_start=1.0, using_at_start=1.0)
    adoption = run_compiled(recipe(scenario, 30), 5, 0).series["adoption"][:, 0]
    expected = np.exp(-0.1 * np.arange(1, 31))
    error = np.sqrt(expected * (1.0 - expected) / 4000)
    assert np.all(np.abs(adoption - expected) < Z_EXACT * error)


def test_use_before_the_start_counts_for_sustained_use() -> None:
    stays = CONSTANT | NO_LOSS | LIVE | {"lapse_rate": 0.0, "start_rate": 0.0}
    for weeks, first in ((26, 0), (10, 16)):
        scenario = baseline(stays, used_weeks_at_start=weeks, weeks=40)
        series = run_compiled(recipe(scenario), 1, 0).series["sustained_adoption"][:, 0]
        assert np.all(series[:first] == 0.0)
        assert np.all(series[first:] == pytest.approx(0.3))


def test_more_at_the_start_is_more_half_a_year_later() -> None:
    few, many = (
        run(baseline(LIVE | {"trained_at_start": share}), 200, 1, weeks=26).frame()["adoption"]
        for share in (0.3, 0.7)
    )
    difference = many - few
    error = difference.std(ddof=1) / math.sqrt(len(difference))
    assert difference.mean() - Z_EXACT * error > 0.0


def test_roles_agreed_on_before_are_clear_from_the_start() -> None:
    new, live = (new_world(recipe(baseline(changes)), 1, 0) for changes in ({}, LIVE))
    raised = live.leads["post_clarity"] - new.leads["post_clarity"]
    assert np.allclose(raised, 0.5 * 0.295 * (1.0 - new.leads["post_clarity"]))
    others = live.clinicians["key_user"] == 0
    same = live.clinicians["post_clarity"] == new.clinicians["post_clarity"]
    assert np.array_equal(same, others)


def test_a_new_project_has_nobody_trained_whatever_is_said_of_a_live_one() -> None:
    said = {"trained_at_start": 0.9, "using_at_start": 0.9, "quality_at_start": 0.9}
    a, b = (run_compiled(recipe(baseline(one, weeks=60)), 1, 0) for one in ({}, said))
    assert a.series.tobytes() == b.series.tobytes()
