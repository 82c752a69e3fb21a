"""Stored runs of a scramble as arrays, straight from Arrow; what cannot be explained is refused."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.compare.target import Target
from sim.experiment.runs.plan import Plan
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.gates import arrange
from sim.experiment.sensitivity.stages import refuse_failed, run_in_words
from sim.experiment.sensitivity.study import points_of
from sim.experiment.store.stored import Stored


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The runs of a scramble.

    ``y`` (rows, replicates, outcomes) are those of the design, ``again`` (lines, replicates,
    outcomes) those that part the chance, None without; ``weekly`` (rows, replicates, weeks, series)
    and ``weeks``, the numbers of these (1 = the first), are None and empty if not kept.
    """

    y: Floats
    again: Floats | None
    weekly: Floats | None
    weeks: NDArray[np.int64]


def read_runs(stored: Stored, design: Design, target: Target | None, split: int) -> Read:
    """Return the runs of a sealed scramble: its plan's outcomes, then the target's.

    A time is the restricted mean: never counts as the horizon.

    Raises:
        IncompleteError: runs failed or are missing.
        InputError: runs of another design, and outcomes that are undefined in some run.
        DamagedError: a file is not what was written.

    """
    plan, runs = stored.plan, _sound_runs(stored)
    table = _values(stored, runs, target)
    point, replicate = runs["point"].to_numpy(), runs["replicate"].to_numpy()
    rows = len(design.points) * design.replicates
    inputs = points_of(design.factors, plan.points)[point]
    y = arrange(design, inputs[:rows], replicate[:rows], table[:rows])
    again = None
    if split:
        _same_points(design, inputs[rows:], split)
        again = table[rows:].reshape(split, design.replicates, -1)
    weekly, weeks = _weekly(stored, plan, design) if plan.weekly else (None, np.zeros(0, np.int64))
    return Read(y, again, weekly, weeks)


def values_of(stored: Stored, target: Target | None) -> Floats:
    """Return the outcomes of all runs (runs, outcomes), the target's last; see `read_runs`."""
    return _values(stored, _sound_runs(stored), target)


def _sound_runs(stored: Stored) -> Any:
    """Return the table of runs, all there and none failed; raise IncompleteError else."""
    refuse_failed(stored.plan, stored.folder, stored.failed)
    return stored.complete().table("runs")


def _values(stored: Stored, runs: Any, target: Target | None) -> Floats:
    plan = stored.plan
    values = [_column(runs, name, plan, stored) for name in plan.outcomes]
    if target is not None:
        values.append(_met(stored, plan, target))
    return np.stack(values, axis=1)


def _column(table: Any, name: str, plan: Plan, stored: Stored) -> Floats:
    """Return a column without nulls; raise InputError naming the first run that has one."""
    column = table[name]
    if column.null_count:
        at = int(np.argmax(np.asarray(column.is_null())))
        which = run_in_words(plan, table["point"][at].as_py(), table["replicate"][at].as_py())
        raise InputError(
            f"{name}: cannot be decomposed, since it is undefined in {column.null_count:,} of "
            f"{len(column):,} rows of {stored.folder}; the first is {which}; leave it out of the "
            "study's outcomes or weekly series"
        )
    values: Floats = column.to_numpy()
    return values


def _met(stored: Stored, plan: Plan, target: Target) -> Floats:
    """Return the share of each run's organisations that meet a target."""
    count = np.repeat(plan.whole("organisations"), plan.replicates)
    met = target.met(stored.table("organisations")[target.outcome].to_numpy())
    ends = np.concatenate([[0.0], np.cumsum(met)])[np.concatenate([[0], np.cumsum(count)])]
    return np.asarray(np.diff(ends) / count)


def _same_points(design: Design, inputs: Floats, split: int) -> None:
    """Raise InputError unless the runs that part the chance are at the points of their lines."""
    if not np.array_equal(inputs, np.repeat(design.points[:split], design.replicates, axis=0)):
        raise InputError("runs: those that part the chance belong to another design")


def _weekly(stored: Stored, plan: Plan, design: Design) -> tuple[Floats, NDArray[np.int64]]:
    """Return the weekly series of the design's runs, of whichever weeks are stored."""
    rows = len(design.points) * design.replicates
    found, weeks = np.empty((0, 0, 0)), np.zeros(0, np.int64)
    for chunk in stored.chunks:  # one at a time: all of them take four times the series' memory
        numbers = plan.chunk_range(chunk)
        table = replace(stored, chunks=[chunk]).table("weekly")
        week = table["week"].to_numpy().reshape(len(numbers), -1)
        if numbers.start == 0:
            weeks = week[0].astype(np.int64)
            found = np.empty((rows, len(weeks), len(plan.weekly)))
        if not np.array_equal(week, np.broadcast_to(weeks, (len(numbers), len(weeks)))):
            raise InputError(f"{stored.folder}: runs have series of different weeks")
        here = found[numbers.start : numbers.stop]  # what parts the chance comes after
        for k, name in enumerate(plan.weekly):
            if table[name].null_count:
                table = stored.table("weekly")  # to say how many there are in all
            here[:, :, k] = _column(table, name, plan, stored).reshape(week.shape)[: len(here)]
    return found.reshape(len(design.points), design.replicates, *found.shape[1:]), weeks
