"""Factors: what a study varies, over which levels or with which distribution."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from sim.experiment.design.varying import Input, fit, input_of, leaves, trouble, unknown
from sim.locate import Path
from sim.parameters import GROUPS, Prior, RegistryError, prior_of
from sim.scenario import Scenario
from sim.wording import meant, show

MAX_FACTORS = 100
MAX_STEPS = 10_000

Problem = tuple[Path, str]

_KEYS = ("from", "to", "steps", "prior")
_FORMS = 'a list of levels, a table with from and to, or "prior"'


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """An input that varies between the points of a study.

    ``kind`` is "levels" (a list), "range" (from and to) or "prior" (a distribution). ``levels``
    are those of a list or of a range with steps, as Python values; a range without steps and a
    prior have a distribution in ``prior`` instead. ``default_prior``: it is the registry's own.
    In a study whose points are listed both are empty: the values stand in the points alone.
    """

    name: str
    kind: str
    levels: tuple[Any, ...]
    prior: Prior | None
    default_prior: bool
    label: str
    unit: str


def read_factors(
    table: object, base: Scenario | None, wrong: set[Path], problems: list[Problem]
) -> dict[str, tuple[Factor, Path]]:
    """Return the factors of a study's table, each with its place in the file.

    ``base`` is the scenario (None if it is not known); what stands at ``wrong`` has been
    complained of already. Adds to ``problems``.
    """
    found: dict[str, tuple[Factor, Path]] = {}
    if not isinstance(table, Mapping):
        problems.append((("factors",), f"must be a table (found {show(table)})"))
        return found
    written = list(leaves(table, ("factors",)))
    if len(written) > MAX_FACTORS:
        problems.append((("factors",), f"too many (found {len(written)}, allowed {MAX_FACTORS})"))
        return found
    for name, path, spec in written:
        if inside(path, wrong):
            continue
        what = input_of(name, base)
        if name in found:
            problems.append((path, "given twice, quoted and as a table"))
        elif what is None:
            problems.append((path, _unknown(name, spec, base)))
        else:
            before = len(problems)
            factor = _read(what, spec, path, problems)
            if factor and len(problems) == before:
                found[name] = factor, path
    return found


def inside(path: Path, wrong: set[Path]) -> bool:
    """Return whether something wrong stands at a place of the file, or within it."""
    return any(place[: len(path)] == path for place in wrong)


def _unknown(name: str, spec: object, base: Scenario | None) -> str:
    if name in GROUPS and name != "phases" and isinstance(spec, Mapping):
        return "unknown table; its keys stand without it, directly under [factors]"
    return unknown(name, base)


def _read(what: Input, spec: object, path: Path, problems: list[Problem]) -> Factor | None:
    """Make a factor of what a study says of it; add what is wrong to the problems."""
    if isinstance(spec, list):
        return _levels(what, spec, path, problems)
    if spec == "prior":
        return _registry_prior(what, path, problems)
    if isinstance(spec, Mapping):
        return _from_table(what, spec, path, problems)
    hint = meant(spec, ["prior"], quoted=True)
    if not hint and not trouble(what, spec):
        hint = "; one value for all points stands under [set]"
    problems.append((path, f"must be {_FORMS} (found {show(spec)}){hint}"))
    return None


def _levels(what: Input, spec: list[Any], path: Path, problems: list[Problem]) -> Factor | None:
    if not spec:
        problems.append((path, "needs at least one level"))
        return None
    values = fit(what, spec)
    if values is not None:
        return _made(what, "levels", tuple(values.tolist()))
    for index, value in enumerate(spec):
        text = trouble(what, value)
        if text:
            problems.append(((*path, index), text))
    return None


def twice(factor: Factor, path: Path) -> list[Problem]:
    """Return a problem for each level of a factor that stands in its list a second time."""
    if len(set(factor.levels)) == len(factor.levels):
        return []
    seen: set[Any] = set()
    found: list[Problem] = []
    for index, level in enumerate(factor.levels):
        if level in seen:
            found.append(((*path, index), f"a level given twice (found {show(level)})"))
        seen.add(level)
    return found


def _registry_prior(what: Input, path: Path, problems: list[Problem]) -> Factor | None:
    prior = what.entry.prior if what.entry else None
    if prior is None:
        problems.append((path, f"has no prior in the registry; {_instead(what)}"))
        return None
    return _made(what, "prior", (), prior, default_prior=True)


def _instead(what: Input) -> str:
    if what.numeric:
        return 'list its levels, or give one as in { prior = ["uniform", 10, 20] }'
    choices = what.entry.choices if what.entry else ("true", "false")
    return f"list its levels, from {', '.join(choices)}"


def _from_table(
    what: Input, spec: Mapping[str, Any], path: Path, problems: list[Problem]
) -> Factor | None:
    """Make a factor of ``{ from, to, steps }`` or ``{ prior }``."""
    strange = [key for key in spec if key not in _KEYS]
    for key in strange:
        hint = meant(key, _KEYS) or f" (allowed {', '.join(_KEYS)})"
        problems.append(((*path, key), f"no such key of a factor{hint}"))
    if strange:
        return None
    if not what.numeric:
        problems.append((path, f"has no range or distribution; {_instead(what)}"))
    elif "prior" in spec and len(spec) > 1:
        problems.append((path, "give either a prior, or from and to"))
    elif "prior" in spec:
        return _own_prior(what, spec["prior"], (*path, "prior"), problems)
    else:
        return _range(what, spec, path, problems)
    return None


def _own_prior(what: Input, raw: object, path: Path, problems: list[Problem]) -> Factor | None:
    assert what.entry is not None
    try:
        prior = prior_of("", raw, what.entry.low, what.entry.high)
    except RegistryError as error:
        text = str(error).removeprefix(": ")[:200]
        problems.append((path, text))
        return None
    return _made(what, "prior", (), prior)


def _range(
    what: Input, spec: Mapping[str, Any], path: Path, problems: list[Problem]
) -> Factor | None:
    """Make a factor of a range: its steps if it has any, else a uniform distribution."""
    before = len(problems)
    for key in ("from", "to"):
        if key not in spec:
            problems.append((path, f"{key} is missing"))
        elif text := trouble(what, spec[key]):
            problems.append(((*path, key), text))
    steps = spec.get("steps")
    if steps is not None and (type(steps) is not int or not 2 <= steps <= MAX_STEPS):
        allowed = f"allowed 2 to {MAX_STEPS:,}"
        problems.append(
            ((*path, "steps"), f"must be a whole number (found {show(steps)}, {allowed})")
        )
    if len(problems) > before:
        return None
    low, high = spec["from"], spec["to"]
    if not low < high:
        problems.append((path, f"from must be below to (found {low:g} and {high:g})"))
        return None
    if steps is None:
        return _made(what, "range", (), Prior("uniform", float(low), float(high)))
    return _stepped(what, low, high, steps, path, problems)


def _stepped(
    what: Input, low: float, high: float, steps: int, path: Path, problems: list[Problem]
) -> Factor | None:
    """Make a factor of evenly spaced levels, both ends included."""
    levels = _between(low, high, steps)
    if not levels:
        problems.append((path, f"from and to are too close for {steps} steps"))
        return None
    if what.entry is not None and what.entry.kind == "count":
        if any(level != int(level) for level in levels):
            near = _whole_steps(int(high - low), steps)
            text = (
                f"the levels of a count must be whole; {steps} steps from {low} to {high} are not"
            )
            problems.append(((*path, "steps"), f"{text}; did you mean {near}?"))
            return None
        levels = [int(level) for level in levels]
    values = fit(what, levels)
    assert values is not None, "levels between two allowed ones are allowed"
    return _made(what, "range", tuple(values.tolist()))


def _between(low: float, high: float, steps: int) -> list[float]:
    """Return rising levels, ends included; empty if floating-point numbers lie too far apart."""
    exact = np.linspace(low, high, steps)[1:-1].tolist()
    # Twelve digits: 0.35, not 0.35000000000000003.
    for inner in ([float(f"{value:.12g}") for value in exact], exact):
        levels = [low, *inner, high]
        if all(one < other for one, other in pairwise(levels)):
            return levels
    return []


def _whole_steps(width: int, steps: int) -> int:
    """Return the number of steps nearest to ``steps`` that divides a width into whole ones."""
    able = [count for count in range(1, width + 1) if width % count == 0]
    return min(able, key=lambda count: abs(count + 1 - steps)) + 1


def _made(
    what: Input,
    kind: str,
    levels: tuple[Any, ...],
    prior: Prior | None = None,
    *,
    default_prior: bool = False,
) -> Factor:
    return Factor(what.name, kind, levels, prior, default_prior, what.label, what.unit)
