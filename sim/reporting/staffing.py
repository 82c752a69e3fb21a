"""A folder of ``mih staff``, read for a report; nothing is run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.experiment.doubt.each import Kept
from sim.experiment.staff.found import RESULT, Staffing
from sim.experiment.staff.question import Question, checked
from sim.experiment.staff.ranking import Ints, Sample
from sim.experiment.staff.running import ASKED, outcomes_of, sample_of
from sim.experiment.staff.space import level_in_words
from sim.experiment.staff.staffing import searched
from sim.experiment.store.encoding import read_json
from sim.experiment.store.stored import Stored, open_result
from sim.reporting.material import file_of, named_by


def read_staffing(folder: Path) -> tuple[Staffing, Stored]:
    """Return a search and its fresh runs.

    Raises InputError for one that is not finished or that this version would make otherwise,
    IncompleteError and DamagedError as `Stored.complete` and `open_result` do.
    """
    if not (folder / RESULT).exists():
        raise InputError(f"{folder}: the search is not finished; run the same mih staff again")
    asked: Mapping[str, Any] = read_json(folder / ASKED) or {}
    question = _question(asked, open_result(folder / "stage-01").complete())
    stages = _Stages(question, folder)
    found = searched(question, stages)
    last = stages.stored[-1]
    return replace(found, result=last.result or ""), last


def staffing_command(found: Staffing) -> list[str]:
    """Return the command that makes the search of the scenario's file."""
    asked = found.question
    words = ["mih", "staff", file_of(asked.scenario.name), "--target", asked.target.exact]
    words += ["--by", str(asked.by), "--confidence", f"{asked.aim.confidence:g}"]
    words += [] if asked.aim.budget is None else ["--budget", f"{asked.aim.budget!r}"]
    words += ["-n", str(asked.replicates), "--seed", str(asked.seed)]
    for one in asked.space.levers:
        words += ["--vary", f"{one.name}={','.join(map(level_in_words, one.levels))}"]
    drawn = asked.posterior
    return words if drawn is None else [*words, "--posterior", named_by(drawn.id)]


def _question(asked: Mapping[str, Any], first: Stored) -> Question:
    """Return what was asked; ``first`` are the runs of the first stage."""
    question = checked(
        first.plan.base, asked["target"], asked["by"], asked["confidence"], asked["budget"],
        asked["replicates"], asked["seed"], asked["levers"], None,
    )  # fmt: skip
    if (drawn := asked["posterior"]) is None:
        return question
    levers = [one.name for one in question.space.levers]
    rules = tuple(name for name in first.plan.points if name not in levers)
    return replace(question, posterior=Kept(drawn, rules, first.plan))


class _Stages:
    """The runs of a search that are kept; a `sim.experiment.staff.search.Simulate`."""

    def __init__(self, question: Question, folder: Path) -> None:
        self.question = question
        self.folder = folder
        self.stored: list[Stored] = []

    def __call__(self, plans: Ints, first_replicate: int, count: int) -> Sample:
        """Return the kept runs of some plans. Raises InputError if others were kept."""
        place = self.folder / f"stage-{len(self.stored) + 1:02d}"
        stored = open_result(place).complete()
        plan, question = stored.plan, self.question
        each = plan.count // len(plans)  # under draws of the rules each run is a point
        same = (
            plan.count == each * len(plans)
            and plan.runs == count * len(plans)
            and plan.first_replicate[0] == first_replicate
            and plan.outcomes == outcomes_of(question)
            and plan.base == question.scenario
            and all(
                np.array_equal(plan.points[name], np.repeat(column[plans], each))
                for name, column in question.space.columns.items()
            )
        )
        if not same:
            raise InputError(
                f"{place}: searched by another version of the package; run mih staff again"
            )
        self.stored.append(stored)
        return sample_of(question, stored, count)
