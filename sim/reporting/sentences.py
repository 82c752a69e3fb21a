"""The answer of a report in sentences of either language: those of the commands themselves."""

from functools import partial

from sim.experiment.compare import sentences as compare
from sim.experiment.doubt.nested import shape_in
from sim.experiment.explain.barriers import ATTAINABLE
from sim.experiment.explain.sentences import gap_in_words
from sim.experiment.numbers import digits_of
from sim.experiment.staff import sentences as staff
from sim.experiment.staff.sentences import in_labels
from sim.experiment.store.stored import Stored
from sim.experiment.words import Words
from sim.outcomes import Summary
from sim.reporting.material import Material
from sim.simulate import Result


def answers(material: Material, words: Words) -> list[str]:
    """Return the answer: how plans differ, or what the one plan gives.

    Under draws of the rules the last sentence says that the intervals hold that doubt.
    """
    return [*_found(material, words), *_doubt(material, words)]


def _found(material: Material, words: Words) -> list[str]:
    if material.comparison is not None:
        return compare.sentences(material.comparison, words)
    found = [_alone(result, words) for result in material.results.values()]
    if material.explanation is not None:
        return [*found, gap_in_words(material.explanation, ATTAINABLE, words)]
    if material.staffing is not None:
        written = partial(in_labels, material.staffing, words=words)
        return staff.sentences(material.staffing, words, written)
    if material.swept is not None:
        return [*found, _swept(material.swept, words)]
    return found


def _doubt(material: Material, words: Words) -> list[str]:
    """Say that intervals hold what is not known of the rules; a sweep has said so."""
    drawn = material.posterior
    if drawn is None or material.swept is not None:
        return []
    if "draws" in drawn:
        draws = words.number(drawn["draws"])
        return [words.say("say.doubt", draws=draws, id=drawn["id"])]
    return [words.say("say.doubt_each", id=drawn["id"])]


def _swept(stored: Stored, words: Words) -> str:
    """Say how large a sweep is, and under how many draws of the rules."""
    plan = stored.plan
    shape, runs = shape_in(plan.study), words.number(plan.runs)
    if shape is None:
        return words.say("say.swept", points=words.number(plan.count), runs=runs)
    draws = words.number(int(plan.study["posterior"]["draws"]))
    points = words.number(plan.count // shape.points)  # the study's
    return words.say("say.drawn", draws=draws, points=points, runs=runs)


def _alone(result: Result, words: Words) -> str:
    """Say what a plan gives by itself: use and reach at the end, going live, stopping."""
    summary = result.summary()

    def share(name: str) -> str:
        return _mean(summary[name], words)

    live = summary["go_live_week"]
    reached = words.share(live.share_reached)
    middle = (
        words.say("say.not_half")
        if live.q50 is None
        else words.say("say.median", week=words.number(live.q50))
    )
    return words.say(
        "say.alone",
        title=result.scenario.title,
        weeks=words.number(result.weeks),
        adoption=share("adoption"),
        reach=share("reach"),
        reached=reached,
        middle=middle,
        stopped=share("stopped"),
    )


def _mean(one: Summary, words: Words) -> str:
    """Return a mean share with its interval: ``17 % (11 to 24 %)``."""
    if one.mean is None:
        return words.say("word.undefined")
    digits = digits_of(one.mean, one.ci_low, one.ci_high, 100.0)
    text = words.share(one.mean, digits)
    if one.ci_low is None or one.ci_high is None:
        return text
    low, high = (words.number(end * 100.0, digits) for end in (one.ci_low, one.ci_high))
    return f"{text} ({words.say('say.range', low=low, high=f'{high} %')})"
