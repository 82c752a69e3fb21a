"""Sobol' indices of any stochastic simulator, from the model to the lights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.sensitivity.design import Design, design_of, seeds_of
from sim.experiment.sensitivity.estimators import (
    FEWEST_FOR_SPREAD,
    Estimates,
    estimate,
    estimate_spread,
)
from sim.experiment.sensitivity.factor import Factor, Floats, Marginal, factors_of
from sim.experiment.sensitivity.indices import Indices, combine
from sim.experiment.sensitivity.lights import LIGHTS
from sim.experiment.sensitivity.split import SplitEstimates, estimate_split, split_of

Model = Callable[..., NDArray[Any]]
"""``model(points, seeds)``, or ``model(points, seeds, between)``: see `sobol_indices`."""


@dataclass(slots=True)
class _Found:
    """What the scrambles so far have given."""

    estimates: list[Estimates] = field(default_factory=list)
    spread: list[Estimates] = field(default_factory=list)
    split: list[SplitEstimates] = field(default_factory=list)

    def indices(self, outcomes: Sequence[str]) -> Indices:
        return combine(self.estimates, outcomes, split=self.split, spread=self.spread)


def sobol_indices(
    model: Model,
    factors: Mapping[str, Marginal] | Sequence[Factor],
    *,
    outcomes: Sequence[str],
    n: int = 512,
    scrambles: int = 8,
    replicates: int = 4,
    seed: int = 1,
    groups: Mapping[str, Sequence[str]] | None = None,
    second_order: bool = False,
    deterministic: bool = False,
    spread: bool = False,
    split: int = 0,
    until: str | None = None,
    most: int = 32,
) -> Indices:
    """Return which factors drive the outcomes of a stochastic simulator, and how sure that is.

    Only quantities that do not depend on how a model uses its random numbers are given: indices of
    first and total order of the *mean response*, and the share of chance.

    Args:
        model: takes points (rows, factors) and seeds (rows, replicates), whole numbers from 0 to
            2^63 - 1, and returns outcomes (rows, replicates, outcomes) or (rows, replicates, weeks,
            outcomes). A run must depend on nothing but its row's point and its seed.
        factors: distributions by name (anything with ``ppf``, a prior, or a list of levels), or
            `Factor` objects. They vary independently.
        outcomes: their names.
        n: lines of a scramble, a power of two.
        scrambles: independent scrambles; intervals are over these.
        replicates: runs of each point; `best_replicates` finds a good number.
        seed: of points and runs, 0 to 2^63 - 1.
        groups: names of factors that change together, by the name of the group.
        second_order: also what pairs do together; costs n (2 D + 2) instead of n (D + 2) rows.
        deterministic: the model has no chance: one replicate.
        spread: also what drives the variance between runs; needs four replicates.
        split: lines of each scramble on which chance is parted into organisations and the rest, at
            ``split`` x replicates more runs. The model then takes a third argument, the seeds of
            what differs between organisations (rows, replicates).
        until: "screening", "ranking" or "values": add scrambles until this light is green for all
            outcomes, up to ``most`` of them.
        most: largest number of scrambles.

    Raises:
        InputError: wrong arguments; runs that are missing or not finite; outcomes that are the same
            in all runs, or that happen (or fail to happen) fewer than ten times.

    """
    checked = factors_of(factors)
    _check(outcomes, scrambles, replicates, spread=spread, until=until, most=most)
    found = _Found()
    indices: Indices | None = None
    last = scrambles if until is None else max(scrambles, most)
    for number in range(last):
        design = design_of(
            checked, n, number, replicates, seed,
            second_order=second_order, groups=groups, deterministic=deterministic,
        )  # fmt: skip
        _add(found, model, design, len(outcomes), spread=spread, split=split)
        if number + 1 >= scrambles:
            indices = found.indices(outcomes)
            if until and all(getattr(one, until).state == "green" for one in indices.lights):
                break
    assert indices is not None
    return indices


def _check(
    outcomes: Sequence[str],
    scrambles: int,
    replicates: int,
    *,
    spread: bool,
    until: str | None,
    most: int,
) -> None:
    problems = []
    if isinstance(outcomes, str) or not outcomes:
        problems.append(f"outcomes: must list at least one name (found {outcomes!r})")
    if scrambles < 1:
        problems.append(f"scrambles: out of range (found {scrambles}, allowed 1 or more)")
    if spread and replicates < FEWEST_FOR_SPREAD:
        problems.append(
            f"replicates: too few for spread (found {replicates}, "
            f"allowed {FEWEST_FOR_SPREAD} or more)"
        )
    if until is not None and until not in LIGHTS:
        problems.append(f"until: no such light (found {until!r}, allowed {', '.join(LIGHTS)})")
    if until is not None and most < scrambles:
        problems.append(f"most: below scrambles (found {most} and {scrambles})")
    if problems:
        raise InputError(problems)


def _add(
    found: _Found, model: Model, design: Design, outcomes: int, *, spread: bool, split: int
) -> None:
    """Run a scramble and keep its variances; its outcomes are forgotten."""
    y = _run(model, design, outcomes, parted=split > 0)
    found.estimates.append(estimate(design, y))
    if spread:
        found.spread.append(estimate_spread(design, y))
    if split > 0:
        parted = split_of(design, split)
        seeds = seeds_of(parted.first_replicate, parted.replicates, design.seed)
        between = seeds_of(parted.first_between, parted.replicates, design.seed, between=True)
        again = np.asarray(model(parted.points, seeds, between), np.float64)
        found.split.append(estimate_split(design, y, again))


def _run(model: Model, design: Design, outcomes: int, *, parted: bool) -> Floats:
    """Run a design on a model; raises InputError if the model returns another shape."""
    seeds = seeds_of(design.first_replicate, design.replicates, design.seed)
    if parted:
        numbers = design.first_replicate, design.replicates, design.seed
        y = model(design.points, seeds, seeds_of(*numbers, between=True))
    else:
        y = model(design.points, seeds)
    shape: tuple[int, ...] = getattr(y, "shape", ())
    if len(shape) not in (3, 4) or shape[:2] != seeds.shape or shape[-1] != outcomes:
        raise InputError(
            f"model: must return an array {(*seeds.shape, outcomes)} (rows, replicates, outcomes), "
            f"or with weeks before the outcomes (found {shape or 'no array'})"
        )
    return y
