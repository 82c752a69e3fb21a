"""How time and memory grow with size, from 10^3 to 10^6 agents.

    python benchmarks/scaling.py [--json]

- ``exponent``: slope of log(time of a run) on log(agents), the vendor serving more and more
  organisations of 60 clinicians; each size in a mean over enough runs to take a while.
- ``bytes_per_patient``: memory of the arrays of a run of 10^6 agents, world and tape, divided by
  its patients (the national scenario's shape: 250 clinicians of 20 patients).
"""

import math
import statistics
import time

import numpy as np
from show import report

from sim import layout
from sim.kernel.week import simulate
from sim.scenario import load
from sim.world import Recipe, new_world, recipe

SIZES = (1, 8, 80, 800)
"""Organisations of about 1 260 agents each."""

WEEKS = 52
BLOCKS = 3


def seconds(made: Recipe) -> float:
    """Return the seconds a run takes, world included; the least of some blocks."""
    runs = max(1, 800 // made.organisations)
    blocks = []
    for _ in range(BLOCKS):
        begin = time.perf_counter()
        for replicate in range(runs):
            world = new_world(made, 1, replicate)
            tape = layout.new_tape(made.weeks, made.organisations, len(made.plan))
            simulate(world, tape)
        blocks.append((time.perf_counter() - begin) / runs)
    return min(blocks)


def bytes_per_patient() -> float:
    """Return the bytes of all arrays of a run of 10^6 agents, per patient."""
    shape = {"organisations": 190, "clinicians": 250, "caseload": 20}
    made = recipe(load("baseline").with_values(shape))
    world = new_world(made, 1, 0)
    tape = layout.new_tape(made.weeks, made.organisations, len(made.plan))
    arrays = [array for array in (*world, *tape) if isinstance(array, np.ndarray)]
    return sum(array.nbytes for array in arrays) / len(world.patients)


def measure() -> dict[str, float]:
    """Measure the exponent and the memory."""
    made = [recipe(load("baseline").with_values({"organisations": n}), WEEKS) for n in SIZES]
    seconds(made[0])
    times = [seconds(one) for one in made]
    x = [math.log(one.agents) for one in made]
    y = [math.log(spent) for spent in times]
    found = {"exponent": statistics.linear_regression(x, y).slope}
    found["bytes_per_patient"] = bytes_per_patient()
    for one, spent in zip(made, times, strict=True):
        found[f"nanoseconds_per_agent_week_{one.agents}"] = 1e9 * spent / one.agents / WEEKS
    return found


if __name__ == "__main__":
    report(measure, __doc__)
