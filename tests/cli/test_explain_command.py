"""`mih explain`: what is printed, kept and refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.explain.barriers import ATTAINABLE, DEFINITIONS, WORDS
from sim.experiment.explain.explaining import explain
from sim.scenario import load
from tests.texts import LABEL

CHANGES = {
    "clinicians": 6,
    "caseload": 2,
    "trust": 0.75,
    "alignment": 0.84,
    "manager_hours": 8.0,
    "underestimation": 0.1,
    "workload": 0.84,
}
SETTINGS = [word for key, value in CHANGES.items() for word in ("--set", f"{key}={value}")]
SMALL = ("baseline", "-n", "8", "--weeks", "60", "--workers", "0", *SETTINGS)
NUMBERS = {"value", "ci_low", "ci_high", "se"}
BARRIER = {
    *("there", "level", "attainable", "share", "alone", "on_top", "rank_best", "rank_worst"),
}


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["explain", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_json_is_the_contract_and_holds_the_numbers_of_the_library() -> None:
    code, out, _ = mih(*SMALL, "--json")
    assert code == 0
    found = json.loads(out, parse_constant=pytest.fail)
    assert set(found) == {
        *("schema", "scenario", "label", "outcome", "unit", "better", "seed", "replicates"),
        *(
            "posterior",
            "weeks",
            "combinations",
            "runs",
            "result",
            "definitions",
            "ledger",
            "sentences",
        ),
    }
    assert (found["scenario"], found["outcome"], found["unit"]) == ("baseline", "adoption", "share")
    assert (found["combinations"], found["runs"]) == (15, 120)
    assert set(found["definitions"]) == set(DEFINITIONS)
    for one in found["definitions"].values():
        assert set(one["gap"]) == NUMBERS
        assert set(one["barriers"]) == set(WORDS)
        assert set(one["now"]) == set(one["then"]) == {"mean", "ci_low", "ci_high"}
        for barrier in one["barriers"].values():
            assert set(barrier) == BARRIER
            assert all(set(barrier[key]) == NUMBERS for key in ("share", "alone", "on_top"))
    assert [phase["name"] for phase in found["ledger"]] == [
        "onboarding",
        "journeys",
        "build",
        "train",
    ]
    scenario = load("baseline").with_values(CHANGES)
    library = explain(scenario, 8, weeks=60, workers=0).as_json()
    assert json.loads(json.dumps(library)) == found


def test_the_table_is_for_people() -> None:
    code, out, err = mih(*SMALL)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "What barriers cost: One organisation, nothing special  (baseline)"
    assert "15 combinations of barriers, 8 runs of each with the same luck, 60 weeks" in out
    assert f"{LABEL}." in out
    first = {line.partition("  ")[0]: line for line in lines if line[:1].isupper()}
    assert "not there" in first["Weak relationship"]
    assert first["Unclear roles"].endswith("points")
    assert "All: adoption" in first
    assert {"Onboarding", "Training", "Weeks of a phase"} <= set(first)
    assert any(line.startswith("In this model adoption is ") for line in lines)
    assert "share their effect" in out
    assert "nan" not in out.split()
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.drawn
def test_a_folder_keeps_runs_tables_and_figures(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    code, out, err = mih(*SMALL, "--out", str(place))
    assert code == 0
    names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert {"SEAL.json", "explain.json", "tables/barriers.csv", "tables/ledger.csv"} <= names
    assert {f"figures/waterfall.{end}" for end in ("png", "svg", "csv")} <= names
    kept = json.loads((place / "explain.json").read_text(encoding="utf-8"))
    assert f"written to {place} (result {kept['result']})" in err
    again, out2, _ = mih(*SMALL, "--out", str(place))
    assert (again, out2) == (0, out)
    drift, _, err = mih(*SMALL, "--out", str(place), "--seed", "2")
    assert drift == 4
    assert "seed" in err
    moved, _, _ = mih(*SMALL, "--out", str(place), "--seed", "2", "--accept-drift")
    assert moved == 0
    assert (tmp_path / "kept.old-1" / "explain.json").exists()
    checked = CliRunner().invoke(main, ["verify", str(place), "--runs", "1"])
    assert checked.exit_code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--outcome", "adopted"), "did you mean adoption?"),
        (("--set", "role_clarity=2"), "--set"),
        (("--force",), "--force: only together with --out"),
        (("--accept-drift",), "--accept-drift: only together with --out"),
        (("--out", ""), "--out: must name a folder"),
        (("--seed", "-1"), "seed: -1"),
        (("-n", "0"), "replicates: 0"),
        (("--workers", "-2"), "--workers: found -2"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(words: tuple[str, ...], complaint: str) -> None:
    code, out, err = mih("baseline", *words)
    assert (code, out) == (2, "")
    assert complaint in err
    assert "Traceback" not in err


def test_less_is_better_of_a_week_and_never_is_the_horizon() -> None:
    code, out, _ = mih(*SMALL, "--outcome", "go_live_week")
    assert code == 0
    assert "'never' counts as week 60." in out
    _, text, _ = mih(*SMALL, "--outcome", "go_live_week", "--json")
    found = json.loads(text)["definitions"][ATTAINABLE]
    gap = found["now"]["mean"] - found["then"]["mean"]
    assert found["gap"]["value"] == pytest.approx(gap)
    assert gap > 0.0
