"""Before anything is fitted: what the model can give over the priors of its rules.

Draws are points of a scrambled Sobol' sequence carried to the priors of the registry. A target
that lies outside what all draws give cannot be met by fitting; a summary that follows a parameter
closely over the draws can inform it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.experiment.calibrate.arms import POPULATION, as_draws, quantiles
from sim.experiment.calibrate.organisations import Floats
from sim.experiment.calibrate.predictive import simulated
from sim.experiment.calibrate.summaries import SUMMARIES, rank_correlation
from sim.experiment.progress import Progress
from sim.parameters import parameters

RULES = ("drivers", "project", "clinicians", "patients")
"""Groups of the registry that hold rules; the others describe a site, its staffing and its plan."""

KEPT = ("coordination_hours",)
"""Rules kept at their defaults: hours for each pair of a team count with its size squared, so they
decide everything in large organisations and can hardly be seen in the small ones of the arms."""


@cache
def rule_parameters() -> tuple[str, ...]:
    """Return the rules' parameters that have a prior, but those kept, in the registry's order."""
    return tuple(
        name
        for name, entry in parameters().items()
        if entry.group in RULES and entry.prior and name not in KEPT
    )


@dataclass(frozen=True, slots=True, eq=False)
class OverPrior:
    """What the model gives over the prior.

    ``draws``: (draws, parameters) on the registry's scales; ``values``: (draws, summaries), NaN
    where a summary is undefined.
    """

    parameters: tuple[str, ...]
    summaries: tuple[str, ...]
    draws: Floats
    values: Floats

    def column(self, summary: str) -> Floats:
        """Return the values of one summary, (draws,)."""
        return self.values[:, self.summaries.index(summary)]

    def correlations(self, summary: str) -> dict[str, float]:
        """Return the rank correlation of a summary with each parameter, the largest first."""
        values = self.column(summary)
        found = {
            name: rank_correlation(self.draws[:, k], values)
            for k, name in enumerate(self.parameters)
        }
        return dict(sorted(found.items(), key=lambda item: -abs(np.nan_to_num(item[1]))))


def prior_draws(names: Sequence[str], count: int, seed: int) -> list[dict[str, Any]]:
    """Return draws of some parameters from their priors, each by name; counts are whole.

    Best with a power of two: a Sobol' sequence is even over such numbers of points.
    """
    return as_draws(quantiles(tuple(names), count, seed, "calibration: draws from the prior"))


def predict(
    draws: Sequence[Mapping[str, Any]],
    seed: int,
    *,
    size: int = POPULATION,
    progress: Progress | None = None,
) -> OverPrior:
    """Return the summaries of every arm under each draw, on replicates of its own.

    ``progress`` is told the number of runs finished so far.
    """
    values = simulated(draws, seed, size=size, first=0, progress=progress)
    names = tuple(draws[0]) if draws else ()
    table = np.array([[float(draw[name]) for name in names] for draw in draws])
    return OverPrior(names, tuple(SUMMARIES), table, values)
