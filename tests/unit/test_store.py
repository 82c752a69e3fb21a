"""The store: nothing but finite numbers and nulls, sealed, and whole or not there."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import simulate
from sim.errors import BusyError, IncompleteError, InputError
from sim.experiment.store import encoding, parts
from sim.experiment.store.encoding import DamagedError
from sim.experiment.store.files import DiskError, hidden_name, write_file
from sim.experiment.store.locks import claim
from sim.experiment.store.stored import open_result as read_result
from sim.scenario import loads
from tests.keeping import write_result
from tests.texts import LABEL

COMMAND = ("mih", "run", "small")
SMALL = loads('title = "small"\norganisations = 3\nclinicians = 10\ncaseload = 3\nweeks = 70\n')


@pytest.fixture(scope="module")
def result() -> simulate.Result:
    return simulate.run(SMALL, 5, events=True)


@pytest.fixture
def folder(result: simulate.Result, tmp_path: Path) -> Path:
    write_result(result, tmp_path / "r", command=COMMAND)
    return tmp_path / "r"


def test_no_file_holds_nan_or_infinity(folder: Path) -> None:
    tables = {path: pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))}
    assert len(tables) == 5
    for path, table in tables.items():
        for name in table.column_names:
            if pa.types.is_floating(table[name].type):
                values = table[name].drop_null().to_numpy()
                assert np.isfinite(values).all(), (path, name)
    for path in folder.rglob("*.csv"):
        words = set(path.read_text().lower().replace('"', "").replace("\n", ",").split(","))
        assert not words & {"nan", "inf", "-inf"}, path
    for name in ("manifest.json", "SEAL.json"):
        json.loads((folder / name).read_text(), parse_constant=pytest.fail)


def test_rows_are_the_runs_and_the_organisations(result: simulate.Result, folder: Path) -> None:
    found = read_result(folder)
    assert found.sealed
    assert list(found.runs["replicate"]) == [0, 1, 2, 3, 4]
    assert set(found.runs["status"]) == {"ok"}
    frame = result.frame()
    pd.testing.assert_frame_equal(
        found.organisations[list(result.names)], frame[list(result.names)]
    )
    assert list(found.organisations["organisation"]) == [0, 1, 2] * 5
    spans = found.organisations[["phase_opened.build", "phase_done.build"]].to_numpy()
    np.testing.assert_array_equal(spans, result.phase_spans[:, :, 2].reshape(15, 2))
    assert found.weekly is not None
    np.testing.assert_array_equal(found.weekly["adoption"], result.weekly["adoption"].ravel())
    assert list(found.weekly["week"][:70]) == list(range(1, 71))
    assert found.events is not None
    assert result.events is not None
    assert len(found.events) == len(result.events)
    assert found.events["week"].min() == result.events["week"].min() + 1


def test_a_run_is_the_mean_of_its_organisations(result: simulate.Result, folder: Path) -> None:
    runs, rows = read_result(folder).runs, result.frame().groupby("replicate")
    np.testing.assert_allclose(runs["adoption"], rows["adoption"].mean(), rtol=1e-12)
    capped = result.frame()["go_live_week"].fillna(70.0).to_numpy().reshape(5, 3)
    np.testing.assert_allclose(runs["go_live_week"], capped.mean(axis=1))
    reached = rows["go_live_week"].count() / 3
    np.testing.assert_allclose(runs["go_live_week.share_reached"], reached)
    ratio = rows["cost"].sum() / rows["patients_reached"].sum().where(lambda n: n > 0)
    np.testing.assert_allclose(runs["cost_per_patient_reached"], ratio)
    # The mean over runs is that of the summary.
    assert runs["go_live_week"].mean() == pytest.approx(result.summary()["go_live_week"].mean)


def test_never_is_null_and_ok(tmp_path: Path) -> None:
    write_result(simulate.run(SMALL, 2, weeks=5), tmp_path / "r", command=COMMAND)
    parts = tmp_path / "r" / "parts"
    rows = pq.read_table(parts / "organisations-000000.parquet")
    assert rows["go_live_week"].null_count == 6
    runs = pq.read_table(parts / "part-000000.parquet")
    assert runs["go_live_week"].to_pylist() == [5.0, 5.0]
    assert runs["go_live_week.share_reached"].to_pylist() == [0.0, 0.0]
    assert runs["status"].to_pylist() == ["ok", "ok"]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_is_not_finite_is_said(result: simulate.Result, tmp_path: Path) -> None:
    rows = result.outcomes.copy()
    rows[2, 1, result.names.index("cost")] = np.inf
    fields = {**result.__dict__, "outcomes": rows}
    fields.pop("_summary", None)
    write_result(simulate.Result(**fields), tmp_path / "r", command=COMMAND)
    runs = pq.read_table(tmp_path / "r" / "parts" / "part-000000.parquet")
    assert runs["status"].to_pylist() == ["ok", "ok", "non-finite", "ok", "ok"]
    assert runs["cost"].to_pylist()[2] is None
    text = (tmp_path / "r" / "tables" / "summary.csv").read_text().lower()
    assert not {"nan", "inf", "-inf"} & set(text.replace("\n", ",").split(","))


@pytest.mark.parametrize("weeks", [0, 1])
def test_hardly_any_weeks(weeks: int, tmp_path: Path) -> None:
    write_result(simulate.run(SMALL, 1, weeks=weeks), tmp_path / "r", command=COMMAND)
    found = read_result(tmp_path / "r")
    assert found.weekly is not None
    assert len(found.weekly) == weeks


def test_the_manifest_says_what_was_run(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert loads(manifest["scenario"]) == SMALL
    assert manifest["seed"] == 1
    assert manifest["runs"] == 5
    assert manifest["label"] == LABEL
    assert manifest["parameters"]["clinicians"] == 10
    assert set(manifest["versions"]) >= {"python", "numpy", "numba", "mih-sim"}
    columns = {one["name"]: one for one in manifest["columns"]["runs"]}
    assert columns["adoption"] == {"name": "adoption", "type": "double", "unit": "share"}
    assert columns["go_live_week"]["unit"] == "weeks"
    assert columns["cost"]["unit"] == "EUR"
    for name, described in manifest["columns"].items():
        schema = pq.read_schema(folder / parts.part_name(name, 0))
        assert [one["name"] for one in described] == schema.names
    plan = pq.read_table(folder / "plan.parquet").to_pylist()
    assert plan == [{"point": 0, "first_replicate": 0, "replicates": 5}]
    assert manifest["parameters"]["organisations"] == 3
    text = (folder / "manifest.json").read_text() + (folder / "SEAL.json").read_text()
    assert str(folder) not in text
    assert str(os.getpid()) not in json.loads(text.split("\n}\n")[0] + "\n}")["command"]


def test_seals_are_equal_for_equal_results(result: simulate.Result, tmp_path: Path) -> None:
    first = write_result(result, tmp_path / "a", command=COMMAND)
    again = simulate.run(SMALL, 5, events=True, workers=1)
    assert write_result(again, tmp_path / "b", command=COMMAND) == first
    for path in (path for path in (tmp_path / "a").rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    # Asking for events or another engine changes no result; another seed does.
    plain = simulate.run(SMALL, 5)
    assert write_result(plain, tmp_path / "c", command=COMMAND) == first
    other = simulate.run(SMALL, 5, seed=2)
    assert write_result(other, tmp_path / "d", command=COMMAND) != first


def test_the_hash_of_columns_sees_content_alone() -> None:
    table = pa.table({"a": [1.0, None, 3.0], "b": ["x", None, ""]})
    coded = table.set_column(1, "b", table["b"].dictionary_encode())
    assert encoding.columns_hash(table) == encoding.columns_hash(coded)
    for other in (
        pa.table({"a": [1.0, None, 3.0], "c": ["x", None, ""]}),
        pa.table({"a": [1.0, 3.0, None], "b": ["x", None, ""]}),
        pa.table({"a": [1.0, None, 3.0], "b": ["x", "", None]}),
        pa.table({"a": [1, None, 3], "b": ["x", None, ""]}),
    ):
        assert encoding.columns_hash(other) != encoding.columns_hash(table)


def test_every_flipped_bit_is_noticed(folder: Path) -> None:
    generator = np.random.default_rng(3)
    sealed = [path for path in folder.rglob("*.*") if path.parent.name not in ("tables", "r")]
    sealed += [folder / "manifest.json", folder / "plan.parquet"]
    for path in sealed:
        whole = path.read_bytes()
        for _ in range(5):
            damaged = bytearray(whole)
            damaged[generator.integers(len(whole))] ^= 1 << int(generator.integers(8))
            path.write_bytes(damaged)
            with pytest.raises((DamagedError, InputError)):
                read_result(folder)
        path.write_bytes(whole)
    assert read_result(folder).sealed


def test_checksums_of_pages_notice_a_flipped_bit_without_a_seal(folder: Path) -> None:
    (folder / "SEAL.json").unlink()
    assert not read_result(folder).sealed
    path = folder / "weekly" / "weekly-000000.parquet"
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(DamagedError):
        read_result(folder)


def test_a_missing_file_is_noticed(folder: Path) -> None:
    (folder / "parts" / "part-000000.parquet").unlink()
    with pytest.raises(DamagedError):
        read_result(folder)
    (folder / "SEAL.json").unlink()
    with pytest.raises(DamagedError, match="part-000000"):
        read_result(folder)
    (folder / "receipts" / "chunk-000000.json").unlink()
    found = read_result(folder)
    assert not found.sealed
    with pytest.raises(IncompleteError, match="5 of 5 runs"):
        found.complete()
    with pytest.raises(InputError, match="holds no result"):
        read_result(folder / "parts")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("after", [0, 3, 7])
def test_a_failing_disk_leaves_nothing_that_looks_finished(
    result: simulate.Result,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    after: int,
) -> None:
    calls = 0
    real = os.fsync

    def failing(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(DiskError) as caught:
        write_result(result, tmp_path / "r", command=COMMAND)
    assert caught.value.exit_code == 6
    assert "not finished" in str(caught.value)
    assert not (tmp_path / "r" / "SEAL.json").exists()
    assert not list((tmp_path / "r").rglob(".*.new"))
    monkeypatch.undo()
    for path in (tmp_path / "r").rglob("*.parquet"):
        pq.read_table(path, page_checksum_verification=True)  # what is there is whole
    write_result(result, tmp_path / "r", command=COMMAND, force=True)
    assert read_result(tmp_path / "r").sealed


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(tmp_path / "x", b"old")

    def failing(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", failing)
    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(DiskError, match="the disk is full"):
        write_file(tmp_path / "x", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_no_traceback(tmp_path: Path) -> None:
    hidden_name(tmp_path / "x").symlink_to("/dev/full")
    with pytest.raises(DiskError, match="the disk is full"):
        write_file(tmp_path / "x", b"new" * 10000)
    assert not (tmp_path / "x").exists()


def test_a_folder_has_one_holder(result: simulate.Result, tmp_path: Path) -> None:
    with claim(tmp_path / "r") as folder, pytest.raises(BusyError, match=str(os.getpid())):
        write_result(result, folder, command=COMMAND, force=True)
    write_result(result, tmp_path / "r", command=COMMAND)
    with pytest.raises(InputError, match="finished result"):
        write_result(result, tmp_path / "r", command=COMMAND)


def test_a_claim_that_comes_to_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), claim(tmp_path / "r"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
