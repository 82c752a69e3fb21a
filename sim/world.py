"""Who exists at week 0: counts, keys, levels, networks and the patients already in care.

Both engines start from the arrays made here. People start at rest: without a project motivation,
clarity and strain stay where they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import inputs, layout
from sim.compiled import compiled, part
from sim.draws import Branch, Stream, child, clock, run_key, uniform
from sim.layout import USER, Record, World
from sim.rules import chance, clinicians, patients, people
from sim.rules.types import P
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """A scenario turned into numbers: all that is the same in each of its replicates.

    ``shapes`` are those of the arrays of a world that a run changes, in order, with their types.
    """

    scenario: Scenario
    weeks: int
    p: NDArray[np.void]
    plan: NDArray[np.void]
    attention: NDArray[np.float64]
    care: NDArray[np.float64]
    stay: NDArray[np.float64]
    shapes: tuple[tuple[layout.Shape, Any], ...]

    @property
    def phases(self) -> tuple[str, ...]:
        """Names of the phases."""
        return tuple([phase.name for phase in self.scenario.phases])

    @property
    def organisations(self) -> int:
        """Number of organisations."""
        return int(self.p["organisations"][0])

    @property
    def clinicians(self) -> int:
        """Number of clinician posts in one organisation."""
        return int(self.p["clinicians"][0])

    @property
    def caseload(self) -> int:
        """Number of patients' places of one clinician."""
        return int(self.p["caseload"][0])

    @property
    def agents(self) -> int:
        """Number of agents of all kinds, organisations included."""
        leads, managers = int(self.p["leads"][0]), int(self.p["managers"][0])
        clinicians = self.clinicians * (1 + self.caseload)
        return managers + self.organisations * (1 + leads + clinicians)


@lru_cache(maxsize=64)
def recipe(scenario: Scenario, weeks: int | None = None) -> Recipe:
    """Return the numbers of a scenario; ``weeks`` overrides its horizon."""
    return fresh_recipe(scenario, weeks)


def fresh_recipe(scenario: Scenario, weeks: int | None = None) -> Recipe:
    """Return `recipe` of a scenario that is met once: nothing is remembered."""
    p = inputs.parameters_of(scenario)
    plan = inputs.plan_of(scenario, p)
    horizon = int(p.weeks) if weeks is None else weeks
    return Recipe(
        scenario,
        horizon,
        inputs.record_of(p),
        plan,
        inputs.attention_of(scenario, horizon),
        inputs.care_table(p.care_weeks, p.care_weeks_sd),
        inputs.stay_table(p.care_weeks, p.care_weeks_sd),
        tuple(_shapes(p)),
    )


def new_world(
    made: Recipe,
    seed: int,
    replicate: int,
    organisation_replicate: int | None = None,
    first_organisation: int = 0,
) -> World:
    """Return the world of one run at week 0.

    ``organisation_replicate`` names the draw of what differs between organisations (levels);
    it is ``replicate`` unless the two are to be held apart. ``first_organisation`` is the id of
    the first organisation: a world of organisation 1 alone equals its part of a larger world.
    """
    world = furnished(made, layout.carved(made.shapes)[1])
    between = replicate if organisation_replicate is None else organisation_replicate
    keys = np.array([run_key(seed, replicate), run_key(seed, between)], np.uint64)
    populate(world, made.stay, keys, first_organisation)
    return world


def _shapes(p: P) -> Iterator[tuple[layout.Shape, Any]]:
    """Yield the shapes and types of the arrays of a world that a run changes, in order."""
    organisations = int(p.organisations)
    clinicians = organisations * int(p.clinicians)
    yield int(p.managers), layout.MANAGER
    yield 1, layout.VENDOR
    yield organisations, layout.ORGANISATION
    yield organisations * int(p.leads), layout.LEAD
    yield (organisations, int(p.team_count)), layout.TEAM
    yield clinicians, layout.CLINICIAN
    yield clinicians * int(p.caseload), layout.PATIENT
    yield clinicians + 1, np.int64
    yield _room_for_ties(p), np.int32
    yield organisations, np.float64
    yield organisations, np.float64


def furnished(made: Recipe, arrays: Sequence[NDArray[Any]]) -> World:
    """Return the world of a recipe over arrays of its `shapes`."""
    return World(made.p, made.plan, made.attention, made.care, *arrays)


