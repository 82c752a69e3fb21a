"""Steps 3, 4 and 6 of the week: clinicians propose, seats are settled, clinicians change."""

from sim import layout
from sim.compiled import part
from sim.draws import Stream, clock
from sim.kernel.log import log
from sim.layout import LAPSED, NEVER_USED, NO_EVENT, ROLE_CLINICIAN, USER, Record, Tape, World
from sim.rules import chance, clinicians, patients, people
from sim.rules.chance import NEVER
from sim.rules.types import P
from sim.world import begin_clocks, take_post


@part
def team_is_live(p: P, organisation: Record, team: int, t: int) -> bool:
    """Say whether the platform is there for a team in week t (an event is felt a week later)."""
    if organisation.live_week < 0 or organisation.stopped_week >= 0:
        return False
    wait = team * int(p.rollout_weeks) if p.rollout_teams > 0.0 else 0
    return t > organisation.live_week + wait


@part
def guides(clinician: Record) -> bool:
    """Say whether a clinician guides own patients: in post, and using the platform."""
    return clinician.vacant_weeks == 0 and clinician.use == USER


@part
def propose_all(w: World, o: int, t: int) -> None:
    """Step 3: let every clinician of an organisation see peers and propose the week's events."""
    p, organisation = w.p[0], w.organisations[o]
    posts, full = int(p.clinicians), p.full_network > 0.0
    everybody, offsets, neighbours = w.clinicians, w.offsets, w.neighbours
    for i in range(o * posts, (o + 1) * posts):
        clinician = everybody[i]
        if full:
            using, ties = organisation.users - (1 if clinician.use == USER else 0), posts - 1
        else:
            using, ties = 0, offsets[i + 1] - offsets[i]
            if organisation.users > 0:
                for k in range(offsets[i], offsets[i + 1]):
                    using += everybody[neighbours[k]].use == USER
        shown = organisation.shown
        clinician.peers = clinicians.peers_seen(p, float(using), float(ties), shown)
        propose(p, organisation, clinician, t)


@part
def propose(p: P, organisation: Record, clinician: Record, t: int) -> None:
    """Work out a clinician's hazards, and when in the week each clock would run out."""
    clinician.seated = 0
    overload = people.seen_overload(p, clinician.load)
    clinician.invite_hazard = 0.0
    clinician.dropout_hazard = 0.0
    if clinician.active > 0:
        clinician.dropout_hazard = patients.dropout_hazard(p, guides(clinician), overload)
    if clinician.vacant_weeks > 0:
        clinician.train_time = NEVER
        return
    motivation = people.seen_motivation(p, clinician.motivation)
    clarity = people.seen_clarity(p, clinician.clarity)
    clinician.leave_hazard = people.turnover_hazard(p, p.turnover, clinician.strain)
    clinician.leave_time = chance.crossing(clinician.leave_clock, clinician.leave_hazard)
    room = organisation.seats
    if clinician.trained:
        room = 0 if clinician.use == USER else organisation.refreshers
    clinician.train_hazard = 0.0
    if room > 0:
        weeks = clinicians.newcomer_weeks(p, t, clinician.occupant)
        hazard = clinicians.training_hazard(p, motivation, overload, clinician.key_user)
        clinician.train_hazard = weeks * hazard
    clinician.train_time = chance.crossing(clinician.train_clock, clinician.train_hazard)
    clinician.use_hazard = 0.0
    if clinician.use == USER:
        clinician.use_hazard = clinicians.lapse_hazard(
            p,
            clinician.habit,
            clinician.strain,
            overload,
            clinician.experience,
            organisation.support,
        )
        if organisation.stopped_week < 0:
            clinician.invite_hazard = clinicians.invitation_hazard(p, clinician.habit, motivation)
    elif team_is_live(p, organisation, clinician.team, t):
        protected = organisation.protected
        ahead = clinicians.expected_load(p, clinician.load, clinician.skill, protected)
        clinician.use_hazard = clinicians.start_hazard(
            p,
            motivation,
            clarity,
            organisation.fit,
            organisation.usability,
            clinician.skill,
            clinician.peers,
            people.seen_overload(p, ahead),
            clinician.trained,
            clinician.use,
        )
    clinician.use_time = chance.crossing(clinician.use_clock, clinician.use_hazard)


