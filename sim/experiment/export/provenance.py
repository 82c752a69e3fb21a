"""Where exported numbers come from: plan, result, seed, scenario, versions, label."""

from typing import TYPE_CHECKING, Any

from sim import outcomes
from sim.compiled import source_hash
from sim.experiment.runs.plan import Plan, parameters_of
from sim.experiment.store.folder import versions
from sim.experiment.units import labelled

if TYPE_CHECKING:
    from sim.experiment.store.stored import Stored


def of_plan(plan: Plan) -> dict[str, Any]:
    """Return what is known of runs that are made here and now, and not stored."""
    return {
        "title": plan.study.get("title") or plan.base.title,
        "label": labelled(outcomes.LABEL),
        "scenario_name": plan.base.name,
        "scenario": plan.base.to_toml(),
        "parameters": parameters_of(plan.base),
        "study": dict(plan.study),
        "seed": plan.seed,
        "engine": plan.engine,
        "runs": plan.runs,
        "plan": plan.hash,
        "source": source_hash(),
        "versions": versions(),
    }


def of_stored(stored: "Stored") -> dict[str, Any]:
    """Return what a result's folder says of itself: code and versions are those that made it."""
    manifest = stored.manifest
    made = {name: manifest[name] for name in ("source", "canary", "versions")}
    return {
        **of_plan(stored.plan),
        "label": labelled(manifest["label"]),
        **made,
        "command": list(manifest["command"]),
        "result": stored.result,
        "sealed": stored.sealed,
        "runs_there": stored.done,
        "failed": [list(one) for one in stored.failed],
    }
