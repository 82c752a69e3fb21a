"""MODEL.md 9.4: directions, paired by seed, with intervals. Tolerances: `tests.tolerances`."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import layout
from sim.layout import USER
from sim.scenario import Scenario, load, shipped
from sim.simulate import Result, run, run_compiled, sorted_events
from sim.world import new_world, recipe
from tests.theory.worlds import NO_LOSS, baseline, copied, of_kind, simulated, world_after
from tests.tolerances import ADOPTION_MARGIN, GO_LIVE_MARGIN, MANY, REPLICATES, Z_SIGN

SEED = 11


@lru_cache(maxsize=128)
def _result(scenario: Scenario, replicates: int) -> Result:
    return run(scenario, replicates, SEED, workers=2)


def result(scenario: Scenario, replicates: int = REPLICATES) -> Result:
    """Return a scenario's result; scenarios that differ in words alone are run once."""
    return _result(scenario.with_values({"title": "-", "shows": "-"}), replicates)


def outcome(scenario: Scenario, name: str, replicates: int = REPLICATES) -> NDArray[np.float64]:
    """Return an outcome per replicate; an event that never happens counts as the horizon."""
    found = result(scenario, replicates)
    values = found.outcomes[:, :, found.names.index(name)]
    if name.endswith("_week"):
        values = np.minimum(np.where(np.isnan(values), np.inf, values), found.weeks)
    mean: NDArray[np.float64] = values.mean(axis=1)
    return mean


def interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the paired difference's 99 % interval."""
    half = Z_SIGN * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean() - half, differences.mean() + half


def effect(
    scenario: Scenario, name: str, against: Scenario | None = None, replicates: int = REPLICATES
) -> tuple[float, float]:
    other = against or load("baseline")
    return interval(outcome(scenario, name, replicates) - outcome(other, name, replicates))


SLIGHT = ("diffusion-of-responsibility", "protected-time", "role-agreements")
"""Scenarios whose effects are near .01: they take all of `MANY` replicates, the others half."""


