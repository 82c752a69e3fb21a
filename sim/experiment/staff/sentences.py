"""What a search for staffing found, in sentences for who plans, in either language."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.experiment.compare.paired import Difference
from sim.experiment.compare.sentences import target_in_words
from sim.experiment.numbers import digits_of, gap_digits
from sim.experiment.staff.judging import ALIKE, FOUND, MAYBE, NO, NONE, TOO_DEAR, Ends, Judged
from sim.experiment.staff.search import LIKELY
from sim.experiment.units import scale_of
from sim.experiment.words import Words, words_of

if TYPE_CHECKING:
    from sim.experiment.staff.found import Staffing

MOST_NAMED = 5

_ANSWERS = {
    FOUND: "staff.found",
    ALIKE: "staff.alike",
    MAYBE: "staff.maybe",
    NONE: "staff.none",
    TOO_DEAR: "staff.too_dear",
}


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told, in which words, and how a plan is written."""

    found: "Staffing"
    words: Words
    written: Callable[[Judged], str]

    def named(self, one: Judged) -> dict[str, str]:
        """Return a plan with its chance and cost, as parts of a sentence."""
        return {
            "plan": self.written(one),
            "chance": chance_in_words(one.chance, self.words),
            "cost": cost_in_words(self.found, one.cost, self.words),
        }


def sentences(
    found: "Staffing",
    words: Words | None = None,
    written: Callable[[Judged], str] | None = None,
) -> list[str]:
    """Return the answer, what cannot be told apart from it, the own plan, and the Pareto set.

    Without ``words`` they are English; without ``written`` a plan is what ``--set`` takes.
    """
    words = words or words_of("en")
    it = _Telling(found, words, written or (lambda one: in_settings(found, one, words)))
    said = [_answer(it)]
    if found.verdict.answer in (NONE, MAYBE):
        said += _lacks(it)
    if found.alike:
        said.append(_alike(it))
    if found.next is not None and found.next.place != found.own.place:
        said += _next(it, found.next)
    if found.own.place != found.verdict.chosen:
        said.append(_own(it))
    return [*said, _members(it)]


def in_settings(found: "Staffing", plan: Judged, words: Words) -> str:
    """Return a plan as ``--set`` takes it; the plan as it is in words."""
    return found.words(plan) if found.changes(plan) else words.say("staff.as_it_is")


def in_labels(found: "Staffing", plan: Judged, words: Words) -> str:
    """Return a plan in the words for its inputs: ``Project leads 2 people``."""
    units = {one.name: one.unit for one in found.question.space.levers}
    told = [
        f"{words.input(name)} {words.amount(level, units[name])}"
        for name, level in found.changes(plan).items()
    ]
    return ", ".join(told) or words.say("staff.as_it_is")


def goal(found: "Staffing", words: Words) -> str:
    """Return the target in words: ``adoption of at least 50 % by week 78``."""
    question = found.question
    target = target_in_words(question.scenario, question.target, words)
    return words.say("staff.goal", target=target, by=question.by)


def chance_in_words(one: Ends, words: Words) -> str:
    """Return a chance with its interval: ``34 % (27 to 41)``."""
    text = f"{percent(one.mean, words)} %"
    if one.low is None or one.high is None:
        return text
    low, high = (percent(end, words) for end in (one.low, one.high))
    return f"{text} ({words.say('say.range', low=low, high=high)})"


def percent(share: float, words: Words) -> str:
    """Return a share in per cent without its sign; what is not all is not shown as all."""
    digits = 0 if share in (0.0, 1.0) or 0.005 <= share < 0.995 else 1
    return words.number(share * 100.0, digits)


def cost_in_words(found: "Staffing", one: Ends, words: Words) -> str:
    """Return a cost with its interval."""
    text = _money(found, one.mean, words)
    if one.low is None or one.high is None:
        return text
    low, high = (words.number(end) for end in (one.low, one.high))
    return f"{text} ({words.say('say.range', low=low, high=high)})"


def uptake_in_words(found: "Staffing", plan: Judged, words: Words) -> str:
    """Return the mean of the outcome aimed at: ``62 %``."""
    mean, low, high = found.uptake(plan)
    scale = scale_of(found.unit)
    unit = "%" if scale != 1.0 else words.unit(found.unit)
    return f"{words.number(mean * scale, digits_of(mean, low, high, scale))} {unit}".rstrip()


def gap_in_words(one: Difference | None, scale: float, unit: str, words: Words) -> str:
    """Return a paired difference with its interval; nothing where it is not known."""
    if one is None or one.difference is None or one.ci_low is None or one.ci_high is None:
        return ""
    middle, low, high = one.difference * scale, one.ci_low * scale, one.ci_high * scale
    digits = gap_digits(middle, low, high) if scale > 1.0 else 0
    ends = {"low": words.signed(low, digits), "high": words.signed(high, digits)}
    return words.say("staff.gap", gap=words.signed(middle, digits), unit=unit, **ends)


