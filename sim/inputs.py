"""From a scenario to the numbers both engines go by.

Everything a rule reads is one field of ``p``: the registry's values, switches, and what follows
from them once and for all (shares kept in a week, the plan, the references). Compiled code gets
``p`` as a record, Mesa agents as an object with the same attributes and plain floats.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from sim import layout
from sim.compiled import compiled
from sim.parameters import FACTORS, FEEDS, parameters
from sim.rules import chance, people, project
from sim.scenario import Scenario

REFERENCES = ("clarity", "overload", "slack", "strain", "motivation", "engagement")
"""Means over the default population without a project: derived, never parameters."""

POPULATION = (
    "role_clarity",
    "workload",
    "motivation",
    "engagement",
    "organisation_sd",
    "person_sd",
    "load_organisation_sd",
    "load_person_sd",
)
"""What describes the default population; the references always use the registry's defaults."""

_KEPT = {
    "motivation_kept": "motivation_rate",
    "trust_kept": "trust_rate",
    "support_kept": "support_rate",
    "habit_gain_kept": "habit_gain",
    "habit_fade_kept": "habit_fade",
}
_CODES = {
    "inverted_u": ("load_effect", "inverted_u"),
    "full_network": ("network", "full"),
    "random_network": ("network", "random"),
    "teams_network": ("network", "teams"),
    "rollout_teams": ("rollout", "teams"),
    "default_invitation": ("invitation", "default"),
    "live_at_start": ("at_start", "live"),
}
_SIZES = ("key_user_posts", "team_count", "agreed_manager_hours", "agreed_team_hours")


_COEFFICIENTS = (
    "strain_load",
    "strain_ambiguity",
    "strain_recovery",
    "load_optimum",
    "motivation_strain",
    "motivation_ambiguity",
    "guidance_overload",
    "inverted_u",
    "role_clarity_on",
    "workload_on",
    "motivation_on",
)
"""What the references depend on."""


@cache
def _numeric() -> tuple[str, ...]:
    """Return the registry's names that are fields of ``p``."""
    return tuple(
        name
        for name, entry in parameters().items()
        if entry.kind != "choice" and entry.group != "phases" and name != "attention"
    )


@cache
def parameter_dtype() -> np.dtype[np.void]:
    """Return the layout of ``p``: one float64 field for everything a rule or engine reads."""
    derived = [*_CODES, *_KEPT, *_SIZES, "planned_weeks_total", "diffusion_seen"]
    derived += ["underestimation_seen", "trust_reference", "alignment_reference"]
    derived += [f"{name}_on" for name in FACTORS] + [f"{name}_reference" for name in REFERENCES]
    return np.dtype([(name, "f8") for name in [*_numeric(), *derived]])


def parameters_of(scenario: Scenario) -> Any:
    """Return ``p`` of a scenario as an object: plain floats, in the order of `parameter_dtype`.

    ``planned_weeks_total`` is left for `plan_of`.
    """
    values = scenario.values
    p = SimpleNamespace(**dict.fromkeys(parameter_dtype().names or (), 0.0))
    numbers = vars(p)
    for name in _numeric():
        numbers[name] = float(values[name])
    for field, (name, choice) in _CODES.items():
        numbers[field] = float(values[name] == choice)
    for name in FACTORS:
        numbers[f"{name}_on"] = float(scenario.mechanisms[name])
    _derive(p)
    return p


