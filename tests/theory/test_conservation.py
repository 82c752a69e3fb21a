"""MODEL.md 9.1: nothing is lost and nothing comes from nowhere, in every week."""

from random import Random

import numpy as np
import pytest

from sim import layout
from sim.layout import ACTIVE, DROPPED, LAPSED, NEVER_USED, NOT_YET, USER
from sim.outcomes import kept, outcome_names
from sim.rules import measures
from sim.scenario import Scenario
from sim.simulate import run_compiled, sorted_events
from sim.world import recipe
from tests.drawing import random_scenario
from tests.theory.worlds import baseline, live_at_once, of_kind, world_after
from tests.tolerances import ROUNDING

LIVELY = baseline(
    organisations=2,
    managers=2,
    clinicians=12,
    caseload=5,
    leads=2,
    key_users=0.25,
    manager_hours=20.0,
    lead_hours=30.0,
    training_rate=0.5,
    start_rate=0.05,
    lapse_rate=0.05,
    invitation_rate=0.2,
    dropout_rate=0.05,
    care_weeks=15.0,
    care_weeks_sd=8.0,
    turnover=0.4,
    lead_turnover=0.5,
    manager_turnover=0.5,
    stop_rate=0.002,
    project_weeks=70,
    weeks=90,
)
"""Two small organisations in which everything happens."""

DRAWN = [random_scenario(Random(number)) for number in range(300, 340)]


@pytest.mark.parametrize("replicate", range(3))
def test_states_add_up_every_week(replicate: int) -> None:
    made = recipe(LIVELY)
    posts, caseload = made.clinicians, made.caseload
    for weeks in range(made.weeks + 1):
        world, tape = world_after(made, weeks, 5, replicate)
        people, patients = world.clinicians, world.patients
        vacant = people["vacant_weeks"] > 0
        assert np.all(np.isin(people["use"], (NEVER_USED, USER, LAPSED)))
        assert np.all(people["use"][vacant] == NEVER_USED)
        assert np.all((patients["weeks_left"] >= 1) & (patients["state"] <= 3))
        started = patients["started"] != NOT_YET
        assert np.array_equal(started, np.isin(patients["state"], (ACTIVE, DROPPED)))
        on_platform = (patients["state"] == ACTIVE).reshape(-1, caseload).sum(axis=1)
        assert np.array_equal(people["active"], on_platform)
        if weeks == 0:
            continue
        for o in range(made.organisations):
            row, here = tape.series[-1, o], slice(o * posts, (o + 1) * posts)
            use, gone = people["use"][here], vacant[here]
            counts = [np.sum((use == state) & ~gone) for state in (NEVER_USED, USER, LAPSED)]
            assert sum(counts) + gone.sum() == posts
            assert row.adoption == counts[1] / posts
            assert row.first_use == (counts[1] + counts[2]) / posts
            assert row.vacant == gone.sum() / posts
            assert world.teams[o]["members"].sum() == posts
            places = slice(o * posts * caseload, (o + 1) * posts * caseload)
            assert row.in_care_reached == started[places].sum()
            assert patients["occupant"][places].sum() == tape.series.left_care[:, o].sum()


@pytest.mark.parametrize("scenario", [LIVELY, *DRAWN[:12]])
def test_events_cohorts_and_series_tell_one_story(scenario: Scenario) -> None:
    tape = run_compiled(recipe(scenario), 9, 0, events=True)
    events = sorted_events(tape)
    for o in range(tape.series.shape[1]):
        mine = events[events["organisation"] == o]
        weeks = len(tape.series)

        def per_week(*kinds: int, mine: np.ndarray = mine, weeks: int = weeks) -> np.ndarray:
            return np.bincount(of_kind(mine, *kinds)["week"], minlength=weeks)

        left, series = per_week(layout.LEFT_CARE, layout.COMPLETED), tape.series[:, o]
        assert np.array_equal(series.left_care, left)
        assert np.array_equal(tape.cohorts["admitted"][:, o], left)  # a place is never empty
        assert np.array_equal(series.started, per_week(layout.ACCEPTED))
        assert np.array_equal(tape.cohorts["started"][:, o], per_week(layout.ACCEPTED))
        assert np.array_equal(series.completed, per_week(layout.COMPLETED))
        assert np.array_equal(series.dropped, per_week(layout.DROPPED_OUT))
        staff = mine[np.isin(mine["role"], (layout.ROLE_CLINICIAN, layout.ROLE_LEAD))]
        leavers = np.bincount(of_kind(staff, layout.LEFT_POST)["week"], minlength=weeks)
        assert np.array_equal(series.staff_leavers, leavers)


