"""Approximate Bayesian computation: the draws of a bank that come nearest, bent by a local line.

Nearest draws with Epanechnikov weights, and a local-linear regression of the parameters on the
summaries that carries each draw to what was observed (Beaumont, Zhang & Balding 2002, Genetics 162,
2025-2035). Parameters are places in their priors (0 to 1) on the logit scale, so that no draw
leaves its prior. Simulated summaries carry the sampling error of the published number.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from sim.errors import InputError
from sim.experiment.calibrate.organisations import Floats

MOST_PARAMETERS, MOST_SUMMARIES = 6, 10
EDGE = 1e-6
"""Places nearer to an end of a prior than this count as this."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Draws given an observation.

    ``places`` (accepted, parameters): 0 to 1 in the priors, after the regression; ``weights``
    (accepted,) add to 1. ``which`` (accepted,): the draws of the bank they come from, the nearest
    first; ``distances`` (accepted,): of these, in robust standard deviations of the summaries.
    """

    places: Floats
    weights: Floats
    which: np.ndarray
    distances: Floats

    @property
    def effective(self) -> float:
        """Effective number of draws: one over the sum of squared weights."""
        return float(1.0 / np.sum(self.weights**2))

    def mean(self) -> Floats:
        """Return the mean place of each parameter, (parameters,)."""
        return np.asarray(self.weights @ self.places)

    def variance(self) -> Floats:
        """Return the variance of each parameter's place, (parameters,)."""
        return np.asarray(self.weights @ (self.places - self.mean()) ** 2)


def fitted(
    places: Floats, summaries: Floats, observed: Floats, *, accept: int, without: int | None = None
) -> Fit:
    """Return the draws given an observation.

    Args:
        places: (draws, parameters), 0 to 1.
        summaries: (draws, summaries), with the published sampling error, none of them NaN.
        observed: (summaries,).
        accept: how many of the nearest draws.
        without: a draw that is left out, such as the one the observation was made of.

    Raises:
        InputError: too many parameters or summaries, or too few draws.

    """
    _check(places, summaries, accept)
    spread = spreads(summaries)
    distances = np.sqrt((((summaries - observed) / spread) ** 2).sum(axis=1))
    if without is not None:
        distances[without] = np.inf
    which = np.argpartition(distances, accept)[: accept + 1]
    which = which[np.argsort(distances[which], kind="stable")]
    width, which = distances[which[-1]], which[:-1]
    near = distances[which]
    weights = 1.0 - (near / width) ** 2 if width > 0.0 else np.ones(accept)
    weights = np.maximum(weights, 1e-12)
    moved = adjusted(places[which], (summaries[which] - observed) / spread, weights)
    return Fit(moved, weights / weights.sum(), which, near)


def spreads(summaries: Floats) -> Floats:
    """Return a robust standard deviation of each summary, (summaries,).

    It is 1.4826 median absolute deviations.
    """
    centre = np.median(summaries, axis=0)
    found = 1.4826 * np.median(np.abs(summaries - centre), axis=0)
    return np.asarray(np.where(found > 0.0, found, 1.0))


def quadratic(places: Floats) -> Floats:
    """Return the terms of a quadratic regression on places (draws, parameters), a column each.

    They are one, each place, each product of two.
    """
    count = places.shape[1]
    pairs = [places[:, i] * places[:, j] for i in range(count) for j in range(i, count)]
    return np.column_stack([np.ones(len(places)), places, *pairs])


def adjusted(places: Floats, apart: Floats, weights: Floats) -> Floats:
    """Return places carried along a weighted line to where nothing is ``apart`` any more.

    ``places`` (draws, parameters), ``apart`` (draws, summaries) and ``weights`` (draws,).
    """
    turned = logit(np.clip(places, EDGE, 1.0 - EDGE))
    design = np.column_stack([np.ones(len(apart)), apart])
    root = np.sqrt(weights)[:, None]
    slopes = np.linalg.lstsq(design * root, turned * root, rcond=1e-8)[0][1:]
    return np.asarray(expit(turned - apart @ slopes))


def _check(places: Floats, summaries: Floats, accept: int) -> None:
    problems = []
    if places.shape[1] > MOST_PARAMETERS:
        problems.append(f"parameters: too many (found {places.shape[1]}, allowed 1 to 6)")
    if not 1 <= summaries.shape[1] <= MOST_SUMMARIES:
        problems.append(f"summaries: out of range (found {summaries.shape[1]}, allowed 1 to 10)")
    fewest = 5 * (summaries.shape[1] + 1)
    if accept < fewest:
        problems.append(f"accept: too few for a regression (found {accept}, allowed {fewest:,} on)")
    if len(places) < 2 * accept:
        problems.append(
            f"draws: too few are possible (found {len(places):,}, allowed {2 * accept:,} or more)"
        )
    if problems:
        raise InputError(problems)
