"""What a comparison found, in sentences for who plans an implementation, in either language."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.experiment.numbers import fewest_digits, gap_digits
from sim.experiment.units import gap_unit, scale_of
from sim.experiment.words import Words, words_of
from sim.outcomes import kind_and_unit

if TYPE_CHECKING:
    from sim.experiment.compare.comparison import Chance, Compared, Comparison
    from sim.experiment.compare.target import Target
    from sim.scenario import Scenario


def sentences(found: "Comparison", words: Words | None = None) -> list[str]:
    """Return a sentence for each other plan, and one about the precision if it was asked for.

    With draws of the rules there is a second one for each plan: what they leave open. Without
    ``words`` they are English.
    """
    return list(_said(found, words or words_of("en")))


def of_plan(found: "Comparison", plan: str, words: Words, reference: str = "") -> str:
    """Return the sentence for a plan, without its name: the first outcome, and the target.

    ``reference``: what the first plan is called, if not by its name.
    """
    main = found.precision.outcome
    return f"{gap_in_words(found, main, plan, words, reference)}; {_target(found, plan, words)}."


def aim_of(found: "Comparison", words: Words) -> str:
    """Return the target of a comparison as people read it."""
    return target_in_words(found.scenarios[found.reference], found.target.target, words)


def target_in_words(scenario: "Scenario", goal: "Target", words: Words) -> str:
    """Return a target as people read it: ``adoption of at least 50 %``."""
    late = kind_and_unit(goal.outcome)[0] == "time" and goal.sign == "<="
    key = "late" if late else "least" if goal.sign == ">=" else "most"
    name = words.outcome(scenario, goal.outcome).lower()
    return words.say(f"target.{key}", name=name, level=level_in_words(goal, words))


def level_in_words(goal: "Target", words: Words) -> str:
    """Return the level of a target as people read it."""
    return words.decimal(goal.level_in_words())


def _said(found: "Comparison", words: Words) -> Iterator[str]:
    main = found.outcomes[found.precision.outcome]
    for plan in found.plans[1:]:
        yield f"{plan}: {of_plan(found, plan, words)}"
        if plan in main.rules:
            yield f"{plan}: {_over_rules(found, main, plan, words)}."
    if found.precision.asked is not None:
        yield _precision(found, words)


def _name(found: "Comparison", main: "Compared", words: Words) -> str:
    return words.outcome(found.scenarios[found.reference], main.name).lower()


def _unit(main: "Compared", words: Words) -> str:
    return words.unit(gap_unit(main.unit))


def _precision(found: "Comparison", words: Words) -> str:
    """Say whether the half-width asked for was reached, and what it took or would take."""
    one = found.precision
    main = found.outcomes[one.outcome]
    unit = _unit(main, words)

    def shown(value: float) -> str:
        text = f"{value * scale_of(main.unit):.2g}"
        if text == "1" and words.language == "en":
            return f"1 {unit.removesuffix('s')}".rstrip()
        return f"{words.decimal(text)} {unit}".rstrip()

    parts = {
        "asked": "" if one.asked is None else shown(one.asked),
        "runs": words.count(one.runs, "run"),
        "stages": words.count(len(one.stages), "stage"),
    }
    if one.half_width is None:
        return words.say("precision.none", **parts)
    parts |= {"width": shown(one.half_width), "name": _name(found, main, words)}
    if one.reached:
        return words.say("precision.reached", **parts)
    if one.more_runs is None:
        return words.say("precision.missed", **parts)
    more = words.number(float(f"{one.more_runs:.2g}"))  # two digits that count
    return words.say("precision.more", more=more, **parts)


def gap_in_words(
    found: "Comparison", outcome: str, plan: str, words: Words, reference: str = ""
) -> str:
    """Say how an outcome differs from the first plan's; ``reference`` as in `of_plan`."""
    main = found.outcomes[outcome]
    entry, scale, unit = main.plans[plan], scale_of(main.unit), _unit(main, words)
    name = words.known(f"subject.{outcome}", _name(found, main, words))
    gap, low, high = entry.difference, entry.ci_low, entry.ci_high
    if gap is None:
        return words.say("say.undefined", name=name)
    digits = max(gap_digits(gap, low, high, scale), fewest_digits(gap * scale))
    size = f"{words.number(abs(gap) * scale, digits)} {unit}".rstrip()
    way = words.say(f"way.{_ways(main)}.{'more' if gap > 0 else 'less'}")
    if low is None or high is None:
        return words.say("say.one_run", name=name, size=size, way=way)
    if gap == 0.0 and entry.variance_reduction is None:
        return words.say("say.same", name=name, runs=words.number(entry.n))
    if low <= 0.0 <= high:
        span = _signed_span(low * scale, high * scale, digits, unit, words)
        other = reference or found.reference
        return words.say("say.unclear", name=name, reference=other, span=span)
    near, far = (words.number(end * scale, digits) for end in sorted((abs(low), abs(high))))
    span = words.say("say.range", low=near, high=far)
    return words.say("say.differs", name=name, size=size, way=way, span=span)


