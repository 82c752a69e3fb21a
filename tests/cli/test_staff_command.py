"""`mih staff`: what is printed, kept and refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.staff.staffing import staff
from sim.scenario import load

CHANGES = {"clinicians": 6, "caseload": 2}
SETTINGS = [word for key, value in CHANGES.items() for word in ("--set", f"{key}={value}")]
LEVELS = {"lead_hours": ["own"], "key_users": ["own"], "protected_hours": ["own"], "seats": ["own"]}
VARY = [word for name in LEVELS for word in ("--vary", f"{name}=own")]
SMALL = (
    *("baseline", "--target", "go_live_week<=40", "--by", "60", "-n", "10", "--workers", "0"),
    *SETTINGS,
    *VARY,
)


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["staff", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_json_is_the_contract_and_holds_what_the_library_gives() -> None:
    code, out, _ = mih(*SMALL, "--confidence", "0.5", "--budget", "1e6", "--json")
    assert code == 0
    found = json.loads(out, parse_constant=pytest.fail)
    assert set(found) == {
        *("schema", "label", "scenario", "target", "by", "confidence", "budget", "replicates"),
        *("seed", "posterior", "currency", "unit", "levers", "plans", "stages", "runs", "result"),
        *("answer", "chosen", "alike", "own", "finalists", "sentences"),
    }
    assert set(found["chosen"]) == {
        *("levels", "cost", "chance", "uptake", "reaches", "within_budget", "p_cheapest"),
        *("pareto_membership", "cost_difference", "chance_difference", "missed_stopped"),
    }
    same = staff(
        load("baseline").with_values(CHANGES), "go_live_week<=40", 60, confidence=0.5, budget=1e6,
        replicates=10, vary=LEVELS, workers=0,
    )  # fmt: skip
    assert same.as_json() == found
    assert (found["plans"], found["runs"], len(found["finalists"])) == (6, 60, 6)


@pytest.mark.drawn
def test_the_answer_comes_first_and_everything_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "plans"
    code, out, err = mih(*SMALL, "--out", str(place))
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Staffing for week of go-live no later than 40 by week 60: ")
    assert "6 plans, 60 runs" in err
    assert any(line.startswith("> ") for line in lines)
    assert "leads: (1), 2 people" in out
    files = {str(file.relative_to(place)) for file in place.rglob("*.*") if file.is_file()}
    assert {"asked.json", "staff.json", "tables/staff.csv", "figures/staff.png"} <= files
    assert mih(*SMALL, "--out", str(place))[1] == out  # it goes on, with nothing to run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "seats"), "must be NAME=levels"),
        (("--vary", "leads=1", "--vary", "leads=2"), "given twice"),
        (("--vary", "leads=two"), "whole number"),
        (("--force",), "only together with --out"),
        (("--budget", "-5"), "must be an amount above 0"),
        (("--confidence", "80"), "did you mean 0.8?"),
    ],
)
def test_what_cannot_be_is_refused_with_words(arguments: tuple[str, ...], said: str) -> None:
    code, out, err = mih("baseline", "--target", "adoption>=0.5", "--by", "78", *arguments)
    assert code == 2
    assert said in err
    assert out == ""


def test_target_and_week_have_to_be_given() -> None:
    code, _, err = mih("baseline")
    assert code == 2
    assert "--target" in err
