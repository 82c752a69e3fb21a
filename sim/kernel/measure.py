"""Step 10 of the week: write down shares, means, counts and costs."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.layout import NEVER_USED, NOT_YET, USER, Record, Tape, World
from sim.rules import measures
from sim.rules.types import P


@part
def measure(w: World, tape: Tape, o: int, t: int) -> None:
    """Write one row of the weekly series of an organisation, and the weeks it reached things."""
    p, organisation, row = w.p[0], w.organisations[o], tape.series[t, o]
    posts, leads = int(p.clinicians), int(p.leads)
    measure_clinicians(row, w.clinicians, o * posts, posts, t)
    measure_leads(row, means_of(w.leads, o * leads, (o + 1) * leads))
    measure_managers(row, means_of(w.managers, 0, len(w.managers)))
    row.phase = float(current_phase(organisation, tape.progress[o]))
    measure_organisation(p, organisation, row)
    organisation.window_left += organisation.left_care
    organisation.window_reached += organisation.left_care_reached
    if t >= measures.REACH_WEEKS:
        old = tape.series[t - measures.REACH_WEEKS, o]
        organisation.window_left -= old.left_care
        organisation.window_reached -= old.left_care_reached
    measure_patients(p, organisation, row)
    measure_milestones(organisation, tape.totals[o], row, t)


@part
def measure_clinicians(
    row: Record, clinicians: NDArray[np.void], first: int, posts: int, t: int
) -> None:
    """Write the shares of posts and the means over clinicians in post, added up in id order."""
    in_post, users, ever, sustained, active, trained = 0, 0, 0, 0, 0, 0
    strain, motivation, clarity, load, load_users = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(first, first + posts):
        clinician = clinicians[i]
        if clinician.vacant_weeks > 0:
            continue
        in_post += 1
        trained += clinician.trained
        strain += clinician.strain
        motivation += clinician.motivation
        clarity += clinician.clarity
        load += clinician.load
        if clinician.use != NEVER_USED:
            ever += 1
        if clinician.use == USER:
            users += 1
            load_users += clinician.load
            if t - clinician.using_since >= measures.SUSTAINED_WEEKS:
                sustained += 1
        if clinician.last_active != NOT_YET and t - clinician.last_active < measures.ACTIVE_WEEKS:
            active += 1
    row.adoption = measures.mean(users, posts)
    row.first_use = measures.mean(ever, posts)
    row.sustained_adoption = measures.mean(sustained, posts)
    row.active_use = measures.mean(active, posts)
    row.trained = measures.mean(trained, posts)
    row.vacant = measures.mean(posts - in_post, posts)
    row.strain_clinician = measures.mean(strain, in_post)
    row.motivation_clinician = measures.mean(motivation, in_post)
    row.role_clarity_clinician = measures.mean(clarity, in_post)
    row.load_clinician = measures.mean(load, in_post)
    row.load_users = measures.mean(load_users, users)


@part
def means_of(posts: NDArray[np.void], first: int, last: int) -> tuple[float, float, float, float]:
    """Return the means of strain, motivation, clarity and load over the posts that are filled."""
    count, strain, motivation, clarity, load = 0, 0.0, 0.0, 0.0, 0.0
    for k in range(first, last):
        person = posts[k]
        if person.vacant_weeks == 0:
            count += 1
            strain += person.strain
            motivation += person.motivation
            clarity += person.clarity
            load += person.load
    return (
        measures.mean(strain, count),
        measures.mean(motivation, count),
        measures.mean(clarity, count),
        measures.mean(load, count),
    )


@part
def measure_leads(row: Record, means: tuple[float, float, float, float]) -> None:
    """Write the means over the organisation's leads."""
    row.strain_lead, row.motivation_lead, row.role_clarity_lead, row.load_lead = means


@part
def measure_managers(row: Record, means: tuple[float, float, float, float]) -> None:
    """Write the means over the vendor's managers."""
    row.strain_manager = means[0]
    row.motivation_manager = means[1]
    row.role_clarity_manager = means[2]
    row.load_manager = means[3]


@part
def measure_organisation(p: P, organisation: Record, row: Record) -> None:
    """Write the organisation's states, its hours and what the week cost."""
    stopped, live = organisation.stopped_week >= 0, organisation.live_week >= 0
    row.live = 1.0 if live and not stopped else 0.0
    row.stopped = 1.0 if stopped else 0.0
    row.trust = organisation.trust
    row.support = organisation.support
    row.journey_fit = organisation.fit
    row.usability = organisation.usability
    row.training_quality = organisation.training_quality
    row.engagement = organisation.engagement
    row.hours_manager = organisation.received
    row.hours_lead = organisation.leads_in_post * organisation.lead_hours
    row.hours_clinician = organisation.hours_clinician
    row.hours_saved = organisation.hours_saved
    row.staff_leavers = float(organisation.leavers)
    running = 1.0 if organisation.running else 0.0
    paid, share = organisation.hours_paid, organisation.hours_share
    row.cost = measures.week_cost(p, running, row.live, paid, share)


@part
def current_phase(organisation: Record, progress: NDArray[np.void]) -> int:
    """Return the number of the earliest open phase of a running project, or -1."""
    if organisation.running and organisation.stopped_week < 0:
        for k in range(len(progress)):
            if progress[k].active:
                return k
    return -1


@part
def measure_patients(p: P, organisation: Record, row: Record) -> None:
    """Write the week's flow of patients, and reach over the last 52 weeks."""
    row.in_care_reached = float(organisation.in_care_reached)
    row.left_care = float(organisation.left_care)
    row.left_care_reached = float(organisation.left_care_reached)
    row.started = float(organisation.started)
    row.completed = float(organisation.completed)
    row.dropped = float(organisation.dropped)
    reached = organisation.window_reached + row.in_care_reached
    row.reach = measures.mean(reached, organisation.window_left + p.clinicians * p.caseload)


@part
def measure_milestones(organisation: Record, totals: Record, row: Record, t: int) -> None:
    """Note the week in which the organisation first started a patient, became competent, ..."""
    if organisation.started > 0:
        totals.last_start_week = t
        if totals.start_week == NOT_YET:
            totals.start_week = t
    if totals.half_week == NOT_YET and row.adoption >= 0.5:
        totals.half_week = t
    if totals.competence_week == NOT_YET and organisation.rounds >= 2:
        trained, using = organisation.trained, organisation.trained_users
        if trained > 0 and 2 * using >= trained:
            totals.competence_week = t
