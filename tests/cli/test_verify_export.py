"""`mih verify` and `mih export`: exit codes, what is printed, what is written."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim import simulate
from sim.cli import main
from sim.experiment.export import arrays
from sim.experiment.store.encoding import json_bytes, parquet_table
from sim.experiment.store.folder import MANIFEST, SEAL, identity_of, read_manifest, read_plan, seal
from sim.experiment.store.parts import part_name, receipt_name, write_chunk
from sim.scenario import loads
from tests.keeping import write_result

SMALL = loads('title = "small"\nclinicians = 8\ncaseload = 2\nweeks = 30\n')


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "run"
    write_result(simulate.run(SMALL, 3, events=True), folder, command=("mih", "run", "x"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


def as_made_by_other_code(folder: Path) -> None:
    plan, _ = read_plan(folder)
    manifest = read_manifest(folder) | {"source": "0123456789abcdef"}
    (folder / MANIFEST).write_bytes(json_bytes(manifest))
    names = ("runs", "organisations", "weekly", "events")
    paths = {name: folder / part_name(name, 0) for name in names}
    tables = {name: parquet_table(path.read_bytes(), path) for name, path in paths.items()}
    receipt = write_chunk(folder, plan, identity_of(manifest), 0, tables)
    (folder / SEAL).unlink()
    seal(folder, manifest, [receipt])


def test_a_result_that_verifies_ends_with_0_and_a_line_for_each_check(made: Path) -> None:
    code, out, err = mih("verify", str(made))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    result = json.loads((made / SEAL).read_text())["result"]
    assert lines[0] == f"{made}: sealed, result {result}; 3 of 3 runs in 1 of 1 chunk"
    assert [line.split()[0] for line in lines[1:]] == ["files", "rows", "code", "re-run"]
    assert all(": ok" in line or "  ok:" in line for line in lines[1:])
    assert "3 runs (seed 1) equal bit for bit in runs, organisations, weekly, events" in lines[4]


def test_json_holds_what_was_found(made: Path) -> None:
    code, out, _ = mih("verify", str(made), "--json", "--runs", "2", "--seed", "5")
    found = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert (found["verified"], found["sealed"], found["runs"], found["there"]) == (True, True, 3, 3)
    assert len(found["rerun"]) == 2
    assert found["damage"] == found["drift"] == found["differences"] == found["failed"] == []
    assert found["writer"] is None


def test_damage_ends_with_1_and_names_the_file(folder: Path) -> None:
    path = folder / part_name("weekly", 0)
    path.write_bytes(path.read_bytes()[:-1])
    code, out, err = mih("verify", str(folder))
    assert code == 1
    assert str(path) in err
    assert "damaged" in out
    code, out, _ = mih("verify", str(folder), "--json")
    found = json.loads(out)
    assert (code, found["verified"], found["rerun"]) == (1, False, None)
    assert len(found["damage"]) > 0


def test_other_code_ends_with_4_and_is_compared_if_asked(folder: Path) -> None:
    as_made_by_other_code(folder)
    code, out, err = mih("verify", str(folder))
    assert code == 4
    assert "source hash 0123456789abcdef" in err
    assert "--accept-drift" in err
    assert "re-run  not done" in out
    code, out, err = mih("verify", str(folder), "--accept-drift")
    assert (code, err) == (0, "")
    assert "differs (accepted)" in out
    assert "equal bit for bit" in out


def test_a_partial_result_ends_with_5(folder: Path) -> None:
    (folder / SEAL).unlink()
    (folder / receipt_name(0)).unlink()
    (folder / ".lock-1-of-1").write_text("process 12 on host\n")
    code, out, err = mih("verify", str(folder))
    assert code == 5
    assert "not sealed; 0 of 3 runs in 0 of 1 chunk" in out
    assert "3 of 3 runs are missing" in err
    assert "another process may be at work here: .lock-1-of-1 names process 12 on host" in err


@pytest.mark.parametrize("command", [("verify",), ("export", "--out", "x")])
def test_a_folder_without_a_result_ends_with_2(command: tuple[str, ...], tmp_path: Path) -> None:
    code, out, err = mih(command[0], str(tmp_path / "none"), *command[1:])
    assert (code, out) == (2, "")
    assert "holds no result" in err


@pytest.mark.parametrize("arguments", [("--runs", "-1"), ("--seed", "-1"), ("--runs", "many")])
def test_numbers_that_cannot_be_end_with_2(made: Path, arguments: tuple[str, ...]) -> None:
    assert mih("verify", str(made), *arguments)[0] == 2


def test_export_writes_tables_or_one_file(made: Path, tmp_path: Path) -> None:
    code, out, err = mih("export", str(made), "--out", str(tmp_path / "new" / "csv"))
    assert (code, out) == (0, "")
    assert "3 of 3 runs; result " in err
    names = ("points", "runs", "organisations", "weekly", "events", "columns")
    files = {path.name for path in (tmp_path / "new" / "csv").iterdir()}
    assert files == {*(f"{name}.csv" for name in names), "provenance.json"}
    pytest.importorskip("xarray")
    for name, more in (("a.nc", ()), ("b", ("--format", "netcdf"))):
        assert mih("export", str(made), "--out", str(tmp_path / name), *more)[0] == 0
        assert (tmp_path / name).read_bytes()[1:4] == b"HDF"


def test_export_never_overwrites(made: Path, tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_text("precious")
    code, _, err = mih("export", str(made), "--out", str(place))
    assert (code, place.read_text()) == (2, "precious")
    assert "--force to move it to x.old-1" in err
    assert mih("export", str(made), "--out", str(place), "--force")[0] == 0
    assert (tmp_path / "x.old-1").read_text() == "precious"
    assert (place / "runs.csv").exists()


def test_export_of_what_is_not_there_ends_with_5(folder: Path, tmp_path: Path) -> None:
    (folder / SEAL).unlink()
    (folder / receipt_name(0)).unlink()
    assert mih("export", str(folder), "--out", str(tmp_path / "x"))[0] == 5
    assert not (tmp_path / "x").exists()


def test_export_without_xarray_says_how_to_install_it(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "find_spec", lambda _: None)
    code, _, err = mih("export", str(made), "--out", str(tmp_path / "x.nc"))
    assert code == 2
    assert 'pip install "mih-sim[xarray]"' in err
