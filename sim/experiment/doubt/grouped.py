"""A stored sweep over draws of the rules, read as its own points again.

In the store each organisation under each draw is a point (`sim.experiment.doubt.nested`). Here a
point is one of the study's, and its rows are the means of its pairs of draws: they are independent
and weigh alike, so that all that is made of runs can be made of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.doubt.nested import Shape, shape_in
from sim.experiment.doubt.parts import Split, filled, measured, split_of
from sim.experiment.runs.plan import Plan
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.store.stored import Stored
from sim.outcomes import kind_and_unit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Grouped(Stored):
    """A result whose rows are means of pairs of draws; ``source`` holds the runs.

    ``plan`` has the study's points, each with as many replicates as there are pairs.
    """

    source: Stored
    shape: Shape

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """One row per point and pair of draws: means over its runs that are ok."""
        import pandas as pd

        found, ok = self.source.runs, self._ok
        points = np.repeat(np.arange(self.plan.count, dtype=np.int32), self.shape.pairs)
        columns: dict[str, Any] = {
            "point": points,
            "replicate": np.tile(np.arange(self.shape.pairs), self.plan.count),
            "status": "ok",
        }
        for name in found.columns.drop(list(columns)):
            values = np.where(ok, found[name].to_numpy(np.float64), np.nan)
            columns[name] = _means(values.reshape(-1, self.shape.group))
        return pd.DataFrame(columns)

    def complete(self, *, allow_failed: bool = False) -> "Grouped":
        """Return this result if every run is there and ok; raises as `Stored.complete` does."""
        self.source.complete(allow_failed=allow_failed)
        return self

    def splits(self, name: str) -> list[Split | None]:
        """Return what is not known of an outcome at each point; None if it is undefined in all.

        A run that failed stands at the mean, as does what is undefined.
        """
        kind, _ = kind_and_unit(name)
        names = ("cost", "patients_reached", name) if kind == "ratio" else (name,)
        rows = self.source.organisations
        columns = np.stack([rows[one].to_numpy(np.float64) for one in names], axis=-1)
        plan, found = self.source.plan, []
        many, weeks = plan.rows_within("organisations"), plan.whole("weeks")
        at = 0
        for point in range(self.plan.count):
            first = point * self.shape.points
            size = int(many[first])
            last = at + self.shape.runs * size
            outcomes = columns[at:last].reshape(self.shape.runs, size, len(names))
            values = measured(outcomes, names, name, float(weeks[first]))
            lost = ~self._ok[point * self.shape.runs : (point + 1) * self.shape.runs]
            if lost.any():
                values = filled(np.where(lost[:, None], np.nan, values))
            found.append(split_of(self.shape.array(values)))
            at = last
        return found

    @cached_property
    def _ok(self) -> NDArray[np.bool_]:
        return np.asarray((self.source.runs["status"] == "ok").to_numpy())


def grouped(stored: Stored) -> Stored:
    """Return a result over draws of the rules as its own points; any other as it is."""
    shape = shape_in(stored.plan.study)
    if shape is None or isinstance(stored, Grouped):
        return stored
    return Grouped(
        folder=stored.folder,
        plan=_own_points(stored.plan, shape),
        manifest=stored.manifest,
        chunks=stored.chunks,
        failed=stored.failed,
        sealed=stored.sealed,
        result=stored.result,
        source=stored,
        shape=shape,
    )


def _own_points(plan: Plan, shape: Shape) -> Plan:
    """Return the plan of the study's points, with a replicate for each pair of draws."""
    drawn: Sequence[str] = plan.study["posterior"]["parameters"]
    points = {
        name: column[:: shape.points] for name, column in plan.points.items() if name not in drawn
    }
    count = plan.count // shape.points
    return replace(
        plan,
        points=points,
        first_replicate=np.zeros(count, np.int64),
        replicates=np.full(count, shape.pairs, np.int64),
        between=None,
    )


def _means(values: Floats) -> Floats:
    """Return the mean of each row over what is defined, NaN over nothing."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
