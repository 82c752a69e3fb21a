"""Replicates of a scenario on either engine, and what they cost in time and memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import layout, outcomes
from sim.batch import Kept, room_for, run_batch
from sim.compiled import refuse_vector_math
from sim.draws import seed_problems
from sim.errors import InputError, MihError
from sim.estimates import estimate, processors, refuse_too_large
from sim.kernel.week import simulate
from sim.layout import Tape
from sim.outcomes import Summary
from sim.scenario import Scenario, load
from sim.world import Recipe, new_world, recipe

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.agents import Model

ENGINES = ("compiled", "mesa")

MAX_REPLICATES = 10_000_000
EVENT_ROW = np.dtype([("replicate", "i8"), *layout.EVENT.descr])
"""An event of a result: that of `sim.layout.EVENT` with the replicate's number before it."""

LARGEST_BATCH = 16
"""Runs that one thread does in one go; more would make progress jerky and save nothing."""


@dataclass(frozen=True)
class Result:
    """The replicates of one scenario.

    ``outcomes``: (replicates, organisations, names), NaN = never or undefined.
    ``weekly``: (replicates, weeks), fields of `sim.layout.SERIES`, means over organisations.
    ``phase_spans``: (replicates, organisations, phases, 2), weeks from the project's start to the
    opening of a phase and to the end of its first round; NaN = never.
    ``sound``: (replicates,), False where a weekly record holds an infinity, or a NaN that is no
    mean over nobody.
    ``events``: one row per event with the replicate's number first, or None if not asked for.
    """

    scenario: Scenario
    seed: int
    first_replicate: int
    weeks: int
    engine: str
    names: tuple[str, ...]
    outcomes: NDArray[np.float64]
    weekly: NDArray[np.void]
    phase_spans: NDArray[np.float64]
    sound: NDArray[np.bool_]
    events: NDArray[np.void] | None
    own_agents: bool = False

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return len(self.outcomes)

    @property
    def organisations(self) -> int:
        """Number of organisations in each replicate."""
        return int(self.outcomes.shape[1])

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return outcomes.LABEL

    @cached_property
    def _summary(self) -> dict[str, Summary]:
        return outcomes.summarise(self.outcomes, self.names, self.weeks)

    def summary(self) -> Mapping[str, Summary]:
        """Return each outcome's mean with 95 % interval, and quantiles over organisations."""
        return self._summary

    def frame(self) -> "pd.DataFrame":
        """Return one row per replicate and organisation, one column per outcome."""
        import pandas as pd

        replicates, organisations, _ = self.outcomes.shape
        first = self.first_replicate
        index = pd.MultiIndex.from_product(
            [range(first, first + replicates), range(organisations)],
            names=["replicate", "organisation"],
        )
        values = self.outcomes.reshape(replicates * organisations, len(self.names))
        return pd.DataFrame(values, index=index, columns=list(self.names)).reset_index()

    def weekly_frame(self) -> "pd.DataFrame":
        """Return one row per replicate and week, one column per weekly series."""
        import pandas as pd

        fields = self.weekly.dtype.names or ()
        first, shape = self.first_replicate, self.weekly.shape
        columns = {
            "replicate": np.repeat(np.arange(first, first + shape[0]), shape[1]),
            "week": np.tile(np.arange(1, shape[1] + 1), shape[0]),
        }
        return pd.DataFrame(columns | {field: self.weekly[field].ravel() for field in fields})

    def to_xarray(self) -> "xr.Dataset":
        """Return labelled arrays over replicate, organisation and week, with units and meaning.

        Raises InputError if xarray is not installed; see `sim.experiment.export.arrays`.
        """
        from sim.experiment.export.arrays import dataset_of_result

        return dataset_of_result(self)

    def plot(self) -> Any:
        """Return a matplotlib figure: adoption and reach over time, with bands over replicates."""
        from sim.plots.uptake import uptake_figure

        return uptake_figure(self)