@part
def settle_seats(w: World, o: int) -> None:
    """Step 4: give training seats, and refresher seats, to those whose clocks ran out."""
    organisation = w.organisations[o]
    if organisation.seats > 0:
        give_seats(w, o, 0, organisation.seats)
    if organisation.refreshers > 0:
        organisation.refreshers -= give_seats(w, o, 1, organisation.refreshers)


@part
def asks_for_seat(clinician: Record, trained: int) -> bool:
    """Say whether a clinician asks for a seat of this kind (training 0, refresher 1)."""
    if clinician.train_time >= NEVER or clinician.trained != trained or clinician.seated:
        return False
    first = clinicians.first_of(clinician.leave_time, clinician.train_time, clinician.use_time)
    return first == clinicians.TRAINS


@part
def give_seats(w: World, o: int, trained: int, seats: int) -> int:
    """Seat those who ask: key-users first, then the earliest, then by id. Return seats taken."""
    posts, everybody = int(w.p[0].clinicians), w.clinicians
    taken = 0
    while taken < seats:
        best = -1
        for i in range(o * posts, (o + 1) * posts):
            clinician = everybody[i]
            if asks_for_seat(clinician, trained) and (
                best < 0 or comes_before(clinician, everybody[best])
            ):
                best = i
        if best < 0:
            return taken
        everybody[best].seated = 1
        taken += 1
    return taken


@part
def comes_before(a: Record, b: Record) -> bool:
    """Say whether clinician a gets a seat before b, who has the smaller id."""
    if a.key_user != b.key_user:
        return a.key_user > b.key_user
    return a.train_time < b.train_time


@part
def change_all(w: World, tape: Tape, o: int, t: int) -> None:
    """Step 6: let the week happen to every clinician of an organisation."""
    p, organisation = w.p[0], w.organisations[o]
    everybody, teams, events = w.clinicians, w.teams[o], tape.events
    posts = int(p.clinicians)
    for post in range(posts):
        clinician = everybody[o * posts + post]
        occupant = clinician.occupant
        event = change(p, organisation, teams[clinician.team], clinician, t)
        if event >= 0:
            log(events, t, (organisation.number, ROLE_CLINICIAN, post, -1, occupant), event, -1)
        if clinician.occupant != occupant:
            occupant, event = clinician.occupant, layout.TOOK_POST
            log(events, t, (organisation.number, ROLE_CLINICIAN, post, -1, occupant), event, -1)


@part
def change(p: P, organisation: Record, team: Record, clinician: Record, t: int) -> int:
    """Let the week happen to a clinician: events, hours, the three drivers. Return the event."""
    happened = NO_EVENT
    if clinician.vacant_weeks > 0:
        clinician.vacant_weeks -= 1
        if clinician.vacant_weeks == 0:
            arrive(p, organisation, clinician)
    else:
        using = clinician.use == USER
        train_time = clinician.train_time if clinician.seated else NEVER
        event = clinicians.first_of(clinician.leave_time, train_time, clinician.use_time)
        until = 1.0
        if event == clinicians.LEAVES:
            until = clinician.leave_time
        elif event == clinicians.TRAINS:
            until = train_time
        elif event == clinicians.CHANGES_USE:
            until = clinician.use_time
        run_clocks(clinician, until)
        drift(p, organisation, team, clinician, using, event == clinicians.TRAINS)
        stops = organisation.stopped_week >= 0 and using
        if event == clinicians.LEAVES:
            happened = leave(p, organisation, clinician)
        elif event == clinicians.TRAINS:
            happened = train(p, organisation, clinician)
        elif event == clinicians.CHANGES_USE or stops:
            happened = change_use(clinician, t)
    # What this week's patients cost in hours is felt next week.
    clinician.active = clinician.next_active
    clinician.starting = clinician.next_starting
    return happened


@part
def run_clocks(clinician: Record, until: float) -> None:
    """Let a clinician's clocks run until the week's event; those not at risk stand still.

    The clock of leaving runs over the whole occupancy, whatever else happens.
    """
    clinician.leave_clock = chance.clock_left(clinician.leave_clock, clinician.leave_hazard, 1.0)
    clinician.train_clock = chance.clock_left(clinician.train_clock, clinician.train_hazard, until)
    clinician.use_clock = chance.clock_left(clinician.use_clock, clinician.use_hazard, until)


