"""Why: what barriers cost and where weeks go, as ``mih explain`` says it, simulated in parts.

A part is small enough for the page to say how far it is, and for other questions to be answered
between two parts. What a combination of barriers gave is kept, so the same question goes on.
"""

from typing import Any

import numpy as np

from sim.app.latest import Latest
from sim.app.questions import Explaining
from sim.estimates import estimate
from sim.experiment.compare.paired import Floats
from sim.experiment.explain.explaining import explained_by
from sim.experiment.explain.explanation import Explanation
from sim.experiment.explain.question import Question
from sim.experiment.explain.sentences import barrier_in_words, main_sentences, sentences
from sim.experiment.words import LANGUAGES, Words, words_of
from sim.simulate import run
from sim.world import recipe

PART = 1.5
"""Seconds of estimated work in a part."""

ROOM = 16
"""Questions kept; one of 20 runs takes about 80 kB."""

Json = dict[str, Any]


def part(there: int, of: int, each: float) -> range:
    """Return what to simulate next, after what is ``there``; ``each`` takes so many seconds."""
    return range(there, min(there + max(1, int(PART / each)), of))


class Combinations:
    """What each combination of barriers gave, by question; a list holds those simulated so far."""

    def __init__(self, room: int = ROOM) -> None:
        self.kept: Latest[Question, list[Floats]] = Latest(room)

    def advanced(self, question: Question) -> list[Floats]:
        """Return the outcome in each run of the combinations so far, after one more part."""
        found = self.kept.take(question) or []
        self.kept.keep(question, found)
        each = estimate(recipe(question.scenario), question.replicates).seconds
        for point in part(len(found), question.plan.count, each):
            result = run(question.plan.scenario(point), question.replicates, question.seed)
            column = result.names.index(question.outcome)
            found.append(result.outcomes[:, :, column].mean(axis=1))
        return found


def explained(asked: Explaining, kept: Combinations) -> Json:
    """Return what barriers cost, or how many combinations are ``done`` so far and ``of`` how many.

    The numbers are those of ``mih explain`` for the same scenario, runs and seed.
    Raises InputError.
    """
    question = asked.explained()
    found = kept.advanced(question)
    if len(found) < question.plan.count:
        return {"done": len(found), "of": question.plan.count}
    return _told(explained_by(question, np.stack(found, axis=1)))


def _told(found: Explanation) -> Json:
    """Return the contract of ``mih explain --json`` with words in the languages of the page."""
    answer = found.as_json()
    del answer["result"]  # nothing is sealed
    speaking = {lang: words_of(lang) for lang in LANGUAGES}
    for phase in answer["ledger"]:
        name, label = phase["name"], phase["label"]
        phase["label"] = {
            lang: words.phase(found.question.scenario, name, label)
            for lang, words in speaking.items()
        }
    for key, said in (("sentences", sentences), ("main", main_sentences), ("barriers", _barriers)):
        answer[key] = {lang: said(found, words) for lang, words in speaking.items()}
    return answer


def _barriers(found: Explanation, words: Words) -> dict[str, str]:
    """Return what barriers are called, and all of them together."""
    return {name: barrier_in_words(name, words) for name in (*found.main.barriers, "all")}
