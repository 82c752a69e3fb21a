"""From the stored runs of scrambles to indices; one scramble's runs in memory at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.experiment.sensitivity import gates
from sim.experiment.sensitivity.design import Design
from sim.experiment.sensitivity.estimators import Estimates, estimate, estimate_spread
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.indices import Indices, combine
from sim.experiment.sensitivity.question import Question
from sim.experiment.sensitivity.reading import Read, read_runs
from sim.experiment.sensitivity.response import Bins, bins_of
from sim.experiment.sensitivity.split import SplitEstimates, estimate_split
from sim.experiment.store.stored import Stored


@dataclass(slots=True)
class Collected:
    """What the scrambles so far have given: variances, not runs.

    ``results`` are the ids of the sealed sweeps; ``runs`` counts theirs; ``weeks`` are the numbers
    of the stored weeks.
    """

    question: Question
    estimates: list[Estimates] = field(default_factory=list)
    spread: list[Estimates] = field(default_factory=list)
    split: list[SplitEstimates] = field(default_factory=list)
    weekly: list[Estimates] = field(default_factory=list)
    bins: list[Bins] = field(default_factory=list)
    weeks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    results: list[str] = field(default_factory=list)
    runs: int = 0

    def add(self, design: Design, stored: Stored) -> None:
        """Take up a sealed scramble. Raises as `sim.experiment.sensitivity.reading.read_runs`."""
        found = read_runs(stored, design, self.question.target, self.question.split)
        self._estimate(design, found)
        self.results.append(str(stored.result))
        self.runs += stored.plan.runs

    def _estimate(self, design: Design, found: Read) -> None:
        self.estimates.append(estimate(design, found.y))
        self.bins.append(bins_of(design, found.y))
        if self.question.spread:
            self.spread.append(estimate_spread(design, found.y))
        if found.again is not None:
            self.split.append(estimate_split(design, found.y, found.again))
        if found.weekly is not None:
            self.weekly.append(estimate(design, found.weekly))
            self.weeks = found.weeks

    def indices(self, scrambles: int | None = None) -> Indices:
        """Return the indices of the outcomes, of all or of the first scrambles."""
        some = slice(scrambles)
        return combine(
            self.estimates[some],
            self.question.outcomes,
            split=self.split[some],
            spread=self.spread[some],
        )

    def over_weeks(self) -> Indices | None:
        """Return the indices of the weekly series, None if they were not kept."""
        return combine(self.weekly, self.question.study.weekly) if self.weekly else None


def nothing_to_explain(outcomes: Sequence[str], y: Floats) -> None:
    """Raise InputError for outcomes (rows, replicates, outcomes) that are the same in all runs."""
    never = np.full(len(outcomes), -1)
    gates.something_to_explain(outcomes, y.min(axis=(0, 1)), y.max(axis=(0, 1)), never)
