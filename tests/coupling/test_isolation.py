"""MODEL.md 9.5 and 9.6: what shares nothing changes nothing, bit by bit."""

from typing import Any

import numpy as np
import pytest

from sim import layout
from sim.draws import Stream
from sim.layout import Tape, World
from sim.scenario import Scenario
from sim.simulate import run, run_compiled, sorted_events
from sim.world import Recipe, new_world, recipe
from tests.theory.worlds import (
    CONSTANT,
    NO_WORK,
    NOBODY,
    baseline,
    copied,
    simulated,
    tape_bytes,
)

LIVELY: dict[str, Any] = {
    "managers": 2,
    "manager_hours": 12.0,
    "clinicians": 15,
    "caseload": 4,
    "lead_hours": 24.0,
    "leads": 2,
    "key_users": 0.2,
    "training_rate": 0.4,
    "start_rate": 0.04,
    "invitation_rate": 0.2,
    "turnover": 0.3,
    "lead_turnover": 0.3,
    "manager_turnover": 0.3,
}


# --- organisations -------------------------------------------------------------------------------


def idle_from(world: World, first: int) -> World:
    """Return a world in which organisations from ``first`` on have no project."""
    world.organisations["project_weeks"][first:] = 0
    return world


def with_plan_of(world: World, other: Recipe) -> World:
    """Return a world with the hours agreed and the plan of another number of organisations."""
    changed = copied(world)
    for name in ("agreed_manager_hours", "planned_weeks_total"):
        changed.p[name] = other.p[name]
    changed.plan[:] = other.plan
    return changed


@pytest.mark.parametrize("idle", [1, 3])
def test_organisations_without_a_project_change_no_byte_of_the_others(idle: int) -> None:
    """As if they were not there: hours agreed and planned per organisation held the same."""
    alone = recipe(baseline(LIVELY, organisations=2))
    more = recipe(baseline(LIVELY, organisations=2 + idle))
    for replicate in range(5):
        world = with_plan_of(new_world(more, 5, replicate), alone)
        together = simulated(idle_from(world, 2), more.weeks)
        apart = run_compiled(alone, 5, replicate)
        assert np.nanmax(apart.series.adoption) > 0.0
        for o in range(2):
            assert tape_bytes(together, o) == tape_bytes(apart, o)


def test_whatever_happens_in_an_idle_organisation_stays_there() -> None:
    made = recipe(baseline(LIVELY, organisations=3))
    posts, leads = made.clinicians, int(made.p[0].leads)
    for replicate in range(3):
        usual = simulated(idle_from(new_world(made, 5, replicate), 2), made.weeks)
        world = idle_from(new_world(made, 5, replicate), 2)
        last = slice(2 * posts, 3 * posts)
        world.clinicians["base_load"][last] = 2.5
        world.clinicians["post_clarity"][last] = 0.1
        world.clinicians["key"][last] += 1
        world.leads["own"][2 * leads :] = -3.0
        world.organisations["trust"][2] = 0.9
        changed = simulated(world, made.weeks)
        assert tape_bytes(changed, 2) != tape_bytes(usual, 2)
        for o in range(2):
            assert tape_bytes(changed, o) == tape_bytes(usual, o)


def test_an_organisation_with_a_project_does_change_others() -> None:
    """The tests of this file can fail: vendor hours are shared."""
    made = recipe(baseline(LIVELY, organisations=3))
    usual = run_compiled(made, 5, 0)
    idle = simulated(idle_from(new_world(made, 5, 0), 2), made.weeks)
    assert tape_bytes(usual, 0) != tape_bytes(idle, 0)


