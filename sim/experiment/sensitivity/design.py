"""Designs of Sobol' indices: which points, and which replicates each of them runs.

A scramble is one randomised Sobol' sequence (Owen 1998, doi 10.1006/jcom.1998.0487) of 2 D
dimensions: its halves are the rows of A and of B. AB_i is A with the columns of group i from B;
BA_i is B with those columns from A (Saltelli 2002, doi 10.1016/S0010-4655(02)00280-1).

What a row shares decides what can be said of a stochastic model: line n of A and of every AB_i run
the *same* replicates, so that their differences are the factors' doing; line n of B and of every
BA_i run others, so that products of the two hold no noise. No two lines and no two scrambles have a
replicate in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import child, generator, run_key, seed_problems
from sim.errors import InputError
from sim.experiment.sensitivity.factor import Factor, Floats, Groups, groups_of

PILOT = 2**20
"""Number of the scramble for a pilot: none of its replicates belongs to a main run."""

MAX_LINES, MAX_REPLICATES = 2**20, 2**10


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The runs of one scramble.

    Rows come in blocks of ``n`` lines: A, B, AB of each group in order, then, for second order, BA
    of each group. ``points`` (rows, factors) are the inputs; row r runs the replicates
    ``first_replicate[r]`` to ``first_replicate[r] + replicates - 1``. ``key`` is the same for all
    scrambles of one analysis and for no other.
    """

    factors: tuple[Factor, ...]
    groups: Groups
    n: int
    scramble: int
    replicates: int
    seed: int
    second_order: bool
    points: Floats
    first_replicate: NDArray[np.int64]
    key: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what the indices are of."""
        return tuple(name for name, _ in self.groups)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The labels of the blocks of rows."""
        swapped = tuple(f"AB {name}" for name in self.names)
        back = tuple(f"BA {name}" for name in self.names) if self.second_order else ()
        return ("A", "B", *swapped, *back)

    def label(self, row: int) -> str:
        """Return where a row stands, for messages."""
        return f"row {row} ({self.blocks[row // self.n]}, line {row % self.n})"

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the inputs by name, each as the model takes it (levels as they were given)."""
        return {
            factor.name: factor.column(self.points[:, place])
            for place, factor in enumerate(self.factors)
        }


def design_of(
    factors: Sequence[Factor],
    n: int,
    scramble: int,
    replicates: int,
    seed: int,
    *,
    second_order: bool = False,
    groups: Mapping[str, Sequence[str]] | None = None,
    deterministic: bool = False,
) -> Design:
    """Return the runs of scramble number ``scramble``; a pure function of its arguments.

    ``factors`` have been checked by `factors_of`; ``n`` lines, a power of two. It costs
    n (G + 2) replicates runs for G groups, n (2 G + 2) replicates with second order. One replicate
    is enough only for a ``deterministic`` model. Raises InputError with every problem found.
    """
    factors = tuple(factors)
    members = groups_of(factors, groups)
    _check(n, scramble, replicates, seed, deterministic=deterministic)
    shares = sobol_points(2 * len(factors), n, seed, f"sobol {scramble}")
    ordinary, other = np.split(shares, 2, axis=1)
    a, b = to_points(factors, ordinary), to_points(factors, other)
    blocks = [a, b, *(_swapped(a, b, places) for _, places in members)]
    if second_order:
        blocks += [_swapped(b, a, places) for _, places in members]
    # Three ranges of numbers: for A, for B, and one for `split_of`.
    own = 3 * n * replicates * scramble + replicates * np.arange(n, dtype=np.int64)
    others = own + n * replicates
    first = [own, others] + [own] * len(members)
    if second_order:
        first += [others] * len(members)
    key = _key(factors, members, n, replicates, seed, second_order)
    return Design(
        factors, members, n, scramble, replicates, seed, second_order,
        np.concatenate(blocks), np.concatenate(first), key,
    )  # fmt: skip


def sobol_points(dimensions: int, n: int, seed: int, purpose: str) -> Floats:
    """Return scrambled Sobol' points strictly inside the unit cube, shape (n, dimensions)."""
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=True, rng=generator(seed, purpose))
    shares: Floats = engine.random_base2(n.bit_length() - 1)
    # The middle of the finest cell: an unbounded distribution has no value at 0.
    middles: Floats = shares + 0.5 * 2.0**-engine.bits
    return middles


def to_points(factors: Sequence[Factor], shares: Floats) -> Floats:
    """Carry points of the unit cube to the factors' scales; raises InputError if one is no number.

    Shapes are (rows, factors).
    """
    points = np.stack(
        [factor.values(shares[:, place]) for place, factor in enumerate(factors)], axis=1
    )
    problems = [
        f"{factor.name}: its distribution has no finite value at the share "
        f"{shares[int(np.argmin(np.isfinite(points[:, place]))), place]:g}"
        for place, factor in enumerate(factors)
        if not np.all(np.isfinite(points[:, place]))
    ]
    if problems:
        raise InputError(problems)
    return points


def seeds_of(
    first_replicate: NDArray[np.int64], replicates: int, seed: int, *, between: bool = False
) -> NDArray[np.int64]:
    """Return the seeds (0 to 2^63 - 1) of runs, shape (rows, replicates).

    A replicate number has two: of all its chance, and, with ``between``, of what differs between
    organisations, for models that can hold the one while the other changes.
    """
    numbers = first_replicate[:, None] + np.arange(replicates, dtype=np.int64)
    different, places = np.unique(numbers, return_inverse=True)
    keys = [run_key(seed, number) for number in different.tolist()]
    if between:
        keys = [child(key, 0) for key in keys]
    seeds: NDArray[np.int64] = np.array([key >> 1 for key in keys], np.int64)
    return np.asarray(seeds[places.reshape(numbers.shape)])


def _swapped(here: Floats, there: Floats, places: tuple[int, ...]) -> Floats:
    mixed = here.copy()
    mixed[:, places] = there[:, places]
    return mixed


def _check(n: int, scramble: int, replicates: int, seed: int, *, deterministic: bool) -> None:
    problems = []
    if type(n) is not int or not 2 <= n <= MAX_LINES or n & (n - 1):
        problems.append(f"n: must be a power of two (found {n}, allowed 2 to {MAX_LINES:,})")
    if not 0 <= scramble <= PILOT:
        problems.append(f"scramble: out of range (found {scramble}, allowed 0 to {PILOT:,})")
    if not 1 <= replicates <= MAX_REPLICATES:
        problems.append(
            f"replicates: out of range (found {replicates}, allowed 2 to {MAX_REPLICATES:,})"
        )
    elif deterministic and replicates != 1:
        problems.append(f"replicates: a deterministic model needs one (found {replicates})")
    elif not deterministic and replicates == 1:
        problems.append(
            "replicates: one cannot tell the factors from chance (found 1, allowed 2 or more); "
            "for a model without chance say deterministic=True"
        )
    problems += seed_problems(seed)
    if problems:
        raise InputError(problems)


def _key(
    factors: tuple[Factor, ...], groups: Groups, n: int, replicates: int, seed: int, second: bool
) -> str:
    """Return the hash of what all scrambles of an analysis have in common."""
    shares = np.arange(1, 16) / 16
    text = repr((groups, n, replicates, seed, second, [factor.name for factor in factors]))
    levels = [factor.column(factor.values(shares)).tolist() for factor in factors]
    return blake2b(f"{text}{levels}".encode(), digest_size=16).hexdigest()
