"""The cheapest plan: the numbers of ``mih staff``, in parts that are kept."""

import json
from functools import partial
from typing import Any

import pytest

import sim
from sim.app import fields, staff, why
from sim.app.questions import Staffing
from sim.errors import InputError
from sim.experiment.staff.sentences import in_labels, sentences
from sim.experiment.words import words_of
from tests.app.paging import EASY, finished, go, kept, searched

TINY = {"values": {"clinicians": 6, "caseload": 3}}
TARGET = "go_live_week<=50"  # may be never, and the less the better
ASKED = {
    "question": {"organisation": TINY, "replicates": 20, "seed": 3, "target": TARGET},
    "by": 60,
    "confidence": 0.5,
    "budget": 60000.0,
}
FEW = {"manager_hours": ("own",), "leads": ("own",), "protected_hours": (0.0, 1.0)}


def to_the_end(asked: Staffing, searches: staff.Searches) -> tuple[Any, list[int]]:
    told = []
    while "done" in (found := staff.staffed(asked, searches)):
        told.append(found["done"])
    return found, told


def test_the_page_has_the_numbers_of_mih_staff_and_runs_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[int] = []

    def counted(scenario: Any, replicates: int, seed: int, **options: Any) -> Any:
        ran.append(replicates)
        return sim.run(scenario, replicates, seed, **options)

    monkeypatch.setattr(staff, "run", counted)
    monkeypatch.setattr(fields, "SEARCHED", FEW)
    monkeypatch.setattr(why, "PART", 0.2)
    asked = Staffing.of(ASKED)
    searches = staff.Searches()
    found, told = to_the_end(asked, searches)
    assert told == sorted(set(told))
    assert len(told) >= 2
    assert len(found["stages"]) > 1
    assert sum(ran) == found["runs"] > told[-1]
    assert staff.staffed(asked, searches) == found
    assert sum(ran) == found["runs"]
    scenario = sim.load("baseline").replace(**TINY["values"], **fields.OWN_NUMBERS)
    options = {"confidence": 0.5, "budget": 60000.0, "replicates": 20, "seed": 3, "vary": FEW}
    expected = sim.staff(scenario, TARGET, 60, workers=0, **options)
    for lang in ("en", "nl"):
        written = partial(in_labels, expected, words=words_of(lang))
        assert found["in_words"][lang] == [written(one) for one in expected.by_cost]
        assert found["sentences"][lang] == sentences(expected, words_of(lang), written)
    numbers = {
        key: one for key, one in found.items() if key not in ("sentences", "in_words", "likely")
    }
    told = expected.as_json()
    del told["sentences"], told["result"]
    assert json.loads(json.dumps(numbers)) == json.loads(json.dumps(told))


def test_what_takes_too_long_is_refused_before_it_begins() -> None:
    big = {"organisation": {"values": {"clinicians": 1000}}, "replicates": 200}
    with pytest.raises(InputError, match=r"clinicians: about .* mih staff"):
        staff.staffed(Staffing.of({**ASKED, "question": big}), staff.Searches())


@pytest.mark.parametrize(
    "wrong", [{"confidence": 1.0}, {"budget": 0.0}, {"by": 0}, {"by": 2000}, {"vary": {}}]
)
def test_what_cannot_be_asked_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Staffing.of({**ASKED, **wrong})


def test_the_plan_found_goes_among_the_plans(visit: Any) -> None:
    page = visit(EASY)
    go(page, "staff")
    searched(page)
    said = page.locator("[data-staff=done] p.say").all_inner_texts()
    assert "100,000 EUR" in said[0]
    assert "undominated" in said[-1]
    shares = page.locator("#pareto tbody td:nth-child(2)").all_inner_texts()
    assert shares
    assert all(50 <= float(one.removesuffix(" %")) <= 100 for one in shares)
    assert page.locator("#pareto tbody td:nth-child(5)").count() == len(shares)
    page.click("#make-plan")
    finished(page)
    assert page.inner_text("h2") == "Plans"
    (plan,) = kept(page)["state"]["plans"]
    assert plan["changes"]
    assert set(plan["changes"]) <= set(fields.PLAN_INPUTS)
    go(page, "staff")  # still known: what is asked does not depend on plans
    page.wait_for_selector("[data-staff=done]")
    page.fill("#budget", "")
    assert page.locator("[data-staff=done]").count() == 0
    assert kept(page)["state"]["budget"] is None
    page.fill("#by", "0")
    assert "from 1 to 1,040" in page.inner_text("#by-problem")
    assert kept(page)["state"]["by"] == 60