def test_organisations_that_share_nothing_run_together_as_alone() -> None:
    changes = LIVELY | {"managers": 0}
    hours = {f"phases.{phase}.manager_hours": 0.0 for phase in ("onboarding", "journeys", "build")}
    changes |= hours | {"phases.train.manager_hours": 0.0, "phases.evaluate.manager_hours": 0.0}
    two, one = (recipe(baseline(changes, organisations=count)) for count in (2, 1))
    for replicate in range(5):
        together = run_compiled(two, 9, replicate)
        assert np.any(together.totals["live_week"] >= 0)
        for first in range(2):
            alone = run_compiled(one, 9, replicate, first_organisation=first)
            assert tape_bytes(together, first) == tape_bytes(alone, 0)


# --- clinicians and patients ---------------------------------------------------------------------

NO_FEEDBACK: dict[str, Any] = (
    NO_WORK
    | NOBODY
    | {
        # peers, what is shown, own patients' outcomes and hours, vacancies of the team
        "start_peers": 0.0,
        "motivation_peers": 0.0,
        "shown_weight": 0.0,
        "motivation_experience": 0.0,
        "lapse_experience": 0.0,
        "setup_hours": 0.0,
        "saved_hours": 0.0,
        "cover": 0.0,
        # seats for everybody
        "seats": 500.0,
        "team_size": 500,
        "turnover": 0.5,
        "start_rate": 0.05,
        "start_fit": 0.0,
        "start_usability": 0.0,
        "invitation_rate": 0.2,
        "evaluation_weeks": 0,
        "stop_rate": 0.001,
    }
)


def people_events(scenario: Scenario, replicate: int) -> np.ndarray:
    events = sorted_events(run_compiled(recipe(scenario), 2, replicate, events=True))
    return events[np.isin(events["role"], (layout.ROLE_CLINICIAN, layout.ROLE_PATIENT))]


@pytest.mark.parametrize("network", ["small-world", "full", "random"])
def test_an_extra_clinician_changes_nobody_elses_events(network: str) -> None:
    for replicate in range(5):
        few, more = (
            people_events(
                baseline(NO_FEEDBACK, network=network, clinicians=count, caseload=5), replicate
            )
            for count in (20, 21)
        )
        assert set(few["event"].tolist()) >= {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11}
        assert more[more["post"] < 20].tobytes() == few.tobytes()
        assert np.any(more["post"] == 20)


def test_an_extra_patient_changes_nobody_elses_events() -> None:
    for replicate in range(5):
        few, more = (
            people_events(baseline(NO_FEEDBACK, clinicians=20, caseload=count), replicate)
            for count in (5, 6)
        )
        assert more[more["place"] < 5].tobytes() == few.tobytes()


def test_with_feedback_an_extra_patient_does_change_others() -> None:
    changes = NO_FEEDBACK | {"setup_hours": 2.0, "contract_hours": 8.0}
    few, more = (
        people_events(baseline(changes, clinicians=20, caseload=count), 0) for count in (5, 6)
    )
    assert more[more["place"] < 5].tobytes() != few.tobytes()


# --- parameters, streams, horizons ---------------------------------------------------------------

INERT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"load_effect": "monotone"}, {"load_optimum": 0.6}),
    ({"rollout": "all"}, {"rollout_weeks": 20}),
    ({"network": "full"}, {"network_ties": 5}),
    ({"network": "teams"}, {"network_ties": 5}),
    ({"protected_hours": 0.0, "saved_hours": 0.0}, {"currency": "USD"}),
    ({"setup_hours": 0.0}, {"setup_weeks": 9}),
    ({"turnover": 0.0, "lead_turnover": 0.0, "manager_turnover": 0.0}, {"vacancy_weeks": 30}),
    ({"turnover": 0.0, "lead_turnover": 0.0, "manager_turnover": 0.0}, {"newcomer_clarity": 0.1}),
    ({"turnover": 0.0}, {"newcomer_training_weeks": 13}),
    ({"evaluation_weeks": 0}, {"repair": 0.9, "refresher_seats": 30.0}),
    ({"evaluation_weeks": 0}, {"expected_adoption": 0.1}),
    ({"stop_rate": 0.0}, {"stop_trust": 9.0, "stop_overrun": 3.0, "stop_after": 0.9}),
    ({"dropout_guidance": 0.0, "key_users": 0.0}, {"guidance_overload": 9.0}),
    ({"managers": 0, "manager_hours": 4.0}, {"manager_turnover": 2.0}),
    ({"leads": 0}, {"lead_turnover": 2.0}),
    ({"caseload": 0}, {"invitation_rate": 1.0, "care_weeks": 20.0}),
    ({"project_weeks": 0}, {"seats": 20.0, "start_rate": 0.5, "lead_hours": 40.0}),
    ({}, {"title": "another title", "shows": "something", "name": "other"}),
]


