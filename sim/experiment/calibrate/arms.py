"""Arms: the situations that are simulated so that they can be set beside a published one.

An arm states *site inputs* (sizes, staffing, plan), which are not calibrated. The *rules*, which
are, come from a draw. A run holds one organisation with a manager of its own, so that the weekly
series of a run are those of an organisation; a population is some runs.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sim.scenario import Scenario, load

WITH_EVENTS = ("coached",)
"""Arms whose people are followed one by one."""

POPULATION = 50
"""Organisations of a population."""


@cache
def arms() -> Mapping[str, Scenario]:
    """Return the scenario of each arm with the default rules, in the file's order; read-only."""
    file = files("sim") / "experiment" / "calibrate" / "arms.toml"
    found = {}
    for name, arm in tomllib.loads(file.read_text(encoding="utf-8")).items():
        texts = {"name": name, "title": arm["title"], "shows": arm["shows"]}
        found[name] = load(arm["scenario"]).with_values(arm["set"] | texts)
    return MappingProxyType(found)


def with_rules(arm: str, draw: Mapping[str, Any]) -> Scenario:
    """Return the scenario of an arm under a draw of the rules.

    What an arm itself states stays: a draw of turnover does not change the arm that is about it.
    ``draw`` holds checked values by dotted name, as `Scenario.at` takes them.
    """
    scenario = arms()[arm]
    own = scenario.differences()
    return scenario.at({name: value for name, value in draw.items() if name not in own})
