"""Comparing plans on common seeds: who does better, by how much, and how sure that is.

Every plan runs the same replicate numbers, so run 7 of each has the same people and luck where
their rules agree. What is estimated from that, and how, stands in
`sim.experiment.compare.paired`; how many replicates it takes in `sim.experiment.compare.grow`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from sim.errors import InputError
from sim.experiment.compare import grow, question
from sim.experiment.compare.comparison import (
    Chance,
    Compared,
    Comparison,
    Entry,
    Runs,
    TargetCompared,
)
from sim.experiment.compare.measured import Measured, measured
from sim.experiment.compare.over_rules import better_over_draws, folded, over_rules
from sim.experiment.compare.paired import (
    NOT_SAID,
    Better,
    Difference,
    Floats,
    Pairs,
    differences,
    extreme_of,
    p_better,
    pairs_of,
)
from sim.experiment.compare.stages import Stages
from sim.experiment.compare.target import Target
from sim.experiment.doubt.nested import Design, Nested, nested
from sim.experiment.doubt.running import run
from sim.experiment.doubt.source import Given, posterior_of, refuse_set
from sim.experiment.execute.work import Way
from sim.experiment.progress import Progress, going_on
from sim.experiment.store.locks import COMPARISON, claim
from sim.experiment.units import better_of, label_of, shown_unit
from sim.outcomes import interval, kind_and_unit
from sim.scenario import Scenario
from sim.wording import show

__all__ = ["Comparison", "Rows", "Runs", "compare", "in_memory"]

_NOTHING = Difference(None, None, None, None, 0, None)


class Rows(Protocol):
    """Where runs come from: the only thing in a comparison that simulates.

    Called with the number of the first replicate of a stage and how many there are, it returns the
    runs of each plan, in the order of the plans. What it returns may depend on nothing else.
    """

    def __call__(self, first_replicate: int, count: int) -> Sequence[Runs]:
        """Return the runs of each plan."""
        ...


def in_memory(
    plans: Mapping[str, Scenario],
    seed: int,
    *,
    weeks: int | None = None,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    design: Nested | None = None,
) -> Rows:
    """Return rows that are simulated when asked for, and kept nowhere.

    With a ``design`` over draws of the rules all its runs are one stage. ``progress`` is called
    with the number of runs finished so far, over all plans and stages.
    """

    def rows(first_replicate: int, count: int) -> list[Runs]:
        before = first_replicate * len(plans)
        found = []
        for k, scenario in enumerate(plans.values()):
            result = run(
                scenario,
                count,
                seed,
                posterior=None if design is None else design.posterior,
                weeks=weeks,
                first_replicate=first_replicate,
                allow_large=allow_large,
                workers=workers,
                progress=going_on(before + k * count, progress),
            )
            found.append(Runs.of(result))
        return found

    return rows


def compare(
    plans: Mapping[str, Scenario | str | Path],
    replicates: int = 100,
    seed: int = 1,
    *,
    weeks: int | None = None,
    precision: float | None = None,
    budget: int = grow.BUDGET,
    target: str = question.TARGET,
    outcomes: Sequence[str] | None = None,
    posterior: Given | None = None,
    out: str | Path | None = None,
    force: bool = False,
    allow_large: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    rows: Rows | None = None,
) -> Comparison:
    """Compare plans with the first of them, replicate by replicate.

    Args:
        plans: two or more scenarios by the name of the plan (or their files or shipped names).
        replicates: runs of each plan; with ``precision`` those of the first stage.
        seed: 0 .. 2^63 - 1, the same for all plans.
        weeks: horizon instead of the scenarios'.
        precision: half-width wanted of the difference in the first outcome, in its unit; runs are
            added in stages until it is reached (`sim.experiment.compare.grow`) or the budget ends.
        budget: most runs over all plans, if a precision is asked for.
        target: what the chance is given for, as in "adoption>=0.5" or "go_live_week<=40".
        outcomes: names of the outcomes to compare, the most important first; by default all.
        posterior: draws of the rules to compare under, the same for all plans (`Posterior`, a file
            of ``mih calibrate``, or "shipped"); not together with a precision.
        out: the folder that keeps the runs (`sim.experiment.compare.stages`); the same comparison
            in the same folder goes on where it stopped. None = keep only what is returned.
        force: move an existing folder aside and begin anew.
        allow_large: run even if the estimate says that the machine is too small.
        workers: threads, or processes where runs are kept; by default one per processor.
        progress: called with the number of runs finished so far, over all plans and stages.
        rows: where runs come from instead.

    Raises:
        InputError: plans that cannot be compared, or options that cannot be; all problems at once.
        TooLargeError: the estimated memory or time is more than the machine has.
        BusyError, DriftError, DiskError: the folder is in use, holds another comparison, or
            cannot be written.

    """
    asked = question.checked(
        plans,
        replicates,
        seed,
        weeks=weeks,
        precision=precision,
        budget=budget,
        target=target,
        outcomes=outcomes,
    )
    design = _design(asked, posterior, replicates, precision)
    if rows is None and out is None:
        rows = in_memory(
            asked.plans,
            seed,
            weeks=weeks,
            allow_large=allow_large,
            workers=workers,
            progress=progress,
            design=design,
        )
    if rows is not None:
        return grown(asked, rows, replicates, precision, budget, design)
    with claim(Path(str(out)), force=force, resume=COMPARISON) as folder:
        way = Way(workers=workers, allow_large=allow_large)
        rows = Stages(
            asked.plans, seed, folder, weeks=weeks, way=way, progress=progress, design=design
        )
        return grown(asked, rows, replicates, precision, budget, design)


def _design(
    asked: question.Question, posterior: Given | None, replicates: int, precision: float | None
) -> Nested | None:
    """Return the design over draws of the rules, None for the plans' own rules."""
    if posterior is None:
        return None
    if precision is not None:
        raise InputError("precision: not together with a posterior; choose the runs with -n")
    found = posterior_of(posterior)
    for name, plan in asked.plans.items():
        refuse_set(found, plan.differences(), f"the plan {show(name)}")
    return nested(found, replicates, asked.seed)


