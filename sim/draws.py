"""Keyed random numbers: every draw is a pure function of who asks, for what, and which time.

Nothing is drawn "next". A draw is addressed by a path of integers (seed, replicate, organisation,
role, post, occupant, stream, occurrence), so two scenarios with one seed differ only where their
rules differ (common random numbers), and the order in which agents act cannot matter.

One step down the path is an output of SplitMix64 (Steele, Lea & Flood 2014,
doi 10.1145/2660193.2660195): ``child(key, word)`` is output number ``word`` of the generator seeded
with ``key``. Each key is the hash of its whole path, never a sum of its parts, so neighbouring
seeds and neighbouring agents share nothing. `tests/unit/test_draws.py` holds the test battery.
"""

import hashlib
import math
from enum import IntEnum

import numpy as np
from numba.extending import overload

from sim.compiled import rule

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB
TWO_TO_MINUS_52 = 2.0**-52

MAX_SEED = (1 << 63) - 1


def seed_problems(seed: int) -> list[str]:
    """Return what is wrong with a seed, in words; nothing if it is one."""
    if 0 <= seed <= MAX_SEED:
        return []
    return [f"seed: {seed} is out of range (allowed 0 to 2^63 - 1)"]


class Stream(IntEnum):
    """What a draw is for. The numbers are part of every result: they never change."""

    CLARITY = 1
    MOTIVATION = 2
    LOAD = 3
    TRUST = 4
    ALIGNMENT = 5
    ENGAGEMENT = 6
    TRAIN = 10
    START = 11
    LAPSE = 12
    LEAVE = 13
    STOP = 14
    NETWORK = 20
    CARE = 30
    RESIDUAL = 31
    AFFINITY = 32
    INVITE = 33
    ACCEPT = 34
    DROPOUT = 35


class Branch(IntEnum):
    """First steps of the path below a run or an organisation. The numbers never change."""

    BETWEEN = 1
    ORGANISATION = 2
    MANAGER = 3
    LEAD = 4
    CLINICIAN = 5
    PATIENT = 6


def child(key: int, word: int) -> int:
    """Return the key (0 .. 2^64 - 1) one step below ``key`` along ``word`` (0 .. 2^64 - 1)."""
    z = (int(key) + (int(word) + 1) * GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * FIRST) & MASK
    z = ((z ^ (z >> 27)) * SECOND) & MASK
    return z ^ (z >> 31)


@overload(child, inline="never")
def _compiled_child(key, word):  # type: ignore[no-untyped-def]
    """Compiled twin of `child`: numba's uint64 wraps by itself; tested equal on 10^6 keys."""
    golden, first, second = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)
    one, s30, s27, s31 = np.uint64(1), np.uint64(30), np.uint64(27), np.uint64(31)

    def twin(key, word):  # type: ignore[no-untyped-def]
        z = np.uint64(key) + (np.uint64(word) + one) * golden
        z = (z ^ (z >> s30)) * first
        z = (z ^ (z >> s27)) * second
        return z ^ (z >> s31)

    return twin


def to_uniform(bits: int) -> float:
    """Turn 64 random bits into a number strictly between 0 and 1 (52 bits, both ends open)."""
    return ((int(bits) >> 12) + 0.5) * TWO_TO_MINUS_52


@overload(to_uniform)
def _compiled_to_uniform(bits):  # type: ignore[no-untyped-def]
    twelve = np.uint64(12)

    def twin(bits):  # type: ignore[no-untyped-def]
        return (np.float64(bits >> twelve) + 0.5) * TWO_TO_MINUS_52

    return twin


def uniform(key: int, stream: int, occurrence: int) -> float:
    """Return the uniform draw in (0, 1) of an agent's ``stream``, number ``occurrence``."""
    return to_uniform(child(key, int(stream) * 4294967296 + int(occurrence)))


@overload(uniform)
def _compiled_uniform(key, stream, occurrence):  # type: ignore[no-untyped-def]
    def twin(key, stream, occurrence):  # type: ignore[no-untyped-def]
        word = np.int64(stream) * 4294967296 + np.int64(occurrence)
        return to_uniform(child(key, word))  # type: ignore[arg-type]

    return twin


def clock(key: int, stream: int, occurrence: int) -> float:
    """Return the unit-exponential threshold of one spell at risk (MODEL: clocks)."""
    return -math.log(uniform(key, stream, occurrence))


@overload(clock)
def _compiled_clock(key, stream, occurrence):  # type: ignore[no-untyped-def]
    def twin(key, stream, occurrence):  # type: ignore[no-untyped-def]
        return -math.log(uniform(key, stream, occurrence))

    return twin


@rule
def run_key(seed: int, replicate: int) -> int:
    """Return the key of one run. The seed is hashed first: neighbouring seeds share nothing."""
    return child(child(seed, 0), replicate)


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the numpy generator for one named purpose of an analysis (scramble, bootstrap)."""
    word = int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "big")
    return np.random.Generator(np.random.PCG64(child(child(seed, 1), word)))
