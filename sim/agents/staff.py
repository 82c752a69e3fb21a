"""Staff: what people in posts share; project leads and implementation managers; the vendor."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from sim import layout
from sim.agents.base import Agent
from sim.draws import Stream, child, clock, uniform
from sim.layout import ROLE_LEAD, ROLE_MANAGER
from sim.rules import calendar, chance, people, project
from sim.rules.chance import NEVER

if TYPE_CHECKING:
    from sim.agents.model import Model
    from sim.agents.organisation import Organisation


class Staff(Agent):
    """Somebody in a post: role clarity, motivation, workload, and the strain they make.

    The post outlives its occupant: the agent is the post, and ``occupant`` counts who holds it.
    ``vacant_weeks`` above 0 says for how many more weeks nobody does.
    """

    role: ClassVar[int]
    post: int  # number of the post in the organisation
    post_key: int  # of the random draws that belong to the post
    key: int  # of those that belong to its occupant
    post_clarity: float  # the role clarity of the post without guidance
    base_load: float  # own work, as a share of a week
    own: float  # the occupant's own motivation, on the logit scale
    clarity: float
    motivation: float
    strain: float
    load: float
    leave_clock: float  # hazard of leaving that is still to come
    occupant: int
    vacant_weeks: int

    def __init__(self, model: "Model", post: int, state: Mapping[str, Any]) -> None:
        """Put somebody in a post; ``state`` holds the fields of `sim.layout` at week 0."""
        super().__init__(model)
        self.post = post
        for name, value in state.items():
            setattr(self, name, value)

    # What the rules see of a person: the reference where a mechanism is switched off.

    def seen_clarity(self) -> float:
        """Return role clarity (0..1) as the rules read it."""
        return people.seen_clarity(self.model.p, self.clarity)

    def seen_motivation(self) -> float:
        """Return motivation (0..1) as the rules read it."""
        return people.seen_motivation(self.model.p, self.motivation)

    def seen_overload(self) -> float:
        """Return overload as the rules read it."""
        return people.seen_overload(self.model.p, self.load)

    # What an hour of the person's work is worth to the project.

    def productivity(self) -> float:
        """Return the work done in an hour, relative to the reference."""
        return people.productivity(
            self.model.p, self.seen_motivation(), self.seen_clarity(), self.strain
        )

    def work_quality(self) -> float:
        """Return the quality (0..1) of that work."""
        return project.work_quality(self.model.p, self.seen_clarity(), self.seen_motivation())

    # What makes the role clearer.

    def guidance(self) -> float:
        """Return the guidance (0..1) that makes the role clearer."""
        return 0.0

    def next_clarity(self) -> float:
        """Return role clarity after a week of this guidance."""
        p, guidance = self.model.p, self.guidance()
        distance_kept = people.clarity_kept(p, guidance)
        return people.next_clarity(p, self.clarity, self.post_clarity, guidance, distance_kept)

    # Leaving the post, and taking it.

    def yearly_turnover(self) -> float:
        """Return how often a year people leave such a post at the reference strain."""
        raise NotImplementedError

    def leave_inputs(self) -> dict[str, float]:
        """Return what the hazard of leaving depends on."""
        return {"yearly": self.yearly_turnover(), "strain": self.strain}

    def leave_hazard(self) -> float:
        """Return the weekly hazard of leaving the post."""
        return people.turnover_hazard(self.model.p, **self.leave_inputs())

    def leave(self) -> None:
        """Leave the post. It stays vacant for some weeks, or is taken at once."""
        self.note(layout.LEFT_POST)
        self.vacant_weeks = int(self.model.p.vacancy_weeks)
        if self.vacant_weeks == 0:
            self.arrive()

    def wait_for_newcomer(self) -> None:
        """Count down a vacancy; at its end a newcomer takes the post."""
        self.vacant_weeks -= 1
        if self.vacant_weeks == 0:
            self.arrive()

    def arrive(self) -> None:
        """Take the post as its next occupant."""
        self.occupant += 1
        self.take_post()
        self.note(layout.TOOK_POST)

    def motivation_shift(self) -> float:
        """Return how the organisation's people differ in motivation, on the logit scale."""
        return 0.0

    def take_post(self) -> None:
        """Become a new person: own motivation, at rest under own work, role still unclear."""
        p = self.model.p
        self.key = child(self.post_key, self.occupant)
        own = p.person_sd * chance.noise(uniform(self.key, Stream.MOTIVATION, 0))
        self.own = chance.logit(chance.level(p.motivation, self.motivation_shift() + own))
        clarity = people.seen_clarity(p, self.post_clarity)
        pressing = people.seen_overload(p, self.base_load)
        self.strain = people.strain_at_rest(p, pressing, clarity)
        self.motivation = people.motivation_at_rest(
            p, self.own, 0.0, 0.0, 0.0, self.strain, clarity
        )
        self.clarity = self.post_clarity * p.newcomer_clarity
        self.load = self.base_load
        self.leave_clock = clock(self.key, Stream.LEAVE, 0)
        self.vacant_weeks = 0

    def organisation_number(self) -> int:
        """Return the number of the organisation for the event table; -1 for the vendor."""
        return -1

    def note(self, event: int) -> None:
        """Write down an event of this person."""
        number = self.organisation_number()
        self.model.log(number, self.role, self.post, -1, self.occupant, event, -1)


