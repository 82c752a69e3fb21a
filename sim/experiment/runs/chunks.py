"""The runs of a chunk: made, and turned into blocks of one shape.

Compiled runs go in batches: the replicates of a point, or of some points that are alike. Runs with
agents of one's own go one by one on the Mesa engine; one that raises, or does not end when it
should, costs that run alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout, outcomes
from sim.batch import Room, alike, room_for, run_points
from sim.experiment.runs.columns import (
    ARRAYS,
    EXCEPTION,
    STEP_BUDGET,
    Block,
    status_of,
    thinned,
    weeks_kept,
)
from sim.experiment.runs.plan import Plan
from sim.simulate import StepBudgetError, run_mesa
from sim.world import Recipe


@dataclass(frozen=True, slots=True)
class Trouble:
    """A run that came to nothing, and why; the words may differ from machine to machine."""

    point: int
    replicate: int
    message: str

    def note(self) -> dict[str, Any]:
        """Return it as a line of diagnostics."""
        return {"what": "exception", **asdict(self)}


MOST_RUNS, MOST_POINTS = 64, 64
"""Limits of a batch of several points: it is told as one when it begins, and runs at once."""

Begins = Callable[[int], None]
"""Told the number of a run, or of the first of a batch, as it begins."""


def run_chunk(
    plan: Plan,
    numbers: range,
    *,
    begins: Begins | None = None,
    one_by_one: bool = False,
    lost: Mapping[int, int] | None = None,
) -> tuple[list[Block], list[Trouble]]:
    """Run a range of a plan's runs; return them as blocks, in order, and what went wrong.

    ``lost`` gives runs that are not to be run and their status; ``one_by_one`` begins every run
    by itself, to find out which one ends the process.
    """
    troubles: list[Trouble] = []
    told = begins or _nobody
    if one_by_one or plan.own is not None or lost:
        made = _one_by_one(plan, numbers, told, lost or {}, troubles)
    else:
        made = _in_batches(plan, numbers, told)
    return list(_joined(made)), troubles


def empty_block(plan: Plan) -> Block:
    """Return a block of no runs: it shows what the columns of a plan's tables are."""
    whole = _nothing(plan, plan.recipe(0), 0, 0, EXCEPTION)
    return whole.cut(0, 0)


def _nobody(number: int) -> None:
    """Be told of a run, and do nothing."""


def _one_by_one(
    plan: Plan, numbers: range, begins: Begins, lost: Mapping[int, int], troubles: list[Trouble]
) -> Iterator[Block]:
    at = numbers.start
    room: Room | None = None
    for point, replicates in plan.segments(numbers):
        made = plan.recipe(point)
        for replicate in replicates:
            begins(at)
            if at in lost:
                yield _nothing(plan, made, point, replicate, lost[at])
            elif plan.own is not None:
                yield _own_run(plan, made, point, replicate, troubles)
            else:
                room = room_for(made, room)
                yield _batch(plan, [_Part(point, range(replicate, replicate + 1), made)], room)
            at += 1


@dataclass(frozen=True, slots=True)
class _Part:
    """Replicates of a point that are run together."""

    point: int
    replicates: range
    made: Recipe


def _in_batches(plan: Plan, numbers: range, begins: Begins) -> Iterator[Block]:
    at = numbers.start
    room: Room | None = None
    for batch in _batches(plan, numbers):
        begins(at)
        room = room_for(batch[0].made, room)
        yield _batch(plan, batch, room)
        at += sum(len(part.replicates) for part in batch)


def _batches(plan: Plan, numbers: range) -> Iterator[list[_Part]]:
    """Yield neighbouring points that are alike, several at once if they have few replicates.

    Their recipes are made in a row: between two runs, which sweep the processor's caches, making
    one takes more than twice as long.
    """
    segments = plan.segments(numbers)
    while some := list(islice(segments, MOST_POINTS)):
        parts = [_Part(point, replicates, plan.recipe(point)) for point, replicates in some]
        batch = parts[:1]
        for part in parts[1:]:
            runs = sum(len(one.replicates) for one in batch) + len(part.replicates)
            if runs > MOST_RUNS or not alike(batch[0].made, part.made):
                yield batch
                batch = []
            batch.append(part)
        yield batch


