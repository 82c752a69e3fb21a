"""What a pilot says of the main run: how wide its intervals will be, roughly.

A total effect is a mean over lines of products over replicates. The variance of one such product
follows from two halves of the pilot's replicates, as in `pilot`: with R replicates it is
Var(delta^2) + 4 E[delta^2 s^2] / R + 2 E[s^4] / (R (R - 1)). Sobol' points do better than
independent lines, so the half-width is an upper guess.
"""

import numpy as np
from scipy.special import stdtrit

from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.estimators import product
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.gates import outcomes_of
from sim.experiment.sensitivity.jackknife import LEVEL


def half_width(
    design: Design, y: Floats, *, lines: int, scrambles: int, replicates: int
) -> float | None:
    """Return the largest half-width of total effects to expect; None if it cannot be said.

    ``y`` (rows, replicates) is the headline outcome of the pilot ``design``; the rest is the size
    of the main run.
    """
    if scrambles < 2:
        return None
    blocks = outcomes_of(design, y).reshape(len(design.blocks), design.n, design.replicates)
    both = blocks[:2].reshape(2 * design.n, design.replicates)
    variance = float(product(both - both.mean(axis=(0, 1))).mean())
    if variance <= 0.0:
        return None
    widest = max(_variance(gap, replicates) for gap in blocks[2:] - blocks[0])
    error = 0.5 * np.sqrt(widest / (lines * scrambles))
    return float(stdtrit(scrambles - 1, 0.5 + LEVEL / 2.0) * error / variance)


def _variance(gap: Floats, replicates: int) -> float:
    """Return the variance of a line's squared difference, from differences (lines, replicates)."""
    one, other = np.split(gap, [gap.shape[1] // 2], axis=1)
    squares = product(one), product(other)
    noise = one.var(axis=1, ddof=1), other.var(axis=1, ddof=1)
    varies = max(float(np.cov(*squares)[0, 1]), 0.0)
    mixed = max(float((squares[0] * noise[1] + squares[1] * noise[0]).mean()) / 2.0, 0.0)
    fourth = float((noise[0] * noise[1]).mean())
    return varies + 4.0 * mixed / replicates + 2.0 * fourth / (replicates * (replicates - 1))
