"""The organisation's project: who does the work, how well, and whether it goes on."""

import math

from sim.compiled import rule
from sim.rules.chance import clamp, intensity, logistic, relax
from sim.rules.types import Numbers, P

STOPPED_TIME, STOPPED_OVERRUN, STOPPED_TRUST, STOPPED_MOTIVATION, STOPPED_CHANCE = 1, 2, 3, 4, 5
STOPPED_USE = 6
"""Causes of a stop: the project's time ran out, or what raised the hazard most."""


@rule
def ownership(people: float, clarity: float, diffusion: float) -> float:
    """Return the share of the team's hours that go to a task somebody owns.

    With unclear roles each further person leaves a task to the others (diffusion of
    responsibility); the k-th person still adds something, less each time. 1 for one person.
    """
    if people <= 1.0 or diffusion <= 0.0:
        return 1.0
    shared: float = (1.0 - (1.0 - diffusion) ** people) / (diffusion * people)
    return clarity + (1.0 - clarity) * shared


@rule
def team_hours(p: P, people: float, hours: float) -> float:
    """Return the team's hours left after coordination between each pair of its people."""
    return max(0.0, hours - p.coordination_hours * people * (people - 1.0) / 2.0)


@rule
def work_quality(p: P, clarity: float, motivation: float) -> float:
    """Return the quality (0..1) a person brings to an hour of work."""
    return clarity * (1.0 - p.quality_motivation + p.quality_motivation * motivation)


@rule
def quality(p: P, personal: float, engagement: float) -> float:
    """Return the quality of work done: what people bring, as far as stakeholders take part."""
    return personal * (1.0 - p.quality_engagement + p.quality_engagement * engagement)


@rule
def attentiveness(p: P, overload: float) -> float:
    """Return the share (0..1) of attention that overload leaves for others."""
    return 1.0 - min(1.0, p.guidance_overload * overload)


@rule
def commitment(p: P, motivation: float, overload: float) -> float:
    """Return a key-user's commitment (0..1); engagement is its mean over key-user posts."""
    return motivation * attentiveness(p, overload)


@rule
def engagement(involvement: float, commitment: float, posts: float) -> float:
    """Return stakeholder engagement (0..1): the mean commitment over key-user posts, as involved.

    ``commitment`` is the sum over key-users in post; a vacant post brings none, nor do no posts.
    """
    return involvement * commitment / posts if posts > 0.0 else 0.0


@rule
def surprise(p: P, shown: float) -> float:
    """Return the adoption shown at an evaluation above what was expected (0 if ``shown`` < 0)."""
    return shown - p.expected_adoption if shown >= 0.0 else 0.0


@rule
def planned_weeks(p: P, hours: float, agreed: float) -> float:
    """Return the weeks a plan gives to some hours of work at the hours agreed a week."""
    if hours <= 0.0:
        return 0.0
    if agreed <= 0.0:
        return p.project_weeks
    return hours / agreed


@rule
def real_effort(p: P, hours: float) -> float:
    """Return the hours a task really takes: the work is underestimated."""
    return hours * (1.0 + p.underestimation_seen)


@rule
def demand(left: float, planned: float, elapsed: float) -> float:
    """Return the hours a week that an open phase asks for, to be done within its plan.

    ``planned`` and ``elapsed`` are usual weeks (`sim.rules.calendar`).
    """
    return left / max(1.0, planned - elapsed)


@rule
def overrun(elapsed: float, planned: float) -> float:
    """Return how far a project is over its plan (0 = in time, 1 = twice as long)."""
    if planned <= 0.0:
        return 0.0
    return max(0.0, elapsed / planned - 1.0)


@rule
def share_hours(hours: float, wanted: Numbers, given: Numbers) -> float:
    """Split the managers' hours over projects: equally, and once more what some do not use.

    ``wanted``: hours each running project can use, negative where none runs. Fills ``given``
    with the hours of work each gets. Returns the hours nobody could use.
    """
    running = 0
    for k in range(len(wanted)):
        given[k] = 0.0
        if wanted[k] >= 0.0:
            running += 1
    if running == 0:
        return 0.0
    share = hours / running
    rest = 0.0
    unmet = 0
    for k in range(len(wanted)):
        if wanted[k] >= 0.0:
            given[k] = min(share, wanted[k])
            rest += share - given[k]
            if wanted[k] > share:
                unmet += 1
    if unmet == 0:
        return rest
    more = rest / unmet
    for k in range(len(wanted)):
        if wanted[k] > share:
            extra = min(more, wanted[k] - share)
            given[k] += extra
            rest -= extra
    return max(0.0, rest)


