"""``sim.run``: a scenario under its own rules, or under draws of a posterior."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes, simulate
from sim.compiled import refuse_vector_math
from sim.errors import InputError
from sim.estimates import estimate, processors, refuse_too_large
from sim.experiment.doubt.nested import Design, crossed, nested
from sim.experiment.doubt.parts import Split, expected, filled, measured, split_of
from sim.experiment.doubt.source import Given, posterior_of, refuse_set
from sim.experiment.progress import Progress
from sim.experiment.runs.chunks import run_chunk
from sim.experiment.runs.columns import ARRAYS, NON_FINITE, Block, block_of
from sim.experiment.runs.plan import Plan, plan_of_result
from sim.experiment.sensitivity.factor import Floats
from sim.layout import SERIES
from sim.outcomes import Summary, outcome_names
from sim.scenario import Scenario, load
from sim.simulate import Result
from sim.world import recipe

if TYPE_CHECKING:
    import pandas as pd

_ALONE = {
    "agents": "sim.sweep takes both",
    "engine": "it runs on the compiled engine; both give the same numbers",
    "events": "its runs keep outcomes and weekly series",
    "first_replicate": "its design numbers the runs",
}
"""Options of a run without a posterior, and why they are."""


@dataclass(frozen=True, kw_only=True)
class Drawn(Result):
    """The runs of one scenario under draws of the rules, in the order of ``plan``.

    Its arrays are those of a result. ``scenario`` has the rules of no draw. Means and quantiles are
    over all runs; the interval of a mean is over the pairs of draws of ``design``, which are
    independent.
    """

    design: Design
    plan: Plan

    @cached_property
    def block(self) -> Block:
        """The runs as the store takes them."""
        first = np.repeat(self.plan.first_replicate, self.plan.replicates)
        points = np.repeat(np.arange(self.plan.count), self.plan.replicates)
        replicates = first + np.arange(self.plan.runs) - self.plan.starts[points]
        return replace(block_of(self), points=points.astype(np.int32), replicates=replicates)

    @cached_property
    def splits(self) -> dict[str, Split | None]:
        """What is not known of each outcome; None if it is undefined in all runs."""
        values = {
            name: measured(self.outcomes, self.names, name, self.weeks) for name in self.names
        }
        return {name: split_of(self.design.shape.array(one)) for name, one in values.items()}

    @cached_property
    def _summary(self) -> dict[str, Summary]:
        shape = self.design.shape
        groups = self.outcomes.reshape(shape.pairs, -1, len(self.names))
        found = outcomes.summarise(groups, self.names, self.weeks)
        defined = {
            name: int((~np.isnan(self.outcomes[:, :, k])).any(axis=1).sum())
            for k, name in enumerate(self.names)
        }
        timed = {name for name in self.names if outcomes.kind_and_unit(name)[0] == "time"}
        return {
            name: replace(one, n=self.replicates if name in timed or one.n == 0 else defined[name])
            for name, one in found.items()
        }

    def frame(self) -> "pd.DataFrame":
        """Return one row per run and organisation: draw, its rules, luck, outcomes.

        ``held`` numbers the organisations: one number is the same ones with the same luck, under
        the two draws of a pair.
        """
        found = super().frame()
        run = np.repeat(np.arange(self.replicates), self.organisations)
        point = self.block.points[run]
        columns: dict[str, NDArray[Any]] = {"draw": point // self.design.shape.organisations}
        columns |= {name: column[point] for name, column in self.plan.points.items()}
        columns["held"] = np.asarray(self.plan.between)[point]
        for place, (name, values) in enumerate(columns.items()):
            found.insert(place, name, values)
        found["replicate"] = self.block.replicates[run]
        return found


def run(
    scenario: Scenario | str | Path,
    replicates: int = 100,
    seed: int = 1,
    *,
    posterior: Given | None = None,
    **options: Any,
) -> Result:
    """Simulate replicates of a scenario.

    Args:
        scenario: a scenario, the path of a scenario file or the name of a shipped one.
        replicates: how many runs; with a posterior as many of them as make whole pairs of draws.
        seed: 0 .. 2^63 - 1.
        posterior: draws of the rules to run under (`Posterior`, a file of ``mih calibrate``, or
            "shipped"); the result is a `Drawn`. None: the rules of the scenario.
        **options: ``engine``, ``weeks``, ``agents``, ``events``, ``first_replicate``,
            ``allow_large``, ``workers``, ``progress``, see `sim.simulate.run`; with a posterior
            ``weeks`` and the last three.

    Raises:
        InputError: a scenario, seed, posterior or option that cannot be.
        TooLargeError: the estimated memory or time is more than the machine has.

    """
    if posterior is None:
        return simulate.run(scenario, replicates, seed, **options)
    return run_drawn(scenario, posterior, replicates, seed, **options)


def run_drawn(
    scenario: Scenario | str | Path,
    posterior: Given,
    replicates: int = 100,
    seed: int = 1,
    *,
    weeks: int | None = None,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    **others: Any,
) -> Drawn:
    """Simulate a scenario under draws of a posterior; see `run`."""
    _refuse_others(others)
    refuse_vector_math()
    simulate.checked_options(replicates, seed, None, weeks, None)
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    source = posterior_of(posterior)
    refuse_set(source, chosen.differences(), "the scenario")
    design, made = nested(source, replicates, seed), recipe(chosen, weeks)
    threads = workers or processors()
    if not allow_large:
        refuse_too_large(estimate(made, design.shape.runs, threads))
    plan = crossed(_plan(chosen, seed, weeks, outcome_names(made)), design)
    whole = _runs(plan, threads, progress)
    return Drawn(
        scenario=chosen,
        seed=seed,
        first_replicate=0,
        weeks=made.weeks,
        engine="compiled",
        names=whole.names,
        outcomes=whole.outcomes,
        weekly=whole.weekly,
        phase_spans=whole.spans,
        sound=whole.status != NON_FINITE,
        events=None,
        design=design,
        plan=plan,
    )


def expected_weekly(result: Drawn, series: str) -> Floats:
    """Return the expected value of a weekly series under each draw, (draws, weeks).

    NaN in weeks in which it is undefined in all runs.
    """
    weeks = np.asarray(result.weekly[series], np.float64)
    whole = np.stack([filled(week) for week in weeks.T], axis=1) if weeks.size else weeks
    return expected(result.design.shape.array(whole[:, None]))


def laid_out(result: Result, command: Sequence[str] = ()) -> tuple[Plan, Block]:
    """Return the plan of runs that are there already, and the runs as the store takes them."""
    if isinstance(result, Drawn):
        return replace(result.plan, command=tuple(command)), result.block
    return plan_of_result(result, tuple(command)), block_of(result)


def _refuse_others(options: dict[str, Any]) -> None:
    """Raise InputError for options of a run that draws of the rules do not go with."""
    for name in options:
        if name not in _ALONE:
            raise TypeError(f"run() got an unexpected keyword argument {name!r}")
    problems = [
        f"{name}: not together with a posterior ({_ALONE[name]}); leave one of them out"
        for name, value in options.items()
        if value not in (None, False, 0, "compiled")
    ]
    if problems:
        raise InputError(problems)


def _plan(scenario: Scenario, seed: int, weeks: int | None, names: tuple[str, ...]) -> Plan:
    """Return the plan of one run that keeps everything."""
    return Plan(
        base=scenario,
        points={},
        first_replicate=np.zeros(1, np.int64),
        replicates=np.ones(1, np.int64),
        seed=seed,
        outcomes=names,
        weeks=None if weeks == scenario.values["weeks"] else weeks,
        weekly=tuple(SERIES.names or ()),
    )


def _runs(plan: Plan, threads: int, progress: Progress | None) -> Block:
    """Run a plan on threads, and return its runs in order."""
    blocks: list[Block] = []
    pool = ThreadPoolExecutor(threads)
    try:
        ranges = [plan.chunk_range(chunk) for chunk in range(plan.chunks)]
        for numbers, (found, _) in zip(
            ranges, pool.map(lambda one: run_chunk(plan, one), ranges), strict=True
        ):
            blocks += found
            if progress:
                progress(numbers.stop)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in blocks]) for name in ARRAYS
    }
    return replace(blocks[0], **joined)
