"""Factors of a study as the estimators take them: distributions, whole numbers, choices."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design import factors as written
from sim.experiment.design.marginals import quantile_of
from sim.experiment.design.study import Study
from sim.experiment.design.varying import Input, input_of, typed
from sim.experiment.sensitivity.factor import Factor, Floats, factors_of
from sim.parameters import Parameter, Prior
from sim.scenario import Scenario

DESIGN = "sobol"
"""The design of a study that says from which distributions its factors come."""

_FEWEST_BETA = 0.5
"""Smallest sum of the shapes of a widened beta distribution; below, all of it is at the ends."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What an input's values are drawn from: within its bounds, whole numbers for a count."""

    entry: Parameter
    prior: Prior

    def ppf(self, q: Any, /) -> Floats | NDArray[np.int64]:
        """Return the values below which the shares ``q`` (0 to 1) lie."""
        return quantile_of(self.entry, self.prior, np.asarray(q, np.float64))


def factors_of_study(study: Study, width: float = 1.0) -> tuple[Factor, ...]:
    """Return the factors of a study for the estimators, in its order.

    Levels are equally likely. ``width`` scales distributions around their middle, see `scaled`;
    levels stay as they are. Raises InputError, with every problem, for a study of another design
    and for factors that do not vary.
    """
    if study.design != DESIGN:
        raise InputError(
            f"{study.name}: design: a sensitivity analysis draws factors from distributions "
            f'(found "{study.design}", allowed "{DESIGN}" with a number of points)'
        )
    return factors_of([_factor(one, study.base, width) for one in study.factors])


def columns_of(base: Scenario, columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return columns of a design as a plan holds them: int64 for a count, else as they are."""
    found = {}
    for name, values in columns.items():
        what = _input(name, base)
        if what.numeric and what.entry is not None:
            values = typed(what.entry, np.asarray(values, np.float64))
        found[name] = values
    return found


def points_of(factors: tuple[Factor, ...], columns: Mapping[str, NDArray[Any]]) -> Floats:
    """Return columns of a plan as the estimators hold them, (points, factors); see `Factor`.

    What is none of a factor's levels is -1.
    """
    found = []
    for factor in factors:
        values = np.asarray(columns[factor.name])
        if values.dtype.kind in "iufb":
            found.append(values.astype(np.float64))
            continue
        here = values[:, None] == np.asarray(factor.marginal)
        found.append(np.where(here.any(axis=1), here.argmax(axis=1), -1).astype(np.float64))
    return np.column_stack(found)


def scaled(prior: Prior, entry: Parameter, width: float) -> Prior:
    """Return a distribution ``width`` times as wide around its middle, cut to the allowed range.

    The middle of a uniform distribution is that of its ends, of a loguniform one their geometric
    mean, of the others their mean; their width is the standard deviation.
    """
    if width == 1.0:
        return prior
    a, b = prior.a, prior.b
    if prior.kind == "normal":
        return Prior("normal", a, b * width)
    if prior.kind == "beta":
        mean, size = a / (a + b), (a + b + 1.0) / width**2 - 1.0
        size = max(size, _FEWEST_BETA)
        return Prior("beta", mean * size, (1.0 - mean) * size)
    if prior.kind == "loguniform":
        middle, half = math.sqrt(a * b), (b / a) ** (width / 2.0)
        # A bound of 0 is out of reach of logarithms, and never met.
        return Prior("loguniform", max(middle / half, entry.low), min(middle * half, entry.high))
    middle, half = (a + b) / 2.0, (b - a) / 2.0 * width
    return Prior("uniform", max(middle - half, entry.low), min(middle + half, entry.high))


def _factor(one: written.Factor, base: Scenario, width: float) -> Factor:
    entry = _input(one.name, base).entry
    if one.prior is None or entry is None:
        return Factor(one.name, in_order(one.levels))
    return Factor(one.name, Distribution(entry, scaled(one.prior, entry, width)))


def in_order(levels: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return levels in rising order, a switch off before on; a choice in words as it is written.

    So an effect has the sign of the factor's rise, however somebody wrote its levels.
    """
    if any(isinstance(level, str) for level in levels):
        return levels
    return tuple(sorted(levels))


def _input(name: str, base: Scenario) -> Input:
    what = input_of(name, base)
    assert what is not None, "factors are checked when the study is read"
    return what
