"""What a folder of ``mih run``, ``compare``, ``explain``, ``staff`` or ``sweep`` holds."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.experiment.compare.comparison import Comparison
from sim.experiment.doubt.each import Kept
from sim.experiment.doubt.grouped import grouped
from sim.experiment.doubt.nested import design_in
from sim.experiment.doubt.running import Drawn
from sim.experiment.explain.explaining import explained
from sim.experiment.explain.explanation import RESULT
from sim.experiment.explain.ledger import PhaseLedger, Weeks
from sim.experiment.explain.question import checked
from sim.experiment.staff.running import ASKED
from sim.experiment.store.encoding import read_json
from sim.experiment.store.locks import COMPARISON, MANIFEST
from sim.experiment.store.stored import Stored, open_result
from sim.layout import SERIES
from sim.outcomes import outcome_names
from sim.reporting.material import Material, command_of, compared, named_by
from sim.reporting.staffing import read_staffing, staffing_command
from sim.scenario import Scenario, loads
from sim.simulate import Result
from sim.world import recipe

KINDS = "mih run, compare, explain, staff or sweep with --out"


def read_folder(folder: Path, target: str | None = None) -> Material:
    """Return what a folder holds; nothing is run.

    Raises InputError for a folder that none of these commands wrote, IncompleteError for one that
    is not finished, DamagedError for one that was changed.
    """
    if (folder / COMPARISON).exists():
        return _comparison(folder, target)
    if (folder / ASKED).exists():
        return _staffing(folder, target)
    if not (folder / MANIFEST).exists():
        raise InputError(f"{folder}: no result to report; allowed: a folder of {KINDS}")
    if target is not None:
        raise InputError("--target: only with a scenario or a folder of mih compare")
    stored = open_result(folder).complete()
    if (folder / RESULT).exists():
        return _explanation(folder, stored)
    return _run(stored) if _is_run(stored) else _material(stored, swept=stored)


def result_of(stages: Sequence[Stored], scenario: Scenario) -> Result:
    """Return runs of one point as a result, one stage after the other.

    Of a point over draws of the rules it is a `Drawn`. It has the weekly series that were kept;
    `Result.summary` gives what ``mih run`` printed.
    """
    plan = stages[0].plan
    made = plan.recipe(0)
    shape = (-1, made.organisations)
    rows = [stored.organisations for stored in stages]

    def column(name: str) -> Any:
        return np.concatenate([one[name].to_numpy(float) for one in rows]).reshape(shape)

    outcomes = np.stack([column(name) for name in plan.outcomes], axis=-1)
    spans = [
        np.stack([column(f"phase_{what}.{phase.name}") for what in ("opened", "done")], axis=-1)
        for phase in scenario.phases
    ]
    parts: dict[str, Any] = {
        "scenario": scenario,
        "seed": plan.seed,
        "first_replicate": int(plan.first_replicate[0]),
        "weeks": made.weeks,
        "engine": plan.engine,
        "names": plan.outcomes,
        "outcomes": outcomes,
        "weekly": _weekly(stages, made.weeks),
        "phase_spans": np.stack(spans, axis=2),
        "sound": np.ones(len(outcomes), bool),
        "events": None,
    }
    design = design_in(plan.study)
    return Result(**parts) if design is None else Drawn(**parts, design=design, plan=plan)


def _weekly(stages: Sequence[Stored], weeks: int) -> Any:
    """Return the weekly series that were kept, (runs, weeks) of records."""
    names = stages[0].plan.weekly
    runs = sum(stored.plan.runs for stored in stages)
    table = np.full((runs, weeks), np.nan, dtype=[(name, float) for name in names])
    for name in names if weeks else ():
        kept = [stored.table("weekly")[name].to_numpy() for stored in stages]
        table[name] = np.concatenate(kept).reshape(runs, weeks)
    return table


def _is_run(stored: Stored) -> bool:
    """Return whether a result is one scenario's runs, with all that a run keeps."""
    points = grouped(stored).plan
    return points.count == 1 and not points.points and points.weekly == (SERIES.names or ())


def _run(stored: Stored) -> Material:
    plan = stored.plan
    return _material(stored, results={plan.base.name: result_of([stored], plan.base)})


