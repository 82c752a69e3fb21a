"""The three drivers: role clarity, workload and motivation, and the strain they make.

The same equations serve clinicians, project leads and implementation managers. ``clarity``,
``motivation`` and ``overload`` passed to a rule are *seen* values: where a mechanism is switched
off every rule reads the reference instead of the state (docs/odd.md, "Mechanisms").
"""

import math

from sim.compiled import rule
from sim.rules.chance import clamp, intensity, kept, logistic, relax
from sim.rules.types import P


@rule
def overload(p: P, load: float) -> float:
    """Return the part of a load that presses: all above 1.

    The default is monotone: time pressure does not act as an inverted U (Song 2023,
    doi 10.3389/fpsyg.2022.1049174). ``load_effect = "inverted_u"`` adds the alternative: load
    below ``load_optimum`` presses too.
    """
    above = max(0.0, load - 1.0)
    if p.inverted_u > 0.0:
        return above + max(0.0, p.load_optimum - load)
    return above


@rule
def seen_clarity(p: P, clarity: float) -> float:
    """Return role clarity as the rules read it."""
    return clarity if p.role_clarity_on > 0.0 else p.clarity_reference


@rule
def seen_motivation(p: P, motivation: float) -> float:
    """Return motivation as the rules read it."""
    return motivation if p.motivation_on > 0.0 else p.motivation_reference


@rule
def seen_overload(p: P, load: float) -> float:
    """Return overload as the rules read it."""
    return overload(p, load) if p.workload_on > 0.0 else p.overload_reference


@rule
def seen_slack(p: P, load: float) -> float:
    """Return the free share of a week as the rules read it."""
    return max(0.0, 1.0 - load) if p.workload_on > 0.0 else p.slack_reference


@rule
def strain_at_rest(p: P, overload: float, clarity: float) -> float:
    """Return the strain (0..1) at which pressure and recovery balance.

    Pressure A comes from overload and role ambiguity, recovery is constant: A / (A + recovery).
    Direction: O'Connor 2018 (doi 10.1016/j.eurpsy.2018.06.003), Schmidt 2014
    (doi 10.1080/1359432X.2012.711523).
    """
    pressure = p.strain_load * overload + p.strain_ambiguity * (1.0 - clarity)
    return pressure / (pressure + p.strain_recovery)


@rule
def next_strain(p: P, strain: float, overload: float, clarity: float) -> float:
    """Return strain after a week: towards its balance at the rate pressure + recovery."""
    pressure = p.strain_load * overload + p.strain_ambiguity * (1.0 - clarity)
    rate = pressure + p.strain_recovery
    return relax(strain, pressure / rate, kept(rate))


@rule
def motivation_at_rest(
    p: P, own: float, experience: float, peers: float, support: float, strain: float, clarity: float
) -> float:
    """Return the motivation (0..1) towards which a person moves.

    ``own`` is the person's motivation without a project, on the logit scale. Own good experience,
    peers who use and support lift it; strain and role ambiguity above the reference lower it
    (Bastoni et al. 2024, doi 10.1186/s43058-024-00610-y: internal motivation, role ambiguity,
    workload; Cerasoli 2016, doi 10.1007/s11031-016-9578-2: competence and relatedness).
    """
    return logistic(
        own
        + p.motivation_experience * experience
        + p.motivation_peers * peers
        + p.motivation_support * support
        - p.motivation_strain * (strain - p.strain_reference)
        - p.motivation_ambiguity * (p.clarity_reference - clarity)
    )


@rule
def next_motivation(
    p: P,
    motivation: float,
    own: float,
    experience: float,
    peers: float,
    support: float,
    strain: float,
    clarity: float,
) -> float:
    """Return motivation after a week."""
    target = motivation_at_rest(p, own, experience, peers, support, strain, clarity)
    return relax(motivation, target, p.motivation_kept)


@rule
def clarity_kept(p: P, guidance: float) -> float:
    """Return the share of the distance to its target that role clarity keeps in a week."""
    return kept(p.clarity_gain * guidance + p.clarity_return)


