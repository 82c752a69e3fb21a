"""One agent's story in plain sentences, with the reason for each event.

A reason is found by calling the same rule again with one covariate at its reference: the covariate
that changes the hazard (or probability) most is the reason. Covariates that change it equally are
named together. There is no second copy of a rule here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim import layout
from sim.agents import (
    Clinician,
    ImplementationManager,
    Model,
    Organisation,
    Patient,
    ProjectLead,
)
from sim.errors import InputError
from sim.rules import clinicians, patients, people, project
from sim.scenario import Scenario

TIE = 0.02
"""Effects that differ by less than this share are a tie."""

SMALL = 1.05
"""A covariate that changes a hazard by less than this factor is no reason."""

ROLE_NAMES = {
    "manager": layout.ROLE_MANAGER,
    "lead": layout.ROLE_LEAD,
    "clinician": layout.ROLE_CLINICIAN,
    "patient": layout.ROLE_PATIENT,
}

RULES: dict[str, Callable[..., float]] = {
    "training": clinicians.training_hazard,
    "start": clinicians.start_hazard,
    "lapse": clinicians.lapse_hazard,
    "leave": people.turnover_hazard,
    "invitation": clinicians.invitation_hazard,
    "acceptance": patients.acceptance_probability,
    "dropout": patients.dropout_hazard,
    "stop": project.stop_hazard,
}

BECAUSE_OF = {
    layout.LEFT_POST: "leave",
    layout.TRAINED: "training",
    layout.REFRESHED: "training",
    layout.STARTED: "start",
    layout.RESUMED: "start",
    layout.LAPSED_USE: "lapse",
    layout.ACCEPTED: "acceptance",
    layout.DECLINED_OFFER: "acceptance",
    layout.DROPPED_OUT: "dropout",
    layout.STOPPED: "stop",
}

UNLIKELY = {layout.DECLINED_OFFER}
"""Events that happen because a probability is low."""

WORDS = {
    "motivation": ("high motivation", "low motivation"),
    "clarity": ("a clear role", "an unclear role"),
    "overload": ("overload", "little overload"),
    "strain": ("strain", "little strain"),
    "fit": ("good journey fit", "poor journey fit"),
    "usability": ("good usability", "poor usability"),
    "skill": ("skill", "little skill"),
    "peers": ("peers who use the platform", "peers who do not use the platform"),
    "habit": ("habit", "little habit"),
    "experience": ("good experience with patients", "bad experience with patients"),
    "support": ("support", "little support"),
    "trained": ("training", "no training"),
    "resuming": ("having lapsed before", "never having lapsed"),
    "key_user": ("being a key-user", "not being a key-user"),
    "affinity": ("the patient's digital affinity", "the patient's low digital affinity"),
    "guided": ("guidance by the clinician", "no guidance by the clinician"),
    "trust": ("trust in the provider", "lack of trust in the provider"),
    "lead_motivation": ("motivated leads", "leads who lost motivation"),
    "overrun": ("overrun of the plan", "being in time"),
    "use_shown": ("more use shown than expected", "less use shown than expected"),
}
"""What a covariate above, and below, its reference is called."""


@dataclass(frozen=True, slots=True)
class Who:
    """The agent to follow: a role, its organisation, post, and place (of a patient)."""

    role: int
    organisation: int
    post: int
    place: int


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a story, or where the agent starts from and ends (no event)."""

    week: int
    text: str
    reasons: tuple[tuple[str, float], ...] | None = None  # None: an event that needs none


def parse(address: str) -> Who:
    """Return the agent of an address such as 0/clinician/12, 0/lead/0, manager/0 or 0.

    Raises InputError with the forms that are understood.
    """
    number = r"(\d{1,7})"
    if found := re.fullmatch(rf"(?:vendor/)?manager/{number}", address):
        return Who(layout.ROLE_MANAGER, -1, int(found[1]), -1)
    if found := re.fullmatch(rf"{number}(?:/organisation)?", address):
        return Who(layout.ROLE_ORGANISATION, int(found[1]), 0, -1)
    if found := re.fullmatch(rf"{number}/(lead|clinician)/{number}", address):
        return Who(ROLE_NAMES[found[2]], int(found[1]), int(found[3]), -1)
    if found := re.fullmatch(rf"{number}/clinician/{number}/patient/{number}", address):
        return Who(layout.ROLE_PATIENT, int(found[1]), int(found[2]), int(found[3]))
    raise InputError(
        f"--agent: found {address!r}, allowed ORG, ORG/lead/0, ORG/clinician/12, "
        "ORG/clinician/12/patient/3 or manager/0 (numbers start at 0)"
    )


def story(
    scenario: Scenario, address: str, seed: int = 1, replicate: int = 0, horizon: int | None = None
) -> list[Line]:
    """Return the story of one agent in one run of a scenario.

    Raises InputError if there is no such agent.
    """
    who = parse(address)
    model = Model(
        scenario, seed, replicate=replicate, weeks=horizon, agents=recorders(), events=True
    )
    lines = [Line(0, introduction(model, who))]
    told = 0
    while model.running:
        model.step()
        for event in sorted(model.events[told:]):
            line = retell(model, who, event)
            if line:
                lines.append(line)
        told = len(model.events)
    return [*lines, Line(model.week, ending(model, who))]


