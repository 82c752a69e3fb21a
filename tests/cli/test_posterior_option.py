"""`--posterior` of `mih run`, `mih compare` and `mih sweep`: what is printed, kept and refused."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.experiment.doubt import source
from tests.posteriors import saved, small
from tests.tolerances import ROUNDING

SMALL = ("--weeks", "60", "--set", "clinicians=8", "--set", "caseload=4")
STUDY = """title = "small"
scenario = "baseline"
replicates = 40
outcomes = ["adoption", "reach"]

[set]
clinicians = 8
caseload = 3
weeks = 60

[factors]
leads = [1, 2]
"""


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def posterior(tmp_path: Path) -> str:
    return saved(small(), tmp_path)


def test_run_prints_what_is_not_known_and_why(posterior: str) -> None:
    code, out, _ = mih("run", "baseline", "-n", "100", "--posterior", posterior, *SMALL)
    assert code == 0
    assert f"12 draws of the rules (posterior {small().id}: start_rate, stop_rate)" in out
    assert "x 4 organisations each x 2 lucks = 96 runs; 100 were asked for" in out
    heading = next(line for line in out.splitlines() if line.startswith("Uptake"))
    for word in ("mean", "+/-", "95 % of rules", "rules", "organisations", "chance"):
        assert word in heading
    row = next(line for line in out.splitlines() if line.startswith("  Adoption  "))
    shares = [
        int(cell.removesuffix("%")) for cell in row.split() if cell.endswith("%") and cell != "%"
    ]
    assert sum(shares) in (99, 100, 101)


def test_run_says_it_as_json(posterior: str) -> None:
    code, out, _ = mih("run", "baseline", "-n", "64", "--posterior", posterior, *SMALL, "--json")
    assert code == 0
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["posterior"]["id"] == small().id
    assert (
        found["posterior"]["draws"] * found["posterior"]["organisations"] * 2 == found["replicates"]
    )
    assert found["between_organisations"] == {}
    one = found["outcomes"]["adoption"]
    low, high = (one["posterior"][end] for end in ("low", "high"))
    assert low - ROUNDING <= one["mean"] <= high + ROUNDING  # one value where rules do nothing
    assert one["posterior"]["mean"] == pytest.approx(one["mean"])
    shares = one["posterior"]["shares"]
    assert sum(part["share"] for part in shares.values()) == pytest.approx(1.0)
    assert set(shares) == {"parameter", "organisations", "chance"}
    plain = json.loads(mih("run", "baseline", "-n", "2", *SMALL, "--json")[1])
    assert "posterior" not in plain
    assert set(plain["outcomes"]["adoption"]) == set(one) - {"posterior"}


def test_a_kept_run_opens_verifies_and_is_exported(posterior: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    arguments = ("run", "baseline", "-n", "64", "--posterior", posterior, *SMALL)
    assert mih(*arguments, "--out", str(folder))[0] == 0
    opened = sim.open(folder)
    assert opened.sealed
    words = opened.manifest["command"]
    assert words[words.index("--posterior") + 1] == "posterior.parquet"  # without its folder
    assert opened.manifest["study"]["posterior"]["id"] == small().id
    assert opened.manifest["study"]["posterior"]["provenance"] == {"made": "for tests"}
    summary = opened.summary().set_index("outcome")
    with (folder / "tables" / "summary.csv").open() as file:
        rows = {row["outcome"]: row for row in csv.DictReader(file)}
    assert float(rows["adoption"]["rules_low"]) == summary.loc["adoption", "rules_low"]
    assert float(rows["adoption"]["share_chance"]) == summary.loc["adoption", "share_chance"]
    assert (folder / "figures" / "uptake.png").is_file()
    assert "rules_low" in (folder / "figures" / "uptake.csv").read_text().splitlines()[0]
    assert mih("verify", str(folder), "--runs", "3")[0] == 0
    assert mih("export", str(folder), "--out", str(tmp_path / "csv"))[0] == 0


def test_compare_says_it_in_words_and_numbers(posterior: str) -> None:
    plans = ("compare", "baseline", "-n", "64", "--weeks", "60", "--set", "leads=2")
    code, out, _ = mih(*plans, "--posterior", posterior)
    assert code == 0
    assert "95 % of rules  P over rules" in out
    assert "draws of the rules the expected difference in adoption" in out
    found = json.loads(mih(*plans, "--posterior", posterior, "--json")[1])
    entry = found["outcomes"]["adoption"]["plans"]["leads=2"]
    assert {"p_better", "p_better_rules", "rules_low", "rules_high"} <= set(entry)


def test_sweep_takes_it_and_goes_on(posterior: str, tmp_path: Path) -> None:
    study = tmp_path / "small.toml"
    study.write_text(STUDY)
    code, out, _ = mih("sweep", str(study), "--dry-run", "--posterior", posterior)
    assert code == 0
    assert "2 points x 36 replicates = 72 runs" in out
    assert "36 runs; 40 were asked for" in out
    folder = tmp_path / "swept"
    arguments = ("sweep", str(study), "--out", str(folder), "--workers", "0")
    assert mih(*arguments, "--posterior", posterior)[0] == 0
    shutil.rmtree(folder / "tables")
    code, _, err = mih(*arguments, "--posterior", posterior)
    assert code == 0
    assert "72 runs were there already" in err
    with (folder / "tables" / "points.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["leads"] for row in rows] == ["1", "2", "1", "2"]
    assert float(rows[0]["rules_low"]) <= float(rows[0]["mean"]) + ROUNDING
    assert mih(*arguments)[0] == 4  # another question


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "baseline", "--set", "start_rate=0.006"), "start_rate: set by --set, and drawn"),
        (("run", "baseline", "-n", "15"), "replicates: too few for a posterior"),
        (("run", "baseline", "--engine", "mesa"), "--engine mesa: not with --posterior"),
        (("run", "baseline", "--events"), "--events: not with --posterior"),
        (("compare", "baseline", "--set", "stop_rate=0.01"), "stop_rate: set by the plan"),
        (("compare", "baseline", "overload", "--precision", "1"), "--precision: not together"),
    ],
)
def test_what_does_not_go_together_ends_with_2(
    posterior: str, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = mih(*arguments, "--posterior", posterior)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("command", ["run", "validate"])
def test_shipped_says_what_to_do_where_there_is_none(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "files", lambda _: tmp_path)
    scenario = ("baseline",) if command == "run" else ()
    code, _, err = mih(command, *scenario, "--posterior", "shipped")
    assert code == 2
    assert "comes without one" in err
    assert "mih calibrate" in err