def grown(
    asked: question.Question,
    rows: Rows,
    replicates: int,
    precision: float | None,
    budget: int,
    design: Design | None = None,
) -> Comparison:
    """Return a comparison of runs that are added in stages until the precision is reached.

    With a ``design`` over draws of the rules there is one stage, and what is compared are the
    means of its pairs of draws.
    """
    same = _same(asked.plans)
    runs = list(rows(0, replicates))
    stages = [runs[0].replicates]
    widths = _half_widths(runs, asked.outcomes[0], same, design)
    while precision is not None:
        now = sum(stages)
        total = grow.next_total(widths, precision, budget // len(asked.plans))
        if total == now:
            break
        stages.append(total - now)
        more = rows(now, total - now)
        runs = [one.followed_by(other) for one, other in zip(runs, more, strict=True)]
        widths = _half_widths(runs, asked.outcomes[0], same, design)
    reached = grow.precision(
        asked.outcomes[0],
        widths,
        asked=precision,
        budget=budget,
        plans=len(runs),
        stages=stages,
    )
    return _estimated(asked, runs, reached, same, design)


def _same(plans: Mapping[str, Scenario]) -> list[bool]:
    """Return which of the other plans are the first one, but for their texts."""
    first, *others = (one.with_values({"title": "-", "shows": "-"}) for one in plans.values())
    return [one == first for one in others]


def _pairs(
    values: Sequence[Floats], kind: str, weeks: int, same: Sequence[bool], design: Design | None
) -> Pairs:
    """Return the differences of an outcome, with the extreme that its kind has."""
    table = np.stack(values, axis=1)
    extreme = extreme_of(kind, weeks, table)
    if design is None:
        return pairs_of(table, extreme=extreme, same=same)
    means = np.stack([folded(one, design.shape) for one in values], axis=1)
    return pairs_of(means, extreme=extreme, same=same, each=design.shape.group)


def _half_widths(
    runs: Sequence[Runs], name: str, same: Sequence[bool], design: Design | None
) -> Floats:
    values = [measured(one, [name])[name].values for one in runs]
    kind = kind_and_unit(name)[0]
    return grow.half_widths(_pairs(values, kind, runs[0].weeks, same, design))


def _estimated(
    asked: question.Question,
    runs: Sequence[Runs],
    reached: grow.Precision,
    same: Sequence[bool],
    design: Design | None,
) -> Comparison:
    """Return what the runs say."""
    found = [measured(one, asked.outcomes) for one in runs]
    chances = [_chances(one, asked.target) for one in runs]
    tables = []
    for name in asked.outcomes:
        values, kind = [one[name].values for one in found], kind_and_unit(name)[0]
        tables.append(_pairs(values, kind, runs[0].weeks, same, design))
    tables.append(_pairs(chances, "share", runs[0].weeks, same, design))
    *gaps, change = differences(tables, asked.seed)
    compared = {
        name: _compared(asked, name, [one[name] for one in found], other, design)
        for name, other in zip(asked.outcomes, gaps, strict=True)
    }
    return Comparison(
        scenarios=asked.plans,
        seed=asked.seed,
        replicates=runs[0].replicates,
        weeks=runs[0].weeks,
        organisations=tuple(one.organisations for one in runs),
        outcomes=compared,
        shown=asked.shown,
        target=_target(asked, chances, change, design),
        precision=reached,
        weekly={plan: one.weekly for plan, one in zip(asked.plans, runs, strict=True)},
        posterior=None if design is None else design.described(),
    )


def _chances(runs: Runs, target: Target) -> Floats:
    """Return the share of each run's organisations that meet the target, shape (runs,)."""
    met = target.met(runs.outcomes[:, :, runs.names.index(target.outcome)])
    return np.asarray(met.mean(axis=1))


def _compared(
    asked: question.Question,
    name: str,
    runs: Sequence[Measured],
    found: Sequence[Difference],
    design: Design | None,
) -> Compared:
    first = next(iter(asked.plans.values()))
    better = better_of(name)
    plans, rules = {}, {}
    for k, (plan, one) in enumerate(zip(asked.plans, runs, strict=True)):
        known = one.values[np.isfinite(one.values)]
        mean = float(known.mean()) if len(known) else None
        if k == 0:
            plans[plan] = _entry(mean, _NOTHING, NOT_SAID, len(known))
            continue
        luck, n = _luck(runs[0], one, better, design), found[k - 1].n
        if design is not None:
            n = int((np.isfinite(runs[0].values) & np.isfinite(one.values)).sum())
            rules[plan] = over_rules(runs[0].values, one.values, design.shape, better)
        plans[plan] = _entry(mean, found[k - 1], luck, n)
    unit = shown_unit(kind_and_unit(name)[1], first.currency)
    return Compared(name, label_of(first, name), unit, better, plans, rules)


def _luck(first: Measured, other: Measured, better: str, design: Design | None) -> Better:
    """Return the chance that another plan does better if luck differed, under the same rules."""
    if better == "neither":
        return NOT_SAID
    if design is None:
        return p_better(first.ranks, other.ranks, higher=better == "higher")
    return better_over_draws(first.ranks, other.ranks, design.shape, higher=better == "higher")


def _entry(mean: float | None, found: Difference, luck: Better, n: int) -> Entry:
    return Entry(
        mean=mean,
        difference=found.difference,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        se=found.se,
        n=n,
        variance_reduction=found.variance_reduction,
        p_better=luck.p,
        p_better_low=luck.low,
        p_better_high=luck.high,
    )


def _target(
    asked: question.Question,
    chances: Sequence[Floats],
    change: Sequence[Difference],
    design: Design | None,
) -> TargetCompared:
    plans: dict[str, Chance] = {}
    for plan, values, found in zip(asked.plans, chances, (_NOTHING, *change), strict=True):
        rows = values if design is None else folded(values, design.shape)
        chance, low, high = interval(rows, share=True)
        plans[plan] = Chance(
            chance,
            low,
            high,
            found.difference,
            found.ci_low,
            found.ci_high,
            found.se,
            len(values),
        )
    first = next(iter(asked.plans.values()))
    return TargetCompared(asked.target, label_of(first, asked.target.outcome), plans)
