"""Levels of people and clocks of events: how chance enters, as pure functions."""

import math

from sim.compiled import rule

K = math.sqrt(3.0) / math.pi
"""Scale that gives the standard logistic distribution a standard deviation of 1."""

NEVER = 2.0
"""A crossing time beyond the end of the week: the event does not happen this week."""


@rule
def clamp(x: float, low: float, high: float) -> float:
    """Return x limited to [low, high]."""
    return min(max(x, low), high)


@rule
def logit(x: float) -> float:
    """Return log(x / (1 - x)) for a share, kept off 0 and 1."""
    y = clamp(x, 1e-9, 1.0 - 1e-9)
    return math.log(y / (1.0 - y))


@rule
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)), its argument clamped to +-50."""
    return 1.0 / (1.0 + math.exp(-clamp(x, -50.0, 50.0)))


@rule
def noise(u: float) -> float:
    """Turn a uniform draw into a logistic deviate with mean 0 and standard deviation 1."""
    return K * math.log(u / (1.0 - u))


@rule
def level(base: float, shift: float) -> float:
    """Return a person's or organisation's level: the base moved on the logit scale, in [.02, .98].

    Raising the base raises everybody, whatever they drew.
    """
    return clamp(logistic(logit(base) + shift), 0.02, 0.98)


@rule
def base_load(workload: float, shift: float) -> float:
    """Return the load of a post's own work: the workload times exp(shift), in [0, 3]."""
    return clamp(workload * math.exp(clamp(shift, -50.0, 50.0)), 0.0, 3.0)


@rule
def intensity(rate: float, exponent: float) -> float:
    """Return a hazard per week, rate * exp(exponent); every hazard goes through here."""
    return rate * math.exp(clamp(exponent, -50.0, 50.0))


@rule
def crossing(clock: float, hazard: float) -> float:
    """Return when in the week (0..1) an event's clock runs out, or NEVER.

    ``clock`` is what is left of a unit-exponential threshold. It is negative for somebody who
    waits in a queue since an earlier week, so who waits longest comes first.
    """
    if hazard <= 0.0 or clock > hazard:
        return NEVER
    return clock / hazard


@rule
def clock_left(clock: float, hazard: float, until: float) -> float:
    """Return what is left of a clock that ran until a moment (0..1) of this week."""
    return clock - hazard * clamp(until, 0.0, 1.0)


@rule
def relax(x: float, target: float, kept: float) -> float:
    """Move x towards a target; ``kept`` = exp(-rate) is the share of the distance left."""
    return target + (x - target) * kept


@rule
def kept(rate: float) -> float:
    """Return exp(-rate), the share of a distance that is left after a week at ``rate`` >= 0."""
    return math.exp(-clamp(rate, 0.0, 700.0))


@rule
def seen(switched_on: float, value: float, reference: float) -> float:
    """Return what rules read of a state: itself, or the reference if the mechanism is off."""
    return value if switched_on > 0.0 else reference
