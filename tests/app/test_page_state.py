"""The page in a real browser: what is kept, restored, undone, refused, and its numbers."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from sim.cli import main
from sim.scenario import load
from tests.app.paging import SMALL, STEPS, finished, go, kept, module, with_plans


def test_undo_redo_and_start_over(visit: Any) -> None:
    page = visit()
    page.fill("#base-clinicians", "30")
    page.fill("#base-caseload", "12")
    page.click("#undo")
    assert (page.input_value("#base-clinicians"), page.input_value("#base-caseload")) == (
        "30",
        "20",
    )
    page.click("#undo")
    assert page.input_value("#base-clinicians") == "60"
    assert page.is_disabled("#undo")
    page.click("#redo")
    page.click("#redo")
    assert page.input_value("#base-caseload") == "12"
    page.click("#reset")
    assert page.input_value("#base-clinicians") == "60"
    page.click("#undo")
    assert page.input_value("#base-clinicians") == "30"


def test_a_reload_restores_and_two_tabs_do_not_disturb_each_other(visit: Any) -> None:
    one = visit(SMALL)
    with_plans(one)
    two = visit(context=one.context)
    assert kept(two)["state"] == kept(one)["state"]  # a new tab goes on where the last one was
    go(two, "plans")
    two.click("#choose-0")
    two.fill("#plan-leads", "4")
    one.click("#choose-0")
    one.fill("#plan-leads", "3")
    for page in (one, two):
        finished(page)
        before = kept(page)
        page.reload()
        page.wait_for_selector("#heading")
        assert kept(page)["state"] == before["state"]
        assert page.inner_text("h2") == "Plans"
    assert (one.input_value("#plan-leads"), two.input_value("#plan-leads")) == ("3", "4")


def test_a_link_restores_everything_elsewhere(visit: Any) -> None:
    page = visit()
    page.fill("#title", "Ünsere Abteilung 🙂")
    page.fill("#base-workload", "110")
    page.click("summary:has-text('Start date')")
    page.fill("#date", "2027-02-01")
    with_plans(page)
    go(page, "base")
    page.click("summary:has-text('own figures')")
    page.fill("#observed", "40; 12\n44; 13,5 %")
    go(page, "decide")
    page.fill("#note-decision", "Yes <b>now</b>")
    page.focus("#link")
    link = page.input_value("#link")
    state = kept(page)["state"]
    assert state["values"] == {"workload": 1.1, "calendar_week": 5}
    assert state["observed"] == [[40, 0.12], [44, 0.135]]
    other = visit(link=link.removeprefix(re.match(r"http://[^/]+", link)[0]))  # type: ignore[index]
    assert kept(other)["state"] == state
    assert "#" not in other.url
    assert other.inner_text("h2") == "Compare"


def test_a_torn_or_hostile_link_leaves_a_page_that_works(visit: Any) -> None:
    for code in ("%%%", "WzFd"):
        page = visit(link=f"/#s={code}")
        assert kept(page)["state"] == module(page, "state.js", "m.initial()")
    page = visit()
    hostile = {
        "state": {
            "start": "__proto__",
            "title": 5,
            "values": {"clinicians": 1e9, "leads": 2, "nonsense": 1, "__proto__": {"x": 1}},
            "plans": [{"name": "<img src=x onerror='window.bad=1'>", "changes": {"leads": "3"}}]
            * 9,
            "seed": 1.5,
            "level": "NaN",
            "notes": None,
        },
        "view": {"step": "compare", "lang": "xx"},
    }
    code = page.evaluate(
        "async raw => (await import('/static/state.js')).encoded(raw.state, raw.view)", hostile
    )
    other = visit(link=f"/#s={code}")
    state = kept(other)["state"]
    assert (state["start"], state["values"], len(state["plans"])) == ("baseline", {"leads": 2}, 4)
    finished(other)
    assert other.evaluate("window.bad") is None


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


def mih(*words: str) -> str:
    return CliRunner().invoke(main, words, catch_exceptions=False).stdout


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def test_the_files_of_the_page_give_the_same_numbers_on_the_command_line(
    visit: Any, tmp_path: Path
) -> None:
    page = visit()
    page.fill("#base-clinicians", "20")
    page.fill("#title", '<b>"us"</b>')
    with_plans(page)
    go(page, "decide")
    files = []
    for id_ in ("csv", "base", "plan1", "plan2"):
        with page.expect_download() as download:
            page.click(f"#save-{id_}")
        files.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(files[-1])
    table, *scenarios = files
    assert [path.name for path in scenarios] == ["base-case.toml", "plan-1.toml", "plan-2.toml"]
    told = json.loads(mih("compare", *map(str, scenarios), "-n", "100", "--seed", "1", "--json"))
    names = dict(zip(("base case", "Plan A", "Plan B"), told["plans"], strict=True))
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert {row["plan"] for row in rows} == set(names)
    runs = {
        plan: json.loads(mih("run", str(path), "-n", "100", "--seed", "1", "--json"))["outcomes"]
        for plan, path in zip(names, scenarios, strict=True)
    }
    for row in rows:
        plan, name = row["plan"], row["outcome"]
        for key in ("mean", "ci_low", "ci_high", "q10", "q50", "q90"):
            assert number(row[key]) == runs[plan][name][key], (plan, name, key)
        entry = told["outcomes"][name]["plans"][names[plan]]
        for key in ("difference", "ci_low", "ci_high") if plan != "base case" else ():
            mine = row[key if key == "difference" else f"difference_{key}"]
            assert number(mine) == entry[key], (plan, name, key)
    go(page, "compare")
    finished(page)
    shown = page.locator("figure:has-text('Adoption') tbody").first.text_content()
    gap = told["outcomes"]["adoption"]["plans"][names["Plan A"]]["difference"]
    assert f"{gap * 100:+.1f} points" in shown


def test_a_start_with_a_live_platform_and_a_date(visit: Any, tmp_path: Path) -> None:
    page = visit(SMALL)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.locator("#base-trained_at_start").count() == 0, "a new project has nobody trained"
    page.fill("#date", "2026-07-06")
    assert page.input_value("#base-calendar_week") == "28"
    page.select_option("#base-at_start", "live")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
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
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
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


def test_an_organisation_with_nobody_or_no_time_is_shown_all_the_same(visit: Any) -> None:
    page = visit(SMALL)
    with_plans(page)
    for empty in ({"clinicians": 0}, {"weeks": 0}, {"caseload": 0, "leads": 0, "key_users": 0}):
        go(page, "organisation")
        page.click("#reset")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
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
