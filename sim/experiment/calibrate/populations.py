"""Populations of organisations under draws of the rules: as a plan of runs, and simulated.

Run k of draw d is replicate d x size + k, so that no two draws share their luck: what a summary
scatters by chance is then part of what a calibration sees.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import MihError
from sim.experiment.calibrate.arms import POPULATION, WITH_EVENTS, arms, free, sites, with_rules
from sim.experiment.calibrate.organisations import (
    OUTCOMES,
    SERIES,
    Organisations,
    joined,
    organisations_of,
    organisations_of_block,
)
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.runs.columns import OK
from sim.experiment.runs.plan import Plan
from sim.simulate import run


def plan_of(
    arm: str,
    draws: Mapping[str, NDArray[Any]],
    seed: int,
    *,
    first: int = 0,
    size: int = POPULATION,
    weekly: bool = False,
) -> Plan:
    """Return the runs of an arm under some draws of the rules, a population of ``size`` each.

    ``draws`` has a column (draws,) for each parameter; ``first`` is the number of the first draw.
    Where organisations differ each is a point of its own, else a point is a draw.
    """
    count = len(next(iter(draws.values()))) if draws else 1
    differing = sites(arm, size)
    each = size if differing else 1
    points = {name: np.repeat(draws[name], each) for name in free(arm, draws)}
    points |= {name: np.tile(column, count) for name, column in differing.items()}
    return Plan(
        arms()[arm],
        points,
        first * size + np.arange(count * each) * (size // each),
        np.full(count * each, size // each, np.int64),
        seed,
        OUTCOMES,
        weekly=SERIES if weekly else (),
    )


def population(
    arm: str, draw: Mapping[str, Any], number: int, seed: int, *, size: int = POPULATION
) -> Organisations:
    """Return population ``number`` of an arm under a draw of the rules, with all details.

    A pure function of its arguments. Raises MihError if a run gives a number that is none.
    """
    if arm in WITH_EVENTS:
        scenario = with_rules(arm, draw)
        first = number * size
        return organisations_of(
            run(scenario, size, seed, events=True, first_replicate=first, workers=1)
        )
    columns = {name: np.array([value]) for name, value in draw.items()}
    plan = plan_of(arm, columns, seed, first=number, size=size, weekly=True)
    blocks, _ = run_chunk(plan, range(plan.runs))
    if any(np.any(block.status != OK) for block in blocks):
        raise MihError(f"{arm}, population {number}: a run gave a number that is none")
    return joined([organisations_of_block(block) for block in blocks])
