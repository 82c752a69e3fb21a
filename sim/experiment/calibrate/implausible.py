"""Which draws a first look rules out: history matching over a bank.

The implausibility of a draw is how far what the model gives lies from what was published, in
standard deviations of all that is not exact: the published number and the simulation. A draw is
ruled out if any target is more than three away (Craig et al. 1997, doi
10.1007/978-1-4612-2290-3_2; Vernon, Goldstein & Bower 2010, doi 10.1214/10-BA524). What the model
gives is that of a quadratic regression over the bank, so that no draw is ruled out by bad luck.
"""

from dataclasses import dataclass

import numpy as np

from sim.experiment.calibrate.abc import quadratic
from sim.experiment.calibrate.goals import Goals
from sim.experiment.calibrate.organisations import Floats

CUT = 3.0
"""Standard deviations beyond which a draw is implausible (Pukelsheim's three-sigma rule)."""


@dataclass(frozen=True, slots=True, eq=False)
class Implausible:
    """How far each draw is from each target.

    ``apart`` (draws, targets): in standard deviations; ``by_target``: share of the draws that each
    target rules out; ``ruled_out``: share that any does.
    """

    apart: Floats
    by_target: dict[str, float]
    ruled_out: float


def implausibility(places: Floats, scaled: Floats, goals: Goals) -> Implausible:
    """Return the implausibility of draws; ``scaled`` (draws, targets) are `Goals.scaled`."""
    terms = quadratic(places)
    slopes = np.linalg.lstsq(terms, scaled, rcond=None)[0]
    expected = terms @ slopes
    left = (scaled - expected).var(axis=0)
    apart = np.abs(expected - goals.values) / np.sqrt(goals.errors**2 + left)
    out = apart > CUT
    by_target = dict(zip(goals.names, out.mean(axis=0).tolist(), strict=True))
    return Implausible(apart, by_target, float(out.any(axis=1).mean()))
