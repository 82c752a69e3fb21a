"""Studies to be disturbed: tiny ones for this process, and a longer one for real commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sim.experiment.design.study import study_of
from sim.experiment.runs import plan as plan_module
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.scenario import Scenario, loads

SMALL = loads('title = "small"\nclinicians = 3\nkey_users = 0\ncaseload = 1\nweeks = 12\n')

BUSY = f"""title = "Busy"
scenario = "baseline"
design = "points"
replicates = 1
outcomes = ["adoption", "reach", "go_live_week"]

[set]
weeks = 156

[factors]
clinicians = [{"1500, " * 46}5000]
role_clarity = [{", ".join(f"{0.2 + k / 100:.2f}" for k in range(47))}]
"""
"""About two seconds of work in 24 chunks: the largest point decides how many runs a chunk has."""


@contextmanager
def small_chunks(runs: int = 2) -> Iterator[None]:
    """Let chunks be of so few runs; workers would not know, so it is for this process alone."""
    with mock.patch.object(plan_module, "MOST_RUNS", runs):
        yield


def small_plan(scenario: Scenario = SMALL, **words: Any) -> Plan:
    """Return a plan of eight tiny runs at two points."""
    factors = words.pop("factors", {"role_clarity": [0.3, 0.7]})
    given: dict[str, Any] = {"replicates": 4, "outcomes": ["adoption", "reach", "go_live_week"]}
    return plan_of_study(study_of(scenario, factors, **(given | words)))


def busy_study(place: Path) -> Path:
    """Write the study of real commands into a folder and return its file."""
    path = place / "busy.toml"
    path.write_text(BUSY)
    return path