@pytest.mark.parametrize(("setting", "change"), INERT, ids=str)
def test_an_inert_parameter_changes_no_byte(
    setting: dict[str, Any], change: dict[str, Any]
) -> None:
    for replicate in range(2):
        usual = run_compiled(
            recipe(baseline(setting, caseload=setting.get("caseload", 4))), 3, replicate
        )
        scenario = baseline(setting | change, caseload=setting.get("caseload", 4))
        assert tape_bytes(run_compiled(recipe(scenario), 3, replicate)) == tape_bytes(usual)


@pytest.mark.parametrize("name", ["manager_rate", "lead_rate", "clinician_rate", "licence"])
def test_prices_change_cost_alone(name: str) -> None:
    usual, dear = (
        run_compiled(recipe(baseline({name: price, "stop_rate": 0.0})), 1, 0)
        for price in (10.0, 500.0)
    )
    assert np.any(usual.series["live"] > 0.0)
    for field in usual.series.dtype.names or ():
        same = usual.series[field].tobytes() == dear.series[field].tobytes()
        assert same == (field != "cost"), field


def test_an_unused_stream_changes_no_byte() -> None:
    """Other clocks for what never happens: drawn anew, they change nothing."""
    made = recipe(baseline(LIVELY | {"turnover": 0.0, "lead_turnover": 0.0, "stop_rate": 0.0}))
    usual = run_compiled(made, 4, 0)
    world = new_world(made, 4, 0)
    world.clinicians["leave_clock"] *= 0.01
    world.leads["leave_clock"] *= 0.01
    world.organisations["stop_clock"] *= 0.01
    assert tape_bytes(simulated(world, made.weeks)) == tape_bytes(usual)
    assert len(set(Stream)) == len(Stream)


@pytest.mark.parametrize("changes", [{}, LIVELY | {"organisations": 3}])
def test_weeks_are_a_prefix_of_more_weeks(changes: dict[str, Any]) -> None:
    scenario = baseline(changes)
    whole = run_compiled(recipe(scenario, 120), 6, 1, events=True)
    for weeks in (0, 1, 37, 103, 104, 105, 119):
        part = run_compiled(recipe(scenario, weeks), 6, 1, events=True)
        assert part.series.tobytes() == whole.series[:weeks].tobytes()
        assert part.cohorts["admitted"].tobytes() == whole.cohorts["admitted"][:weeks].tobytes()
        events = sorted_events(whole)
        assert sorted_events(part).tobytes() == events[events["week"] < weeks].tobytes()
        for name in ("live_week", "stopped_week", "start_week", "half_week", "competence_week"):
            known = whole.totals[name]
            assert np.array_equal(part.totals[name], np.where(known < weeks, known, -1))


