"""What came out, in sentences of either language.

In English these are the sentences of ``mih compare`` and ``mih explain`` themselves (a test
holds them equal); in Dutch they say the same.
"""

from collections.abc import Iterator

from sim.experiment.compare.comparison import Compared, Comparison, Entry
from sim.experiment.compare.paired import Difference
from sim.experiment.compare.sentences import gap_digits
from sim.experiment.compare.target import Target
from sim.experiment.doubt.nested import shape_in
from sim.experiment.explain.barriers import ATTAINABLE, MODEST
from sim.experiment.explain.costs import Cost, excludes_zero
from sim.experiment.explain.explanation import Explanation
from sim.experiment.explain.sentences import digits_for, scale_and_unit
from sim.experiment.numbers import digits_of
from sim.experiment.store.stored import Stored
from sim.outcomes import Summary, kind_and_unit
from sim.reporting.material import Material
from sim.reporting.words import Words, scale_of
from sim.simulate import Result


def answers(material: Material, words: Words) -> list[str]:
    """Return the answer: how plans differ, or what the one plan gives."""
    if material.comparison is not None:
        return list(_compared(material.comparison, words))
    found = [_alone(result, words) for result in material.results.values()]
    if material.explanation is not None:
        return [*found, _gap(material.explanation, ATTAINABLE, words)]
    if material.swept is not None:
        return [*found, _swept(material.swept, words)]
    return found


def reasons(found: Explanation, words: Words) -> list[str]:
    """Return what each barrier costs, and where the weeks of phases go."""
    said = [_gap(found, ATTAINABLE, words)]
    said += [_barrier(found, one, words) for one in found.main.by_size]
    missing = [one.barrier.name for one in found.main.barriers.values() if not one.barrier.there]
    if missing:
        said.append(words.say("why.missing", names=_listed(missing, words, "word.and")))
    if found.shared:
        said.append(words.say("why.shared"))
    return [*said, _gap(found, MODEST, words), _first(found, words), *_phases(found, words)]


def target_in_words(found: Comparison, words: Words) -> str:
    """Return the target of a comparison as people read it."""
    scenario = found.scenarios[found.reference]
    goal = found.target.target
    return f"{words.outcome(scenario, goal.outcome).lower()} {goal.sign} {_level(goal, words)}"


def _level(goal: Target, words: Words) -> str:
    value = goal.level * (100.0 if goal.share else 1.0)
    text = f"{value:g}"
    if words.language == "nl":
        text = text.replace(".", ",")
    return f"{text} %" if goal.share else text


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


# How plans differ.


def _compared(found: Comparison, words: Words) -> Iterator[str]:
    main = found.outcomes[found.precision.outcome]
    for plan in found.plans[1:]:
        gap = _difference(found, main, main.plans[plan], words)
        yield f"{plan}: {gap}; {_target(found, plan, words)}."


def _difference(found: Comparison, main: Compared, entry: Entry, words: Words) -> str:
    """Say how an outcome differs from the first plan's."""
    name = words.outcome(found.scenarios[found.reference], main.name).lower()
    scale = scale_of(main.unit)
    unit = words.unit("points" if main.unit.startswith("share") else main.unit)
    gap, low, high = entry.difference, entry.ci_low, entry.ci_high
    if gap is None:
        return words.say("say.undefined", name=name)
    digits = max(gap_digits(gap, low, high, scale), 1)
    size = f"{words.number(abs(gap) * scale, digits)} {unit}".rstrip()
    way = words.say(f"way.{_ways(main)}.{'more' if gap > 0 else 'less'}")
    if low is None or high is None:
        return words.say("say.one_run", name=name, size=size, way=way)
    if gap == 0.0 and entry.variance_reduction is None:
        return words.say("say.same", name=name, runs=words.number(entry.n))
    if low <= 0.0 <= high:
        ends = [words.signed(end * scale, digits) for end in (low, high)]
        span = words.say("say.range", low=ends[0], high=f"{ends[1]} {unit}".rstrip())
        return words.say("say.unclear", name=name, reference=found.reference, span=span)
    near, far = (words.number(end * scale, digits) for end in sorted((abs(low), abs(high))))
    span = words.say("say.range", low=near, high=far)
    return words.say("say.differs", name=name, size=size, way=way, span=span)


def _ways(main: Compared) -> str:
    """Return which words say less and more of an outcome."""
    if main.name.startswith("phase_weeks."):
        return "length"
    return "week" if kind_and_unit(main.name)[0] == "time" else "other"