def _name(found: "Staffing", words: Words) -> str:
    return words.outcome(found.question.scenario, found.question.target.outcome).lower()


def _money(found: "Staffing", value: float, words: Words) -> str:
    return f"{words.number(value)} {found.currency}"


def _answer(it: _Telling) -> str:
    """Say what was found."""
    found, words, aim = it.found, it.words, it.found.question.aim
    budget = aim.budget
    within = "" if budget is None else _money(found, budget, words)
    return words.say(
        _ANSWERS[found.verdict.answer],
        **it.named(found.chosen),
        plans=words.count(1 + len(found.alike), "plan"),
        within=within and words.say("staff.within", budget=within),
        goal=goal(found, words),
        sure=words.say("staff.sure", confidence=words.decimal(f"{aim.confidence * 100.0:g}")),
        by=found.question.by,
    )


def _lacks(it: _Telling) -> list[str]:
    """Say what the likeliest plan lacks, and what more money would bring."""
    found, words, plan = it.found, it.words, it.found.chosen
    said: list[str] = []
    missing = found.question.aim.confidence - plan.chance.mean
    if missing > 0.0:
        uptake = uptake_in_words(found, plan, words)
        points, stopped = words.number(missing * 100.0), _stopped(plan, words)
        name = _name(found, words)
        said.append(
            words.say("staff.lacks", points=points, name=name, uptake=uptake, stopped=stopped)
        )
    dearer = [one for one in found.verdict.plans if one.within == NO]
    best = max(dearer, key=lambda one: one.chance.mean, default=None)
    if best is not None and best.chance.mean > plan.chance.mean:
        said.append(words.say("staff.beyond", **it.named(best)))
    return said


def _stopped(plan: Judged, words: Words) -> str:
    if plan.missed_stopped is None or plan.missed_stopped == 0.0:
        return ""
    return words.say("staff.stopped", share=percent(plan.missed_stopped, words))


def _alike(it: _Telling) -> str:
    """Name the plans that cannot be told apart from the chosen one."""
    found, words = it.found, it.words
    named = [
        f"{it.written(one)} ({chance_in_words(one.chance, words)}; "
        f"{_money(found, one.cost.mean, words)})"
        for one in found.alike[:MOST_NAMED]
    ]
    more = len(found.alike) - len(named)
    rest = words.say("staff.rest", more=more) if more else ""
    what = words.say("staff.in_chance" if found.verdict.answer == NONE else "staff.as_answer")
    return words.say("staff.not_apart", what=what, plans="; ".join(named), rest=rest)


def _next(it: _Telling, other: Judged) -> list[str]:
    """Say how the cheapest other plan that does or may differs from the chosen one."""
    told = _gaps(it, other.dearer, other.likelier)
    if not told:
        return []
    return [it.words.say("staff.next", plan=it.written(other), told=told)]


def _own(it: _Telling) -> str:
    """Say how the scenario's own plan compares with the chosen one."""
    own = it.found.own
    told = _gaps(it, *(_turned(gap) for gap in (own.dearer, own.likelier)))
    return it.words.say("staff.own_gap" if told else "staff.own", **it.named(own), told=told)


def _gaps(it: _Telling, dearer: Difference | None, likelier: Difference | None) -> str:
    """Return differences in cost and in chance; nothing where they are not known."""
    words = it.words
    gaps = [
        gap_in_words(dearer, 1.0, it.found.currency, words),
        gap_in_words(likelier, 100.0, words.say("staff.points"), words),
    ]
    return f" {words.say('word.and')} ".join(gap for gap in gaps if gap)


def _turned(one: Difference | None) -> Difference | None:
    """Return a difference turned round."""
    if one is None or one.difference is None or one.ci_low is None or one.ci_high is None:
        return None
    return replace(one, difference=-one.difference, ci_low=-one.ci_high, ci_high=-one.ci_low)


def _members(it: _Telling) -> str:
    """Say which plans no other beats in both mean cost and uptake."""
    found, words = it.found, it.words
    members = [one for one in found.by_cost if one.member >= LIKELY]
    first, last = (
        f"{it.written(one)} ({_money(found, one.cost.mean, words)}, "
        f"{uptake_in_words(found, one, words)})"
        for one in (members[0], members[-1])
    )
    return words.say(
        "staff.members",
        name=_name(found, words),
        members=len(members),
        finalists=words.count(len(found.finalists), "finalist"),
        ends=first if len(members) == 1 else words.say("staff.from_to", first=first, last=last),
    )
