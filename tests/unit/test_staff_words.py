"""What a search for staffing says: the same numbers in both languages, the two cheapest paired."""

import re

import pytest

import sim as mih
from sim.experiment.staff.found import Staffing
from sim.experiment.staff.judging import ALIKE, FOUND, MAYBE, NO, NONE, TOO_DEAR
from sim.experiment.staff.sentences import in_labels, sentences
from sim.experiment.words import words_of

SWAPPED = str.maketrans(",.", ".,")


def searched(target: str, confidence: float, budget: float | None) -> Staffing:
    plan = mih.load("baseline").replace(clinicians=8, caseload=5)
    vary = {name: ["own"] for name in ("manager_hours", "lead_hours", "seats", "key_users")}
    return mih.staff(
        plan, target, 60, confidence=confidence, budget=budget, replicates=40, vary=vary, workers=0
    )


def numbers(said: list[str]) -> list[str]:
    return sorted(re.findall(r"\d[\d.,]*\d|\d", " ".join(said)))


@pytest.mark.parametrize(
    ("target", "confidence", "budget", "answers"),
    [
        ("adoption>=0.5", 0.8, None, {NONE}),
        ("adoption>=0.1", 0.5, 75000.0, {MAYBE}),
        ("go_live_week<=50", 0.3, None, {FOUND, ALIKE}),
        ("adoption>=0.2", 0.5, 10.0, {TOO_DEAR}),
    ],
)
def test_both_languages_say_the_same_numbers(
    target: str, confidence: float, budget: float | None, answers: set[str]
) -> None:
    found = searched(target, confidence, budget)
    assert found.verdict.answer in answers
    english, dutch = (
        sentences(found, words, lambda one, words=words: in_labels(found, one, words))  # type: ignore[misc]
        for words in (words_of("en"), words_of("nl"))
    )
    assert numbers(dutch) == numbers([one.translate(SWAPPED) for one in english])
    assert not [one for one in dutch if " the " in one or " plan is " in one.lower()]
    other = found.next
    if answers == {FOUND, ALIKE}:
        assert other is not None
        doing = [one for one in found.by_cost if one.does != NO]
        doing.remove(found.chosen)
        assert other is doing[0]
        own = other is found.own
        assert any(one.startswith("Of the other plans that do or may") for one in english) != own
    else:
        assert other is None
