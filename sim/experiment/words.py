"""The words of sentences and reports in English or Dutch, and numbers as each language has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sim.errors import InputError
from sim.experiment.numbers import digits_of, gap_digits, number, signed
from sim.experiment.units import label_of, scale_of
from sim.parameters import outcomes, parameters
from sim.scenario import Scenario

LANGUAGES = ("en", "nl")

_SWAPPED = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; numbers take its separators."""

    language: str
    strings: Mapping[str, str]

    def say(self, key: str, **parts: object) -> str:
        """Return a text with its parts put in. Raises KeyError for a key that is not there."""
        return self.strings[key].format(**parts)

    def known(self, key: str, otherwise: str) -> str:
        """Return a text if there is one, else another."""
        return self.strings.get(key, otherwise)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with separators of thousands."""
        return self.decimal(number(value, digits))

    def signed(self, value: float, digits: int) -> str:
        """Return a number with its sign; zero has none."""
        return self.decimal(signed(value, digits))

    def decimal(self, text: str) -> str:
        """Return a number that is written in English, as this language writes it."""
        return text if self.language == "en" else text.translate(_SWAPPED)

    def count(self, value: int, thing: str) -> str:
        """Return so many things: ``1 run``, ``2,000 runs``."""
        many = "one" if value == 1 else "many"
        return f"{self.number(value)} {self.say(f'count.{thing}.{many}')}"

    def plain(self, value: object) -> str:
        """Return the value of an input as people read it."""
        if isinstance(value, bool):
            return self.say("value.on" if value else "value.off")
        if isinstance(value, int | float):
            text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
            return self.decimal(text)
        return self.known(f"value.{value}", str(value))

    def share(self, value: float | None, digits: int = 0) -> str:
        """Return a share as per cent; a dash for none."""
        return "-" if value is None else f"{self.number(value * 100.0, digits)} %"

    def amount(self, value: object, unit: str) -> str:
        """Return the value of an input with its unit; shares as per cent."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.plain(value)
        scale = scale_of(unit)
        if scale == 1.0:
            return f"{self.plain(value)} {self.unit(unit)}".rstrip()
        return f"{self.plain(value * scale)} % {self.unit(unit[6:] or '-')}".rstrip()

    def unit(self, unit: str) -> str:
        """Return a unit in this language."""
        if unit == "-":
            return ""
        head, _, rest = unit.partition(" ")
        if len(head) == 3 and head.isupper():  # a currency
            return f"{head} {self.known(f'unit.{rest}', rest)}".strip()
        return self.known(f"unit.{unit}", unit)

    def outcome(self, scenario: Scenario, name: str) -> str:
        """Return the words for an outcome; a phase of another model has its own."""
        if self.language == "en":
            return label_of(scenario, name)
        if name in outcomes():
            return outcomes()[name].label_nl
        phases = {one.name: one.label_nl or one.label for one in scenario.phases}
        phase = name.removeprefix("phase_weeks.")
        return self.say("table.weeks_of", phase=phases.get(phase, phase).lower())

    def input(self, name: str) -> str:
        """Return the words for an input, mechanisms included."""
        base = name.removeprefix("mechanisms.")
        entry = parameters().get(base)
        if entry is None:
            return name
        label = entry.label if self.language == "en" else entry.label_nl
        return label if base == name else self.say("table.mechanism", name=label)

    def phase(self, scenario: Scenario, name: str, otherwise: str) -> str:
        """Return the words for a phase."""
        if self.language == "en":
            return otherwise
        found = {one.name: one.label_nl for one in scenario.phases}
        return found.get(name) or self.known(f"phase.{name}", otherwise)


def digits_for(
    value: float | None, low: float | None, high: float | None, unit: str, *, gap: bool = False
) -> int:
    """Return the decimals that a value or (``gap``) a difference is shown with."""
    how = gap_digits if gap else digits_of
    return how(value, low, high, scale_of(unit))


@cache
def words_of(language: str) -> Words:
    """Return the words of a language. Raises InputError for one that there is not."""
    if language not in LANGUAGES:
        raise InputError(f"lang: found {language!r}, allowed {', '.join(LANGUAGES)}")
    place = files("sim") / "experiment" / "strings" / f"{language}.json"
    return Words(language, json.loads(place.read_text(encoding="utf-8")))
