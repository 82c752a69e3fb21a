"""MODEL.md 9.3: where the model can be solved by hand, it gives what the hand gives."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from sim import layout
from sim.outcomes import kept, outcome_names, summarise
from sim.parameters import parameters
from sim.simulate import run, run_compiled
from sim.world import recipe
from tests.theory.worlds import (
    CONSTANT,
    LIVE_WEEK,
    NO_LOSS,
    NOBODY,
    baseline,
    events_of,
    live_at_once,
    spells,
)
from tests.tolerances import MEAN_FIELD, P_EXACT, Z_EXACT

USE = {"start_rate": 0.2, "lapse_rate": 0.3, "caseload": 0}


def assert_geometric(lengths: np.ndarray, hazard: float) -> None:
    """Spells last k = 1, 2, ... weeks with probability (1 - p)^(k-1) p, p = 1 - exp(-hazard)."""
    p = 1.0 - math.exp(-hazard)
    last = 1
    while len(lengths) * (1 - p) ** last * p > 20.0:
        last += 1
    expected = [p * (1 - p) ** k for k in range(last)]
    expected.append(1.0 - sum(expected))
    found = np.bincount(np.minimum(lengths, last + 1), minlength=last + 2)
    assert found[0] == 0, "no spell ends in the week it began"
    assert chisquare(found[1:], np.array(expected) * len(lengths)).pvalue > P_EXACT
    error = math.sqrt(1 - p) / p / math.sqrt(len(lengths))
    assert abs(lengths.mean() - 1 / p) < Z_EXACT * error


# --- spells --------------------------------------------------------------------------------------


def test_constant_hazards_give_geometric_spells_of_use() -> None:
    events = events_of(live_at_once(CONSTANT | USE, clinicians=500, weeks=200))
    begins = (layout.STARTED, layout.RESUMED)
    use = spells(events, begins, (layout.LAPSED_USE,), 140)
    assert len(use) > 5_000
    assert_geometric(use, 0.3)
    rest = spells(events, (layout.LAPSED_USE,), (layout.RESUMED,), 140)
    assert_geometric(rest, 0.2)
    first = events[events["event"] == layout.STARTED]["week"] - LIVE_WEEK
    assert_geometric(first, 0.2)


def test_clocks_that_run_together_do_not_disturb_each_other() -> None:
    """Turnover competes with use: spells of use end at about the sum of the two hazards.

    Not exactly: whoever starts in a week and would leave later in it leaves the week after, since
    a week holds one event of a person. That carries at most a week of leaving into the spell.
    """
    changes = USE | {"turnover": 3.0, "vacancy_weeks": 0}
    events = events_of(live_at_once(CONSTANT | changes, clinicians=500, weeks=400))
    staff = events[events["role"] == layout.ROLE_CLINICIAN]
    begins = (layout.STARTED, layout.RESUMED)
    use = spells(staff, begins, (layout.LAPSED_USE, layout.LEFT_POST), 340)
    p = 1.0 - math.exp(-0.3 - 3.0 / 52.0)
    error = math.sqrt(1.0 - p) / p / math.sqrt(len(use))
    assert (1.0 - 3.0 / 52.0) / p - Z_EXACT * error < use.mean() < 1.0 / p + Z_EXACT * error


def test_leaving_runs_over_the_whole_occupancy() -> None:
    """Whatever else happens in it: MODEL.md 8."""
    changes = USE | {"turnover": 3.0, "vacancy_weeks": 0}
    events = events_of(live_at_once(CONSTANT | changes, clinicians=500, weeks=400))
    staff = events[events["role"] == layout.ROLE_CLINICIAN]
    stays = spells(live_posts(staff), (layout.TOOK_POST,), (layout.LEFT_POST,), 400 - 260)
    assert_geometric(stays, 3.0 / 52.0)


def live_posts(events: np.ndarray) -> np.ndarray:
    """Return events in which a post that is taken again ends the stay before."""
    kinds = events[np.isin(events["event"], (layout.TOOK_POST, layout.LEFT_POST))]
    # Without vacancies both happen in one week: the leaving comes first.
    return kinds[np.lexsort((kinds["event"], kinds["week"]))]


@pytest.mark.parametrize("vacancy", [0, 1, 6])
def test_a_post_is_vacant_as_long_as_the_scenario_says(vacancy: int) -> None:
    events = events_of(baseline(turnover=3.0, vacancy_weeks=vacancy, caseload=0, weeks=200))
    for role in (layout.ROLE_CLINICIAN, layout.ROLE_LEAD, layout.ROLE_MANAGER):
        mine = live_posts(events[events["role"] == role])
        if vacancy and len(mine):
            gaps = spells(mine, (layout.LEFT_POST,), (layout.TOOK_POST,), 190 - vacancy)
            assert np.all(gaps == vacancy)


def test_drop_out_at_a_constant_hazard_is_geometric() -> None:
    scenario = live_at_once(
        CONSTANT,
        clinicians=50,
        caseload=40,
        start_rate=1.0,
        lapse_rate=0.0,
        invitation_rate=5.0,
        acceptance=5.0,
        affinity_sd=0.0,
        dropout_rate=0.5,
        care_weeks=200.0,
        care_weeks_sd=20.0,
        blended_ratio=1.1,
        weeks=260,
    )
    events = events_of(scenario)
    # Whoever is admitted stays about 200 weeks, so drop-out is what ends use.
    newcomers = events[(events["role"] == layout.ROLE_PATIENT) & (events["occupant"] > 0)]
    newcomers = newcomers[np.isin(newcomers["event"], (layout.ACCEPTED, layout.DROPPED_OUT))]
    lengths = spells(newcomers, (layout.ACCEPTED,), (layout.DROPPED_OUT,), 225)
    assert len(lengths) > 1500
    assert_geometric(lengths, 0.5)


# --- the schedule --------------------------------------------------------------------------------

FIXED: dict[str, Any] = NO_LOSS | {
    "key_users": 0.0,
    "underestimation": 0.0,
    "productivity_motivation": 0.0,
    "productivity_clarity": 0.0,
    "productivity_strain": 0.0,
}


def test_schedule_of_fixed_hours_by_hand() -> None:
    """One manager with 4 h, one lead with 12 h, 60 clinicians; weeks counted from 0.

    onboarding: manager 16/4 = 4 weeks, team (40 + 30)/12 = 5.8: weeks 0-5.
    journeys: 20/4 = 5, (70 + 30)/12 = 8.3: weeks 6-14. build: external delay of 4: from week 19,
    manager 24/4 = 6 weeks, team 130/12 = 10.8: weeks 19-29. train overlaps: opens with build,
    manager from week 25 for 4 weeks; team has 2 hours left in week 29, 68/12 = 5.7: to week 35.
    No key-users, so live when train is done, in week 35. Evaluations open 13 weeks apart, from
    week 48: manager 6/4, team (16 + 3)/12: two weeks each.
    """
    made = recipe(baseline(FIXED))
    tape = run_compiled(made, 1, 0)
    found = {
        phase.name: [int(tape.progress[name][0, k]) for name in ("opened", "done")]
        for k, phase in enumerate(made.scenario.phases)
    }
    assert found == {
        "onboarding": [0, 5],
        "journeys": [6, 14],
        "build": [19, 29],
        "train": [19, 35],
        "evaluate": [48, 49],
    }
    assert tape.progress["manager_done"][0].tolist() == [3, 10, 24, 28, 49]
    assert tape.totals["live_week"][0] == 35
    outcomes = dict(zip(outcome_names(made), kept(tape, made)[0][0], strict=True))
    assert outcomes["go_live_week"] == 36
    assert outcomes["phase_weeks.build"] == 11
    assert outcomes["staff_hours.manager"] == 4 * 104
    assert outcomes["staff_hours.lead"] == 12 * 104
    events = events_of(baseline(FIXED))
    evaluated = events[events["event"] == layout.EVALUATED]["week"].tolist()
    # The round that opens in week 100 is done in week 101; no hours after week 103.
    assert evaluated == [49, 62, 75, 88, 101]


@pytest.mark.parametrize(
    ("change", "live"),
    [
        # team 140/12: weeks 0-11, 200/12: 12-28, delay of 4, then 400/12 = 33.3: 33-66
        ({"underestimation": 1.0}, 66),
        # manager 16/4: 0-3, 100/24 and 20/4: 4-8, delay of 4, then manager 40/4: 13-22
        ({"lead_hours": 24.0}, 22),
        # manager 16/2: 0-7, 20/2: 8-17, delay of 4, then 40/2: 22-41
        ({"manager_hours": 2.0}, 41),
        # half the lead's hours take as long as twice the work
        ({"attention": 0.5}, 66),
    ],
)
def test_schedule_of_other_hours(change: dict[str, float], live: int) -> None:
    made = recipe(baseline(FIXED | change))
    assert by_hand(made) == live
    assert run_compiled(made, 1, 0).totals["live_week"][0] == live


def by_hand(made: Any) -> int:
    """Return the week in which train is done, hour by hour in tenths of an hour."""
    values = made.scenario.values
    effort = 10 * (1.0 + values["underestimation"])
    hours = {
        "manager": 10 * values["manager_hours"],
        "team": 10 * values["lead_hours"] * values["attention"],
    }
    left: dict[str, dict[str, float]] = {}
    for phase in made.scenario.phases[:4]:
        team = phase.team_hours + phase.team_hours_per_clinician * values["clinicians"]
        left[phase.name] = {"manager": effort * phase.manager_hours, "team": effort * team}
    opens = {"onboarding": 0}
    for week in range(200):
        for role, available in hours.items():
            rest = available
            for name in left:
                if opens.get(name, 1000) <= week:
                    used = min(rest, left[name][role])
                    left[name][role] -= used
                    rest -= used
        done = {name: max(roles.values()) <= 1e-9 for name, roles in left.items()}
        if done["onboarding"]:
            opens.setdefault("journeys", week + 1)
        if done["journeys"]:
            opens.setdefault("build", week + 1 + 4)
            opens.setdefault("train", week + 1 + 4)
        if all(done.values()):
            return week
    return -1


def test_two_managers_do_the_work_of_one_with_twice_the_hours() -> None:
    one = run_compiled(recipe(baseline(FIXED, manager_hours=6.0)), 1, 0)
    two = run_compiled(recipe(baseline(FIXED, managers=2, manager_hours=3.0)), 1, 0)
    assert np.array_equal(one.progress["done"], two.progress["done"])
    assert np.array_equal(one.series.hours_manager, two.series.hours_manager)


# --- adoption ------------------------------------------------------------------------------------


def test_without_feedback_adoption_is_exponential() -> None:
    scenario = live_at_once(
        CONSTANT, start_rate=0.05, lapse_rate=0.0, clinicians=4000, caseload=0, weeks=100
    )
    adoption = run_compiled(recipe(scenario), 3, 0).series.adoption[:, 0]
    weeks_live = np.maximum(np.arange(100) - LIVE_WEEK, 0)  # felt from the week after go-live
    expected = 1.0 - np.exp(-0.05 * weeks_live)
    error = np.sqrt(expected * (1.0 - expected) / 4000)
    assert np.all(np.abs(adoption - expected) <= Z_EXACT * error)


@pytest.mark.parametrize("b", [0.0, 2.0, 5.0])
@pytest.mark.parametrize("lapse", [0.0, 0.1])
def test_full_mixing_follows_the_mean_field_recursion(b: float, lapse: float) -> None:
    """x' = x + (1 - x)(1 - exp(-h exp(b x))) - x (1 - exp(-l)), from the week after go-live."""
    posts, weeks, replicates = 2500, 80, 8
    changes = CONSTANT | {"start_peers": b, "motivation_peers": 0.0, "network": "full"}
    scenario = live_at_once(
        changes, start_rate=0.02, lapse_rate=lapse, clinicians=posts, caseload=0, weeks=weeks
    )
    x, path = 0.0, []
    for week in range(weeks):
        if week > LIVE_WEEK:
            start = 1.0 - math.exp(-0.02 * math.exp(b * x))
            x += (1.0 - x) * start - x * (1.0 - math.exp(-lapse))
        path.append(x)
    runs = run(scenario, replicates, seed=5, workers=2).weekly["adoption"]
    error = runs.std(axis=0, ddof=1) / math.sqrt(replicates)
    # With 8 replicates the estimated error itself is uncertain by a quarter.
    assert np.all(np.abs(runs.mean(axis=0) - path) <= 1.5 * Z_EXACT * error + MEAN_FIELD)


