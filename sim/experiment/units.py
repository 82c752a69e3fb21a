"""Outcomes as people see them: labels, units (money in the scenario's currency), what is better."""

from typing import TYPE_CHECKING

from sim.parameters import outcomes

if TYPE_CHECKING:
    from sim.scenario import Scenario

LABEL_MEANS = {
    "uncalibrated": "numbers rest on assumptions; compare scenarios, do not forecast",
}
"""What a label of results from before the calibration asks of their reader."""


def shown_unit(unit: str, currency: str) -> str:
    """Return a unit of the registry with the currency of a scenario."""
    return unit.replace("EUR", currency)


def label_of(scenario: "Scenario", name: str) -> str:
    """Return the words for an outcome; a phase of another model has its own."""
    entry = outcomes().get(name)
    if entry is not None:
        return entry.label
    phase = name.removeprefix("phase_weeks.")
    labels = {one.name: one.label for one in scenario.phases}
    return f"Weeks of {labels.get(phase, phase).lower()}"


def better_of(name: str) -> str:
    """Return which direction of an outcome is wanted: higher, lower or neither."""
    entry = outcomes().get(name)
    return entry.better if entry else "lower"  # a phase of another implementation model: sooner


def is_share(unit: str) -> bool:
    """Say whether values of a unit are shares, which are shown as per cent."""
    return unit.startswith("share")


def scale_of(unit: str) -> float:
    """Return what values of a unit are multiplied with to be shown: shares are per cent."""
    return 100.0 if is_share(unit) else 1.0


def gap_unit(unit: str) -> str:
    """Return the unit in which differences of values of a unit are shown."""
    return "points" if is_share(unit) else unit


def lowered(label: str) -> str:
    """Return a label inside a sentence; abbreviations keep their capitals."""
    if label[:2].isupper() or "(" in label[:2]:
        return label
    return label[:1].lower() + label[1:]


def labelled(label: str) -> str:
    """Return the label with its meaning, as one sentence."""
    meaning = LABEL_MEANS.get(label)
    return f"{label}: {meaning}" if meaning else label
