"""Why: the numbers of ``mih explain``, in parts that are kept; and the step of the page."""

import json
from typing import Any

import pytest

import sim
from sim.app import fields, why
from sim.app.questions import Explaining
from sim.errors import InputError
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
    assert found == {key: one for key, one in expected.items() if key in found}
    assert set(expected) - set(found) == {"sentences", "result"}


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
