"""Published correlations are total effects: what the rules add up to has to stay in their range.

Direct, through strain, through motivation and (for role clarity) through ownership, over the
default population at rest (docs/odd.md, "Total effects").
"""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import inputs
from sim.rules import people, project
from sim.scenario import load
from sim.world import new_world, recipe
from tests.pages import ROOT

ODD = ROOT / "docs" / "odd.md"

PERFORMANCE_SD = 0.52
"""Spread of performance between workers from all causes, on the log scale: assumed.

The model's hours differ only by clarity, motivation and strain; people differ by more than that.
"""

TEAM = 8.0
"""Leads and key-users of the standard organisation."""


@pytest.fixture(scope="module")
def population() -> dict[str, NDArray[np.float64]]:
    """Return 12 000 clinicians at rest, and the logarithm of what an hour of theirs is worth."""
    shape = {"organisations": 200, "caseload": 0}
    made = recipe(load("baseline").with_values(shape))
    p = inputs.namespace(made.p)
    staff = new_world(made, 1, 0).clinicians
    states = zip(staff.motivation, staff.clarity, staff.strain, strict=True)
    worth = np.array([people.productivity(p, m, c, e) for m, c, e in states])
    others = float(staff.clarity.mean())
    owned = np.array(
        [
            project.ownership(TEAM, others + (float(c) - others) / TEAM, p.diffusion_seen)
            for c in staff.clarity
        ]
    )
    return {
        "clarity": staff.clarity.copy(),
        "own": staff.own.copy(),
        "strain": staff.strain.copy(),
        "performance": np.log(worth * owned),
    }


def total_effect(cause: NDArray[np.float64], effect: NDArray[np.float64]) -> float:
    """Return the change of an effect per standard deviation of an independent cause."""
    return float(np.cov(cause, effect)[0, 1] / cause.std(ddof=1))


def quoted(effect: str) -> str:
    """Return what docs/odd.md says of a total effect, written .25 there."""
    (number,) = re.findall(rf"^\| {effect} \| (\.\d\d) \|", ODD.read_text("utf-8"), re.M)
    return f"0{number}"


def test_role_ambiguity_goes_with_strain_as_published(
    population: dict[str, NDArray[np.float64]],
) -> None:
    """Schmidt 2014 (doi 10.1080/1359432X.2012.711523): .28; range .20 to .47."""
    found = -np.corrcoef(population["clarity"], population["strain"])[0, 1]
    assert 0.20 <= found <= 0.47
    assert quoted("role ambiguity → strain") == f"{found:.2f}"


def test_role_clarity_moves_performance_as_published(
    population: dict[str, NDArray[np.float64]],
) -> None:
    """Standardised slope .1 to .3."""
    found = total_effect(population["clarity"], population["performance"]) / PERFORMANCE_SD
    assert 0.10 <= found <= 0.30
    assert quoted("role clarity → performance") == f"{found:.2f}"


def test_motivation_moves_performance_as_published(
    population: dict[str, NDArray[np.float64]],
) -> None:
    """Cerasoli 2014 (doi 10.1037/a0035661): .21 to .45."""
    found = total_effect(population["own"], population["performance"]) / PERFORMANCE_SD
    assert 0.21 <= found <= 0.45
    assert quoted("motivation → performance") == f"{found:.2f}"
