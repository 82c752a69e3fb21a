"""Many runs, of one scenario or of several alike, in one call of compiled code: the way of sweeps.

Handing a run's arrays to compiled code, and making them, takes longer than writing down what came
out. So a batch makes its memory once, clears it before each run, and keeps of each run only its
outcomes, the spans of its phases and, if asked, its weekly means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout, outcomes
from sim.compiled import compiled, is_cached
from sim.draws import run_key
from sim.inputs import stacked
from sim.kernel.rows import Columns, keep
from sim.kernel.week import simulate
from sim.layout import Tape, World
from sim.world import Recipe, furnished, populate


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of some runs.

    ``outcomes``: (runs, organisations, names), NaN = never or undefined. ``weekly``: (runs, weeks),
    fields of `sim.layout.SERIES`, means over organisations; no weeks if they were not asked for.
    ``spans``: (runs, organisations, phases, 2), see `sim.outcomes.kept`. ``sound``: (runs,), False
    where a weekly record holds an infinity, or a NaN that is no mean over nobody.
    """

    outcomes: NDArray[np.float64]
    weekly: NDArray[np.void]
    spans: NDArray[np.float64]
    sound: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """Memory for runs of one shape, to be used by one thread at a time.

    ``block`` holds the arrays of world and tape, ``blank`` what it holds before a run.
    """

    shapes: list[tuple[layout.Shape, Any]]
    block: NDArray[np.uint8]
    blank: NDArray[np.uint8]
    arrays: list[NDArray[Any]]
    tape: Tape


def room_for(made: Recipe, old: Room | None = None) -> Room:
    """Return memory for the runs of a recipe: the old one if its shape fits."""
    world = made.shapes
    shapes = [*world, *layout.tape_shapes(made.weeks, made.organisations, len(made.plan))]
    if old is not None and old.shapes == shapes:
        return old
    block, arrays = layout.carved(shapes)
    tape = Tape(*arrays[len(world) :])
    layout.unset(tape)
    return Room(shapes, block, block.copy(), arrays[: len(world)], tape)


def run_batch(
    made: Recipe,
    seed: int,
    replicates: Sequence[int],
    room: Room,
    *,
    between: Sequence[int] | None = None,
    weekly: bool = False,
) -> Kept:
    """Run some replicates of a recipe on the compiled engine.

    ``between`` names the draws of what differs between organisations, one for each replicate;
    they are the replicates themselves unless the two are to be held apart.
    """
    paths = np.empty((len(replicates), 2), np.uint64)
    paths[:, 0] = replicates
    paths[:, 1] = replicates if between is None else between
    return run_points([made], np.zeros(len(replicates), np.int64), seed, paths, room, weekly=weekly)


def run_points(
    recipes: Sequence[Recipe],
    of: NDArray[np.int64],
    seed: int,
    paths: NDArray[np.uint64],
    room: Room,
    *,
    weekly: bool = False,
) -> Kept:
    """Run replicates of several recipes that are `alike`, in one call of compiled code.

    ``of`` (runs,) says which recipe each run has; ``paths`` (runs, 2) which replicate it is, and
    whose draws of what differs between organisations it takes.
    """
    made, count = recipes[0], len(of)
    world = furnished(made, room.arrays)
    rows = np.zeros((count, made.organisations, len(outcomes.written(made))))
    means = np.zeros((count, made.weeks if weekly else 0), layout.SERIES)
    spans = np.zeros((count, made.organisations, len(made.plan), 2))
    sound = np.zeros(count, np.bool_)
    simulate_all(
        world._replace(p=world.p.copy(), plan=world.plan.copy()),
        stacked([one.p for one in recipes]),
        np.stack([one.plan for one in recipes]).view(np.recarray),
        of,
        room.tape,
        room.block,
        room.blank,
        outcomes.plain(room.tape.series),
        made.stay,
        seed,
        paths,
        outcomes.columns(),
        rows,
        outcomes.plain(means),
        spans,
        sound,
    )
    return Kept(rows[:, :, outcomes.order(made)], means, spans, sound)


def alike(one: Recipe, other: Recipe) -> bool:
    """Say whether two recipes differ in nothing but numbers of their parameters and phases.

    They then need the same memory, and share the tables that are no numbers of ``p``.
    """
    return (
        one.care is other.care
        and one.stay is other.stay
        and one.phases == other.phases
        and one.weeks == other.weeks
        and one.scenario.attention == other.scenario.attention
        and one.shapes == other.shapes
    )


@compiled
def simulate_all(
    w: World,
    inputs: NDArray[np.void],
    plans: NDArray[np.void],
    of: NDArray[np.int64],
    tape: Tape,
    block: NDArray[np.uint8],
    blank: NDArray[np.uint8],
    plain: NDArray[np.float64],
    stay_table: NDArray[np.float64],
    seed: int,
    paths: NDArray[np.uint64],
    columns: Columns,
    rows: NDArray[np.float64],
    means: NDArray[np.float64],
    spans: NDArray[np.float64],
    sound: NDArray[np.bool_],
) -> None:
    """Run a world once for each pair of replicates (run, between); write what is kept of each run.

    Run i has parameters ``inputs[of[i]]`` and phases ``plans[of[i]]``. ``block`` is the memory of
    world and tape, ``blank`` what it holds before a run.
    """
    keys = np.empty(2, np.uint64)
    for i in range(len(paths)):
        w.p[0] = inputs[of[i]]
        w.plan[:] = plans[of[i]]
        block[:] = blank
        keys[0], keys[1] = run_key(seed, paths[i, 0]), run_key(seed, paths[i, 1])
        populate(w, stay_table, keys, 0)
        simulate(w, tape)
        sound[i] = keep(tape, plain, columns, rows[i], means[i], spans[i])


def is_compiled() -> bool:
    """Say whether the model's compiled code is in the cache, so that a run starts at once."""
    return is_cached(simulate_all)
