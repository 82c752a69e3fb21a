"""What a search for staffing found, in sentences for who plans an implementation."""

from typing import TYPE_CHECKING

from sim.experiment.compare.paired import Difference
from sim.experiment.compare.sentences import gap_digits, signed
from sim.experiment.numbers import count, digits_of, number
from sim.experiment.staff.judging import ALIKE, FOUND, MAYBE, NO, NONE, TOO_DEAR, Ends, Judged
from sim.experiment.staff.search import LIKELY

if TYPE_CHECKING:
    from sim.experiment.staff.found import Staffing

MOST_NAMED = 5


def sentences(found: "Staffing") -> list[str]:
    """Return the answer, what cannot be told apart from it, the own plan, and the Pareto set."""
    said = [_ANSWERS[found.verdict.answer](found)]
    if found.verdict.answer in (NONE, MAYBE):
        said += _lacks(found)
    if found.alike:
        said.append(_alike(found))
    if found.own.place != found.verdict.chosen:
        said.append(_own(found))
    return [*said, _members(found)]


def goal(found: "Staffing") -> str:
    """Return the target in words: ``adoption of at least 50 % by week 78``."""
    target = found.question.target
    sign = "at least" if target.sign == ">=" else "at most"
    return (
        f"{found.outcome.lower()} of {sign} {target.level_in_words()} by week {found.question.by}"
    )


def money(found: "Staffing", value: float) -> str:
    """Return an amount in the scenario's currency."""
    return f"{number(value, 0)} {found.currency}"


def chance_in_words(one: Ends) -> str:
    """Return a chance with its interval: ``34 % (27 to 41)``."""
    text = f"{percent(one.mean)} %"
    if one.low is None or one.high is None:
        return text
    return f"{text} ({percent(one.low)} to {percent(one.high)})"


def percent(share: float) -> str:
    """Return a share in per cent without its sign; what is not all is not shown as all."""
    digits = 0 if share in (0.0, 1.0) or 0.005 <= share < 0.995 else 1
    return number(share * 100.0, digits)


def cost_in_words(found: "Staffing", one: Ends) -> str:
    """Return a cost with its interval."""
    if one.low is None or one.high is None:
        return money(found, one.mean)
    return f"{money(found, one.mean)} ({number(one.low, 0)} to {number(one.high, 0)})"


def uptake_in_words(found: "Staffing", plan: Judged) -> str:
    """Return the mean of the outcome aimed at: ``62 %``."""
    mean, low, high = found.uptake(plan)
    scale, unit = (100.0, "%") if found.unit.startswith("share") else (1.0, found.unit)
    return f"{number(mean * scale, digits_of(mean, low, high, scale))} {unit}".rstrip()


def _with(found: "Staffing") -> str:
    return f"with {found.question.aim.confidence * 100.0:g} % confidence"


def _budget(found: "Staffing") -> str:
    """Return the budget as a part of a sentence, nothing where there is none."""
    budget = found.question.aim.budget
    return "" if budget is None else f" within {money(found, budget)}"


def _does(found: "Staffing", plan: Judged) -> str:
    """Say how likely a plan reaches the target, and what it costs."""
    return f"it does with {chance_in_words(plan.chance)}, for {cost_in_words(found, plan.cost)}"


def _found(found: "Staffing") -> str:
    return (
        f"The cheapest plan{_budget(found)} that reaches {goal(found)} {_with(found)}: "
        f"{found.words(found.chosen)}; {_does(found, found.chosen)}."
    )


def _not_apart(found: "Staffing") -> str:
    plans = count(1 + len(found.alike), "plan")
    return (
        f"{plans} cannot be told apart as the cheapest{_budget(found)} to reach {goal(found)} "
        f"{_with(found)}. Surely reaching it, and the cheapest on average of those that do: "
        f"{found.words(found.chosen)}; {_does(found, found.chosen)}."
    )


def _maybe(found: "Staffing") -> str:
    return (
        f"Whether any plan{_budget(found)} reaches {goal(found)} {_with(found)} cannot be told "
        f"from these runs. The likeliest that may is {found.words(found.chosen)}; "
        f"{_does(found, found.chosen)}. More runs (-n) narrow it."
    )