def shipped_effect(scenario: str, name: str) -> tuple[float, float]:
    """Return the interval of a shipped scenario's difference from the baseline."""
    return effect(load(scenario), name, replicates=MANY if scenario in SLIGHT else MANY // 2)


# --- what is more or less favourable -------------------------------------------------------------

FAVOURABLE = {
    # name: less favourable, more favourable
    "role_clarity": (0.3, 0.8),
    "motivation": (0.35, 0.75),
    "workload": (1.15, 0.85),
    "trust": (0.25, 0.8),
    "alignment": (0.1, 0.9),
    "engagement": (0.2, 0.9),
    "diffusion": (0.8, 0.0),
    "underestimation": (1.0, 0.0),
    "lead_hours": (6.0, 20.0),
    "manager_hours": (2.0, 8.0),
    "protected_hours": (0.0, 1.5),
    "role_agreements": (0.0, 1.0),
    "leads": (1, 3),
    "key_users": (0.05, 0.25),
    "turnover": (0.4, 0.0),
}
STRICTLY = ("role_clarity", "motivation", "workload", "trust", "manager_hours", "lead_hours")
STRICTLY += ("underestimation", "leads", "key_users")


@pytest.mark.parametrize("name", FAVOURABLE)
def test_favourable_conditions_help(name: str) -> None:
    low, high = (baseline({name: value}) for value in FAVOURABLE[name])
    assert effect(high, "adoption", low)[0] > -ADOPTION_MARGIN
    assert effect(high, "go_live_week", low)[1] < GO_LIVE_MARGIN
    if name in STRICTLY:
        assert effect(high, "adoption", low)[0] > 0.0
        assert effect(high, "go_live_week", low)[1] < 0.0


@pytest.mark.parametrize("name", ["role_clarity", "motivation", "workload", "trust"])
def test_favourable_conditions_help_from_the_baseline_both_ways(name: str) -> None:
    low, high = (baseline({name: value}) for value in FAVOURABLE[name])
    assert effect(low, "adoption")[1] < 0.0 < effect(high, "adoption")[0]


BARRIERS = {
    "diffusion-of-responsibility": "adoption",
    "evaluate-never": "adoption",
    "lead-leaves": "adoption",
    "low-engagement": "adoption",
    "low-motivation": "adoption",
    "misaligned-expectations": "adoption",
    "overload": "adoption",
    "role-ambiguity": "adoption",
    "thin-vendor-support": "adoption",
    "underestimated-work": "adoption",
    "weak-relationship": "adoption",
}
REMEDIES = {
    "best-practice": "adoption",
    "default-invitation": "reach",
    "more-key-users": "adoption",
    "more-leads": "adoption",
    "protected-time": "adoption",
    "role-agreements": "adoption",
    "sessions-replaced": "adoption",
}
NEITHER = ("baseline", "national", "one-manager-many-organisations", "team-by-team")
"""Settings and plans to look at, not barriers or remedies."""


def test_every_shipped_scenario_is_judged() -> None:
    assert sorted([*BARRIERS, *REMEDIES, *NEITHER]) == sorted(shipped())


@pytest.mark.parametrize("name", BARRIERS)
def test_a_barrier_costs_uptake(name: str) -> None:
    assert shipped_effect(name, BARRIERS[name])[1] < 0.0
    assert shipped_effect(name, "go_live_week")[0] > -GO_LIVE_MARGIN


@pytest.mark.parametrize("name", REMEDIES)
def test_a_remedy_brings_uptake(name: str) -> None:
    assert shipped_effect(name, REMEDIES[name])[0] > 0.0
    assert shipped_effect(name, "adoption")[0] > -ADOPTION_MARGIN
    assert shipped_effect(name, "go_live_week")[1] < GO_LIVE_MARGIN


def test_sessions_replaced_lower_the_load_of_clinicians() -> None:
    assert shipped_effect("sessions-replaced", "load.clinician")[1] < 0.0


def test_default_invitation_costs_completion() -> None:
    """Unguided patients drop out more: the price of reach (Musiat 2022: about 12 points)."""
    default, usual = (
        outcome(load(name), "completion", MANY // 2) for name in ("default-invitation", "baseline")
    )
    both = ~np.isnan(default) & ~np.isnan(usual)  # where nobody went live there is nobody to ask
    assert both.sum() > REPLICATES
    assert interval((default - usual)[both])[1] < 0.0


def test_going_live_team_by_team_costs_little() -> None:
    low, high = shipped_effect("team-by-team", "adoption")
    assert -0.05 < low < high < 0.02


# --- interactions --------------------------------------------------------------------------------


def test_extra_leads_help_less_when_roles_are_unclear() -> None:
    """How much faster the work before go-live gets with four leads, on the log scale.

    The same pace of everybody (productivity off), enough vendor hours and no stops, so that
    ownership of the leads' hours is what differs.
    """
    fixed = dict.fromkeys(("productivity_motivation", "productivity_clarity"), 0.0)
    fixed |= {"productivity_strain": 0.0, "manager_hours": 40.0, "project_weeks": 400}
    gains = {}
    for clarity in (0.2, 0.8):
        weeks = [
            outcome(
                baseline(NO_LOSS | fixed, role_clarity=clarity, leads=leads, weeks=300, caseload=0),
                "go_live_week",
            )
            for leads in (1, 4)
        ]
        assert max(week.max() for week in weeks) < 300  # nobody never goes live
        gains[clarity] = np.log(weeks[0] / weeks[1])
    low, _ = interval(gains[0.8] - gains[0.2])
    assert low > 0.0
    assert interval(gains[0.2])[0] > 0.0  # and yet they help


def test_more_support_helps_organisations_that_are_not_live_more() -> None:
    """A second manager and a second lead arrive in week 40.

    Until then both histories are the same, bit by bit. Those not yet live gain more than twice as
    much, though they have less than half of the adoption to begin with.
    """
    live, waiting = gains_of_support(arrival=40, horizon=104)  # to the project's end
    assert min(len(live), len(waiting)) >= 200
    error = np.sqrt(live.var(ddof=1) / len(live) + waiting.var(ddof=1) / len(waiting))
    assert waiting.mean() - live.mean() > Z_SIGN * error
    assert waiting.mean() > 2.0 * live.mean()
    assert interval(waiting)[0] > 0.0


def gains_of_support(arrival: int, horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what support brings in adoption: where live when it comes, and where waiting."""
    gains: dict[bool, list[float]] = {True: [], False: []}
    stay = {"manager_turnover": 0.0, "lead_turnover": 0.0, "caseload": 5}
    one, two = recipe(baseline(stay)), recipe(baseline(stay, managers=2, leads=2))
    for replicate in range(2 * MANY):
        adoption = []
        for waits in (10_000, arrival):
            world = copied(new_world(two, SEED, replicate))
            # What was agreed and planned is that of one manager and one lead, in both histories.
            for name in ("agreed_manager_hours", "planned_weeks_total"):
                world.p[name] = one.p[name]
            world.plan[:] = one.plan
            world.managers["vacant_weeks"][1] = world.leads["vacant_weeks"][1] = waits
            tape = simulated(world, horizon)
            adoption.append(tape.series.adoption[:, 0])
        assert np.array_equal(adoption[0][:arrival], adoption[1][:arrival])
        went_live = int(tape.totals["live_week"][0])
        stopped = int(tape.totals["stopped_week"][0])
        if not 0 <= stopped < arrival:
            gains[0 <= went_live < arrival].append(adoption[1][-1] - adoption[0][-1])
    return np.array(gains[True]), np.array(gains[False])


# --- use over time -------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def lapses(scenario: Scenario, first: int, last: int) -> NDArray[np.float64]:
    """Return (lapses, user-weeks) in weeks first .. last - 1 of each replicate."""
    rows = []
    for replicate in range(REPLICATES):
        tape = run_compiled(recipe(scenario, last), SEED, replicate, events=True)
        week = of_kind(sorted_events(tape), layout.LAPSED_USE)["week"]
        users = tape.series.adoption[first - 1 : last - 1, 0].sum() * 60  # at the week's start
        rows.append((np.sum((week >= first) & (week < last)), users))
    return np.array(rows, float)


def ratio_difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Return the interval of the difference of two ratios of sums, replicates paired."""
    parts = []
    for rows in (a, b):
        ratio = rows[:, 0].sum() / rows[:, 1].sum()
        parts.append((ratio, (rows[:, 0] - ratio * rows[:, 1]) / rows[:, 1].mean()))
    half = Z_SIGN * (parts[0][1] - parts[1][1]).std(ddof=1) / np.sqrt(len(a))
    difference = parts[0][0] - parts[1][0]
    return difference - half, difference + half


NO_STOP = {"stop_rate": 0.0}


def test_overload_makes_use_lapse() -> None:
    usual, overloaded = (baseline(NO_STOP, workload=load_) for load_ in (1.0, 1.15))
    low, _ = ratio_difference(lapses(overloaded, 60, 130), lapses(usual, 60, 130))
    assert low > 0.0


def test_users_load_rises_after_go_live() -> None:
    """Users' load beyond their own work, a quarter after go-live, against the year before it."""
    made, more = recipe(baseline(NO_LOSS)), []
    for replicate in range(REPLICATES):
        live = int(world_after(made, 104, SEED, replicate)[1].totals["live_week"][0])
        if live < 0 or live > 90:
            continue
        world, _ = world_after(made, live + 14, SEED, replicate)
        using = world.clinicians[
            (world.clinicians["use"] == USER) & (world.clinicians["key_user"] == 0)
        ]
        using = using[using["using_since"] < live + 12]
        before, _ = world_after(made, max(live - 14, 1), SEED, replicate)
        if len(using):
            more.append((using["load"] - using["base_load"]).mean())
        others = before.clinicians[before.clinicians["key_user"] == 0]
        assert np.all(others["load"] <= others["base_load"] + 0.21)  # a week of training at most
    assert len(more) > REPLICATES // 2
    assert interval(np.array(more))[0] > 0.01


def test_uptake_sags_when_support_ends() -> None:
    """A project of 104 weeks against one of 156: the same until week 104, then hours end."""
    ends, goes_on = (baseline(NO_STOP, project_weeks=weeks) for weeks in (104, 156))
    early = [result(scenario).weekly["adoption"][:, :104] for scenario in (ends, goes_on)]
    late_live = outcome(ends, "go_live_week") > 103
    same = early[0] == early[1]
    assert np.all(same[~late_live])
    low, _ = ratio_difference(lapses(ends, 106, 132), lapses(goes_on, 106, 132))
    assert low > 0.0
    assert effect(ends, "adoption", goes_on)[1] < 0.0


def test_uptake_sags_less_where_use_is_embedded() -> None:
    """By what was there in week 104, the same in both arms: users' habit and key-users using."""
    ends, goes_on = (baseline(NO_STOP, project_weeks=weeks) for weeks in (104, 156))
    habit = np.zeros(REPLICATES)
    key_users = np.zeros(REPLICATES)
    for replicate in range(REPLICATES):
        people = world_after(recipe(ends), 104, SEED, replicate)[0].clinicians
        using = people[people["use"] == USER]
        key_users[replicate] = np.sum(using["key_user"])
        habit[replicate] = using["habit"].sum() / 60
    a, b = lapses(ends, 106, 132), lapses(goes_on, 106, 132)
    some = np.minimum(a[:, 1], b[:, 1]) > 0
    sag = outcome(goes_on, "adoption") - outcome(ends, "adoption")
    for embedded in (habit, key_users):
        middle = np.median(embedded[some])
        high, low = some & (embedded > middle), some & (embedded <= middle)
        assert min(high.sum(), low.sum()) >= 25
        extra = [
            a[part, 0].sum() / a[part, 1].sum() - b[part, 0].sum() / b[part, 1].sum()
            for part in (high, low)
        ]
        assert 0.0 < extra[0] < extra[1]
        # Adoption that is lost by the horizon, of organisations with little and with much use.
        error = np.sqrt(sag[high].var(ddof=1) / high.sum() + sag[low].var(ddof=1) / low.sum())
        assert sag[low].mean() - sag[high].mean() > Z_SIGN * error


# --- the baseline --------------------------------------------------------------------------------


def test_the_baseline_is_plausible() -> None:
    """Fitted patterns are about a field of organisations; this is about the one that is shipped."""
    found = result(load("baseline"), MANY)
    week = found.outcomes[:, 0, found.names.index("go_live_week")]
    reached = week[~np.isnan(week)]
    assert 0.60 < len(reached) / len(week) < 1.0  # bounds of the pattern "going live"
    assert 4 * 4.35 < np.median(reached) < 18 * 4.35
    assert reached.mean() > np.median(reached)
    adoption = outcome(load("baseline"), "adoption", MANY)
    goes_on = adoption[outcome(load("baseline"), "live", MANY) > 0]
    assert 0.08 < goes_on.std(ddof=1) < 0.4  # organisations that go on differ, and not wildly
    assert goes_on.mean() > 0.5
    assert interval(adoption - outcome(load("baseline"), "reach", MANY))[0] > 0.05


def test_most_of_the_spread_is_between_organisations() -> None:
    """MODEL.md 8: levels of organisations, not luck within them, make adoption differ.

    Two runs with the same organisations and other luck, among those that did not stop.
    """
    made = recipe(baseline(NO_STOP, weeks=104))
    pairs = [
        [
            run_compiled(made, SEED, luck, organisation_replicate=k).series.adoption[-1, 0]
            for luck in (k, k + 1000)
        ]
        for k in range(REPLICATES)
    ]
    share = np.corrcoef(np.array(pairs).T)[0, 1]
    assert share > 0.5


def test_twelve_organisations_do_better_the_more_managers_they_share() -> None:
    two = load("one-manager-many-organisations")
    one, six = (two.with_values({"managers": managers}) for managers in (1, 6))
    assert effect(two, "adoption", one, 96)[0] > 0.0
    assert effect(six, "adoption", two, 96)[0] > 0.0


def small(**changes: Any) -> Scenario:
    return baseline(changes | {"clinicians": 20, "caseload": 5})


def test_splitting_the_vendors_hours_over_more_people_costs_no_trust() -> None:
    """The same hours from one manager or from sixteen: more people leave, each does a share.

    A departure should take a quarter of the trust in the one who leaves, not in the vendor.
    """
    one, many = small(), small(managers=16, manager_hours=0.25)
    low, _ = interval(result(many).weekly["trust"][:, 60] - result(one).weekly["trust"][:, 60])
    assert low > -0.05