def _material(stored: Stored, **parts: Any) -> Material:
    """Return what is told of one sealed result."""
    plan, manifest = stored.plan, stored.manifest
    design = design_in(plan.study)
    horizon = int(plan.whole("weeks").max(initial=0))
    parts = {"posterior": None if design is None else design.described()} | parts
    each = int(plan.replicates.max(initial=0)) if design is None else design.shape.runs
    return Material(
        plans={plan.base.name: plan.base},
        seed=plan.seed,
        replicates=parts.pop("replicates", each),
        weeks=horizon,
        made=list(manifest["command"]),
        kept={plan.base.name: stored.result or ""},
        label=manifest["label"],
        versions=manifest["versions"],
        source=manifest["source"],
        **parts,
    )


def _explanation(folder: Path, stored: Stored) -> Material:
    """Return an explanation, estimated from its runs; its ledger is the one that was kept."""
    kept = read_json(folder / RESULT) or {}
    plan = stored.plan
    drawn = kept.get("posterior")
    question = replace(
        checked(plan.base, kept["outcome"], kept["replicates"], plan.seed, plan.weeks),
        posterior=drawn and Kept(drawn["id"], tuple(drawn["parameters"]), plan),
    )
    if question.plan.hash != plan.hash:
        raise InputError(
            f"{folder}: explained by another version of the registry; run mih explain again"
        )
    found = explained(question, stored, ledger=_ledger(kept["ledger"]))
    return _material(stored, explanation=found, posterior=drawn, replicates=question.replicates)


def _staffing(folder: Path, target: str | None) -> Material:
    """Return a search for staffing from its stages."""
    if target is not None:
        raise InputError("--target: only with a scenario or a folder of mih compare")
    found, stored = read_staffing(folder)
    drawn = found.question.posterior
    return replace(
        _material(stored, staffing=found, replicates=found.question.replicates),
        made=staffing_command(found),
        posterior=None if drawn is None else {"id": drawn.id, "parameters": drawn.parameters},
    )


def _ledger(rows: Sequence[Mapping[str, Any]]) -> tuple[PhaseLedger, ...]:
    return tuple(
        PhaseLedger(
            **{
                **row,
                "took": Weeks(**row["took"]),
                "weeks": {name: Weeks(**one) for name, one in row["weeks"].items()},
            }
        )
        for row in rows
    )


def _comparison(folder: Path, target: str | None) -> Material:
    """Return a comparison from its stages."""
    asked = read_json(folder / COMPARISON) or {}
    stages = sorted(folder.glob("stage-*"))
    plans: dict[str, Scenario] = {}
    results: dict[str, Result] = {}
    kept: dict[str, str] = {}
    stored: list[Stored] = []
    for k, name in enumerate(asked["plans"]):
        places = [next(iter(stage.glob(f"{k}-*")), stage / f"{k}-{name}") for stage in stages]
        stored = [open_result(place).complete() for place in places]
        if not stored:
            raise InputError(f"{folder}: no stage is finished; run mih compare again")
        plans[name] = loads(asked["scenarios"][name], stored[0].plan.base.name)
        results[name] = result_of(stored, plans[name])
        kept |= {f"{name}, {one.folder.parent.name}": one.result or "" for one in stored}
    found = compared(
        plans,
        results,
        asked["seed"],
        target=target or _first(folder, "target", "target"),
        weeks=asked["weeks"],
        outcomes=_outcomes(folder, plans),
    )
    return _of_comparison(found, results, kept, stored[0])


def _of_comparison(
    found: Comparison, results: Mapping[str, Result], kept: Mapping[str, str], stored: Stored
) -> Material:
    weeks, drawn = stored.plan.weeks, found.posterior
    runs = found.replicates if drawn is None else drawn["asked"]
    made = command_of(found.scenarios, runs, found.seed, weeks)
    made += [] if drawn is None else ["--posterior", named_by(drawn["id"])]
    return Material(
        plans=found.scenarios,
        seed=found.seed,
        replicates=found.replicates,
        weeks=found.weeks,
        made=made,
        results=results,
        comparison=found,
        posterior=drawn,
        kept=kept,
        label=stored.manifest["label"],
        versions=stored.manifest["versions"],
        source=stored.manifest["source"],
    )


def _outcomes(folder: Path, plans: Mapping[str, Scenario]) -> list[str] | None:
    """Return the outcomes that were asked for, None for all."""
    names = list(dict.fromkeys(_column(folder, "comparison", "outcome")))
    every = set(outcome_names(recipe(next(iter(plans.values())))))
    return names if names and set(names) < every else None


def _first(folder: Path, table: str, name: str) -> str | None:
    return next(iter(_column(folder, table, name)), None)


def _column(folder: Path, table: str, name: str) -> list[str]:
    """Return a column of a table of the folder, [] if there is none."""
    path = folder / "tables" / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]
