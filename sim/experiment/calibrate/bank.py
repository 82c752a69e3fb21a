"""A bank: draws of some rules from their priors, with what the model gives under each.

Runs go through the sweep store, an arm a folder, so that a bank that was interrupted goes on where
it stopped, and nothing in it depends on who made it. Only the arms of fitted targets are run, and
only outcomes are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.calibrate.arms import POPULATION, quantiles, unit_points
from sim.experiment.calibrate.organisations import OUTCOMES, Floats, Organisations
from sim.experiment.calibrate.populations import plan_of
from sim.experiment.calibrate.summaries import SUMMARIES, summaries
from sim.experiment.calibrate.targets import FIT, targets
from sim.experiment.execute.work import Way, execute
from sim.experiment.progress import Progress, going_on
from sim.experiment.runs.plan import Plan
from sim.experiment.store.stored import Stored, open_result

PURPOSE = "calibration: bank"


def fitted() -> tuple[str, ...]:
    """Return the fitted targets that a bank can speak of: they need no weekly series."""
    return tuple(
        one.name for one in targets() if one.use == FIT and not SUMMARIES[one.name].detailed
    )


def banked_arms() -> tuple[str, ...]:
    """Return the arms that the fitted targets need."""
    return tuple(dict.fromkeys(arm for name in fitted() for arm in SUMMARIES[name].arms))


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Draws and what came out.

    ``places`` (draws, parameters): where each value stands in its prior, 0 to 1; ``values``: the
    same on the registry's scales. ``found`` (draws, summaries): NaN where a summary is undefined.
    """

    parameters: tuple[str, ...]
    summaries: tuple[str, ...]
    places: Floats
    values: Floats
    found: Floats

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(self.places)


@dataclass(frozen=True)
class Asked:
    """What a bank is of: ``count`` draws of ``parameters``, ``size`` organisations of each arm."""

    parameters: tuple[str, ...]
    count: int
    seed: int
    size: int = POPULATION

    @cached_property
    def places(self) -> Floats:
        """Where the draws stand in the priors, (draws, parameters): a scrambled Sobol' sequence."""
        return unit_points(len(self.parameters), self.count, self.seed, PURPOSE)

    @cached_property
    def draws(self) -> dict[str, NDArray[Any]]:
        """The values of the draws, a column for each parameter."""
        return quantiles(self.parameters, self.count, self.seed, PURPOSE)

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The runs of each arm."""
        return {arm: plan_of(arm, self.draws, self.seed, size=self.size) for arm in banked_arms()}


def made_bank(
    asked: Asked,
    folder: Path,
    way: Way,
    *,
    progress: Progress | None = None,
    accept_drift: bool = False,
) -> Bank | None:
    """Run what a folder lacks of a bank and return it; None while other shards are at theirs.

    Raises what `sim.experiment.execute.work.execute` does, and IncompleteError for failed runs.
    """
    before = 0
    for arm, plan in asked.plans.items():
        told = going_on(before, progress)
        report = execute(plan, folder / arm, way, progress=told, accept_drift=accept_drift)
        if report.result is None:
            return None
        before += plan.runs
    return read_bank(asked, folder)


def read_bank(asked: Asked, folder: Path) -> Bank:
    """Return a bank from its stored runs. Raises IncompleteError if some are missing or failed."""
    runs = {arm: open_result(folder / arm).complete() for arm in banked_arms()}
    kept = [_drawn(stored, asked) for stored in runs.values()]
    rows = []
    for parts in zip(*kept, strict=True):
        found = summaries(dict(zip(runs, parts, strict=True)))
        rows.append([found[name] for name in fitted()])
    values = np.stack([np.asarray(column, float) for column in asked.draws.values()], axis=1)
    return Bank(asked.parameters, fitted(), asked.places, values, np.array(rows))


def _drawn(stored: Stored, asked: Asked) -> Iterator[Organisations]:
    """Yield the organisations of an arm, draw by draw."""
    table = stored.table("organisations")
    columns = {name: table[name].to_numpy() for name in OUTCOMES}
    for draw in range(asked.count):
        part = slice(draw * asked.size, (draw + 1) * asked.size)
        yield Organisations({name: values[part] for name, values in columns.items()})
