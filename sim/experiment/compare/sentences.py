"""What a comparison found, in sentences for who plans an implementation."""

from typing import TYPE_CHECKING

from sim.experiment.numbers import count, digits_of, number
from sim.outcomes import kind_and_unit

if TYPE_CHECKING:
    from sim.experiment.compare.comparison import Chance, Compared, Comparison, Entry

WEEK_WORDS = ("earlier", "later")
LENGTH_WORDS = ("shorter", "longer")
OTHER_WORDS = ("lower", "higher")


def sentences(found: "Comparison") -> list[str]:
    """Return a sentence for each other plan, and one about the precision if it was asked for.

    With draws of the rules there is a second one for each plan: what they leave open.
    """
    main = found.outcomes[found.precision.outcome]
    said = []
    for plan in found.plans[1:]:
        entry = main.plans[plan]
        said.append(f"{plan}: {_outcome(found, main, entry)}; {_target(found, plan)}.")
        if plan in main.rules:
            said.append(f"{plan}: {_over_rules(found, main, plan)}.")
    return said + ([] if found.precision.asked is None else [precision_in_words(found)])


def precision_in_words(found: "Comparison") -> str:
    """Say whether the half-width asked for was reached, and what it took or would take."""
    one = found.precision
    main = found.outcomes[one.outcome]
    unit = _unit(main)

    def shown(value: float) -> str:
        scale = _scale(main)
        text = f"{value * scale:.2g}"
        return f"{text} {unit.removesuffix('s') if text == '1' else unit}".rstrip()

    asked = "" if one.asked is None else shown(one.asked)
    stages = f"{count(one.runs, 'run')} in {count(len(one.stages), 'stage')}"
    if one.half_width is None:
        return f"Precision of {asked} not reached: after {stages} no half-width can be given."
    width = f"half-width {shown(one.half_width)} in {main.label.lower()}"
    if one.reached:
        return f"Precision of {asked} reached: {width} after {stages}."
    more = "" if one.more_runs is None else f"; about {_rough(one.more_runs)} more would be needed"
    return f"Precision of {asked} not reached: {width} after {stages}{more}."


def gap_digits(gap: float | None, low: float | None, high: float | None, scale: float = 1.0) -> int:
    """Return the decimals of a difference: enough to see on which side of 0 its interval ends."""
    digits = digits_of(gap, low, high, scale)
    for end in (low, high):
        while end and digits < 2 and round(end * scale, digits) == 0.0:
            digits += 1
    return digits


def signed(value: float, digits: int) -> str:
    """Return a number with its sign; zero has none."""
    text = number(value, digits)
    return f"+{text}" if not text.startswith("-") and text.strip("0.,") else text


def _outcome(found: "Comparison", main: "Compared", entry: "Entry") -> str:
    """Say how an outcome differs from the first plan's."""
    name, scale, unit = main.label.lower(), _scale(main), _unit(main)
    gap, low, high = entry.difference, entry.ci_low, entry.ci_high
    if gap is None:
        return f"{name} is undefined in one of the plans in every run"
    digits = gap_digits(gap, low, high, scale)
    size = f"{number(abs(gap) * scale, max(digits, 1))} {unit}".rstrip()
    words = _words(main)
    if low is None or high is None:
        return f"{name} is {size} {words[gap > 0]} (one run: another may say otherwise)"
    if gap == 0.0 and entry.variance_reduction is None:
        return f"{name} is the same in all {entry.n:,} runs"
    digits = max(digits, 1)
    if low <= 0.0 <= high:
        ends = f"{signed(low * scale, digits)} to {signed(high * scale, digits)} {unit}".rstrip()
        return f"{name} cannot be told apart from {found.reference} with these runs ({ends})"
    near, far = sorted((abs(low), abs(high)))
    ends = f"{number(near * scale, digits)} to {number(far * scale, digits)}"
    return f"{name} is {size} {words[gap > 0]} ({ends})"


def _over_rules(found: "Comparison", main: "Compared", plan: str) -> str:
    """Say how the difference varies over draws of the rules."""
    one, name, scale, unit = main.rules[plan], main.label.lower(), _scale(main), _unit(main)
    draws = f"{(found.posterior or {}).get('draws', 0):,} draws of the rules"
    if one is None:
        return f"{name} is undefined under all {draws}"
    entry = main.plans[plan]
    digits = max(1, gap_digits(entry.difference, entry.ci_low, entry.ci_high, scale))
    low, high = signed(one.low * scale, digits), signed(one.high * scale, digits)
    said = f"under 95 % of {draws} the expected difference in {name} is {low} to {high} {unit}"
    if one.p_better is None:
        return said.rstrip()
    chance = f"the chance that it is better on average is {_chance(one.p_better)}"
    return f"{said.rstrip()}; as far as the rules are known {chance}"


def _chance(share: float) -> str:
    """Return a chance as per cent, never as a certainty."""
    if share >= 0.995 or share <= 0.005:
        return "over 99 %" if share > 0.5 else "under 1 %"
    return f"{share * 100:.0f} %"


def _target(found: "Comparison", plan: str) -> str:
    """Say how the chance of reaching the target differs from the first plan's."""
    one = found.target.plans[plan]
    before = found.target.plans[found.reference].chance or 0.0
    after = one.chance or 0.0
    what = f"the chance of reaching {found.target.in_words()}"
    if max(found.organisations) > 1:
        what = f"the share of organisations that reach {found.target.in_words()}"
    levels = f"from {before * 100:.0f} % to {after * 100:.0f} %"
    low, high = one.change_low, one.change_high
    if low is None or high is None:
        return f"{what} goes {levels} in this one run"
    if low == high == 0.0:
        return f"{what} is {after * 100:.0f} %, the same in all {one.n:,} runs"
    change = _change(one)
    if low <= 0.0 <= high:
        ends = f"{before * 100:.0f} % and {after * 100:.0f} %"
        return f"{what} ({ends}) cannot be told apart ({change})"
    return f"{what} {'rises' if low > 0.0 else 'falls'} {levels} ({change})"


def _change(one: "Chance") -> str:
    """Return a change in points with its interval: ``+9 points, 3 to 15``."""
    change, low, high = (
        (value or 0.0) * 100 for value in (one.change, one.change_low, one.change_high)
    )
    digits = gap_digits(change, low, high)
    return f"{signed(change, digits)} points, {number(low, digits)} to {number(high, digits)}"


def _words(main: "Compared") -> tuple[str, str]:
    """Return the words for less and more of an outcome."""
    if main.name.startswith("phase_weeks."):
        return LENGTH_WORDS
    return WEEK_WORDS if kind_and_unit(main.name)[0] == "time" else OTHER_WORDS


def _scale(main: "Compared") -> float:
    return 100.0 if main.unit.startswith("share") else 1.0


def _unit(main: "Compared") -> str:
    return "points" if main.unit.startswith("share") else main.unit


def _rough(runs: int) -> str:
    """Return a number of runs with two digits that count."""
    return f"{float(f'{runs:.2g}'):,.0f}"
