"""Pure functions of the page's scripts, called in a real browser."""

import json
from typing import Any

import pytest

from tests.app.paging import module


def test_history_goes_back_and_forth_and_joins_edits_of_one_field(scripts: Any) -> None:
    steps = """(() => {
      let h = m.started(0);
      const edits = [[1, "a"], [2, "a"], [3, "b"], [4, ""], [5, ""]];
      for (const [to, tag] of edits) h = m.changed(h, to, tag);
      const back = [];
      while (h.past.length) { h = m.undone(h); back.push(h.present); }
      const there = [];
      while (h.future.length) { h = m.redone(h); there.push(h.present); }
      return [back, there, m.changed(m.undone(h), 9).future];
    })()"""
    assert module(scripts, "history.js", steps) == [[4, 3, 2, 0], [2, 3, 4, 5], []]


def test_numbers_are_read_as_people_write_them(scripts: Any) -> None:
    plain, share = '{unit: "weeks"}', '{unit: "share of clinicians"}'
    for text, unit, value in (
        ("12", plain, 12),
        (" 1,5 ", plain, 1.5),
        ("12 %", share, 0.12),
        ("0", share, 0),
        (".5", plain, 0.5),
    ):
        assert module(scripts, "text.js", f"m.typed({text!r}, {unit})") == value
    for text in ("", "x", "1e5", "1.2.3", "Infinity", "0x10", "1 2", "٣"):
        assert module(scripts, "text.js", f"Number.isNaN(m.typed({text!r}, {plain}))")


def test_a_date_falls_in_its_calendar_week(scripts: Any) -> None:
    # 2026 has 53 weeks by ISO 8601; a year of the model has 52.
    for day, week in (
        ("2026-01-01", 1),
        ("2027-01-03", 52),
        ("2024-12-30", 1),
        ("2026-07-06", 28),
        ("2026-11-28", 48),
    ):
        assert module(scripts, "text.js", f"m.calendarWeek({day!r})") == week
    assert module(scripts, "text.js", 'm.calendarWeek("")') is None


def test_a_new_project_forgets_who_was_trained(scripts: Any) -> None:
    code = """(() => {
      const values = {at_start: "new", trained_at_start: 0, calendar_week: 1};
      const model = {examples: {baseline: {values}}};
      let s = {start: "baseline", values: {}};
      const asked = [m.applies(s, model, "trained_at_start"), m.applies(s, model, "at_start")];
      s = m.withValue(m.withValue(s, model, "at_start", "live"), model, "trained_at_start", 0.4);
      const live = s.values;
      s = m.withDate(m.withValue(s, model, "at_start", "new"), model, "2026-07-06");
      return [asked, live, s.values, s.date];
    })()"""
    live = {"at_start": "live", "trained_at_start": 0.4}
    expected = [[False, True], live, {"calendar_week": 28}, "2026-07-06"]
    assert module(scripts, "state.js", code) == expected


def test_an_interval_that_holds_zero_tells_nothing_apart(scripts: Any) -> None:
    for entry, how in (
        ((1, 0.5, 1.5), "more"),
        ((-1, -2, -0.1), "less"),
        ((1, -0.5, 2), "unclear"),
        ((1, 0, 2), "unclear"),
        ((0, 0, 0), "same"),
        ((None, None, None), "unclear"),
        ((1, None, None), "unclear"),
    ):
        raw = json.dumps(dict(zip(("difference", "ci_low", "ci_high"), entry, strict=True)))
        assert module(scripts, "words.js", f"m.standing({raw})") == how


def test_own_figures_are_placed_by_the_outer_band(scripts: Any) -> None:
    own = "[[1, .1], [2, .05], [3, .6], [4, .5], [9, .5]]"
    code = (
        f"m.placed({own}, {{q10: [.1, .1, .1, null], q90: [.5, .5, .5, null]}}).map(o => o.where)"
    )
    assert module(scripts, "charts/fan.js", code) == ["inside", "below", "above", "unknown"]


@pytest.mark.parametrize("size", [0, 1, 2, 10, 60, 300])
def test_clinicians_stand_apart_inside_the_picture(scripts: Any, size: int) -> None:
    for teams in {1, min(2, max(size, 1)), max(1, size // 10)}:
        places = module(
            scripts,
            "charts/network.js",
            f"m.positions(Array.from({{length: {size}}}, (_, k) => k % {teams}))",
        )
        assert all(0.02 <= x <= 0.98 and 0.02 <= y <= 0.98 for x, y in places)
        assert len({(round(x, 4), round(y, 4)) for x, y in places}) == size


def test_marks_of_states_differ_in_shape(scripts: Any) -> None:
    code = "m.STATES.map(s => m.mark(s, 8).innerHTML)"
    shapes = module(scripts, "charts/network.js", code)
    assert len(set(shapes)) == len(shapes) == 5


def test_axes_have_round_numbers_and_lines_have_gaps(scripts: Any) -> None:
    assert module(scripts, "charts/axes.js", "m.ticks(-8, 8, 4)") == [-5, 0, 5]
    assert module(scripts, "charts/axes.js", "m.ticks(0, 1, 4)") == [0, 0.25, 0.5, 0.75, 1]
    line = "m.line([0, null, 1, 1], x => x, y => y)"
    assert module(scripts, "charts/axes.js", line) == "M1.0 0.0M3.0 1.0L4.0 1.0"


def test_a_waterfall_ends_where_all_steps_lead(scripts: Any) -> None:
    steps = "[{value: 0.25, low: 0.125, high: 0.5}, {value: -0.125, low: null, high: null}]"
    first, last = module(scripts, "charts/waterfall.js", f"m.stepped(0.5, {steps})")
    assert (first["from"], first["to"], first["low"], first["high"]) == (0.5, 0.75, 0.625, 1.0)
    assert (last["from"], last["to"], last["low"]) == (0.75, 0.625, None)


def test_a_waterfall_shows_no_more_than_a_share_can_be(scripts: Any) -> None:
    steps = """[{label: "a", text: "", value: 0.1, low: -2, high: 3},
      {label: "b", text: "", value: 0.1, low: 0.05, high: 0.15}]"""
    code = f"""(() => {{
      const whole = (value) => ({{label: "", value, text: ""}});
      const drawn = m.waterfall({{now: whole(0.5), then: whole(0.7), steps: {steps},
        format: String, name: "x"}}, 400);
      const marks = [...drawn.querySelectorAll(".axes text")].map((one) => Number(one.textContent));
      const lines = [...drawn.querySelectorAll(".whisker")].map((one) => one.childElementCount);
      return [Math.min(...marks), Math.max(...marks), lines];
    }})()"""
    least, most, lines = module(scripts, "charts/waterfall.js", code)
    assert (least, most) == (0, 1)
    assert lines == [1, 3]  # an end beyond is not drawn
