"""Step 10 of the week: an organisation's record, field by field as in `sim.layout.SERIES`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.layout import NEVER_USED, NOT_YET, USER
from sim.rules import measures

if TYPE_CHECKING:
    from sim.agents.organisation import Organisation
    from sim.agents.staff import Staff

Row = dict[str, float]


@dataclass(slots=True)
class Cohort:
    """Patients by the week they were admitted or started (`sim.layout.COHORT`)."""

    admitted: int = 0
    admitted_started: int = 0
    started: int = 0
    started_completed: int = 0


@dataclass(slots=True)
class Totals:
    """Weeks in which an organisation first reached something (`sim.layout.TOTALS`)."""

    live_week: int = NOT_YET
    stopped_week: int = NOT_YET
    stop_cause: int = 0
    start_week: int = NOT_YET
    last_start_week: int = NOT_YET
    competence_week: int = NOT_YET
    half_week: int = NOT_YET


def row_of(organisation: "Organisation") -> Row:
    """Return the record of an organisation's week, one value for each field of the series."""
    row = clinicians_of(organisation)
    row |= means_of(organisation.leads, "lead")
    row |= means_of(organisation.model.vendor.managers, "manager")
    row |= states_of(organisation)
    row |= patients_of(organisation)
    row |= hours_of(organisation, row["live"])
    return row


def clinicians_of(organisation: "Organisation") -> Row:
    """Return shares of posts, and means over clinicians in post."""
    week, posts = organisation.model.week, len(organisation.clinicians)
    in_post = users = ever = sustained = active = trained = 0
    load_users = 0.0
    for clinician in organisation.clinicians:
        if clinician.vacant_weeks > 0:
            continue
        in_post += 1
        trained += clinician.trained
        ever += clinician.use != NEVER_USED
        if clinician.use == USER:
            users += 1
            load_users += clinician.load
            sustained += week - clinician.using_since >= measures.SUSTAINED_WEEKS
        last = clinician.last_active
        active += last != NOT_YET and week - last < measures.ACTIVE_WEEKS
    return {
        "adoption": measures.mean(users, posts),
        "first_use": measures.mean(ever, posts),
        "sustained_adoption": measures.mean(sustained, posts),
        "active_use": measures.mean(active, posts),
        "trained": measures.mean(trained, posts),
        "vacant": measures.mean(posts - in_post, posts),
        "load_users": measures.mean(load_users, users),
        **means_of(organisation.clinicians, "clinician"),
    }


def means_of(posts: Sequence["Staff"], role: str) -> Row:
    """Return the means of strain, motivation, clarity and load over the posts that are filled."""
    count, strain, motivation, clarity, load = 0, 0.0, 0.0, 0.0, 0.0
    for person in posts:
        if person.vacant_weeks == 0:
            count += 1
            strain += person.strain
            motivation += person.motivation
            clarity += person.clarity
            load += person.load
    return {
        f"strain_{role}": measures.mean(strain, count),
        f"motivation_{role}": measures.mean(motivation, count),
        f"role_clarity_{role}": measures.mean(clarity, count),
        f"load_{role}": measures.mean(load, count),
    }


def states_of(organisation: "Organisation") -> Row:
    """Return where the organisation stands."""
    stopped, live = organisation.stopped_week >= 0, organisation.live_week >= 0
    phase = -1
    for k, _, progress in organisation.phases():
        if progress.active and organisation.running and not stopped and phase < 0:
            phase = k
    return {
        "live": 1.0 if live and not stopped else 0.0,
        "stopped": 1.0 if stopped else 0.0,
        "phase": float(phase),
        "trust": organisation.trust,
        "support": organisation.support,
        "journey_fit": organisation.fit,
        "usability": organisation.usability,
        "training_quality": organisation.training_quality,
        "engagement": organisation.engagement,
    }


def patients_of(organisation: "Organisation") -> Row:
    """Return the week's flow of patients, and reach over the last 52 weeks."""
    places = organisation.model.p.clinicians * organisation.model.p.caseload
    reached = organisation.window_reached + organisation.in_care_reached
    return {
        "reach": measures.mean(reached, organisation.window_left + places),
        "in_care_reached": float(organisation.in_care_reached),
        "left_care": float(organisation.left_care),
        "left_care_reached": float(organisation.left_care_reached),
        "started": float(organisation.started),
        "completed": float(organisation.completed),
        "dropped": float(organisation.dropped),
    }


def move_window(organisation: "Organisation") -> None:
    """Move the window of 52 weeks in which patients who left care count for reach."""
    model = organisation.model
    organisation.window_left += organisation.left_care
    organisation.window_reached += organisation.left_care_reached
    if model.week >= measures.REACH_WEEKS:
        old = model.series[model.week - measures.REACH_WEEKS, organisation.index]
        organisation.window_left -= float(old["left_care"])
        organisation.window_reached -= float(old["left_care_reached"])


def hours_of(organisation: "Organisation", live: float) -> Row:
    """Return the week's hours and leavers, and what the week cost."""
    clinician, saved, paid = 0.0, 0.0, 0.0
    for member in organisation.clinicians:
        clinician += member.hours
        saved += member.hours_saved
        paid += member.hours_paid
    running = 1.0 if organisation.running else 0.0
    share = organisation.hours_share
    return {
        "hours_manager": organisation.received,
        "hours_lead": organisation.leads_in_post * organisation.lead_hours,
        "hours_clinician": clinician,
        "hours_saved": saved,
        "cost": measures.week_cost(organisation.model.p, running, live, paid, share),
        "staff_leavers": float(organisation.leavers),
    }


def note_milestones(organisation: "Organisation") -> None:
    """Note the week in which the organisation first started a patient, became competent, ..."""
    week, totals = organisation.model.week, organisation.totals
    if organisation.started > 0:
        totals.last_start_week = week
        if totals.start_week == NOT_YET:
            totals.start_week = week
    if totals.half_week == NOT_YET and organisation.row["adoption"] >= 0.5:
        totals.half_week = week
    competent = 0 < organisation.trained <= 2 * organisation.trained_users
    if totals.competence_week == NOT_YET and organisation.rounds >= 2 and competent:
        totals.competence_week = week
