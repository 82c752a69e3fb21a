"""Small simulators with exact sensitivity indices; all chance is a function of the seeds."""

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm, uniform

from sim.experiment.sensitivity.factor import Floats, Marginal
from sim.parameters import Prior

Seeds = NDArray[np.int64]

UNIT = Prior("uniform", 0.0, 1.0)


def units(count: int) -> dict[str, Marginal]:
    """Return factors x1, x2, ... with values in 0 to 1."""
    return {f"x{place + 1}": UNIT for place in range(count)}


def chance(seeds: Seeds, stream: NDArray[np.int64] | int = 0) -> Floats:
    """Return a uniform number a seed: SplitMix64 on arrays."""
    step = np.atleast_1d(stream).astype(np.uint64) + np.uint64(1)  # arrays wrap silently
    z = seeds.astype(np.uint64) + step * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52


def normal(seeds: Seeds, stream: NDArray[np.int64] | int = 0) -> Floats:
    """Return a standard normal number a seed."""
    return np.asarray(ndtri(chance(seeds, stream)))


# Without chance: points (rows, factors) to values (rows,).

ISHIGAMI: dict[str, Marginal] = {f"x{i}": uniform(-math.pi, 2 * math.pi) for i in (1, 2, 3)}
ISHIGAMI_FIRST = (0.313905191148, 0.442411144790, 0.0)
ISHIGAMI_TOTAL = (0.557588855210, 0.442411144790, 0.243683664062)

LINEAR: dict[str, Marginal] = {f"x{i}": norm() for i in (1, 2, 3)}

G_COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def ishigami(x: Floats) -> Floats:
    """Ishigami and Homma's function, a = 7, b = .1."""
    return np.asarray(np.sin(x[:, 0]) * (1 + 0.1 * x[:, 2] ** 4) + 7.0 * np.sin(x[:, 1]) ** 2)


def sobol_g(x: Floats) -> Floats:
    """Sobol's product function."""
    a = G_COEFFICIENTS
    return np.asarray(np.prod((np.abs(4.0 * x - 2.0) + a) / (1.0 + a), axis=1))


def sobol_g_closed(places: tuple[int, ...]) -> float:
    """Return the exact closed index of a group of the product function's factors."""
    single = 1.0 / 3.0 / (1.0 + G_COEFFICIENTS) ** 2
    inside = sum(
        math.prod(single[list(chosen)])
        for size in range(1, len(places) + 1)
        for chosen in combinations(places, size)
    )
    return float(inside / (np.prod(1.0 + single) - 1.0))


def linear(x: Floats) -> Floats:
    """Return 3 x1 + 2 x2 + x3."""
    return np.asarray(x @ np.array([3.0, 2.0, 1.0]))


# With chance: points (rows, factors) and seeds (rows, replicates) to (rows, replicates, outcomes).

HETERO_FIRST = np.array([16.0, 4.0, 0.0, 0.0]) / 23.0
HETERO_TOTAL = np.array([19.0, 7.0, 0.0, 0.0]) / 23.0
HETERO_NAIVE = np.array([32.0, 20.0, 13.0, 13.0]) / 36.0
HETERO_NOISE = 13.0 / 36.0


def hetero(points: Floats, seeds: Seeds, *, flip: bool = False) -> Floats:
    """Return 4 x1 + 2 x2 + 6 (x1 - .5)(x2 - .5) + (.5 + x3) e.

    With ``flip`` e changes its sign where x1 is below .5: the same law, coupled otherwise.
    """
    x1, x2, x3, _ = (points[:, [place]] for place in range(4))
    e = normal(seeds)
    e = e * np.sign(x1 - 0.5) if flip else e
    y = 4.0 * x1 + 2.0 * x2 + 6.0 * (x1 - 0.5) * (x2 - 0.5) + (0.5 + x3) * e
    return np.asarray(y[:, :, None])


def flipped(points: Floats, seeds: Seeds) -> Floats:
    """Return `hetero` with its other coupling."""
    return hetero(points, seeds, flip=True)


def bernoulli(points: Floats, seeds: Seeds) -> Floats:
    """Return 1 with chance .2 + .4 x1 + .2 x2, else 0."""
    p = 0.2 + 0.4 * points[:, [0]] + 0.2 * points[:, [1]]
    return (chance(seeds) < p).astype(float)[:, :, None]
