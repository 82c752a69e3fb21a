"""How fast one run is: the kernel against a theoretical floor, Mesa against empty agents.

    python benchmarks/engines.py [--json]

All figures are ratios within one process, medians over interleaved blocks, so that a slow or busy
machine changes them little. The standard organisation: 60 clinicians, 20 patients each, 156 weeks.

- ``kernel_over_floor``: the compiled kernel against the *theory floor*: a weekly clock pass over
  all agents with the hazard looked up by state and one branch, 4 exp + 1 log per clinician-week,
  5 draws + 2 logs per patient spell, as many spells as the model has.
- ``mesa_over_do``: our Mesa engine against `AgentSet.do` of an empty method over as many agents
  and weeks.
- ``compiled_over_mesa``: how many times faster the compiled engine is (world included in both).
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
from show import report

from sim import layout
from sim.agents import Model
from sim.compiled import compiled
from sim.draws import child, clock, uniform
from sim.kernel.week import simulate
from sim.scenario import load
from sim.simulate import run_compiled
from sim.world import Recipe, new_world, recipe

BLOCKS, RUNS = 15, 20
MESA_BLOCKS = 3


@compiled
def floor_run(weeks, caseload, stay, hazards, states, clocks, patients, patient_clocks, left):
    """Do the least that such a model can do; return a number that depends on all of it."""
    total, spells = 0.0, 0
    for _ in range(weeks):
        for i in range(len(states)):
            x = clocks[i]
            total += math.exp(-x) + math.exp(-2.0 * x) + math.exp(-3.0 * x) + math.exp(-4.0 * x)
            total += math.log(x + 2.0)
            hazard = hazards[states[i]]
            if x <= hazard:
                states[i] = 1 - states[i]
                clocks[i] = 1.0
            else:
                clocks[i] = x - hazard
            for j in range(i * caseload, (i + 1) * caseload):
                hazard = hazards[patients[j]]
                left[j] -= 1
                if left[j] <= 0:
                    spells += 1
                    key = child(j, spells)
                    left[j] = 1 + int((2.0 * stay - 1.0) * uniform(key, 1, 0))
                    total += uniform(key, 2, 0) + uniform(key, 3, 0) + clock(key, 4, 0)
                    patient_clocks[j] = clock(key, 5, 0)
                    patients[j] = 0
                elif patient_clocks[j] <= hazard:
                    patients[j] = 1
                    patient_clocks[j] = 9.0
                else:
                    patient_clocks[j] -= hazard
    return total, spells


def floor_block(made: Recipe, stay: float) -> float:
    """Return the seconds a floor run takes, mean over some runs."""
    clinicians, caseload = made.clinicians, made.caseload
    generator = np.random.default_rng(1)
    places = clinicians * caseload
    spent = 0.0
    for _ in range(RUNS):
        arrays = (
            np.array([0.01, 0.02]),
            np.zeros(clinicians, np.int8),
            generator.exponential(size=clinicians),
            np.zeros(places, np.int8),
            generator.exponential(size=places),
            generator.integers(1, int(2 * stay), size=places).astype(np.int32),
        )
        begin = time.perf_counter()
        floor_run(made.weeks, caseload, stay, *arrays)
        spent += time.perf_counter() - begin
    return spent / RUNS


def kernel_block(made: Recipe, first: int) -> float:
    """Return the seconds a kernel run takes (the world is there already), mean over some runs."""
    spent = 0.0
    for replicate in range(first, first + RUNS):
        world = new_world(made, 1, replicate)
        tape = layout.new_tape(made.weeks, made.organisations, len(made.plan))
        begin = time.perf_counter()
        simulate(world, tape)
        spent += time.perf_counter() - begin
    return spent / RUNS


class Idle(mesa.Agent):
    """An agent that does nothing."""

    def nothing(self) -> None:
        """Do nothing."""


def empty_do(agents: int, weeks: int) -> float:
    """Return the seconds `AgentSet.do` takes to call an empty method of each agent every week."""
    model = mesa.Model(rng=1)
    for _ in range(agents):
        Idle(model)
    begin = time.perf_counter()
    for _ in range(weeks):
        model.agents.do("nothing")
    return time.perf_counter() - begin


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds a piece of work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def spells_per_run(made: Recipe) -> float:
    """Return how many patients leave in one run of the model, on average."""
    return statistics.mean(
        float(run_compiled(made, 1, k).series["left_care"].sum()) for k in range(RUNS)
    )


def measure() -> dict[str, float]:
    """Measure all ratios; blocks of the two sides take turns."""
    made = recipe(load("baseline"))
    stay = made.clinicians * made.caseload * made.weeks / spells_per_run(made)
    floor_block(made, stay)
    pairs = [(kernel_block(made, RUNS * k), floor_block(made, stay)) for k in range(BLOCKS)]
    mesa_pairs = []
    for k in range(MESA_BLOCKS):
        mesa_run = timed(lambda k=k: Model(made.scenario, 1, replicate=k).run())
        fast = timed(lambda k=k: [run_compiled(made, 1, k) for _ in range(RUNS)]) / RUNS
        mesa_pairs.append((mesa_run, empty_do(made.agents, made.weeks), fast))
    return {
        "kernel_over_floor": statistics.median(k / f for k, f in pairs),
        "mesa_over_do": statistics.median(m / d for m, d, _ in mesa_pairs),
        "compiled_over_mesa": statistics.median(m / c for m, _, c in mesa_pairs),
        "kernel_ms": 1e3 * statistics.median(k for k, _ in pairs),
        "floor_ms": 1e3 * statistics.median(f for _, f in pairs),
        "mesa_ms": 1e3 * statistics.median(m for m, _, _ in mesa_pairs),
    }


if __name__ == "__main__":
    report(measure, __doc__)
