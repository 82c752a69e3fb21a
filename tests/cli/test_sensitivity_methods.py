"""``mih sensitivity --method morris`` and ``pawn``: printed, kept, drawn, resumed, refused."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.sensitivity.screened import RESULT
from tests.reliability.studies import small_chunks
from tests.texts import LABEL

STUDY = """title = "Tiny"
scenario = "baseline"
design = "sobol"
points = 128
outcomes = ["adoption"]

[set]
clinicians = 6
caseload = 2
weeks = 40

[factors]
motivation = "prior"
licence = { prior = ["uniform", 5, 50] }
invitation = ["clinician", "default"]
"""

FEW = {"morris": ("--points", "8", "--replicates", "4"), "pawn": ("--replicates", "2")}
RUNS = {"morris": 8 * 4 * 4, "pawn": 128 * 2}
BOTH = pytest.mark.parametrize("method", ["morris", "pawn"])


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(STUDY)
    return str(path)


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["sensitivity", *arguments, "--workers", "0"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.drawn
@BOTH
def test_all_factors_are_told_kept_and_drawn(method: str, study: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    code, said, errors = mih(study, "--method", method, "--out", str(out), *FEW[method])
    assert code == 0, errors
    lines = said.splitlines()
    assert "adoption: Tiny" in lines[0]
    assert f": {RUNS[method]:,} runs; seed 1" in lines[1]
    assert lines[2].startswith(LABEL)
    for label in ("Motivation", "Licence", "Who invites patients"):
        assert sum(line.startswith(f"{label}: ") for line in lines) == 1
    assert "Mind: ranges: taken from the registry, not stated for this study: motivation" in said
    assert errors.splitlines()[-1].startswith(f"written to {out} (result ")
    drawn = {path.name for path in (out / "figures").glob("*.png")}
    kinds = {"morris": ("morris",), "pawn": ("pawn", "fans")}[method]
    assert drawn == {f"{kind}-adoption.png" for kind in kinds}
    rows = list(csv.DictReader((out / "tables" / f"{method}.csv").open()))
    told = [(row["outcome"], row["factor"]) for row in rows]
    assert told == [("adoption", name) for name in ("motivation", "licence", "invitation")]


@BOTH
def test_json_is_what_is_kept_and_check_confirms_it(
    method: str, study: str, tmp_path: Path
) -> None:
    where = ("--method", method, "--out", str(tmp_path / "x"))
    code, said, _ = mih(study, *where, *FEW[method], "--json")
    assert code == 0
    found = json.loads(said, parse_constant=pytest.fail)
    kept = json.loads((tmp_path / "x" / RESULT).read_text())
    kept.pop("check")
    assert found == kept
    assert (found["method"], found["runs"]) == (method, RUNS[method])
    code, said, _ = mih(study, *where, "--check", "--json")
    assert (code, json.loads(said)["runs"]) == (0, RUNS[method])
    (tmp_path / "x" / "tables" / f"{method}.csv").unlink()
    code, _, errors = mih(study, *where, "--check")
    assert code == 1
    assert f"tables/{method}.csv: cannot be read" in errors


@BOTH
def test_a_dry_run_tells_the_cost_and_writes_nothing(
    method: str, study: str, tmp_path: Path
) -> None:
    out = tmp_path / "x"
    arguments = (study, "--method", method, "--dry-run", "--out", str(out), *FEW[method])
    code, said, _ = mih(*arguments)
    assert code == 0
    assert f"= {RUNS[method]:,} runs, about " in said
    code, said, _ = mih(*arguments, "--json")
    assert (code, json.loads(said)["runs"]) == (0, RUNS[method])
    assert not out.exists()


@BOTH
def test_shards_share_a_screening(method: str, study: str, tmp_path: Path) -> None:
    options = (study, "--method", method, *FEW[method], "--out", str(tmp_path / "x"))
    with small_chunks(16):
        code, said, errors = mih(*options, "--shard", "1/2")
        assert (code, said) == (0, "")
        assert "this shard's share is done" in errors
        code, said, _ = mih(*options, "--shard", "2/2")
        assert code == 0
        assert "Motivation: " in said
        whole = str(tmp_path / "whole")
        assert mih(study, "--method", method, *FEW[method], "--out", whole)[0] == 0
    assert (tmp_path / "x" / RESULT).read_bytes() == (tmp_path / "whole" / RESULT).read_bytes()


@BOTH
def test_a_folder_of_another_method_is_left_as_it_is(
    method: str, study: str, tmp_path: Path
) -> None:
    out = ("--out", str(tmp_path / "x"))
    other = "pawn" if method == "morris" else "morris"
    assert mih(study, "--method", method, *out, *FEW[method])[0] == 0
    before = (tmp_path / "x" / RESULT).read_bytes()
    for again in (other, "sobol"):
        code, _, errors = mih(study, "--method", again, *out)
        assert code == 4
        assert "begun by another question" in errors
    assert (tmp_path / "x" / RESULT).read_bytes() == before


@BOTH
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--scrambles", "4"), "--scrambles: only with --method sobol"),
        (("--until", "ranking"), "--until: only with --method sobol"),
        (("--budget", "1000"), "--budget: only with --method sobol"),
        (("--second-order",), "--second-order: only with --method sobol"),
        (("--spread",), "--spread: only with --method sobol"),
        (("--split", "0"), "--split: only with --method sobol"),
        (("--ranges", "2"), "--ranges: only with --method sobol"),
    ],
)
def test_what_only_sobol_can_do_is_refused(
    method: str, arguments: tuple[str, ...], said: str, study: str, tmp_path: Path
) -> None:
    code, _, errors = mih(study, "--method", method, "--out", str(tmp_path / "x"), *arguments)
    assert code == 2
    assert f"mih: {said}" in errors
    assert not (tmp_path / "x").exists()


@BOTH
def test_another_target_is_another_result_of_the_same_runs_and_is_drawn(
    method: str, study: str, tmp_path: Path
) -> None:
    options = (study, "--method", method, *FEW[method], "--out", str(tmp_path / "x"), "--json")
    first = json.loads(mih(*options)[1])
    second = json.loads(mih(*options, "--target", "adoption>=0.5")[1])
    assert first["result"] != second["result"]
    assert first["runs"] == second["runs"]
    assert (tmp_path / "x" / "figures" / f"{method}-adoption-0.5.png").exists()


@BOTH
def test_a_row_of_the_table_can_be_read_by_itself(method: str, study: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    assert mih(study, "--method", method, "--out", str(out), *FEW[method])[0] == 0
    row = next(csv.DictReader((out / "tables" / f"{method}.csv").open()))
    assert (row["outcome_label"], row["factor_label"]) == ("Adoption", "Motivation")
    assert row["unit"] == "share"
    assert float(row["floor"]) > 0.0


@BOTH
def test_an_option_is_refused_though_its_value_be_the_usual_one(method: str, study: str) -> None:
    code, _, errors = mih(study, "--method", method, "--dry-run", "--scrambles", "8")
    assert code == 2
    assert "--scrambles: only with --method sobol" in errors


def test_all_that_is_wrong_is_told_at_once(study: str) -> None:
    wrong = ("--points", "1", "--replicates", "0", "--target", "adoptoin>=0.5")
    code, _, errors = mih(study, "--method", "morris", "--dry-run", *wrong)
    assert code == 2
    assert "--points: trajectories out of range (found 1, allowed 2 to 16,384)" in errors
    assert "--replicates: found 0, allowed 2 to 1,024" in errors
    assert "did you mean adoption?" in errors


@BOTH
def test_a_size_that_no_machine_has_is_refused_at_once(method: str, study: str) -> None:
    code, _, errors = mih(study, "--method", method, "--dry-run", "--points", str(2**40))
    assert code == 2
    assert "--points: " in errors
    code, _, errors = mih(study, "--method", method, "--dry-run", "--replicates", str(2**40))
    assert code == 2
    assert "--replicates: " in errors


def test_check_goes_by_the_folder_and_refuses_another_method(study: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "x"))
    assert mih(study, "--method", "morris", *out, *FEW["morris"])[0] == 0
    assert mih(study, *out, "--check")[0] == 0
    for other in ("pawn", "sobol"):
        code, _, errors = mih(study, *out, "--check", "--method", other)
        assert code == 2
        assert f"was analysed by morris (found {other})" in errors


def test_check_of_a_screening_without_its_runs_says_what_is_missing(
    study: str, tmp_path: Path
) -> None:
    out = tmp_path / "x"
    assert mih(study, "--method", "pawn", "--out", str(out), *FEW["pawn"])[0] == 0
    (out / "pawn").rename(tmp_path / "away")
    code, _, errors = mih(study, "--out", str(out), "--check")
    assert code == 5
    assert f"{out / 'pawn'}: is not there" in errors
