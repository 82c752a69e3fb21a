"""The report from the page: that of ``mih report``, with what was typed; text stays text."""

import base64
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import sim
from sim.app import fields
from sim.app.questions import Reporting
from sim.app.report import names_of, reported
from sim.app.shelf import Shelf
from sim.errors import InputError
from sim.experiment.words import words_of
from tests.app.paging import SMALL, go

EVIL = "<script>window.bad=1</script>\n=1+1 & <img src=x onerror='window.bad=1'>"
NOTES = {"question": EVIL, "hypothesis": "", "finding": "It helps.", "decision": "Yes."}
TINY = {"values": {"clinicians": 8, "caseload": 4, "weeks": 60}, "title": "Ons <b>team</b>"}
PLANS = [{"name": "Two leads", "changes": {"leads": 2}}]
ASKED = {
    "question": {
        "organisation": TINY, "plans": PLANS, "replicates": 12, "seed": 4, "target": "reach>=0.1"
    },
    "notes": NOTES,
}  # fmt: skip


def finished(asked: Any, shelf: Shelf) -> tuple[Any, list[int]]:
    told = []
    while "done" in (found := reported(Reporting.of(asked), shelf)):
        told.append(found["done"])
    return found, told


@pytest.mark.usefixtures("undrawn")
def test_it_is_the_report_of_mih_report(tmp_path: Path) -> None:
    lang, shelf = "nl", Shelf()
    page, told = finished(ASKED | {"kind": "html", "lang": lang}, shelf)
    book, again = finished(ASKED | {"kind": "xlsx", "lang": lang}, shelf)
    assert told == [1, 2]  # each plan is simulated once
    assert again == []
    base = sim.load("baseline").replace(**TINY["values"], **fields.OWN_NUMBERS)
    title = TINY["title"]
    plans = {
        "Uitgangssituatie": base.replace(title=title),
        "Two leads": base.replace(title=f"{title}: Two leads", leads=2),
    }
    expected = sim.report(
        plans, tmp_path / "r.html", replicates=12, seed=4, target="reach>=0.1", lang=lang,
        notes=NOTES,
    )  # fmt: skip
    assert page == {"name": "report.html", "text": expected.html.read_text(encoding="utf-8")}
    assert expected.xlsx is not None
    assert base64.b64decode(book["base64"]) == expected.xlsx.read_bytes()
    for tag in ("<script", "<img", "<b>"):
        assert tag not in page["text"]
    assert "&lt;script&gt;window.bad=1" in page["text"]
    sheets = openpyxl.load_workbook(io.BytesIO(base64.b64decode(book["base64"])))
    cells = [cell for sheet in sheets for row in sheet.rows for cell in row]
    assert EVIL in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}


def test_plans_with_one_name_are_told_apart_also_as_files() -> None:
    plans = [{"name": name} for name in ("A plan", "a-plan", "Base case")]
    asked = Reporting.of({"question": {"plans": plans}})
    named = ["Base case", "A plan", "a-plan (2)", "Base case (2)"]
    assert list(names_of(asked, words_of("en")).values()) == named


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"kind": "pdf"}, "kind"),
        ({"lang": "../en"}, "lang"),
        ({"notes": {"question": "x" * 4001}}, r"notes\.question"),
        ({"notes": {"other": "x"}}, r"notes\.other"),
        ({"out": "/tmp/x.html"}, "out"),
        ({"question": {"organisation": {"start": "/etc/passwd"}}}, "no example is called"),
        ({"question": {"organisation": {"values": {"clinicians": 5000}}}}, "seconds of work"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong: Any, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        reported(Reporting.of(ASKED | wrong), Shelf())


def test_the_buttons_save_what_is_on_the_page(visit: Any, tmp_path: Path) -> None:
    page = visit(SMALL, lang="nl")
    go(page, "decide")
    page.fill("#note-decision", EVIL)
    for button, name in (("#save-report", "report.html"), ("#save-workbook", "report.xlsx")):
        with page.expect_download() as download:
            page.click(button)
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        page.wait_for_selector(f"[data-report=done]:has-text('{name} is bewaard')")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="nl">' in text
    assert "&lt;img src=x" in text
    assert "Uitgangssituatie" in text
    assert "Uitkomsten" in openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