def run(
    scenario: Scenario | str | Path,
    replicates: int = 100,
    seed: int = 1,
    *,
    engine: str | None = None,
    weeks: int | None = None,
    agents: Mapping[type, type] | None = None,
    events: bool = False,
    first_replicate: int = 0,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Simulate replicates of a scenario.

    A result depends on the scenario, the seed and the replicates' numbers alone: not on the
    engine, the workers (threads of the compiled engine) or the order.

    Args:
        scenario: a scenario, the path of a scenario file or the name of a shipped one.
        replicates: how many runs.
        seed: 0 .. 2^63 - 1.
        engine: "compiled" (the default) or "mesa".
        weeks: horizon instead of the scenario's.
        agents: classes of agents to replace by subclasses; they run on the Mesa engine.
        events: keep a table of all events.
        first_replicate: number of the first replicate.
        allow_large: run even if the estimate says that the machine is too small.
        workers: threads; by default one per processor.
        progress: called with the number of runs finished so far.

    Raises:
        InputError: a scenario, seed or option that cannot be.
        TooLargeError: the estimated memory or time is more than the machine has.

    """
    refuse_vector_math()
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    used = checked_options(replicates, seed, engine, weeks, agents)
    made = recipe(chosen, weeks)
    threads = workers or processors()
    if not allow_large:
        refuse_too_large(estimate(made, replicates, threads, mesa=used == "mesa"))
    numbers = range(first_replicate, first_replicate + replicates)
    names = outcomes.outcome_names(made)
    rows = np.zeros((replicates, made.organisations, len(names)))
    weekly = np.zeros((replicates, made.weeks), layout.SERIES)
    spans = np.zeros((replicates, made.organisations, len(made.plan), 2))
    sound = np.zeros(replicates, np.bool_)
    tables = []
    if used == "mesa" or events:
        one = _runner(made, seed, used, agents, events)
        runs = _collect(one, numbers, threads if used == "compiled" else 1, progress)
        for k, (kept, table) in enumerate(runs):
            rows[k], weekly[k], spans[k], sound[k] = kept
            if table is not None:
                tables.append(_with_replicate(table, numbers[k]))
    else:
        for block, batch in batches(made, seed, numbers, threads, progress=progress, weekly=True):
            rows[block], weekly[block] = batch.outcomes, batch.weekly
            spans[block], sound[block] = batch.spans, batch.sound
    return Result(
        chosen,
        seed,
        first_replicate,
        made.weeks,
        used,
        names,
        rows,
        weekly,
        spans,
        sound,
        np.concatenate(tables) if tables else None,
        own_agents=bool(agents),
    )


def checked_options(
    replicates: int,
    seed: int,
    engine: str | None,
    weeks: int | None,
    agents: Mapping[type, type] | None,
) -> str:
    """Return the engine to use; raise InputError for options that cannot be."""
    problems = seed_problems(seed)
    if not 1 <= replicates <= MAX_REPLICATES:
        problems.append(f"replicates: {replicates} is out of range (1 to {MAX_REPLICATES:,})")
    if weeks is not None and not 0 <= weeks <= 1040:
        problems.append(f"weeks: {weeks} is out of range (0 to 1040)")
    if engine is not None and engine not in ENGINES:
        problems.append(f"engine: found {engine!r}, allowed {', '.join(ENGINES)}")
    if agents and engine == "compiled":
        problems.append(
            "agents: the compiled engine cannot run classes of your own; leave the engine out "
            "or choose engine='mesa'"
        )
    if problems:
        raise InputError(problems)
    return engine or ("mesa" if agents else "compiled")


Run = tuple[outcomes.Kept, NDArray[np.void] | None]
"""What is kept of one run, and its events if asked for."""


def _runner(
    made: Recipe, seed: int, engine: str, agents: Mapping[type, type] | None, events: bool
) -> Callable[[int], Run]:
    """Return a function from a replicate's number to what is kept of its run."""

    def one(replicate: int) -> Run:
        table = None
        if engine == "mesa":
            model = run_mesa(made, seed, replicate, agents=agents, events=events)
            tape = model.tape()
            table = model.event_table() if events else None
        else:
            tape = run_compiled(made, seed, replicate, events=events)
            table = sorted_events(tape) if events else None
        return outcomes.kept(tape, made), table

    return one


def _collect(
    one: Callable[[int], Run],
    numbers: range,
    threads: int,
    progress: Callable[[int], None] | None,
) -> Iterable[Run]:
    """Run replicates, in order; compiled ones on several threads (they release the lock)."""
    if threads == 1 or len(numbers) < 4:
        for k, number in enumerate(numbers):
            yield one(number)
            if progress:
                progress(k + 1)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        for k, found in enumerate(pool.map(one, numbers)):
            yield found
            if progress:
                progress(k + 1)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def batches(
    made: Recipe,
    seed: int,
    numbers: range,
    threads: int,
    *,
    between: range | None = None,
    weekly: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[slice, Kept]]:
    """Run replicates in batches on several threads; yield where each batch stands, in order.

    ``between`` and ``weekly`` are those of `sim.batch.run_batch`.
    """
    size = min(max(1, len(numbers) // (4 * threads)), LARGEST_BATCH)
    blocks = [slice(at, min(at + size, len(numbers))) for at in range(0, len(numbers), size)]

    def batch(block: slice) -> Kept:
        held = None if between is None else between[block]
        return run_batch(made, seed, numbers[block], room_for(made), between=held, weekly=weekly)

    pool = ThreadPoolExecutor(threads)
    try:
        for block, kept in zip(blocks, pool.map(batch, blocks), strict=True):
            yield block, kept
            if progress:
                progress(block.stop)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class StepBudgetError(MihError):
    """An agent of one's own kept the model going beyond its horizon, or ended it before."""


def run_mesa(
    made: Recipe,
    seed: int,
    replicate: int,
    *,
    agents: Mapping[type, type] | None = None,
    events: bool = False,
    organisation_replicate: int | None = None,
) -> "Model":
    """Run one replicate on the Mesa engine and return the model.

    Raises StepBudgetError unless it is over after just as many weeks as it should have.
    """
    from sim.agents import Model

    model = Model(
        made.scenario,
        seed,
        replicate=replicate,
        organisation_replicate=organisation_replicate,
        weeks=made.weeks,
        agents=agents,
        events=events,
    )
    for _ in range(made.weeks):
        if model.running:
            model.step()
    if model.running or model.week != made.weeks or model.weeks != made.weeks:
        raise StepBudgetError(
            f"replicate {replicate}: the model should end after {made.weeks} weeks, it "
            f"{'goes on' if model.running else f'ended after {model.week}'}"
        )
    return model


def run_compiled(
    made: Recipe,
    seed: int,
    replicate: int,
    *,
    organisation_replicate: int | None = None,
    first_organisation: int = 0,
    events: bool = False,
) -> Tape:
    """Run one replicate on the compiled engine and return its tape."""
    room = 4096 if events else 0
    while True:
        world = new_world(made, seed, replicate, organisation_replicate, first_organisation)
        tape = layout.new_tape(made.weeks, made.organisations, len(made.plan), room)
        simulate(world, tape)
        happened = int(tape.events[0].week)
        if happened <= room or not events:
            return tape
        room = happened  # a run is a pure function of its keys: the second has room for all


def sorted_events(tape: Tape) -> NDArray[np.void]:
    """Return the events of a tape in the order of week, organisation, role, post, place, event."""
    table = tape.events[1 : 1 + int(tape.events[0].week)]
    found: NDArray[np.void] = np.sort(np.asarray(table), order=list(layout.EVENT.names or ()))
    return found


def _with_replicate(table: NDArray[np.void], replicate: int) -> NDArray[np.void]:
    """Return an event table with the replicate's number as its first column."""
    full = np.zeros(len(table), EVENT_ROW)
    full["replicate"] = replicate
    for name in layout.EVENT.names or ():
        full[name] = table[name]
    return full
