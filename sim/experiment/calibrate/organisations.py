"""Simulated organisations as summaries read them: arrays with one row for each organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.calibrate.fates import fates_of
from sim.experiment.runs.columns import Block
from sim.kernel.rows import AFTER_GO_LIVE, AFTER_START
from sim.outcomes import plain
from sim.simulate import Result

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PHASES = ("onboarding", "journeys", "build", "train")
"""Phases of preparation: those that do not recur."""

CURVE = tuple(f"adoption_after_{weeks}" for weeks in AFTER_GO_LIVE)
RUNNING = f"running_after_{AFTER_START}"
TOOK = tuple(f"phase_weeks.{phase}" for phase in PHASES)

OUTCOMES = (
    *("go_live_week", "start_week", "competence_week", "stop_week"),
    *CURVE,
    RUNNING,
    *TOOK,
    *("adoption", "reach", "completion"),
)
"""Outcomes that summaries read: all that the fitted numbers need."""

SERIES = ("first_use", "trained", "started", "journey_fit")
"""Weekly series that some held-out and shown summaries read."""


@dataclass(frozen=True, slots=True, eq=False)
class Organisations:
    """Organisations of one arm.

    ``outcomes``: (organisations,) by name, NaN = never or undefined. ``weekly``: (organisations,
    weeks) by name, the state at the end of each week. ``spans``: (organisations, phases, 2), weeks
    to the opening and to the end of each of `PHASES`. ``fates``: (organisations, 3), see
    `sim.experiment.calibrate.fates`. The last three are None where they were not kept.
    """

    outcomes: Mapping[str, Floats]
    weekly: Mapping[str, Floats] | None = None
    spans: Floats | None = None
    fates: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """Number of organisations."""
        return len(self.outcomes[OUTCOMES[0]])

    @property
    def finished(self) -> Bools:
        """Which phases each organisation finished, (organisations, phases)."""
        return ~np.isnan(np.stack([self.outcomes[name] for name in TOOK], axis=1))

    def take(self, which: Bools | slice) -> "Organisations":
        """Return some of the organisations."""
        return Organisations(
            {name: values[which] for name, values in self.outcomes.items()},
            None if self.weekly is None else {k: v[which] for k, v in self.weekly.items()},
            None if self.spans is None else self.spans[which],
            None if self.fates is None else self.fates[which],
        )


def organisations_of(result: Result) -> Organisations:
    """Return the organisations of runs that hold one each. Raises ValueError for others."""
    if result.organisations != 1:
        raise ValueError("summaries need runs of one organisation: weekly series are means")
    return Organisations(
        _outcomes(result.names, result.outcomes),
        _weekly(result.weekly),
        result.phase_spans[:, 0, : len(PHASES)],
        None if result.events is None else fates_of(result),
    )


def organisations_of_block(block: Block) -> Organisations:
    """Return the organisations of a block of runs that hold one each and all went well."""
    return Organisations(
        _outcomes(block.names, block.outcomes),
        _weekly(block.weekly) if block.weekly.shape[1] else None,
        block.spans[:, 0, : len(PHASES)],
    )


def _outcomes(names: tuple[str, ...], values: Floats) -> dict[str, Floats]:
    return {name: values[:, 0, names.index(name)].copy() for name in OUTCOMES}


def _weekly(weekly: NDArray[np.void]) -> dict[str, Floats]:
    places = {name: k for k, name in enumerate(weekly.dtype.names or ())}
    numbers = plain(np.ascontiguousarray(weekly))
    return {name: numbers[:, :, places[name]].copy() for name in SERIES}


def joined(parts: Sequence[Organisations]) -> Organisations:
    """Return the organisations of several populations of one arm, in order."""
    weekly = [part.weekly for part in parts if part.weekly is not None]
    spans = [part.spans for part in parts if part.spans is not None]
    fates = [part.fates for part in parts if part.fates is not None]
    return Organisations(
        {name: np.concatenate([part.outcomes[name] for part in parts]) for name in OUTCOMES},
        {name: np.concatenate([one[name] for one in weekly]) for name in SERIES}
        if weekly
        else None,
        np.concatenate(spans) if spans else None,
        np.concatenate(fates) if fates else None,
    )