def recorders() -> dict[type, type]:
    """Return subclasses of the agents that remember what their last hazards depended on."""
    kinds = (Clinician, Patient, ProjectLead, ImplementationManager, Organisation)
    return {kind: recorder(kind) for kind in kinds}


def recorder(kind: type) -> type:
    """Return a subclass that keeps what each ``*_inputs`` method returned last, in ``asked``."""

    def recording(name: str) -> Callable[[Any], dict[str, float]]:
        def method(self: Any) -> dict[str, float]:
            found: dict[str, float] = getattr(super(made, self), f"{name}_inputs")()
            vars(self).setdefault("asked", {})[name] = found
            return found

        return method

    methods = {
        f"{name}_inputs": recording(name) for name in RULES if hasattr(kind, f"{name}_inputs")
    }
    made = type(kind.__name__, (kind,), methods)
    return made


def find(model: Model, who: Who) -> Any:
    """Return the agent that is followed. Raises InputError if there is none."""
    if who.role == layout.ROLE_MANAGER:
        return pick("manager", model.vendor.managers, who.post)
    organisation = pick("organisation", model.organisations, who.organisation)
    if who.role == layout.ROLE_ORGANISATION:
        return organisation
    if who.role == layout.ROLE_LEAD:
        return pick("lead", organisation.leads, who.post)
    clinician = pick("clinician", organisation.clinicians, who.post)
    if who.role == layout.ROLE_CLINICIAN:
        return clinician
    return pick("patient", clinician.patients, who.place)


def pick(what: str, agents: Any, number: int) -> Any:
    """Return an agent by number, or raise InputError that says which there are."""
    if number >= len(agents):
        there = f"there are {len(agents)}, numbered from 0" if agents else "there is none"
        raise InputError(f"--agent: no {what} {number}: {there}")
    return agents[number]


def retell(model: Model, who: Who, event: tuple[int, ...]) -> Line | None:
    """Return the sentence for an event if it is the followed agent's, or changes its world."""
    week, organisation, role, post, place, occupant, kind, detail = event
    if role == layout.ROLE_ORGANISATION and role != who.role and organisation == who.organisation:
        return retell_of_organisation(model, event)
    if (role, organisation, post, place) != (who.role, who.organisation, who.post, who.place):
        return None
    text = layout.EVENTS[kind]
    if kind in (layout.PHASE_OPENED, layout.PHASE_DONE):
        phase = model.recipe.scenario.phases[detail]
        text = f"phase {phase.name} "
        if kind == layout.PHASE_OPENED:
            text += "opened" + (
                f", {weeks(phase.delay_weeks)} of external delay being over"
                if phase.delay_weeks
                else ""
            )
        else:
            text += "was done" + waited_for(find(model, who).progress[detail], week)
    elif kind == layout.EVALUATED:
        shown = find(model, who).shown
        text = f"evaluated: {shown:.0%} of clinicians use the platform"
    if role == layout.ROLE_PATIENT:
        text = f"patient {occupant + 1} in this place {text}"
    elif kind == layout.TOOK_POST:
        text = f"a newcomer (person {occupant + 1}) {text}"
    return Line(week + 1, text, reasons_for(model, who, kind, detail))


def retell_of_organisation(model: Model, event: tuple[int, ...]) -> Line | None:
    """Return what everybody in an organisation notices: that it goes live, or stops."""
    week, organisation, *_, kind, detail = event
    if kind not in (layout.WENT_LIVE, layout.STOPPED):
        return None
    itself = Who(layout.ROLE_ORGANISATION, organisation, 0, -1)
    text = f"the organisation {layout.EVENTS[kind]}"
    return Line(week + 1, text, reasons_for(model, itself, kind, detail))


def waited_for(progress: Any, week: int) -> str:
    """Return for whose work a phase waited that was done for the first time this week."""
    manager, team = progress.manager_done, progress.team_done
    if manager == team or progress.done != week:
        return ""
    last = "the team" if team > manager else "the vendor's manager"
    return f", {weeks(abs(team - manager))} of it waiting for {last}"


def weeks(number: int) -> str:
    """Return a number of weeks in words."""
    return f"{number} week{'' if number == 1 else 's'}"


def reasons_for(
    model: Model, who: Who, event: int, detail: int
) -> tuple[tuple[str, float], ...] | None:
    """Return what made an event likely, strongest first, with the factor on hazard or odds."""
    name = BECAUSE_OF.get(event)
    if event == layout.STOPPED and detail == project.STOPPED_TIME:
        return (("the project's time running out before going live", 1.0),)
    if name is None:
        return None
    agent = find(model, who)
    inputs = vars(agent).get("asked", {}).get(name)
    if name == "dropout":
        inputs = vars(agent.clinician).get("asked", {}).get(name)
    if not inputs:
        return None
    return reasons(model.p, name, inputs, unlikely=event in UNLIKELY)


