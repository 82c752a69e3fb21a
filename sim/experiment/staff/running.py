"""Where the runs of a search come from: each stage is a sealed sweep in a folder of its own.

::

    asked.json    what is asked; written once
    stage-01/     all plans, a few replicates each, in the store's layout
    stage-02/     ... the plans left, new replicates; the last stage is the fresh one

A stage is a function of those before it, so the same search goes on where it stopped.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.draws import MAX_SEED
from sim.errors import DriftError, InputError
from sim.experiment.doubt.each import each_its_own
from sim.experiment.execute.work import Way, execute
from sim.experiment.points_summary import run_values
from sim.experiment.progress import Progress, going_on
from sim.experiment.runs.plan import Plan
from sim.experiment.staff.question import Question
from sim.experiment.staff.ranking import Floats, Ints, Sample
from sim.experiment.store.encoding import json_bytes, read_json
from sim.experiment.store.files import write_file
from sim.experiment.store.stored import Stored, open_result
from sim.experiment.sweep import refuse_failed

ASKED = "asked.json"


class Stages:
    """The runs of a search in a folder that this process holds; a `search.Simulate`."""

    def __init__(
        self, question: Question, folder: Path, way: Way, progress: Progress | None
    ) -> None:
        """Prepare the folder. Raises DriftError if it holds another search, DiskError."""
        self.question = question
        self.folder = folder
        self.way = way
        self.progress = progress
        self.results: list[str] = []
        self.done = 0
        wanted, found = question.as_json(), read_json(folder / ASKED)
        if found is None:
            write_file(folder / ASKED, json_bytes(wanted))
        elif found != wanted:
            parts = [key for key in wanted if found.get(key) != wanted[key]]
            raise DriftError(
                f"{folder}: holds another search (its {', '.join(parts)} differ); choose another "
                "folder, or --force to move it aside"
            )

    def __call__(self, plans: Ints, first_replicate: int, count: int) -> Sample:
        """Return the runs of some plans, running what the stage's folder lacks."""
        stage = len(self.results) + 1
        plan = plan_of(self.question, plans, first_replicate, count, stage)
        place = self.folder / f"stage-{stage:02d}"
        refuse_failed(execute(plan, place, self.way, progress=going_on(self.done, self.progress)))
        stored = open_result(place).complete()
        self.results.append(stored.result or "")
        self.done += plan.runs
        return sample_of(self.question, stored, count)


def plan_of(question: Question, plans: Ints, first_replicate: int, count: int, stage: int) -> Plan:
    """Return the plan of a stage: every plan runs the same replicates, so all share their luck.

    With a posterior each replicate has a draw of the rules of its own, the same for all plans.
    """
    columns = {key: column[plans] for key, column in question.space.columns.items()}
    draws = _draws(question, count, stage)
    columns, first, many = each_its_own(columns, len(plans), draws, first_replicate)
    return Plan(
        base=question.scenario,
        points=columns,
        first_replicate=first,
        replicates=many,
        seed=question.seed,
        outcomes=outcomes_of(question),
        weeks=question.by,
        command=("mih", "staff", question.scenario.name),
    )


def sample_of(question: Question, stored: Stored, count: int) -> Sample:
    """Return the stored runs of a stage as a sample. Raises InputError for an undefined target."""
    size = int(stored.plan.whole("organisations")[0])
    values = {
        name: np.ascontiguousarray(run_values(stored, name).reshape(-1, count).T)
        for name in outcomes_of(question)
    }
    rows = stored.table("organisations")[question.target.outcome].to_numpy()
    return gathered(question, values, np.asarray(rows, float).reshape(-1, count, size))


def outcomes_of(question: Question) -> tuple[str, ...]:
    """Return the outcomes that a search looks at."""
    return tuple(dict.fromkeys((question.target.outcome, "stopped", "cost")))


def gathered(question: Question, values: Mapping[str, Floats], rows: Floats) -> Sample:
    """Return runs as a sample. Raises InputError for an undefined target.

    ``values``: of each outcome, (replicates, plans); a time counts never as the horizon. ``rows``:
    the target's outcome in each organisation, (plans, replicates, organisations).
    """
    target = question.target
    uptake = values[target.outcome]
    if not np.isfinite(uptake).all():
        raise InputError(
            f"target: {target.outcome} is undefined in some runs (by week {question.by}), so its "
            "mean says nothing; choose another outcome, or a later week with --by"
        )
    return Sample(
        cost=values["cost"],
        met=np.ascontiguousarray(target.met(rows).mean(axis=2).T),
        uptake=uptake if target.sign == ">=" else -uptake,
        stopped=values["stopped"],
    )


def _draws(question: Question, count: int, stage: int) -> list[dict[str, Any]]:
    """Return the rules of each replicate of a stage, {} for those of the scenario."""
    if question.posterior is None:
        return [{}] * count
    return question.posterior.equal(count, (question.seed + stage) % (MAX_SEED + 1))