@part
def drift(
    p: P, organisation: Record, team: Record, clinician: Record, using: bool, trains: bool
) -> None:
    """Move a clinician's states by a week, from last week's values; pay the week's hours."""
    load, strain = clinician.load, clinician.strain
    motivation = clinician.motivation
    clarity = people.seen_clarity(p, clinician.clarity)
    overload = people.seen_overload(p, load)
    spend_hours(p, organisation, team, clinician, using, trains)
    clinician.strain = people.next_strain(p, strain, overload, clarity)
    clinician.motivation = people.next_motivation(
        p,
        motivation,
        clinician.own,
        clinician.experience,
        clinician.peers,
        organisation.support,
        strain,
        clarity,
    )
    guidance, distance_kept = organisation.guidance, organisation.clarity_kept
    if clinician.key_user and organisation.running:
        guidance, distance_kept = organisation.team_guidance, organisation.team_clarity_kept
    clinician.clarity = people.next_clarity(
        p, clinician.clarity, clinician.post_clarity, guidance, distance_kept
    )
    slack = people.seen_slack(p, load)
    free = clinicians.free_hours(p, slack, organisation.protected)
    clinician.skill = clinicians.next_skill(
        p, clinician.skill, using, free, organisation.skill_kept
    )
    clinician.habit = clinicians.next_habit(p, clinician.habit, using)
    clinician.experience = clinicians.next_experience(
        p, clinician.experience, clinician.completed, clinician.dropped
    )


@part
def spend_hours(
    p: P, organisation: Record, team: Record, clinician: Record, using: bool, trains: bool
) -> None:
    """Add up a clinician's hours of this week; they are next week's load, and cost money."""
    training = p.training_hours if trains else 0.0
    platform, saved, key_user = 0.0, 0.0, 0.0
    if using:
        platform = clinicians.platform_hours(p, clinician.skill, float(clinician.starting))
        saved = p.saved_hours * (clinician.active - clinician.starting)
    if clinician.key_user and (organisation.running or using):
        key_user = p.key_user_hours * organisation.hours_share
    used = clinicians.protected_used(p, training + platform, organisation.protected)
    cover = people.cover_load(p, float(team.vacant), float(team.members - team.vacant))
    extra = training + platform + key_user - saved - used
    clinician.load = people.clinician_load(p, clinician.base_load, extra, cover)
    organisation.hours_clinician += training + platform + key_user
    organisation.hours_saved += saved
    paid = p.protected_hours if organisation.protected else 0.0
    organisation.hours_paid += paid + training + platform + key_user - used


@part
def leave(p: P, organisation: Record, clinician: Record) -> int:
    """Let a clinician leave; the post stays vacant for some weeks, its patients stay."""
    organisation.leavers += 1
    clinician.use = NEVER_USED
    clinician.trained = 0
    clinician.vacant_weeks = int(p.vacancy_weeks)
    if clinician.vacant_weeks == 0:
        arrive(p, organisation, clinician)
    return layout.LEFT_POST


@part
def arrive(p: P, organisation: Record, clinician: Record) -> None:
    """Let a newcomer take a post: a new person with new draws, untrained."""
    clinician.occupant += 1
    take_post(p, clinician, organisation.shift_motivation, p.newcomer_clarity)
    begin_clocks(clinician)
    clinician.skill = 0.0
    clinician.habit = 0.0
    clinician.experience = 0.0


@part
def train(p: P, organisation: Record, clinician: Record) -> int:
    """Let a clinician be trained, or refreshed; a new clock starts."""
    happened = layout.REFRESHED if clinician.trained else layout.TRAINED
    clinician.skill = clinicians.trained_skill(p, clinician.skill, organisation.training_quality)
    clinician.trained = 1
    clinician.train_spell += 1
    clinician.train_clock = clock(clinician.key, Stream.TRAIN, clinician.train_spell)
    return happened


@part
def change_use(clinician: Record, t: int) -> int:
    """Let a clinician start, resume or lapse; the clock of the opposite event starts."""
    if clinician.use == USER:
        clinician.use = LAPSED
        clinician.use_spell += 1
        clinician.using_since = layout.NOT_YET
        clinician.use_clock = clock(clinician.key, Stream.START, clinician.use_spell)
        return layout.LAPSED_USE
    happened = layout.STARTED if clinician.use == NEVER_USED else layout.RESUMED
    clinician.use = USER
    clinician.using_since = t
    clinician.use_clock = clock(clinician.key, Stream.LAPSE, clinician.use_spell)
    return happened