@rule
def next_clarity(
    p: P, clarity: float, post_clarity: float, guidance: float, distance_kept: float
) -> float:
    """Return role clarity after a week: guidance lifts it, without it falls to the post's level.

    ``distance_kept`` is `clarity_kept` of the same guidance, which many people share.
    """
    rate = p.clarity_gain * guidance + p.clarity_return
    if rate <= 0.0:
        return clarity
    target = (p.clarity_gain * guidance + p.clarity_return * post_clarity) / rate
    return relax(clarity, target, distance_kept)


@rule
def agreed_clarity(p: P, post_clarity: float, quality: float) -> float:
    """Return the role clarity of a post once role agreements of some quality are made."""
    return post_clarity + p.role_agreements * quality * (1.0 - post_clarity)


@rule
def team_guidance(p: P, trust: float, alignment: float, vendor_hours: float) -> float:
    """Return the guidance (0..1) that leads and key-users get while the project runs.

    Vendor hours received guide with diminishing returns, as far as the relationship is trusted
    and expectations are aligned (Bastoni et al. 2024).
    """
    return trust * alignment * (1.0 - math.exp(-clamp(vendor_hours / p.guidance_hours, 0.0, 50.0)))


@rule
def clinician_guidance(alignment: float, support: float) -> float:
    """Return the guidance (0..1) that other clinicians get: support, as far as they agree on it."""
    return alignment * support


@rule
def productivity(p: P, motivation: float, clarity: float, strain: float) -> float:
    """Return the work done in an hour, relative to a person at the reference.

    Ranges: Cerasoli 2014 (doi 10.1037/a0035661) for motivation, Gilboa 2008 for ambiguity.
    """
    exponent = (
        p.productivity_motivation * (motivation - p.motivation_reference)
        + p.productivity_clarity * (clarity - p.clarity_reference)
        - p.productivity_strain * (strain - p.strain_reference)
    )
    return math.exp(clamp(exponent, -50.0, 50.0))


@rule
def clinician_load(p: P, base: float, extra_hours: float, cover: float) -> float:
    """Return a clinician's load [0, 3]: own work + extra hours + cover of vacancies in the team."""
    return clamp(base + extra_hours / p.contract_hours + cover, 0.0, 3.0)


@rule
def cover_load(p: P, vacant: float, in_post: float) -> float:
    """Return the load that each person in post takes over from the vacant posts of a team."""
    if vacant <= 0.0 or in_post <= 0.0:
        return 0.0
    return p.cover * vacant / in_post


@rule
def lead_demand(team_demand: float, hours: float, team_hours: float) -> float:
    """Return the hours a week asked of a lead: a share of the team's by hours, at most twice them.

    ``hours``: the lead's project hours; ``team_hours``: those of the whole implementation team.
    """
    if team_hours <= 0.0:
        return 0.0
    return min(2.0 * hours, team_demand * hours / team_hours)


@rule
def lead_load(p: P, base: float, demand: float, hours: float) -> float:
    """Return a lead's load [0, 3]: other work + hours demanded beyond the hours given for it."""
    return clamp(base + (demand - hours) / p.contract_hours, 0.0, 3.0)


@rule
def idle_load(p: P) -> float:
    """Return the load of a manager whom no project asks for: 0.

    Where too little load presses too (``load_effect = "inverted_u"``) the vendor fills idle hours
    with other work, up to the load that presses least.
    """
    return p.load_optimum if p.inverted_u > 0.0 else 0.0


@rule
def manager_load(p: P, demand: float, hours: float) -> float:
    """Return the managers' load [0, 3]: hours all organisations demand per hour available."""
    if hours <= 0.0:
        return idle_load(p)
    return clamp(max(idle_load(p), demand / hours), 0.0, 3.0)


@rule
def turnover_hazard(p: P, yearly: float, strain: float) -> float:
    """Return the weekly hazard of leaving a post; strain raises it (Beidas 2016, PMID 26179469)."""
    return intensity(yearly / 52.0, p.turnover_strain * (strain - p.strain_reference))
