"""The runs of a sensitivity analysis that is kept: a folder of stages, each a sealed sweep.

::

    question.json       what is asked, as far as it decides runs; written once
    pilot/              the runs that tell how many replicates are best
    scramble-00/, ...   the scrambles, each with its runs that part the chance
    ranges-0.5/, ...    the same over other ranges
    sensitivity.json, tables/, figures/

The next stage is a function of those before it, so the same command goes on where it stopped.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from sim.errors import DriftError, IncompleteError, InputError
from sim.experiment.execute.work import Report, Way, checked_way, execute
from sim.experiment.progress import Progress
from sim.experiment.runs.plan import Plan, described
from sim.experiment.sensitivity.design import PILOT, Design
from sim.experiment.sensitivity.piloted import Piloted
from sim.experiment.sensitivity.question import Question
from sim.experiment.sensitivity.split import split_of
from sim.experiment.sensitivity.study import columns_of
from sim.experiment.store.encoding import DamagedError, differences, json_bytes, read_json
from sim.experiment.store.files import write_once
from sim.experiment.store.locks import QUESTION, claim

PILOT_FOLDER = "pilot"


class SharesMissingError(IncompleteError):
    """The share of this shard is done; what comes next needs those of the others."""

    exit_code: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """What is known before the main run.

    ``seconds`` that a run of the pilot took, None if it was there already or there was none.
    """

    question: Question
    replicates: int
    pilot: Piloted | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told what goes on: the progress of so many runs, and the plan before the main run."""

    bar: Callable[[int], AbstractContextManager[Progress]] = lambda _: nullcontext(lambda __: None)
    planned: Callable[[Planned], None] = lambda _: None


def plan_of(question: Question, design: Design) -> Plan:
    """Return the plan of a scramble or of the pilot, the runs that part the chance after it.

    A line of these is a point for each of its replicates, since each holds other organisations.
    """
    study, pilot = question.study, design.scramble == PILOT
    columns = columns_of(study.base, design.columns())
    first, count = design.first_replicate, np.full(len(design.points), design.replicates, np.int64)
    between = None
    if question.split and not pilot:
        parted, each = split_of(design, question.split), np.arange(design.replicates)
        again = np.repeat(np.arange(question.split), design.replicates)
        columns = {name: np.concatenate([one, one[again]]) for name, one in columns.items()}
        own = np.full(len(first), -1, np.int64)
        between = np.concatenate([own, (parted.first_between[:, None] + each).ravel()])
        first = np.concatenate([first, (parted.first_replicate[:, None] + each).ravel()])
        count = np.concatenate([count, np.ones(len(again), np.int64)])
    return Plan(
        base=study.base,
        points=columns,
        first_replicate=first,
        replicates=count,
        seed=study.seed,
        outcomes=study.outcomes,
        weekly=() if pilot else study.weekly,
        weekly_every=1 if pilot else study.weekly_every,
        between=between,
        study=described(study),
        command=("mih", "sensitivity", study.name),
    )


def stage_name(scramble: int) -> str:
    """Return the folder of a scramble within that of the analysis."""
    return PILOT_FOLDER if scramble == PILOT else f"scramble-{scramble:02d}"


def range_name(question: Question) -> str:
    """Return the folder of an analysis over ranges of another width."""
    return f"ranges-{question.width:g}"


def run_stage(
    question: Question,
    design: Design,
    folder: Path,
    way: Way,
    progress: Progress | None,
    *,
    accept_drift: bool = False,
) -> Report:
    """Run what a stage lacks.

    Raises IncompleteError if runs failed, naming them with their inputs; else as
    `sim.experiment.execute.work.execute` does.
    """
    place = folder / stage_name(design.scramble)
    plan = plan_of(question, design)
    report = execute(plan, place, way, accept_drift=accept_drift, progress=progress)
    refuse_failed(plan, place, [*report.failed, *report.lost])
    return report


def refuse_failed(plan: Plan, place: Path, failed: list[tuple[int, int, str]]) -> None:
    """Raise IncompleteError naming failed runs and their inputs, if there are any.

    An analysis without them would be one of another design.
    """
    if failed:
        head = f"{place}: {len(failed):,} of {plan.runs:,} runs failed, and none may be left out:"
        lines = [f"  {run_in_words(plan, point, k)}: {status}" for point, k, status in failed[:10]]
        more = [f"  and {len(failed) - 10:,} more"] if len(failed) > 10 else []
        raise IncompleteError("\n".join([head, *lines, *more]))


def run_in_words(plan: Plan, point: int, replicate: int) -> str:
    """Return which run it is, with its inputs."""
    values = (f"{name} = {_short(column[point].item())}" for name, column in plan.points.items())
    return f"point {point}, replicate {replicate} ({', '.join(values)})"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextmanager
def held(
    folder: Path, wanted: dict[str, Any], plan: Plan, way: Way, *, force: bool, accept_drift: bool
) -> Iterator[Path]:
    """Hold the folder of an analysis for a process, or for the shards of one analysis together.

    ``wanted`` is what decides its runs, ``plan`` that of some of them. ``force`` moves what is
    there to ``<folder>.old-N``; ``accept_drift`` does so only if it was begun by another question.

    Raises:
        InputError: it holds something else, or cannot be a folder.
        BusyError: another process is at it.
        DriftError: it was begun by another question.
        DiskError: it cannot be written.

    """
    checked_way(way, plan)  # before anything is moved
    if accept_drift and not force:
        begun = _begun(folder)
        force = begun is not None and begun != wanted
    with claim(folder, force=force, resume=QUESTION, shard=way.shard):
        try:
            _begin(folder, wanted)
            yield folder
        except BaseException:
            _unsay(folder, way)
            raise


def _begin(folder: Path, wanted: dict[str, Any]) -> None:
    """Write what is asked, or check that it is the same. Raises DriftError, DiskError."""
    if _begun(folder) is None:
        write_once(folder / QUESTION, json_bytes(wanted))
    begun = _begun(folder) or {}
    if begun != wanted:
        listed = "; ".join(_difference(*one) for one in differences(begun, wanted))
        raise DriftError(
            f"{folder}: begun by another question ({listed}); choose another folder, or "
            "--force or --accept-drift to begin anew"
        )


def _unsay(folder: Path, way: Way) -> None:
    """Take the question back if nothing was run and no other shard relies on it."""
    with suppress(OSError):
        names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        if way.shard[1] == 1 and names == [QUESTION]:
            (folder / QUESTION).unlink()


def _begun(folder: Path) -> dict[str, Any] | None:
    """Return what a folder was begun with. Raises InputError for one that holds something else."""
    try:
        return read_json(folder / QUESTION)
    except DamagedError as error:
        raise InputError(f"{folder / QUESTION}: damaged; --force moves the folder aside") from error


def _difference(name: str, was: Any, now: Any) -> str:
    shown = f": was {was}, now {now}" if len(f"{was}{now}") < 60 else " differs"
    return f"{name.removeprefix('parameters.')}{shown}"