@pytest.mark.parametrize("scenario", [LIVELY, *DRAWN[:12]])
def test_use_told_by_events_is_the_use_measured(scenario: Scenario) -> None:
    tape = run_compiled(recipe(scenario), 10, 0, events=True)
    posts = recipe(scenario).clinicians
    if posts == 0:
        return
    begins = (layout.STARTED, layout.RESUMED)
    events = of_kind(sorted_events(tape), *begins, layout.LAPSED_USE, layout.LEFT_POST)
    events = events[events["role"] == layout.ROLE_CLINICIAN]
    for o in range(tape.series.shape[1]):
        using: set[int] = set()
        mine = events[events["organisation"] == o]
        for week, row in enumerate(tape.series[:, o]):
            for event in mine[mine["week"] == week]:
                post = int(event["post"])
                if event["event"] in begins:
                    assert post not in using
                    using.add(post)
                elif event["event"] == layout.LAPSED_USE:
                    using.remove(post)
                else:
                    using.discard(post)
            assert row.adoption == len(using) / posts, (o, week)


@pytest.mark.parametrize("weeks", [30, 60, 90])
def test_reach_and_completion_recounted_from_events(weeks: int) -> None:
    scenario = LIVELY.with_values({"weeks": weeks})
    made = recipe(scenario)
    tape = run_compiled(made, 3, 1, events=True)
    found = dict(zip(outcome_names(made), kept(tape, made)[0].T, strict=True))
    for o in range(made.organisations):
        episodes = care_episodes(tape, o, made.clinicians * made.caseload)
        _, start, end = episodes.T
        lately = end >= weeks - measures.REACH_WEEKS  # still in care: end = infinity
        assert found["reach"][o] == pytest.approx(np.mean(np.isfinite(start[lately])), rel=1e-12)
        early = start < weeks - measures.COMPLETION_WEEKS
        done = of_completed(tape, o)
        if early.any():
            within = [end[k] - start[k] <= 26 and k in done for k in np.flatnonzero(early)]
            assert found["completion"][o] == pytest.approx(np.mean(within), rel=1e-12)


@pytest.mark.parametrize("weeks", [30, 60, 90, 150])
def test_reach_of_the_admitted_recounted_from_events(weeks: int) -> None:
    made = recipe(LIVELY.with_values({"weeks": weeks, "project_weeks": 140}))
    tape = run_compiled(made, 3, 1, events=True)
    found = kept(tape, made)[0][:, outcome_names(made).index("reach_admitted")]
    for o in range(made.organisations):
        begin, start, _ = care_episodes(tape, o, made.clinicians * made.caseload).T
        among = (begin >= max(0, weeks - 78)) & (begin < weeks - 26)
        assert found[o] == pytest.approx(np.mean(np.isfinite(start[among])), rel=1e-12)


def test_reach_of_the_admitted_is_a_share() -> None:
    """Patients in care at week 0 were admitted before it, whatever is left of their stay."""
    scenario = live_at_once(
        start_rate=1.0,
        start_untrained=1.0,
        lapse_rate=0.0,
        invitation_rate=5.0,
        acceptance=5.0,
        care_weeks=20.0,
        care_weeks_sd=5.0,
        weeks=27,
    )
    made = recipe(scenario)
    world, tape = world_after(made, 0)
    assert np.all(world.patients["admitted"] < 0)
    assert np.all(tape.cohorts["admitted_started"] <= tape.cohorts["admitted"])
    tape = run_compiled(made, 1, 0)
    assert np.all(tape.cohorts["admitted_started"] <= tape.cohorts["admitted"])
    assert kept(tape, made)[0][0, outcome_names(made).index("reach_admitted")] <= 1.0


