"""The runs of a chunk: made, and turned into blocks of one shape.

Compiled runs go in batches, a point at a time. Runs with agents of one's own go one by one on the
Mesa engine; one that raises, or does not end when it should, costs that run alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout, outcomes
from sim.batch import Room, room_for, run_batch
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


Begins = Callable[[int], None]
"""Told the number of a run as it begins."""


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
    blocks: list[Block] = []
    troubles: list[Trouble] = []
    room: Room | None = None
    at = numbers.start
    single = one_by_one or plan.own is not None or bool(lost)
    for point, replicates in plan.segments(numbers):
        made = plan.recipe(point)
        for part in _pieces(replicates, single):
            if begins:
                begins(at)
            if lost and at in lost:
                block = _nothing(plan, made, point, part.start, lost[at])
            elif plan.own is not None:
                block = _own_run(plan, made, point, part.start, troubles)
            else:
                room = room_for(made, room)
                block = _batch(plan, made, point, part, room)
            blocks.append(block)
            at += len(part)
    return list(_joined(blocks)), troubles


def empty_block(plan: Plan) -> Block:
    """Return a block of no runs: it shows what the columns of a plan's tables are."""
    whole = _nothing(plan, plan.recipe(0), 0, 0, EXCEPTION)
    return whole.cut(0, 0)


def _pieces(replicates: range, single: bool) -> Iterator[range]:
    if not single:
        yield replicates
        return
    for replicate in replicates:
        yield range(replicate, replicate + 1)


def _batch(plan: Plan, made: Recipe, point: int, replicates: range, room: Room) -> Block:
    held = plan.held(point)
    between = None if held is None else [held] * len(replicates)
    kept = run_batch(made, plan.seed, replicates, room, between=between, weekly=bool(plan.weekly))
    status = status_of(kept.outcomes, kept.sound)
    weekly = thinned(kept.weekly, plan.weekly_every)
    return _block(plan, made, point, replicates, status, kept.outcomes, weekly, kept.spans)


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
    one = range(replicate, replicate + 1)
    return _block(plan, made, point, one, status, row[None], weekly, spans[None])


def _nothing(plan: Plan, made: Recipe, point: int, replicate: int, status: int) -> Block:
    """Return the block of a run that came to nothing: a row as planned, without values."""
    names, phases = outcomes.outcome_names(made), len(made.plan)
    weeks = weeks_kept(made.weeks, plan.weekly_every) if plan.weekly else 0
    return _block(
        plan,
        made,
        point,
        range(replicate, replicate + 1),
        np.array([status], np.int8),
        np.zeros((1, made.organisations, len(names))),
        np.zeros((1, weeks), layout.SERIES),
        np.zeros((1, made.organisations, phases, 2)),
    )


def _block(
    plan: Plan,
    made: Recipe,
    point: int,
    replicates: range,
    status: NDArray[np.int8],
    rows: NDArray[np.float64],
    weekly: NDArray[np.void],
    spans: NDArray[np.float64],
) -> Block:
    count = len(replicates)
    return Block(
        outcomes.outcome_names(made),
        made.phases,
        np.full(count, point, np.int32),
        np.array(replicates, np.int64),
        np.full(count, float(made.weeks)),
        status,
        rows,
        weekly,
        spans,
        plan.weekly_every,
    )


def _joined(blocks: list[Block]) -> Iterator[Block]:
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
