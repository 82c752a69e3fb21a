"""Step 5 of the week: patients are invited, start, drop out, complete, leave and are replaced."""

import numpy as np

from sim import layout
from sim.compiled import part
from sim.draws import Stream, child, clock, uniform
from sim.kernel.clinicians import guides, team_is_live
from sim.kernel.log import log
from sim.layout import (
    ACTIVE,
    DECLINED,
    DROPPED,
    NO_EVENT,
    NOT_YET,
    ROLE_PATIENT,
    USUAL,
    Record,
    Tape,
    World,
)
from sim.rules import chance, measures, patients
from sim.rules.types import P


@part
def change_all(w: World, tape: Tape, o: int, t: int) -> None:
    """Step 5: let the week happen to all patients of an organisation."""
    p, organisation = w.p[0], w.organisations[o]
    everybody, places, table = w.clinicians, w.patients, w.care_table
    cohorts, events, logs = tape.cohorts, tape.events, len(tape.events) > 1
    posts, caseload, setup_weeks = int(p.clinicians), int(p.caseload), int(p.setup_weeks)
    number = organisation.number
    stopped = organisation.stopped_week >= 0
    for post in range(posts):
        clinician = everybody[o * posts + post]
        invite = clinician.invite_hazard
        dropout = clinician.dropout_hazard
        if stopped and clinician.active > 0:
            dropout = np.inf  # the platform is gone: no clock outlasts that
        # Nobody is on the platform or invited to it: only care goes on.
        quiet = invite <= 0.0 and clinician.active == 0
        active, starting = 0, 0
        clinician.completed = 0
        clinician.dropped = 0
        for place in range(caseload):
            patient = places[(o * posts + post) * caseload + place]
            if quiet and patient.weeks_left > 1:
                patient.weeks_left -= 1
                continue
            event = advance(p, organisation, clinician, patient, place, invite, dropout, t)
            if event != NO_EVENT:
                if logs:
                    who = patient.occupant
                    log(events, t, (number, ROLE_PATIENT, post, place, who), event, -1)
                if event == layout.ACCEPTED and patient.admitted >= 0:
                    cohorts[patient.admitted, o].admitted_started += 1
                elif event == layout.COMPLETED and is_timely(patient, t):
                    cohorts[patient.started, o].started_completed += 1
                if event == layout.COMPLETED or event == layout.LEFT_CARE:
                    patient.occupant += 1
                    key = patient_key(clinician, patient, place)
                    weeks = patients.care_weeks(table, uniform(key, Stream.CARE, 0))
                    event = admit(p, organisation, clinician, patient, weeks, key, t)
                    if logs and event != NO_EVENT:
                        who = patient.occupant
                        log(events, t, (number, ROLE_PATIENT, post, place, who), event, -1)
                    if event == layout.ACCEPTED:
                        cohorts[t, o].admitted_started += 1
            on_platform = patient.state == ACTIVE
            active += on_platform
            starting += on_platform & (t - patient.started < setup_weeks)
        clinician.next_active = active
        clinician.next_starting = starting
        credit_outcomes(clinician, t)
    cohorts[t, o].started = organisation.started
    cohorts[t, o].admitted = organisation.left_care


@part
def is_timely(patient: Record, t: int) -> bool:
    """Say whether care that ends now ends soon enough after the start on the platform."""
    return t - patient.started <= measures.COMPLETION_WEEKS


@part
def credit_outcomes(clinician: Record, t: int) -> None:
    """Outcomes are experience only to a clinician who guided these patients."""
    if not guides(clinician):
        clinician.completed = 0
        clinician.dropped = 0
    elif clinician.next_active > 0:
        clinician.last_active = t


@part
def patient_key(clinician: Record, patient: Record, place: int) -> int:
    """Return the key of the patient who is now in a place."""
    return child(child(clinician.patients_key, place), patient.occupant)


@part
def advance(
    p: P,
    organisation: Record,
    clinician: Record,
    patient: Record,
    place: int,
    invite: float,
    dropout: float,
    t: int,
) -> int:
    """Take a patient one week further; return what happened, or NO_EVENT.

    ``invite`` and ``dropout`` are the hazards of this week: an invitation ends usual care,
    dropping out ends active use, nothing of the kind awaits others (what is left of a clock that
    has not run out is above 0).
    """
    patient.weeks_left -= 1
    if patient.weeks_left <= 0:
        return leave_care(organisation, clinician, patient)
    usual, active = patient.state == USUAL, patient.state == ACTIVE
    # Chosen without a branch: which state a patient is in cannot be predicted.
    hazard = invite if usual else (dropout if active else 0.0)
    if patient.clock > hazard:
        patient.clock = chance.clock_left(patient.clock, hazard, 1.0)
        return NO_EVENT
    if usual:
        return offer(p, organisation, clinician, patient, patient_key(clinician, patient, place), t)
    # back to usual care for the weeks that are left
    patient.state = DROPPED
    organisation.dropped += 1
    if organisation.stopped_week < 0:  # a platform taken away is no experience with patients
        clinician.dropped += 1
    return layout.DROPPED_OUT


@part
def offer(p: P, organisation: Record, clinician: Record, patient: Record, key: int, t: int) -> int:
    """Offer the platform to a patient in usual care, who starts on it or declines."""
    affinity = p.affinity_sd * chance.noise(uniform(key, Stream.AFFINITY, 0))
    skill = clinician.skill if guides(clinician) else 0.0
    accepts = patients.acceptance_probability(p, affinity, organisation.fit, skill)
    if uniform(key, Stream.ACCEPT, 0) >= accepts:
        patient.state = DECLINED
        return layout.DECLINED_OFFER
    patient.state = ACTIVE
    patient.started = t
    patient.weeks_left = patients.blended_weeks(p, float(patient.weeks_left))
    patient.clock = clock(key, Stream.DROPOUT, 0)
    organisation.started += 1
    organisation.in_care_reached += 1
    return layout.ACCEPTED


@part
def leave_care(organisation: Record, clinician: Record, patient: Record) -> int:
    """Let a patient's care end: completed if still active on the platform."""
    organisation.left_care += 1
    if patient.started != NOT_YET:
        organisation.left_care_reached += 1
        organisation.in_care_reached -= 1
    if patient.state != ACTIVE:
        return layout.LEFT_CARE
    clinician.completed += 1
    organisation.completed += 1
    return layout.COMPLETED


@part
def admit(
    p: P, organisation: Record, clinician: Record, patient: Record, weeks: int, key: int, t: int
) -> int:
    """Let a new patient take the place; by default the platform is offered at intake."""
    patient.weeks_left = weeks
    patient.admitted = t
    patient.started = NOT_YET
    patient.state = USUAL
    patient.clock = clock(key, Stream.INVITE, 0)
    if p.default_invitation > 0.0 and team_is_live(p, organisation, clinician.team, t):
        return offer(p, organisation, clinician, patient, key, t)
    return NO_EVENT
