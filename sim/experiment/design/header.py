"""The keys of a study other than its factors: names, design, how many runs, what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim import layout
from sim.experiment.design.designs import DESIGNS, MAX_POINTS, SAMPLED
from sim.experiment.design.factors import Problem
from sim.experiment.design.varying import names, near
from sim.locate import Path
from sim.parameters import outcome_names, outcomes
from sim.scenario import Scenario
from sim.wording import meant, show

MAX_RUNS = 10_000_000
"""Points x replicates that a study may have."""

MAX_EVERY = 52
"""Weeks between two that are kept of weekly series, at most."""

KEYS = (
    "title",
    "shows",
    "scenario",
    "design",
    "points",
    "replicates",
    "seed",
    "outcomes",
    "weekly",
    "weekly_every",
    "set",
    "factors",
)
_LONGEST = {"title": 200, "shows": 1000}


@dataclass(frozen=True, slots=True)
class Header:
    """What a study says besides its factors; ``points`` is a number, a file or nothing."""

    title: str
    shows: str
    design: str
    points: int | str | None
    replicates: int
    seed: int
    weekly: tuple[str, ...]
    weekly_every: int

    @property
    def series(self) -> dict[str, Any]:
        """Which weekly series are kept, and how often."""
        return {"weekly": self.weekly, "weekly_every": self.weekly_every}


def read_header(raw: Mapping[str, Any], wrong: set[Path], problems: list[Problem]) -> Header:
    """Return the header of a study; add what is wrong to the problems, once for each place.

    What is wrong is left out or has its default in the answer.
    """
    from sim.draws import MAX_SEED  # brings numba, which is slow to import

    found: list[Problem] = [((key,), _unknown(key)) for key in raw if key not in KEYS]
    title, shows = (_text(raw, key, found) for key in _LONGEST)
    points = raw.get("points")
    design = _design(raw, points, found)
    header = Header(
        title,
        shows,
        design,
        _points(design, raw, points, found),
        _whole(raw, "replicates", 100, 1, MAX_RUNS, found),
        _whole(raw, "seed", 1, 0, MAX_SEED, found),
        _weekly(raw.get("weekly", False), found),
        _whole(raw, "weekly_every", 1, 1, MAX_EVERY, found),
    )
    if "weekly_every" in raw and not raw.get("weekly"):
        found.append((("weekly_every",), "no weekly series are kept; name some in weekly"))
    problems += [(path, text) for path, text in found if path not in wrong]
    return header


def read_outcomes(
    asked: object, base: Scenario | None, wrong: set[Path], problems: list[Problem]
) -> tuple[str, ...]:
    """Return the outcomes asked for in the registry's order, all if none are named.

    Of an unknown scenario (None) any phase may be right.
    """
    known = outcome_names(tuple(phase.name for phase in base.phases)) if base else tuple(outcomes())
    if asked is None:
        return known
    found: list[Problem] = []
    if base is None and isinstance(asked, list):
        phases = [one for one in asked if isinstance(one, str) and one.startswith("phase_weeks.")]
        known += tuple(phases)
    chosen = _chosen("outcomes", asked, known, found)
    if asked == []:
        found.append((("outcomes",), "needs at least one; leave it out to have all"))
    problems += [(path, text) for path, text in found if path not in wrong]
    return tuple(name for name in known if name in chosen)


def _weekly(asked: object, problems: list[Problem]) -> tuple[str, ...]:
    series = layout.SERIES.names or ()
    if isinstance(asked, bool):
        return series if asked else ()
    chosen = _chosen("weekly", asked, series, problems)
    return tuple(name for name in series if name in chosen)


def _chosen(key: str, asked: object, known: Sequence[str], problems: list[Problem]) -> set[str]:
    """Return the names of a list; add unknown and repeated ones to the problems."""
    if not isinstance(asked, list):
        form = "true, false or a list" if key == "weekly" else "a list"
        problems.append(((key,), f"must be {form} of names (found {show(asked)})"))
        return set()
    chosen: set[str] = set()
    for index, name in enumerate(asked):
        path = (key, index)
        if not isinstance(name, str):
            problems.append((path, f"must be a name (found {show(name)})"))
        elif name not in known:
            problems.append((path, f"no such name (found {show(name)}){_near(name, known)}"))
        elif name in chosen:
            problems.append((path, f"given twice (found {show(name)})"))
        else:
            chosen.add(name)
    return chosen


def _near(name: str, known: Sequence[str]) -> str:
    parts = [one for one in known if name and one.startswith((f"{name}.", f"{name}_"))]
    if 1 < len(parts) < 4:  # the same of each role
        return f"; did you mean {', '.join(parts[:-1])} or {parts[-1]}?"
    return meant(name, known)


def _unknown(key: str) -> str:
    if key in names(None):
        return (
            "no such key in a study; to vary it, write it under [factors], to change it under [set]"
        )
    return f"no such key in a study{near(key, KEYS)}"


def _text(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> str:
    """Return a text on one line; a title is needed, what it shows is not."""
    value = raw.get(key, "")
    if not isinstance(value, str):
        problems.append(((key,), f"must be text (found {show(value)})"))
        return ""
    if len(value) > _LONGEST[key]:
        problems.append(((key,), f"too long (allowed {_LONGEST[key]} characters)"))
    if key == "title" and not value.strip():
        problems.append(((key,), "empty: a study needs a title" if key in raw else "missing"))
    return " ".join(value.split())


def _design(raw: Mapping[str, Any], points: object, problems: list[Problem]) -> str:
    listed = isinstance(points, str)
    design = raw.get("design", "points" if listed else "grid")
    if design not in DESIGNS:
        hint = meant(design, DESIGNS, quoted=True)
        allowed = f"(found {show(design)}, allowed {', '.join(DESIGNS)})"
        problems.append((("design",), f"not one of the designs {allowed}{hint}"))
        return "points" if listed else ""
    if listed and design != "points":
        text = f"points from a file are a design of their own (found {show(design)})"
        problems.append((("design",), f"{text}; leave the design out"))
        return "points"
    return str(design)


def _points(
    design: str, raw: Mapping[str, Any], points: object, problems: list[Problem]
) -> int | str | None:
    """Return the number of points, the file that lists them, or None."""
    if isinstance(points, str):
        if "factors" in raw:
            text = "a file of points names its factors itself; give either, not both"
            problems.append((("factors",), text))
        if not points.strip():
            problems.append((("points",), "empty: must name a file"))
        return points
    if design in SAMPLED and points is None:
        text = f'missing: {design} needs how many, as in "points = 64"'
        problems.append((("points",), text))
    elif design in SAMPLED:
        return _count(design, raw, problems)
    elif points is not None and design:
        text = "a number of points is for lhs and sobol; a file of points is named in quotes"
        problems.append((("points",), f"{text} (found {show(points)})"))
    return None


def _count(design: str, raw: Mapping[str, Any], problems: list[Problem]) -> int | None:
    before = len(problems)
    count = _whole(raw, "points", 1, 1, MAX_POINTS, problems)
    if design == "sobol" and count & (count - 1):
        below = 1 << (count.bit_length() - 1)
        above = 2 * below
        meant = f"{below} or {above}" if above <= MAX_POINTS else f"{below}"
        text = f"must be a power of two for sobol (found {count}); did you mean {meant}?"
        problems.append((("points",), text))
    return count if len(problems) == before else None


def _whole(
    raw: Mapping[str, Any], key: str, usual: int, low: int, high: int, problems: list[Problem]
) -> int:
    """Return a whole number within bounds; the usual one if it is missing or wrong."""
    value = raw.get(key, usual)
    if type(value) is int and low <= value <= high:
        return value
    what = "must be a whole number" if type(value) is not int else "out of range"
    upper = f"{high:,}" if high < 2**53 else "2^63 - 1"
    problems.append(((key,), f"{what} (found {show(value)}, allowed {low} to {upper})"))
    return usual
