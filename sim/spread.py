"""How much of the spread between runs comes from organisations that differ, how much from chance.

Each run gets a twin: the same organisations (`sim.draws.Branch.BETWEEN`), other luck in everything
else. What a run and its twin have in common lies between organisations; the rest is chance within.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.estimates import estimate, processors
from sim.simulate import Result, batches
from sim.world import recipe

OUTCOMES = ("adoption", "reach")

FIRST_TWIN = 1 << 40
"""Number of the first twin: replicates never get that far."""

FEWEST_PAIRS = 20
LONGEST = 60.0
"""Seconds of estimated time above which no twins are run."""


@dataclass(frozen=True, slots=True)
class Between:
    """Share of an outcome's variance that lies between organisations, with a 95 % interval."""

    share: float
    ci_low: float
    ci_high: float
    pairs: int


def between_organisations(result: Result) -> dict[str, Between]:
    """Return the share of variance between organisations for adoption and reach.

    Empty for agents of one's own, for too few runs, and for runs so large that twins take minutes.
    An outcome that does not vary is left out.
    """
    made = recipe(result.scenario, result.weeks)
    pairs = result.replicates * result.organisations
    # On one processor: what is reported must not depend on the machine.
    long = estimate(made, result.replicates).seconds > LONGEST
    if result.own_agents or pairs < FEWEST_PAIRS or long:
        return {}
    columns = [result.names.index(name) for name in OUTCOMES]

    numbers = range(result.first_replicate, result.first_replicate + result.replicates)
    twins = range(FIRST_TWIN + numbers.start, FIRST_TWIN + numbers.stop)
    threads = processors()
    runs = batches(made, result.seed, twins, threads, between=numbers)
    others = np.concatenate([kept.outcomes[:, :, columns] for _, kept in runs])
    found = {}
    for k, name in enumerate(OUTCOMES):
        a, b = result.outcomes[:, :, columns[k]].ravel(), others[:, :, k].ravel()
        share = intraclass(a, b)
        if share is not None:
            found[name] = share
    return found


def intraclass(a: NDArray[np.float64], b: NDArray[np.float64]) -> Between | None:
    """Return the intraclass correlation of pairs, interval by Fisher's z; None without variance."""
    both = ~(np.isnan(a) | np.isnan(b))
    a, b, n = a[both], b[both], int(both.sum())
    mean = (a.mean() + b.mean()) / 2.0 if n else 0.0
    variance = ((a - mean) ** 2 + (b - mean) ** 2).sum() / 2.0
    if n < FEWEST_PAIRS or variance <= 0.0:
        return None
    share = float(((a - mean) * (b - mean)).sum() / variance)
    z, half = math.atanh(min(max(share, -0.9999), 0.9999)), 1.96 / math.sqrt(n - 1.5)
    low, high = math.tanh(z - half), math.tanh(z + half)
    return Between(max(0.0, share), max(0.0, low), max(0.0, high), n)
