"""Mechanisms switched off one by one: the factor changes nothing but its own record.

Bit for bit. What stays is the state itself, which goes on moving and being reported (people who do
not know their tasks still do not know them), but no rule reads it.
"""

from typing import Any

import numpy as np
import pytest

from sim.scenario import MECHANISMS
from sim.simulate import run, run_compiled
from sim.world import recipe
from tests.theory.worlds import baseline

ROLES = ("manager", "lead", "clinician")
FACTORS: dict[str, tuple[str, tuple[Any, Any], tuple[str, ...]]] = {
    # mechanism: input, two values, series that may differ
    "role_clarity": ("role_clarity", (0.3, 0.8), tuple(f"role_clarity_{role}" for role in ROLES)),
    "workload": ("workload", (0.85, 1.15), (*(f"load_{role}" for role in ROLES), "load_users")),
    "motivation": ("motivation", (0.35, 0.75), tuple(f"motivation_{role}" for role in ROLES)),
    "trust": ("trust", (0.25, 0.8), ("trust",)),
    "diffusion": ("diffusion", (0.0, 0.8), ()),
    "underestimation": ("underestimation", (0.0, 1.0), ()),
    "alignment": ("alignment", (0.1, 0.9), ()),
    "engagement": ("engagement", (0.2, 0.9), ()),
}
SMALL: dict[str, Any] = {"clinicians": 24, "caseload": 6, "organisations": 2, "managers": 2}


def series(name: str, value: Any, mechanisms: dict[str, bool], replicate: int) -> np.ndarray:
    scenario = baseline(SMALL | {name: value, "mechanisms": mechanisms})
    return run_compiled(recipe(scenario), 3, replicate).series


def test_every_mechanism_is_tested() -> None:
    assert tuple(FACTORS) == MECHANISMS


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_factor_that_is_switched_off_changes_nothing_else(mechanism: str) -> None:
    name, values, own = FACTORS[mechanism]
    for replicate in range(4):
        low, high = (series(name, value, {mechanism: False}, replicate) for value in values)
        for field in low.dtype.names or ():
            if field not in own:
                assert low[field].tobytes() == high[field].tobytes(), (replicate, field)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_factor_that_is_switched_on_changes_something(mechanism: str) -> None:
    name, values, own = FACTORS[mechanism]
    low, high = (series(name, value, {}, 0) for value in values)
    assert any(
        low[field].tobytes() != high[field].tobytes()
        for field in low.dtype.names or ()
        if field not in own
    )
    for field in own:
        assert low[field].tobytes() != high[field].tobytes()


@pytest.mark.parametrize("network", ["small-world", "full"])
def test_with_all_mechanisms_off_the_model_still_runs(network: str) -> None:
    off = dict.fromkeys(MECHANISMS, False)
    found = run(baseline(mechanisms=off, network=network, stop_rate=0.0), 20, workers=2)
    adoption = found.outcomes[:, 0, found.names.index("adoption")]
    assert np.all((adoption >= 0.0) & (adoption <= 1.0))
    assert adoption.mean() > 0.1
    assert not np.any(np.isinf(found.outcomes))


def test_an_obstacle_switched_off_is_absent() -> None:
    """The reference of diffusion and of underestimation is 0."""
    for name in ("diffusion", "underestimation"):
        off = run_compiled(recipe(baseline(mechanisms={name: False})), 1, 0).series
        none = run_compiled(recipe(baseline({name: 0.0})), 1, 0).series
        assert off.tobytes() == none.tobytes()
