"""`mih run` and `mih doctor`: what is printed, kept and refused."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from sim import batch, compiled, simulate
from sim.cli import main
from sim.commands import changes
from sim.errors import InputError
from sim.experiment.store.locks import LOCK, claim
from sim.parameters import outcomes
from sim.scenario import load
from tests.texts import LABEL

SMALL = ("baseline", "-n", "3", "--weeks", "30", "--set", "clinicians=12", "--set", "caseload=4")
KEYS = {"unit", "mean", "ci_low", "ci_high", "q10", "q50", "q90", "n"}
TIMED = {"share_reached", "restricted_mean"}
TOO_LARGE = ("organisations=1000", "clinicians=5000", "caseload=200")


def mih(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def printed(*arguments: str) -> dict:
    code, out, _ = mih("run", *arguments, "--json")
    assert code == 0
    return json.loads(out, parse_constant=pytest.fail)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_json_is_the_contract() -> None:
    found = printed(*SMALL, "--seed", "7")
    found_outcomes = found.pop("outcomes")
    assert found == {
        "scenario": "baseline",
        "seed": 7,
        "replicates": 3,
        "weeks": 30,
        "engine": "compiled",
        "label": LABEL,
        "between_organisations": {},
    }
    assert set(found_outcomes) == set(outcomes())
    for name, entry in found_outcomes.items():
        assert set(entry) == KEYS | (TIMED if outcomes()[name].kind == "time" else set()), name
        assert entry["unit"] == outcomes()[name].unit
    never = found_outcomes["competence_week"]
    assert never["q50"] is None
    assert never["share_reached"] == 0.0
    assert never["mean"] == never["restricted_mean"] == 30.0


def test_json_holds_the_numbers_of_the_library() -> None:
    found = printed("baseline", "-n", "4", "--weeks", "60")["outcomes"]
    summary = simulate.run("baseline", 4, weeks=60).summary()
    assert {name: one.as_json() for name, one in summary.items()} == found


def test_the_table_is_for_people() -> None:
    code, out, err = mih("run", *SMALL)
    assert code == 0
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "One organisation, nothing special  (baseline)"
    assert "3 runs of 1 organisation, 12 clinicians and 48 patients in care, 30 weeks" in out
    assert "seed 1, compiled engine" in out
    assert f"{LABEL}." in out
    for group in ("Uptake", "Patients", "Project", "People", "Cost"):
        assert any(line.split("  ")[0] == group for line in lines), group
    half = next(line for line in lines if line.startswith("  Weeks to half adoption"))
    assert half.split()[-5:] == ["never", "never", "0", "%", "weeks"]
    for entry in outcomes().values():
        assert f"  {entry.label} " in out
    assert "restricted mean" in out
    assert "nan" not in out.split()
    assert all(line == line.rstrip() and len(line) <= 140 for line in lines)


def test_money_is_in_the_currency_of_the_scenario() -> None:
    found = printed(*SMALL, "--set", "currency=CHF")["outcomes"]
    assert found["cost"]["unit"] == "CHF"
    assert found["cost_per_patient_reached"]["unit"] == "CHF per patient"


def test_both_engines_print_the_same_numbers() -> None:
    if importlib.util.find_spec("sim.agents") is None:
        pytest.skip("there is no Mesa engine")
    fast, plain = printed(*SMALL), printed(*SMALL, "--engine", "mesa")
    assert plain.pop("engine") == "mesa"
    assert fast.pop("engine") == "compiled"
    assert fast == plain


def test_set_changes_what_is_run() -> None:
    code, out, _ = mih(
        "run", *SMALL, "--set", "phases.build.team_hours=1", "--set", "mechanisms.trust = false"
    )
    assert code == 0
    assert "with clinicians = 12, caseload = 4, phases.build.team_hours = 1" in out
    base = load("baseline")
    settings = ["phases.build.team_hours=1", "mechanisms.trust = false", "invitation=default"]
    changed = changes.changed(base, settings)
    assert changed.phases[2].team_hours == 1.0
    assert changed.mechanisms["trust"] is False
    assert changed.values["invitation"] == "default"
    assert changes.changed(base, []) is base


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ('"3"', "3"),
        ("[[0, 1.0], [10, 0.5]]", [[0, 1.0], [10, 0.5]]),
        ("default", "default"),
        ("1,5", "1,5"),
        ("3\nleads = 4", "3\nleads = 4"),
        ("", ""),
        ("[" * 5000, "[" * 5000),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_values_are_read_as_toml(text: str, value: object) -> None:
    assert changes.value_of(text) == value


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--set", "role_clarity=30"), "--set role_clarity: too high"),
        (("--set", "rol_clarity=0.3"), "did you mean role_clarity?"),
        (("--set", "leads"), "--set"),
        (("--set", "=3"), "--set"),
        (("--set", "leads=2", "--set", "leads=3"), "given twice"),
        (("--set", "leads=" + "9" * 20000), "too long"),
        (("--set", "leads=nan"), "--set leads"),
        (("--set", "mechanisms.trust=maybe"), "--set mechanisms.trust"),
        (("--set", "phases.bild.team_hours=1"), "--set phases.bild"),
        (("--seed", "-1"), "seed"),
        (("--seed", str(2**63)), "seed"),
        (("-n", "0"), "replicates"),
        (("-n", "many"), "--replicates"),
        (("--weeks", "5000"), "weeks"),
        (("--engine", "fast"), "--engine"),
        (("--posterior", "file.parquet"), "file.parquet: cannot be read"),
        (("--force",), "--force"),
        (("--out", ""), "--out"),
        (("--out", "a\0b"), "--out"),
    ],
)
def test_bad_options_end_with_2_and_name_the_option(arguments: tuple[str, ...], named: str) -> None:
    code, out, err = mih("run", "baseline", *arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err


def test_all_bad_settings_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        changes.changed(load("baseline"), ["leads=-1", "managers=x"])
    named = {message.split(":")[0] for message in caught.value.messages}
    assert named == {"--set leads", "--set managers"}


def test_too_large_ends_with_6_and_the_estimate(tmp_path: Path) -> None:
    settings = [part for setting in TOO_LARGE for part in ("--set", setting)]
    code, out, err = mih("run", "baseline", *settings, "--out", str(tmp_path / "x"))
    assert (code, out) == (6, "")
    assert "1,005,002,001 agents" in err
    assert "GB" in err
    assert "--allow-large" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.drawn
def test_out_has_the_layout_of_the_store(tmp_path: Path) -> None:
    code, out, err = mih("run", *SMALL, "--events", "--out", str(tmp_path / "new" / "x"))
    assert code == 0
    assert out.startswith("One organisation")
    seal = json.loads((tmp_path / "new" / "x" / "SEAL.json").read_text())
    assert f"(result {seal['result']})" in err
    assert set(files(tmp_path / "new" / "x")) == {
        "SEAL.json",
        "manifest.json",
        "plan.parquet",
        "parts/part-000000.parquet",
        "parts/organisations-000000.parquet",
        "receipts/chunk-000000.json",
        "weekly/weekly-000000.parquet",
        "events/events-000000.parquet",
        *(f"tables/{name}.csv" for name in ("summary", "runs", "organisations")),
        "tables/weekly_quantiles.csv",
        *(f"figures/{name}.{kind}" for name in ("uptake", "phases") for kind in ("png", "svg")),
        "figures/uptake.csv",
        "figures/phases.csv",
    }


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        assert mih("run", *SMALL, "--events", "--out", str(tmp_path / name))[0] == 0
        found.append(files(tmp_path / name))
    assert found[0] == found[1]


def test_an_existing_folder_is_refused_or_moved(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    assert mih("run", *SMALL, "--out", str(folder))[0] == 0  # empty: nothing to lose
    first = files(folder)
    code, out, err = mih("run", *SMALL, "--seed", "2", "--out", str(folder))
    assert (code, out) == (2, "")
    assert "holds a finished result" in err
    assert "x.old-1" in err
    assert files(folder) == first
    for number in (1, 2):
        assert mih("run", *SMALL, "--seed", "2", "--out", str(folder), "--force")[0] == 0
        assert (tmp_path / f"x.old-{number}").is_dir()
    assert files(tmp_path / "x.old-1") == first
    assert files(tmp_path / "x.old-2") == files(folder) != first


def test_a_foreign_folder_and_a_file_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.txt").write_text("mine")
    before = files(tmp_path)
    code, _, err = mih("run", *SMALL, "--out", str(tmp_path / "x"))
    assert code == 2
    assert "is not empty" in err
    for force in ((), ("--force",)):
        assert mih("run", *SMALL, "--out", str(tmp_path / "x" / "thesis.txt"), *force)[0] == 2
        assert mih("run", *SMALL, "--out", str(tmp_path / "x" / "thesis.txt" / "y"), *force)[0] == 2
    assert files(tmp_path) == before


def test_the_folder_one_is_in_is_not_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    for folder in ("..", str(tmp_path)):
        assert mih("run", *SMALL, "--out", folder, "--force")[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_a_folder_in_use_ends_with_3(tmp_path: Path) -> None:
    with claim(tmp_path / "x"):
        for force in ((), ("--force",)):
            code, _, err = mih("run", *SMALL, "--out", str(tmp_path / "x"), *force)
            assert code == 3
            assert "in use by process" in err
    (tmp_path / "x").mkdir(exist_ok=True)
    (tmp_path / "x" / LOCK).write_text("process 1 on a machine that is gone")
    assert mih("run", *SMALL, "--out", str(tmp_path / "x"))[0] == 0


def test_a_run_that_fails_puts_the_old_folder_back(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    assert mih("run", *SMALL, "--out", str(folder))[0] == 0
    before = files(tmp_path)
    settings = [part for setting in TOO_LARGE for part in ("--set", setting)]
    assert mih("run", "baseline", *settings, "--out", str(folder), "--force")[0] == 6
    assert files(tmp_path) == before


def test_a_cold_start_says_that_it_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "is_compiled", lambda: False)
    code, out, err = mih("run", *SMALL)
    assert code == 0
    assert err.startswith("compiling the model once for this machine")
    assert "compiling" not in out


def test_what_is_compiled_is_judged_by_the_cache_and_not_by_its_age(tmp_path: Path) -> None:
    assert mih("run", *SMALL)[0] == 0
    kept = list(Path(batch.simulate_all.stats.cache_path).glob("batch.simulate_all-*.nbc"))
    assert kept
    for file in kept:
        os.utime(file, (0, 0))  # a new checkout's sources are younger than the cache
    assert batch.is_compiled()
    elsewhere = SimpleNamespace(stats=SimpleNamespace(cache_path=tmp_path), __name__="one")
    assert not compiled.is_cached(elsewhere)


def test_doctor_reports_and_checks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = mih("doctor", "--json")
    assert code == 0
    found = json.loads(out)
    assert set(found["versions"]) >= {"python", "numpy", "numba", "mesa", "pandas", "mih-sim"}
    assert found["svml"] is False
    assert found["cores"] >= 1
    assert found["self_check"].startswith(("ok", "not available"))
    code, out, _ = mih("doctor")
    assert code == 0
    assert "self-check" in out
    monkeypatch.setitem(sys.modules, "sim.agents", None)
    assert json.loads(mih("doctor", "--json")[1])["self_check"].startswith("not available")


def test_enough_runs_say_what_lies_between_organisations() -> None:
    found = printed("baseline", "-n", "40")["between_organisations"]
    assert set(found) == {"adoption", "reach"}
    for entry in found.values():
        assert 0.0 <= entry["ci_low"] <= entry["share"] <= entry["ci_high"] <= 1.0
        assert entry["pairs"] == 40
