"""Posterior predictive checks: what the calibrated model gives beside every published pattern.

Populations are simulated anew, with luck of their own, under draws of the posterior. A pattern with
a number fails if the published number lies in the outer 1 % of what comes out, with its own
sampling error (Gelman, Meng & Stern 1996, Statistica Sinica 6, 733-807); a pattern of bounds if
less than 1 % of the draws lie within them.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.estimates import processors
from sim.experiment.calibrate.arms import POPULATION, arms
from sim.experiment.calibrate.organisations import Floats
from sim.experiment.calibrate.populations import population
from sim.experiment.calibrate.summaries import SUMMARIES, summaries
from sim.experiment.calibrate.targets import Target, targets
from sim.experiment.progress import Progress

OUTER = 0.01
"""A tail that is too improbable to be put down to chance."""

FIRST = 10**7
"""Number of the first population of a check: none of a bank has it, so its luck is fresh."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A pattern beside the populations that were simulated for it.

    ``low``, ``median`` and ``high``: 95 % of the populations and their middle, None if it is
    undefined in half of them or more. ``p``: two-sided, for a pattern with a number; for bounds the
    share of populations within. ``inside``: share of populations that reproduce the pattern.
    """

    target: Target
    low: float | None
    median: float | None
    high: float | None
    p: float
    inside: float

    @property
    def passed(self) -> bool:
        """Whether the published pattern could well be one of the model's."""
        return self.p >= OUTER

    def as_json(self) -> dict[str, Any]:
        """Return the numbers."""
        names = ("low", "median", "high", "p", "inside", "passed")
        return {"use": self.target.use} | {name: getattr(self, name) for name in names}


def simulated(
    draws: Sequence[Mapping[str, Any]],
    seed: int,
    *,
    size: int = POPULATION,
    wanted: Sequence[str] | None = None,
    first: int = FIRST,
    progress: Progress | None = None,
) -> Floats:
    """Return all summaries of a population of each arm under each draw, (draws, summaries).

    ``first`` is the number of the first population. In the order of `SUMMARIES`; NaN where a
    summary is undefined or of an arm that is not ``wanted``.
    """
    chosen = tuple(arms() if wanted is None else wanted)

    def under(k: int) -> list[float]:
        made = {arm: population(arm, draws[k], first + k, seed, size=size) for arm in chosen}
        found = summaries(made)
        return [found.get(name, np.nan) for name in SUMMARIES]

    rows = []
    with ThreadPoolExecutor(processors()) as pool:
        for number, row in enumerate(pool.map(under, range(len(draws)))):
            rows.append(row)
            if progress:
                progress((number + 1) * size * len(chosen))
    return np.array(rows)


def predicted(found: Floats) -> tuple[Predicted, ...]:
    """Return each target beside simulated summaries (populations, summaries)."""
    names = list(SUMMARIES)
    return tuple(_predicted(target, found[:, names.index(target.name)]) for target in targets())


def _predicted(target: Target, values: Floats) -> Predicted:
    from scipy.special import ndtr

    known = values[~np.isnan(values)]
    inside = float(np.mean([target.holds(value) for value in values]))
    if 2 * len(known) <= len(values):
        return Predicted(target, None, None, None, 0.0, inside)
    low, median, high = np.quantile(known, [0.025, 0.5, 0.975])
    error = target.standard_error()
    p = inside
    if error is not None and target.value is not None:
        scaled = np.array([target.scaled(value) for value in known])
        # Each population with the published sampling error is a normal distribution.
        below = float(np.mean(ndtr((target.scaled(target.value) - scaled) / error)))
        p = 2.0 * min(below, 1.0 - below)
    return Predicted(target, float(low), float(median), float(high), p, inside)