class Leader(Staff):
    """A project lead or implementation manager: somebody who works on projects."""

    def step(self) -> None:
        """Step 7 or 8: let the week happen: the three drivers move, and the person may leave."""
        if self.vacant_weeks > 0:
            self.wait_for_newcomer()
            return
        hazard = self.leave_hazard()
        leaves = chance.crossing(self.leave_clock, hazard) < NEVER
        self.leave_clock = chance.clock_left(self.leave_clock, hazard, 1.0)
        next_load = self.next_load()
        self.drift()
        self.load = next_load
        if leaves:
            self.leave()

    def experience(self) -> float:
        """Return the adoption seen above what was expected."""
        raise NotImplementedError

    def support(self) -> float:
        """Return the support (0..1) from others."""
        return 0.0

    def next_load(self) -> float:
        """Return the load that follows from this week's demands."""
        raise NotImplementedError

    def drift(self) -> None:
        """Move strain, motivation and role clarity by a week, from last week's values."""
        p, strain = self.model.p, self.strain
        clarity = self.seen_clarity()
        self.strain = people.next_strain(p, strain, self.seen_overload(), clarity)
        self.motivation = people.next_motivation(
            p, self.motivation, self.own, self.experience(), 0.0, self.support(), strain, clarity
        )
        self.clarity = self.next_clarity()


class ProjectLead(Leader):
    """Leads the implementation in an organisation, beside other work."""

    role = ROLE_LEAD

    def __init__(
        self, model: "Model", organisation: "Organisation", post: int, state: Mapping[str, Any]
    ) -> None:
        """Put somebody in post number ``post`` of an organisation."""
        super().__init__(model, post, state)
        self.organisation = organisation

    def yearly_turnover(self) -> float:
        """Return how often a year leads leave at the reference strain."""
        return float(self.model.p.lead_turnover)

    def experience(self) -> float:
        """Return the adoption shown at the last evaluation, above what was expected."""
        return project.surprise(self.model.p, self.organisation.shown)

    def support(self) -> float:
        """Return the organisation's support (0..1)."""
        return self.organisation.support

    def guidance(self) -> float:
        """Return the guidance (0..1) from the vendor, while the project runs."""
        return self.organisation.vendor_guidance() if self.organisation.running else 0.0

    def next_load(self) -> float:
        """Return the load: other work, and hours demanded beyond the hours given."""
        organisation, hours = self.organisation, self.organisation.lead_hours
        demand = people.lead_demand(organisation.team_demand, hours, organisation.team_hours)
        return people.lead_load(self.model.p, self.base_load, demand, hours)

    def leave(self) -> None:
        """Leave the post; the relationship with the provider suffers."""
        self.organisation.leavers += 1
        self.organisation.departures += 1
        super().leave()

    def motivation_shift(self) -> float:
        """Return how the organisation's people differ in motivation, on the logit scale."""
        return self.organisation.shift_motivation

    def organisation_number(self) -> int:
        """Return the number of the organisation."""
        return self.organisation.number


class ImplementationManager(Leader):
    """Works for the vendor, for all organisations together."""

    role = ROLE_MANAGER

    def yearly_turnover(self) -> float:
        """Return how often a year managers leave at the reference strain."""
        return float(self.model.p.manager_turnover)

    def experience(self) -> float:
        """Return the adoption shown above what was expected, a mean over organisations."""
        return self.model.vendor.experience

    def next_load(self) -> float:
        """Return the load: hours all organisations demand per hour of the managers."""
        vendor = self.model.vendor
        return people.manager_load(self.model.p, vendor.demand, vendor.hours)

    def leave(self) -> None:
        """Leave the post; the relationship with every organisation suffers."""
        self.model.vendor.departures += 1
        super().leave()


class Vendor:
    """The vendor: the managers' hours, and how organisations share them (`sim.layout.VENDOR`)."""

    def __init__(self, model: "Model") -> None:
        """Make the vendor of a model; the first week fills in the rest."""
        self.model = model
        self.managers: list[ImplementationManager] = []
        self.hours = 0.0  # of all managers in post
        self.rate = 0.0  # work done in one of these hours
        self.quality = 0.0
        self.demand = 0.0  # hours all organisations ask for
        self.spare_each = 0.0  # hours left over, for each running project
        self.experience = 0.0
        self.departures = 0

    def look(self) -> None:
        """Step 1: see the managers' hours, the work in one of them, and its quality."""
        share = calendar.hours_share(self.model.p, self.model.week)
        each = self.model.p.manager_hours * share
        hours, productive, quality = 0.0, 0.0, 0.0
        for manager in self.managers:
            if manager.vacant_weeks == 0:
                hours += each
                productive += each * manager.productivity()
                quality += each * manager.work_quality()
        self.hours = hours
        self.rate = productive / hours if hours > 0.0 else 0.0
        self.quality = quality / hours if hours > 0.0 else 0.0
        self.departures = 0

    def share_hours(self) -> None:
        """Step 2: share the managers' hours over running projects; the rest becomes support."""
        organisations = self.model.organisations
        wanted = [organisation.wanted for organisation in organisations]
        given = [0.0] * len(wanted)
        rest = project.share_hours(self.hours, wanted, given)
        running, demand, shown, gap = 0, 0.0, 0.0, 0.0
        for organisation in organisations:
            running += organisation.running
            demand += organisation.manager_demand
            if organisation.shown >= 0.0:
                shown += 1.0
                gap += project.surprise(self.model.p, organisation.shown)
        self.demand = demand
        self.experience = gap / shown if shown > 0.0 else 0.0
        self.spare_each = rest / running if running > 0 else 0.0
        for organisation, hours in zip(organisations, given, strict=True):
            organisation.work_hours = hours
            organisation.received = hours + self.spare_each if organisation.running else 0.0
