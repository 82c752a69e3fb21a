"""The page in a real browser: axe finds nothing on any state, wide or narrow, English or Dutch."""

from typing import Any

import pytest

from tests.app.paging import EASY, PHONE, STEPS, explained, go, saved, searched, unfold, with_plans

OPEN = "kinds => document.querySelectorAll(kinds).forEach(one => one.open = true)"


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        "resultTypes": ["violations"],  # all of them; of what passes, just one example each
    }
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']][:3]}" for one in found]


@pytest.mark.parametrize(("lang", "size"), [("en", None), ("nl", PHONE)])
def test_axe_finds_nothing_on_any_state(visit: Any, lang: str, size: Any) -> None:
    page = visit(EASY, lang=lang, **({"viewport": size} if size else {}))
    for step in ("plans", "compare"):  # without a plan
        go(page, step)
        assert violations(page) == []
    with_plans(page)
    for step in STEPS:
        go(page, step)
        if step == "why":
            assert violations(page) == []
            explained(page)
        if step == "staff":
            assert violations(page) == []
            searched(page)
            page.fill("#budget", "none")
        if step == "decide":
            saved(page)
        if step == "watch":
            page.wait_for_selector(".story li")
            page.fill("#week", "60")
        if step in ("organisation", "plans"):
            number = "#base-clinicians" if step == "organisation" else "#plan-leads"
            page.fill(number, "many")
            page.locator("details.about > summary").first.click()
        page.evaluate(
            OPEN, "details.fold, details.behind" if step in ("base", "why") else "details.fold"
        )
        assert violations(page) == [], step
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{step} is {wide} pixels too wide"
        unfold(page, shown=False)
