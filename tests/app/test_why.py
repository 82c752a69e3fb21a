"""Why: the numbers of ``mih explain``, in parts that are kept; and the step of the page."""

import json
from typing import Any

import pytest

import sim
from sim.app import fields, why
from sim.app.questions import Explaining
from sim.errors import InputError
from sim.experiment.explain.sentences import barrier_in_words, main_sentences, sentences
from sim.experiment.words import words_of
from tests.app.paging import EASY, explained, go, kept, with_plans
from tests.app.serving import Served

TINY = {"values": {"clinicians": 6, "caseload": 3, "weeks": 60}}
ASKED = {"question": {"organisation": TINY, "replicates": 4, "seed": 3}}


def asked_to_the_end(served: Served, question: object) -> tuple[Any, list[int]]:
    told = []
    while True:
        status, found, _ = served.ask("why", question)
        if status == 200:
            return found, told
        assert status == 202, found
        told.append(found["done"])


def test_the_page_has_the_numbers_of_mih_explain(served: Served) -> None:
    plans = [{"name": "A", "changes": {"leads": 2}}]
    question = {"question": {**ASKED["question"], "plans": plans}, "plan": 1}
    found, _ = asked_to_the_end(served, question)
    scenario = sim.load("baseline").replace(**TINY["values"], **fields.OWN_NUMBERS, leads=2)
    expected = json.loads(json.dumps(sim.explain(scenario, 4, 3, workers=0).as_json()))
    labels = [phase["label"]["en"] for phase in found["ledger"]]
    assert labels == [phase["label"] for phase in expected["ledger"]]
    for phase in (*found["ledger"], *expected["ledger"]):
        del phase["label"]
    same = set(expected) - {"sentences", "result"}
    assert {key: found[key] for key in same} == {key: expected[key] for key in same}
    assert set(found) - same == {"sentences", "main", "barriers"}


def test_the_page_shows_the_sentences_of_mih_explain(visit: Any) -> None:
    page = visit(EASY)
    with_plans(page)
    go(page, "why")
    page.select_option("#why-plan", "1")
    explained(page)
    state = kept(page)["state"]
    scenario = sim.load("baseline").replace(**state["values"], **fields.OWN_NUMBERS, leads=2)
    expected = sim.explain(scenario, 20, state["seed"], workers=0)
    for lang in ("en", "nl"):
        page.click(f"#lang-{lang}")
        page.locator("[data-why=done] .fold > summary").click()
        said = sentences(expected, words_of(lang))
        assert page.locator("[data-why=done] .fold li").all_text_contents() == said
        first = page.locator("[data-why=done] > p.say").all_text_contents()
        assert first[:-1] == main_sentences(expected, words_of(lang))
        assert set(first[:-1]) < set(said)
        table = page.locator("[data-why=done] figure tbody").first
        called = table.locator("th").all_text_contents()
        assert set(called) == {
            barrier_in_words(name, words_of(lang)) for name in (*expected.main.barriers, "all")
        }


def test_parts_go_on_where_they_stopped_and_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def counted(scenario: Any, replicates: int, seed: int) -> Any:
        ran.append(replicates)
        return sim.run(scenario, replicates, seed)

    monkeypatch.setattr(why, "run", counted)
    asked, kept = Explaining.of(ASKED), why.Combinations()
    count = asked.explained().plan.count
    each = why.estimate(why.recipe(asked.scenario()), 4).seconds
    monkeypatch.setattr(why, "PART", 200.5 * each)
    answers = [why.explained(asked, kept) for _ in range(-(-count // 200))]
    assert answers[:-1] == [{"done": 200 * k, "of": count} for k in range(1, len(answers))]
    assert "ledger" in answers[-1]
    assert why.explained(asked, kept) == answers[-1]
    assert len(ran) == count


def test_what_takes_too_long_is_refused_before_it_begins() -> None:
    big = {"organisation": {"values": {"clinicians": 1000}}, "replicates": 10}
    with pytest.raises(InputError, match=r"clinicians: about .* mih explain"):
        why.explained(Explaining.of({"question": big}), why.Combinations())
