"""Designs: from factors to the points at which a study runs the model.

- grid: all combinations of the levels, the last factor varying fastest;
- oat: the scenario as it is, then each factor's levels one at a time;
- lhs, sobol: points that fill the unit cube evenly, carried to each factor's scale by its quantile
  function. Latin hypercube: McKay, Beckman & Conover 1979, doi 10.1080/00401706.1979.10489755.
  Scrambled Sobol' points: Owen 1998, doi 10.1006/jcom.1998.0487. Both by `scipy.stats.qmc`;
- points: the rows that a study lists.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design.factors import Factor
from sim.experiment.design.marginals import quantile_of
from sim.experiment.design.varying import fit, input_of
from sim.scenario import Scenario
from sim.schema import CARE_SHAPES

DESIGNS = ("grid", "lhs", "sobol", "oat", "points")
SAMPLED = ("lhs", "sobol")
"""Designs that need a number of points, and take distributions."""

MAX_POINTS = 1_000_000
TOGETHER = ("care_weeks", "care_weeks_sd")
"""Inputs that limit each other: no other two do."""

_SHOWN = 3

Columns = dict[str, NDArray[Any]]


def size(design: str, factors: Sequence[Factor], base: Scenario, asked: int | None) -> int:
    """Return how many points a design has, without making them."""
    if design == "grid":
        return math.prod(len(factor.levels) for factor in factors)
    if design == "oat":
        return 1 + sum(len(_others(factor, base)) for factor in factors)
    if design == "points":
        return len(factors[0].levels) if factors else 0
    return asked or 0


def make(
    design: str, factors: Sequence[Factor], base: Scenario, asked: int | None, seed: int
) -> Columns:
    """Return the points of a design: a column for each factor, all of equal length.

    ``asked`` is the number of points of lhs and sobol (for sobol a power of two); ``seed`` decides
    them. Columns are float64, int64, bool or text.
    """
    if design == "grid":
        return _grid(factors, base)
    if design == "oat":
        return _one_at_a_time(factors, base)
    if design == "points":
        return {factor.name: _column(factor, factor.levels, base) for factor in factors}
    shares = _shares(design, len(factors), asked or 0, seed)
    return {
        factor.name: _sampled(factor, shares[:, place], base)
        for place, factor in enumerate(factors)
    }


def own_value(name: str, base: Scenario) -> Any:
    """Return a scenario's own value of a factor; None for attention that changes over the weeks."""
    first, _, rest = name.partition(".")
    if first == "mechanisms":
        return base.mechanisms[rest]
    if first == "phases":
        phase, _, key = rest.partition(".")
        return next(getattr(one, key) for one in base.phases if one.name == phase)
    if name == "attention" and len(base.attention) > 1:
        return None
    return base.values[name]


def _column(factor: Factor, values: Sequence[Any], base: Scenario) -> NDArray[Any]:
    what = input_of(factor.name, base)
    made = fit(what, values) if what else None
    assert made is not None, "factors are checked when they are read"
    return made


def _grid(factors: Sequence[Factor], base: Scenario) -> Columns:
    counts = [len(factor.levels) for factor in factors]
    columns = {}
    for place, factor in enumerate(factors):
        levels = np.repeat(
            _column(factor, factor.levels, base), math.prod(counts[place + 1 :], start=1)
        )
        columns[factor.name] = np.tile(levels, math.prod(counts[:place], start=1))
    return columns


def _others(factor: Factor, base: Scenario) -> list[Any]:
    """Return a factor's levels without the scenario's own value."""
    own = own_value(factor.name, base)
    return [level for level in factor.levels if level != own]


def _one_at_a_time(factors: Sequence[Factor], base: Scenario) -> Columns:
    own = {factor.name: own_value(factor.name, base) for factor in factors}
    rows = [own]
    rows += [{**own, factor.name: level} for factor in factors for level in _others(factor, base)]
    return {
        factor.name: _column(factor, [row[factor.name] for row in rows], base) for factor in factors
    }


def _shares(design: str, factors: int, count: int, seed: int) -> NDArray[np.float64]:
    """Return points of the unit cube, shape (count, factors)."""
    from scipy.stats import qmc

    from sim.draws import generator

    drawn = generator(seed, "design")
    shares: NDArray[np.float64]
    if design == "lhs":
        shares = qmc.LatinHypercube(factors, rng=drawn).random(count)
    else:
        shares = qmc.Sobol(factors, scramble=True, rng=drawn).random_base2(count.bit_length() - 1)
    return shares


def _sampled(factor: Factor, shares: NDArray[np.float64], base: Scenario) -> NDArray[Any]:
    """Carry shares to a factor's scale; its levels, if it has any, are equally likely."""
    if factor.prior is None:
        levels = _column(factor, factor.levels, base)
        return levels[np.minimum((shares * len(levels)).astype(np.int64), len(levels) - 1)]
    what = input_of(factor.name, base)
    assert what is not None
    assert what.entry is not None, "only numbers have distributions"
    return quantile_of(what.entry, factor.prior, shares)


def clashes(base: Scenario, columns: Mapping[str, NDArray[Any]]) -> list[tuple[int, str]]:
    """Return points whose values do not go together: the place of each, and what is wrong.

    No more than the first few; the last of them says how many more there are.
    """
    varied = [name for name in TOGETHER if name in columns]
    if not varied:
        return []
    mean, sd = (np.asarray(columns.get(name, base.values[name]), np.float64) for name in TOGETHER)
    low, high = CARE_SHAPES
    shape = (mean / sd) ** 2
    wrong = np.flatnonzero(~((low <= shape) & (shape <= high)))
    found = []
    for place in wrong[:_SHOWN].tolist():
        values = {name: columns[name][place].item() for name in varied}
        shown = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        try:
            base.with_values(values)
        except InputError as error:
            text = error.messages[0].partition(": ")[2]
            found.append((place, f"point {place} ({shown}): {text}"))
    if found and len(wrong) > _SHOWN:
        place, text = found[-1]
        found[-1] = place, f"{text}; and at {len(wrong) - _SHOWN:,} more points"
    return found