def test_teams_go_live_in_turn() -> None:
    scenario = live_at_once(
        CONSTANT,
        start_rate=1.0,
        lapse_rate=0.0,
        clinicians=30,
        team_size=10,
        rollout="teams",
        rollout_weeks=7,
        caseload=0,
        weeks=60,
    )
    started = events_of(scenario)
    started = started[started["event"] == layout.STARTED]
    for team in range(3):
        weeks = started["week"][started["post"] % 3 == team]
        assert len(weeks) == 10
        assert weeks.min() >= LIVE_WEEK + 1 + 7 * team
        assert weeks.min() <= LIVE_WEEK + 3 + 7 * team  # 10 clinicians at hazard 1


# --- the ends of the ranges ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        NOBODY,
        NOBODY | {"clinicians": 0},
        NOBODY | {"clinicians": 0, "caseload": 0},
        {"caseload": 0},
        {"managers": 0},
        {"leads": 0},
        {"manager_hours": 0.0, "lead_hours": 0.0, "key_user_hours": 0.0},
        {"clinicians": 1},
        {"key_users": 1.0},
        {"organisations": 3, "managers": 0},
        {"project_weeks": 0},
        {"project_weeks": 1},
        {"evaluation_weeks": 0},
        {"seats": 0.0, "seats_per_key_user": 0.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("weeks", [0, 1, 100])
def test_nobody_nothing_and_no_time(changes: dict[str, Any], weeks: int) -> None:
    result = run(baseline(changes, weeks=weeks, stop_rate=0.0), 3, workers=1)
    rows = result.outcomes
    assert rows.shape[0] == 3
    index = result.names.index
    done = rows[:, :, index("live")] + rows[:, :, index("stopped")] + rows[:, :, index("open")]
    assert np.all(done == 1.0)
    assert not np.any(np.isinf(rows))
    if weeks == 0:
        assert np.all(rows[:, :, index("cost")] == 0.0)
        assert np.all(np.isnan(rows[:, :, index("go_live_week")]))
    if not (changes.get("clinicians", 60) == 0 and weeks):
        assert np.all(rows[:, :, index("adoption")] >= 0.0)
    else:
        assert np.all(np.isnan(rows[:, :, index("adoption")]))
    summarise(rows, result.names, weeks)


def test_without_anybody_to_do_the_work_nothing_is_done() -> None:
    nobody = run_compiled(recipe(baseline(NOBODY | {"stop_rate": 0.0})), 1, 0)
    assert np.all(nobody.progress["done"] < 0)
    assert nobody.totals["live_week"][0] < 0
    assert nobody.totals["stop_cause"][0] == 1  # time
    assert nobody.totals["stopped_week"][0] == 103  # the project's last week
    no_team = run_compiled(recipe(baseline(leads=0, key_users=0.0, stop_rate=0.0)), 1, 0)
    assert np.all(no_team.progress["team_done"] < 0)
    assert no_team.progress["manager_done"][0, 0] >= 0


RATES = [
    name
    for name, entry in parameters().items()
    if name.endswith("_rate") and entry.group in ("clinicians", "patients", "project")
] + ["turnover", "lead_turnover", "manager_turnover"]


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("slopes", ["low", "default", "high"])
def test_rates_at_the_ends_of_their_ranges(end: str, slopes: str) -> None:
    """Hazards from 0 to exp(50): every number stays finite, every state in its range."""
    known = parameters()
    changes: dict[str, Any] = {name: getattr(known[name], end) for name in RATES}
    for name, entry in known.items():
        if entry.unit == "log":
            changes[name] = getattr(entry, slopes)
    small = {"clinicians": 10, "caseload": 5, "weeks": 120, "vacancy_weeks": 1}
    for replicate in range(3):
        tape = run_compiled(recipe(baseline(changes | small)), 1, replicate)
        series = tape.series
        for name in series.dtype.names or ():
            assert not np.any(np.isinf(series[name])), name
        for name in ("adoption", "reach", "trust", "support", "journey_fit", "usability", "live"):
            assert np.all((series[name] >= 0.0) & (series[name] <= 1.0)), name
        for name in ("strain_clinician", "motivation_clinician", "role_clarity_clinician"):
            known_values = series[name][~np.isnan(series[name])]
            assert np.all((known_values >= 0.0) & (known_values <= 1.0)), name


def test_a_hazard_of_zero_never_fires() -> None:
    none = {name: 0.0 for name in RATES if name not in ("motivation_rate", "trust_rate")}
    events = events_of(baseline(none, weeks=400))
    happened = set(events["event"].tolist())
    allowed = {layout.LEFT_CARE, layout.PHASE_OPENED, layout.PHASE_DONE, layout.STOPPED}
    assert happened <= allowed  # nobody is trained, so nobody goes live, so time runs out


def test_the_largest_hazards_fire_at_once() -> None:
    scenario = live_at_once(
        CONSTANT,
        start_rate=1.0,
        start_motivation=20.0,
        start_fit=0.0,
        motivation=0.98,
        person_sd=0.0,
        organisation_sd=0.0,
        lapse_rate=0.0,
        caseload=0,
        weeks=10,
    )
    adoption = run_compiled(recipe(scenario), 1, 0).series.adoption[:, 0]
    assert adoption.tolist() == [0.0] * (LIVE_WEEK + 1) + [1.0] * (10 - LIVE_WEEK - 1)