def _none(found: "Staffing") -> str:
    return (
        f"No plan{_budget(found)} reaches {goal(found)} {_with(found)}: the likeliest does with "
        f"{chance_in_words(found.chosen.chance)}, for {cost_in_words(found, found.chosen.cost)}. "
        f"It is {found.words(found.chosen)}."
    )


def _too_dear(found: "Staffing") -> str:
    return (
        f"No plan comes{_budget(found)} by week {found.question.by}: the cheapest is "
        f"{found.words(found.chosen)}, for {cost_in_words(found, found.chosen.cost)}."
    )


_ANSWERS = {
    FOUND: _found,
    ALIKE: _not_apart,
    MAYBE: _maybe,
    NONE: _none,
    TOO_DEAR: _too_dear,
}


def _lacks(found: "Staffing") -> list[str]:
    """Say what the likeliest plan lacks, and what more money would bring."""
    plan, said = found.chosen, []
    missing = found.question.aim.confidence - plan.chance.mean
    if missing > 0.0:
        said.append(
            f"What it lacks: {number(missing * 100.0, 0)} points of chance. With it "
            f"{found.outcome.lower()} is {uptake_in_words(found, plan)} on average"
            f"{_stopped(plan)}."
        )
    dearer = [one for one in found.verdict.plans if one.within == NO]
    best = max(dearer, key=lambda one: one.chance.mean, default=None)
    if best is not None and best.chance.mean > plan.chance.mean:
        said.append(
            f"Beyond the budget, of the plans looked at closely: {found.words(best)} does with "
            f"{chance_in_words(best.chance)}, for {cost_in_words(found, best.cost)}."
        )
    return said


def _stopped(plan: Judged) -> str:
    if plan.missed_stopped is None or plan.missed_stopped == 0.0:
        return ""
    return f"; of the runs that miss the target {percent(plan.missed_stopped)} % stop before"


def _alike(found: "Staffing") -> str:
    """Name the plans that cannot be told apart from the chosen one."""
    named = [
        f"{found.words(one)} ({chance_in_words(one.chance)}; {money(found, one.cost.mean)})"
        for one in found.alike[:MOST_NAMED]
    ]
    more = len(found.alike) - len(named)
    rest = f"; and {more} more" if more else ""
    what = "in chance" if found.verdict.answer == NONE else "as an answer"
    return f"Not told apart from it {what}: {'; '.join(named)}{rest}."


def _own(found: "Staffing") -> str:
    """Say how the scenario's own plan compares with the chosen one."""
    own = found.own
    said = f"The plan as it is does with {chance_in_words(own.chance)}, for "
    said += cost_in_words(found, own.cost)
    gaps = [_gap(own.dearer, 1.0, found.currency), _gap(own.likelier, 100.0, "points of chance")]
    told = " and ".join(gap for gap in gaps if gap)
    return f"{said}; the plan named first comes to {told}." if told else f"{said}."


def _gap(one: Difference | None, scale: float, unit: str) -> str:
    """Return by how much the chosen plan differs from another: the difference turned round."""
    if one is None or one.difference is None or one.ci_low is None or one.ci_high is None:
        return ""
    middle, low, high = -one.difference * scale, -one.ci_high * scale, -one.ci_low * scale
    digits = gap_digits(middle, low, high) if scale > 1.0 else 0
    ends = f"{signed(low, digits)} to {signed(high, digits)}"
    return f"{signed(middle, digits)} {unit} ({ends})"


def _members(found: "Staffing") -> str:
    """Say which plans no other beats in both mean cost and uptake."""
    members = [one for one in found.by_cost if one.member >= LIKELY]
    what = f"mean cost and {found.outcome.lower()}"
    ends = " to ".join(
        f"{found.words(one)} ({money(found, one.cost.mean)}, {uptake_in_words(found, one)})"
        for one in dict.fromkeys((members[0], members[-1]))
    )
    many = f"{len(members)} of {count(len(found.finalists), 'finalist')}"
    return f"Likely undominated in {what}: {many}, {'from ' if len(members) > 1 else ''}{ends}."
