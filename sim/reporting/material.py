"""What a report is made of: runs of each plan, and what was found by comparing and explaining."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sim import outcomes
from sim.compiled import source_hash
from sim.errors import InputError
from sim.experiment.compare.comparing import compare
from sim.experiment.compare.comparison import Comparison, Runs
from sim.experiment.compare.grow import BUDGET
from sim.experiment.compare.question import TARGET, checked
from sim.experiment.explain.explanation import Explanation
from sim.experiment.store.folder import versions
from sim.experiment.store.stored import Stored
from sim.scenario import Scenario
from sim.simulate import Result, run

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a report shows. Nothing in it is computed by the report.

    ``plans`` by name, the first being what the others are compared with. ``results`` are their
    runs ({} if only points of a sweep or combinations of barriers were kept). ``kept``: the ids of
    the results read from a folder, by what they are. ``made``: the command that gives the numbers.
    """

    plans: Mapping[str, Scenario]
    seed: int
    replicates: int
    weeks: int
    made: Sequence[str]
    results: Mapping[str, Result] = field(default_factory=dict)
    comparison: Comparison | None = None
    explanation: Explanation | None = None
    swept: Stored | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    label: str = outcomes.LABEL
    versions: Mapping[str, str] = field(default_factory=versions)
    source: str = field(default_factory=source_hash)

    @property
    def reference(self) -> Scenario:
        """The first plan."""
        return next(iter(self.plans.values()))

    @property
    def subject(self) -> Scenario:
        """The plan that the report is about: the last."""
        return list(self.plans.values())[-1]


def simulated(
    plans: Mapping[str, Scenario],
    replicates: int,
    seed: int,
    *,
    weeks: int | None = None,
    target: str | None = None,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Material:
    """Run plans and compare them with the first. Raises what `sim.simulate.run` and compare do."""
    _check(plans, replicates, seed, weeks, target)
    results: dict[str, Result] = {}
    for k, (name, scenario) in enumerate(plans.items()):
        results[name] = run(
            scenario,
            replicates,
            seed,
            weeks=weeks,
            allow_large=allow_large,
            workers=workers,
            progress=_from(progress, k * replicates),
        )
    found = None
    if len(plans) > 1:
        found = compared(plans, results, seed, target=target, weeks=weeks)
    first = next(iter(results.values()))
    made = command_of(plans, replicates, seed, weeks)
    return Material(plans, seed, replicates, first.weeks, made, results, found)


def _check(
    plans: Mapping[str, Scenario], replicates: int, seed: int, weeks: int | None, target: str | None
) -> None:
    """Raise InputError with every problem, before anything is run."""
    if len(plans) > 1:
        checked(
            plans, replicates, seed, weeks=weeks, precision=None, budget=BUDGET,
            target=target or TARGET, outcomes=None,
        )  # fmt: skip
    elif target is not None:
        raise InputError(
            "target: only where plans are compared; name a second one, or leave it out"
        )


def compared(
    plans: Mapping[str, Scenario],
    results: Mapping[str, Result],
    seed: int,
    *,
    target: str | None = None,
    weeks: int | None = None,
    outcomes: Sequence[str] | None = None,
) -> Comparison:
    """Return the comparison of plans whose runs are there."""
    runs = [Runs.of(result) for result in results.values()]
    return compare(
        plans,
        runs[0].replicates,
        seed,
        target=target or TARGET,
        weeks=weeks,
        outcomes=outcomes,
        rows=lambda *_: runs,
    )


def command_of(
    plans: Mapping[str, Scenario], replicates: int, seed: int, weeks: int | None
) -> list[str]:
    """Return the command that gives the same numbers from the scenario files of the report."""
    names = [file_of(name) for name in plans]
    words = ["mih", "compare" if len(plans) > 1 else "run", *names]
    words += ["-n", str(replicates), "--seed", str(seed)]
    return words if weeks is None else [*words, "--weeks", str(weeks)]


def file_of(plan: str) -> str:
    """Return the name of the file that a plan's scenario may be saved as."""
    kept = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in plan)
    return f"{kept.strip('-')[:60] or 'plan'}.toml"


def _from(progress: Progress | None, start: int) -> Progress | None:
    return None if progress is None else lambda done: progress(start + done)
