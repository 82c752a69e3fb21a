"""Worlds of a handful of people, quick enough to run without the compiler.

Each is made so that something in particular happens: a project from its first phase to its second
evaluation, a live start followed for two years, stops, teams that go live in turn, holidays. The
engines must give the same bits, and what is kept of a run must be what its weekly record says,
read here a second time from the definitions of outcomes. `tests.mutation` rests on these tests.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import layout
from sim.agents import Model
from sim.kernel.week import simulate
from sim.layout import Tape
from sim.outcomes import CAUSES, LATEST, SUMS, kept, outcome_names
from sim.scenario import Scenario, loads
from sim.simulate import run_compiled, sorted_events
from sim.world import Recipe, new_world, recipe
from tests.coupling.test_engines import assert_same_bits, assert_same_tape

NAN = math.nan

FAST: dict[str, Any] = {
    "clinicians": 5,
    "caseload": 2,
    "team_size": 3,
    "network_ties": 1,
    "leads": 2,
    "managers": 2,
    "key_users": 0.4,
    "manager_hours": 40.0,
    "lead_hours": 36.0,
    "key_user_hours": 2.0,
    "protected_hours": 1.0,
    "saved_hours": 0.3,
    "workload": 1.0,
    "training_rate": 0.6,
    "start_rate": 0.15,
    "lapse_rate": 0.06,
    "invitation_rate": 0.5,
    "acceptance": 1.5,
    "dropout_rate": 0.05,
    "turnover": 0.5,
    "lead_turnover": 0.5,
    "manager_turnover": 0.5,
    "vacancy_weeks": 3,
    "care_weeks": 18.0,
    "care_weeks_sd": 12.0,
    "stop_rate": 0.0,
    "load_organisation_sd": 0.2,
    "load_person_sd": 0.3,
    "evaluation_weeks": 9,
    "refresher_seats": 1,
    "support_hours": 3.0,
}
SHORT: dict[str, dict[str, Any]] = {
    name: {"manager_hours": 12.0, "team_hours": 30.0, "team_hours_per_clinician": 0.5}
    for name in ("onboarding", "journeys", "build", "train", "evaluate")
}
NO_WORK = {name: dict.fromkeys(hours, 0.0) for name, hours in SHORT.items()}
SHORT["journeys"]["overlaps"] = True
WORLDS: dict[str, tuple[int, dict[str, Any]]] = {
    "no time": (30, {"clinicians": 2, "project_weeks": 20, "manager_hours": 2.0, "key_users": 0.0}),
    "nobody": (
        16,
        {"clinicians": 0, "leads": 0, "key_users": 0.0, "phases": NO_WORK, "evaluation_weeks": 3},
    ),
    "begun": (6, {"clinicians": 2}),
    "given up": (
        116,
        {"clinicians": 1, "caseload": 3, "at_start": "live", "trained_at_start": 1.0,
         "using_at_start": 1.0, "turnover": 0.0, "stop_rate": 0.05, "stop_after": 1.0},
    ),
    "live": (
        118,
        {"clinicians": 3, "at_start": "live", "trained_at_start": 0.7, "using_at_start": 0.5,
         "used_weeks_at_start": 10, "turnover": 0.2, "project_weeks": 104},
    ),
    "stops": (
        36,
        {"organisations": 3, "clinicians": 3, "stop_rate": 0.08, "stop_after": 0.7,
         "at_start": "live", "trained_at_start": 1.0, "using_at_start": 1.0, "vacancy_weeks": 0},
    ),
    "in turn": (
        46,
        {"rollout": "teams", "rollout_weeks": 5, "team_size": 2, "network": "full",
         "lapse_rate": 0.2, "invitation": "default", "calendar_week": 20, "holiday_hours": 0.4,
         "seats": 0.6, "load_effect": "inverted_u", "attention": [[0, 1.0], [20, 0.4]]},
    ),
    "project": (64, {"organisations": 2, "project_weeks": 58, "newcomer_training_weeks": 4}),
}  # fmt: skip
"""Weeks and inputs of each world; the quickest first."""


@lru_cache(maxsize=len(WORLDS))
def ran(name: str) -> tuple[Scenario, Recipe, Tape]:
    weeks, changes = WORLDS[name]
    scenario = loads(f'title = "{name}"').with_values(FAST | {"phases": SHORT} | changes)
    scenario = scenario.replace(weeks=weeks)
    made = recipe(scenario)
    return scenario, made, run_compiled(made, 3, 0, events=True)


@pytest.mark.parametrize("name", WORLDS)
def test_engines_agree_on_a_small_world(name: str) -> None:
    scenario, _, tape = ran(name)
    model = Model(scenario, 3, events=True).run()
    assert_same_tape(model.tape(), tape, name)
    assert_same_bits(model.event_table(), sorted_events(tape), f"{name} events")


def test_every_kind_of_event_happens_in_some_small_world() -> None:
    happened = {event for name in WORLDS for event in ran(name)[2].events["event"][1:].tolist()}
    assert happened >= set(range(len(layout.EVENTS)))


def test_what_is_written_down_does_not_depend_on_events() -> None:
    """Without room none is kept; with too little room the first are, and all are counted."""
    _, made, tape = ran("given up")
    assert_same_tape(run_compiled(made, 3, 0), tape)
    for room in (1, 10):
        small = layout.new_tape(made.weeks, made.organisations, len(made.plan), room)
        simulate(new_world(made, 3, 0), small)
        assert_same_tape(small, tape)
        assert small.events["week"][0] == tape.events["week"][0] > 10
        assert_same_bits(small.events[1:], tape.events[1 : len(small.events)], "first events")


# --- what is kept of a run -----------------------------------------------------------------------


def after(week: int) -> float:
    return NAN if week < 0 else week + 1.0


def share(some: float, of: float) -> float:
    return some / of if of else NAN


def outcomes_of(tape: Tape, made: Recipe, o: int) -> dict[str, float]:
    """Read the outcomes of an organisation from its record, by their definitions."""
    weeks = len(tape.series)
    series, totals, cohorts = tape.series[:, o], tape.totals[o], tape.cohorts[:, o]
    found = {name: float(series[name][-1]) for name in LATEST}
    for role in ("manager", "lead", "clinician"):
        for what in ("strain", "motivation", "role_clarity", "load"):
            found[f"{what}.{role}"] = found.pop(f"{what}_{role}")
    found |= {name: float(series[field].sum()) for name, field in SUMS.items()}
    live, begun = int(totals["live_week"]), int(totals["start_week"])
    found |= {
        "go_live_week": 0.0 if made.scenario.values["at_start"] == "live" else after(live),
        "start_week": after(begun),
        "competence_week": after(int(totals["competence_week"])),
        "weeks_to_half_adoption": after(int(totals["half_week"])),
        "stop_week": after(int(totals["stopped_week"])),
    }
    found |= {name: float(totals["stop_cause"] == code) for name, code in CAUSES.items()}
    timely = cohorts[: max(0, weeks - 26)]
    window = cohorts[max(0, weeks - 78) : max(0, weeks - 26)]
    found |= {
        "open": float(live < 0 and totals["stopped_week"] < 0),
        "competent": float(totals["competence_week"] >= 0),
        "running": float(series["started"][-13:].any()),
        "completion": share(timely["started_completed"].sum(), timely["started"].sum()),
        "reach_admitted": share(window["admitted_started"].sum(), window["admitted"].sum()),
        "cost_per_patient_reached": share(found["cost"], found["patients_reached"]),
    }
    for since in (13, 26, 39, 52):
        seen = live >= 0 and live + since < weeks
        found[f"adoption_after_{since}"] = float(series["adoption"][live + since]) if seen else NAN
    seen = begun >= 0 and begun + 104 < weeks
    quarter = series["started"][begun + 104 - 12 : begun + 104 + 1]
    found["running_after_104"] = float(quarter.any()) if seen else NAN
    for k, phase in enumerate(made.phases):
        opened, done = (int(tape.progress[name][o, k]) for name in ("opened", "done"))
        found[f"phase_weeks.{phase}"] = after(done) - opened if done >= 0 else NAN
        if tape.progress["manager_done"][o, k] < 0 <= done:
            found[f"phase_weeks.{phase}"] = 0.0
    return found


@pytest.mark.parametrize("name", WORLDS)
def test_outcomes_are_those_of_the_record(name: str) -> None:
    _, made, tape = ran(name)
    rows, means, spans, sound = kept(tape, made)
    assert sound
    for o, row in enumerate(rows):
        expected = outcomes_of(tape, made, o)
        for outcome, value in zip(outcome_names(made), row.tolist(), strict=True):
            assert value == pytest.approx(expected[outcome], rel=1e-12, nan_ok=True), outcome
    for field in means.dtype.names or ():
        with np.errstate(invalid="ignore"):
            there = ~np.isnan(tape.series[field])
            expected_means = np.nansum(tape.series[field], axis=1) / there.sum(axis=1)
        np.testing.assert_allclose(means[field], expected_means, rtol=1e-12, err_msg=field)
    opened, done = (tape.progress[what].astype(float) for what in ("opened", "done"))
    behind = (done >= 0) & (tape.progress["manager_done"] < 0)
    ends = np.where(behind, 0.0, np.where(done < 0, NAN, done + 1.0))
    assert np.array_equal(spans[:, :, 0], np.where(opened < 0, NAN, opened), equal_nan=True)
    assert np.array_equal(spans[:, :, 1], ends, equal_nan=True)


def test_two_years_on_some_still_run_and_some_do_not() -> None:
    found = set()
    for name in ("live", "given up"):
        _, made, tape = ran(name)
        found |= set(kept(tape, made)[0][:, outcome_names(made).index("running_after_104")])
    assert found == {0.0, 1.0}


def changed(series: NDArray[np.void], **values: float) -> NDArray[np.void]:
    """Return a record in which week 4 of the last organisation has other values."""
    other = series.copy()
    for name, value in values.items():
        other[name][4, -1] = value
    return other


@pytest.mark.parametrize(
    ("values", "sound"),
    [
        ({"trust": math.inf}, False),
        ({"load_users": -math.inf}, False),
        ({"trust": NAN}, False),
        ({"cost": NAN}, False),
        ({"load_users": NAN, "reach": NAN, "strain_lead": NAN, "load_manager": NAN}, True),
        ({"adoption": NAN, "vacant": 0.5}, False),
        ({"adoption": NAN, "vacant": NAN}, True),
        ({"strain_clinician": NAN, "vacant": 0.5}, False),
        ({"strain_clinician": NAN, "vacant": 1.0}, True),
        ({"strain_clinician": NAN, "vacant": NAN}, True),
    ],
)
def test_a_record_is_sound_without_infinity_and_nan_only_over_nobody(
    values: dict[str, float], sound: bool
) -> None:
    _, made, tape = ran("project")
    assert kept(tape._replace(series=changed(tape.series, **values)), made)[3] is sound