def _derive(p: SimpleNamespace) -> None:
    """Fill in what follows from the parameters."""
    numbers = vars(p)
    for field, name in _KEPT.items():
        numbers[field] = chance.kept(numbers[name])
    p.key_user_posts = float(int(p.key_users * p.clinicians + 0.5))
    p.team_count = max(1.0, float(-(-int(p.clinicians) // int(p.team_size))))
    p.agreed_manager_hours = p.managers * p.manager_hours / p.organisations
    p.agreed_team_hours = p.leads * p.lead_hours + p.key_user_posts * p.key_user_hours
    # A platform that is live already is live for all teams.
    p.rollout_teams *= 1.0 - p.live_at_start
    # The reference of an obstacle that is switched off is its absence.
    p.diffusion_seen = p.diffusion * p.diffusion_on
    p.underestimation_seen = p.underestimation * p.underestimation_on
    p.trust_reference = float(parameters()["trust"].default)
    p.alignment_reference = float(parameters()["alignment"].default)
    found = _references(tuple((name, numbers[name]) for name in _COEFFICIENTS))
    for name, value in zip(REFERENCES, found, strict=True):
        numbers[f"{name}_reference"] = value


def record_of(p: Any) -> NDArray[np.void]:
    """Return ``p`` as a record array of shape (1,)."""
    return _record(np.array(list(vars(p).values())))


def stacked(records: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """Return records of ``p``, (1,) each, as one record array (n,)."""
    # By their floats: numpy copies a record field by field.
    return _record(np.concatenate([np.asarray(record).view(np.float64) for record in records]))


def _record(numbers: NDArray[np.float64]) -> NDArray[np.void]:
    """Return floats as records; all fields are float64, so that the memory is the same."""
    return numbers.view(parameter_dtype()).view(np.recarray)


@lru_cache(maxsize=4096)
def _references(coefficients: tuple[tuple[str, float], ...]) -> tuple[float, ...]:
    """Return the references for some coefficients, over the registry's default population."""
    record = np.zeros(1, parameter_dtype()).view(np.recarray)
    for name in POPULATION:
        record[name] = parameters()[name].default
    for name, value in coefficients:
        record[name] = value
    reference_means(record)
    return tuple(float(record[f"{name}_reference"][0]) for name in REFERENCES)


@compiled
def reference_means(record: NDArray[np.void]) -> None:
    """Fill in the references: means over an even lattice of 4 096 people and organisations.

    The lattice is the additive recurrence with the generalised golden ratio in six dimensions.
    """
    p = record[0]
    people_count = 4096
    ratio = 1.1127756842787055  # the root of x^7 = x + 1
    clarity = np.empty(people_count)
    load = np.empty(people_count)
    own = np.empty(people_count)
    u = np.empty(6)
    for i in range(people_count):
        step = 1.0
        for k in range(6):
            step /= ratio
            place = (i + 0.5) * step
            u[k] = min(max(place - np.floor(place), 1e-6), 1.0 - 1e-6)
        shift = p.organisation_sd * chance.noise(u[0]) + p.person_sd * chance.noise(u[1])
        clarity[i] = chance.level(p.role_clarity, shift)
        shift = p.organisation_sd * chance.noise(u[2]) + p.person_sd * chance.noise(u[3])
        own[i] = chance.logit(chance.level(p.motivation, shift))
        shift = p.load_organisation_sd * chance.noise(u[4]) + p.load_person_sd * chance.noise(u[5])
        load[i] = chance.base_load(p.workload, shift)
    clarity_sum, overload_sum, slack_sum = 0.0, 0.0, 0.0
    for i in range(people_count):
        clarity_sum += clarity[i]
        overload_sum += people.overload(p, load[i])
        slack_sum += max(0.0, 1.0 - load[i])
    p.clarity_reference = clarity_sum / people_count
    p.overload_reference = overload_sum / people_count
    p.slack_reference = slack_sum / people_count
    strain = np.empty(people_count)
    strain_sum = 0.0
    for i in range(people_count):
        pressing = people.seen_overload(p, load[i])
        strain[i] = people.strain_at_rest(p, pressing, people.seen_clarity(p, clarity[i]))
        strain_sum += strain[i]
    p.strain_reference = strain_sum / people_count
    motivation_sum, commitment_sum = 0.0, 0.0
    for i in range(people_count):
        seen = people.seen_clarity(p, clarity[i])
        rest = people.motivation_at_rest(p, own[i], 0.0, 0.0, 0.0, strain[i], seen)
        motivation_sum += rest
        commitment_sum += project.commitment(p, rest, people.seen_overload(p, load[i]))
    p.motivation_reference = motivation_sum / people_count
    p.engagement_reference = p.engagement * commitment_sum / people_count


def plan_of(scenario: Scenario, p: Any) -> NDArray[np.void]:
    """Return the phases as an array (K,), their hours summed and their planned weeks derived.

    Also stores the planned weeks of the whole project (phases that do not recur) in ``p``.
    """
    plan = []
    for phase in scenario.phases:
        team = phase.team_hours + phase.team_hours_per_clinician * p.clinicians
        weeks = max(
            project.planned_weeks(p, phase.manager_hours, p.agreed_manager_hours),
            project.planned_weeks(p, team, p.agreed_team_hours),
        )
        feeds = FEEDS.index(phase.feeds)
        flags = phase.overlaps, phase.delay_weeks, phase.recurs
        plan.append((phase.manager_hours, team, weeks, feeds, *flags))
        # An honest plan knows the external delays: contract, privacy assessment, link.
        p.planned_weeks_total += 0.0 if phase.recurs else weeks + phase.delay_weeks
    return np.array(plan, layout.PLAN).view(np.recarray)


def attention_of(scenario: Scenario, weeks: int) -> NDArray[np.float64]:
    """Return management attention (0..1) in each week."""
    attention = np.ones(weeks)
    for week, value in scenario.attention:
        attention[min(week, weeks) :] = value
    return attention


@lru_cache(maxsize=256)
def care_table(mean: float, sd: float) -> NDArray[np.float64]:
    """Return quantiles of the weeks of care, a gamma distribution, at 4 097 equal steps.

    For patients admitted from week 0 on; `stay_table` is for those who are in care by then.
    """
    return _gamma_table((mean / sd) ** 2, sd * sd / mean)


@lru_cache(maxsize=256)
def stay_table(mean: float, sd: float) -> NDArray[np.float64]:
    """Return quantiles of the whole stay of patients met in care: longer stays are met more often.

    The length-biased gamma distribution is the gamma distribution with shape + 1.
    """
    return _gamma_table((mean / sd) ** 2 + 1.0, sd * sd / mean)


def _gamma_table(shape: float, scale: float) -> NDArray[np.float64]:
    steps = 4096
    share = np.clip(np.arange(steps + 1) / steps, 0.0, 1.0 - 0.25 / steps)
    table: NDArray[np.float64] = gammaincinv(shape, share) * scale
    table.setflags(write=False)
    return table


def namespace(record: NDArray[np.void]) -> Any:
    """Return ``p`` as an object with plain float attributes, for rules called from Python."""
    values = np.asarray(record).view(np.float64).tolist()
    return SimpleNamespace(**dict(zip(record.dtype.names or (), values, strict=True)))
