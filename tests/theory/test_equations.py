"""One week recomputed from MODEL.md's equations: every state, from last week's values alone.

The formulas are written here a second time, from the text and not from `sim.rules`, and applied to
the world at the end of week t - 1. What the kernel made of week t must be the same, for each person
in post to whom nothing happened. A value that had already changed within the week would show here.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sim import layout
from sim.draws import Stream, child, clock
from sim.layout import ACTIVE, USER, Tape, World
from sim.scenario import Scenario
from sim.simulate import sorted_events
from sim.world import recipe
from tests.theory.worlds import baseline, world_after

SCENARIO = baseline(
    organisations=3,
    managers=2,
    manager_hours=12.0,
    clinicians=14,
    team_size=5,
    caseload=6,
    leads=2,
    lead_hours=24.0,
    key_users=0.3,
    key_user_hours=1.5,
    protected_hours=1.0,
    saved_hours=0.2,
    training_rate=0.4,
    start_rate=0.04,
    lapse_rate=0.06,
    invitation_rate=0.2,
    turnover=0.4,
    lead_turnover=0.3,
    stop_rate=0.0,
    project_weeks=80,
    evaluation_weeks=9,
    attention=[[0, 1.0], [50, 0.6]],
    weeks=120,
)
WEEKS = (0, 1, 12, 25, 33, 40, 47, 52, 60, 70, 79, 80, 81, 95, 110)


@dataclass
class Seen:
    """What can be seen at the end of week t - 1, with the equations of MODEL.md."""

    scenario: Scenario
    before: World
    after: World
    tape: Tape
    week: int

    @property
    def v(self) -> Any:
        return self.scenario.values

    def running(self) -> bool:
        return self.week < self.v["project_weeks"]

    def members(self, o: int) -> range:
        return range(o * self.v["clinicians"], (o + 1) * self.v["clinicians"])

    def vacancies(self, o: int, team: int) -> tuple[int, int]:
        people = self.before.clinicians
        of_team = [i for i in self.members(o) if people[i].team == team]
        vacant = sum(people[i].vacant_weeks > 0 for i in of_team)
        return vacant, len(of_team) - vacant

    def protected(self, o: int) -> bool:
        opened = int(self.tape.progress["opened"][o, 3])
        return self.running() and 0 <= opened <= self.week

    def on_platform(self, i: int) -> tuple[int, int]:
        """Patients on the platform, and those of them in their first weeks."""
        places = self.before.patients[i * self.v["caseload"] : (i + 1) * self.v["caseload"]]
        active = [patient for patient in places if patient.state == ACTIVE]
        # Week s of the start is over; set-up takes weeks s + 1 .. s + setup_weeks.
        new = [
            patient for patient in active if self.week <= patient.started + self.v["setup_weeks"]
        ]
        return len(active), len(new)

    def strain(self, person: Any) -> float:
        v = self.v
        pressure = v["strain_load"] * max(0.0, person.load - 1.0)
        pressure += v["strain_ambiguity"] * (1.0 - person.clarity)
        rest = pressure / (pressure + v["strain_recovery"])
        return rest + (person.strain - rest) * math.exp(-pressure - v["strain_recovery"])

    def motivation(self, person: Any, experience: float, peers: float, support: float) -> float:
        v, p = self.v, self.before.p[0]
        x = person.own + v["motivation_experience"] * experience + v["motivation_peers"] * peers
        x += v["motivation_support"] * support
        x -= v["motivation_strain"] * (person.strain - p.strain_reference)
        x -= v["motivation_ambiguity"] * (p.clarity_reference - person.clarity)
        rest = 1.0 / (1.0 + math.exp(-x))
        return rest + (person.motivation - rest) * math.exp(-v["motivation_rate"])

    def clarity(self, person: Any, guidance: float) -> float:
        v = self.v
        rate = v["clarity_gain"] * guidance + v["clarity_return"]
        rest = (v["clarity_gain"] * guidance + v["clarity_return"] * person.post_clarity) / rate
        return rest + (person.clarity - rest) * math.exp(-rate)

    def team_guidance(self, o: int) -> float:
        if not self.running():
            return 0.0
        organisation = self.before.organisations[o]
        hours = self.tape.series.hours_manager[self.week, o]
        gained = 1.0 - math.exp(-hours / self.v["guidance_hours"])
        return float(organisation.trust * organisation.alignment * gained)

    def peers(self, o: int, i: int) -> float:
        ties = self.before.neighbours[self.before.offsets[i] : self.before.offsets[i + 1]]
        using = sum(self.before.clinicians[k].use == USER for k in ties)
        share = using / len(ties) if len(ties) else 0.0
        weight, shown = self.v["shown_weight"], self.before.organisations[o].shown
        return (1.0 - weight) * share + weight * max(0.0, shown)


@pytest.fixture(scope="module", params=WEEKS)
def seen(request: pytest.FixtureRequest) -> Seen:
    week = int(request.param)
    made = recipe(SCENARIO)
    before, _ = world_after(made, week, 6)
    after, tape = world_after(made, week + 1, 6, events=True)
    return Seen(SCENARIO, before, after, tape, week)


def quiet_clinicians(seen: Seen) -> list[tuple[int, int]]:
    """Return (organisation, index) of those in post to whom nothing happened this week."""
    events = sorted_events(seen.tape)
    now = events[(events["week"] == seen.week) & (events["role"] == layout.ROLE_CLINICIAN)]
    posts = seen.v["clinicians"]
    busy = {int(e["organisation"]) * posts + int(e["post"]) for e in now}
    return [
        (o, i)
        for o in range(seen.v["organisations"])
        for i in seen.members(o)
        if i not in busy and seen.before.clinicians[i].vacant_weeks == 0
    ]


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_the_three_drivers_of_clinicians(seen: Seen) -> None:
    checked = 0
    for o, i in quiet_clinicians(seen):
        old, new = seen.before.clinicians[i], seen.after.clinicians[i]
        support = float(seen.before.organisations[o].support)
        assert new.strain == close(seen.strain(old))
        assert new.peers == close(seen.peers(o, i))
        assert new.motivation == close(
            seen.motivation(old, old.experience, seen.peers(o, i), support)
        )
        guidance = float(seen.before.organisations[o].alignment) * support
        if old.key_user and seen.running():
            guidance = seen.team_guidance(o)
        assert new.clarity == close(seen.clarity(old, guidance)) or agreed_now(seen, o)
        checked += 1
    assert checked > 20


def agreed_now(seen: Seen, o: int) -> bool:
    """Say whether role agreements were made this week (they change posts, felt next week)."""
    return int(seen.tape.progress["done"][o, 0]) == seen.week


def test_experience_follows_own_patients(seen: Seen) -> None:
    """Completed counts 1 - p and dropped out -p; only for who guided them; several together."""
    events = sorted_events(seen.tape)
    now = events[(events["week"] == seen.week) & (events["role"] == layout.ROLE_PATIENT)]
    for o, i in quiet_clinicians(seen):
        old, new = seen.before.clinicians[i], seen.after.clinicians[i]
        post = i - o * seen.v["clinicians"]
        own = now[(now["organisation"] == o) & (now["post"] == post)]["event"]
        completed, dropped = np.sum(own == layout.COMPLETED), np.sum(own == layout.DROPPED_OUT)
        n = int(completed + dropped)
        if old.use != USER or n == 0:
            assert new.experience == old.experience
            continue
        mean = completed / n - seen.v["reference_completion"]
        kept = math.exp(-seen.v["experience_rate"] * n)
        assert new.experience == close(mean + (old.experience - mean) * kept)


def test_the_weeks_looked_at_hold_every_state() -> None:
    """The tests of this file would be idle without users, lapsed, vacancies and open phases."""
    world, tape = world_after(recipe(SCENARIO), 70, 6)
    people = world.clinicians
    assert min(np.sum(people["use"] == use) for use in range(3)) >= 2
    assert np.sum(people["experience"] != 0.0) >= 5
    assert np.sum(people["starting"] > 0) >= 3
    assert np.all(tape.totals["live_week"] >= 0)


def test_load_and_hours_of_clinicians(seen: Seen) -> None:
    v = seen.v
    for o, i in quiet_clinicians(seen):
        old, new = seen.before.clinicians[i], seen.after.clinicians[i]
        using, protected = old.use == USER, seen.protected(o)
        active, starting = seen.on_platform(i)
        platform = saved = 0.0
        if using:
            platform = v["learning_hours"] * (1.0 - old.skill) + v["setup_hours"] * starting
            saved = v["saved_hours"] * (active - starting)
        key_user = v["key_user_hours"] if old.key_user and (seen.running() or using) else 0.0
        freed = min(v["protected_hours"], platform) if protected else 0.0
        vacant, in_post = seen.vacancies(o, int(old.team))
        load = old.base_load + (platform + key_user - saved - freed) / v["contract_hours"]
        load += v["cover"] * vacant / in_post
        assert new.load == close(min(max(load, 0.0), 3.0)), (o, i)
        slack = v["contract_hours"] * max(0.0, 1.0 - old.load)
        free = slack + (v["protected_hours"] if protected else 0.0)
        if using:
            rate = v["skill_practice"] * (1.0 + v["practice_time"] * free / (1.0 + free))
            assert new.skill == close(1.0 + (old.skill - 1.0) * math.exp(-rate))
            assert new.habit == close(1.0 + (old.habit - 1.0) * math.exp(-v["habit_gain"]))
        else:
            coached = float(seen.before.organisations[o].support)
            assert new.skill == close(old.skill * math.exp(-v["skill_forgetting"] * (1 - coached)))
            assert new.habit == close(old.habit * math.exp(-v["habit_fade"]))


def test_hazards_of_clinicians(seen: Seen) -> None:
    """What was proposed for the week: hazards of training, starting, lapsing, leaving, inviting."""
    v, p = seen.v, seen.before.p[0]
    for o, i in quiet_clinicians(seen):
        old, new = seen.before.clinicians[i], seen.after.clinicians[i]
        organisation = seen.before.organisations[o]
        over = max(0.0, old.load - 1.0)
        m, c = old.motivation - p.motivation_reference, old.clarity - p.clarity_reference
        e = old.strain - p.strain_reference
        leave = v["turnover"] / 52.0 * math.exp(v["turnover_strain"] * e)
        assert new.leave_hazard == close(leave)
        left = old.leave_clock - leave
        assert new.leave_clock == close(left)
        train = v["training_rate"] * (v["training_key_user"] if old.key_user else 1.0)
        train *= math.exp(v["training_motivation"] * m - v["training_overload"] * over)
        assert new.train_hazard == 0.0 or new.train_hazard == close(train)
        live = organisation.live_week >= 0
        if old.use == USER:
            x = -v["lapse_habit"] * old.habit + v["lapse_strain"] * e + v["lapse_overload"] * over
            x -= v["lapse_experience"] * old.experience + v["lapse_support"] * organisation.support
            assert new.use_hazard == close(v["lapse_rate"] * math.exp(x))
            invite = v["invitation_habit"] * old.habit + v["invitation_motivation"] * m
            assert new.invite_hazard == close(v["invitation_rate"] * math.exp(invite))
            drop = 0.0
            if seen.on_platform(i)[0]:
                guided = 1.0 - min(1.0, v["guidance_overload"] * over)
                drop = v["dropout_rate"] * math.exp(-v["dropout_guidance"] * guided)
            assert new.dropout_hazard == close(drop)
        elif live:
            rate = v["start_rate"] * (1.0 if old.trained else v["start_untrained"])
            rate *= v["start_resuming"] if old.use else 1.0
            learning = v["learning_hours"] * (1.0 - old.skill)
            freed = min(v["protected_hours"], learning) if seen.protected(o) else 0.0
            ahead = max(0.0, old.load + (learning - freed) / v["contract_hours"] - 1.0)
            x = v["start_motivation"] * m + v["start_clarity"] * c - v["start_overload"] * ahead
            x += v["start_fit"] * (organisation.fit - v["quality_reference"])
            x += v["start_usability"] * (organisation.usability - v["quality_reference"])
            x += v["start_skill"] * old.skill + v["start_peers"] * seen.peers(o, i)
            assert new.use_hazard == close(rate * math.exp(x))
        else:
            assert new.use_hazard == 0.0


def test_leads_and_managers(seen: Seen) -> None:
    v = seen.v
    events = sorted_events(seen.tape)
    now = events[(events["week"] == seen.week) & (events["role"] == layout.ROLE_LEAD)]
    gone = {(int(e["organisation"]), int(e["post"])) for e in now}
    for o in range(v["organisations"]):
        organisation = seen.before.organisations[o]
        shown = float(organisation.shown)
        experience = shown - v["expected_adoption"] if shown >= 0.0 else 0.0
        for k in range(v["leads"]):
            old, new = (w.leads[o * v["leads"] + k] for w in (seen.before, seen.after))
            if old.vacant_weeks > 0 or (o, k) in gone:
                continue
            assert new.strain == close(seen.strain(old))
            assert new.motivation == close(
                seen.motivation(old, experience, 0.0, float(organisation.support))
            )
            assert new.clarity == close(seen.clarity(old, seen.team_guidance(o)))
            assert new.load == close(lead_load(seen, o, old))
    hours = sum(manager.vacant_weeks == 0 for manager in seen.before.managers) * v["manager_hours"]
    demand = sum(demanded(seen, o, "manager") for o in range(v["organisations"]))
    shown = [o.shown - v["expected_adoption"] for o in seen.before.organisations if o.shown >= 0]
    experience = float(np.mean(shown)) if shown else 0.0
    for k in range(v["managers"]):
        old, new = seen.before.managers[k], seen.after.managers[k]
        if old.vacant_weeks == 0 and new.occupant == old.occupant and new.vacant_weeks == 0:
            assert new.strain == close(seen.strain(old))
            assert new.motivation == close(seen.motivation(old, experience, 0.0, 0.0))
            assert new.clarity == close(seen.clarity(old, 0.0))
            assert new.load == close(min(3.0, demand / hours))


def demanded(seen: Seen, o: int, role: str) -> float:
    """Return the hours a week that open phases ask of a role: what is left by weeks left."""
    if not seen.running():
        return 0.0
    made = recipe(seen.scenario)
    _, last = world_after(made, seen.week, 6)
    total = 0.0
    for k, plan in enumerate(made.plan):
        since = int(seen.tape.progress["since"][o, k])
        was_active = bool(last.progress["active"][o, k])
        if since == seen.week:
            left = plan[f"{role}_hours"] * (1.0 + seen.v["underestimation"])
        elif was_active:
            left = last.progress[f"{role}_left"][o, k]
        else:
            continue
        total += left / max(1.0, plan.planned_weeks - (seen.week - since))
    return float(total)


def lead_load(seen: Seen, o: int, lead: Any) -> float:
    v = seen.v
    attention = 1.0 if seen.week < 50 else 0.6
    hours = v["lead_hours"] * attention if seen.running() else 0.0
    leads = sum(seen.before.leads[o * v["leads"] + k].vacant_weeks == 0 for k in range(v["leads"]))
    keys = [i for i in seen.members(o) if seen.before.clinicians[i].key_user]
    in_post = sum(seen.before.clinicians[i].vacant_weeks == 0 for i in keys)
    team = leads * hours + (in_post * v["key_user_hours"] if seen.running() else 0.0)
    demand = min(2.0 * hours, demanded(seen, o, "team") * hours / team) if team else 0.0
    return float(min(max(lead.base_load + (demand - hours) / v["contract_hours"], 0.0), 3.0))


def test_newcomers_bring_nothing_of_the_previous_occupant() -> None:
    """A newcomer is a new person: untrained, at rest, with fresh clocks; posts keep their level."""
    made = recipe(SCENARIO)
    v, p = SCENARIO.values, made.p[0]
    start, _ = world_after(made, 0, 6)
    seen = {"clinicians": 0, "leads": 0}
    for week in range(50, 118):
        world, tape = world_after(made, week + 1, 6, events=True)
        events = sorted_events(tape)
        came = events[(events["week"] == week) & (events["event"] == layout.TOOK_POST)]
        for event in came[came["organisation"] >= 0]:
            clinician = event["role"] == layout.ROLE_CLINICIAN
            kind, posts = ("clinicians", 14) if clinician else ("leads", 2)
            i = int(event["organisation"]) * posts + int(event["post"])
            new, first = getattr(world, kind)[i], getattr(start, kind)[i]
            assert new.occupant == event["occupant"] > 0
            assert new.key == child(int(new.post_key), int(new.occupant))
            assert new.base_load == first.base_load == new.load
            assert new.clarity == close(v["newcomer_clarity"] * new.post_clarity)
            assert new.leave_clock == clock(int(new.key), Stream.LEAVE, 0)
            assert new.own != first.own
            over = max(0.0, new.base_load - 1.0)
            pressure = v["strain_load"] * over + v["strain_ambiguity"] * (1.0 - new.post_clarity)
            rest = pressure / (pressure + v["strain_recovery"])
            assert new.strain == close(rest)
            x = new.own - v["motivation_strain"] * (rest - p.strain_reference)
            x -= v["motivation_ambiguity"] * (p.clarity_reference - new.post_clarity)
            assert new.motivation == close(1.0 / (1.0 + math.exp(-x)))
            seen[kind] += 1
            if clinician:
                for name in ("skill", "habit", "experience", "trained", "use", "use_spell"):
                    assert new[name] == 0, name
                assert (new.train_spell, new.using_since, new.last_active) == (0, -1, -1)
                assert new.train_clock == clock(int(new.key), Stream.TRAIN, 0)
                assert new.use_clock == clock(int(new.key), Stream.START, 0)
    assert seen["clinicians"] > 10
    assert seen["leads"] > 0


def test_trust_and_support(seen: Seen) -> None:
    """Trust follows hours received and overrun; support the hours nobody needs for phases."""
    v = seen.v
    for o in range(v["organisations"]):
        old, new = seen.before.organisations[o], seen.after.organisations[o]
        if not seen.running():
            assert new.trust == old.trust
            using = [i for i in seen.members(o) if seen.before.clinicians[i].use == USER]
            keys = sum(bool(seen.before.clinicians[i].key_user) for i in using)
            in_post = sum(seen.before.clinicians[i].vacant_weeks == 0 for i in seen.members(o))
            spare = v["key_user_hours"] * keys if old.live_week >= 0 else 0.0
            target = 0.6 * (1.0 - math.exp(-spare / (v["support_hours"] * in_post)))
            kept = math.exp(-v["support_rate"])
            assert new.support == close(target + (old.support - target) * kept)
            continue
        if new.milestones or new.departures or seen.after.vendor[0].departures:
            continue
        agreed = v["managers"] * v["manager_hours"] / v["organisations"]
        ratio = seen.tape.series.hours_manager[seen.week, o] / agreed
        if new.live_week >= 0:  # no more than agreed is noticed once live
            ratio = min(1.0, ratio)
        planned = float(seen.before.p[0].planned_weeks_total)
        overrun = max(0.0, seen.week / planned - 1.0) if old.live_week < 0 else 0.0
        x = old.trust_own + v["trust_hours"] * (ratio - 1.0) - v["trust_overrun"] * overrun
        rest = 1.0 / (1.0 + math.exp(-x))
        assert new.trust == close(rest + (old.trust - rest) * math.exp(-v["trust_rate"]))


def test_the_plan_is_the_longest_roles_hours_and_the_known_delays() -> None:
    v = SCENARIO.values
    manager = v["managers"] * v["manager_hours"] / v["organisations"]
    key_users = round(v["key_users"] * v["clinicians"])
    team = v["leads"] * v["lead_hours"] + key_users * v["key_user_hours"]
    total = 0.0
    for phase in SCENARIO.phases:
        if not phase.recurs:
            hours = phase.team_hours + phase.team_hours_per_clinician * v["clinicians"]
            total += max(phase.manager_hours / manager, hours / team) + phase.delay_weeks
    assert float(recipe(SCENARIO).p["planned_weeks_total"][0]) == close(total)


@pytest.mark.parametrize("week", [15, 25, 33, 45])
def test_the_teams_pace_and_quality(week: int) -> None:
    """Work of a week = hours * productivity * ownership; quality = c (1 - w + w m) * engagement."""
    made = recipe(SCENARIO)
    v, p = SCENARIO.values, made.p[0]
    before, _ = world_after(made, week, 6)
    after, _ = world_after(made, week + 1, 6)
    for o in range(v["organisations"]):
        leads = before.leads[o * v["leads"] : (o + 1) * v["leads"]]
        everybody = before.clinicians[o * v["clinicians"] : (o + 1) * v["clinicians"]]
        keys = everybody[everybody["key_user"] == 1]
        team = [(person, v["lead_hours"]) for person in leads if person.vacant_weeks == 0]
        team += [(person, v["key_user_hours"]) for person in keys if person.vacant_weeks == 0]
        if not team:
            continue
        hours = sum(given for _, given in team)
        pace = quality = 0.0
        for person, given in team:
            x = v["productivity_motivation"] * (person.motivation - p.motivation_reference)
            x += v["productivity_clarity"] * (person.clarity - p.clarity_reference)
            x -= v["productivity_strain"] * (person.strain - p.strain_reference)
            pace += given * math.exp(x)
            w = v["quality_motivation"]
            quality += given * person.clarity * (1.0 - w + w * person.motivation)
        n, phi = len(team), v["diffusion"]
        clarity = sum(float(person.clarity) for person, _ in team) / n
        owned = 1.0
        if n > 1:
            owned = clarity + (1.0 - clarity) * (1.0 - (1.0 - phi) ** n) / (phi * n)
        engaged = 0.0
        for person in keys:
            if person.vacant_weeks == 0:
                free = 1.0 - min(1.0, v["guidance_overload"] * max(0.0, person.load - 1.0))
                engaged += person.motivation * free
        found = after.organisations[o]
        assert found.team_hours == close(hours)
        assert found.team_rate == close(owned * pace / hours)
        assert found.team_quality == close(quality / hours)
        assert found.engagement == close(found.involvement * engaged / len(keys))
