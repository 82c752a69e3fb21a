"""MODEL.md 9.2: without a project people stay as they are."""

from typing import Any

import numpy as np
import pytest

from sim.inputs import namespace
from sim.scenario import MECHANISMS
from sim.simulate import run_compiled
from sim.world import new_world, recipe
from tests.theory.worlds import NO_LOSS, baseline, simulated, world_after
from tests.tolerances import AT_REST, Z_EXACT

LOSSES = {name: value for name, value in NO_LOSS.items() if name != "stop_rate"}
STATES = ("motivation", "role_clarity", "strain")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"organisations": 5, "managers": 3, "leads": 2},
        {"role_clarity": 0.2, "workload": 1.2, "motivation": 0.8},
        {"load_effect": "inverted_u"},
        *({"mechanisms": {name: False}} for name in MECHANISMS),
    ],
    ids=lambda changes: "-".join(map(str, changes)) if len(changes) != 1 else str(changes),
)
def test_without_a_project_everybody_stays_at_rest(changes: dict[str, Any]) -> None:
    made = recipe(baseline(LOSSES | {"project_weeks": 0, "caseload": 2}, **changes))
    for replicate in range(5):
        series = run_compiled(made, 1, replicate).series
        assert len(series) == 156
        for role in ("clinician", "lead", "manager"):
            for state in STATES:
                path = series[f"{state}_{role}"]
                assert np.ptp(path, axis=0).max() <= AT_REST, (role, state)


def test_without_a_project_nothing_happens_and_nothing_is_paid() -> None:
    series = run_compiled(recipe(baseline(project_weeks=0)), 1, 0).series
    nothing = "adoption first_use trained live stopped started cost hours_manager hours_lead"
    nothing += " hours_clinician support journey_fit usability reach"
    for name in nothing.split():
        assert np.all(series[name] == 0.0), name
    assert np.all(series["phase"] == -1.0)


def test_references_are_the_means_of_the_default_population() -> None:
    """Derived, not parameters: they equal the means over people who are really drawn."""
    made = recipe(baseline(organisations=400, clinicians=25, caseload=0, project_weeks=0))
    p = namespace(made.p)
    world = new_world(made, 7, 0)
    for reference, values in (
        (p.clarity_reference, world.clinicians["clarity"]),
        (p.motivation_reference, world.clinicians["motivation"]),
        (p.strain_reference, world.clinicians["strain"]),
        (p.overload_reference, np.maximum(0.0, world.clinicians["load"] - 1.0)),
        (p.slack_reference, np.maximum(0.0, 1.0 - world.clinicians["load"])),
    ):
        by_organisation = values.reshape(400, 25).mean(axis=1)
        error = by_organisation.std(ddof=1) / np.sqrt(400)
        assert abs(by_organisation.mean() - reference) < Z_EXACT * error


def test_references_do_not_follow_the_scenarios_population() -> None:
    usual = namespace(recipe(baseline()).p)
    other = namespace(
        recipe(baseline(role_clarity=0.2, workload=1.3, motivation=0.9, person_sd=0.1)).p
    )
    for name in ("clarity", "motivation", "strain", "overload", "slack", "engagement"):
        field = f"{name}_reference"
        assert getattr(usual, field) == getattr(other, field)


@pytest.mark.parametrize("weeks", [1, 10, 100])
def test_clarity_returns_to_the_posts_level_without_guidance(weeks: int) -> None:
    """c = c0 + (c - c0) exp(-k_d weeks); strain and motivation follow and come back too."""
    made = recipe(baseline(LOSSES | {"project_weeks": 0, "caseload": 0}))
    world = new_world(made, 1, 0)
    for people in (world.clinicians, world.leads, world.managers):
        people["clarity"] = 0.9
    simulated(world, weeks)
    for people in (world.clinicians, world.leads, world.managers):
        post = people["post_clarity"]
        expected = post + (0.9 - post) * np.exp(-0.03 * weeks)
        assert people["clarity"] == pytest.approx(expected, rel=1e-9)


def test_a_post_keeps_its_clarity_and_a_person_the_motivation() -> None:
    """Newcomers bring a motivation of their own; the post's clarity stays what it was."""
    made = recipe(baseline(LOSSES | {"turnover": 3.0, "project_weeks": 0, "caseload": 0}))
    before = new_world(made, 1, 0)
    after, _ = world_after(made, 156)
    assert np.all(after.clinicians["occupant"] > 0)
    assert np.array_equal(after.clinicians["post_clarity"], before.clinicians["post_clarity"])
    assert np.array_equal(after.clinicians["base_load"], before.clinicians["base_load"])
    moved = after.clinicians["own"] != before.clinicians["own"]
    assert np.all(moved)
    pair = np.corrcoef(after.clinicians["own"], before.clinicians["own"])[0, 1]
    assert abs(pair) < Z_EXACT / np.sqrt(60)  # in one organisation: the shift is common to all
