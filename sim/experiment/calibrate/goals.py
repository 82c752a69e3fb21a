"""What a calibration aims at: the fitted targets on the scales on which they are compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiment.calibrate.organisations import Bools, Floats
from sim.experiment.calibrate.targets import Target

FEWEST = 30
"""Sites or people on which a number must rest to be fitted. Fewer say hardly more than the prior,
and their noise in a distance hides the other summaries; predictive checks look at them."""


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """Targets on the scale of the fit.

    ``values`` (valued,) and ``errors`` (valued,): the published numbers that have a standard error,
    and these; ``valued`` and ``bounded`` name the columns of summaries that have a number and those
    that are bounds; ``low`` and ``high`` (bounded,) are on the targets' own scales.
    """

    targets: tuple[Target, ...]
    valued: tuple[int, ...]
    values: Floats
    errors: Floats
    bounded: tuple[int, ...]
    low: Floats
    high: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the targets with a number."""
        return tuple(self.targets[k].name for k in self.valued)

    def scaled(self, found: Floats, size: int) -> Floats:
        """Return the summaries that have a number, on the scales of the fit: (draws, valued).

        A share of a population of ``size`` that is 0 or 1 counts as half an organisation more or
        less, so that its log odds are finite.
        """
        columns = []
        for k in self.valued:
            values = found[:, k]
            transform = self.targets[k].transform
            if transform == "logit":
                inside = np.clip(values, 0.5 / size, 1.0 - 0.5 / size)
                values = np.log(inside / (1.0 - inside))
            elif transform == "log":
                values = np.log(values)
            columns.append(values)
        return np.stack(columns, axis=1)

    def possible(self, found: Floats) -> Bools:
        """Return which draws (draws,) are within all bounds and undefined in nothing."""
        bounded = found[:, list(self.bounded)]
        inside = ((bounded >= self.low) & (bounded <= self.high)).all(axis=1)
        return np.asarray(inside & ~np.isnan(found[:, list(self.valued)]).any(axis=1))


def goals_of(targets: Sequence[Target]) -> Goals:
    """Return what to aim at: a number where there is one with its error, else the bounds.

    A target that rests on fewer than `FEWEST` is left out.
    """
    errors = [target.standard_error() for target in targets]
    enough = [k for k, target in enumerate(targets) if target.n is None or target.n >= FEWEST]
    valued = tuple(k for k in enough if errors[k] is not None)
    bounded = tuple(k for k in enough if errors[k] is None)
    values = [targets[k].scaled(float(targets[k].value or 0.0)) for k in valued]
    return Goals(
        tuple(targets),
        valued,
        np.array(values),
        np.array([errors[k] for k in valued], float),
        bounded,
        np.array([targets[k].low for k in bounded]),
        np.array([targets[k].high for k in bounded]),
    )
