"""The runs of a chunk are the same however they are put together: in batches or one by one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sim.experiment.runs.chunks import MOST_RUNS, run_chunk
from sim.experiment.runs.columns import ARRAYS
from sim.experiment.runs.plan import Plan
from sim.scenario import load

BASE = load("baseline").with_values({"clinicians": 8, "caseload": 2, "weeks": 30})


def plan(points: Mapping[str, Any], replicates: list[int], **words: Any) -> Plan:
    """Return a plan of points by dotted name."""
    columns = {name: np.array(column) for name, column in points.items()}
    counts = np.array(replicates, np.int64)
    return Plan(BASE, columns, 3 * np.arange(len(counts)), counts, 1, ("adoption",), **words)


ALIKE = {"role_clarity": [0.2, 0.5, 0.9, 0.4], "phases.build.team_hours": [9.0, 20.0, 3.0, 7.0]}
UNLIKE = {"motivation": [0.2, 0.5, 0.9, 0.4], "leads": [1, 2, 2, 1], "weeks": [30, 30, 9, 9]}


@pytest.mark.parametrize(
    "made",
    [
        plan(ALIKE, [2, 3, 1, 2], weekly=("reach",), weekly_every=4),
        plan(ALIKE, [2, MOST_RUNS, MOST_RUNS - 1, 1], between=np.array([-1, 7, -1, 0])),
        plan(UNLIKE, [2, 3, 1, 2]),
        plan(UNLIKE, [0, 3, 0, 2], weekly=("adoption",)),
    ],
)
def test_batches_give_the_bits_of_runs_one_by_one(made: Plan) -> None:
    told: list[int] = []
    some = range(1, made.runs)
    batches, _ = run_chunk(made, some, begins=told.append)
    singly, _ = run_chunk(made, some, one_by_one=True)
    assert len(batches) == len(singly)
    for a, b in zip(batches, singly, strict=True):
        assert (a.names, a.phases, a.every) == (b.names, b.phases, b.every)
        for name in ARRAYS:
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
    assert told[0] == some.start
    assert told == sorted(set(told))


def test_a_batch_holds_neighbours_that_are_alike_up_to_some_runs() -> None:
    def begun(made: Plan) -> list[int]:
        told: list[int] = []
        run_chunk(made, range(made.runs), begins=told.append)
        return told

    assert begun(plan(ALIKE, [2, 3, 1, 2])) == [0]
    assert begun(plan(ALIKE, [MOST_RUNS - 1, 1, 1, 2])) == [0, MOST_RUNS]
    assert begun(plan(ALIKE, [2 * MOST_RUNS, 1, 1, 1])) == [0, 2 * MOST_RUNS]
    assert begun(plan(UNLIKE, [2, 3, 1, 2])) == [0, 2, 5, 6]