def _signed_span(low: float, high: float, digits: int, unit: str, words: Words) -> str:
    ends = [words.signed(end, digits) for end in (low, high)]
    return words.say("say.range", low=ends[0], high=f"{ends[1]} {unit}".rstrip())


def _ways(main: "Compared") -> str:
    """Return which words say less and more of an outcome."""
    if main.name.startswith("phase_weeks."):
        return "length"
    return "week" if kind_and_unit(main.name)[0] == "time" else "other"


def _over_rules(found: "Comparison", main: "Compared", plan: str, words: Words) -> str:
    """Say how the difference varies over draws of the rules."""
    one, entry = main.rules[plan], main.plans[plan]
    name, scale = _name(found, main, words), scale_of(main.unit)
    draws = words.number((found.posterior or {}).get("draws", 0))
    if one is None:
        return words.say("rules.undefined", name=name, draws=draws)
    digits = max(1, gap_digits(entry.difference, entry.ci_low, entry.ci_high, scale))
    span = _signed_span(one.low * scale, one.high * scale, digits, _unit(main, words), words)
    said = words.say("rules.gap", draws=draws, name=name, span=span)
    if one.p_better is None:
        return said
    return words.say("rules.better", said=said, chance=_chance(one.p_better, words))


def _chance(share: float, words: Words) -> str:
    """Return a chance as per cent, never as a certainty."""
    if share >= 0.995 or share <= 0.005:
        return words.say("word.over_99" if share > 0.5 else "word.under_1")
    return words.share(share)


def _target(found: "Comparison", plan: str, words: Words) -> str:
    """Say how the chance of reaching the target differs from the first plan's."""
    one = found.target.plans[plan]
    before = words.share(found.target.plans[found.reference].chance or 0.0)
    after = words.share(one.chance or 0.0)
    many = "many" if max(found.organisations) > 1 else "one"
    what = words.say(f"goal.{many}", target=aim_of(found, words))
    low, high = one.change_low, one.change_high
    if low is None or high is None:
        return words.say("goal.one_run", what=what, before=before, after=after)
    if low == high == 0.0:
        return words.say("goal.same", what=what, after=after, runs=words.number(one.n))
    key = "unclear" if low <= 0.0 <= high else "rises" if low > 0.0 else "falls"
    change = _change(one, words)
    return words.say(f"goal.{key}", what=what, before=before, after=after, change=change)


def _change(one: "Chance", words: Words) -> str:
    """Return a change in points with its interval: ``+9 points, 3 to 15``."""
    change, low, high = (
        (value or 0.0) * 100.0 for value in (one.change, one.change_low, one.change_high)
    )
    digits = gap_digits(change, low, high)
    return words.say(
        "goal.change",
        change=words.signed(change, digits),
        low=words.number(low, digits),
        high=words.number(high, digits),
    )
