"""How many replicates a main run should have, from a pilot.

With many replicates a budget buys few points, with few it buys noise. With the squared difference
delta^2 of the mean response between A and AB, and s^2 the variance of that difference between
replicates, the best number for a total effect is 1 + sqrt(2 E[s^4] / Var(delta^2)). Both are
estimated from two halves of the replicates, whose noise is independent: plugged in from one sample,
noise in delta^2 passes for variance of it and the number comes out several times too low. The
optimum is flat: within a factor of two it matters little.
"""

from dataclasses import dataclass

import numpy as np

from sim.errors import InputError
from sim.experiment.sensitivity.design import PILOT, Design, design_of
from sim.experiment.sensitivity.estimators import FEWEST_FOR_SPREAD, product
from sim.experiment.sensitivity.factor import Factor, Floats
from sim.experiment.sensitivity.gates import outcomes_of

FEWEST, MOST = 2, 16

LINES, REPLICATES = 128, 8
"""Size of a pilot."""

_RANKED = 1.96


@dataclass(frozen=True, slots=True)
class Replicates:
    """The best number of replicates, and the factors whose total effects it was taken from.

    ``by_name`` has the number of each factor before it is limited to 2 to 16.
    """

    best: int
    ranked: tuple[str, ...]
    by_name: dict[str, float]


def pilot_design(factors: tuple[Factor, ...], seed: int) -> Design:
    """Return the runs of a pilot; none of its replicates belongs to a main run."""
    return design_of(factors, LINES, PILOT, REPLICATES, seed)


def best_replicates(design: Design, y: Floats) -> Replicates:
    """Return the best number of replicates for one outcome.

    ``y`` (rows, replicates) is the headline outcome of a pilot. The median over the factors whose
    total effect stands out from 0 in the pilot; the largest number, if the noise leaves none.
    Raises InputError for fewer than four replicates and for runs that are not finite.
    """
    if design.replicates < FEWEST_FOR_SPREAD or y.ndim != 2:
        raise InputError(
            f"pilot: needs one outcome, and {FEWEST_FOR_SPREAD} or more replicates "
            f"(found an array {y.shape})"
        )
    blocks = outcomes_of(design, y).reshape(len(design.blocks), design.n, design.replicates)
    by_name, ranked = {}, []
    for place, name in enumerate(design.names):
        gap = blocks[2 + place] - blocks[0]
        by_name[name] = _best(*np.split(gap, [design.replicates // 2], axis=1))
        effect = product(gap)
        if effect.mean() > _RANKED * effect.std(ddof=1) / np.sqrt(design.n):
            ranked.append(name)
    middle = float(np.median([by_name[name] for name in ranked])) if ranked else float(MOST)
    return Replicates(round(min(max(middle, FEWEST), MOST)), tuple(ranked), by_name)


def _best(one: Floats, other: Floats) -> float:
    """Return the best number from the differences in two halves of the replicates."""
    varies = float(np.cov(product(one), product(other))[0, 1])
    if varies <= 0.0:
        return float(MOST)
    noise = float((one.var(axis=1, ddof=1) * other.var(axis=1, ddof=1)).mean())
    return 1.0 + float(np.sqrt(2.0 * noise / varies))
