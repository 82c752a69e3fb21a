"""RELIABILITY.md, promise 16: keyed draws are known, equal on both engines, and uncorrelated."""

import hashlib
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare, kstest

from sim.compiled import compiled
from sim.draws import (
    MAX_SEED,
    Branch,
    Stream,
    child,
    clock,
    generator,
    run_key,
    to_uniform,
    uniform,
)
from tests.tolerances import AVALANCHE, BIT_BALANCE, CORRELATION, P_EXACT

MILLION = 1_000_000
MASK = (1 << 64) - 1


def test_known_answers_of_splitmix64() -> None:
    """Outputs 0, 1, 2 of the reference implementation (Vigna) for seed 0, and for another seed."""
    assert [child(0, word) for word in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]
    assert [child(1234567, word) for word in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_stream_numbers_never_change() -> None:
    assert {stream.name: int(stream) for stream in Stream} == {
        "CLARITY": 1,
        "MOTIVATION": 2,
        "LOAD": 3,
        "TRUST": 4,
        "ALIGNMENT": 5,
        "ENGAGEMENT": 6,
        "TRAIN": 10,
        "START": 11,
        "LAPSE": 12,
        "LEAVE": 13,
        "STOP": 14,
        "NETWORK": 20,
        "CARE": 30,
        "RESIDUAL": 31,
        "AFFINITY": 32,
        "INVITE": 33,
        "ACCEPT": 34,
        "DROPOUT": 35,
    }
    assert {branch.name: int(branch) for branch in Branch} == {
        "BETWEEN": 1,
        "ORGANISATION": 2,
        "MANAGER": 3,
        "LEAD": 4,
        "CLINICIAN": 5,
        "PATIENT": 6,
    }
    assert MAX_SEED == 2**63 - 1


def test_known_draws_never_change() -> None:
    """Frozen: a change of any of these changes every result ever published."""
    key = run_key(1, 0)
    assert key == child(child(1, 0), 0)
    assert uniform(key, Stream.START, 2) == to_uniform(child(key, (11 << 32) + 2))
    assert clock(key, Stream.START, 2) == -math.log(uniform(key, Stream.START, 2))


def test_known_generators_never_change() -> None:
    """Frozen likewise: scrambles and bootstraps of every result hang on these keys."""
    word = int.from_bytes(hashlib.blake2b(b"scramble", digest_size=8).digest(), "big")
    expected = np.random.Generator(np.random.PCG64(child(child(5, 1), word))).random(4)
    assert np.array_equal(generator(5, "scramble").random(4), expected)


# --- plain and compiled --------------------------------------------------------------------------


@compiled
def many_children(keys: Any, words: Any) -> Any:
    found = np.empty(len(keys), np.uint64)
    for k in range(len(keys)):
        found[k] = child(keys[k], words[k])
    return found


@compiled
def many_draws(keys: Any, streams: Any, occurrences: Any) -> Any:
    uniforms, clocks = np.empty(len(keys)), np.empty(len(keys))
    for k in range(len(keys)):
        uniforms[k] = uniform(keys[k], streams[k], occurrences[k])
        clocks[k] = clock(keys[k], streams[k], occurrences[k])
    return uniforms, clocks


@compiled
def many_to_uniform(bits: Any) -> Any:
    found = np.empty(len(bits))
    for k in range(len(bits)):
        found[k] = to_uniform(bits[k])
    return found


@compiled
def many_run_keys(seeds: Any, replicates: Any) -> Any:
    found = np.empty(len(seeds), np.uint64)
    for k in range(len(seeds)):
        found[k] = run_key(seeds[k], replicates[k])
    return found


def some_keys(n: int, purpose: str) -> NDArray[np.uint64]:
    return generator(0, purpose).integers(0, MASK, n, np.uint64, endpoint=True)


def test_plain_and_compiled_keys_are_equal() -> None:
    keys, words = some_keys(MILLION, "keys"), some_keys(MILLION, "words")
    words[: MILLION // 2] >>= np.uint64(30)  # words as they are used: stream and occurrence
    keys[:4], words[:4] = (0, 0, MASK, MASK), (0, MASK, 0, MASK)
    found = many_children(keys, words)
    plain = map(child, keys.tolist(), words.tolist())
    assert all(a == b for a, b in zip(found.tolist(), plain, strict=True))


def test_plain_and_compiled_draws_are_equal() -> None:
    n = MILLION // 5
    keys = some_keys(n, "draws")
    streams = np.array(list(Stream), np.int64)[(keys % np.uint64(len(Stream))).astype(int)]
    occurrences = (some_keys(n, "occurrences") >> np.uint64(40)).astype(np.int64)
    uniforms, clocks = many_draws(keys, streams, occurrences)
    who = zip(keys.tolist(), streams.tolist(), occurrences.tolist(), strict=True)
    for k, (key, stream, occurrence) in enumerate(who):
        assert uniforms[k] == uniform(key, stream, occurrence)
        assert clocks[k] == clock(key, stream, occurrence)


# --- the open interval ---------------------------------------------------------------------------


def test_uniform_is_strictly_between_0_and_1() -> None:
    extreme = [0, 1, (1 << 12) - 1, 1 << 12, 1 << 63, MASK - (1 << 12), MASK]
    found = many_to_uniform(np.array(extreme, np.uint64))
    for bits, compiled_value in zip(extreme, found.tolist(), strict=True):
        value = to_uniform(bits)
        assert value == compiled_value
        assert 0.0 < value < 1.0
        assert math.isfinite(-math.log(value))
        assert -math.log(value) > 0.0
        assert math.isfinite(math.log(value / (1.0 - value)))
    assert to_uniform(0) == 2.0**-53
    assert to_uniform(MASK) == 1.0 - 2.0**-53
    assert to_uniform(1 << 63) > 0.5 > to_uniform((1 << 63) - 1)


# --- statistics ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ways() -> dict[str, NDArray[np.uint64]]:
    """A million draws in a row along every step of a key's path."""
    count = np.arange(MILLION, dtype=np.uint64)
    zero, ones = np.zeros(MILLION, np.uint64), np.ones(MILLION, np.uint64)
    start = np.uint64(int(Stream.START) << 32)
    post = np.full(MILLION, child(run_key(1, 0), 5), np.uint64)
    agents = many_children(post, count)  # the posts of one organisation
    return {
        "seeds": many_children(many_run_keys(count, zero), start + zero),
        "replicates": many_children(many_run_keys(ones, count), start + zero),
        "agents": many_children(agents, start + zero),
        "occupants": many_children(many_children(agents[:1].repeat(MILLION), count), start + zero),
        "occurrences": many_children(agents[:1].repeat(MILLION), start + count),
        "streams": many_children(agents[:1].repeat(MILLION), count << np.uint64(32)),
    }


WAYS = ("seeds", "replicates", "agents", "occupants", "occurrences", "streams")


@pytest.mark.parametrize("way", WAYS)
def test_draws_are_uniform(ways: dict[str, NDArray[np.uint64]], way: str) -> None:
    draws = many_to_uniform(ways[way])
    assert kstest(draws, "uniform").pvalue > P_EXACT
    counts = np.bincount((draws * 1024).astype(int), minlength=1024)
    assert chisquare(counts).pvalue > P_EXACT
    low = np.bincount((ways[way] & np.uint64(1023)).astype(int), minlength=1024)
    assert chisquare(low).pvalue > P_EXACT
    assert len(np.unique(ways[way])) == MILLION


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lag", [1, 2, 7, 64])
def test_neighbours_are_uncorrelated(
    ways: dict[str, NDArray[np.uint64]], way: str, lag: int
) -> None:
    draws = many_to_uniform(ways[way])
    assert abs(np.corrcoef(draws[:-lag], draws[lag:])[0, 1]) < CORRELATION
    squares = (draws - 0.5) ** 2
    assert abs(np.corrcoef(squares[:-lag], squares[lag:])[0, 1]) < CORRELATION


@pytest.mark.parametrize("way", WAYS)
def test_pairs_fill_the_square(ways: dict[str, NDArray[np.uint64]], way: str) -> None:
    cells = (many_to_uniform(ways[way]) * 32).astype(int)
    counts = np.bincount(cells[0::2] * 32 + cells[1::2], minlength=1024)
    assert chisquare(counts).pvalue > P_EXACT


SEEDS = (0, 1, 2, 3, 1000, 1001, 2**32, 2**32 + 1, MAX_SEED - 1, MAX_SEED)


def test_neighbouring_seeds_and_replicates_share_nothing() -> None:
    """The same million agents under each seed: draws of one seed say nothing about another's."""
    count = np.arange(MILLION, dtype=np.uint64)
    word = np.full(MILLION, int(Stream.LEAVE) << 32, np.uint64)

    def draws(seed: int, replicate: int) -> NDArray[np.float64]:
        key = np.full(MILLION, run_key(seed, replicate), np.uint64)
        found: NDArray[np.float64] = many_to_uniform(many_children(many_children(key, count), word))
        return found

    table = [draws(seed, 0) for seed in SEEDS] + [draws(1, replicate) for replicate in (1, 2, 3)]
    found = np.corrcoef(np.array(table))
    assert np.abs(found - np.eye(len(table))).max() < CORRELATION
    # Agent k under one seed against agent k + 1 under the next.
    for one, other in pairwise(table):
        assert abs(np.corrcoef(one[:-1], other[1:])[0, 1]) < CORRELATION
        assert abs(np.corrcoef(one[1:], other[:-1])[0, 1]) < CORRELATION


def test_streams_of_one_agent_share_nothing() -> None:
    agents = many_children(np.full(MILLION, 77, np.uint64), np.arange(MILLION, dtype=np.uint64))
    table = [
        many_to_uniform(many_children(agents, np.full(MILLION, int(stream) << 32, np.uint64)))
        for stream in Stream
    ]
    found = np.corrcoef(np.array(table))
    assert np.abs(found - np.eye(len(table))).max() < CORRELATION


@pytest.mark.parametrize("way", WAYS)
def test_every_bit_is_balanced(ways: dict[str, NDArray[np.uint64]], way: str) -> None:
    for bit in range(64):
        share = float(np.mean((ways[way] >> np.uint64(bit)) & np.uint64(1)))
        assert abs(share - 0.5) < BIT_BALANCE, bit


@pytest.mark.parametrize("part", ["key", "word"])
def test_avalanche(part: str) -> None:
    """One flipped bit of a key or a word flips every bit of the result half of the time."""
    n = 62_500
    keys, words = some_keys(n, "avalanche keys"), some_keys(n, "avalanche words") >> np.uint64(26)
    usual = many_children(keys, words)
    for bit in range(64 if part == "key" else 38):
        flip = np.uint64(1) << np.uint64(bit)
        flipped = (
            many_children(keys ^ flip, words)
            if part == "key"
            else many_children(keys, words ^ flip)
        )
        changed = usual ^ flipped
        shares = [float(np.mean((changed >> np.uint64(k)) & np.uint64(1))) for k in range(64)]
        assert max(abs(share - 0.5) for share in shares) < AVALANCHE, bit


def test_thresholds_are_unit_exponential() -> None:
    keys = some_keys(MILLION, "thresholds")
    _, clocks = many_draws(keys, np.full(MILLION, int(Stream.TRAIN)), np.zeros(MILLION, np.int64))
    assert kstest(clocks, "expon").pvalue > P_EXACT


# --- generators ----------------------------------------------------------------------------------


def test_a_generator_is_a_function_of_seed_and_purpose() -> None:
    first = generator(0, "bootstrap").random(100)
    assert np.array_equal(first, generator(0, "bootstrap").random(100))
    for seed, purpose in ((0, "scramble"), (1, "bootstrap"), (MAX_SEED, "bootstrap"), (0, "")):
        other = generator(seed, purpose).random(100)
        assert not np.any(first == other)
    assert isinstance(generator(0, "bootstrap").bit_generator, np.random.PCG64)
