"""``--set key=value``: changes to a scenario written on the command line."""

import tomllib
from collections.abc import Iterable
from typing import Any

from sim.errors import InputError
from sim.scenario import Scenario
from sim.wording import show

LONGEST = 10_000
"""Characters of one change; a file holds more."""


def changed(scenario: Scenario, settings: Iterable[str]) -> Scenario:
    """Return a scenario with ``key=value`` settings; raise InputError naming the option."""
    changes = parsed(settings)
    if not changes:
        return scenario
    try:
        return scenario.with_values(changes)
    except InputError as error:
        raise InputError(f"--set {message}" for message in error.messages) from error


def parsed(settings: Iterable[str]) -> dict[str, Any]:
    """Return the changes that settings ask for, by dotted name; values as in a TOML file."""
    changes: dict[str, Any] = {}
    problems = []
    for setting in settings:
        key, sign, text = setting.partition("=")
        key = key.strip()
        if not sign or not key:
            problems.append(f"--set {show(setting)}: must be key=value, as in leads=2")
        elif len(setting) > LONGEST:
            problems.append(f"--set {show(key)}: too long; write it in a scenario file")
        elif key in changes:
            problems.append(f"--set {show(key)}: given twice")
        else:
            changes[key] = value_of(text.strip())
    if problems:
        raise InputError(problems)
    return changes


def value_of(text: str) -> Any:
    """Return the value a TOML file would hold; what is no TOML value is a bare word."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # not TOML, or an absurd number or depth
        return text
    return found["value"] if set(found) == {"value"} else text