def reasons(
    p: Any, name: str, inputs: dict[str, float], *, unlikely: bool = False
) -> tuple[tuple[str, float], ...]:
    """Call a rule again with each covariate at its reference; return those that mattered.

    The factor is by how much the hazard (for acceptance: the odds) is higher than with that
    covariate at its reference; for an event that is ``unlikely`` the factor by which it is lower.
    """
    rule, known = RULES[name], references(p, name)
    actual = strength(name, rule(p, **inputs))
    found = []
    for covariate, value in inputs.items():
        if covariate not in known or value == known[covariate]:
            continue
        other = strength(name, rule(p, **(inputs | {covariate: known[covariate]})))
        if actual <= 0.0 or other <= 0.0:
            continue
        factor = other / actual if unlikely else actual / other
        if factor > SMALL:
            above, below = WORDS[covariate]
            found.append((above if value > known[covariate] else below, float(factor)))
    return tuple(sorted(found, key=lambda reason: -reason[1]))


def strength(name: str, value: float) -> float:
    """Return what is compared: a hazard as it is, a probability as odds."""
    return value / (1.0 - value) if name == "acceptance" else value


def references(p: Any, name: str) -> dict[str, float]:
    """Return the reference of each covariate: an average person without a project."""
    return {
        "motivation": p.motivation_reference,
        "clarity": p.clarity_reference,
        "overload": p.overload_reference,
        "strain": p.strain_reference,
        "fit": p.quality_reference,
        "usability": p.quality_reference,
        "skill": 0.5 if name == "acceptance" else 0.0,
        "peers": 0.0,
        "habit": 0.0,
        "experience": 0.0,
        "support": 0.0,
        "trained": 0.0,
        "resuming": 0.0,
        "key_user": 0.0,
        "affinity": 0.0,
        "guided": 1.0,
        "trust": p.trust_reference,
        "lead_motivation": p.motivation_reference,
        "overrun": 0.0,
        "use_shown": 0.0,
    }


def because(line: Line) -> str:
    """Return the reasons of a line in words: ties together, then what else helped."""
    if line.reasons is None:
        return ""
    if not line.reasons:
        return "by chance: nothing made it more likely than for an average person"
    strongest = line.reasons[0][1]
    tied = [name for name, factor in line.reasons if factor >= strongest * (1.0 - TIE)]
    others = [name for name, factor in line.reasons[len(tied) :]][:2]
    text = f"mainly because of {' and '.join(tied)}"
    if strongest > 1.0:
        text += f" ({strongest:.1f} times as likely)"
    if others:
        text += f"; also {' and '.join(others)}"
    return text


def sentence(line: Line) -> str:
    """Return a line of a story as a sentence."""
    reason = because(line)
    return f"Week {line.week:>3}: {line.text}{', ' + reason if reason else ''}."


def introduction(model: Model, who: Who) -> str:
    """Return who the agent is before the first week."""
    agent = find(model, who)
    if who.role == layout.ROLE_ORGANISATION:
        plan = f"planned to be live in {model.p.planned_weeks_total:.0f} weeks"
        return (
            f"organisation {who.organisation}: {len(agent.leads)} project lead(s), "
            f"{len(agent.clinicians)} clinicians ({len(agent.key_users)} key-users), "
            f"trust in the provider {agent.trust:.2f}, {plan if agent.live_week < 0 else 'live'}"
        )
    if who.role == layout.ROLE_PATIENT:
        return f"a patient in usual care with {agent.weeks_left} weeks to go"
    kind = "key-user" if getattr(agent, "key_user", False) else layout.ROLES[who.role]
    trained = ", trained" if getattr(agent, "trained", False) else ""
    using = ", using the platform" if getattr(agent, "use", None) == layout.USER else ""
    return f"a {kind} with {levels(agent)}{trained}{using}"


def ending(model: Model, who: Who) -> str:
    """Return how the agent stands at the horizon."""
    agent = find(model, who)
    if who.role == layout.ROLE_ORGANISATION:
        adoption = agent.users / max(1, len(agent.clinicians))
        state = "stopped" if agent.stopped_week >= 0 else "live" if agent.live_week >= 0 else "open"
        return f"the run ends: {state}, {adoption:.0%} of clinicians use the platform"
    if who.role == layout.ROLE_PATIENT:
        states = ("in usual care", "active on the platform", "dropped out", "declined")
        return f"the run ends: patient {agent.occupant + 1} in this place is {states[agent.state]}"
    if agent.vacant_weeks > 0:
        return "the run ends: the post is vacant"
    text = levels(agent)
    if who.role == layout.ROLE_CLINICIAN:
        use = ("has never used the platform", "uses the platform", "has lapsed")[agent.use]
        text = f"{use}, {text}, skill {agent.skill:.2f}, habit {agent.habit:.2f}"
    return f"the run ends: {text}"


def levels(agent: Any) -> str:
    """Return the three drivers and the strain of a person in words."""
    return (
        f"role clarity {agent.clarity:.2f}, load {agent.load:.2f}, "
        f"motivation {agent.motivation:.2f}, strain {agent.strain:.2f}"
    )
