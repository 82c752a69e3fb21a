"""Shapley values of a game: who brings how much, when all that play together bring something.

A game of k players is a table of the 2^k coalitions, shape (runs, 2^k): bit i of a coalition's
number says whether player i is in it. Everything is linear in the table and is done run by run, so
what is true of Shapley values is true in each run: they add up to the gap between everybody and
nobody, and a player that changes nothing gets exactly 0.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapley(values: Floats) -> Floats:
    """Return the Shapley value of each player in each run, shape (runs, k).

    The mean of what a player adds to those before it, over all orders of joining (Shapley 1953,
    doi 10.1515/9781400881970-018). Raises ValueError for a table that is no game.
    """
    players = players_of(values)
    found = np.zeros((len(values), players))
    for i in range(players):
        without = _without(i, players)
        before = np.bitwise_count(without)
        weights = np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)])
        found[:, i] = (_gains(values, i, without) * weights[before]).sum(axis=1)
    return found


def alone(values: Floats) -> Floats:
    """Return what each player brings without any other, shape (runs, k)."""
    return _at(values, 0)


def on_top(values: Floats) -> Floats:
    """Return what each player brings when all others are there already, shape (runs, k)."""
    return _at(values, values.shape[1] - 1)


def gap(values: Floats) -> Floats:
    """Return what everybody brings against nobody, shape (runs,)."""
    return np.asarray(values[:, -1] - values[:, 0])


def players_of(values: Floats) -> int:
    """Return the number of players of a game. Raises ValueError for a table that is none."""
    coalitions: int = values.shape[1]
    players = coalitions.bit_length() - 1
    if coalitions != 1 << players:
        raise ValueError(f"a game has 2^k coalitions, not {coalitions}")
    return players


def _at(values: Floats, others: int) -> Floats:
    """Return what each player adds to those of a coalition who are not itself."""
    players = players_of(values)
    columns = [_gains(values, i, np.array([others & ~(1 << i)])) for i in range(players)]
    return np.concatenate([np.zeros((len(values), 0)), *columns], axis=1)


def _without(player: int, players: int) -> NDArray[np.int64]:
    numbers = np.arange(1 << players, dtype=np.int64)
    return np.asarray(numbers[(numbers >> player) & 1 == 0])


def _gains(values: Floats, player: int, without: NDArray[np.int64]) -> Floats:
    """Return what a player adds to coalitions: differences first, so that nothing stays 0."""
    return np.asarray(values[:, without | (1 << player)] - values[:, without])
