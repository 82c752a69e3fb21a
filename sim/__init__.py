"""Simulate how an eMental-health platform gets implemented with Make it Happen.

    import sim as mih

    result = mih.run("baseline", replicates=100, seed=1)
    result.summary()["adoption"]

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agents import (
        Clinician as Clinician,
    )
    from sim.agents import (
        ImplementationManager as ImplementationManager,
    )
    from sim.agents import (
        Model as Model,
    )
    from sim.agents import (
        Organisation as Organisation,
    )
    from sim.agents import (
        Patient as Patient,
    )
    from sim.agents import (
        ProjectLead as ProjectLead,
    )
    from sim.scenario import Scenario as Scenario
    from sim.scenario import load as load
    from sim.simulate import Result as Result
    from sim.simulate import run as run

_FOUND_IN = {
    "Clinician": "sim.agents",
    "ImplementationManager": "sim.agents",
    "Model": "sim.agents",
    "Organisation": "sim.agents",
    "Patient": "sim.agents",
    "ProjectLead": "sim.agents",
    "Result": "sim.simulate",
    "Scenario": "sim.scenario",
    "load": "sim.scenario",
    "run": "sim.simulate",
}

__all__ = sorted(_FOUND_IN)


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_FOUND_IN[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