def _batch(plan: Plan, parts: Sequence[_Part], room: Room) -> Block:
    """Run a batch of parts that are alike."""
    recipes = [part.made for part in parts]
    of = np.repeat(np.arange(len(parts)), [len(part.replicates) for part in parts])
    points = np.array([part.point for part in parts], np.int32)[of]
    replicates = np.concatenate([np.array(part.replicates, np.int64) for part in parts])
    held = replicates if plan.between is None else plan.between[points]
    paths = np.stack([replicates, np.where(held < 0, replicates, held)], axis=1).astype(np.uint64)
    kept = run_points(recipes, of, plan.seed, paths, room, weekly=bool(plan.weekly))
    status = status_of(kept.outcomes, kept.sound)
    weekly = thinned(kept.weekly, plan.weekly_every)
    where = points, replicates
    return _block(plan, recipes[0], where, status, kept.outcomes, weekly, kept.spans)


def _own_run(
    plan: Plan, made: Recipe, point: int, replicate: int, troubles: list[Trouble]
) -> Block:
    """Run one replicate with agents of one's own, whatever they do."""
    classes = plan.own.classes if plan.own else None
    try:
        model = run_mesa(
            made, plan.seed, replicate, agents=classes, organisation_replicate=plan.held(point)
        )
        row, weekly, spans, sound = outcomes.kept(model.tape(), made)
    except (Exception, SystemExit) as error:  # anything may be wrong with code that is not ours
        kind = STEP_BUDGET if isinstance(error, StepBudgetError) else EXCEPTION
        words = " ".join(f"{type(error).__name__}: {error}".split())
        troubles.append(Trouble(point, replicate, words[:500]))
        return _nothing(plan, made, point, replicate, kind)
    status = status_of(row[None], np.array([sound]))
    weekly = thinned(weekly[None, : made.weeks if plan.weekly else 0], plan.weekly_every)
    where = np.array([point], np.int32), np.array([replicate], np.int64)
    return _block(plan, made, where, status, row[None], weekly, spans[None])


def _nothing(plan: Plan, made: Recipe, point: int, replicate: int, status: int) -> Block:
    """Return the block of a run that came to nothing: a row as planned, without values."""
    names, phases = outcomes.outcome_names(made), len(made.plan)
    weeks = weeks_kept(made.weeks, plan.weekly_every) if plan.weekly else 0
    return _block(
        plan,
        made,
        (np.array([point], np.int32), np.array([replicate], np.int64)),
        np.array([status], np.int8),
        np.zeros((1, made.organisations, len(names))),
        np.zeros((1, weeks), layout.SERIES),
        np.zeros((1, made.organisations, phases, 2)),
    )


def _block(
    plan: Plan,
    made: Recipe,
    where: tuple[NDArray[np.int32], NDArray[np.int64]],
    status: NDArray[np.int8],
    rows: NDArray[np.float64],
    weekly: NDArray[np.void],
    spans: NDArray[np.float64],
) -> Block:
    """Return the block of runs that share a shape; ``where`` holds their points and replicates."""
    points, replicates = where
    return Block(
        outcomes.outcome_names(made),
        made.phases,
        points,
        replicates,
        np.full(len(points), float(made.weeks)),
        status,
        rows,
        weekly,
        spans,
        plan.weekly_every,
    )


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """Join neighbouring blocks of one shape."""
    for _, group in groupby(blocks, lambda one: (one.outcomes.shape[1:], one.weekly.shape[1:])):
        same = list(group)
        if len(same) == 1:
            yield same[0]
            continue
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in same]) for name in ARRAYS
        }
        yield replace(same[0], **joined)
