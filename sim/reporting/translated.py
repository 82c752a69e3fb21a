"""Figures are drawn in English; in another language their words are exchanged.

A text with a word that the strings do not cover stays in English as a whole, and so do the names
of plans and scenarios: better one language than half of two.
"""

import re
import textwrap
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from sim.experiment.explain.barriers import WORDS as BARRIERS
from sim.experiment.units import label_of
from sim.experiment.words import Words, words_of
from sim.reporting.material import Material

PREFIX = "drawn."
"""Strings with this prefix are words of figures: their English text is what is exchanged."""

_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(,\d{3})*(\.\d+)?(?![.,]?\d)")


def translated(figure: Figure, material: Material, words: Words) -> Figure:
    """Exchange the words of a figure; the figure itself is changed, and returned."""
    if words.language == "en":
        return figure
    exchange = {**_labels(material, words), **_drawn(words.language)}
    kept = {*material.plans, *(scenario.title for scenario in material.plans.values())}
    kept |= set() if material.posterior is None else {material.posterior["id"]}
    exchanged = _exchanger(exchange, kept)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_Translated(axis.get_major_formatter(), exchanged))
    for text in figure.findobj(Text):
        text.set_text(exchanged(text.get_text()))
    return figure


class _Translated(Formatter):
    """The ticks of another formatter, with their words exchanged."""

    def __init__(self, first: Formatter, exchanged: Callable[[str], str]) -> None:
        self.first = first
        self.exchanged = exchanged

    def __call__(self, value: float, place: int | None = None) -> str:
        return self.exchanged(self.first(value, place))

    def format_ticks(self, values: list[float]) -> list[str]:
        return [self.exchanged(text) for text in self.first.format_ticks(values)]

    def set_axis(self, axis: Any) -> None:
        super().set_axis(axis)
        self.first.set_axis(axis)

    def get_offset(self) -> str:
        return str(self.first.get_offset())


def _exchanger(exchange: Mapping[str, str], kept: Collection[str]) -> Callable[[str], str]:
    """Return a function that exchanges the words of a text, the longest first.

    A part of a text is exchanged if all its words are known, else none is; names in ``kept`` stay.
    """
    known = {**{name: name for name in kept}, **exchange}
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in longest))

    def part(text: str) -> str:
        flat = " ".join(text.split())
        if flat in exchange:  # it may be wrapped
            return _wrapped(exchange[flat], text)
        if _LETTER.search(pattern.sub("", text)):
            return text
        return _NUMBER.sub(_swapped, pattern.sub(lambda found: known[found[0]], text))

    return lambda text: " · ".join(part(one) for one in text.split(" · "))


def _wrapped(text: str, like: str) -> str:
    """Return a text in lines about as long as those of another."""
    if "\n" not in like:
        return text
    width = max(map(len, like.splitlines())) + 2
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def _swapped(found: re.Match[str]) -> str:
    return found[0].translate(str.maketrans(",.", ".,"))


def _labels(material: Material, words: Words) -> dict[str, str]:
    """Return the words for outcomes, phases and barriers, whole and as they stand in a sentence."""
    scenario = material.reference
    found: dict[str, str] = {"EUR": "EUR", scenario.currency: scenario.currency}
    names = next(iter(material.results.values())).names if material.results else ()
    if material.swept is not None:
        names = material.swept.plan.outcomes
        found |= {
            words_of("en").input(name): words.input(name) for name in material.swept.plan.points
        }
    for name in names:
        found[label_of(scenario, name)] = words.outcome(scenario, name)
    for phase in scenario.phases:
        found[phase.label] = words.phase(scenario, phase.name, phase.label)
    for name, label in BARRIERS.items():
        found[label] = words.say(f"barrier.{name}")
    return found | {one.lower(): other.lower() for one, other in found.items()}


@cache
def _drawn(language: str) -> dict[str, str]:
    """Return the other words of figures."""
    english, other = words_of("en").strings, words_of(language).strings
    return {text: other[key] for key, text in english.items() if key.startswith(PREFIX)}