def _room_for_ties(p: P) -> int:
    """Return an upper bound of the number of ties, each counted at both ends."""
    clinicians = int(p.clinicians)
    if p.full_network > 0 or clinicians == 0:
        return 0
    members = -(-clinicians // int(p.team_count))
    return int(p.organisations) * clinicians * (members + 1 + 2 * int(p.network_ties))


@compiled
def populate(
    w: World, stay_table: NDArray[np.float64], keys: NDArray[np.uint64], first: int
) -> None:
    """Fill a world: organisations, people, networks, patients. ``keys``: run, between."""
    p = w.p[0]
    for k in range(len(w.managers)):
        manager = w.managers[k]
        manager.post_key = child(child(keys[0], Branch.MANAGER), k)
        draw_post(p, manager, 0.0)
        manager.base_load = people.idle_load(p)
        take_post(p, manager, 0.0, 1.0)
    leads, posts = int(p.leads), int(p.clinicians)
    for o in range(len(w.organisations)):
        organisation = w.organisations[o]
        organisation.number = o + first
        organisation.index = o
        draw_organisation(p, organisation, keys)
        for k in range(leads):
            lead = w.leads[o * leads + k]
            lead.post_key = child(child(organisation.key, Branch.LEAD), k)
            settle(p, organisation, lead, True)
        for k in range(posts):
            draw_clinician(w, o, k)
            draw_patients(w, o * posts + k, stay_table)
        if p.live_at_start > 0.0:
            train_some(w, o)
    draw_ties(w)


@part
def draw_organisation(p: P, organisation: Record, keys: NDArray[np.uint64]) -> None:
    """Draw what differs between organisations, on a branch of its own."""
    number = organisation.number
    organisation.key = child(child(keys[0], Branch.ORGANISATION), number)
    between = child(child(keys[1], Branch.BETWEEN), number)
    organisation.shift_clarity = p.organisation_sd * chance.noise(
        uniform(between, Stream.CLARITY, 0)
    )
    organisation.shift_motivation = p.organisation_sd * chance.noise(
        uniform(between, Stream.MOTIVATION, 0)
    )
    organisation.shift_load = p.load_organisation_sd * chance.noise(
        uniform(between, Stream.LOAD, 0)
    )
    shift = p.organisation_sd * chance.noise(uniform(between, Stream.TRUST, 0))
    organisation.trust = chance.level(p.trust, shift)
    organisation.trust_own = chance.logit(organisation.trust)
    shift = p.organisation_sd * chance.noise(uniform(between, Stream.ALIGNMENT, 0))
    aligned = chance.level(p.alignment, shift)
    organisation.alignment = chance.seen(p.alignment_on, aligned, p.alignment_reference)
    shift = p.organisation_sd * chance.noise(uniform(between, Stream.ENGAGEMENT, 0))
    organisation.involvement = chance.level(p.engagement, shift)
    organisation.shown = -1.0
    organisation.stop_clock = clock(organisation.key, Stream.STOP, 0)
    organisation.project_weeks = int(p.project_weeks)
    organisation.live_week = layout.NOT_YET
    organisation.stopped_week = layout.NOT_YET
    if p.live_at_start > 0.0:
        organisation.live_week = 0
        organisation.fit = p.quality_at_start
        organisation.usability = p.quality_at_start
        organisation.training_quality = p.quality_at_start


@part
def draw_post(p: P, post: Record, shift: float) -> None:
    """Draw what belongs to a post: its role clarity."""
    own = p.person_sd * chance.noise(uniform(post.post_key, Stream.CLARITY, 0))
    post.post_clarity = chance.level(p.role_clarity, shift + own)


@part
def take_post(p: P, post: Record, shift: float, clarity_share: float) -> None:
    """Let a new person take a post: own motivation, at rest under the load of own work."""
    post.key = child(post.post_key, post.occupant)
    own = p.person_sd * chance.noise(uniform(post.key, Stream.MOTIVATION, 0))
    post.own = chance.logit(chance.level(p.motivation, shift + own))
    clarity = people.seen_clarity(p, post.post_clarity)
    pressing = people.seen_overload(p, post.base_load)
    post.strain = people.strain_at_rest(p, pressing, clarity)
    post.motivation = people.motivation_at_rest(p, post.own, 0.0, 0.0, 0.0, post.strain, clarity)
    post.clarity = post.post_clarity * clarity_share
    post.load = post.base_load
    post.leave_clock = clock(post.key, Stream.LEAVE, 0)
    post.vacant_weeks = 0


@part
def settle(p: P, organisation: Record, post: Record, in_team: bool) -> None:
    """Draw a post of an organisation and its first occupant.

    ``in_team``: a post of the implementation team, whose roles are agreed on before going live.
    """
    draw_post(p, post, organisation.shift_clarity)
    if in_team and p.live_at_start > 0.0:
        post.post_clarity = people.agreed_clarity(p, post.post_clarity, p.quality_at_start)
    own = p.load_person_sd * chance.noise(uniform(post.post_key, Stream.LOAD, 0))
    post.base_load = chance.base_load(p.workload, organisation.shift_load + own)
    take_post(p, post, organisation.shift_motivation, 1.0)


@part
def begin_clocks(clinician: Record) -> None:
    """Start the clocks of a clinician who has just taken the post."""
    clinician.train_clock = clock(clinician.key, Stream.TRAIN, 0)
    clinician.use_clock = clock(clinician.key, Stream.START, 0)
    clinician.train_spell = 0
    clinician.use_spell = 0
    clinician.using_since = layout.NOT_YET
    clinician.last_active = layout.NOT_YET


@part
def draw_clinician(w: World, o: int, k: int) -> None:
    """Draw clinician k of organisation o: first posts are key-users, teams are dealt in turn."""
    p = w.p[0]
    organisation = w.organisations[o]
    clinician = w.clinicians[o * int(p.clinicians) + k]
    clinician.post_key = child(child(organisation.key, Branch.CLINICIAN), k)
    clinician.patients_key = child(child(organisation.key, Branch.PATIENT), k)
    clinician.key_user = 1 if k < p.key_user_posts else 0
    settle(p, organisation, clinician, clinician.key_user > 0)
    clinician.team = k % int(p.team_count)
    w.teams[o, clinician.team].members += 1
    begin_clocks(clinician)


@part
def train_some(w: World, o: int) -> None:
    """Let some be trained, and of these some use the platform: it is live before week 0.

    The first posts come first, key-users among them; teams are dealt in turn, so they share alike.
    """
    p, posts = w.p[0], int(w.p[0].clinicians)
    trained = int(p.trained_at_start * posts + 0.5)
    using = int(p.using_at_start * trained + 0.5)
    for k in range(trained):
        clinician = w.clinicians[o * posts + k]
        clinician.trained = 1
        clinician.skill = clinicians.trained_skill(p, 0.0, p.quality_at_start)
        if k < using:
            use_for_long(p, clinician)


@part
def use_for_long(p: P, clinician: Record) -> None:
    """Give a clinician the skill and habit of weeks of use, with no protected time."""
    weeks = int(p.used_weeks_at_start)
    free = clinicians.free_hours(p, people.seen_slack(p, clinician.load), 0)
    for _ in range(weeks):
        clinician.skill = clinicians.next_skill(p, clinician.skill, True, free, 1.0)
        clinician.habit = clinicians.next_habit(p, clinician.habit, True)
    clinician.use = USER
    clinician.using_since = -weeks
    clinician.use_clock = clock(clinician.key, Stream.LAPSE, 0)


@part
def draw_patients(w: World, i: int, stay_table: NDArray[np.float64]) -> None:
    """Draw the patients in care with clinician i at week 0, somewhere in their stay."""
    caseload = int(w.p[0].caseload)
    key = w.clinicians[i].patients_key
    for place in range(caseload):
        patient = w.patients[i * caseload + place]
        own = child(child(key, place), 0)
        length = patients.care_weeks(stay_table, uniform(own, Stream.RESIDUAL, 0))
        patient.weeks_left = patients.residual_weeks(length, uniform(own, Stream.RESIDUAL, 1))
        patient.admitted = patient.weeks_left - length - 1  # before week 0, whatever was drawn
        patient.started = layout.NOT_YET
        patient.clock = clock(own, Stream.INVITE, 0)


@part
def draw_ties(w: World) -> None:
    """Link the clinicians of each organisation: whole teams, and some ties between teams."""
    p = w.p[0]
    clinicians, teams = int(p.clinicians), int(p.team_count)
    if p.full_network > 0.0 or clinicians == 0:
        return
    count = 0 if p.teams_network > 0.0 else int(p.network_ties)
    whole_teams = p.random_network == 0.0
    if not whole_teams:  # as many ties as a small world has
        count += (-(-clinicians // teams) - 1) // 2
    targets = np.empty((clinicians, max(count, 1)), np.int64)
    for o in range(len(w.organisations)):
        first = o * clinicians
        for k in range(clinicians):
            key = w.clinicians[first + k].post_key
            for n in range(count):
                target = int(uniform(key, Stream.NETWORK, n) * clinicians)
                known = is_tied(targets, k, target, n, count, teams, whole_teams)
                targets[k, n] = -1 if known else target
        write_ties(w, targets[:, :count], first, teams, whole_teams)


@part
def write_ties(
    w: World, targets: NDArray[np.int64], first: int, teams: int, whole_teams: bool
) -> None:
    """Write the ties of one organisation, each at both of its ends."""
    clinicians, count = targets.shape
    degree = np.zeros(clinicians, np.int64)
    for k in range(clinicians):
        if whole_teams:
            degree[k] += (clinicians - 1 - k % teams) // teams
        for n in range(count):
            if targets[k, n] >= 0:
                degree[k] += 1
                degree[targets[k, n]] += 1
    for k in range(clinicians):
        w.offsets[first + k + 1] = w.offsets[first + k] + degree[k]
    free = w.offsets[first : first + clinicians].copy()
    for k in range(clinicians):
        if whole_teams:
            for other in range(k % teams, clinicians, teams):
                if other != k:
                    w.neighbours[free[k]] = first + other
                    free[k] += 1
        for n in range(count):
            other = targets[k, n]
            if other >= 0:
                w.neighbours[free[k]] = first + other
                free[k] += 1
                w.neighbours[free[other]] = first + k
                free[other] += 1


@part
def is_tied(
    targets: NDArray[np.int64],
    k: int,
    target: int,
    n: int,
    count: int,
    teams: int,
    whole_teams: bool,
) -> bool:
    """Say whether clinicians k and target are tied already (or one person, or one team)."""
    if target == k or (whole_teams and target % teams == k % teams):
        return True
    for earlier in range(n):
        if targets[k, earlier] == target:
            return True
    if target < k:
        for other in range(count):
            if targets[target, other] == k:
                return True
    return False