def care_episodes(tape: layout.Tape, o: int, places: int) -> np.ndarray:
    """Return (admitted, started, left) of every patient; -1 = before week 0, inf = not yet."""
    events = sorted_events(tape)
    events = events[(events["organisation"] == o) & (events["role"] == layout.ROLE_PATIENT)]
    kinds = of_kind(events, layout.ACCEPTED, layout.LEFT_CARE, layout.COMPLETED)
    # Within a week a patient who leaves comes before the start of who takes the place.
    order = np.lexsort((kinds["event"], kinds["occupant"], kinds["week"]))
    episodes: dict[tuple[int, int, int], list[float]] = {}
    for event in kinds[order]:
        post, place, occupant = (int(event[name]) for name in ("post", "place", "occupant"))
        episode = episodes.setdefault((post, place, occupant), [-1.0, np.inf, np.inf])
        if event["event"] == layout.ACCEPTED:
            episode[1] = float(event["week"])
        else:
            episode[2] = float(event["week"])
            episodes[(post, place, occupant + 1)] = [float(event["week"]), np.inf, np.inf]
    silent = places - len({key[:2] for key in episodes})
    rows = [episodes[key] for key in sorted(episodes)] + [[-1.0, np.inf, np.inf]] * silent
    return np.array(rows)


def of_completed(tape: layout.Tape, o: int) -> set[int]:
    """Return the row numbers in `care_episodes` of patients who completed."""
    events = sorted_events(tape)
    events = events[(events["organisation"] == o) & (events["role"] == layout.ROLE_PATIENT)]
    keys, completed = set(), set()
    for event in of_kind(events, layout.ACCEPTED, layout.LEFT_CARE, layout.COMPLETED):
        post, place, occupant = (int(event[name]) for name in ("post", "place", "occupant"))
        keys.add((post, place, occupant))
        if event["event"] != layout.ACCEPTED:
            keys.add((post, place, occupant + 1))
        if event["event"] == layout.COMPLETED:
            completed.add((post, place, occupant))
    return {row for row, key in enumerate(sorted(keys)) if key in completed}


@pytest.mark.parametrize("scenario", [LIVELY, *DRAWN])
def test_nobody_before_go_live_and_shares_nest(scenario: Scenario) -> None:
    made = recipe(scenario)
    tape = run_compiled(made, 2, 0)
    series = tape.series
    for o in range(made.organisations):
        live = int(tape.totals["live_week"][o])
        before = slice(None) if live < 0 else slice(0, live + 1)  # felt from the week after
        if scenario.values["at_start"] == "live":
            before = slice(0, 0)  # there is no before
        for name in ("in_care_reached", "started", "completed", "dropped", "hours_saved"):
            assert np.all(series[name][before, o] == 0.0), name
        if made.clinicians:
            for name in ("adoption", "first_use", "active_use"):
                assert np.all(series[name][before, o] == 0.0), name
    if made.clinicians:
        assert np.all(series["sustained_adoption"] <= series["adoption"])
        assert np.all(series["adoption"] <= series["first_use"])
        assert np.all(series["first_use"] + series["vacant"] <= 1.0 + ROUNDING)
        assert np.all(series["trained"] + series["vacant"] <= 1.0 + ROUNDING)
    assert np.all(series["live"] + series["stopped"] <= 1.0)
    found = dict(zip(outcome_names(made), kept(tape, made)[0].T, strict=True))
    assert np.array_equal(
        found["live"] + found["stopped"] + found["open"], np.ones(len(tape.totals))
    )
    causes = sum(found[name] for name in found if name.startswith("stopped_"))
    assert np.array_equal(causes, found["stopped"])


def test_after_a_stop_nobody_uses_and_nobody_starts() -> None:
    """MODEL.md 4: after a stop users lapse and nobody starts, from the week after it on."""
    scenario = live_at_once(start_rate=1.0, start_untrained=1.0, stop_rate=0.2, weeks=60)
    seen = 0
    for replicate in range(12):
        tape = run_compiled(recipe(scenario), 1, replicate, events=True)
        stopped = int(tape.totals["stopped_week"][0])
        if stopped < 0 or tape.totals["live_week"][0] < 0:
            continue
        seen += 1
        after = sorted_events(tape)
        after = after[after["week"] > stopped]
        kinds = (layout.STARTED, layout.RESUMED, layout.TRAINED, layout.REFRESHED)
        assert len(of_kind(after, *kinds)) == 0
        assert np.all(tape.series.adoption[stopped + 1 :, 0] == 0.0)
        # The week after the stop is the users' last: they lapse in it.
        assert np.all(tape.series.cost[stopped + 2 :, 0] == 0.0)
    assert seen > 3


