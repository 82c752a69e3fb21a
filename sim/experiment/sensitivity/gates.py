"""What a sensitivity analysis refuses: estimators would turn each of these into quiet nonsense."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.factor import Floats

FEWEST_EVENTS = 10
"""Runs with, and runs without, below which a chance has no sensitivity to speak of."""

SHOWN = 10


def arrange(
    design: Design, points: Floats, replicate: NDArray[np.integer[Any]], values: NDArray[Any]
) -> Floats:
    """Return the outcomes of stored runs as `estimate` takes them: (rows, replicates, ...).

    ``points`` (runs, factors), ``replicate`` (runs,) and ``values`` (runs, ...) are what is stored
    of each run. They must be the runs of the design, all of them, once, in its order (row by row,
    in a row by replicate). Raises InputError for missing, foreign or reordered runs.
    """
    numbers = design.first_replicate[:, None] + np.arange(design.replicates)
    planned = np.column_stack([np.repeat(design.points, design.replicates, 0), numbers.ravel()])
    shaped = points.ndim == 2 and points.shape[1] == design.points.shape[1]
    if not shaped or len({len(points), len(replicate), len(values)}) > 1:
        raise InputError(
            f"runs: a value of each of {design.points.shape[1]} factors, a replicate and outcomes "
            f"are needed for each (found arrays {points.shape}, {replicate.shape}, {values.shape})"
        )
    found = np.column_stack([points, replicate])
    if found.shape == planned.shape and np.array_equal(found, planned):
        return np.asarray(values, np.float64).reshape(*numbers.shape, *values.shape[1:])
    raise InputError(_differences(design, planned, found))


def _differences(design: Design, planned: Floats, found: Floats) -> list[str]:
    """Say how stored runs differ from the planned ones."""
    plan, have = (
        [row.tobytes() for row in np.ascontiguousarray(table + 0.0)] for table in (planned, found)
    )
    missing, foreign = Counter(plan) - Counter(have), Counter(have) - Counter(plan)
    messages = []
    if missing:
        first = next(place for place, run in enumerate(plan) if run in missing)
        where = f"{design.label(first // design.replicates)}, replicate {planned[first, -1]:.0f}"
        messages.append(
            f"runs: {missing.total():,} of {len(plan):,} are missing, the first is {where}"
        )
    if foreign:
        first = next(place for place, run in enumerate(have) if run in foreign)
        messages.append(
            f"runs: {foreign.total():,} are twice there or belong to another design, the first at "
            f"place {first}"
        )
    if not messages:
        first = next(place for place, run in enumerate(have) if run != plan[place])
        messages.append(f"runs: reordered; the first that stands elsewhere is at place {first}")
    return messages


def outcomes_of(design: Design, y: NDArray[Any]) -> Floats:
    """Return a model's outcomes as floats, shape (rows, replicates, ...).

    Raises InputError unless there is one finite number for each row and replicate; it lists the
    first runs that failed.
    """
    rows, shape = len(design.points), getattr(y, "shape", None)
    if shape is None or len(shape) < 2 or shape[:2] != (rows, design.replicates):
        raise InputError(
            f"outcomes: must be an array (rows {rows}, replicates {design.replicates}, outcomes) "
            f"(found {'no array' if shape is None else f'shape {shape}'})"
        )
    try:
        values = np.asarray(y, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"outcomes: must be numbers ({error})") from error
    if values.size == 0:
        raise InputError(f"outcomes: there are none (found shape {shape})")
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(values.sum()):  # quick, and never true of what is not finite
            return values
    broken = ~np.isfinite(values).reshape(*values.shape[:2], -1).all(axis=2)
    if not broken.any():  # finite numbers with an infinite sum
        raise InputError("outcomes: too large to add up; give them in a larger unit")
    places = np.argwhere(broken)
    messages = [
        f"outcomes: {design.label(row)}, replicate {design.first_replicate[row] + r}: not finite"
        for row, r in places[:SHOWN].tolist()
    ]
    if len(places) > SHOWN:
        messages.append(f"outcomes: and {len(places) - SHOWN:,} more runs that failed")
    raise InputError(messages)


def one_analysis(keys: Sequence[str], scrambles: Sequence[int]) -> None:
    """Raise InputError unless all scrambles are of one analysis, and none counts twice."""
    if not keys:
        raise InputError("scrambles: needs at least one")
    problems = [
        f"scramble {number}: of another design than scramble {scrambles[0]} (factors, their "
        "distributions, groups, n, replicates, seed or order differ)"
        for number, key in zip(scrambles, keys, strict=True)
        if key != keys[0]
    ]
    problems += [
        f"scramble {number}: given {count} times"
        for number, count in Counter(scrambles).items()
        if count > 1
    ]
    if problems:
        raise InputError(problems)


def something_to_explain(
    names: Sequence[str], lowest: Floats, highest: Floats, events: NDArray[np.int64]
) -> None:
    """Raise InputError for outcomes that are constant, or that hardly ever are otherwise.

    Arrays are (..., outcomes); ``events`` counts runs with and without a yes-or-no outcome, the
    rarer of the two, and is -1 for other outcomes. Of a weekly outcome one week must do.
    """
    weeks = tuple(range(lowest.ndim - 1))
    constant = np.asarray((lowest == highest).all(axis=weeks))
    yes_or_no, most = np.asarray((events >= 0).all(axis=weeks)), events.max(axis=weeks)
    problems = [
        f"{name}: the same in all runs (found {lowest[..., k].flat[0]:g}): nothing to explain"
        for k, name in enumerate(names)
        if constant[k]
    ]
    problems += [
        f"{name}: too rare to explain (found {most[k]} runs of the rarer kind, "
        f"allowed {FEWEST_EVENTS} or more)"
        for k, name in enumerate(names)
        if yes_or_no[k] and not constant[k] and most[k] < FEWEST_EVENTS
    ]
    if problems:
        raise InputError(problems)
