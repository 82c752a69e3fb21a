"""`mih compare`: what is printed, kept and refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.commands.compare import Options, plans_of
from sim.experiment.compare.comparing import compare
from tests.texts import LABEL

SMALL = ("baseline", "overload", "-n", "12", "--weeks", "40")
KEYS = {
    *("mean", "difference", "ci_low", "ci_high", "se", "n", "variance_reduction"),
    *("p_better", "p_better_low", "p_better_high"),
}


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["compare", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def printed(*arguments: str) -> dict:
    code, out, _ = mih(*arguments, "--json")
    assert code == 0
    return json.loads(out, parse_constant=pytest.fail)


def test_json_is_the_contract_and_holds_the_numbers_of_the_library() -> None:
    found = printed(*SMALL)
    assert found["scenarios"] == {"baseline": "baseline", "overload": "overload"}
    assert found["label"] == LABEL
    assert (found["seed"], found["replicates"], found["weeks"]) == (1, 12, 40)
    assert (found["reference"], found["plans"]) == ("baseline", ["baseline", "overload"])
    for name, one in found["outcomes"].items():
        assert set(one) == {"unit", "better", "plans"}, name
        assert all(set(entry) == KEYS for entry in one["plans"].values())
    precision = found["precision"]
    assert precision["asked"] is None
    assert precision["reached"] is None
    assert (precision["runs"], precision["stages"]) == (24, [12])
    assert set(found["target"]) == {"outcome", "sign", "level", "plans"}
    library = compare({"baseline": "baseline", "overload": "overload"}, 12, weeks=40)
    assert json.loads(json.dumps(library.as_json())) == found


def test_settings_make_more_plans_of_the_first_scenario() -> None:
    options = {
        "scenarios": ("baseline", "overload"),
        "settings": ("leads=2", "leads=2;  lead_hours = 16", 'title="a; b"; currency=EUR'),
        "replicates": 1,
        "seed": 1,
        "weeks": None,
        "precision": None,
        "budget": None,
        "target": "adoption>=0.5",
        "outcomes": (),
        "out": None,
        "force": False,
        "allow_large": False,
        "as_json": False,
    }
    plans = plans_of(Options(**options))  # type: ignore[arg-type]
    assert list(plans) == [
        "baseline",
        "overload",
        "leads=2",
        "leads=2; lead_hours = 16",
        'title="a; b"; currency=EUR',
    ]
    both = plans["leads=2; lead_hours = 16"]
    assert (both.values["leads"], both.values["lead_hours"]) == (2, 16.0)
    assert plans['title="a; b"; currency=EUR'].title == "a; b"
    assert plans["leads=2"].values["workload"] == plans["baseline"].values["workload"]


def test_the_table_is_for_people() -> None:
    code, out, err = mih(*SMALL, "--set", "leads=2")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == ("3 plans against the first: One organisation, nothing special  (baseline)")
    assert "12 runs of each plan with the same luck, 40 weeks; seed 1" in out
    assert f"{LABEL}." in out
    for label in ("Adoption", "Week of go-live", "Cost per patient reached"):
        assert label in lines
    assert "Staff who left" not in lines
    assert sum(line.startswith("  leads=2 ") for line in lines) == 9 + 1
    assert "Chance of adoption >= 50 %" in out
    assert any(line.startswith("overload: adoption ") for line in lines)
    assert "if luck differed" in out
    assert "nan" not in out.split()
    assert all(line == line.rstrip() for line in lines)


def test_the_outcomes_asked_for_are_shown_in_their_order() -> None:
    _, out, _ = mih(*SMALL, "--outcome", "staff_leavers", "--outcome", "reach")
    lines = out.splitlines()
    assert lines.index("Staff who left") < lines.index("Reach")
    assert "Adoption" not in lines
    assert any(line.startswith("overload: staff who left ") for line in lines)
    found = printed(*SMALL, "--outcome", "reach")
    assert list(found["outcomes"]) == ["reach"]
    assert found["target"]["outcome"] == "adoption"


def test_a_precision_is_reached_or_said_not_to_be() -> None:
    reached = printed(*SMALL, "--precision", "0.5", "--outcome", "first_use")["precision"]
    assert reached["reached"] is True
    assert reached["more_runs"] is None
    arguments = (*SMALL, "--precision", "0.0001", "--budget", "60", "--outcome", "cost")
    missed = printed(*arguments)
    assert missed["precision"]["reached"] is False
    assert missed["precision"]["runs"] == 60
    assert missed["replicates"] == 30
    code, out, _ = mih(*arguments)
    assert code == 0
    assert "not reached" in out
    assert "more would be needed." in out


@pytest.mark.drawn
def test_out_keeps_tables_and_figures(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "x"
    code, out, err = mih(*SMALL, "--out", str(folder))
    assert code == 0
    assert out.startswith("2 plans against the first")
    assert f"written to {folder}" in err
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    runs = {name for name in found if name.startswith("stage-")}
    assert {name.split("/")[1] for name in runs} == {"0-baseline", "1-overload"}
    assert {name.split("/", 2)[2] for name in runs if name.endswith("json")} == {
        "SEAL.json",
        "manifest.json",
        "receipts/chunk-000000.json",
    }
    assert found - runs == {
        "comparison.json",
        "tables/comparison.csv",
        "tables/target.csv",
        *(f"figures/{name}.{kind}" for name in ("forest", "fans") for kind in ("png", "svg")),
        "figures/forest.csv",
        "figures/fans.csv",
    }
    times = {name: (folder / name).stat().st_mtime_ns for name in runs}
    assert mih(*SMALL, "--out", str(folder))[:2] == (0, out)
    assert times == {name: (folder / name).stat().st_mtime_ns for name in runs}
    code, _, err = mih(*SMALL, "--seed", "2", "--out", str(folder))
    assert code == 4
    assert "holds another comparison (its seed differ" in err
    assert mih(*SMALL, "--out", str(folder), "--force")[0] == 0
    assert (tmp_path / "new" / "x.old-1" / "tables" / "comparison.csv").exists()
    same = [(tmp_path / "new" / name / "tables" / "comparison.csv") for name in ("x", "x.old-1")]
    assert same[0].read_bytes() == same[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("baseline",), ["needs two plans"]),
        (("baseline", "baseline"), ['"baseline": two plans have this name']),
        (("baseline", "--set", "leads=2", "--set", "leads=2"), ["two plans have this name"]),
        (("baseline", "overlaod"), ["did you mean overload?"]),
        (("baseline", "--set", "rol_clarity=0.3"), ["did you mean role_clarity?"]),
        (("baseline", "--set", ";"), ["must be key=value"]),
        (("baseline", "--set", "weeks=100"), ["weeks: plans are compared", "--weeks 100"]),
        (("baseline", "overload", "--budget", "500"), ["--budget: only together"]),
        (("baseline", "overload", "--precision", "x"), ["--precision"]),
        (
            ("baseline", "nobody", "--set", "leads=-1", "--set", "x", "--force", "--out", ""),
            ["nobody", "--set leads", '--set "x"', "--out: must name"],
        ),
        (
            ("baseline", "overload", "--seed", "-1", "-n", "0", "--target", "x", "--outcome", "y"),
            ["seed", "replicates", "target", "outcome"],
        ),
        (
            ("baseline", "overload", "--precision", "-1", "--weeks", "5000"),
            ["weeks", "precision"],
        ),
    ],
)
def test_bad_input_ends_with_2_and_all_problems(
    arguments: tuple[str, ...], named: list[str]
) -> None:
    code, out, err = mih(*arguments)
    assert (code, out) == (2, "")
    for words in named:
        assert words in err
    assert "Traceback" not in err


def test_nothing_is_kept_of_a_comparison_that_cannot_be(tmp_path: Path) -> None:
    code, _, _ = mih(*SMALL, "--outcome", "nothing", "--out", str(tmp_path / "x"))
    assert code == 2
    assert list(tmp_path.iterdir()) == []
