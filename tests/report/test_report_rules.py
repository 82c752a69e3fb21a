"""Reports over draws of the rules, and of searches for staffing: the command line's numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

import sim as mih
from sim.errors import InputError
from sim.experiment.explain.barriers import WORDS
from sim.experiment.staff.staffing import staff
from sim.parameters import parameters
from sim.reporting.folders import read_folder
from tests.report.test_report import FAST, SMALL, Page, mih_json

pytestmark = pytest.mark.usefixtures("undrawn")

OVER = ("-n", "32", "--weeks", "50", "--posterior", "shipped")
DOUBT = {"en": "the intervals also hold", "nl": "de intervallen bevatten ook"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("drawn")
    for name, leads in (("one", 1), ("two", 2)):
        text = f"title = '{name}'\nleads = {leads}\nclinicians = 8\ncaseload = 5\n"
        (found / f"{name}.toml").write_text(text, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def told(place: Path) -> dict[str, Any]:
    """What ``mih compare --json`` and ``mih run --json`` say of two plans; both are kept."""
    plans = [str(place / f"{name}.toml") for name in ("one", "two")]
    compared = mih_json("compare", *plans, *OVER, "--out", str(place / "compared"))
    runs = {
        name: mih_json("run", plan, *OVER, "--out", str(place / f"run-{name}"))
        for name, plan in zip(("one", "two"), plans, strict=True)
    }
    return {"compare": compared, **runs}


def page_of(source: Path, out: Path, **options: Any) -> Page:
    return Page(mih.report(source, out, **options).html.read_text(encoding="utf-8"))


def check_run(page: Page, told: dict[str, Any], plan: str) -> None:
    names = {"low": "ci_low", "high": "ci_high", "reached": "share_reached"}
    checked = 0
    for (table, row, which, column), value in page.numbers.items():
        if which != plan:
            continue
        one = told["outcomes"].get(row, {})
        if table == "all":
            assert value == pytest.approx(one[names.get(column, column)], abs=1e-12), (row, column)
            checked += 1
        elif table == "rules":
            split = one["posterior"]
            rules = {"mean": "mean", "rules_low": "low", "rules_high": "high"}
            expected = split[rules[column]] if column in rules else split["shares"][column]["share"]
            assert value == pytest.approx(expected, abs=1e-12), (row, column)
            checked += 1
    assert checked > 60


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_a_folder_of_run_has_the_numbers_of_run(
    place: Path, told: dict[str, Any], lang: str
) -> None:
    page = page_of(place / "run-two", place / f"run-{lang}.html", lang=lang)
    check_run(page, told["two"], "two")
    said = " ".join(page.texts)
    assert DOUBT[lang] in said
    assert told["two"]["posterior"]["id"] in said


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_a_folder_of_compare_has_the_numbers_of_compare_and_run(
    place: Path, told: dict[str, Any], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("it ran something")

    monkeypatch.setattr("sim.reporting.material.run", refuse)
    page = page_of(place / "compared", place / f"compared-{lang}.html", lang=lang)
    check_compared_over_rules(page, told)
    said = " ".join(page.texts)
    assert DOUBT[lang] in said
    assert "--posterior shipped" in said
    if lang == "en":
        assert all(sentence in said for sentence in told["compare"]["sentences"])


def check_compared_over_rules(page: Page, told: dict[str, Any]) -> None:
    for plan in ("one", "two"):
        check_run(page, told[plan], plan)
    names = {"low": "ci_low", "high": "ci_high", "better": "p_better"}
    columns = set()
    for (table, row, plan, column), value in page.numbers.items():
        if table == "differences":
            one = told["compare"]["outcomes"][row]["plans"][plan]
            assert value == one[names.get(column, column)], (row, plan, column)
            columns.add(column)
        if table == "target":
            one = told["compare"]["target"]["plans"][plan]
            assert value == one[{"low": "ci_low", "high": "ci_high"}.get(column, column)]
    assert {"difference", "rules_low", "rules_high", "p_better_rules"} <= columns


def test_scenarios_over_draws_have_the_numbers_of_compare_and_run(
    place: Path, told: dict[str, Any]
) -> None:
    one, two = (str(place / f"{name}.toml") for name in ("one", "two"))
    out = place / "scenario.html"
    said = mih_json("report", two, "--against", one, *OVER, "--out", str(out))
    page = Page(out.read_text(encoding="utf-8"))
    check_compared_over_rules(page, told)
    assert said["sentences"][:-1] == told["compare"]["sentences"]
    assert "the intervals also hold" in said["sentences"][-1]
    assert any("--posterior shipped" in text for text in page.texts)


def test_a_rule_that_is_set_and_drawn_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    rule = mih.run(mih.load("baseline").replace(**FAST), 16, weeks=2, posterior="shipped")
    name = next(iter(rule.design.described()["parameters"]))  # type: ignore[attr-defined]
    plan = mih.load("baseline").replace(**FAST, **{name: parameters()[name].low})
    with pytest.raises(InputError, match=f"{name}: set by the plan"):
        mih.report({"a": "baseline", "b": plan}, tmp_path / "no.html", posterior="shipped")
    with pytest.raises(InputError, match="posterior: only with a scenario"):
        mih.report(tmp_path, tmp_path / "no.html", posterior="shipped")
    assert not (tmp_path / "no.html").exists()


def test_an_explanation_over_draws_has_the_numbers_of_explain(tmp_path: Path) -> None:
    changes = [f"{name}={parameters()[name].attainable}" for name in WORDS if name != "trust"]
    sets = [word for one in changes for word in ("--set", one)]
    words = ["explain", "baseline", *SMALL, *sets, "-n", "4", "--weeks", "40"]
    kept = tmp_path / "drawn"
    told = mih_json(*words, "--posterior", "shipped", "--out", str(kept))
    found = read_folder(kept).explanation
    assert found is not None
    assert json.loads(json.dumps(found.as_json())) == told
    for lang, doubt in DOUBT.items():
        page = page_of(kept, tmp_path / f"{lang}.html", lang=lang)
        expected = told["definitions"]["attainable"]["gap"]["value"]
        assert page.numbers["barriers", "all", "", "cost"] == expected
        said = " ".join(page.texts)
        assert doubt in said
        assert told["posterior"]["id"] in said


@pytest.mark.parametrize("posterior", [None, "shipped"])
def test_a_folder_of_staff_has_the_numbers_of_staff(tmp_path: Path, posterior: str | None) -> None:
    kept = tmp_path / "staff"
    vary = {name: ["own"] for name in ("manager_hours", "lead_hours", "seats")}
    found = staff(
        mih.load("baseline").replace(**FAST), "adoption>=0.2", 50, confidence=0.3, replicates=40,
        vary=vary, posterior=posterior, out=kept, workers=0,
    )  # fmt: skip
    read = read_folder(kept).staffing
    assert read is not None
    assert read.as_json() == found.as_json()
    for lang in ("en", "nl"):
        page = page_of(kept, tmp_path / f"{lang}.html", lang=lang)
        for one in found.by_cost:
            row = found.words(one)
            numbers = {key: page.numbers["finalists", row, "", key] for key in ("chance", "cost")}
            assert numbers == {"chance": one.chance.mean, "cost": one.cost.mean}
            assert page.numbers["pareto", row, "", "pareto"] == one.member
            if one.dearer is not None:
                assert page.numbers["pareto", row, "", "dearer"] == one.dearer.difference
        assert (DOUBT[lang] in " ".join(page.texts)) == (posterior is not None)


def test_a_search_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    (tmp_path / "asked.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not finished; run the same mih staff again"):
        mih.report(tmp_path, tmp_path / "no.html")
