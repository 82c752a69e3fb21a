"""What an explanation found, in sentences for who plans an implementation, in either language."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.experiment.compare.paired import Difference
from sim.experiment.explain.barriers import ATTAINABLE, MODEST
from sim.experiment.explain.costs import Cost, excludes_zero
from sim.experiment.numbers import digits_of, fewest_digits, gap_digits
from sim.experiment.units import gap_unit, is_share, scale_of
from sim.experiment.words import Words, words_of

if TYPE_CHECKING:
    from sim.experiment.explain.explanation import Explanation


def sentences(found: "Explanation", words: Words | None = None) -> list[str]:
    """Return sentences on the gap, each barrier, the other definition, and the ledger.

    Without ``words`` they are English.
    """
    words = words or words_of("en")
    said = [gap_in_words(found, ATTAINABLE, words)]
    said += [_barrier(found, one, words) for one in found.main.by_size]
    missing = [one.barrier.name for one in found.main.barriers.values() if not one.barrier.there]
    if missing:
        said.append(words.say("why.missing", names=listed(missing, words)))
    if found.shared:
        said.append(words.say("why.shared"))
    return [*said, gap_in_words(found, MODEST, words), _first(found, words), *_phases(found, words)]


def main_sentences(found: "Explanation", words: Words) -> list[str]:
    """Return the sentences that stand for everything: the gap, and what may cost most."""
    return [gap_in_words(found, ATTAINABLE, words), _first(found, words)]


def amount(found: "Explanation", one: Difference, words: Words) -> str:
    """Return a value in the outcome's unit, with its interval: ``6.2 points (5.1 to 7.3)``."""
    if one.difference is None:
        return words.say("why.unknown_amount")
    scale, unit = scale_and_unit(found)
    value = words.number(one.difference * scale, digits_for(found, one))
    text = f"{value} {words.unit(unit)}".rstrip()
    if one.ci_low is None or one.ci_high is None:
        return f"{text} ({words.say('why.no_interval')})"
    return f"{text} ({interval_in_words(found, one, words)})"


def interval_in_words(found: "Explanation", one: Difference, words: Words) -> str:
    """Return the interval of a value: ``5.1 to 7.3``; a dash where there is none."""
    if one.ci_low is None or one.ci_high is None:
        return "-"
    scale, _ = scale_and_unit(found)
    digits = digits_for(found, one)
    low, high = (words.number(end * scale, digits) for end in (one.ci_low, one.ci_high))
    return words.say("say.range", low=low, high=high)


def digits_for(found: "Explanation", one: Difference) -> int:
    """Return the decimals of a value: one at least, since shares add up; none in thousands."""
    scale, _ = scale_and_unit(found)
    shares = [found.main.gap, *(cost.share for cost in found.main.by_size)]
    largest = max(abs(share.difference or 0.0) for share in shares) * scale
    digits = gap_digits(one.difference, one.ci_low, one.ci_high, scale)
    return max(digits, fewest_digits(largest))


def scale_and_unit(found: "Explanation") -> tuple[float, str]:
    """Return what differences of the outcome are multiplied with, and their unit."""
    return scale_of(found.unit), gap_unit(found.unit)


def level_in_words(found: "Explanation", definition: str, words: Words, *, now: bool) -> str:
    """Return the mean outcome now, or with no barrier left: ``60 %``."""
    mean, low, high = found.level(definition, now=now)
    if mean is None:
        return words.say("word.unknown")
    if is_share(found.unit):
        return words.share(mean, digits_of(mean, low, high, 100.0))
    return f"{words.number(mean, digits_of(mean, low, high))} {words.unit(found.unit)}".rstrip()


def barrier_in_words(name: str, words: Words) -> str:
    """Return what a barrier is called."""
    return words.say(f"barrier.{name}")


def listed(names: list[str], words: Words, word: str = "word.and") -> str:
    """Return barriers in a sentence: ``unclear roles, overload and low motivation``."""
    *most, last = (barrier_in_words(name, words).lower() for name in names)
    return f"{', '.join(most)} {words.say(word)} {last}" if most else last


def gap_in_words(found: "Explanation", definition: str, words: Words) -> str:
    """Say what all barriers cost together."""
    costs = found.costs[definition]
    what = words.say("why.attainable", mark=words.say(f"definition.{definition}"))
    if not costs.by_size:
        return words.say("why.no_barrier", what=what)
    now, then = (level_in_words(found, definition, words, now=one) for one in (True, False))
    name = words.outcome(found.question.scenario, found.question.outcome).lower()
    cost = amount(found, costs.gap, words)
    key = "unclear" if costs.gap.ci_low is not None and not excludes_zero(costs.gap) else "gap"
    return words.say(f"why.{key}", name=name, now=now, then=then, what=what, amount=cost)


def _barrier(found: "Explanation", one: Cost, words: Words) -> str:
    """Say what a barrier costs."""
    name, cost = barrier_in_words(one.barrier.name, words), amount(found, one.share, words)
    if not excludes_zero(one.share):
        return words.say("why.nothing", name=name, amount=cost)
    if (one.share.difference or 0.0) < 0.0:
        return words.say("why.better", name=name, amount=cost)
    return words.say("why.cost", name=name, amount=cost, rank=ranks_in_words(one, words))


def ranks_in_words(one: Cost, words: Words) -> str:
    """Return the ranks a barrier may have: ``1``, ``2 to 5``; a dash if it is not there."""
    if one.ranks is None:
        return "-"
    best, worst = one.ranks
    return f"{best}" if best == worst else words.say("say.range", low=best, high=worst)


def _first(found: "Explanation", words: Words) -> str:
    """Say what may come first, and whether another definition of attainable changes that."""
    here, there = (
        [one.barrier.name for one in found.costs[name].by_size if one.ranks and one.ranks[0] == 1]
        for name in (ATTAINABLE, MODEST)
    )
    if not here or not there:
        return words.say("why.by_one")
    said = words.say("why.most", may_be=_may_be(here, words))
    if set(here) == set(there):
        return words.say("why.by_both", said=said)
    mark = words.say(f"definition.{MODEST}")
    return words.say("why.by_modest", said=said, mark=mark, may_be=_may_be(there, words))


def _may_be(names: list[str], words: Words) -> str:
    key = "why.is" if len(names) == 1 else "why.may_be"
    return words.say(key, names=listed(names, words, "word.or"))


def _phases(found: "Explanation", words: Words) -> Iterator[str]:
    """Say where the weeks of each phase go."""
    for one in found.ledger:
        name = words.phase(found.question.scenario, one.name, one.label)
        if one.took.mean is None:
            yield words.say("why.never", name=name)
            continue
        weeks = {key: words.number(part.mean or 0.0, 1) for key, part in one.weeks.items()}
        planned, took = words.number(one.planned, 1), words.number(one.took.mean, 1)
        yield words.say("why.phase", name=name, took=took, planned=planned, **weeks)
