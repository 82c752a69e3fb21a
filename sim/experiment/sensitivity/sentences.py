"""What a sensitivity analysis found, in sentences for who plans an implementation."""

import re
from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.numbers import count, number
from sim.experiment.sensitivity.contract import order_of
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.words import CAVEAT
from sim.experiment.units import gap_unit, is_share, lowered, scale_of

if TYPE_CHECKING:
    from sim.experiment.sensitivity.found import Sensitivity


SMALL = 0.1
"""Per cent below which a share is no more than that: less than this."""


def sentences(found: "Sensitivity") -> list[str]:
    """Return sentences on the headline outcome: chance, each factor, lights, other ranges."""
    said = [_chance(found), *(_factor(found, i) for i in order_of(found.indices, 0))]
    said += [
        f"{light.name.capitalize()}: {_in_labels(found, light.sentence)}"
        for light in found.indices.lights[0]
    ]
    if found.reached is not None:
        said.append(_until(found))
    return said + [_range(found, one) for one in found.ranges]


def percents(found: Interval) -> str:
    """Return a share with its interval: ``34 % (29 to 39 %)``; no share is below 0."""
    value, low, high = (float(one) * 100 for one in (found.value, found.low, found.high))
    if not np.isfinite(value):
        return "an unknown share"
    if max(value, high) < SMALL:
        return f"less than {SMALL} %"
    digits = 0 if value >= 9.5 or abs(value) < 0.005 else 1
    text = f"{number(max(value, 0.0), digits)} %"
    if not np.isfinite([low, high]).all():
        return f"{text} (no interval)"
    ends = f"{number(max(low, 0.0), digits)} to {number(max(high, 0.0), digits)} %"
    return f"{text} ({ends})"


def _headline(found: "Sensitivity") -> str:
    return lowered(found.outcome(found.indices.outcomes[0]))


def _chance(found: "Sensitivity") -> str:
    """Say how much of a single run is chance."""
    indices, outcome = found.indices, _headline(found)
    chance = percents(indices.table.noise[0])
    text = f"Of how much single runs differ in {outcome}, {chance} is chance"
    if indices.split is not None:
        between, within = percents(indices.split.between[0]), percents(indices.split.within[0])
        text += f": {between} lies between organisations, {within} happens within them"
    return f"{text}; the rest is the factors' doing. {CAVEAT}"


def _factor(found: "Sensitivity", i: int) -> str:
    """Say what a factor does to the headline outcome."""
    table, name = found.indices.table, found.factor(found.names[i])
    outcome, total = _headline(found), table.total[i, 0]
    if bool(table.indistinct[i, 0]):
        high = float(total.high) * 100
        digits = 0 if high >= 9.5 else 1
        upto = f"less than {SMALL}" if high < SMALL else f"at most {number(high, digits)}"
        upto = f" ({upto} % of the factors' doing)" if np.isfinite(high) else ""
        return f"{name}: no effect on {outcome} can be told from 0{upto}. {CAVEAT}"
    text = f"{name}: causes {percents(total)} of what the factors do to {outcome}"
    first = table.first[i, 0]
    if bool(first.not_above_zero):
        text += "; how much of it alone cannot be told"
    else:
        text += f", {percents(first)} alone"
    return f"{text}{_direction(found, i)}{_tied(found, i)}. {CAVEAT}"


def _direction(found: "Sensitivity", i: int) -> str:
    """Say which way a factor works, if its interval does."""
    response = found.responses[i]
    rise, levels = response.rise[0], found.question.study.factors[i].levels
    if len(response.at) < 2 or bool(rise.holds_zero):
        return ""
    unit = found.unit(found.indices.outcomes[0])
    rise_in_unit = abs(float(rise.value)) * scale_of(unit)
    size = f"{number(rise_in_unit, 0 if is_share(unit) else 1)} {gap_unit(unit)}".rstrip()
    way = "higher" if float(rise.value) > 0.0 else "lower"
    if any(isinstance(level, str | bool) for level in levels):
        if len(levels) != 2:
            return ""
        low, high = (False, True) if isinstance(levels[0], bool) else levels
        return f"; it is {size} {way} with {_level(high)} than with {_level(low)}"
    ends = "level" if levels else "eighth"
    return f"; it is {size} {way} in the highest {ends} of this factor than in the lowest"


def _level(level: object) -> str:
    return {"True": "it on", "False": "it off"}.get(str(level), str(level))


def _tied(found: "Sensitivity", i: int) -> str:
    """Say with whom a factor shares its rank."""
    name = found.names[i]
    for tied in found.indices.lights[0].ties:
        others = [found.factor(one).lower() for one in tied if one != name]
        if name in tied and others:
            return f"; its rank cannot be told from that of {', '.join(others)}"
    return ""


def _in_labels(found: "Sensitivity", sentence: str) -> str:
    """Return the sentence of a light with labels instead of names."""
    for name in sorted(found.names, key=len, reverse=True):
        label = found.factor(name).lower()
        sentence = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w]|[.]\w)", label, sentence)
    return sentence[:1].upper() + sentence[1:]


def _until(found: "Sensitivity") -> str:
    """Say whether the light asked for is green."""
    light, runs = found.question.until, count(found.runs, "run")
    if found.reached:
        return f"The light asked for ({light}) is green after {found.indices.scrambles} scrambles."
    return f"The light asked for ({light}) is not green when the budget ends, after {runs}."


def _range(found: "Sensitivity", other: "Sensitivity") -> str:
    """Say whether other ranges give another order."""
    here, there = _first(found), _first(other)
    head = f"Over ranges {other.question.width_in_words}"
    if here == there:
        return f"{head} the same comes first: {there}."
    return f"{head} another comes first: {there} instead of {here}."


def _first(found: "Sensitivity") -> str:
    ties = found.indices.lights[0].ties
    if not ties:
        return "nothing"
    *most, last = sorted(found.factor(one).lower() for one in ties[0])
    return f"{', '.join(most)} and {last}" if most else last
