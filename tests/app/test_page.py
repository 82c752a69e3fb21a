"""The page in a real browser: the whole flow by keyboard, and in Dutch."""

import re
from pathlib import Path
from typing import Any

from tests.app.paging import EASY, STEPS, answered, finished, with_plans


def tab_to(page: Any, id_: str) -> None:
    for _ in range(150):
        if page.evaluate("document.activeElement.id") == id_:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {id_}")


def test_the_whole_flow_goes_by_keyboard_alone(visit: Any) -> None:
    page = visit(EASY)
    keys = page.keyboard
    keys.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    tab_to(page, "base-clinicians")
    keys.press("Control+a")
    keys.type("12")
    tab_to(page, "next")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "heading"
    assert page.inner_text("h2") == "Base case"
    finished(page)
    tab_to(page, "target")
    tab_to(page, "next")
    keys.press("Enter")
    tab_to(page, "add-plan")
    keys.press("Enter")
    tab_to(page, "plan-leads")
    keys.press("ArrowUp")
    assert page.input_value("#plan-leads") == "2"
    page.wait_for_selector("#preview ul.say")
    tab_to(page, "next")
    keys.press("Enter")
    page.wait_for_selector("h4:has-text('Plan A')")
    finished(page)
    page.wait_for_function("() => document.getElementById('live').textContent.includes('Plan A')")
    tab_to(page, "next")
    keys.press("Enter")
    tab_to(page, "why-plan")
    tab_to(page, "find-why")
    keys.press("Enter")
    page.wait_for_selector("[data-why=done]", timeout=60_000)
    tab_to(page, "next")
    keys.press("Enter")
    for name in ("level", "by", "confidence", "budget"):
        tab_to(page, name)
    keys.type("100000")
    tab_to(page, "find-staff")
    keys.press("Enter")
    page.wait_for_selector("[data-staff=done]", timeout=60_000)
    tab_to(page, "make-plan")
    tab_to(page, "next")
    keys.press("Enter")
    page.wait_for_selector(".story li")
    tab_to(page, "play")
    keys.press("Enter")
    page.wait_for_function("() => Number(document.getElementById('week').value) >= 3")
    keys.press("Enter")
    tab_to(page, "week")
    stood = int(page.input_value("#week"))
    keys.press("ArrowRight")
    assert int(page.input_value("#week")) == stood + 1
    tab_to(page, "follow-post")
    keys.press("ArrowDown")
    page.wait_for_selector(".story li")
    tab_to(page, "next")
    keys.press("Enter")
    tab_to(page, "note-question")
    keys.type("A second lead?")
    tab_to(page, "take-over")
    keys.press("Enter")
    assert "Plan A" in page.input_value("#note-finding")
    tab_to(page, "save-csv")
    with page.expect_download() as download:
        keys.press("Enter")
    assert "A second lead?" in Path(download.value.path()).read_text(encoding="utf-8")
    tab_to(page, "save-report")
    with page.expect_download() as download:
        keys.press("Enter")
    assert "A second lead?" in Path(download.value.path()).read_text(encoding="utf-8")
    page.wait_for_function("() => document.getElementById('live').textContent.includes('saved')")
    tab_to(page, "save-workbook")


def test_the_dutch_page_is_dutch(visit: Any) -> None:
    page = visit(EASY, lang="nl")
    assert page.get_attribute("html", "lang") == "nl"
    with_plans(page)
    english = ("clinicians", "the platform", "Base case", "weeks", "Plausible")
    for step in STEPS:
        answered(page, step)
        said = page.inner_text("main")
        said = re.sub(
            "|".join(map(re.escape, page.locator("[lang=en]").all_inner_texts())) or "^$", "", said
        )
        assert not [word for word in english if word in said], step
        assert not re.search(
            r"\b(say|chart|label|status|follow|event|reason|help|unit|why|staff|cause|barrier)\.[a-z_]+",
            said,
        )
    page.click("#lang-en")
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text("h2") == "Decide"
