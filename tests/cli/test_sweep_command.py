"""`mih sweep`: what it says, what it keeps, what it refuses, how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.commands import progress
from sim.experiment.runs import plan

STUDY = """title = "small"
scenario = "baseline"
replicates = 6
outcomes = ["adoption", "reach"]

[set]
clinicians = 8
caseload = 3
weeks = 40

[factors]
leads = [1, 2]
network = ["teams", "random"]
"""


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return str(path)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(study: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, _ = mih("sweep", study, "--out", str(out), "--dry-run", "--workers", "2")
    assert code == 0
    lines = text.splitlines()
    assert lines[0] == "small  (small)"
    assert lines[1].startswith("4 points x 6 replicates = 24 runs in ")
    assert lines[2].startswith("time    about ")
    assert "2 workers (timed pilot)" in lines[2]
    assert lines[3].startswith("memory  about ")
    assert lines[4].startswith("disk    about ")
    assert not out.exists()
    found = json.loads(mih("sweep", study, "--dry-run", "--json")[1])
    assert (found["points"], found["runs"]) == (4, 24)
    assert found["seconds"] > 0
    assert found["disk"] > 1000


def test_a_sweep_is_sealed_and_running_it_again_changes_nothing(study: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, err = mih("sweep", study, "--out", str(out))
    assert (code, text) == (0, "")
    seal = json.loads((out / "SEAL.json").read_text())
    assert f"written to {out} (result {seal['result']})" in err
    before = content(out)
    code, text, err = mih("sweep", study, "--out", str(out), "--json")
    assert code == 0
    assert json.loads(text) == {
        "runs": 24,
        "done": 24,
        "before": 24,
        "failed": [],
        "lost": [],
        "repaired": 0,
        "sealed": True,
        "result": seal["result"],
    }
    assert content(out) == before


def test_shards_share_one_folder(
    study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "CHUNK_WORK", 10_000)  # several chunks in a small study
    whole, shared = tmp_path / "whole", tmp_path / "shared"
    mih("sweep", study, "--out", str(whole))
    first = json.loads(mih("sweep", study, "--out", str(shared), "--shard", "1/2", "--json")[1])
    assert not first["sealed"]
    assert 0 < first["done"] < 24
    last = json.loads(mih("sweep", study, "--out", str(shared), "--shard", "2/2", "--json")[1])
    assert last["sealed"]
    sealed = {name: data for name, data in content(whole).items() if "/" not in name}
    assert sealed == {name: data for name, data in content(shared).items() if "/" not in name}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--shard", "3/2"), "--shard: found 3/2, allowed i/n"),
        (("--shard", "x"), "--shard: found 'x', allowed i/n"),
        (("--workers", "-1"), "--workers: found -1, allowed 0 to 1024"),
        (("--timeout", "0"), "--timeout: found 0"),
        (("--dask", "tcp://127.0.0.1:1", "--shard", "1/2"), "choose one"),
    ],
)
def test_options_that_cannot_be_leave_nothing(
    arguments: tuple[str, ...], named: str, study: str, tmp_path: Path
) -> None:
    code, _, err = mih("sweep", study, "--out", str(tmp_path / "out"), *arguments)
    assert code == 2
    assert named in err
    assert not (tmp_path / "out").exists()


def test_a_folder_must_be_named(study: str) -> None:
    code, _, err = mih("sweep", study)
    assert code == 2
    assert "--out: missing" in err


def test_a_wrong_study_names_its_lines_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(STUDY.replace("leads = [1, 2]", "laeds = [1, 2]").replace("= 6", "= 0"))
    code, _, err = mih("sweep", str(path), "--out", str(tmp_path / "out"))
    assert code == 2
    assert f"mih: {path}:3: replicates" in err
    assert f"mih: {path}:12: factors.laeds" in err
    assert "did you mean leads" in err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_refused_untouched(study: str, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("chapter 1")
    code, _, err = mih("sweep", study, "--out", str(out))
    assert code == 2
    assert "is not empty" in err
    assert content(out) == {"thesis.txt": b"chapter 1"}


def test_another_plan_is_refused_by_name_and_moved_aside_if_asked(
    study: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    mih("sweep", study, "--out", str(out))
    before = content(out)
    Path(study).write_text(STUDY.replace("weeks = 40", "weeks = 41"))
    code, _, err = mih("sweep", study, "--out", str(out))
    assert code == 4
    assert "weeks: was 40, now 41" in err
    assert content(out) == before
    code, _, err = mih("sweep", study, "--out", str(out), "--accept-drift")
    assert code == 0
    assert content(tmp_path / "out.old-1") == before
    assert json.loads((out / "manifest.json").read_text())["parameters"]["weeks"] == 41
    assert mih("sweep", study, "--out", str(out), "--force")[0] == 0
    assert (tmp_path / "out.old-2").exists()


def test_progress_is_a_line_a_minute_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.shown(10_000) as advance:
        for done, at in ((2_000, 0.0), (2_500, 30.0), (4_000, 61.0), (4_100, 90.0), (9_760, 122.0)):
            clock[0] = at
            advance(done)
    assert capsys.readouterr().err.splitlines() == [
        "4,000 of 10,000 runs, 33 a second, 3 min left",
        "9,760 of 10,000 runs, 64 a second, 4 s left",
    ]
