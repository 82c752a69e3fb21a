"""What may be wrong with a file of targets: each problem with its place."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sim.experiment.calibrate.summaries import SUMMARIES
from sim.locate import Path
from sim.schema import hidden_character
from sim.wording import meant, show

Problem = tuple[Path, str]

TEXTS = (
    "pattern",
    "label",
    "use",
    "unit",
    "transform",
    "definition",
    "source",
    "caveat",
)
NUMBERS = ("value", "low", "high", "se")
CHOICES = {
    "use": ("fit", "held-out", "cross-check"),
    "transform": ("none", "log", "logit"),
    "unit": ("share", "months", "ratio", "correlation", "log odds ratio"),
}
RANGES = {"share": (0.0, 1.0), "correlation": (-1.0, 1.0), "months": (0.0, math.inf)}
RANGES |= {"ratio": (0.0, math.inf)}
LONGEST = 400
SOURCED = re.compile(r"10\.\d{4,9}/\S|PMC\d{5,}|https://\S")
"""A source names a DOI, a PMC number or an address."""


def problems_of(raw: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with the content of a file of targets."""
    found: list[Problem] = []
    for name, entry in raw.items():
        if name not in SUMMARIES:
            found.append(((name,), f"no such summary{_meant(name, tuple(SUMMARIES))}"))
        elif not isinstance(entry, Mapping):
            found.append(((name,), f"must be a table (found {show(entry)})"))
        else:
            found += [((name, *path), text) for path, text in _entry(entry)]
    return found


def _meant(name: str, known: tuple[str, ...]) -> str:
    return meant(name, known) or f" (allowed {', '.join(known)})"


def _entry(entry: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with one target."""
    known = (*TEXTS, *NUMBERS, "n")
    yield from (((key,), f"unknown{_meant(key, known)}") for key in entry if key not in known)
    yield from (((key,), "missing") for key in TEXTS if key not in entry)
    before = list(_texts(entry)) + list(_numbers(entry))
    yield from before
    if not before:
        yield from _bounds(entry)


def _texts(entry: Mapping[str, Any]) -> Iterator[Problem]:
    for key in TEXTS:
        text = entry.get(key, "-")
        if not isinstance(text, str):
            yield (key,), f"must be text (found {show(text)})"
        elif not text.strip():
            yield (key,), "empty"
        elif len(text) > LONGEST:
            yield (key,), f"too long (found {len(text)} characters, allowed {LONGEST})"
        elif hidden := hidden_character(text):
            yield (key,), f"contains {hidden}"
        elif key in CHOICES and key in entry and text not in CHOICES[key]:
            hint = meant(text, CHOICES[key], quoted=True)
            allowed = ", ".join(CHOICES[key])
            yield (key,), f"not one of the choices (found {show(text)}, allowed {allowed}){hint}"
        elif key == "source" and key in entry and not SOURCED.search(text):
            yield (key,), f"names no DOI, PMC number or address (found {show(text)})"


def _numbers(entry: Mapping[str, Any]) -> Iterator[Problem]:
    for key in NUMBERS:
        number = entry.get(key, 0.0)
        # bool is a kind of int in Python, but true is not a number here.
        if isinstance(number, bool) or not isinstance(number, int | float):
            yield (key,), f"must be a number (found {show(number)})"
        elif not math.isfinite(number):
            yield (key,), f"must be finite (found {show(number)}); leave it out for no bound"
    count = entry.get("n", 1)
    if type(count) is not int or count < 1:
        yield ("n",), f"must be a whole number from 1 (found {show(count)})"


def _bounds(entry: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong between numbers that are sound by themselves."""
    if "low" not in entry and "high" not in entry:
        yield (), "has neither low nor high: nothing would count as reproduced or not"
        return
    least, most = RANGES.get(str(entry.get("unit")), (-math.inf, math.inf))
    for key in ("value", "low", "high"):
        if key in entry and not least <= entry[key] <= most:
            allowed = f"{least:g} to {most:g}"
            yield (key,), f"out of range (found {show(entry[key])}, allowed {allowed})"
    low, high = entry.get("low", -math.inf), entry.get("high", math.inf)
    if low >= high:
        yield ("low",), f"must be below high (found {show(low)} and {show(high)})"
    elif "value" in entry and not low <= entry["value"] <= high:
        text = f"the published value lies outside low to high (found {show(entry['value'])})"
        yield ("value",), text
    if "se" in entry and entry["se"] <= 0.0:
        yield ("se",), f"must be above 0 (found {show(entry['se'])})"
    ends = {"logit": (0.0, 1.0), "log": (0.0, math.inf), "none": (-math.inf, math.inf)}
    first, last = ends[str(entry["transform"])] if "transform" in entry else ends["none"]
    if "value" in entry and not first < entry["value"] < last:
        what = f"has no {entry['transform']}"
        yield ("value",), f"{what} (found {show(entry['value'])}, allowed above {first:g})"
