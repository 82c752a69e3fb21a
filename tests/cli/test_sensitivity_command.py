"""``mih sensitivity``: what is printed, kept and refused; killed, it goes on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.sensitivity.contract import RESULT
from sim.experiment.sensitivity.run import sensitivity
from tests.reliability.studies import small_chunks
from tests.texts import LABEL

STUDY = """title = "Tiny"
scenario = "baseline"
design = "sobol"
points = 8
outcomes = ["adoption"]

[set]
clinicians = 6
caseload = 2
weeks = 40

[factors]
motivation = "prior"
trust = { prior = ["uniform", 0.3, 0.8] }
network = ["teams", "random"]
"""

FEW = ("--scrambles", "2", "--split", "4", "--workers", "0")


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(STUDY)
    return str(path)


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["sensitivity", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.drawn
def test_the_plan_comes_before_the_main_run_and_the_answer_after(
    study: str, tmp_path: Path
) -> None:
    out = tmp_path / "x"
    code, said, errors = mih(study, "--out", str(out), *FEW)
    assert code == 0
    assert said.startswith("What drives adoption: Tiny\n3 factors, 2 scrambles of 8 lines, ")
    assert LABEL in said
    for words in ("total effect", "between organisations", "Motivation: ", "Screening: ", "Mind: "):
        assert words in said
    plan = errors.splitlines()
    assert plan[0].startswith("pilot: 5,120 runs; ")
    assert "replicates are best" in plan[0]
    assert plan[1].startswith("main run: 2 scrambles x 8 lines x 5 x ")
    assert plan[2].startswith("cost: ")
    assert plan[3].startswith("to expect: total effects on adoption to within ")
    assert plan[-1].startswith(f"written to {out} (result ")
    assert {path.name for path in (out / "figures").glob("*.png")} == {
        "drivers.png",
        "indices-adoption.png",
        "responses-adoption.png",
    }
    assert (out / "tables" / "indices.csv").read_text().startswith('"outcome","outcome_label"')


def test_json_is_what_is_kept_and_check_confirms_it(study: str, tmp_path: Path) -> None:
    out = str(tmp_path / "x")
    code, said, _ = mih(study, "--out", out, *FEW, "--replicates", "2", "--json")
    assert code == 0
    found = json.loads(said, parse_constant=pytest.fail)
    kept = json.loads((tmp_path / "x" / RESULT).read_text())
    kept.pop("check")
    assert found == kept
    code, said, _ = mih(study, "--out", out, "--check")
    assert code == 0
    assert (
        f"all numbers follow from the 176 stored runs (5 files, result {found['result']})" in said
    )
    code, said, _ = mih(study, "--out", out, "--check", "--json")
    assert (code, json.loads(said)["runs"]) == (0, 176)
    (tmp_path / "x" / "tables" / "lights.csv").unlink()
    code, _, errors = mih(study, "--out", out, "--check")
    assert code == 1
    assert "tables/lights.csv: cannot be read" in errors


def test_a_dry_run_tells_the_cost_and_writes_nothing(study: str, tmp_path: Path) -> None:
    code, said, _ = mih(study, "--dry-run", "--out", str(tmp_path / "x"), *FEW)
    assert code == 0
    assert not (tmp_path / "x").exists()
    lines = said.splitlines()
    assert lines[1].startswith("pilot      5,120 runs, about ")
    assert [line.split()[0] for line in lines[3:]] == ["2", "4", "8", "16"]
    assert " 5,296 runs in all, about " in lines[3]
    code, said, _ = mih(study, "--dry-run", "--replicates", "4", "--json", *FEW)
    found = json.loads(said)
    assert (found["pilot"], [one["runs"] for one in found["runs"]]) == (0, [352])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--out: missing; name the folder that keeps the runs, or --dry-run"),
        (("--out", ""), "--out: must name a folder"),
        (("--out", "x", "--check", "--dry-run"), "--check and --dry-run: choose one"),
        (("--out", "x", "--points", "9"), "--points: must be a power of two (found 9"),
        (("--out", "x", "--target", "reach>=0.5"), "target: no outcome is called"),
        (("--out", "x", "--shard", "2"), "--shard: found '2', allowed i/n"),
    ],
)
def test_wrong_options_are_refused(study: str, arguments: tuple[str, ...], said: str) -> None:
    code, _, errors = mih(study, *arguments)
    assert code == 2
    assert f"mih: {said}" in errors


def test_a_grid_is_no_study_of_sensitivity() -> None:
    code, _, errors = mih("staffing-grid", "--out", "x")
    assert code == 2
    assert "staffing-grid: design: a sensitivity analysis draws factors from" in errors


def test_a_shard_that_has_done_its_share_ends_well(study: str, tmp_path: Path) -> None:
    options = ("--out", str(tmp_path / "x"), *FEW, "--replicates", "2")
    with small_chunks(16):
        code, said, errors = mih(study, "--shard", "1/2", *options)
        assert (code, said) == (0, "")
        assert "this shard's share is done; 2 of 2 scrambles wait" in errors
        code, said, _ = mih(study, "--shard", "2/2", *options)
    assert code == 0
    assert "What drives adoption" in said


def test_a_killed_analysis_goes_on_to_the_same_bytes(study: str, tmp_path: Path) -> None:
    options = (*FEW, "--points", "32", "--replicates", "8", "--scrambles", "3")
    words = {"points": 32, "replicates": 8, "scrambles": 3, "split": 4, "workers": 0}
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    sensitivity(study, whole, **words)
    command = [sys.executable, "-c", "from sim.cli import main; main()", "sensitivity", study]
    process = subprocess.Popen([*command, "--out", str(broken), *options])
    try:
        until = time.monotonic() + 60
        while not (broken / "scramble-01").exists() and time.monotonic() < until:
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (broken / "scramble-01").exists()
    assert not (broken / RESULT).exists()
    sensitivity(study, broken, **words)
    for name in (RESULT, "tables/indices.csv", "tables/response.csv"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()
