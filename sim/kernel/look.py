"""Steps 1 and 2 of the week: what organisations and the vendor see, and who gets whose hours.

Everything here reads last week's states and writes only this week's view of them.
"""

import numpy as np
from numpy.typing import NDArray

from sim import layout
from sim.compiled import part
from sim.kernel.log import log
from sim.layout import USER, Record, Tape, World
from sim.rules import calendar, chance, clinicians, people, project
from sim.rules.types import P


@part
def look(w: World, tape: Tape, t: int) -> None:
    """Let the managers, then every organisation, see where they stand at the start of week t."""
    share = calendar.hours_share(w.p[0], t)
    look_at_managers(w.p[0], w.vendor[0], w.managers, share)
    for o in range(len(w.organisations)):
        organisation = w.organisations[o]
        stopped = organisation.stopped_week >= 0
        organisation.running = 0 if stopped or t >= organisation.project_weeks else 1
        organisation.hours_share = share
        begin_week(organisation)
        count_clinicians(w, o)
        look_at_team(w, o, t)
        organisation.protected = 0
        organisation.team_demand = 0.0
        organisation.manager_demand = 0.0
        w.wanted[o] = -1.0
        if organisation.running:
            open_phases(w, tape, o, t)
            look_at_phases(w, tape, o, t)
        open_seats(w, tape, o)
    share_managers(w)


@part
def begin_week(organisation: Record) -> None:
    """Set the counters of the week to zero."""
    organisation.hours_clinician = 0.0
    organisation.hours_saved = 0.0
    organisation.hours_paid = 0.0
    organisation.departures = 0
    organisation.milestones = 0
    organisation.leavers = 0
    organisation.left_care = 0
    organisation.left_care_reached = 0
    organisation.started = 0
    organisation.completed = 0
    organisation.dropped = 0


@part
def look_at_managers(p: P, vendor: Record, managers: NDArray[np.void], share: float) -> None:
    """See the managers' hours, the work in one of them, and its quality."""
    each = p.manager_hours * share
    hours, productive, quality = 0.0, 0.0, 0.0
    for k in range(len(managers)):
        manager: Record = managers[k]
        if manager.vacant_weeks == 0:
            motivation = people.seen_motivation(p, manager.motivation)
            clarity = people.seen_clarity(p, manager.clarity)
            strain = manager.strain
            hours += each
            productive += each * people.productivity(p, motivation, clarity, strain)
            quality += each * project.work_quality(p, clarity, motivation)
    vendor.hours = hours
    vendor.rate = productive / hours if hours > 0.0 else 0.0
    vendor.quality = quality / hours if hours > 0.0 else 0.0
    vendor.departures = 0


@part
def count_clinicians(w: World, o: int) -> None:
    """Count an organisation's clinicians by state, and the vacancies of its teams."""
    organisation = w.organisations[o]
    in_post, users, trained, trained_users, key_using, key_trained = 0, 0, 0, 0, 0, 0
    teams, everybody, clinicians = w.teams[o], w.clinicians, int(w.p[0].clinicians)
    for k in range(len(teams)):
        teams[k].vacant = 0
    for i in range(o * clinicians, (o + 1) * clinicians):
        clinician = everybody[i]
        if clinician.vacant_weeks > 0:
            teams[clinician.team].vacant += 1
            continue
        in_post += 1
        using = 1 if clinician.use == USER else 0
        users += using
        trained += clinician.trained
        trained_users += using * clinician.trained
        key_using += using * clinician.key_user
        key_trained += clinician.trained * clinician.key_user
    organisation.in_post = in_post
    organisation.users = users
    organisation.trained = trained
    organisation.trained_users = trained_users
    organisation.key_users_using = key_using
    organisation.key_users_trained = key_trained


@part
def look_at_team(w: World, o: int, t: int) -> None:
    """See the implementation team (leads, then key-users): its hours, pace, quality, engagement."""
    p, organisation = w.p[0], w.organisations[o]
    count, clarity_sum, hours, productive, quality = 0.0, 0.0, 0.0, 0.0, 0.0
    leads, lead_motivation, commitment = 0.0, 0.0, 0.0
    share = organisation.hours_share if organisation.running else 0.0
    organisation.lead_hours = p.lead_hours * w.attention[t] * share
    key_user_hours = p.key_user_hours * share
    lead_posts, posts = int(p.leads), int(p.key_user_posts)
    all_leads, everybody = w.leads, w.clinicians
    for k in range(lead_posts + posts):
        is_lead = k < lead_posts
        if is_lead:
            person = all_leads[o * lead_posts + k]
            vacant, given = person.vacant_weeks > 0, organisation.lead_hours
            motivation, clarity = person.motivation, person.clarity
            strain, load = person.strain, person.load
        else:
            member = everybody[o * int(p.clinicians) + k - lead_posts]
            vacant, given = member.vacant_weeks > 0, key_user_hours
            motivation, clarity = member.motivation, member.clarity
            strain, load = member.strain, member.load
        if vacant:
            continue
        motivation = people.seen_motivation(p, motivation)
        clarity = people.seen_clarity(p, clarity)
        if is_lead:
            leads += 1.0
            lead_motivation += motivation
        else:
            commitment += project.commitment(p, motivation, people.seen_overload(p, load))
        count += 1.0
        clarity_sum += clarity
        hours += given
        productive += given * people.productivity(p, motivation, clarity, strain)
        quality += given * project.work_quality(p, clarity, motivation)
    owned = 1.0
    if count > 0.0:
        owned = project.ownership(count, clarity_sum / count, p.diffusion_seen)
    organisation.team_hours = project.team_hours(p, count, hours)
    organisation.team_rate = owned * productive / hours if hours > 0.0 else 0.0
    organisation.team_quality = quality / hours if hours > 0.0 else 0.0
    organisation.leads_in_post = int(leads)
    mean = lead_motivation / leads if leads > 0.0 else p.motivation_reference
    organisation.lead_motivation = mean
    engaged = project.engagement(organisation.involvement, commitment, float(posts))
    organisation.engagement = chance.seen(p.engagement_on, engaged, p.engagement_reference)


