"""``sim.staff``: the cheapest staffing that reaches a target, from a scenario to an answer."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.experiment.doubt.source import Given
from sim.experiment.execute.work import Way
from sim.experiment.progress import Progress
from sim.experiment.staff.found import RESULT, Staffing
from sim.experiment.staff.judging import judge
from sim.experiment.staff.question import Question, checked
from sim.experiment.staff.running import ASKED, Stages
from sim.experiment.staff.search import Simulate, search
from sim.experiment.store.encoding import json_bytes
from sim.experiment.store.files import write_file
from sim.experiment.store.locks import claim
from sim.scenario import Scenario


def staff(
    scenario: Scenario | str | Path,
    target: str,
    by: int,
    *,
    confidence: float = 0.8,
    budget: float | None = None,
    replicates: int = 400,
    seed: int = 1,
    vary: Mapping[str, Sequence[Any]] | None = None,
    posterior: Given | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
    **way: Any,
) -> Staffing:
    """Return the cheapest staffing of a scenario that reaches a target by a week.

    All combinations of levels of the levers are screened in stages on common seeds; the finalists
    are run again on fresh ones (`sim.experiment.staff.search`), and judged by these alone
    (`sim.experiment.staff.judging`). The result depends on these arguments alone.

    Args:
        scenario: a scenario, the path of a scenario file or the name of a shipped one.
        target: what has to be reached, as in "adoption>=0.5" or "go_live_week<=40".
        by: the week at which the target and the cost are looked at; the horizon of all runs.
        confidence: the chance with which the target has to be reached, between 0 and 1.
        budget: what a plan may cost on average until then, in the scenario's currency, over all
            organisations' mean; None = any.
        replicates: fresh runs of each finalist.
        seed: 0 .. 2^63 - 1.
        vary: levels of levers by name, instead of the usual ones; "own" is the scenario's level,
            which is always there (`sim.experiment.staff.space`).
        posterior: draws of the rules (`Posterior`, a file of ``mih calibrate``, or "shipped"): each
            replicate has its own, so the chance covers what is not known of the rules.
        out: the folder that keeps the runs; the same call goes on where it stopped. None = keep
            nothing but what is returned.
        force: move an existing folder aside and begin anew.
        progress: called with the number of runs finished so far.
        **way: ``workers``, ``timeout``, ``dask``, ``allow_large``, see
            `sim.experiment.execute.work.Way`.

    Raises:
        InputError: a scenario or an option that cannot be; a target that is undefined in some run;
            a folder that holds something else.
        IncompleteError: runs failed.
        BusyError, DriftError, TooLargeError, DiskError: see `sim.experiment.execute.work.execute`.

    """
    question = checked(
        scenario, target, by, confidence, budget, replicates, seed, vary or {}, posterior
    )
    return answer(question, out, Way(**way), force=force, progress=progress)


def answer(
    question: Question,
    out: str | Path | None,
    way: Way,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Staffing:
    """Run what a folder lacks of the answer to a question, and return it; see `staff`."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
            return answer(question, Path(place) / "staff", way, progress=progress)
    with claim(Path(out), force=force, resume=ASKED) as folder:
        stages = Stages(question, folder, way, progress)
        staffing = replace(searched(question, stages), result=stages.results[-1])
        write_file(folder / RESULT, json_bytes(staffing.as_json()))
        table = staffing.frame().to_csv(index=False, lineterminator="\n")
        write_file(folder / "tables" / "staff.csv", table.encode())
    return staffing


def searched(question: Question, simulate: Simulate) -> Staffing:
    """Return the answer to a question, with runs from ``simulate``; it names no result yet."""
    aim, space = question.aim, question.space
    found = search(simulate, space.count, space.own, aim, question.replicates, question.seed)
    verdict = judge(found.sample, aim, question.seed)
    return Staffing(question, tuple(found.finalists.tolist()), verdict, "")
