"""Patients: invited, starting, dropping out, completing, leaving and replaced (step 5)."""

from typing import TYPE_CHECKING

from sim import layout
from sim.agents.base import Agent
from sim.draws import Stream, child, clock, uniform
from sim.layout import ACTIVE, DECLINED, DROPPED, NOT_YET, ROLE_PATIENT, USUAL
from sim.rules import chance, measures, patients

if TYPE_CHECKING:
    from sim.agents.clinician import Clinician
    from sim.agents.model import Model


class Patient(Agent):
    """Somebody in care with a clinician, in one of the places of the clinician's caseload.

    On leaving care the agent is removed, and a new patient, number ``occupant``, takes the place.
    """

    clock: float  # hazard still to come before the next event
    admitted: int  # week of admission
    started: int  # week of starting on the platform
    state: int  # USUAL, ACTIVE, DROPPED or DECLINED

    def __init__(
        self,
        model: "Model",
        clinician: "Clinician",
        place: int,
        occupant: int,
        weeks_left: int,
        admitted: int,
    ) -> None:
        """Take a place, with ``weeks_left`` of usual care to go."""
        super().__init__(model)
        self.clinician = clinician
        self.place = place
        self.occupant = occupant
        self.weeks_left = weeks_left
        self.admitted = admitted
        self.key = child(child(clinician.patients_key, place), occupant)
        self.clock = clock(self.key, Stream.INVITE, 0)
        self.started = NOT_YET
        self.state = USUAL

    def step(self) -> None:
        """Step 5: let a week of care happen."""
        self.weeks_left -= 1
        if self.weeks_left <= 0:
            self.leave_care()
            return
        if self.state == USUAL:
            hazard = self.clinician.invite_hazard
            if hazard > 0.0:
                if self.clock <= hazard:
                    self.offer()
                else:
                    self.clock -= hazard
        elif self.state == ACTIVE:
            hazard = self.dropout_hazard()
            if self.clock <= hazard or self.clinician.organisation.stopped_week >= 0:
                self.drop_out()
            else:
                self.clock -= hazard
        if self.started != NOT_YET:
            self.be_counted()

    # Hazards and chances, each with what it depends on.

    def affinity(self) -> float:
        """Return the digital affinity (mean 0), on the logit scale of acceptance."""
        deviate = chance.noise(uniform(self.key, Stream.AFFINITY, 0))
        return float(self.model.p.affinity_sd * deviate)

    def acceptance_inputs(self) -> dict[str, float]:
        """Return what the probability of accepting the platform depends on."""
        clinician = self.clinician
        return {
            "affinity": self.affinity(),
            "fit": clinician.organisation.fit,
            "skill": clinician.skill if clinician.guides() else 0.0,
        }

    def acceptance_probability(self) -> float:
        """Return the probability of accepting the platform when it is offered."""
        return patients.acceptance_probability(self.model.p, **self.acceptance_inputs())

    def dropout_inputs(self) -> dict[str, float]:
        """Return what the hazard of dropping out depends on."""
        return self.clinician.dropout_inputs()

    def dropout_hazard(self) -> float:
        """Return the weekly hazard of dropping out: the same for all patients of a clinician."""
        return self.clinician.dropout_hazard

    # Events.

    def offer(self) -> None:
        """Be offered the platform: start on it for the rest of care, which gets shorter, or not."""
        accepts = self.acceptance_probability()
        if uniform(self.key, Stream.ACCEPT, 0) >= accepts:
            self.state = DECLINED
            self.note(layout.DECLINED_OFFER)
            return
        organisation, week = self.clinician.organisation, self.model.week
        self.state = ACTIVE
        self.started = week
        self.weeks_left = patients.blended_weeks(self.model.p, float(self.weeks_left))
        self.clock = clock(self.key, Stream.DROPOUT, 0)
        organisation.started += 1
        organisation.cohorts[week].started += 1
        if self.admitted >= 0:
            organisation.cohorts[self.admitted].admitted_started += 1
        self.note(layout.ACCEPTED)

    def drop_out(self) -> None:
        """Drop out: back to usual care for the weeks that are left."""
        organisation = self.clinician.organisation
        self.state = DROPPED
        organisation.dropped += 1
        if organisation.stopped_week < 0:  # a platform taken away is no experience with patients
            self.clinician.dropped += 1
        self.note(layout.DROPPED_OUT)

    def leave_care(self) -> None:
        """End care, completed if still active on the platform; a new patient takes the place."""
        clinician, week = self.clinician, self.model.week
        organisation = clinician.organisation
        organisation.left_care += 1
        if self.started != NOT_YET:
            organisation.left_care_reached += 1
        if self.state == ACTIVE:
            clinician.completed += 1
            organisation.completed += 1
            if week - self.started <= measures.COMPLETION_WEEKS:
                organisation.cohorts[self.started].started_completed += 1
            self.note(layout.COMPLETED)
        else:
            self.note(layout.LEFT_CARE)
        self.remove()
        self.be_replaced()

    def be_replaced(self) -> None:
        """Let a new patient take the place; by default the platform is offered at intake."""
        clinician, model = self.clinician, self.model
        organisation = clinician.organisation
        made = type(self)(model, clinician, self.place, self.occupant + 1, 0, model.week)
        made.weeks_left = patients.care_weeks(model.care_table, uniform(made.key, Stream.CARE, 0))
        clinician.patients[self.place] = made
        organisation.cohorts[model.week].admitted += 1
        if model.p.default_invitation > 0.0 and organisation.is_live_for(clinician.team_number):
            made.offer()
            if made.started != NOT_YET:
                made.be_counted()

    def be_counted(self) -> None:
        """Count as reached by the platform, and as active next week if so."""
        clinician = self.clinician
        clinician.organisation.in_care_reached += 1
        if self.state == ACTIVE:
            clinician.next_active += 1
            if self.model.week - self.started < self.model.setup_weeks:
                clinician.next_starting += 1

    def note(self, event: int) -> None:
        """Write down an event of this patient."""
        clinician = self.clinician
        number = clinician.organisation.number
        self.model.log(number, ROLE_PATIENT, clinician.post, self.place, self.occupant, event, -1)
