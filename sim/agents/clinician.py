"""Clinicians: they propose (step 3), get a seat or not (step 4), and change (step 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import layout
from sim.agents.patient import Patient
from sim.agents.staff import Staff
from sim.draws import Stream, clock
from sim.layout import LAPSED, NEVER_USED, NOT_YET, ROLE_CLINICIAN, USER
from sim.rules import chance, clinicians, patients, people, project
from sim.rules.chance import NEVER

if TYPE_CHECKING:
    from sim.agents.model import Model
    from sim.agents.organisation import Organisation


@dataclass(slots=True)
class Team:
    """A team of clinicians: its posts, and how many are vacant this week."""

    members: int = 0
    vacant: int = 0


class Clinician(Staff):
    """A clinician's post, and who holds it: untrained or trained, using the platform or not.

    To change how clinicians behave, override a hazard, or the covariates it depends on
    (``start_hazard`` and ``start_inputs``, and so on).
    """

    role = ROLE_CLINICIAN
    patients_key: int
    key_user: bool  # belongs to the implementation team
    trained: bool
    use: int  # NEVER_USED, USER or LAPSED
    skill: float
    habit: float
    experience: float
    peers: float  # share of peers seen to use the platform
    train_clock: float  # hazards still to come before training, and before use changes
    use_clock: float
    train_spell: int
    use_spell: int
    using_since: int
    last_active: int
    active: int  # own patients active on the platform, and those of them who just started
    starting: int

    def __init__(
        self,
        model: "Model",
        organisation: "Organisation",
        post: int,
        team: Team,
        state: Mapping[str, Any],
    ) -> None:
        """Put somebody in post number ``post`` of an organisation; ``team`` covers vacancies."""
        super().__init__(model, post, state)
        self.organisation = organisation
        self.team_number = int(state["team"])
        self.team = team
        self.key_user = bool(self.key_user)
        self.trained = bool(self.trained)
        self.patients: list[Patient] = []
        self.neighbours: list[Clinician] | None = None  # None: everybody knows everybody

    # The hazards, each with what it depends on.

    def training_inputs(self) -> dict[str, float]:
        """Return what the hazard of asking for a training seat depends on."""
        return {
            "motivation": self.seen_motivation(),
            "overload": self.seen_overload(),
            "key_user": self.key_user,
        }

    def training_hazard(self) -> float:
        """Return the weekly hazard of asking for a training seat while there are any."""
        return clinicians.training_hazard(self.model.p, **self.training_inputs())

    def start_inputs(self) -> dict[str, float]:
        """Return what the hazard of starting, or resuming, use depends on."""
        organisation = self.organisation
        return {
            "motivation": self.seen_motivation(),
            "clarity": self.seen_clarity(),
            "fit": organisation.fit,
            "usability": organisation.usability,
            "skill": self.skill,
            "peers": self.peers,
            "overload": people.seen_overload(self.model.p, self.expected_load()),
            "trained": self.trained,
            "resuming": self.use == LAPSED,
        }

    def start_hazard(self) -> float:
        """Return the weekly hazard of starting, or resuming, use of the platform once live."""
        return clinicians.start_hazard(self.model.p, **self.start_inputs())

    def lapse_inputs(self) -> dict[str, float]:
        """Return what the hazard of lapsing depends on."""
        return {
            "habit": self.habit,
            "strain": self.strain,
            "overload": self.seen_overload(),
            "experience": self.experience,
            "support": self.organisation.support,
        }

    def lapse_hazard(self) -> float:
        """Return the weekly hazard that somebody who uses the platform stops using it."""
        return clinicians.lapse_hazard(self.model.p, **self.lapse_inputs())

    def invitation_inputs(self) -> dict[str, float]:
        """Return what the hazard of inviting a patient depends on."""
        return {"habit": self.habit, "motivation": self.seen_motivation()}

    def invitation_hazard(self) -> float:
        """Return the weekly hazard that somebody who uses the platform invites a given patient."""
        return clinicians.invitation_hazard(self.model.p, **self.invitation_inputs())

    def dropout_inputs(self) -> dict[str, float]:
        """Return what the hazard that an active patient drops out depends on."""
        return {"guided": self.guides(), "overload": self.seen_overload()}

    def patients_dropout_hazard(self) -> float:
        """Return the weekly hazard that an active patient of this clinician drops out."""
        return patients.dropout_hazard(self.model.p, **self.dropout_inputs())

    def yearly_turnover(self) -> float:
        """Return how often a year clinicians leave at the reference strain."""
        return float(self.model.p.turnover)

    # What others see of a clinician, and a clinician of others.

    def peers_seen(self) -> float:
        """Return the share of peers seen to use the platform."""
        organisation, using = self.organisation, 0
        if self.neighbours is None:
            ties = len(organisation.clinicians) - 1
            using = organisation.users - (self.use == USER)
        else:
            ties = len(self.neighbours)
            for neighbour in self.neighbours:
                if neighbour.use == USER:
                    using += 1
        return clinicians.peers_seen(self.model.p, float(using), float(ties), organisation.shown)

    def expected_load(self) -> float:
        """Return the load expected as a user of the platform, with what learning takes."""
        p, protected = self.model.p, self.organisation.protected
        return clinicians.expected_load(p, self.load, self.skill, protected)

    def guides(self) -> bool:
        """Say whether the clinician guides own patients: in post, and using the platform."""
        return self.vacant_weeks == 0 and self.use == USER

    def commitment(self) -> float:
        """Return the commitment (0..1) that counts for engagement if this is a key-user."""
        return project.commitment(self.model.p, self.seen_motivation(), self.seen_overload())

    # Step 3.

    def propose(self) -> None:
        """Step 3: see peers, and when in the week (0..1) each clock would run out."""
        self.begin_week()
        self.peers = self.peers_seen()
        if self.active > 0:
            self.dropout_hazard = self.patients_dropout_hazard()
        if self.vacant_weeks > 0:
            return
        self.leaving = self.leave_hazard()
        self.leave_time = chance.crossing(self.leave_clock, self.leaving)
        if self.finds_seats():
            weeks = clinicians.newcomer_weeks(self.model.p, self.model.week, self.occupant)
            self.train_hazard = weeks * self.training_hazard()
        self.train_time = chance.crossing(self.train_clock, self.train_hazard)
        if self.use == USER:
            self.use_hazard = self.lapse_hazard()
            if self.organisation.stopped_week < 0:
                self.invite_hazard = self.invitation_hazard()
        elif self.organisation.is_live_for(self.team_number):
            self.use_hazard = self.start_hazard()
        self.use_time = chance.crossing(self.use_clock, self.use_hazard)

    def begin_week(self) -> None:
        """Forget what was proposed and counted last week."""
        self.leaving = self.train_hazard = self.use_hazard = 0.0
        self.invite_hazard = self.dropout_hazard = 0.0
        self.leave_time = self.train_time = self.use_time = NEVER
        self.seated = False
        self.completed = self.dropped = 0
        self.next_active = self.next_starting = 0
        self.hours = self.hours_saved = self.hours_paid = 0.0

    def finds_seats(self) -> bool:
        """Say whether there are seats to ask for: of training, or a refresher for non-users."""
        if not self.trained:
            return self.organisation.seats > 0
        return self.use != USER and self.organisation.refreshers > 0

    def asks_for_seat(self, trained: bool) -> bool:
        """Step 4: say whether training comes first this week (``trained``: a refresher)."""
        if self.train_time >= NEVER or self.trained != trained:
            return False
        first = clinicians.first_of(self.leave_time, self.train_time, self.use_time)
        return bool(first == clinicians.TRAINS)

    # Step 6.

    def step(self) -> None:
        """Step 6: let the week happen: one event at most, hours, and the three drivers."""
        if self.vacant_weeks > 0:
            self.wait_for_newcomer()
        else:
            self.hear_of_patients()
            self.live_the_week()
        self.active, self.starting = self.next_active, self.next_starting

    def hear_of_patients(self) -> None:
        """Learn of own patients' outcomes, and that some are active, if guiding them."""
        if not self.guides():
            self.completed = self.dropped = 0
        elif self.next_active > 0:
            self.last_active = self.model.week

    def live_the_week(self) -> None:
        """Let the first of this week's events happen; drivers move from last week's values."""
        using = self.use == USER
        train_time = self.train_time if self.seated else NEVER
        event = clinicians.first_of(self.leave_time, train_time, self.use_time)
        moments = (1.0, self.leave_time, train_time, self.use_time)
        self.run_clocks(moments[event])
        self.spend_hours(using, event == clinicians.TRAINS)
        self.drift(using)
        if event == clinicians.LEAVES:
            self.leave()
        elif event == clinicians.TRAINS:
            self.train()
        elif event == clinicians.CHANGES_USE or (using and self.organisation.stopped_week >= 0):
            self.change_use()

    def run_clocks(self, until: float) -> None:
        """Let the clocks run until the week's event; those not at risk stand still.

        The clock of leaving runs over the whole occupancy, whatever else happens.
        """
        self.leave_clock = chance.clock_left(self.leave_clock, self.leaving, 1.0)
        self.train_clock = chance.clock_left(self.train_clock, self.train_hazard, until)
        self.use_clock = chance.clock_left(self.use_clock, self.use_hazard, until)

    def spend_hours(self, using: bool, trains: bool) -> None:
        """Add up the hours of this week; they are next week's load, and cost money."""
        p, organisation, team = self.model.p, self.organisation, self.team
        training = p.training_hours if trains else 0.0
        platform, saved, key_user = 0.0, 0.0, 0.0
        if using:
            platform = clinicians.platform_hours(p, self.skill, float(self.starting))
            saved = p.saved_hours * (self.active - self.starting)
        if self.key_user and (organisation.running or using):
            key_user = p.key_user_hours * organisation.hours_share
        used = clinicians.protected_used(p, training + platform, organisation.protected)
        cover = people.cover_load(p, float(team.vacant), float(team.members - team.vacant))
        extra = training + platform + key_user - saved - used
        self.next_load = people.clinician_load(p, self.base_load, extra, cover)
        self.hours = training + platform + key_user
        self.hours_saved = saved
        paid = p.protected_hours if organisation.protected else 0.0
        self.hours_paid = paid + training + platform + key_user - used

    def drift(self, using: bool) -> None:
        """Move load, strain, motivation, role clarity, and what use teaches, by a week."""
        p, organisation = self.model.p, self.organisation
        strain, support = self.strain, organisation.support
        clarity = self.seen_clarity()
        self.strain = people.next_strain(p, strain, self.seen_overload(), clarity)
        self.motivation = people.next_motivation(
            p, self.motivation, self.own, self.experience, self.peers, support, strain, clarity
        )
        self.clarity = self.next_clarity()
        slack = people.seen_slack(p, self.load)
        free = clinicians.free_hours(p, slack, organisation.protected)
        unused_kept = clinicians.skill_kept(p, support)
        self.skill = clinicians.next_skill(p, self.skill, using, free, unused_kept)
        self.habit = clinicians.next_habit(p, self.habit, using)
        self.experience = clinicians.next_experience(
            p, self.experience, self.completed, self.dropped
        )
        self.load = self.next_load

    def guidance(self) -> float:
        """Return the guidance (0..1) that makes the role clearer: from the vendor, or support."""
        organisation = self.organisation
        if self.key_user and organisation.running:
            return organisation.vendor_guidance()
        return people.clinician_guidance(organisation.alignment, organisation.support)

    # Events.

    def leave(self) -> None:
        """Leave the post; its patients stay, unguided until somebody uses the platform."""
        self.organisation.leavers += 1
        self.use = NEVER_USED
        self.trained = False
        super().leave()

    def take_post(self) -> None:
        """Become a new person, who has not heard of the platform."""
        super().take_post()
        self.train_clock = clock(self.key, Stream.TRAIN, 0)
        self.use_clock = clock(self.key, Stream.START, 0)
        self.train_spell = self.use_spell = 0
        self.using_since = self.last_active = NOT_YET
        self.skill = self.habit = self.experience = 0.0

    def train(self) -> None:
        """Be trained, or refreshed; a new clock starts."""
        event = layout.REFRESHED if self.trained else layout.TRAINED
        quality = self.organisation.training_quality
        self.skill = clinicians.trained_skill(self.model.p, self.skill, quality)
        self.trained = True
        self.train_spell += 1
        self.train_clock = clock(self.key, Stream.TRAIN, self.train_spell)
        self.note(event)

    def change_use(self) -> None:
        """Start, resume or lapse; the clock of the opposite event starts."""
        if self.use == USER:
            event = layout.LAPSED_USE
            self.use = LAPSED
            self.use_spell += 1
            self.using_since = NOT_YET
            self.use_clock = clock(self.key, Stream.START, self.use_spell)
        else:
            event = layout.STARTED if self.use == NEVER_USED else layout.RESUMED
            self.use = USER
            self.using_since = self.model.week
            self.use_clock = clock(self.key, Stream.LAPSE, self.use_spell)
        self.note(event)

    def motivation_shift(self) -> float:
        """Return how the organisation's people differ in motivation, on the logit scale."""
        return self.organisation.shift_motivation

    def organisation_number(self) -> int:
        """Return the number of the organisation."""
        return self.organisation.number
