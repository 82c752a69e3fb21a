"""A validation in words: a table for people, and what it comes to."""

import math

from sim.experiment.calibrate.targets import CROSS_CHECK, FIT, HELD_OUT, Target
from sim.experiment.calibrate.validate import Check, Validation
from sim.experiment.numbers import count, digits_of, number
from sim.experiment.units import scale_of

HEADINGS = ("pattern", "published", "reproduced if", "simulated", "95 % interval", "reproduced")
TITLES = {
    FIT: "May be fitted",
    HELD_OUT: "Held out: these decide",
    CROSS_CHECK: "Cross-checks: too weak to decide anything",
}


def rows(found: Validation) -> list[tuple[str, ...]]:
    """Return the table, headings first; each use of targets has a row of its own above them."""
    table: list[tuple[str, ...]] = [HEADINGS]
    for use, title in TITLES.items():
        checks = found.of(use)
        if checks:
            table.append((f"{title.upper()}", *[""] * (len(HEADINGS) - 1)))
            table += [row(check) for check in checks]
    return table


def row(check: Check) -> tuple[str, ...]:
    """Return one pattern as the cells under `HEADINGS`."""
    target, value = check.target, check.value
    digits = _digits(check)
    simulated, interval = "nobody to ask", ""
    if value is not None:
        simulated = amount(target, value, digits)
    if check.low is not None and check.high is not None:
        low, high = (number(_scaled(target, end), digits) for end in (check.low, check.high))
        interval = f"{low} to {high}"
    said = "yes" if check.reproduced else "NO"
    said += ", at the edge" if check.borderline else ""
    return target.label, published(target), allowed(target), simulated, interval, said


def published(target: Target) -> str:
    """Return the published number with how many it rests on."""
    if target.value is None:
        return "-"
    digits = 1 if target.unit in ("share", "months") else 2
    basis = f" (n = {target.n:,})" if target.n else ""
    return amount(target, target.value, digits) + basis


def allowed(target: Target) -> str:
    """Return what counts as reproduced."""
    low, high = (_scaled(target, end) for end in (target.low, target.high))
    unit = _UNITS.get(target.unit, "")
    if math.isinf(high):
        return f"{low:g}{unit} or more"
    if math.isinf(low):
        return f"{high:g}{unit} or less"
    return f"{low:.4g} to {high:.4g}{unit}"


def amount(target: Target, value: float, digits: int) -> str:
    """Return a value of a target in its unit."""
    return number(_scaled(target, value), digits) + _UNITS.get(target.unit, "")


def verdict(found: Validation) -> list[str]:
    """Return what the table comes to, in sentences."""
    lines = []
    for use, what in ((HELD_OUT, "held-out"), (FIT, "fitted"), (CROSS_CHECK, "cross-check")):
        checks = found.of(use)
        good = sum(check.reproduced for check in checks)
        missed = ", ".join(check.target.label for check in checks if not check.reproduced)
        tail = f"; not: {missed}" if missed else ""
        lines.append(f"{good} of {count(len(checks), f'{what} pattern')} reproduced{tail}.")
    return lines


def stops(found: Validation) -> str:
    """Return where the field's organisations came to a stop, as one sentence."""
    parts = [f"{100.0 * share:.1f} % {where}" for where, share in found.stopped.items()]
    return f"Where organisations of the field stop: {', '.join(parts)}."


_UNITS = {"share": " %", "months": " months"}


def _scaled(target: Target, value: float) -> float:
    return value * scale_of(target.unit)


def _digits(check: Check) -> int:
    return digits_of(check.value, check.low, check.high, scale_of(check.target.unit))
