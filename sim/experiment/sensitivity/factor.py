"""Factors of a sensitivity analysis: a name, and how likely each value is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design.marginals import quantile
from sim.parameters import Prior
from sim.wording import meant, show

Floats = NDArray[np.float64]


@runtime_checkable
class Quantiles(Protocol):
    """A distribution with a quantile function, as the frozen ones of scipy.stats."""

    def ppf(self, q: Any, /) -> Any:
        """Return the values below which the shares ``q`` (0 to 1) of the distribution lie."""


Marginal = Quantiles | Prior | Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """An input that varies, independently of the others.

    ``marginal`` is a distribution (anything with ``ppf``, or a prior of the registry) or a sequence
    of levels; these are equally likely, unless ``weights`` says how likely each is. Levels that are
    not all numbers (rule variants, networks) stand in the arrays of points as 0, 1, 2, ...
    """

    name: str
    marginal: Marginal
    weights: tuple[float, ...] | None = None

    def values(self, shares: Floats) -> Floats:
        """Return the values (or numbers of the levels) at shares strictly between 0 and 1."""
        if isinstance(self.marginal, Prior):
            return quantile(self.marginal, shares, -math.inf, math.inf)
        if isinstance(self.marginal, Quantiles):
            return np.asarray(self.marginal.ppf(shares), np.float64)
        levels = self.marginal
        weights = np.ones(len(levels)) if self.weights is None else np.array(self.weights)
        ends = np.cumsum(weights)[:-1] / weights.sum()
        places = np.searchsorted(ends, shares, side="right")
        return np.array(levels, np.float64)[places] if _numeric(levels) else places.astype(float)

    def column(self, values: Floats) -> NDArray[Any]:
        """Return values of a design as what the model takes: levels as they were given."""
        if isinstance(self.marginal, Prior | Quantiles):
            return values
        levels = np.array(self.marginal)
        return (
            values.astype(levels.dtype) if _numeric(self.marginal) else levels[values.astype(int)]
        )


Groups = tuple[tuple[str, tuple[int, ...]], ...]
"""What indices are of: a name and the columns that change together."""


def factors_of(factors: Mapping[str, Marginal] | Sequence[Factor]) -> tuple[Factor, ...]:
    """Return checked factors, from themselves or from marginals by name.

    Raises InputError with every problem found.
    """
    if isinstance(factors, Mapping):
        factors = [Factor(name, marginal) for name, marginal in factors.items()]
    problems = [f"{factor.name}: {text}" for factor in factors for text in _wrong(factor)]
    names = [factor.name for factor in factors]
    problems += [f"{name}: given twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if not names:
        problems.append("factors: needs at least one")
    if problems:
        raise InputError(problems)
    return tuple(factors)


def groups_of(
    factors: Sequence[Factor], groups: Mapping[str, Sequence[str]] | None = None
) -> Groups:
    """Return the groups with the columns of their factors; who is in none stands alone.

    They come in the order of their first factor. Raises InputError with every problem found.
    """
    names = [factor.name for factor in factors]
    owner: dict[str, str] = {}
    problems = []
    for group, members in (groups or {}).items():
        if group in names and tuple(members) != (group,):
            problems.append(f"groups.{group}: a factor has this name")
        if not members or isinstance(members, str):
            problems.append(
                f"groups.{group}: must list at least one factor (found {show(members)})"
            )
            continue
        for name in members:
            if name not in names:
                hint = meant(name, names)
                problems.append(f"groups.{group}: no such factor (found {show(name)}){hint}")
            elif name in owner:
                problems.append(f"groups.{group}: {name} is in {owner[name]} already")
            else:
                owner[name] = group
    if problems:
        raise InputError(problems)
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        columns.setdefault(owner.get(name, name), []).append(place)
    return tuple((name, tuple(places)) for name, places in columns.items())


def _numeric(levels: Sequence[Any]) -> bool:
    return all(isinstance(level, int | float | np.number) for level in levels)


def _wrong(factor: Factor) -> list[str]:
    """Return what is wrong with a factor."""
    if not isinstance(factor.marginal, Prior | Quantiles):
        return _wrong_levels(factor.marginal, factor.weights)
    if factor.weights is not None:
        return ["weights are for levels"]
    try:
        inside = factor.values(np.array([0.25, 0.5, 0.75]))
    except (TypeError, ValueError) as error:
        return [f"its distribution gives no quantiles ({error})"]
    if inside.shape != (3,) or not np.all(np.isfinite(inside)):
        return ["its distribution has quantiles that are no finite numbers"]
    return [] if inside[0] <= inside[1] <= inside[2] else ["its quantiles do not rise"]


def _wrong_levels(levels: object, weights: tuple[float, ...] | None) -> list[str]:
    if isinstance(levels, str) or not isinstance(levels, Sequence):
        return [f"must be a distribution with ppf or a list of levels (found {show(levels)})"]
    found = []
    if len(levels) < 2:
        found.append(f"needs at least two levels (found {len(levels)})")
    if len(set(levels)) < len(levels):
        found.append("a level is given twice; weights say how likely each is")
    if _numeric(levels) and not np.all(np.isfinite(np.array(levels, np.float64))):
        found.append("levels must be finite")
    if weights is not None and len(weights) != len(levels):
        found.append(f"needs a weight for each level (found {len(weights)} for {len(levels)})")
    elif weights is not None and not all(0.0 < weight < math.inf for weight in weights):
        found.append("weights must be positive and finite")
    return found
