"""The design: draws of the rules in pairs, organisations under each, two lucks of each of these.

The two draws of a pair meet the same organisations with the same luck, so that their difference is
the rules' doing and little else; each pair has organisations and luck of its own. So pairs are
independent of each other, and everything that is estimated has its interval over pairs.

A run of the design is a run of an ordinary plan: each organisation under each draw is a point of
two replicates, whose organisations are held (`Plan.between`). Nothing in the store knows of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.calibrate.posterior import Posterior
from sim.experiment.doubt.source import Given, posterior_of, refuse_set
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import canonical

LUCKS = 2
FEWEST, MOST = 2, 12
"""Organisations under a draw: two are needed to part them from chance, many serve draws less."""
FEWEST_PAIRS = 2
FEWEST_RUNS = 2 * FEWEST_PAIRS * FEWEST * LUCKS


@dataclass(frozen=True, slots=True)
class Shape:
    """How many of what: ``pairs`` of draws, ``organisations`` (runs) under each draw, two lucks."""

    pairs: int
    organisations: int

    @property
    def draws(self) -> int:
        """Number of draws of the rules."""
        return 2 * self.pairs

    @property
    def group(self) -> int:
        """Runs of a pair of draws."""
        return 2 * self.organisations * LUCKS

    @property
    def points(self) -> int:
        """Points of a plan that one point becomes."""
        return self.draws * self.organisations

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.pairs * self.group

    def array(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values (runs, ...) as (pairs, 2 draws, organisations, 2 lucks, ...)."""
        return values.reshape(self.pairs, 2, self.organisations, LUCKS, *values.shape[1:])


def shape_of(replicates: int) -> Shape:
    """Return the design of at most so many runs, as many as make whole pairs of draws.

    Organisations under a draw grow with the cube root of the runs, so that most runs go to more
    draws. Raises InputError for too few runs.
    """
    if replicates < FEWEST_RUNS:
        raise InputError(
            f"replicates: too few for a posterior (found {replicates}, allowed from {FEWEST_RUNS}: "
            f"{2 * FEWEST_PAIRS} draws of the rules x {FEWEST} organisations x {LUCKS} lucks)"
        )
    units = replicates // LUCKS
    organisations = min(max(FEWEST, round(units ** (1.0 / 3.0))), MOST)
    while units // (2 * organisations) < FEWEST_PAIRS:
        organisations -= 1
    return Shape(units // (2 * organisations), organisations)


class Design(Protocol):
    """Which draws of the rules runs have: a design to be run, or that of runs that are kept."""

    @property
    def shape(self) -> Shape:
        """How many of what."""
        ...

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        ...


@dataclass(frozen=True, eq=False)
class Kept:
    """The design of runs that are kept, as their manifest describes it."""

    told: Mapping[str, Any]

    @property
    def shape(self) -> Shape:
        """How many of what."""
        return Shape(self.told["pairs"], self.told["organisations"])

    def described(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        return dict(self.told)


@dataclass(frozen=True, eq=False)
class Nested:
    """A design with the draws of a posterior; ``asked`` is the number of runs asked for."""

    posterior: Posterior
    shape: Shape
    asked: int
    seed: int

    @cached_property
    def values(self) -> dict[str, NDArray[Any]]:
        """The draws: a column (draws,) for each rule."""
        drawn = self.posterior.equal(self.shape.draws, self.seed)
        return {name: np.array([one[name] for one in drawn]) for name in self.posterior.parameters}

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {
            "id": self.posterior.id,
            "parameters": list(self.posterior.parameters),
            "pairs": self.shape.pairs,
            "draws": self.shape.draws,
            "organisations": self.shape.organisations,
            "asked": self.asked,
            "provenance": json.loads(canonical(dict(self.posterior.provenance))),
        }


def nested(posterior: Posterior, replicates: int, seed: int) -> Nested:
    """Return the design of at most so many runs. Raises InputError for too few."""
    return Nested(posterior, shape_of(replicates), replicates, seed)


def crossed(plan: Plan, design: Nested) -> Plan:
    """Return a plan with each of its points run over a design: the same at every point.

    Rows are point by point, within a point draw by draw (the draws of a pair after each other),
    within a draw organisation by organisation. Raises ValueError for a plan that holds
    organisations already.
    """
    if plan.between is not None:
        raise ValueError("the plan holds what differs between organisations already")
    shape = design.shape
    draw, organisation = np.divmod(np.arange(shape.points), shape.organisations)
    path = draw // 2 * shape.organisations + organisation
    points: dict[str, NDArray[Any]] = {
        name: np.repeat(column, shape.points) for name, column in plan.points.items()
    }
    points |= {name: np.tile(column[draw], plan.count) for name, column in design.values.items()}
    paths = np.tile(path, plan.count).astype(np.int64)
    return replace(
        plan,
        points=points,
        first_replicate=LUCKS * paths,
        replicates=np.full(len(paths), LUCKS, np.int64),
        between=paths,
        study={**plan.study, "posterior": design.described()},
    )


def over(plan: Plan, given: Given | None) -> Plan:
    """Return the plan of a study run over draws of a posterior: over its own rules without.

    Its replicates are the runs of each point that were asked for. Raises InputError for a posterior
    that cannot be read, for a rule that the study sets or varies, and for too few replicates.
    """
    if given is None:
        return plan
    found = posterior_of(given)
    refuse_set(found, [*plan.points, *plan.base.differences()], "the study or its scenario")
    return crossed(plan, nested(found, int(plan.replicates[0]), plan.seed))


def shape_in(study: Mapping[str, Any]) -> Shape | None:
    """Return the design that a manifest's study was run over, None if it was over none."""
    found = design_in(study)
    return None if found is None else found.shape


def design_in(study: Mapping[str, Any]) -> Kept | None:
    """Return the design that a manifest's study was run over, None if it was over none."""
    found = study.get("posterior")
    return None if found is None else Kept(found)