@rule
def hours_felt(p: P, received: float, live: float, share: float) -> float:
    """Return the vendor's hours as the relationship feels them, per hour agreed.

    Hours agreed and not received are missed at any time. Hours beyond the agreement are noticed
    until the platform is live; a running one has little use for them. 1 if none were agreed.
    ``share``: of the usual hours that the week has; nobody misses the rest.
    """
    agreed = p.agreed_manager_hours * share
    if agreed <= 0.0:
        return 1.0
    ratio: float = received / agreed
    return min(1.0, ratio) if live > 0.0 else ratio


@rule
def trust_target(p: P, own: float, hours_ratio: float, overrun: float) -> float:
    """Return the trust (0..1) towards which a relationship moves.

    ``own``: the organisation's level on the logit scale; ``hours_ratio``: `hours_felt`. A good
    relationship with the provider is a strength (Bastoni et al. 2024).
    """
    return logistic(own + p.trust_hours * (hours_ratio - 1.0) - p.trust_overrun * overrun)


@rule
def departed(leads: int, lead_posts: float, managers: int, manager_posts: float) -> float:
    """Return the part of the relationship that left this week: shares of leads and of managers.

    Trust is in people: of forty managers each carries a fortieth of it.
    """
    part = leads / lead_posts if lead_posts > 0.0 else 0.0
    return part + (managers / manager_posts if manager_posts > 0.0 else 0.0)


@rule
def next_trust(p: P, trust: float, target: float, milestones: int, departed: float) -> float:
    """Return trust after a week with some milestones reached and some people gone."""
    value = relax(trust, target, p.trust_kept)
    for _ in range(milestones):
        value += p.trust_milestone * (1.0 - value)
    return value * max(0.0, 1.0 - p.trust_turnover * departed)


@rule
def stop_hazard(
    p: P, overrun: float, trust: float, lead_motivation: float, use_shown: float, live: float
) -> float:
    """Return the weekly hazard that the organisation stops the implementation.

    ``use_shown``: the adoption shown at the last evaluation above what was expected.
    """
    exponent = (
        p.stop_overrun * overrun
        - p.stop_trust * (trust - p.trust_reference)
        - p.stop_motivation * (lead_motivation - p.motivation_reference)
        - p.stop_use * use_shown
    )
    return intensity(p.stop_rate * (p.stop_after if live > 0.0 else 1.0), exponent)


@rule
def stop_cause(p: P, overrun: float, trust: float, lead_motivation: float, use_shown: float) -> int:
    """Return what raised the hazard of a stop most, or STOPPED_CHANCE if nothing did."""
    late = p.stop_overrun * overrun
    distrust = -p.stop_trust * (trust - p.trust_reference)
    apathy = -p.stop_motivation * (lead_motivation - p.motivation_reference)
    disappointment = -p.stop_use * use_shown
    most = max(late, distrust, apathy, disappointment)
    if most <= 0.0:
        return STOPPED_CHANCE
    if late == most:
        return STOPPED_OVERRUN
    if distrust == most:
        return STOPPED_TRUST
    return STOPPED_MOTIVATION if apathy == most else STOPPED_USE


@rule
def next_support(p: P, support: float, spare_hours: float, posts: float, attention: float) -> float:
    """Return support (0..1) after a week: spare hours per clinician, with diminishing returns."""
    target = 0.0
    if posts > 0.0:
        per_head = clamp(spare_hours / (p.support_hours * posts), 0.0, 50.0)
        target = attention * (1.0 - math.exp(-per_head))
    return relax(support, target, p.support_kept)


@rule
def repaired(p: P, value: float, quality: float) -> float:
    """Return journey fit or usability after an evaluation repaired part of what it lacks."""
    return value + p.repair * quality * (1.0 - value)


@rule
def seats_inflow(p: P, running: float, key_users_using: float) -> float:
    """Return the training seats that open this week (a fraction carries over to the next)."""
    inflow = p.seats_per_key_user * key_users_using
    if running > 0.0:
        inflow += p.seats
    return inflow
