"""The cheapest plan that gets there, as ``mih staff`` says it, simulated in parts.

A part is one or two seconds of a stage of the search, as in `sim.app.why`; a search is kept where
it stands, so the same question goes on.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from sim.app.latest import Latest
from sim.app.questions import Staffing
from sim.app.why import ROOM, part
from sim.estimates import estimate
from sim.experiment.compare.paired import Floats
from sim.experiment.runs.columns import run_values
from sim.experiment.staff.found import Staffing as Found
from sim.experiment.staff.judging import judge
from sim.experiment.staff.question import Question
from sim.experiment.staff.ranking import Sample
from sim.experiment.staff.running import gathered, outcomes_of, plan_of
from sim.experiment.staff.search import LIKELY, Searched, searching
from sim.experiment.staff.sentences import in_labels, sentences
from sim.experiment.words import LANGUAGES, words_of
from sim.simulate import run
from sim.world import recipe

Json = dict[str, Any]


class Search:
    """A search that stands where its runs so far have brought it."""

    def __init__(self, question: Question) -> None:
        space, self.question = question.space, question
        self.steps = searching(
            space.count, space.own, question.aim, question.replicates, question.seed
        )
        self.wanted = next(self.steps)
        self.runs: list[tuple[Mapping[str, Floats], Floats]] = []  # of the stage, by plan
        self.done = 0
        self.found: Searched | None = None

    def advance(self) -> None:
        """Simulate one more part of the stage, and go on to the next stage if it is complete."""
        if self.found is not None:
            return
        question, (plans, first, count) = self.question, self.wanted
        points = plan_of(question, plans, first, count, 1)
        horizon = question.scenario.with_values({"weeks": question.by})
        each = estimate(recipe(horizon), count).seconds
        for point in part(len(self.runs), len(plans), each):
            result = run(
                points.scenario(point), count, question.seed,
                weeks=question.by, first_replicate=first,
            )  # fmt: skip
            late = np.full(count, float(question.by))
            values = run_values(result.names, result.outcomes, late, outcomes_of(question))
            aimed = result.outcomes[:, :, result.names.index(question.target.outcome)]
            self.runs.append((values, aimed))
            self.done += count
        if len(self.runs) == len(plans):
            self._next_stage()

    def _next_stage(self) -> None:
        sample, self.runs = self._sample(), []
        try:
            self.wanted = self.steps.send(sample)
        except StopIteration as end:
            self.found = end.value

    def _sample(self) -> Sample:
        columns = {
            name: np.stack([values[name] for values, _ in self.runs], axis=1)
            for name in outcomes_of(self.question)
        }
        return gathered(self.question, columns, np.stack([rows for _, rows in self.runs]))


class Searches:
    """Searches by what was asked."""

    def __init__(self, room: int = ROOM) -> None:
        self.kept: Latest[str, Search] = Latest(room)

    def advanced(self, asked: Staffing) -> Search:
        """Return a search after one more part; what raises is not kept. Raises InputError."""
        key = asked.model_dump_json()
        search = self.kept.take(key) or Search(asked.searched())
        search.advance()
        self.kept.keep(key, search)
        return search


def staffed(asked: Staffing, kept: Searches) -> Json:
    """Return the cheapest plan, or how many runs are ``done`` so far and ``of`` how many.

    Numbers and sentences are those of ``mih staff`` for the same scenario, levels, runs and seed;
    the sentences are in both languages, and write a plan in the words of its inputs.
    Raises InputError.
    """
    search = kept.advanced(asked)
    question, found = search.question, search.found
    if found is None:
        return {"done": search.done, "of": question.runs}
    answer = Found(
        question=question,
        finalists=tuple(found.finalists.tolist()),
        verdict=judge(found.sample, question.aim, question.seed),
        result="",
    )
    return _told(answer)


def _told(found: Found) -> Json:
    """Return the contract of ``mih staff --json`` with words in the languages of the page."""
    told = found.as_json()
    del told["result"]  # nothing is sealed
    told["likely"] = LIKELY
    told["sentences"], told["in_words"] = {}, {}
    for lang in LANGUAGES:
        written = partial(in_labels, found, words=words_of(lang))
        told["sentences"][lang] = sentences(found, words_of(lang), written)
        told["in_words"][lang] = [written(one) for one in found.by_cost]  # of the finalists
    return told
