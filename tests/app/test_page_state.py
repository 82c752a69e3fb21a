"""The page in a real browser: what is kept, restored and undone, and its numbers."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from sim.cli import main
from tests.app.paging import SMALL, finished, go, kept, module, with_plans


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
