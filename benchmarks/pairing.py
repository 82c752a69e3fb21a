"""What common random numbers save when two scenarios are compared.

    python benchmarks/pairing.py [--json]

Role clarity .55 against .65, adoption at week 104. ``variance_ratio``: variance of the difference
with independent seeds over that with common seeds, so the number of runs a paired comparison
saves. ``variance_ratio_same_organisation``: the same with all differences between organisations
held fixed (one organisation, only chance within differs). Both are exact functions of the seed.
"""

import numpy as np
from numpy.typing import NDArray
from show import report

from sim.scenario import Scenario, load
from sim.simulate import run_compiled
from sim.world import recipe

WEEK, RUNS, SEED = 104, 2_000, 1
ORGANISATIONS = 20
"""How many organisations the second ratio is averaged over."""


def adoption(
    scenario: Scenario, organisation: int | None = None, runs: int = RUNS
) -> NDArray[np.float64]:
    """Return adoption at week 104 in each replicate; ``organisation``: hold this draw of it."""
    made = recipe(scenario, WEEK)
    tapes = (run_compiled(made, SEED, k, organisation_replicate=organisation) for k in range(runs))
    return np.array([tape.series["adoption"][-1].mean() for tape in tapes])


def variances(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Return the variance of a difference with independent and with common seeds."""
    return float(a.var(ddof=1) + b.var(ddof=1)), float((b - a).var(ddof=1))


def measure() -> dict[str, float]:
    """Measure both ratios."""
    low = load("baseline").with_values({"role_clarity": 0.55})
    high = load("baseline").with_values({"role_clarity": 0.65})
    independent, paired = variances(adoption(low), adoption(high))
    inside = np.zeros(2)
    for k in range(ORGANISATIONS):
        runs = RUNS // ORGANISATIONS
        inside += variances(adoption(low, k, runs), adoption(high, k, runs))
    return {
        "variance_ratio": independent / paired,
        "variance_ratio_same_organisation": float(inside[0] / inside[1]),
    }


if __name__ == "__main__":
    report(measure, __doc__)
