"""The sequence of an analysis: pilot, plan, scrambles, more of them, other ranges.

What comes next is a function of the stages before it. Who makes a stage, by running it or by
reading what is there, is a matter of the caller.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sim.errors import InputError
from sim.experiment.progress import Progress, going_on
from sim.experiment.sensitivity import expected
from sim.experiment.sensitivity.analysis import Collected, nothing_to_explain
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.estimators import FEWEST_FOR_SPREAD
from sim.experiment.sensitivity.found import Sensitivity
from sim.experiment.sensitivity.indices import Indices
from sim.experiment.sensitivity.pilot import best_replicates
from sim.experiment.sensitivity.piloted import Piloted
from sim.experiment.sensitivity.question import BUDGET, MOST_SCRAMBLES, Question
from sim.experiment.sensitivity.reading import read_runs
from sim.experiment.sensitivity.response import responses
from sim.experiment.sensitivity.stages import (
    Planned,
    SharesMissingError,
    Watch,
    plan_of,
    range_name,
)
from sim.experiment.store.encoding import canonical, sha256
from sim.experiment.store.stored import Stored

Stage = Callable[[Question, Design, Path, Progress | None], Stored | None]
"""Makes a stage in a folder; None while shares of other shards are missing."""


def analysed(question: Question, folder: Path, stage: Stage, watch: Watch) -> Sensitivity:
    """Return the answer to a question from its stages, made one after the other.

    Raises InputError for outcomes that cannot be explained and for a budget that is too small,
    SharesMissingError while shares of other shards are missing, and as ``stage`` does.
    """
    pilot, seconds = None, None
    if question.replicates is None:
        pilot, seconds = _piloted(question, folder, stage, watch)
    replicates = question.replicates or (pilot.best if pilot else 0)
    if question.spread:
        replicates = max(replicates, FEWEST_FOR_SPREAD)
    before = pilot.runs if pilot else 0
    most = _most_scrambles(question, replicates, before)
    watch.planned(Planned(question, replicates, pilot, seconds))
    collected = Collected(question)
    _scrambles(collected, range(question.scrambles), replicates, folder, stage, watch)
    indices = collected.indices()
    while not _enough(indices, question) and len(collected.results) < most:
        numbers = range(len(collected.results), len(collected.results) + 1)
        _scrambles(collected, numbers, replicates, folder, stage, watch)
        indices = collected.indices()
    others = [question.over(one, len(collected.results), replicates) for one in question.ranges]
    ranges = tuple(analysed(one, folder / range_name(one), stage, watch) for one in others)
    return _answer(collected, indices, replicates, pilot, ranges)


def _piloted(
    question: Question, folder: Path, stage: Stage, watch: Watch
) -> tuple[Piloted, float | None]:
    """Return what the pilot says, and the seconds a run took if it was run just now."""
    design = question.pilot
    begun, told = time.monotonic(), list[int]()
    with watch.bar(plan_of(question, design).runs) as progress:

        def advance(done: int) -> None:
            told.append(done)
            progress(done)

        stored = stage(question, design, folder, advance)
    seconds = time.monotonic() - begun
    if stored is None:
        raise SharesMissingError(
            f"{folder}: this shard's share of the pilot is done; when those of the others are, the "
            "same command goes on (with --replicates there is no pilot to wait for)"
        )
    y = read_runs(stored, design, question.target, 0).y
    nothing_to_explain(question.outcomes, y)
    found = best_replicates(design, y[:, :, 0])
    replicates = max(found.best, FEWEST_FOR_SPREAD) if question.spread else found.best
    half_width = expected.half_width(
        design, y[:, :, 0], lines=question.lines, scrambles=question.scrambles,
        replicates=replicates,
    )  # fmt: skip
    runs = stored.plan.runs
    piloted = Piloted(found.best, found.ranked, found.by_name, half_width, runs, str(stored.result))
    done = runs - told[0] if told else 0
    return piloted, seconds / done if done else None


def _scrambles(
    collected: Collected,
    numbers: range,
    replicates: int,
    folder: Path,
    stage: Stage,
    watch: Watch,
) -> None:
    """Make scrambles and take them up. Of a shard all shares are done before it says so."""
    question, missing = collected.question, 0
    size = question.runs(replicates)
    with watch.bar(size * len(numbers)) as progress:
        for k, number in enumerate(numbers):
            design = question.design(number, replicates)
            stored = stage(question, design, folder, going_on(k * size, progress))
            if stored is None:
                missing += 1
            elif not missing:
                collected.add(design, stored)
    if missing:
        raise SharesMissingError(
            f"{folder}: this shard's share is done; {missing} of {len(numbers)} scrambles wait for "
            "the shares of others; when these are done, the same command tells the result"
        )


def _enough(indices: Indices, question: Question) -> bool:
    """Say whether the light asked for is green, or none was asked for."""
    until = question.until
    return until is None or bool(getattr(indices.lights[0], until).state == "green")


def _most_scrambles(question: Question, replicates: int, before: int) -> int:
    """Return how many scrambles the budget allows. Raises InputError for less than the first."""
    first, size = question.scrambles, question.runs(replicates)
    if question.until is None:
        return first
    if question.budget is None:
        return min(BUDGET * first, MOST_SCRAMBLES)
    needed = before + first * size
    if question.budget < needed:
        raise InputError(
            f"--budget: too small (found {question.budget:,} runs, the first {first} scrambles "
            f"take {needed:,} with the pilot)"
        )
    return min((question.budget - before) // size, MOST_SCRAMBLES)


def _answer(
    collected: Collected,
    indices: Indices,
    replicates: int,
    pilot: Piloted | None,
    others: tuple[Sensitivity, ...],
) -> Sensitivity:
    question = collected.question
    earlier = []
    for scrambles in range(2, indices.scrambles):
        with suppress(InputError):  # events may be too rare in the first few
            earlier.append(collected.indices(scrambles))
    ids = {
        "question": question.decides(),
        "outcomes": list(question.outcomes),
        "stages": [*([pilot.result] if pilot else []), *collected.results],
        "ranges": [one.result for one in others],
    }
    return Sensitivity(
        question=question,
        replicates=replicates,
        pilot=pilot,
        indices=indices,
        weekly=collected.over_weeks(),
        weeks=collected.weeks,
        stages=(*earlier, indices),
        responses=responses(question.factors, collected.bins),
        reached=None if question.until is None else _enough(indices, question),
        ranges=others,
        runs=collected.runs + (pilot.runs if pilot else 0) + sum(one.runs for one in others),
        result=sha256(canonical(ids))[:16],
    )
