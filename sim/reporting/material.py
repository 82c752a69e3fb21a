"""What a report is made of: runs of each plan, and what was found by comparing and explaining."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim import outcomes
from sim.compiled import source_hash
from sim.errors import InputError
from sim.experiment.calibrate.posterior import FILE, Posterior
from sim.experiment.compare.comparing import grown
from sim.experiment.compare.comparison import Comparison, Runs
from sim.experiment.compare.grow import BUDGET
from sim.experiment.compare.question import TARGET, checked
from sim.experiment.doubt.nested import Design, shape_of
from sim.experiment.doubt.running import Drawn, run
from sim.experiment.doubt.source import SHIPPED, Given, posterior_of, refuse_set
from sim.experiment.explain.explanation import Explanation
from sim.experiment.progress import Progress, going_on
from sim.experiment.staff.found import Staffing
from sim.experiment.store.folder import versions
from sim.experiment.store.stored import Stored
from sim.scenario import Scenario
from sim.simulate import Result
from sim.wording import show

NOTES = ("question", "hypothesis", "finding", "decision")
"""What people may write beside a report."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a report shows. Nothing in it is computed by the report.

    ``plans`` by name, the first being what the others are compared with. ``results`` are their
    runs ({} if only points of a sweep or combinations of barriers were kept). ``kept``: the ids of
    the results read from a folder, by what they are. ``made``: the command that gives the numbers.
    ``posterior``: its id and the rules that were drawn, and, of a run or a comparison, the design
    (`sim.experiment.doubt.nested.Nested.described`); None for the scenarios' own rules. ``notes``:
    what people wrote beside it, by `NOTES`.
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
    staffing: Staffing | None = None
    posterior: Mapping[str, Any] | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
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
    posterior: Given | None = None,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Material:
    """Run plans and compare them with the first. Raises what `sim.simulate.run` and compare do."""
    _check(plans, replicates, seed, weeks, target)
    given = _posterior(plans, replicates, posterior)
    each = replicates if given is None else shape_of(replicates).runs
    results: dict[str, Result] = {}
    for k, (name, scenario) in enumerate(plans.items()):
        results[name] = run(
            scenario,
            replicates,
            seed,
            posterior=given,
            weeks=weeks,
            allow_large=allow_large,
            workers=workers,
            progress=going_on(k * each, progress),
        )
    drawn = [] if posterior is None else ["--posterior", named(posterior)]
    made = [*command_of(plans, replicates, seed, weeks), *drawn]
    return of_results(plans, results, made, target=target, weeks=weeks)


def of_results(
    plans: Mapping[str, Scenario],
    results: Mapping[str, Result],
    made: Sequence[str],
    *,
    target: str | None = None,
    weeks: int | None = None,
) -> Material:
    """Return what is told of the runs of plans, compared with the first if there are more."""
    first, found = next(iter(results.values())), None
    if len(plans) > 1:
        found = compared(plans, results, first.seed, target=target, weeks=weeks)
    design = design_of(first)
    return Material(
        plans, first.seed, first.replicates, first.weeks, made, results, found,
        posterior=None if design is None else design.described(),
    )  # fmt: skip


def checked_notes(notes: Mapping[str, str]) -> dict[str, str]:
    """Return what was written, in order, without what is empty. Raises InputError."""
    unknown = [name for name in notes if name not in NOTES]
    if unknown:
        raise InputError(
            f"notes: found {show(name)}, allowed {', '.join(NOTES)}" for name in unknown
        )
    return {name: notes[name] for name in NOTES if notes.get(name, "").strip()}


def named(posterior: Given) -> str:
    """Return a posterior as a command names it: without its folder."""
    if isinstance(posterior, str | Path):
        return Path(posterior).name
    return named_by(posterior.id)


def named_by(identity: str) -> str:
    """Return a posterior as a command names it, from its id."""
    return SHIPPED if posterior_of(SHIPPED).id == identity else FILE


def design_of(result: Result) -> Design | None:
    """Return the design over draws of the rules, None for the scenario's own rules."""
    return result.design if isinstance(result, Drawn) else None


def _posterior(
    plans: Mapping[str, Scenario], replicates: int, given: Given | None
) -> Posterior | None:
    """Return the posterior asked for; raise InputError if some plan sets a rule that it draws."""
    if given is None:
        return None
    found = posterior_of(given)
    for name, plan in plans.items():
        refuse_set(found, plan.differences(), f"the plan {show(name)}")
    shape_of(replicates)
    return found


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
    first = next(iter(results.values()))
    asked = checked(
        plans, first.replicates, seed, weeks=weeks, precision=None, budget=BUDGET,
        target=target or TARGET, outcomes=outcomes,
    )  # fmt: skip
    runs = [Runs.of(result) for result in results.values()]
    return grown(asked, lambda *_: runs, first.replicates, None, BUDGET, design_of(first))


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
