"""Running again: what hashes cannot see, a second run does, bit for bit."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import IncompleteError
from sim.experiment.check.rerun import picked
from sim.experiment.check.verify import verify
from sim.experiment.runs import plan as plans
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.store.encoding import DamagedError
from sim.experiment.store.folder import identity_of, read_plan
from sim.experiment.store.parts import part_name, tables_of, write_chunk
from tests.forging import (
    SMALL_CHUNKS,
    consistent,
    cut,
    forge,
    make_results,
    reseal,
    set_value,
    with_value,
)

ALL = 10**6


@pytest.fixture(scope="module", autouse=True)
def _small_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "CHUNK_WORK", SMALL_CHUNKS)
        patch.setattr(plans, "MESA_WORK", SMALL_CHUNKS)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results")
    make_results(place)
    return place


@pytest.fixture
def sweep(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "sweep", tmp_path / "sweep"))


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


def test_a_consistent_forgery_passes_all_hashes_and_is_caught_by_running_again(
    sweep: Path,
) -> None:
    whole = verify(sweep, runs=0)
    forge(sweep, 2, consistent)
    plan, _ = read_plan(sweep)
    assert verify(sweep, runs=0).require().result == whole.result  # series are outside the id
    forged = plan.chunk_range(2).start
    covering = next(s for s in range(99) if forged in picked(plan, range(plan.chunks), 8, s))
    missing = next(s for s in range(99) if forged not in picked(plan, range(plan.chunks), 8, s))
    verify(sweep, seed=missing).require()
    found = verify(sweep, seed=covering)
    assert found.damage == []
    (difference,) = found.differences
    point, replicate = plan.run_of(forged)
    assert (difference.point, difference.replicate) == (point, replicate)
    assert (difference.file, difference.column) == (part_name("weekly", 2), "trust")
    assert difference.stored == np.nextafter(difference.recomputed, 1.0)
    words = rf"weekly-000002.*point {point}, replicate {replicate}: trust: stored 0\.\d+, rec"
    with pytest.raises(DamagedError, match=words):
        found.require()


def test_a_forged_outcome_that_agrees_with_its_organisation_is_caught_too(sweep: Path) -> None:
    plan, _ = read_plan(sweep)

    def change(found: dict[str, pa.Table]) -> None:
        assert found["organisations"].num_rows == found["runs"].num_rows  # one each, in this chunk
        for name in ("runs", "organisations"):
            found[name] = with_value(found[name], "adoption", 0, 0.987)

    before = verify(sweep, runs=0).result
    forge(sweep, 0, change)
    assert verify(sweep, runs=0).require().result != before
    files = {one.file for one in verify(sweep, runs=plan.runs).differences}
    assert files == {part_name("runs", 0), part_name("organisations", 0)}


def test_a_null_is_not_a_number_and_a_zero_has_a_sign(sweep: Path) -> None:
    def change(found: dict[str, pa.Table]) -> None:
        spans = found["organisations"]["phase_opened.onboarding"].to_pylist()
        assert spans[0] == 0.0
        made = with_value(found["organisations"], "phase_opened.onboarding", 0, -0.0)
        done = made["phase_done.evaluate"].to_pylist()
        assert done[1] is None
        found["organisations"] = with_value(made, "phase_done.evaluate", 1, 0.0)

    forge(sweep, 0, change)
    assert verify(sweep, runs=0).damage == []
    found = {one.column: one for one in verify(sweep, runs=ALL).differences}
    assert set(found) == {"phase_opened.onboarding", "phase_done.evaluate"}
    assert (found["phase_done.evaluate"].stored, found["phase_done.evaluate"].recomputed) == (
        0,
        None,
    )
    assert "stored -0.0, recomputed 0.0" in found["phase_opened.onboarding"].in_words()


def test_forged_events_are_caught(kept: Path) -> None:
    forge(kept, 0, set_value("events", "post", 3))
    assert verify(kept, runs=0).damage == []
    found = verify(kept, runs=ALL).differences
    assert [one.file for one in found] == [part_name("events", 0)]


def test_a_lost_event_is_caught(kept: Path) -> None:
    forge(kept, 0, cut("events"))
    (found,) = verify(kept, runs=ALL).differences
    assert found.stored == found.recomputed - 1
    assert f"{found.stored} rows stored" in found.in_words()


def test_runs_that_a_machine_ended_are_not_run_again(sweep: Path) -> None:
    plan, manifest = read_plan(sweep)
    numbers = plan.chunk_range(0)
    blocks, _ = run_chunk(plan, numbers, lost={numbers.start: 4})
    write_chunk(sweep, plan, identity_of(manifest), 0, tables_of(plan, blocks))
    reseal(sweep)
    found = verify(sweep, runs=ALL)
    assert (found.skipped, found.differences, found.damage) == (1, [], [])
    with pytest.raises(IncompleteError, match="killed"):
        found.require()


@given(st.sets(st.integers(0, 5), min_size=1), st.integers(0, 60), st.integers(0, 2**63 - 1))
@settings(deadline=None, max_examples=50)
def test_runs_are_picked_once_each_among_those_that_are_there(
    made: Path, there: set[int], count: int, seed: int
) -> None:
    plan, _ = read_plan(made / "sweep")
    chunks = sorted(there)
    known = [number for chunk in chunks for number in plan.chunk_range(chunk)]
    found = picked(plan, chunks, count, seed)
    assert found == sorted(set(found))
    assert set(found) <= set(known)
    assert len(found) == min(count, len(known))


def test_a_seed_chooses_the_runs(made: Path) -> None:
    first, again, other = (verify(made / "sweep", seed=seed).rerun for seed in (1, 1, 2))
    assert first == again != other
