"""Arms: the situations that are simulated so that they can be set beside a published one.

An arm states *site inputs* (sizes, staffing, plan), which are not calibrated: one for all its
organisations, or what differs between them. The *rules*, which are, come from a draw. A run holds
one organisation with a manager of its own, so that the weekly series of a run are those of an
organisation; a population is some runs.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import generator
from sim.experiment.design.marginals import quantile_of
from sim.parameters import parameters
from sim.scenario import Scenario, load

WITH_EVENTS = ("coached",)
"""Arms whose people are followed one by one."""

POPULATION = 64
"""Organisations of a population: a power of two, so that a Sobol' sequence is even over them."""


@cache
def arms() -> Mapping[str, Scenario]:
    """Return the scenario of each arm with the default rules, in the file's order; read-only."""
    found = {}
    for name, arm in _file().items():
        texts = {"name": name, "title": arm["title"], "shows": arm["shows"]}
        found[name] = load(arm["scenario"]).with_values(arm["set"] | texts)
    return MappingProxyType(found)


@cache
def varies(arm: str) -> tuple[str, ...]:
    """Return the site inputs that differ between the organisations of an arm."""
    return tuple(_file()[arm].get("varies", ()))


@cache
def _file() -> dict[str, Any]:
    file = files("sim") / "experiment" / "calibrate" / "arms.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def sites(arm: str, size: int) -> dict[str, NDArray[Any]]:
    """Return what differs between the organisations of an arm: a column of ``size`` by name.

    The first points of one scrambled Sobol' sequence, carried to the priors of the registry.
    """
    return dict(quantiles(varies(arm), size, 0, f"calibration: sites of {arm}"))


def quantiles(
    names: tuple[str, ...], count: int, seed: int, purpose: str
) -> dict[str, NDArray[Any]]:
    """Return `unit_points` carried to the priors of some parameters, a column for each name.

    Counts are whole. Raises ValueError for a parameter without a prior.
    """
    points = unit_points(len(names), count, seed, purpose)
    found = {}
    for k, name in enumerate(names):
        entry = parameters()[name]
        if entry.prior is None:
            raise ValueError(f"{name} has no prior")
        found[name] = np.asarray(quantile_of(entry, entry.prior, points[:, k]))
    return found


def unit_points(dimensions: int, count: int, seed: int, purpose: str) -> NDArray[np.float64]:
    """Return the first points of a scrambled Sobol' sequence, (count, dimensions), each 0 to 1.

    Best with a power of two: the sequence is even over such numbers of points.
    """
    from scipy.stats.qmc import Sobol  # slow to import

    if dimensions == 0:
        return np.empty((count, 0))
    whole = 1 << max(0, count - 1).bit_length()
    points: NDArray[np.float64] = Sobol(
        dimensions, scramble=True, rng=generator(seed, purpose)
    ).random(whole)
    return points[:count]


def with_rules(arm: str, draw: Mapping[str, Any]) -> Scenario:
    """Return the scenario of an arm under a draw of the rules.

    What an arm itself states stays: a draw of turnover does not change the arm that is about it.
    ``draw`` holds checked values by dotted name, as `Scenario.at` takes them.
    """
    return arms()[arm].at({name: draw[name] for name in free(arm, draw)})


def free(arm: str, names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parameters that an arm leaves to a draw of the rules."""
    own = {*arms()[arm].differences(), *varies(arm)}
    return tuple(name for name in names if name not in own)


def as_draws(columns: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Return draws one by one from their columns."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
