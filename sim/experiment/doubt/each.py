"""Runs that have a draw of the rules each: the same draw at every point of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.experiment.runs.plan import Plan

Ints = NDArray[np.int64]


class Draws(Protocol):
    """Draws of the rules: a posterior, or those of runs that are kept."""

    @property
    def id(self) -> str:
        """Hash of the posterior's draws and weights."""
        ...

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the rules."""
        ...

    def equal(self, count: int, seed: int) -> list[dict[str, Any]]:
        """Return so many draws that count alike."""
        ...


@dataclass(frozen=True, eq=False)
class Kept:
    """The draws of runs that are kept: of each run of a plan's first point."""

    id: str
    parameters: tuple[str, ...]
    plan: Plan

    def equal(self, count: int, seed: int) -> list[dict[str, Any]]:
        """Return the draws of the first ``count`` runs, whatever the seed."""
        columns = {name: self.plan.points[name][:count] for name in self.parameters}
        return [{name: column[k].item() for name, column in columns.items()} for k in range(count)]


def each_its_own(
    points: Mapping[str, NDArray[Any]], count: int, draws: Sequence[Mapping[str, Any]], first: int
) -> tuple[dict[str, NDArray[Any]], Ints, Ints]:
    """Return a plan's points, first replicates and replicates with a run's draw at every point.

    Args:
        points: a column for each factor, of ``count`` values.
        count: points.
        draws: the rules of replicate ``first``, of the next, and so on; empty ones: the scenario's.
        first: the first replicate of every point.

    Draws make each run a point of its own, point by point. Without them a point keeps its runs.

    """
    runs = len(draws)
    if not draws[0]:
        return dict(points), np.full(count, first, np.int64), np.full(count, runs, np.int64)
    columns = {name: np.repeat(column, runs) for name, column in points.items()}
    for name in draws[0]:
        columns[name] = np.tile(np.array([draw[name] for draw in draws]), count)
    replicates = np.tile(first + np.arange(runs, dtype=np.int64), count)
    return columns, replicates, np.ones(count * runs, np.int64)
