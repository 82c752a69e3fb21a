"""Files that were changed, lost, renamed or are of somebody else: noticed and put right."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from sim.errors import MihError
from sim.experiment.execute import worker as worker_module
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import DamagedError
from sim.experiment.store.stored import open_result
from tests.reliability.campaigns import HERE, Tally, count_points, spread
from tests.reliability.damage import KINDS, Damage, Damaged, flip_a_bit
from tests.reliability.faults import Countdown, content, die, forked, watched
from tests.reliability.studies import small_chunks, small_plan


@pytest.fixture(scope="module")
def plan() -> Iterator[Plan]:
    with small_chunks():
        yield small_plan()


@pytest.fixture(scope="module")
def result(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Damaged:
    return Damaged(plan, tmp_path_factory.mktemp("damaged") / "r")


@pytest.fixture
def folder(result: Damaged, tmp_path: Path) -> Path:
    shutil.copytree(result.folder, tmp_path / "r")
    shutil.rmtree(tmp_path / "r" / "quarantine", ignore_errors=True)
    return tmp_path / "r"


def test_sixty_flipped_bits_are_noticed_and_put_right(result: Damaged) -> None:
    generator = np.random.default_rng(1)
    names = list(result.whole)
    for k in range(60):
        sealed = k % 2 == 0 or names[k % len(names)] == "SEAL.json"
        result.suffer(names[k % len(names)], flip_a_bit, generator, sealed=sealed)
    assert result.tally.wrong == []


@pytest.mark.parametrize("damage", KINDS[1:])
def test_files_cut_short_emptied_zeroed_or_lost_are_put_right(
    result: Damaged, damage: Damage
) -> None:
    generator = np.random.default_rng(2)
    for name in ("parts/part-000001.parquet", "receipts/chunk-000002.json", "plan.parquet"):
        result.suffer(name, damage, generator)
        result.suffer(name, damage, generator, sealed=False)
    result.suffer("SEAL.json", damage, generator)
    if damage.__name__ != "lose":
        result.suffer("manifest.json", damage, generator)
    assert result.tally.wrong == []


def test_without_its_manifest_a_folder_is_nobodys_and_stays_as_it_is(
    plan: Plan, folder: Path
) -> None:
    (folder / "manifest.json").unlink()
    before = content(folder)
    with pytest.raises(MihError, match="choose another folder") as caught:
        execute(plan, folder, HERE)
    assert caught.value.exit_code == 2
    assert content(folder) == before


@pytest.mark.parametrize("receipts", [True, False])
def test_a_chunk_under_another_name_is_noticed(
    plan: Plan, result: Damaged, folder: Path, receipts: bool
) -> None:
    for kind in ("parts/part", "parts/organisations"):
        (folder / f"{kind}-000001.parquet").rename(folder / f"{kind}-000003.parquet")
    if receipts:
        receipt = folder / "receipts" / "chunk-000001.json"
        receipt.rename(receipt.with_name("chunk-000003.json"))
    for seal in (True, False):
        if not seal:
            (folder / "SEAL.json").unlink()
        with pytest.raises(DamagedError):
            open_result(folder)
    report = execute(plan, folder, HERE)
    assert report.before == 4
    assert report.repaired >= 2
    assert content(folder) == result.whole


@pytest.mark.parametrize("receipts", [True, False])
def test_a_chunk_of_another_plan_is_noticed(
    plan: Plan, result: Damaged, folder: Path, tmp_path: Path, receipts: bool
) -> None:
    execute(small_plan(seed=2), tmp_path / "other", HERE)
    names = ["parts/part-000002.parquet", "parts/organisations-000002.parquet"]
    names += ["receipts/chunk-000002.json"] * receipts
    for name in names:
        shutil.copy(tmp_path / "other" / name, folder / name)
    (folder / "SEAL.json").unlink()
    with pytest.raises(DamagedError):
        open_result(folder)
    assert execute(plan, folder, HERE).repaired == 3
    assert content(folder) == result.whole


def test_a_seal_of_another_plan_is_no_seal(
    plan: Plan, result: Damaged, folder: Path, tmp_path: Path
) -> None:
    execute(small_plan(seed=2), tmp_path / "other", HERE)
    shutil.copy(tmp_path / "other" / "SEAL.json", folder / "SEAL.json")
    with pytest.raises(DamagedError):
        open_result(folder)
    execute(plan, folder, HERE)
    assert content(folder) == result.whole


def test_files_of_no_chunk_are_put_aside(plan: Plan, result: Damaged, folder: Path) -> None:
    (folder / "parts" / "notes.txt").write_text("mine")
    shutil.copy(folder / "parts" / "part-000000.parquet", folder / "parts" / "part-000099.parquet")
    (folder / "weekly").mkdir()
    (folder / "weekly" / "weekly-000000.parquet").write_bytes(b"of a plan that keeps no series")
    assert execute(plan, folder, HERE).repaired == 3
    assert content(folder) == result.whole
    assert (folder / "quarantine" / "notes.txt.1").read_text() == "mine"


def test_a_shard_does_not_seal_what_another_shard_left_damaged(
    plan: Plan, result: Damaged, folder: Path, tmp_path: Path
) -> None:
    execute(small_plan(seed=2), tmp_path / "other", HERE)
    for place in (folder, tmp_path / "other"):
        (place / "SEAL.json").unlink()
    # Chunk 1 is the second shard's: once it is another plan's, once its receipt is torn.
    name = "receipts/chunk-000001.json"
    for wrong in ((tmp_path / "other" / name).read_bytes(), b"{"):
        (folder / name).write_bytes(wrong)
        first = execute(plan, folder, Way(workers=0, shard=(1, 2)))
        assert first.result is None
        assert first.done == 6
        assert not (folder / "SEAL.json").exists()
        assert execute(plan, folder, Way(workers=0, shard=(2, 2))).result is not None
        assert content(folder) == result.whole
        (folder / "SEAL.json").unlink()


def test_while_it_is_put_right_a_result_is_partial_and_can_be_read(
    plan: Plan, result: Damaged, folder: Path
) -> None:
    (folder / "parts" / "part-000002.parquet").write_bytes(b"damaged")

    def work() -> str:
        with mock.patch.object(worker_module, "run_chunk", side_effect=lambda *_, **__: die("")):
            execute(plan, folder, HERE)
        return ""

    assert forked(work)[0] == -9
    found = open_result(folder)
    assert not found.sealed
    assert list(found.chunks) == [0, 1, 3]
    assert found.done == len(found.runs) == 6
    execute(plan, folder, HERE)
    assert content(folder) == result.whole


def test_a_repair_that_is_killed_at_any_point_goes_on(
    plan: Plan, result: Damaged, folder: Path, tmp_path: Path
) -> None:
    for name in ("manifest.json", "plan.parquet", "SEAL.json", "parts/part-000001.parquet"):
        (folder / name).write_bytes(b"damaged")
    tally = Tally()
    shutil.copytree(folder, tmp_path / "counted")
    points = count_points(plan, tmp_path / "counted")
    for at in spread(points, 15):
        place = tmp_path / str(at)
        shutil.copytree(folder, place)

        def work(place: Path = place, at: int = at) -> str:
            with watched(Countdown(at, die)):
                execute(plan, place, HERE)
            return ""

        tally.check(forked(work)[0] == -9, f"point {at}: not killed")
        report = execute(plan, place, HERE)
        tally.check(report.result is not None, f"point {at}: {report}")
        tally.check(content(place) == result.whole, f"point {at}: other bytes")
    assert tally.wrong == []
