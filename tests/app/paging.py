"""What tests do on the page."""

import base64
import json
from typing import Any

STEPS = ("organisation", "base", "plans", "compare", "why", "staff", "watch", "decide")
PHONE = {"width": 390, "height": 844}


def link_to(**state: Any) -> str:
    """Return a link that holds a state, as the page's own links do."""
    text = json.dumps({"state": state}).encode()
    return "/#s=" + base64.urlsafe_b64encode(text).decode().rstrip("=")


_SIZE = {"clinicians": 12, "caseload": 5, "weeks": 104}
_GOOD = {"motivation": 0.9, "workload": 0.7, "trust": 0.9, "alignment": 0.9, "underestimation": 0.0}

SMALL = link_to(values=_SIZE)
"""Quick to simulate."""

EASY = link_to(values=_SIZE | {"clinicians": 8, "caseload": 3} | _GOOD, by=60)
"""Quick to explain: few barriers are there, so few are their combinations. Quick to search."""


def go(page: Any, step: str) -> None:
    page.click(f"#step-{step}")
    page.wait_for_function(
        "step => document.querySelector('[aria-current]').id === step", arg=f"step-{step}"
    )


def unfold(page: Any, shown: bool = True) -> None:
    """Open everything that can be folded, or close it."""
    page.evaluate(
        "shown => document.querySelectorAll('details').forEach(d => d.open = shown)", shown
    )


def finished(page: Any) -> None:
    page.wait_for_selector("[data-status=done]")


def explained(page: Any) -> None:
    """Find out why, on that step."""
    page.click("#find-why")
    page.wait_for_selector("[data-why=done]", timeout=100_000)


def searched(page: Any) -> None:
    """Find the cheapest plan within a budget, on that step."""
    page.fill("#budget", "100000")
    page.click("#find-staff")
    page.wait_for_selector("[data-staff=done]", timeout=100_000)


def saved(page: Any) -> None:
    """Have the report's workbook made, on that step."""
    with page.expect_download():
        page.click("#save-workbook")
    page.wait_for_selector("[data-report=done]")


def answered(page: Any, step: str) -> None:
    """Go to a step, and have it say what it has to."""
    go(page, step)
    if step == "why":
        explained(page)
    if step == "staff":
        searched(page)
    if step == "decide":
        saved(page)
    if step == "watch":
        page.wait_for_selector(".story li")


def with_plans(page: Any) -> None:
    """Make two plans: a second lead; everybody invited."""
    go(page, "plans")
    page.click("#add-plan")
    page.fill("#plan-leads", "2")
    page.click("#add-plan")
    page.select_option("#plan-invitation", "default")
    finished(page)


def kept(page: Any) -> Any:
    return page.evaluate("JSON.parse(sessionStorage.getItem('mih-app'))")


def module(page: Any, name: str, code: str) -> Any:
    """Return what some code gives, with a module's exports as ``m``."""
    script = f"async () => {{ const m = await import('/static/{name}'); return {code}; }}"
    return page.evaluate(script)
