"""An outcome in the runs of a plan: values that are averaged, and values that are ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiment.compare.comparison import Runs
from sim.experiment.compare.paired import Floats, ratio_values
from sim.experiment.runs import columns
from sim.outcomes import kind_and_unit


@dataclass(frozen=True, slots=True)
class Measured:
    """An outcome in the runs of a plan: values that are averaged, and values that are ranked."""

    values: Floats
    ranks: Floats


def measured(runs: Runs, names: Sequence[str]) -> dict[str, Measured]:
    """Return each outcome per run, shape (runs,), NaN = undefined.

    In ranks *never*, and the cost per patient if nobody was reached, are infinite.
    """
    horizons = np.full(runs.replicates, float(runs.weeks))
    wanted = {*names, "cost", "patients_reached"}
    table = columns.run_values(runs.names, runs.outcomes, horizons, wanted)
    found = {}
    for name in names:
        values = table[name]
        ranks = np.where(np.isfinite(values), values, np.nan)
        kind, _ = kind_and_unit(name)
        if kind == "time":
            # Someone there at the very end and nobody ever have one restricted mean.
            ranks = np.where(table[f"{name}.share_reached"] == 0.0, np.inf, ranks)
        elif kind == "ratio":
            reached = table["patients_reached"]
            ranks = np.where(reached == 0.0, np.inf, ranks)
            values = ratio_values(table["cost"], reached)
        found[name] = Measured(values, ranks)
    return found
