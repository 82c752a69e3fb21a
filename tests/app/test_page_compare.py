"""The steps Plans, Compare and Decide say of plans what ``mih compare`` says, in both languages."""

from typing import Any

import pytest

import sim
from sim.app import fields
from sim.experiment.compare.sentences import gap_in_words, of_plan, sentences, target_in_words
from sim.experiment.words import words_of
from tests.app.paging import EASY, finished, go, kept, with_plans
from tests.app.serving import Served

FIELD = {"organisation": {"values": {"clinicians": 12, "caseload": 5, "weeks": 80}}}
PLANS = {"A": {"leads": 2}, "B": {"invitation": "default"}, "C": {}}
BASE = {"en": "the base case", "nl": "de uitgangssituatie"}


def compared(values: dict[str, Any], plans: dict[str, Any], replicates: int, target: str) -> Any:
    base = sim.load("baseline").replace(**values, **fields.OWN_NUMBERS)
    scenarios = {name: base.replace(**changes) for name, changes in plans.items()}
    return sim.compare({"base": base, **scenarios}, replicates, 1, target=target)


@pytest.mark.parametrize("target", ["adoption>=0.5", "reach>=0.02", "go_live_week<=60"])
def test_the_server_sends_the_sentences_of_mih_compare(served: Served, target: str) -> None:
    plans = [{"name": name, "changes": changes} for name, changes in PLANS.items()]
    asked = FIELD | {"plans": plans, "replicates": 30, "target": target}
    found = served.answer("compare", asked)
    expected = compared(FIELD["organisation"]["values"], PLANS, 30, target)
    scenario, goal = expected.scenarios["base"], expected.target.target
    for lang in ("en", "nl"):
        words = words_of(lang)
        told = found["compared"]["sentences"][lang]
        main = [f"{plan}: {one[0]}" for plan, one in zip(PLANS, told.values(), strict=True)]
        assert [one.replace(BASE[lang], "base") for one in main] == sentences(expected, words)
        for plan, (_, half, cost) in zip(PLANS, told.values(), strict=True):
            for outcome, said in (("weeks_to_half_adoption", half), ("cost", cost)):
                assert said == f"{gap_in_words(expected, outcome, plan, words, BASE[lang])}."
        assert found["target"]["in_words"][lang] == target_in_words(scenario, goal, words)


def test_the_page_shows_the_sentences_of_mih_compare(visit: Any) -> None:
    page = visit(EASY)
    with_plans(page)
    go(page, "compare")
    finished(page)
    state = kept(page)["state"]
    plans = {one["name"]: one["changes"] for one in state["plans"]}
    expected = compared(state["values"], plans, state["replicates"], "adoption>=0.5")
    for lang in ("en", "nl"):
        page.click(f"#lang-{lang}")
        go(page, "compare")
        main = [of_plan(expected, plan, words_of(lang), BASE[lang]) for plan in plans]
        assert page.locator(".card ul.say li:first-child").all_text_contents() == main
        go(page, "plans")
        page.click("#choose-1")
        assert page.locator("#preview ul.say li").first.text_content() == main[1]
        go(page, "decide")
        told = page.locator("ul.say li").all_text_contents()
        named = [f"{plan}: {one}" for plan, one in zip(plans, main, strict=True)]
        assert set(named) < set(told)