def _target(found: Comparison, plan: str, words: Words) -> str:
    """Say how the chance of reaching the target differs from the first plan's."""
    one = found.target.plans[plan]
    before = words.share(found.target.plans[found.reference].chance or 0.0)
    after = words.share(one.chance or 0.0)
    many = "many" if max(found.organisations) > 1 else "one"
    what = words.say(f"goal.{many}", target=target_in_words(found, words))
    low, high = one.change_low, one.change_high
    if low is None or high is None:
        return words.say("goal.one_run", what=what, before=before, after=after)
    if low == high == 0.0:
        return words.say("goal.same", what=what, after=after, runs=words.number(one.n))
    change = (one.change or 0.0) * 100.0
    digits = gap_digits(change, low * 100.0, high * 100.0)
    moved = words.say(
        "goal.change",
        change=words.signed(change, digits),
        low=words.number(low * 100.0, digits),
        high=words.number(high * 100.0, digits),
    )
    key = "unclear" if low <= 0.0 <= high else "rises" if low > 0.0 else "falls"
    return words.say(f"goal.{key}", what=what, before=before, after=after, change=moved)


# Why.


def barrier_in_words(name: str, words: Words) -> str:
    """Return what a barrier is called."""
    return words.say(f"barrier.{name}")


def level_of(found: Explanation, definition: str, words: Words, *, now: bool) -> str:
    """Return the mean outcome now, or with no barrier left."""
    mean, low, high = found.level(definition, now=now)
    if mean is None:
        return words.say("word.unknown")
    if found.unit.startswith("share"):
        return words.share(mean, digits_of(mean, low, high, 100.0))
    return f"{words.number(mean, digits_of(mean, low, high))} {words.unit(found.unit)}".rstrip()


def _amounts(found: Explanation, one: Difference, words: Words) -> tuple[str, str]:
    """Return a value and its interval, in the unit of differences."""
    scale, _ = scale_and_unit(found)
    digits = digits_for(found, one)
    if one.difference is None:
        return "-", "-"
    text = words.number(one.difference * scale, digits)
    if one.ci_low is None or one.ci_high is None:
        return text, "-"
    low, high = (words.number(end * scale, digits) for end in (one.ci_low, one.ci_high))
    return text, words.say("say.range", low=low, high=high)


def _amount(found: Explanation, one: Difference, words: Words) -> str:
    if one.difference is None:
        return words.say("why.unknown_amount")
    value, span = _amounts(found, one, words)
    said = words.say("why.no_interval") if one.ci_low is None else span
    return f"{value} {words.unit(scale_and_unit(found)[1])}".rstrip() + f" ({said})"


def _gap(found: Explanation, definition: str, words: Words) -> str:
    """Say what all barriers cost together."""
    costs = found.costs[definition]
    what = words.say("why.attainable", mark=words.say(f"definition.{definition}"))
    if not costs.by_size:
        return words.say("why.no_barrier", what=what)
    now, then = (level_of(found, definition, words, now=one) for one in (True, False))
    name = words.outcome(found.question.scenario, found.question.outcome).lower()
    amount = _amount(found, costs.gap, words)
    return words.say("why.gap", name=name, now=now, then=then, what=what, amount=amount)


def _barrier(found: Explanation, one: Cost, words: Words) -> str:
    name, amount = barrier_in_words(one.barrier.name, words), _amount(found, one.share, words)
    if not excludes_zero(one.share):
        return words.say("why.nothing", name=name, amount=amount)
    if (one.share.difference or 0.0) < 0.0:
        return words.say("why.better", name=name, amount=amount)
    return words.say("why.cost", name=name, amount=amount, rank=ranks(one, words))


def ranks(one: Cost, words: Words) -> str:
    """Return the ranks a barrier may have."""
    if one.ranks is None:
        return "-"
    best, worst = one.ranks
    return f"{best}" if best == worst else words.say("say.range", low=best, high=worst)


def _first(found: Explanation, words: Words) -> str:
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
    return words.say(key, names=_listed(names, words, "word.or"))


def _listed(names: list[str], words: Words, word: str) -> str:
    *most, last = (barrier_in_words(name, words).lower() for name in names)
    return f"{', '.join(most)} {words.say(word)} {last}" if most else last


def _phases(found: Explanation, words: Words) -> Iterator[str]:
    scenario = found.question.scenario
    for one in found.ledger:
        name = words.phase(scenario, one.name, one.label)
        if one.took.mean is None:
            yield words.say("why.never", name=name)
            continue
        weeks = {key: words.number(part.mean or 0.0, 1) for key, part in one.weeks.items()}
        planned, took = words.number(one.planned, 1), words.number(one.took.mean, 1)
        yield words.say("why.phase", name=name, took=took, planned=planned, **weeks)
