"""What an explanation found, in sentences for who plans an implementation."""

from typing import TYPE_CHECKING

from sim.experiment.compare.paired import Difference
from sim.experiment.compare.sentences import gap_digits
from sim.experiment.explain.barriers import ATTAINABLE, DEFINITIONS, MODEST
from sim.experiment.explain.costs import Cost, excludes_zero
from sim.experiment.numbers import digits_of, number

if TYPE_CHECKING:
    from sim.experiment.explain.explanation import Explanation
    from sim.experiment.explain.ledger import PhaseLedger, Weeks

SHARED = (
    "Unclear roles and diffusion of responsibility work through the same people and share their "
    "effect: what one gets, the other does not."
)


def sentences(found: "Explanation") -> list[str]:
    """Return sentences on the gap, each barrier, the other definition, and the ledger."""
    main = found.main
    said = [_gap(found, ATTAINABLE), *(_barrier(found, one) for one in main.by_size)]
    missing = [one.barrier.label for one in main.barriers.values() if not one.barrier.there]
    if missing:
        said.append(f"Not there, and so exactly 0: {listed(missing)}.")
    if found.shared:
        said.append(SHARED)
    return [*said, _gap(found, MODEST), _first(found), *map(_phase, found.ledger)]


def amount(found: "Explanation", one: Difference) -> str:
    """Return a value in the outcome's unit, with its interval: ``6.2 points (5.1 to 7.3)``."""
    if one.difference is None:
        return "an unknown amount"
    scale, unit = scale_and_unit(found)
    digits = digits_for(found, one)
    text = f"{number(one.difference * scale, digits)} {unit}".rstrip()
    if one.ci_low is None or one.ci_high is None:
        return f"{text} (no interval)"
    return f"{text} ({interval_in_words(found, one)})"


def interval_in_words(found: "Explanation", one: Difference) -> str:
    """Return the interval of a value: ``5.1 to 7.3``; a dash where there is none."""
    if one.ci_low is None or one.ci_high is None:
        return "-"
    scale, _ = scale_and_unit(found)
    digits = digits_for(found, one)
    return f"{number(one.ci_low * scale, digits)} to {number(one.ci_high * scale, digits)}"


def digits_for(found: "Explanation", one: Difference) -> int:
    """Return the decimals of a value: one at least, since shares add up; none in thousands."""
    scale, _ = scale_and_unit(found)
    shares = [found.main.gap, *(cost.share for cost in found.main.by_size)]
    largest = max(abs(share.difference or 0.0) for share in shares) * scale
    fewest = 1 if largest < 1000.0 else 0
    return max(gap_digits(one.difference, one.ci_low, one.ci_high, scale), fewest)


def scale_and_unit(found: "Explanation") -> tuple[float, str]:
    """Return what differences of the outcome are multiplied with, and their unit."""
    return (100.0, "points") if found.unit.startswith("share") else (1.0, found.unit)


def level_in_words(found: "Explanation", definition: str, *, now: bool) -> str:
    """Return the mean outcome now, or with no barrier left: ``60 %``."""
    mean, low, high = found.level(definition, now=now)
    if mean is None:
        return "unknown"
    if found.unit.startswith("share"):
        return f"{number(mean * 100.0, digits_of(mean, low, high, 100.0))} %"
    return f"{number(mean, digits_of(mean, low, high))} {found.unit}".rstrip()


def listed(names: list[str], word: str = "and") -> str:
    """Return names in a sentence: ``unclear roles, overload and low motivation``."""
    *most, last = (name.lower() for name in names)
    return f"{', '.join(most)} {word} {last}" if most else last


def _gap(found: "Explanation", definition: str) -> str:
    """Say what all barriers cost together."""
    costs, outcome = found.costs[definition], found.outcome.lower()
    what = f"at what is attainable ({DEFINITIONS[definition]})"
    if not costs.by_size:
        return f"In this model no barrier is there: every one is {what}, or better."
    now, then = (level_in_words(found, definition, now=one) for one in (True, False))
    return (
        f"In this model {outcome} is {now} as it is, and {then} with every barrier {what}: "
        f"a gap of {amount(found, costs.gap)}."
    )


def _barrier(found: "Explanation", one: Cost) -> str:
    """Say what a barrier costs."""
    name, text = one.barrier.label, amount(found, one.share)
    if not excludes_zero(one.share):
        return f"{name}: nothing that can be told from 0; {text}."
    if (one.share.difference or 0.0) < 0.0:
        return f"{name}: {text} of it; in this model it is better as it is."
    return f"{name}: {text} of it; rank {ranks_in_words(one)}."


def ranks_in_words(one: Cost) -> str:
    """Return the ranks a barrier may have: ``1``, ``2 to 5``; a dash if it is not there."""
    if one.ranks is None:
        return "-"
    best, worst = one.ranks
    return f"{best}" if best == worst else f"{best} to {worst}"


def _first(found: "Explanation") -> str:
    """Say what may come first, and whether another definition of attainable changes that."""
    here, there = (
        [one.barrier.label for one in found.costs[name].by_size if one.ranks and one.ranks[0] == 1]
        for name in (ATTAINABLE, MODEST)
    )
    if not here or not there:
        return "By one of the two definitions no barrier is there."
    said = f"What costs most {_may_be(here)}"
    if set(here) == set(there):
        return f"{said}, by both definitions."
    why = "who is moved furthest gains most"
    return f"{said}; by the {DEFINITIONS[MODEST]} it {_may_be(there)} ({why})."


def _may_be(names: list[str]) -> str:
    return f"{'is' if len(names) == 1 else 'may be'} {listed(names, 'or')}"


def _phase(phase: "PhaseLedger") -> str:
    """Say where the weeks of a phase go."""
    if phase.took.mean is None:
        return f"{phase.label}: its turn never comes."
    weeks = phase.weeks
    return (
        f"{phase.label}: {_of(phase.took)} weeks where {number(phase.planned, 1)} are planned: "
        f"{_of(weeks['outside'])} of external delay, {_of(weeks['at_work'])} at work, "
        f"{_of(weeks['for_manager'])} waiting for the vendor's manager and "
        f"{_of(weeks['for_team'])} for the team."
    )


def _of(weeks: "Weeks") -> str:
    return number(weeks.mean or 0.0, 1)
