"""A plan: points, their replicates and what is kept. Everything a sweep gives is a function of it.

Runs are numbered through: point by point, within a point by replicate. A chunk is a range of
these numbers whose length follows from the plan alone, so that every part of a result is a pure
function of (plan, chunk), whoever makes it and however often.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.experiment.runs.columns import weeks_kept
from sim.experiment.runs.own import Own
from sim.experiment.store.encoding import canonical, columns_hash, sha256
from sim.layout import SERIES
from sim.scenario import Scenario
from sim.world import Recipe, fresh_recipe

if TYPE_CHECKING:
    from sim.experiment.design.study import Study
    from sim.simulate import Result

STORE_VERSION = 2

CHUNK_WORK = 2 * 10**8
"""Agents x weeks of a chunk: about two seconds on the compiled engine."""

MESA_WORK = CHUNK_WORK // 128
"""The same for the Mesa engine."""

MOST_RUNS, MOST_WEEKS = 8192, 2**18
"""Limits of a chunk: runs, and rows of weekly series, so that it fits in memory."""

FEWEST_CHUNKS = 16
"""Small plans have smaller chunks than two seconds, so that workers end together."""


@dataclass(frozen=True)
class Plan:
    """What is run and what is kept of it.

    ``points`` has a column a factor (its dotted name), each of P values that have been checked;
    ``first_replicate`` and ``replicates`` (P,) say which replicates each point runs. ``weeks``
    overrides the horizon of all. ``outcomes`` and ``weekly`` are the names kept, the
    latter of each ``weekly_every``-th week and the last. ``study`` and
    ``command`` say where the plan comes from; they decide nothing. ``own``: agents of one's own.
    ``between`` (P,) holds what differs between organisations at each point: all its runs draw them
    as that replicate does (`sim.batch.run_batch`); -1, or None for all points: each as its own.
    """

    base: Scenario
    points: Mapping[str, NDArray[Any]]
    first_replicate: NDArray[np.int64]
    replicates: NDArray[np.int64]
    seed: int
    outcomes: tuple[str, ...]
    weeks: int | None = None
    weekly: tuple[str, ...] = ()
    weekly_every: int = 1
    events: bool = False
    engine: str = "compiled"
    own: Own | None = None
    between: NDArray[np.int64] | None = None
    study: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.replicates)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Number of the first run of each point, and of all runs last; shape (P + 1,)."""
        return np.concatenate([[0], np.cumsum(self.replicates)]).astype(np.int64)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.starts[-1])

    @cached_property
    def chunk_runs(self) -> int:
        """Runs of a chunk, a power of two: a formula, so that no clock has a say in a result."""
        work = max(1, self.largest)
        most = (CHUNK_WORK if self.engine == "compiled" else MESA_WORK) // work
        least = max(1, most // 8)
        size = min(most, max(least, self.runs // FEWEST_CHUNKS), MOST_RUNS)
        if self.weekly:
            size = min(size, MOST_WEEKS // max(1, int(self.whole("weeks").max())))
        return _power_of_two(max(1, size))

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.runs // self.chunk_runs)

    @cached_property
    def largest(self) -> int:
        """Agents x weeks of the largest run."""
        return int((self.agents * self.whole("weeks")).max()) if self.count else 0

    @cached_property
    def agents(self) -> NDArray[np.int64]:
        """Agents of all kinds in a run of each point, (P,)."""
        each = self.whole("clinicians") * (1 + self.whole("caseload"))
        one = 1 + self.whole("leads") + each
        return self.whole("managers") + self.whole("organisations") * one

    def whole(self, name: str) -> NDArray[np.int64]:
        """Return a count of each point, such as its organisations or weeks; shape (P,)."""
        if name == "weeks" and self.weeks is not None:
            return np.full(self.count, self.weeks)
        values = self.points.get(name, self.base.values[name])
        return np.broadcast_to(np.asarray(values, np.int64), self.count)

    def rows_within(self, table: str) -> NDArray[np.int64]:
        """Return the rows of a run in a table, ``organisations`` or ``weekly``; shape (P,)."""
        if table == "organisations":
            return self.whole("organisations")
        counts: NDArray[np.int64] = weeks_kept(self.whole("weeks"), self.weekly_every)
        return counts

    def scenario(self, point: int) -> Scenario:
        """Return the scenario of a point."""
        return self.base.at({name: column[point].item() for name, column in self.points.items()})

    def recipe(self, point: int) -> Recipe:
        """Return the numbers of a point."""
        return fresh_recipe(self.scenario(point), self.weeks)

    def chunk_range(self, chunk: int) -> range:
        """Return the numbers of a chunk's runs."""
        first = chunk * self.chunk_runs
        return range(first, min(first + self.chunk_runs, self.runs))

    def segments(self, numbers: range) -> Iterator[tuple[int, range]]:
        """Yield (point, its replicates) for a range of runs, in order."""
        at = numbers.start
        point = int(np.searchsorted(self.starts, at, side="right")) - 1
        while at < numbers.stop:
            start, stop = int(self.starts[point]), int(self.starts[point + 1])
            end = min(stop, numbers.stop)
            if end > at:
                offset = int(self.first_replicate[point]) - start
                yield point, range(at + offset, end + offset)
            at, point = end, point + 1

    def run_of(self, number: int) -> tuple[int, int]:
        """Return the point and the replicate of a run's number."""
        point, replicates = next(self.segments(range(number, number + 1)))
        return point, replicates.start

    @cached_property
    def table(self) -> pa.Table:
        """The plan as a table: a row a point."""
        columns = {
            "point": pa.array(np.arange(self.count, dtype=np.int32)),
            "first_replicate": pa.array(self.first_replicate),
            "replicates": pa.array(self.replicates),
        }
        if self.between is not None:
            columns["between"] = pa.array(self.between)
        return pa.table(columns | {name: pa.array(v) for name, v in self.points.items()})

    def held(self, point: int) -> int | None:
        """Return the replicate as which a point draws its organisations, None for each its own."""
        if self.between is None or self.between[point] < 0:
            return None
        return int(self.between[point])

    @cached_property
    def decides(self) -> dict[str, Any]:
        """What decides the runs, but for the code: the text of the plan's hash."""
        return {
            "store": STORE_VERSION,
            "scenario": self.base.to_toml(),
            # The text names only what differs from the defaults, which a version may change.
            "parameters": parameters_of(self.base),
            "seed": self.seed,
            "weeks": self.weeks,
            "points": columns_hash(self.table),
            "agents": self.own.described() if self.own else {},
        }

    @cached_property
    def hash(self) -> str:
        """Hash of what decides the runs; the engine does not."""
        return sha256(canonical(self.decides))

    @cached_property
    def keeps(self) -> dict[str, Any]:
        """What of each run is kept, and in which pieces."""
        # Not named where each week is kept, as in results from before there was a choice.
        thinned = {} if self.weekly_every == 1 else {"weekly_every": self.weekly_every}
        return thinned | {
            "outcomes": list(self.outcomes),
            "weekly": list(self.weekly),
            "events": self.events,
            "chunk_runs": self.chunk_runs,
        }


def _power_of_two(size: int) -> int:
    """Return the power of two that is nearest as a ratio."""
    below = 1 << (size.bit_length() - 1)
    return 2 * below if size * size > 2 * below * below else below


def parameters_of(scenario: Scenario) -> dict[str, Any]:
    """Return every input of a scenario, defaults included."""
    return {
        **scenario.values,
        "attention": [list(step) for step in scenario.attention],
        "mechanisms": dict(scenario.mechanisms),
        "phases": [asdict(phase) for phase in scenario.phases],
    }


def plan_of_result(result: "Result", command: tuple[str, ...] = ()) -> Plan:
    """Return the plan of runs that are there already: one point, everything kept."""
    return Plan(
        base=result.scenario,
        points={},
        first_replicate=np.array([result.first_replicate], np.int64),
        replicates=np.array([result.replicates], np.int64),
        seed=result.seed,
        outcomes=result.names,
        weeks=None if result.weeks == result.scenario.values["weeks"] else result.weeks,
        weekly=tuple(SERIES.names or ()),
        events=result.events is not None,
        engine=result.engine,
        command=command,
    )


def plan_of_study(study: "Study", *, own: Own | None = None, command: tuple[str, ...] = ()) -> Plan:
    """Return the plan of a study."""
    return Plan(
        base=study.base,
        points=study.points,
        first_replicate=np.zeros(study.count, np.int64),
        replicates=np.full(study.count, study.replicates, np.int64),
        seed=study.seed,
        outcomes=study.outcomes,
        weekly=study.weekly,
        weekly_every=study.weekly_every,
        engine="mesa" if own else "compiled",
        own=own,
        study=described(study),
        command=command,
    )


def described(study: "Study") -> dict[str, Any]:
    """Return what a manifest says of a study."""
    return {
        "name": study.name,
        "title": study.title,
        "shows": study.shows,
        "design": study.design,
        "factors": [
            {
                "name": one.name,
                "label": one.label,
                "unit": one.unit,
                "kind": one.kind,
                "levels": list(one.levels),
                "prior": [one.prior.kind, one.prior.a, one.prior.b] if one.prior else None,
                "registry_prior": one.default_prior,
            }
            for one in study.factors
        ],
    }
