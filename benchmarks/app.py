"""How quickly the planner's page answers, measured in a real browser.

    python benchmarks/app.py [--json]

The server is warm (its workers are up and have answered the first question). The organisation is
the standard one: 60 clinicians, 20 patients each, 156 weeks. Seconds, medians over rounds:

- ``first_chart``: from opening the page in a new browser context to the first chart drawn.
- ``preview``: from the change of a lever to the chart of the preview.
- ``refined``: from the change of a lever to the answer of 100 runs.
"""

import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from show import report

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.app.paging import go
from tests.app.serving import commanded

ROUNDS = 7

CLOCK = """() => new Promise((done) => {
  const status = () => document.querySelector("[data-status]").dataset.status;
  const begun = performance.now();
  const times = {};
  const box = document.getElementById("plan-leads");
  const chart = document.querySelector("#preview svg.chart");
  const look = () => {
    const now = (performance.now() - begun) / 1000;
    if (!times.preview && document.querySelector("#preview svg.chart") !== chart) {
      times.preview = now;
    }
    if (times.preview && status() === "done") return done({ ...times, refined: now });
    requestAnimationFrame(look);
  };
  box.value = String(1 + (Number(box.value) % 19));
  box.dispatchEvent(new Event("input", { bubbles: true }));
  look();
})"""


FIRST = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("svg.chart path.median")) return;
  observer.disconnect();
  requestAnimationFrame(() => { window.firstChart = performance.now() / 1000; });
}).observe(document, { childList: true, subtree: true });
"""


def first_chart(browser: Any, address: str) -> float:
    """Return the seconds from the start of loading to the frame with the first chart."""
    page = browser.new_page()
    page.add_init_script(FIRST)
    page.goto(address)
    seconds = page.wait_for_function("() => window.firstChart").json_value()
    page.close()
    return float(seconds)


def measure() -> dict[str, float]:
    """Measure all figures in one browser."""
    with commanded() as (_, port), sync_playwright() as playwright:
        address = f"http://127.0.0.1:{port}/"
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("[data-status=done]", timeout=120_000)
        opened = [first_chart(browser, address) for _ in range(ROUNDS)]
        go(page, "plans")
        page.click("#add-plan")
        page.wait_for_selector("[data-status=done]")
        moved = [page.evaluate(CLOCK) for _ in range(ROUNDS)]
        browser.close()
    return {
        "first_chart": statistics.median(opened),
        "preview": statistics.median(one["preview"] for one in moved),
        "refined": statistics.median(one["refined"] for one in moved),
    }


if __name__ == "__main__":
    report(measure, __doc__)
