"""Patients: how long care lasts, who accepts an invitation, who drops out."""

from sim.compiled import rule
from sim.rules.chance import intensity, logistic
from sim.rules.project import attentiveness
from sim.rules.types import Numbers, P


@rule
def quantile(table: Numbers, u: float) -> float:
    """Return the quantile at u in (0, 1) of a distribution tabled at equal steps of probability."""
    last = len(table) - 1
    place = u * last
    k = min(int(place), last - 1)
    return table[k] + (table[k + 1] - table[k]) * (place - k)


@rule
def care_weeks(table: Numbers, u: float) -> int:
    """Return the whole weeks (>= 1) of usual care of a patient admitted now.

    Gamma distributed, mean 33.2 and SD 23.0 weeks (Kooistra 2019, doi 10.2196/14261).
    """
    return max(1, int(quantile(table, u) + 0.5))


@rule
def residual_weeks(length: int, u: float) -> int:
    """Return the weeks left (1..length) of care that a patient is in at week 0."""
    return 1 + min(int(u * length), length - 1)


@rule
def acceptance_probability(p: P, affinity: float, fit: float, skill: float) -> float:
    """Return the probability that an invited patient accepts."""
    return logistic(
        p.acceptance
        + affinity
        + p.acceptance_fit * (fit - p.quality_reference)
        + p.acceptance_skill * (skill - 0.5)
    )


@rule
def blended_weeks(p: P, weeks_left: float) -> int:
    """Return the weeks of care left (>= 1) once it goes on as blended care."""
    return max(1, int(p.blended_ratio * weeks_left + 0.5))


@rule
def dropout_hazard(p: P, guided: float, overload: float) -> float:
    """Return the weekly hazard that an active patient drops out.

    Guidance raises completion by about 12 points (Musiat 2022, doi 10.1017/S0033291721004621);
    overload shrinks guidance, and an unguided patient has none.
    """
    guidance = attentiveness(p, overload) if guided else 0.0
    return intensity(p.dropout_rate, -p.dropout_guidance * guidance)
