"""A sweep that dies, or whose disk fails, at any touch of any file."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.experiment.execute.work import execute
from sim.experiment.runs.plan import Plan
from tests.reliability.campaigns import HERE, Tally, count_points, fail_at, kill_at, spread
from tests.reliability.faults import content
from tests.reliability.studies import small_chunks, small_plan

MOST = 40
"""Of some 150 points; `tests.reliability.long` takes them all."""


@pytest.fixture(scope="module")
def plan() -> Iterator[Plan]:
    with small_chunks():
        made = small_plan(replicates=2)
        assert made.chunks == 2
        yield made


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole") / "r"
    execute(plan, folder, HERE)
    return content(folder)


def test_a_sweep_killed_at_any_point_goes_on_to_the_same_bytes(
    plan: Plan, whole: dict[str, bytes], tmp_path: Path
) -> None:
    points = count_points(plan, tmp_path / "counted")
    assert points > 100
    tally = Tally()
    for at in spread(points, MOST):
        kill_at(plan, whole, tmp_path / str(at), at, tally)
    assert tally.faults == MOST
    assert tally.wrong == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_at_any_point_costs_nothing_that_is_finished(
    plan: Plan, whole: dict[str, bytes], tmp_path: Path, code: int
) -> None:
    points = count_points(plan, tmp_path / "counted") // 2
    tally = Tally()
    for at in spread(points, 8):
        fail_at(plan, whole, tmp_path / f"{at}", at, code, tally)
        fail_at(plan, whole, tmp_path / f"{at}-once", at, code, tally, once=True)
    assert tally.wrong == []
