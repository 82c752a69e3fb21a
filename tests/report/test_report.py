"""Reports: the numbers of the command line, alone in one file, texts as texts."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

import sim as mih
from sim.cli import main
from sim.experiment.explain.sentences import sentences as reasons
from sim.experiment.words import words_of
from sim.reporting.folders import read_folder
from sim.reporting.material import simulated
from sim.reporting.sentences import answers
from sim.scenario import load, loads

SMALL = ("--set", "clinicians=8", "--set", "caseload=5")
FAST: dict[str, Any] = {"clinicians": 8, "caseload": 5}
N, SEED, WEEKS = 12, 3, 60
SHORT = ("-n", str(N), "--seed", str(SEED), "--weeks", str(WEEKS))


class Page(HTMLParser):
    """What a page holds: its tags, the numbers of its rows, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: dict[tuple[str, str, str, str], float] = {}
        self.texts: list[str] = []
        self.files: list[str] = []
        self.tag = ""
        self.table = self.row = self.plan = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tag = tag
        self.tags.append((tag, found))
        if tag == "table":
            self.table = str(found["id"]).removeprefix("table-")
        if tag == "tr":
            self.row, self.plan = str(found.get("data-row")), str(found.get("data-plan"))
        if tag == "data":
            key = (self.table, self.row, self.plan, str(found["data-column"]))
            self.numbers[key] = float(str(found["value"]))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.tag == "pre":
            self.files.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.tag = ""


