"""Simulated organisations as summaries read them: arrays with one row for each organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.calibrate.fates import fates_of
from sim.outcomes import plain
from sim.simulate import Result

Floats = NDArray[np.float64]

OUTCOMES = ("go_live_week", "start_week", "competence_week", "adoption", "reach", "completion")
SERIES = ("adoption", "first_use", "trained", "stopped", "started", "journey_fit")


@dataclass(frozen=True, slots=True, eq=False)
class Organisations:
    """Organisations of one arm.

    ``outcomes``: (organisations,) by name, NaN = never or undefined. ``weekly``: (organisations,
    weeks) by name, the state at the end of each week. ``spans``: (organisations, phases, 2), weeks
    to the opening and to the end of each of ``phases``; those that recur are left out.
    ``fates``: (organisations, 3), see `sim.experiment.calibrate.fates`; None without events.
    """

    weeks: int
    phases: tuple[str, ...]
    outcomes: Mapping[str, Floats]
    weekly: Mapping[str, Floats]
    spans: Floats
    fates: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """Number of organisations."""
        return len(self.spans)

    def take(self, which: NDArray[np.bool_]) -> "Organisations":
        """Return some of the organisations."""
        return Organisations(
            self.weeks,
            self.phases,
            {name: values[which] for name, values in self.outcomes.items()},
            {name: values[which] for name, values in self.weekly.items()},
            self.spans[which],
            None if self.fates is None else self.fates[which],
        )


def organisations_of(result: Result) -> Organisations:
    """Return the organisations of runs that hold one each. Raises ValueError for others."""
    if result.organisations != 1:
        raise ValueError("summaries need runs of one organisation: weekly series are means")
    series = plain(result.weekly)
    places = {name: k for k, name in enumerate(result.weekly.dtype.names or ())}
    once = [k for k, phase in enumerate(result.scenario.phases) if not phase.recurs]
    numbers = {name: k for k, name in enumerate(result.names)}
    return Organisations(
        result.weeks,
        tuple(result.scenario.phases[k].name for k in once),
        {name: result.outcomes[:, 0, numbers[name]].copy() for name in OUTCOMES},
        {name: series[:, :, places[name]].copy() for name in SERIES},
        result.phase_spans[:, 0, once],
        None if result.events is None else fates_of(result),
    )


def joined(parts: Sequence[Organisations]) -> Organisations:
    """Return the organisations of several populations of one arm, in order."""
    first = parts[0]
    fates = [part.fates for part in parts if part.fates is not None]
    return Organisations(
        first.weeks,
        first.phases,
        {name: np.concatenate([part.outcomes[name] for part in parts]) for name in first.outcomes},
        {name: np.concatenate([part.weekly[name] for part in parts]) for name in first.weekly},
        np.concatenate([part.spans for part in parts]),
        np.concatenate(fates) if fates else None,
    )
