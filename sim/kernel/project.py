"""Steps 7 to 9 of the week: leads, managers and organisations change."""

from sim import layout
from sim.compiled import part
from sim.kernel.log import log
from sim.layout import ROLE_LEAD, ROLE_MANAGER, ROLE_ORGANISATION, Record, Tape, World
from sim.rules import calendar, chance, people, project
from sim.rules.chance import NEVER
from sim.rules.types import P
from sim.world import take_post


@part
def drift(p: P, person: Record, experience: float, support: float, guidance: float) -> None:
    """Move the three drivers and the strain of a lead or manager by a week."""
    strain, motivation = person.strain, person.motivation
    clarity = people.seen_clarity(p, person.clarity)
    overload = people.seen_overload(p, person.load)
    person.strain = people.next_strain(p, strain, overload, clarity)
    person.motivation = people.next_motivation(
        p, motivation, person.own, experience, 0.0, support, strain, clarity
    )
    person.clarity = people.next_clarity(
        p, person.clarity, person.post_clarity, guidance, people.clarity_kept(p, guidance)
    )


@part
def leaves(p: P, person: Record, yearly: float) -> bool:
    """Run the clock of leaving for a week; say whether the person leaves."""
    hazard = people.turnover_hazard(p, yearly, person.strain)
    if chance.crossing(person.leave_clock, hazard) < NEVER:
        person.vacant_weeks = int(p.vacancy_weeks)
        return True
    person.leave_clock = chance.clock_left(person.leave_clock, hazard, 1.0)
    return False


@part
def waits_for_newcomer(person: Record) -> bool:
    """Count down a vacancy; say whether a newcomer takes the post now."""
    person.vacant_weeks -= 1
    return person.vacant_weeks == 0


@part
def change_lead(w: World, tape: Tape, o: int, k: int, t: int) -> None:
    """Step 7: let the week happen to a project lead."""
    p, organisation = w.p[0], w.organisations[o]
    lead = w.leads[o * int(p.leads) + k]
    comes = False
    if lead.vacant_weeks > 0:
        comes = waits_for_newcomer(lead)
    else:
        hours = organisation.lead_hours
        demand = people.lead_demand(organisation.team_demand, hours, organisation.team_hours)
        gone = leaves(p, lead, p.lead_turnover)
        experience = project.surprise(p, organisation.shown)
        drift(p, lead, experience, organisation.support, organisation.team_guidance)
        lead.load = people.lead_load(p, lead.base_load, demand, hours)
        if gone:
            log(
                tape.events,
                t,
                (organisation.number, ROLE_LEAD, k, -1, lead.occupant),
                layout.LEFT_POST,
                -1,
            )
            organisation.leavers += 1
            organisation.departures += 1
            comes = lead.vacant_weeks == 0
    if comes:
        lead.occupant += 1
        take_post(p, lead, organisation.shift_motivation, p.newcomer_clarity)
        log(
            tape.events,
            t,
            (organisation.number, ROLE_LEAD, k, -1, lead.occupant),
            layout.TOOK_POST,
            -1,
        )


@part
def change_manager(w: World, tape: Tape, k: int, t: int) -> None:
    """Step 8: let the week happen to an implementation manager."""
    p, vendor, manager = w.p[0], w.vendor[0], w.managers[k]
    comes = False
    if manager.vacant_weeks > 0:
        comes = waits_for_newcomer(manager)
    else:
        gone = leaves(p, manager, p.manager_turnover)
        drift(p, manager, vendor.experience, 0.0, 0.0)
        manager.load = people.manager_load(p, vendor.demand, vendor.hours)
        if gone:
            log(tape.events, t, (-1, ROLE_MANAGER, k, -1, manager.occupant), layout.LEFT_POST, -1)
            vendor.departures += 1
            comes = manager.vacant_weeks == 0
    if comes:
        manager.occupant += 1
        take_post(p, manager, 0.0, p.newcomer_clarity)
        log(tape.events, t, (-1, ROLE_MANAGER, k, -1, manager.occupant), layout.TOOK_POST, -1)


@part
def change_organisation(w: World, tape: Tape, o: int, t: int) -> None:
    """Step 9: let the week happen to an organisation: work, support, stop, go-live, trust."""
    p, organisation = w.p[0], w.organisations[o]
    support, lateness = organisation.support, 0.0
    if organisation.live_week < 0:
        lateness = project.overrun(calendar.working_weeks(p, 0, t), p.planned_weeks_total)
    spare = 0.0
    if organisation.running:
        spare = work(w, tape, o, t) + organisation.received - organisation.work_hours
    elif organisation.stopped_week < 0 and organisation.live_week >= 0:
        spare = p.key_user_hours * organisation.hours_share * organisation.key_users_using
    posts = float(organisation.in_post)
    organisation.support = project.next_support(p, support, spare, posts, w.attention[t])
    stops = has_stopped(w, tape, o, t, lateness)
    waits = organisation.running and not stops and organisation.live_week < 0
    if waits and is_ready(w, tape, o):
        organisation.live_week = t
        organisation.milestones += 1
        tape.totals[o].live_week = t
        log(
            tape.events, t, (organisation.number, ROLE_ORGANISATION, 0, -1, 0), layout.WENT_LIVE, -1
        )
    if organisation.running:
        change_trust(p, w.vendor[0], organisation, lateness)


@part
def change_trust(p: P, vendor: Record, organisation: Record, lateness: float) -> None:
    """Move trust in the provider by a week: hours received, overrun, milestones, departures."""
    live = 1.0 if organisation.live_week >= 0 else 0.0
    ratio = project.hours_felt(p, organisation.received, live, organisation.hours_share)
    target = project.trust_target(p, organisation.trust_own, ratio, lateness)
    gone = project.departed(organisation.departures, p.leads, vendor.departures, p.managers)
    organisation.trust = project.next_trust(
        p, organisation.trust, target, organisation.milestones, gone
    )