def mih_json(*words: str) -> Any:
    found = CliRunner().invoke(main, [*words, "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two plans, small enough to be fast."""
    found = tmp_path_factory.mktemp("report")
    for name, leads in (("one", 1), ("two", 2)):
        text = f'title = "=1+1 <script>alert({leads})</script> & $x$"\nleads = {leads}\n'
        text += 'shows = "<img src=x onerror=alert(1)>"\nclinicians = 8\ncaseload = 5\n'
        (found / f"{name}.toml").write_text(text, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def compared(place: Path) -> tuple[Path, Page, dict[str, Any]]:
    """A report of two plans, and what ``mih compare --json`` says of them."""
    plans = [str(place / f"{name}.toml") for name in ("one", "two")]
    out = place / "scenario.html"
    mih_json("report", plans[1], "--against", plans[0], *SHORT, "--out", str(out))
    told = mih_json("compare", *plans, *SHORT, "--out", str(place / "kept"))
    return out, Page(out.read_text(encoding="utf-8")), told


def check_compared(page: Page, told: dict[str, Any]) -> None:
    checked = 0
    for (table, row, plan, column), value in page.numbers.items():
        if table == "differences":
            one = told["outcomes"][row]["plans"][plan]
            name = {"low": "ci_low", "high": "ci_high", "better": "p_better"}.get(column, column)
            assert value == one[name], (row, plan, column)
            checked += 1
        if table == "target":
            one = told["target"]["plans"][plan]
            assert value == one[{"low": "ci_low", "high": "ci_high"}.get(column, column)]
            checked += 1
    assert checked > 40


def test_a_report_has_the_numbers_of_compare(compared: Any) -> None:
    _, page, told = compared
    check_compared(page, told)
    assert told["sentences"][0] in " ".join(page.texts)


def test_a_report_has_the_numbers_of_run(compared: Any, place: Path) -> None:
    _, page, _ = compared
    for plan in ("one", "two"):
        told = mih_json("run", str(place / f"{plan}.toml"), *SHORT)["outcomes"]
        names = {"low": "ci_low", "high": "ci_high", "reached": "share_reached"}
        found = {key: value for key, value in page.numbers.items() if key[2] == plan}
        rows = {row for table, row, _, _ in found if table == "all"}
        assert rows == {name for name, one in told.items() if one["mean"] is not None}
        for (table, row, _, column), value in found.items():
            if table in ("all", "outcomes", "cost"):
                assert value == told[row][names.get(column, column)], (row, column)


def test_a_folder_of_compare_gives_the_same_report_without_running(
    compared: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, told = compared

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("it ran something")

    monkeypatch.setattr("sim.reporting.material.run", refuse)
    monkeypatch.setattr("sim.experiment.compare.comparing.run", refuse)
    out = place / "folder.html"
    mih_json("report", str(place / "kept"), "--out", str(out), "--no-xlsx")
    check_compared(Page(out.read_text(encoding="utf-8")), told)
    assert not out.with_suffix(".xlsx").exists()


def test_a_folder_of_run_gives_its_numbers(place: Path) -> None:
    told = mih_json("run", str(place / "one.toml"), *SHORT, "--out", str(place / "run"))
    found = mih.report(place / "run", place / "run.html", lang="nl")
    page = Page(found.html.read_text(encoding="utf-8"))
    assert page.numbers["all", "cost", "one", "mean"] == told["outcomes"]["cost"]["mean"]
    assert ("patients", "started", "", "one") in page.numbers


def test_a_page_loads_nothing_and_runs_nothing(compared: Any) -> None:
    out, page, _ = compared
    text = out.read_text(encoding="utf-8")
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "base", "form")
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                assert (value or "").startswith("#"), (tag, name, value)
    assert "@import" not in text
    assert all(one.startswith("#") for one in re.findall(r"url\(([^)]*)\)", text))


def test_texts_are_texts(compared: Any) -> None:
    out, page, _ = compared
    text = out.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<img" not in text
    assert "<script>alert(2)</script> & $x$" in "".join(page.texts)


def test_ids_are_unique_and_figures_have_words(compared: Any) -> None:
    _, page, _ = compared
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    drawn = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(drawn) == 6
    for one in drawn:
        assert one["role"] == "img"
        assert one["aria-labelledby"] in ids
    wanted = {
        str(value)[1:]
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("href", "xlink:href") and value
    }
    assert wanted <= set(ids)


def test_the_workbook_holds_the_numbers_and_no_formula(compared: Any) -> None:
    out, _, told = compared
    book = openpyxl.load_workbook(out.with_suffix(".xlsx"))
    sheet = book["Differences"]
    heads = [cell.value for cell in sheet[1]]
    rows = [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in sheet.rows]
    row = next(one for one in rows if one["Outcome"] == "Cost" and one["Plan"] == "two")
    entry = told["outcomes"]["cost"]["plans"]["two"]
    assert row["Difference"] == pytest.approx(entry["difference"], rel=1e-15)
    assert row["Mean"] == pytest.approx(entry["mean"], rel=1e-15)
    kinds = {cell.data_type for sheet in book for line in sheet.rows for cell in line}
    assert "f" not in kinds
    assert any(str(cell.value).startswith("=1+1") for line in book["About"].rows for cell in line)


def test_the_same_report_has_the_same_bytes(place: Path) -> None:
    plan = load(place / "one.toml")
    made = [mih.report(plan, place / f"{k}.html", replicates=3, weeks=20) for k in "ab"]
    pages = [one.html.read_bytes() for one in made]
    books = [one.html.with_suffix(".xlsx").read_bytes() for one in made]
    assert pages[0] == pages[1]
    assert books[0] == books[1]


def test_it_refuses_to_overwrite_before_it_runs(tmp_path: Path) -> None:
    book = tmp_path / "report.xlsx"
    book.write_text("mine", encoding="utf-8")
    words = ["report", "baseline", *SHORT, *SMALL, "--out", str(tmp_path / "report.html")]
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 2
    assert "exists" in found.output
    assert book.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "report.html").exists()
    assert CliRunner().invoke(main, [*words, "--force"]).exit_code == 0
    assert book.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("report", "{folder}"), "no result to report"),
        (("report", "{folder}", "--seed", "2"), "--seed: only with a scenario"),
        (("report", "baseline", "--out", "x.pdf"), "must end in .html"),
        (("report", "baseline", "--alone", "--against", "overload"), "--alone"),
        (("report", "baseline", "--target", "use>=1", "-n", "1", "--set", "leads=2"), "no outcome"),
        (("report", "baseline", "--target", "reach>=0.1"), "only where plans are compared"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    found = CliRunner().invoke(main, [one.format(folder="empty") for one in words])
    assert found.exit_code == 2
    assert complaint in found.output
    assert not (tmp_path / "report.html").exists()


def test_the_scenarios_in_a_report_are_those_that_were_run(compared: Any, place: Path) -> None:
    _, page, _ = compared
    assert [loads(text, name) for text, name in zip(page.files, ("one", "two"), strict=True)] == [
        load(place / "one.toml"),
        load(place / "two.toml"),
    ]


# The two languages.


def test_both_languages_have_the_same_keys_and_parts() -> None:
    english, dutch = words_of("en").strings, words_of("nl").strings
    assert list(english) == list(dutch)
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", dutch[key])), key


def test_english_sentences_are_those_of_compare() -> None:
    words = words_of("en")
    base = load("baseline").replace(**FAST)
    plans = {"a": base, "b": base.replace(leads=2), "c": base.replace(lead_hours=1.0), "d": base}
    for n in (1, 2, 30):
        found = simulated(plans, n, 5, weeks=90, target="first_use>=0.1")
        assert found.comparison is not None
        assert answers(found, words) == found.comparison.sentences()
        dutch = answers(found, words_of("nl"))
        assert len(dutch) == 3
        assert not [one for one in dutch if " the " in one]


def test_english_reasons_are_those_of_explain_and_a_folder_is_read(tmp_path: Path) -> None:
    plan = load("baseline").replace(**FAST, workload=0.8, trust=0.8, alignment=0.9, motivation=0.8)
    found = mih.explain(plan, 4, 2, weeks=70, out=tmp_path / "why", workers=0)
    assert reasons(found, words_of("en")) == found.sentences()
    kept = read_folder(tmp_path / "why")
    assert kept.explanation is not None
    assert kept.explanation.as_json() == found.as_json()
    report = mih.report(tmp_path / "why", tmp_path / "why.html", lang="nl")
    page = Page(report.html.read_text(encoding="utf-8"))
    told = found.as_json()["definitions"]["attainable"]["gap"]["value"]
    assert page.numbers["barriers", "all", "", "cost"] == told


def test_a_folder_of_a_sweep_is_read(tmp_path: Path) -> None:
    study = mih.study_of(
        load("baseline").replace(**FAST, weeks=40), {"leads": [1, 2]}, replicates=3
    )
    stored = mih.sweep(study, out=tmp_path / "sweep", workers=0)
    report = mih.report(tmp_path / "sweep", tmp_path / "sweep.html")
    page = Page(report.html.read_text(encoding="utf-8"))
    told = stored.summary().set_index(["outcome", "point"])
    assert page.numbers["points", "adoption", "", "point"] == 1
    assert page.numbers["points", "adoption", "", "mean"] == told.loc[("adoption", 1), "mean"]


def test_an_unfinished_or_changed_folder_is_refused(compared: Any, place: Path) -> None:
    shutil.copytree(place / "kept", place / "changed")
    part = next((place / "changed").rglob("part-*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])
    found = CliRunner().invoke(
        main, ["report", str(place / "changed"), "--out", str(place / "changed.html")]
    )
    assert found.exit_code != 0
    assert "damaged" in found.output
    assert not (place / "changed.html").exists()
