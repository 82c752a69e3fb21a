"""``sim.sensitivity``: what drives the outcomes of a study, from its file to tables."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.errors import IncompleteError
from sim.experiment.design.study import Study, load_study
from sim.experiment.execute.work import Way
from sim.experiment.progress import Progress
from sim.experiment.runs.plan import Plan
from sim.experiment.sensitivity.contract import RESULT
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.found import Sensitivity
from sim.experiment.sensitivity.question import SCRAMBLES, SPLIT, Question, checked
from sim.experiment.sensitivity.sequence import analysed
from sim.experiment.sensitivity.stages import (
    Watch,
    held,
    plan_of,
    range_name,
    run_stage,
    stage_name,
)
from sim.experiment.sensitivity.tables import tables_of
from sim.experiment.store.encoding import json_bytes
from sim.experiment.store.files import write_file
from sim.experiment.store.stored import Stored, open_result


def sensitivity(
    study: Study | str | Path,
    out: str | Path | None = None,
    *,
    points: int | None = None,
    scrambles: int = SCRAMBLES,
    replicates: int | None = None,
    target: str | None = None,
    until: str | None = None,
    budget: int | None = None,
    second_order: bool = False,
    spread: bool = False,
    split: int = SPLIT,
    ranges: Sequence[float] = (),
    force: bool = False,
    accept_drift: bool = False,
    watch: Watch | None = None,
    **way: Any,
) -> Sensitivity:
    """Return which factors of a study drive its outcomes, and how much is chance.

    A pilot finds the number of replicates; then come independent scrambles of Sobol' points. Every
    stage is a sealed sweep, so calling it again with the same folder goes on where it stopped, and
    with more ``scrambles`` or another ``target`` only what is missing is run. The result depends on
    the study and these arguments alone: not on workers, shards or interruptions.

    Args:
        study: a study of design "sobol", the path of its file or a shipped name. The first of its
            outcomes is the headline; its replicates are not used.
        out: the folder that keeps the runs; None = keep nothing but what is returned.
        points: lines of a scramble, a power of two; by default the study's.
        scrambles: how many; intervals are over these.
        replicates: of each point; by default what the pilot finds best. Given, there is no pilot.
        target: also explain the chance of reaching it, as in "adoption>=0.5".
        until: "screening", "ranking" or "values": add scrambles until this light of the headline
            outcome is green, or the budget ends.
        budget: most runs for that, those over other ``ranges`` not counted; by default those of the
            pilot and of four times the first scrambles.
        second_order: also what pairs of factors do together.
        spread: also what drives the unpredictability; takes four replicates or more.
        split: lines of each scramble on which chance is parted into what lies between
            organisations and what happens within them; 0 = none.
        ranges: widths, such as (0.5, 2.0): all is done again over ranges so many times as wide, to
            see whether the ranking rests on them.
        force: move an existing folder aside and begin anew.
        accept_drift: do so only with what was begun by another question, code or machine.
        watch: who is told what goes on.
        **way: ``workers``, ``shard``, ``dask``, ``timeout``, ``allow_large``, see
            `sim.experiment.execute.work.Way`.

    Raises:
        InputError: a study or an option that cannot be; outcomes that are undefined in some run,
            or the same in all; a folder that holds something else.
        IncompleteError: runs failed; they are named with their inputs.
        SharesMissingError: the share of this shard is done, those of others are not.
        BusyError, DriftError, TooLargeError, DiskError: see `sim.experiment.execute.work.execute`.

    """
    question = checked(
        study if isinstance(study, Study) else load_study(study),
        points=points, scrambles=scrambles, replicates=replicates, target=target, until=until,
        budget=budget, second_order=second_order, spread=spread, split=split, ranges=ranges,
    )  # fmt: skip
    return answer(question, out, Way(**way), watch, force=force, accept_drift=accept_drift)


def answer(
    question: Question,
    out: str | Path | None,
    way: Way,
    watch: Watch | None = None,
    *,
    force: bool = False,
    accept_drift: bool = False,
) -> Sensitivity:
    """Run what a folder lacks of the answer to a question, and return it; see `sensitivity`."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
            return answer(question, Path(place) / "sensitivity", way, watch)

    def stage(
        asked: Question, design: Design, place: Path, progress: Progress | None
    ) -> Stored | None:
        report = run_stage(asked, design, place, way, progress, accept_drift=accept_drift)
        return open_result(report.folder) if report.result is not None else None

    wanted, some = question.decides(), plan_of(question, question.pilot)
    with held(Path(out), wanted, some, way, force=force, accept_drift=accept_drift) as folder:
        found = analysed(question, folder, stage, watch or Watch())
        for name, data in files_of(found).items():
            write_file(folder / name, data)
    return found


def files_of(found: Sensitivity, head: str = "") -> dict[str, bytes]:
    """Return what is kept of an analysis besides its runs: content by name within its folder."""
    files = {f"{head}{RESULT}": json_bytes(found.as_json())}
    files |= {f"{head}tables/{name}.csv": data for name, data in tables_of(found).items()}
    for one in found.ranges:
        files |= files_of(one, f"{head}{range_name(one.question)}/")
    return files


def stored_stage(
    question: Question, design: Design, place: Path, progress: Progress | None
) -> Stored:
    """Return a stage that is there, sealed, checking every file; nothing is run.

    Raises IncompleteError for one that is not there or not whole.
    """
    folder = place / stage_name(design.scramble)
    if not folder.is_dir():
        raise IncompleteError(f"{folder}: is not there")
    stored = open_result(folder).complete()
    plan: Plan = plan_of(question, design)
    if not stored.sealed or stored.plan.hash != plan.hash:
        raise IncompleteError(f"{folder}: not the sealed runs of this study and these options")
    return stored