@part
def open_phases(w: World, tape: Tape, o: int, t: int) -> None:
    """Open each phase whose turn has come and whose external delay is over."""
    p, organisation = w.p[0], w.organisations[o]
    before = -1
    for k in range(len(w.plan)):
        plan, phase = w.plan[k], tape.progress[o, k]
        ready = -1
        if plan.recurs:
            every = int(p.evaluation_weeks)
            if every > 0 and organisation.live_week >= 0 and not phase.active:
                latest = phase.since if phase.since >= 0 else organisation.live_week
                ready = latest + every + plan.delay_weeks
        else:
            if phase.opened < 0:
                ready = plan.delay_weeks
                if before >= 0:
                    previous = tape.progress[o, before]
                    since = previous.opened if plan.overlaps else previous.done + 1
                    known = previous.opened >= 0 if plan.overlaps else previous.done >= 0
                    ready = since + plan.delay_weeks if known else -1
            before = k
        if ready >= 0 and t >= ready:
            phase.active = 1
            phase.since = t
            if phase.opened < 0:
                phase.opened = t
            phase.manager_left = project.real_effort(p, plan.manager_hours)
            phase.team_left = project.real_effort(p, plan.team_hours)
            phase.work = 0.0
            phase.quality = 0.0
            log(
                tape.events,
                t,
                (organisation.number, layout.ROLE_ORGANISATION, 0, -1, 0),
                layout.PHASE_OPENED,
                k,
            )


@part
def look_at_phases(w: World, tape: Tape, o: int, t: int) -> None:
    """See the hours that open phases ask for, and whether protected time has begun."""
    p, organisation, vendor = w.p[0], w.organisations[o], w.vendor[0]
    share = organisation.hours_share
    wanted, manager_demand, team_demand = 0.0, 0.0, 0.0
    rate = vendor.rate if vendor.rate > 0.0 else 1.0
    for k in range(len(w.plan)):
        plan, phase = w.plan[k], tape.progress[o, k]
        if plan.feeds == layout.TRAINING and phase.opened >= 0:
            organisation.protected = 1
        if phase.active:
            planned, elapsed = plan.planned_weeks, calendar.working_weeks(p, phase.since, t)
            wanted += phase.manager_left / rate
            manager_demand += project.demand(phase.manager_left, planned, elapsed)
            team_demand += project.demand(phase.team_left, planned, elapsed)
    w.wanted[o] = wanted
    organisation.manager_demand = manager_demand * share
    organisation.team_demand = team_demand * share


@part
def open_seats(w: World, tape: Tape, o: int) -> None:
    """Open this week's training seats; whole seats nobody takes lapse, fractions carry over."""
    p, organisation = w.p[0], w.organisations[o]
    organisation.seats = 0
    if organisation.stopped_week >= 0:
        organisation.refreshers = 0
        return
    for k in range(len(w.plan)):
        phase = tape.progress[o, k]
        if w.plan[k].feeds == layout.TRAINING and (phase.work > 0.0 or phase.done >= 0):
            running = 1.0 if organisation.running else 0.0
            inflow = project.seats_inflow(p, running, float(organisation.key_users_using))
            open_now = organisation.seats_balance + inflow * organisation.hours_share
            organisation.seats = int(open_now)
            organisation.seats_balance = open_now - organisation.seats


@part
def share_managers(w: World) -> None:
    """Share the managers' hours over running projects; unused hours become support."""
    p, vendor = w.p[0], w.vendor[0]
    rest = project.share_hours(vendor.hours, w.wanted, w.given)
    running, demand, shown, gap = 0, 0.0, 0.0, 0.0
    for o in range(len(w.organisations)):
        organisation = w.organisations[o]
        running += organisation.running
        demand += organisation.manager_demand
        if organisation.shown >= 0.0:
            shown += 1.0
            gap += project.surprise(p, organisation.shown)
    vendor.demand = demand
    vendor.experience = gap / shown if shown > 0.0 else 0.0
    vendor.spare_each = rest / running if running > 0 else 0.0
    for o in range(len(w.organisations)):
        organisation = w.organisations[o]
        organisation.work_hours = w.given[o]
        organisation.received = w.given[o] + vendor.spare_each if organisation.running else 0.0
        see_guidance(p, organisation)


@part
def see_guidance(p: P, organisation: Record) -> None:
    """See what guides the organisation's people this week, and what follows for all of them."""
    guidance = people.clinician_guidance(organisation.alignment, organisation.support)
    organisation.guidance = guidance
    organisation.clarity_kept = people.clarity_kept(p, guidance)
    organisation.skill_kept = clinicians.skill_kept(p, organisation.support)
    organisation.team_guidance = 0.0
    if organisation.running:
        trust = chance.seen(p.trust_on, organisation.trust, p.trust_reference)
        organisation.team_guidance = people.team_guidance(
            p, trust, organisation.alignment, organisation.received
        )
    organisation.team_clarity_kept = people.clarity_kept(p, organisation.team_guidance)
