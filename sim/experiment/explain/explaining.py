"""``sim.explain``: how much each barrier of a scenario costs, from its file to tables."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.experiment.compare.paired import Floats, extreme_of
from sim.experiment.doubt.source import Given
from sim.experiment.execute.work import Way, execute
from sim.experiment.explain.barriers import DEFINITIONS
from sim.experiment.explain.costs import costs_of
from sim.experiment.explain.explanation import RESULT, Explanation, way_of
from sim.experiment.explain.ledger import PhaseLedger, ledger_of
from sim.experiment.explain.question import Question, checked
from sim.experiment.explain.tables import tables_of
from sim.experiment.points_summary import run_values
from sim.experiment.progress import Progress
from sim.experiment.store.encoding import json_bytes
from sim.experiment.store.files import write_file
from sim.experiment.store.stored import Stored, open_result
from sim.experiment.sweep import refuse_failed
from sim.outcomes import kind_and_unit
from sim.scenario import Scenario


def explain(
    scenario: Scenario | str | Path,
    replicates: int = 100,
    seed: int = 1,
    *,
    outcome: str = "adoption",
    weeks: int | None = None,
    posterior: Given | None = None,
    out: str | Path | None = None,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
    **way: Any,
) -> Explanation:
    """Return how much of an outcome each barrier costs, and where the weeks of phases go.

    Every combination of the barriers that the scenario has is run with each of them moved to what
    is attainable, all on the same seeds; what the barriers cost together is shared out by their
    Shapley values, run by run. The result depends on the scenario and these arguments alone.

    Args:
        scenario: a scenario, the path of a scenario file or the name of a shipped one.
        replicates: runs of each combination.
        seed: 0 .. 2^63 - 1.
        outcome: the outcome to explain.
        weeks: horizon instead of the scenario's.
        posterior: draws of the rules (`Posterior`, a file of ``mih calibrate``, or "shipped"): each
            run has one of its own, so intervals also hold what is not known of the rules.
        out: the folder that keeps the runs, a sealed sweep with ``explain.json`` and ``tables``
            beside it; the same call goes on where it stopped, and another outcome is explained
            without running anything. None = keep nothing but what is returned.
        force: move an existing folder aside and begin anew.
        accept_drift: do so only if it was begun by another plan, code or machine.
        progress: called with the number of runs finished so far.
        **way: ``workers``, ``timeout``, ``dask``, ``allow_large``, see
            `sim.experiment.execute.work.Way`.

    Raises:
        InputError: a scenario or an option that cannot be; an outcome that is undefined in some
            run; a folder that holds something else.
        IncompleteError: runs failed.
        BusyError, DriftError, TooLargeError, DiskError: see `sim.experiment.execute.work.execute`.

    """
    question = checked(scenario, outcome, replicates, seed, weeks, posterior)
    return answer(
        question, out, Way(**way), force=force, accept_drift=accept_drift, progress=progress
    )


def answer(
    question: Question,
    out: str | Path | None,
    way: Way,
    *,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
) -> Explanation:
    """Run what a folder lacks of the answer to a question, and return it; see `explain`."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
            return answer(question, Path(place) / "explain", way, progress=progress)
    folder = Path(out)
    report = execute(
        question.plan, folder, way, force=force, accept_drift=accept_drift, progress=progress
    )
    refuse_failed(report)
    found = explained(question, open_result(folder).complete())
    write_file(folder / RESULT, json_bytes(found.as_json()))
    for name, data in tables_of(found).items():
        write_file(folder / "tables" / f"{name}.csv", data)
    return found


def explained(
    question: Question, stored: Stored, ledger: tuple[PhaseLedger, ...] | None = None
) -> Explanation:
    """Return what the runs of a question's plan say. Raises InputError as `explain` does.

    A ``ledger`` that was kept is taken as it is; without one its runs are made again.
    """
    runs = run_values(stored, question.outcome)  # combination by combination
    values = np.ascontiguousarray(runs.reshape(-1, question.replicates).T)
    return explained_by(question, values, stored.result or "", ledger)


def explained_by(
    question: Question,
    values: Floats,
    result: str = "",
    ledger: tuple[PhaseLedger, ...] | None = None,
) -> Explanation:
    """Return what the outcome in each run says.

    Args:
        question: what is asked.
        values: the outcome, shape (replicates, ``question.points``); never as the horizon.
        result: the id of the sealed runs, if they were kept.
        ledger: one that was kept; without it its runs are made again.

    Raises:
        InputError: the outcome is undefined in some run.

    """
    _refuse_undefined(question, values)
    kind, _ = kind_and_unit(question.outcome)
    extreme = extreme_of(kind, int(question.plan.whole("weeks").max(initial=0)), values)
    costs = {
        one: costs_of(
            question.barriers[one],
            values[:, question.coalitions(one)],
            way_of(question.outcome),
            extreme,
            question.seed,
        )
        for one in DEFINITIONS
    }
    if ledger is None:
        ledger = ledger_of(question.scenario, question.draws, question.seed, question.weeks)
    return Explanation(question, costs, ledger, question.plan.runs, result)


def _refuse_undefined(question: Question, values: Floats) -> None:
    undefined = np.argwhere(~np.isfinite(values.T))
    if len(undefined):
        point, replicate = undefined[0]
        raise InputError(
            f"outcome: {question.outcome} cannot be shared out, since it is undefined in "
            f"{len(undefined):,} of {values.size:,} runs; the first is replicate {replicate} of "
            f"combination {point}; choose another with --outcome"
        )