def test_after_a_stop_no_patient_starts() -> None:
    scenario = live_at_once(
        start_rate=1.0, start_untrained=1.0, stop_rate=0.2, invitation_rate=1.0, weeks=60
    )
    for replicate in range(12):
        tape = run_compiled(recipe(scenario), 1, replicate)
        stopped = int(tape.totals["stopped_week"][0])
        if stopped >= 0:
            assert np.all(tape.series.started[stopped + 1 :, 0] == 0.0)


# --- hours and cost ------------------------------------------------------------------------------

FIXED_PACE = {"productivity_motivation": 0.0, "productivity_clarity": 0.0}
FIXED_PACE |= {"productivity_strain": 0.0, "diffusion": 0.0}


def test_work_never_exceeds_the_hours_there_are() -> None:
    """With a pace of 1 what phases lose in a week is hours: of managers, and of the team."""
    made = recipe(LIVELY.with_values(FIXED_PACE | {"weeks": 60}))
    p, posts, leads = made.p[0], made.clinicians, int(made.p[0].leads)
    effort = 1.0 + p.underestimation
    before_world, before = world_after(made, 0, 4)
    for week in range(60):
        world, tape = world_after(made, week + 1, 4)
        in_post = before_world.managers["vacant_weeks"] == 0
        vendor_used = 0.0
        for o in range(made.organisations):
            fresh = tape.progress["since"][o] == week
            used = []
            for left, planned in (("manager_left", "manager_hours"), ("team_left", "team_hours")):
                had = np.where(fresh, made.plan[planned] * effort, before.progress[left][o])
                used.append(float(np.sum(had - tape.progress[left][o])))
            assert min(used) >= -1e-9
            here = slice(o * leads, (o + 1) * leads)
            count = np.sum(before_world.leads["vacant_weeks"][here] == 0)
            keys = before_world.clinicians[o * posts : o * posts + int(p.key_user_posts)]
            count_keys = np.sum(keys["vacant_weeks"] == 0)
            team = count * p.lead_hours + count_keys * p.key_user_hours
            assert used[1] <= team + 1e-9
            assert used[0] <= tape.series.hours_manager[week, o] + 1e-9
            vendor_used += tape.series.hours_manager[week, o]
        assert vendor_used <= in_post.sum() * p.manager_hours + 1e-9
        before_world, before = world, tape


def test_hours_of_leads_are_those_of_leads_in_post() -> None:
    """A lead who leaves at the end of a week worked in it; a newcomer begins the week after."""
    made = recipe(baseline(lead_turnover=3.0, stop_rate=0.0, weeks=60, leads=2))
    before, _ = world_after(made, 0)
    for week in range(60):
        world, tape = world_after(made, week + 1)
        available = np.sum(before.leads["vacant_weeks"] == 0) * made.p[0].lead_hours
        assert tape.series.hours_lead[week, 0] == available, week
        before = world


@pytest.mark.parametrize("protected", [0.0, 3.0])
def test_cost_is_the_sum_of_its_parts(protected: float) -> None:
    """Protected hours are either none or more than training and platform ever take.

    So paid are the recorded hours, or the protected hours of every filled post and the hours of
    key-users, who give theirs in every week of the project.
    """
    scenario = LIVELY.with_values(
        {
            "protected_hours": protected,
            "training_hours": 1.0,
            "learning_hours": 1.0,
            "setup_hours": 0.0,
            "stop_rate": 0.0,
            "key_users": 0.25 if protected == 0.0 else 0.0,
        }
    )
    made = recipe(scenario)
    values = scenario.values
    tape = run_compiled(made, 8, 0)
    filled = 1.0 - tape.series.vacant
    for o in range(made.organisations):
        train = scenario.phases[3]
        assert train.feeds == "training"
        opened = int(tape.progress["opened"][o, 3])
        assert 0 < opened < 60
        for week, row in enumerate(tape.series[:, o]):
            running = week < values["project_weeks"]
            paid = row.hours_clinician
            if protected and running and week >= opened:
                paid = protected * filled[week - 1, o] * made.clinicians
            expected = paid * values["clinician_rate"]
            if running:
                share = values["managers"] * values["manager_hours"] / made.organisations
                expected += share * values["manager_rate"]
                expected += values["leads"] * values["lead_hours"] * values["lead_rate"]
            if row.live:
                expected += values["licence"] * made.clinicians * 12 / 52
            assert row.cost == pytest.approx(expected, rel=1e-9), (o, week)
    total = kept(tape, made)[0][:, outcome_names(made).index("cost")]
    assert total == pytest.approx(tape.series.cost.sum(axis=0), rel=1e-12)
