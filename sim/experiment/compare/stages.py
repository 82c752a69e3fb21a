"""A comparison that is kept: a folder of stages, each plan of a stage an ordinary sealed sweep.

::

    comparison.json             what is compared; written once
    stage-01/0-baseline/        the first plan's runs of the first stage, in the store's layout
    stage-01/1-more-leads/      the second plan's
    stage-02/...                more replicates, if a precision is asked for

The next stage is a function of those before it, so the same command goes on where it stopped.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import DriftError
from sim.experiment.compare.comparison import SERIES, Runs
from sim.experiment.compare.paired import Floats
from sim.experiment.doubt.nested import Nested, crossed
from sim.experiment.execute.work import Way, execute
from sim.experiment.progress import Progress, going_on
from sim.experiment.runs.plan import Plan, parameters_of
from sim.experiment.store.encoding import json_bytes, read_json
from sim.experiment.store.files import write_file
from sim.experiment.store.locks import COMPARISON
from sim.experiment.store.stored import Stored, open_result
from sim.outcomes import outcome_names
from sim.scenario import Scenario
from sim.world import recipe


class Stages:
    """Where a kept comparison's runs come from; a `sim.experiment.compare.comparing.Rows`."""

    def __init__(
        self,
        plans: Mapping[str, Scenario],
        seed: int,
        folder: Path,
        *,
        weeks: int | None = None,
        way: Way | None = None,
        progress: Progress | None = None,
        design: Nested | None = None,
    ) -> None:
        """Prepare a folder that this process holds.

        ``way`` is how runs are made; ``progress`` is told how many are there, over all plans. With
        a ``design`` over draws of the rules all its runs are one stage.

        Raises:
            DriftError: the folder holds a comparison of something else.
            DiskError: it cannot be written.

        """
        self.plans = plans
        self.seed = seed
        self.folder = folder
        self.weeks = weeks
        self.way = way or Way()
        self.progress = progress
        self.design = design
        self.stage = 0
        self.done = 0
        _prepare(folder, plans, seed, weeks, design)

    def __call__(self, first_replicate: int, count: int) -> Sequence[Runs]:
        """Return the runs of each plan in the next stage."""
        self.stage += 1
        found = []
        for k, (name, scenario) in enumerate(self.plans.items()):
            plan = self._plan(scenario, first_replicate, count)
            place = self.folder / f"stage-{self.stage:02d}" / f"{k}-{_word(name)}"
            execute(plan, place, self.way, progress=going_on(self.done, self.progress))
            self.done += plan.runs
            found.append(runs_of(open_result(place).complete()))
        return found

    def _plan(self, scenario: Scenario, first_replicate: int, count: int) -> Plan:
        plan = Plan(
            base=scenario,
            points={},
            first_replicate=np.array([first_replicate], np.int64),
            replicates=np.array([count], np.int64),
            seed=self.seed,
            outcomes=outcome_names(recipe(scenario)),
            weeks=self.weeks,
            weekly=SERIES,
        )
        return plan if self.design is None else crossed(plan, self.design)


def runs_of(stored: Stored) -> Runs:
    """Return the runs of a stored point as arrays; null is NaN."""
    plan, names = stored.plan, stored.plan.outcomes
    rows = stored.table("organisations")
    weekly = stored.table("weekly")
    made = plan.recipe(0)

    def column(table: Any, name: str) -> Floats:
        values: Floats = table[name].to_numpy()
        return values

    shape = (plan.runs, made.organisations)
    outcomes = np.stack([column(rows, name).reshape(shape) for name in names], axis=-1)
    series = {
        name: column(weekly, name).reshape(plan.runs, made.weeks)
        if made.weeks
        else np.zeros((plan.runs, 0))
        for name in SERIES
    }
    return Runs(int(plan.first_replicate[0]), made.weeks, names, outcomes, series)


def _prepare(
    folder: Path,
    plans: Mapping[str, Scenario],
    seed: int,
    weeks: int | None,
    design: Nested | None,
) -> None:
    """Write what is compared, or check that it is the same. Raises DriftError, DiskError."""
    wanted = {
        "plans": {name: parameters_of(one) for name, one in plans.items()},
        "scenarios": {name: one.to_toml() for name, one in plans.items()},
        "seed": seed,
        "weeks": weeks,
    }
    if design is not None:
        wanted["posterior"] = design.described()
    found = read_json(folder / COMPARISON)
    if found is None:
        write_file(folder / COMPARISON, json_bytes(wanted))
    elif found != wanted:
        keys = [*wanted, *(key for key in found if key not in wanted)]
        parts = [key for key in keys if found.get(key) != wanted.get(key) and key != "scenarios"]
        raise DriftError(
            f"{folder}: holds another comparison (its {', '.join(parts)} differ); choose another "
            "folder, or --force to move it aside"
        )


def _word(name: str) -> str:
    """Return a plan's name as a part of a folder's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "plan"