@part
def work(w: World, tape: Tape, o: int, t: int) -> float:
    """Do the week's work on open phases, earliest first. Return the team's hours to spare."""
    p, organisation, vendor = w.p[0], w.organisations[o], w.vendor[0]
    manager = organisation.work_hours * vendor.rate
    team = organisation.team_hours * organisation.team_rate
    manager_quality = project.quality(p, vendor.quality, organisation.engagement)
    team_quality = project.quality(p, organisation.team_quality, organisation.engagement)
    for k in range(len(w.plan)):
        phase = tape.progress[o, k]
        if phase.active:
            by_manager, by_team = min(phase.manager_left, manager), min(phase.team_left, team)
            manager -= by_manager
            team -= by_team
            phase.manager_left -= by_manager
            phase.team_left -= by_team
            phase.work += by_manager + by_team
            phase.quality += by_manager * manager_quality + by_team * team_quality
            if w.plan[k].feeds == layout.TRAINING and phase.work > 0.0:
                organisation.training_quality = phase.quality / phase.work
            if phase.manager_left <= 0.0 and phase.manager_done < 0:
                phase.manager_done = t
            if phase.team_left <= 0.0 and phase.team_done < 0:
                phase.team_done = t
            if phase.manager_left <= 0.0 and phase.team_left <= 0.0:
                finish_phase(w, tape, o, k, t)
    return team / organisation.team_rate if organisation.team_rate > 0.0 else 0.0


@part
def finish_phase(w: World, tape: Tape, o: int, k: int, t: int) -> None:
    """Close a phase (or a round of one that recurs) and let its quality take effect."""
    p, organisation, phase = w.p[0], w.organisations[o], tape.progress[o, k]
    phase.active = 0
    if phase.done < 0:
        phase.done = t
        organisation.milestones += 1
    quality = phase.quality / phase.work if phase.work > 0.0 else 0.0
    log(tape.events, t, (organisation.number, ROLE_ORGANISATION, 0, -1, 0), layout.PHASE_DONE, k)
    feeds = w.plan[k].feeds
    if feeds == layout.AGREEMENTS:
        agree_on_roles(w, o, quality)
    elif feeds == layout.FIT:
        organisation.fit = quality
    elif feeds == layout.USABILITY:
        organisation.usability = quality
    elif feeds == layout.REPAIR:
        organisation.fit = project.repaired(p, organisation.fit, quality)
        organisation.usability = project.repaired(p, organisation.usability, quality)
        evaluate(w, tape, o, t)


@part
def evaluate(w: World, tape: Tape, o: int, t: int) -> None:
    """Show the adoption reached to leads and clinicians; open refresher seats."""
    p, organisation = w.p[0], w.organisations[o]
    organisation.rounds += 1
    if p.clinicians > 0.0:
        organisation.shown = organisation.users / p.clinicians
    organisation.refreshers = int(p.refresher_seats)
    log(tape.events, t, (organisation.number, ROLE_ORGANISATION, 0, -1, 0), layout.EVALUATED, -1)


@part
def agree_on_roles(w: World, o: int, quality: float) -> None:
    """Raise the role clarity of the implementation team's posts for good."""
    p = w.p[0]
    leads, posts = int(p.leads), int(p.clinicians)
    for k in range(leads):
        lead = w.leads[o * leads + k]
        lead.post_clarity = people.agreed_clarity(p, lead.post_clarity, quality)
    for k in range(int(p.key_user_posts)):
        key_user = w.clinicians[o * posts + k]
        key_user.post_clarity = people.agreed_clarity(p, key_user.post_clarity, quality)


@part
def is_ready(w: World, tape: Tape, o: int) -> bool:
    """Say whether the organisation can go live.

    All phases but training and evaluation are done, and at least half of the key-user posts are
    trained (without key-users: training is done).
    """
    organisation, key_users = w.organisations[o], int(w.p[0].key_user_posts)
    trained = key_users > 0 and 2 * organisation.key_users_trained >= key_users
    for k in range(len(w.plan)):
        if w.plan[k].recurs:
            continue
        done = tape.progress[o, k].done >= 0
        if w.plan[k].feeds == layout.TRAINING:
            done = done if key_users == 0 else trained
        if not done:
            return False
    return True


@part
def has_stopped(w: World, tape: Tape, o: int, t: int, lateness: float) -> bool:
    """Run the clock of a stop for a week; say whether the implementation stops."""
    p, organisation = w.p[0], w.organisations[o]
    live = organisation.live_week >= 0
    if organisation.stopped_week >= 0 or not (organisation.running or live):
        return False
    trust = chance.seen(p.trust_on, organisation.trust, p.trust_reference)
    leads = organisation.lead_motivation
    use = project.surprise(p, organisation.shown)
    hazard = project.stop_hazard(p, lateness, trust, leads, use, 1.0 if live else 0.0)
    cause = 0
    if chance.crossing(organisation.stop_clock, hazard) < NEVER:
        cause = project.stop_cause(p, lateness, trust, leads, use)
    elif not live and t + 1 >= organisation.project_weeks and not is_ready(w, tape, o):
        cause = project.STOPPED_TIME
    organisation.stop_clock = chance.clock_left(organisation.stop_clock, hazard, 1.0)
    if cause == 0:
        return False
    organisation.stopped_week = t
    organisation.shown = -1.0  # no news of use any more
    tape.totals[o].stopped_week = t
    tape.totals[o].stop_cause = cause
    log(tape.events, t, (organisation.number, ROLE_ORGANISATION, 0, -1, 0), layout.STOPPED, cause)
    return True