def test_organisation_replicate_holds_the_organisations_and_changes_the_rest() -> None:
    made = recipe(baseline(LIVELY, organisations=4))
    levels = "shift_clarity shift_motivation shift_load trust_own alignment involvement trust"
    worlds = [new_world(made, 7, replicate, organisation_replicate=3) for replicate in (0, 1, 3)]
    for name in levels.split():
        for world in worlds[1:]:
            assert world.organisations[name].tobytes() == worlds[0].organisations[name].tobytes()
    for name in ("key", "stop_clock"):
        assert not np.any(worlds[0].organisations[name] == worlds[1].organisations[name])
    for name in ("key", "own", "post_clarity", "base_load", "leave_clock", "patients_key"):
        assert not np.any(worlds[0].clinicians[name] == worlds[1].clinicians[name]), name
    same = run_compiled(made, 7, 3)
    assert tape_bytes(run_compiled(made, 7, 3, organisation_replicate=3)) == tape_bytes(same)
    for replicate in (0, 1):
        other = new_world(made, 7, replicate)
        for name in levels.split():
            assert not np.any(other.organisations[name] == worlds[0].organisations[name]), name


def test_scenarios_share_their_draws() -> None:
    """Common random numbers: another scenario meets the same people, moved."""
    low, high = (new_world(recipe(baseline(motivation=m)), 1, 0) for m in (0.3, 0.6))
    assert np.array_equal(low.clinicians["leave_clock"], high.clinicians["leave_clock"])
    assert np.array_equal(low.clinicians["post_clarity"], high.clinicians["post_clarity"])
    assert np.all(low.clinicians["motivation"] < high.clinicians["motivation"])
    assert np.array_equal(low.patients["clock"], high.patients["clock"])


# --- size, threads, order ------------------------------------------------------------------------


def test_isolation_at_ten_thousand_agents() -> None:
    """RELIABILITY.md, promise 15: 10^4 agents x 104 weeks."""
    changes = {"clinicians": 60, "caseload": 20, "leads": 2, "managers": 3}
    alone = recipe(baseline(changes, organisations=8), 104)
    more = recipe(baseline(changes, organisations=10), 104)
    assert more.agents > 10_000
    world = with_plan_of(new_world(more, 5, 0), alone)
    together = simulated(idle_from(world, 8), 104)
    apart = run_compiled(alone, 5, 0)
    for o in range(8):
        assert tape_bytes(together, o) == tape_bytes(apart, o)


def result_bytes(found: Any) -> list[bytes]:
    return [
        found.outcomes.tobytes(),
        found.weekly.tobytes(),
        found.phase_spans.tobytes(),
        found.events.tobytes(),
    ]


def test_neither_threads_nor_order_of_replicates_matter() -> None:
    scenario = baseline(LIVELY, organisations=2)
    one = run(scenario, 12, 3, workers=1, events=True)
    for workers in (2, 4):
        assert result_bytes(run(scenario, 12, 3, workers=workers, events=True)) == result_bytes(one)
    for replicate in reversed(range(12)):
        single = run(scenario, 1, 3, first_replicate=replicate, events=True)
        assert single.outcomes.tobytes() == one.outcomes[replicate : replicate + 1].tobytes()
        assert single.weekly.tobytes() == one.weekly[replicate : replicate + 1].tobytes()
        mine = one.events[one.events["replicate"] == replicate]
        assert single.events.tobytes() == mine.tobytes()


def test_a_run_leaves_the_recipe_as_it_was() -> None:
    """Recipes are kept and shared between threads: a run must not write to them."""
    made = recipe(baseline(LIVELY, organisations=2))
    parts = (made.p, made.plan, made.attention, made.care, made.stay)
    before = [np.asarray(part).tobytes() for part in parts]
    tape: Tape = run_compiled(made, 1, 0)
    assert np.nanmax(tape.series.adoption) > 0.0
    assert [np.asarray(part).tobytes() for part in parts] == before


def test_constant_hazards_need_no_organisation() -> None:
    """A world without feedback: clinicians of two organisations are as alike as of one."""
    changes = CONSTANT | NO_FEEDBACK | {"start_rate": 0.1, "organisations": 2, "clinicians": 10}
    tape = run_compiled(recipe(baseline(changes, caseload=0)), 1, 0)
    assert tape_bytes(tape, 0) != tape_bytes(tape, 1)
