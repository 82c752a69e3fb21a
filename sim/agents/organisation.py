"""Organisations: they see where they stand (step 1), give seats (4) and change (step 9)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim import layout
from sim.agents.base import Agent
from sim.agents.clinician import Clinician, Team
from sim.agents.phases import Phase, Progress
from sim.agents.record import Cohort, Totals, move_window, note_milestones, row_of
from sim.agents.staff import ProjectLead
from sim.layout import ROLE_ORGANISATION, USER
from sim.rules import calendar, chance, people, project
from sim.rules.chance import NEVER

if TYPE_CHECKING:
    from sim.agents.model import Model


class Organisation(Agent):
    """A mental-healthcare organisation that implements the platform with the vendor."""

    number: int  # its id, which the random draws go by
    index: int  # its place in this model
    shift_motivation: float  # how its people differ in motivation, on the logit scale
    trust: float
    trust_own: float
    alignment: float
    involvement: float
    support: float
    fit: float
    usability: float
    training_quality: float
    shown: float  # adoption shown at the last evaluation; -1: none yet
    stop_clock: float
    seats_balance: float
    window_left: float  # patients who left care in the last year, and those reached
    window_reached: float
    project_weeks: int
    live_week: int
    stopped_week: int
    hours_share: float  # of the usual hours, that this week of the calendar leaves
    rounds: int  # evaluations done
    refreshers: int

    def __init__(self, model: "Model", state: Mapping[str, Any]) -> None:
        """Make an organisation; ``state`` holds the fields of `sim.layout` at week 0."""
        super().__init__(model)
        for name, value in state.items():
            setattr(self, name, value)
        self.leads: list[ProjectLead] = []
        self.clinicians: list[Clinician] = []
        self.key_users: list[Clinician] = []
        self.teams = [Team() for _ in range(int(model.p.team_count))]
        self.progress = [Progress() for _ in model.plan]
        self.cohorts = [Cohort() for _ in range(model.weeks)]
        self.totals = Totals()
        self.row: dict[str, float] = {}  # the record of the last week
        self.running = False
        if model.p.live_at_start > 0.0:
            self.take_over()

    def take_over(self) -> None:
        """Write down what lies behind an organisation that is live before week 0."""
        self.totals.live_week = 0
        for _, phase, progress in self.phases():
            if not phase.recurs:
                progress.opened = progress.since = progress.done = 0

    def phases(self) -> Iterator[tuple[int, Phase, Progress]]:
        """Yield each phase with its number and the progress with it, earliest first."""
        for k, phase in enumerate(self.model.plan):
            yield k, phase, self.progress[k]

    def note(self, event: int, detail: int = -1) -> None:
        """Write down an event of this organisation; ``detail`` is a phase or a cause."""
        self.model.log(self.number, ROLE_ORGANISATION, 0, -1, 0, event, detail)

    # Step 1: what the organisation sees.

    def look(self) -> None:
        """Step 1: see where the project and the people stand at the start of the week."""
        self.running = self.stopped_week < 0 and self.model.week < self.project_weeks
        self.hours_share = calendar.hours_share(self.model.p, self.model.week)
        self.departures = self.milestones = self.leavers = 0
        self.in_care_reached = self.left_care = self.left_care_reached = 0
        self.started = self.completed = self.dropped = 0
        self.count_clinicians()
        self.look_at_team()
        self.protected = False
        self.team_demand = self.manager_demand = 0.0
        self.wanted = -1.0  # hours of the managers that open phases can use; -1: no project
        if self.running:
            self.open_phases()
            self.look_at_phases()
        self.open_seats()

    def count_clinicians(self) -> None:
        """Count clinicians by state, and the vacancies of each team."""
        self.in_post = self.users = self.trained = self.trained_users = 0
        self.key_users_using = self.key_users_trained = 0
        for team in self.teams:
            team.vacant = 0
        for clinician in self.clinicians:
            if clinician.vacant_weeks > 0:
                clinician.team.vacant += 1
                continue
            using = clinician.use == USER
            self.in_post += 1
            self.users += using
            self.trained += clinician.trained
            self.trained_users += using and clinician.trained
            self.key_users_using += using and clinician.key_user
            self.key_users_trained += clinician.trained and clinician.key_user

    def look_at_team(self) -> None:
        """See the implementation team, leads then key-users: its hours, pace and quality."""
        p = self.model.p
        share = self.hours_share if self.running else 0.0
        self.lead_hours = p.lead_hours * self.model.attention[self.model.week] * share
        key_user_hours = p.key_user_hours * share
        team = [(lead, self.lead_hours) for lead in self.leads]
        team += [(key_user, key_user_hours) for key_user in self.key_users]
        count, clarity, hours, productive, quality = 0.0, 0.0, 0.0, 0.0, 0.0
        for person, given in team:
            if person.vacant_weeks == 0:
                count += 1.0
                clarity += person.seen_clarity()
                hours += given
                productive += given * person.productivity()
                quality += given * person.work_quality()
        owned = 1.0
        if count > 0.0:
            owned = project.ownership(count, clarity / count, p.diffusion_seen)
        self.team_hours = project.team_hours(p, count, hours)
        self.team_rate = owned * productive / hours if hours > 0.0 else 0.0
        self.team_quality = quality / hours if hours > 0.0 else 0.0
        self.lead_motivation = self.mean_lead_motivation()
        self.leads_in_post = sum(lead.vacant_weeks == 0 for lead in self.leads)
        self.engagement = chance.seen(
            p.engagement_on, self.mean_commitment(), p.engagement_reference
        )

    def mean_lead_motivation(self) -> float:
        """Return the leads' mean motivation, or the reference while there is no lead."""
        count, total = 0.0, 0.0
        for lead in self.leads:
            if lead.vacant_weeks == 0:
                count += 1.0
                total += lead.seen_motivation()
        return total / count if count > 0.0 else float(self.model.p.motivation_reference)

    def mean_commitment(self) -> float:
        """Return the engagement (0..1) of key-users; a vacant post brings none."""
        total = 0.0
        for key_user in self.key_users:
            if key_user.vacant_weeks == 0:
                total += key_user.commitment()
        return project.engagement(self.involvement, total, float(len(self.key_users)))

    def open_phases(self) -> None:
        """Open each phase whose turn has come and whose external delay is over."""
        p, week = self.model.p, self.model.week
        before: Progress | None = None
        for k, phase, progress in self.phases():
            ready = -1
            if phase.recurs:
                ready = phase.next_round(progress, self.live_week, int(p.evaluation_weeks))
            else:
                if progress.opened < 0:
                    ready = phase.first_turn(before)
                before = progress
            if 0 <= ready <= week:
                manager = project.real_effort(p, phase.manager_hours)
                team = project.real_effort(p, phase.team_hours)
                progress.open(week, manager, team)
                self.note(layout.PHASE_OPENED, k)

    def look_at_phases(self) -> None:
        """See the hours that open phases ask for, and whether protected time has begun."""
        p, vendor, week = self.model.p, self.model.vendor, self.model.week
        rate = vendor.rate if vendor.rate > 0.0 else 1.0
        self.wanted = 0.0
        for _, phase, progress in self.phases():
            if phase.feeds == layout.TRAINING and progress.opened >= 0:
                self.protected = True
            if progress.active:
                elapsed = calendar.working_weeks(p, progress.since, week)
                planned = phase.planned_weeks
                self.wanted += progress.manager_left / rate
                self.manager_demand += project.demand(progress.manager_left, planned, elapsed)
                self.team_demand += project.demand(progress.team_left, planned, elapsed)
        self.manager_demand *= self.hours_share
        self.team_demand *= self.hours_share

    def open_seats(self) -> None:
        """Open this week's training seats; whole seats nobody takes lapse, fractions carry over."""
        self.seats = 0
        if self.stopped_week >= 0:
            self.refreshers = 0
            return
        for _, phase, progress in self.phases():
            begun = progress.opened >= 0 and (progress.work > 0.0 or progress.done >= 0)
            if phase.feeds == layout.TRAINING and begun:
                using = float(self.key_users_using)
                inflow = project.seats_inflow(self.model.p, float(self.running), using)
                open_now = self.seats_balance + inflow * self.hours_share
                self.seats = int(open_now)
                self.seats_balance = open_now - self.seats

    # What others ask an organisation.

    def is_live_for(self, team: int) -> bool:
        """Say whether the platform is there for a team (going live is felt a week later)."""
        if self.live_week < 0 or self.stopped_week >= 0:
            return False
        p = self.model.p
        wait = team * int(p.rollout_weeks) if p.rollout_teams > 0.0 else 0
        return self.model.week > self.live_week + wait

    def seen_trust(self) -> float:
        """Return trust in the provider (0..1) as the rules read it."""
        p = self.model.p
        return chance.seen(p.trust_on, self.trust, p.trust_reference)

    def vendor_guidance(self) -> float:
        """Return the guidance (0..1) that leads and key-users get from the vendor."""
        return people.team_guidance(self.model.p, self.seen_trust(), self.alignment, self.received)

    # Step 4.

    def settle_seats(self) -> None:
        """Step 4: give training seats, and refresher seats, to those who ask for them."""
        if self.seats > 0:
            self.give_seats(self.seats, trained=False)
        if self.refreshers > 0:
            self.refreshers -= self.give_seats(self.refreshers, trained=True)

    def give_seats(self, seats: int, trained: bool) -> int:
        """Seat key-users first, then the earliest, then by id. Return the seats taken."""
        asking = [clinician for clinician in self.clinicians if clinician.asks_for_seat(trained)]
        # The list is in the order of ids, and sorting keeps the order of equals.
        asking.sort(key=lambda clinician: (not clinician.key_user, clinician.train_time))
        for clinician in asking[:seats]:
            clinician.seated = True
        return len(asking[:seats])

    # Step 9: what happens to the organisation.

    def step(self) -> None:
        """Step 9: let the week happen: work, support, perhaps a stop or going live, trust."""
        overrun, spare = self.overrun(), 0.0
        if self.running:
            spare = self.work() + self.received - self.work_hours
        elif self.stopped_week < 0 and self.live_week >= 0:
            spare = self.model.p.key_user_hours * self.hours_share * self.key_users_using
        attention = self.model.attention[self.model.week]
        self.support = project.next_support(
            self.model.p, self.support, spare, float(self.in_post), attention
        )
        stops = self.perhaps_stop()
        if self.running and not stops and self.live_week < 0 and self.is_ready():
            self.go_live()
        if self.running:
            self.change_trust(overrun)

    def overrun(self) -> float:
        """Return how far the project is over its plan (0 = in time); 0 once live."""
        if self.live_week >= 0:
            return 0.0
        p = self.model.p
        elapsed = calendar.working_weeks(p, 0, self.model.week)
        return project.overrun(elapsed, p.planned_weeks_total)

    def work(self) -> float:
        """Work on open phases, earliest first. Return the team's hours to spare."""
        p, vendor, week = self.model.p, self.model.vendor, self.model.week
        manager = self.work_hours * vendor.rate
        team = self.team_hours * self.team_rate
        manager_quality = project.quality(p, vendor.quality, self.engagement)
        team_quality = project.quality(p, self.team_quality, self.engagement)
        for k, phase, progress in self.phases():
            if progress.active:
                by_manager = min(progress.manager_left, manager)
                by_team = min(progress.team_left, team)
                manager -= by_manager
                team -= by_team
                quality = by_manager * manager_quality + by_team * team_quality
                done = progress.do_work(week, by_manager, by_team, quality)
                if phase.feeds == layout.TRAINING and progress.work > 0.0:
                    self.training_quality = progress.mean_quality()
                if done:
                    self.finish_phase(k, phase, progress)
        return team / self.team_rate if self.team_rate > 0.0 else 0.0

    def finish_phase(self, k: int, phase: Phase, progress: Progress) -> None:
        """Close a phase, or a round of one that recurs, and let its quality take effect."""
        p, quality = self.model.p, progress.mean_quality()
        progress.active = False
        if progress.done < 0:
            progress.done = self.model.week
            self.milestones += 1
        self.note(layout.PHASE_DONE, k)
        if phase.feeds == layout.AGREEMENTS:
            self.agree_on_roles(quality)
        elif phase.feeds == layout.FIT:
            self.fit = quality
        elif phase.feeds == layout.USABILITY:
            self.usability = quality
        elif phase.feeds == layout.REPAIR:
            self.fit = project.repaired(p, self.fit, quality)
            self.usability = project.repaired(p, self.usability, quality)
            self.evaluate()

    def agree_on_roles(self, quality: float) -> None:
        """Raise the role clarity of the implementation team's posts for good."""
        for person in [*self.leads, *self.key_users]:
            person.post_clarity = people.agreed_clarity(self.model.p, person.post_clarity, quality)

    def evaluate(self) -> None:
        """Show the adoption reached to leads and clinicians; open refresher seats."""
        p = self.model.p
        self.rounds += 1
        if p.clinicians > 0.0:
            self.shown = self.users / p.clinicians
        self.refreshers = int(p.refresher_seats)
        self.note(layout.EVALUATED)

    def is_ready(self) -> bool:
        """Say whether the organisation can go live.

        All phases but training and evaluation are done, and at least half of the key-user posts
        are trained (without key-users: training is done).
        """
        posts = len(self.key_users)
        for _, phase, progress in self.phases():
            done = progress.done >= 0
            if phase.feeds == layout.TRAINING and posts > 0:
                done = 2 * self.key_users_trained >= posts
            if not phase.recurs and not done:
                return False
        return True

    def go_live(self) -> None:
        """Go live: from next week on clinicians can start."""
        self.live_week = self.totals.live_week = self.model.week
        self.milestones += 1
        self.note(layout.WENT_LIVE)

    def stop_inputs(self) -> dict[str, float]:
        """Return what the hazard of a stop depends on."""
        return {
            "overrun": self.overrun(),
            "trust": self.seen_trust(),
            "lead_motivation": self.lead_motivation,
            "use_shown": project.surprise(self.model.p, self.shown),
            "live": self.live_week >= 0,
        }

    def stop_hazard(self) -> float:
        """Return the weekly hazard that the organisation stops the implementation."""
        return project.stop_hazard(self.model.p, **self.stop_inputs())

    def perhaps_stop(self) -> bool:
        """Run the clock of a stop for a week; say whether the implementation stops."""
        week, live = self.model.week, self.live_week >= 0
        if self.stopped_week >= 0 or not (self.running or live):
            return False
        hazard, cause = self.stop_hazard(), 0
        if chance.crossing(self.stop_clock, hazard) < NEVER:
            reasons = {name: value for name, value in self.stop_inputs().items() if name != "live"}
            cause = project.stop_cause(self.model.p, **reasons)
        elif not live and week + 1 >= self.project_weeks and not self.is_ready():
            cause = project.STOPPED_TIME
        self.stop_clock = chance.clock_left(self.stop_clock, hazard, 1.0)
        if cause == 0:
            return False
        self.stopped_week = self.totals.stopped_week = week
        self.shown = -1.0  # no news of use any more
        self.totals.stop_cause = cause
        self.note(layout.STOPPED, cause)
        return True

    def change_trust(self, overrun: float) -> None:
        """Move trust in the provider: hours received, overrun, milestones, departures."""
        p = self.model.p
        live = 1.0 if self.live_week >= 0 else 0.0
        ratio = project.hours_felt(p, self.received, live, self.hours_share)
        target = project.trust_target(p, self.trust_own, ratio, overrun)
        managers = self.model.vendor.departures
        gone = project.departed(self.departures, p.leads, managers, p.managers)
        self.trust = project.next_trust(p, self.trust, target, self.milestones, gone)

    # Step 10.

    def measure(self) -> None:
        """Step 10: write down the week."""
        move_window(self)
        self.row = row_of(self)
        note_milestones(self)
        self.model.write(self)
