"""The page in a real browser: what is typed is taken, refused, or shown as text."""

from pathlib import Path
from typing import Any

from sim.scenario import load
from tests.app.paging import SMALL, STEPS, finished, go, kept, unfold, with_plans


def test_text_is_never_read_as_html(visit: Any) -> None:
    page = visit(SMALL)
    evil = "<script>window.bad=1</script><img src=x onerror='window.bad=1'>"
    page.fill("#title", evil)
    go(page, "plans")
    page.click("#add-plan")
    page.fill("#plan-name", evil[:60])
    page.fill("#plan-leads", "2")
    finished(page)
    for step in STEPS[2:]:
        go(page, step)
        assert page.locator("main img, main script").count() == 0
    go(page, "compare")
    assert page.inner_text("h4") == evil[:60]
    assert page.evaluate("window.bad") is None


def test_bad_input_is_told_beside_the_field_and_the_rest_is_kept(visit: Any) -> None:
    page = visit()
    page.fill("#base-caseload", "12")
    for text, message in (
        ("abc", "Enter a number."),
        ("2.5", "Enter a whole number."),
        ("-1", "from 0 to 5000"),
        ("", "Enter a number."),
    ):
        page.fill("#base-clinicians", text)
        assert message in page.inner_text("#base-clinicians-problem")
        assert page.get_attribute("#base-clinicians", "aria-invalid") == "true"
        assert kept(page)["state"]["values"] == {"caseload": 12}
    page.fill("#base-clinicians", "50")
    assert page.inner_text("#base-clinicians-problem") == ""
    page.fill("#base-role_clarity", "62,5 %")
    assert kept(page)["state"]["values"] == {
        "caseload": 12,
        "clinicians": 50,
        "role_clarity": 0.625,
    }
    page.fill("#base-clinicians", "5000")  # allowed, but too much for a page: the server says so
    page.fill("#base-caseload", "200")
    page.wait_for_selector("#base-clinicians-problem:has-text('seconds of work')")
    page.fill("#base-clinicians", "50")
    finished(page)


def test_a_start_with_a_live_platform_and_a_date(visit: Any, tmp_path: Path) -> None:
    page = visit(SMALL)
    unfold(page)
    assert page.locator("#base-trained_at_start").count() == 0, "a new project has nobody trained"
    page.fill("#date", "2026-07-06")
    assert page.input_value("#base-calendar_week") == "28"
    page.select_option("#base-at_start", "live")
    unfold(page)
    page.fill("#base-trained_at_start", "75")
    page.fill("#base-using_at_start", "50 %")
    page.fill("#base-holiday_hours", "50")
    finished(page)
    go(page, "decide")
    with page.expect_download() as download:
        page.click("#save-base")
    download.value.save_as(tmp_path / "live.toml")
    values = load(tmp_path / "live.toml").values
    names = ("at_start", "trained_at_start", "using_at_start", "holiday_hours", "calendar_week")
    assert [values[name] for name in names] == ["live", 0.75, 0.5, 0.5, 28]
    go(page, "organisation")
    unfold(page)
    page.select_option("#base-at_start", "new")
    changed = {"holiday_hours": 0.5, "calendar_week": 28}
    assert kept(page)["state"]["values"].items() >= changed.items()
    assert not [name for name in kept(page)["state"]["values"] if "at_start" in name]


def test_own_figures_lie_inside_above_or_below_the_fan(visit: Any) -> None:
    page = visit(SMALL)
    go(page, "base")
    page.click("summary:has-text('own figures')")
    page.fill("#observed", "1; 0\n2; 99\n30 40")
    assert "Line 3" in page.inner_text("#observed-problem")
    page.fill("#observed", "1; 0\n2; 99")
    page.wait_for_selector("#observed-said")
    assert "1 lie inside the middle 80 % of runs, 1 above and 0 below" in page.inner_text(
        "#observed-said"
    )
    assert page.locator("path.own").count() == 2


WATCHED = """() => {
  const now = () => document.querySelector("[data-status]").dataset.status;
  window.seen = [];
  new MutationObserver(() => window.seen.push(now()))
    .observe(document.querySelector("main"), { subtree: true, childList: true });
}"""


def test_numbers_of_before_a_change_are_said_to_be_so(visit: Any) -> None:
    page = visit(SMALL)
    finished(page)
    page.evaluate(WATCHED)
    page.fill("#base-clinicians", "14")
    finished(page)
    seen = page.evaluate("window.seen")
    assert (seen[0], seen[-1]) == ("changed", "done")


def test_an_organisation_with_nobody_or_no_time_is_shown_all_the_same(visit: Any) -> None:
    page = visit(SMALL)
    for empty in ({"clinicians": 0}, {"weeks": 0}, {"caseload": 0, "leads": 0, "key_users": 0}):
        go(page, "organisation")
        page.click("#reset")
        unfold(page)
        for name, value in empty.items():
            page.fill(f"#base-{name}", str(value))
        with_plans(page)
        for step in STEPS:
            go(page, step)
            page.wait_for_selector(
                {"watch": "#play", "why": "#find-why", "staff": "#find-staff"}.get(
                    step, "[data-status=done], #link"
                )
            )
            assert "NaN" not in page.inner_text("main")
            assert (
                page.locator("svg.chart [d*=NaN], svg.chart [x1*=NaN], [width*=NaN]").count() == 0
            )
