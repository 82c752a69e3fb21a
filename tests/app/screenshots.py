"""Pictures of the page's main states, in both languages, on a desk and on a phone.

python -m tests.app.screenshots FOLDER
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.app.paging import PHONE, STEPS, answered, finished, go, with_plans
from tests.app.serving import serving

SIZES: dict[str, Any] = {"desktop": {"width": 1280, "height": 900}, "phone": PHONE}


def shoot(page: Any, folder: Path, name: str) -> None:
    """Take pictures of all steps."""
    go(page, "plans")
    page.screenshot(path=folder / f"{name}-0-no-plan.png", full_page=True)
    with_plans(page)
    for k, step in enumerate(STEPS, start=1):
        answered(page, step)
        finished(page) if step in STEPS[:4] else None
        if step == "watch":
            page.fill("#week", "80")
        page.wait_for_timeout(150)
        page.screenshot(path=folder / f"{name}-{k}-{step}.png", full_page=True)
    go(page, "organisation")
    page.fill("#base-clinicians", "9999")
    page.locator("details.about > summary").nth(4).click()
    page.screenshot(path=folder / f"{name}-9-bad-input.png")


def main(folder: Path) -> None:
    """Serve the page and take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium")
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for lang, locale in (("en", "en-GB"), ("nl", "nl-NL")):
            for size, viewport in SIZES.items():
                page = browser.new_page(locale=locale, viewport=viewport)
                page.goto(served.address)
                page.wait_for_selector("[data-status=done]", timeout=120_000)
                shoot(page, folder, f"{lang}-{size}")
                page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/screenshots"))
