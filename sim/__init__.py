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
    from sim.experiment.calibrate.calibrating import calibrate as calibrate
    from sim.experiment.calibrate.calibration import Calibration as Calibration
    from sim.experiment.calibrate.posterior import Posterior as Posterior
    from sim.experiment.calibrate.posterior import read_posterior as read_posterior
    from sim.experiment.calibrate.validate import Validation as Validation
    from sim.experiment.calibrate.validate import validate as validate
    from sim.experiment.compare.comparing import compare as compare
    from sim.experiment.compare.comparison import Comparison as Comparison
    from sim.experiment.design.study import Study as Study
    from sim.experiment.design.study import load_study as load_study
    from sim.experiment.design.study import study_of as study_of
    from sim.experiment.doubt.running import Drawn as Drawn
    from sim.experiment.doubt.running import run as run
    from sim.experiment.explain.explaining import explain as explain
    from sim.experiment.explain.explanation import Explanation as Explanation
    from sim.experiment.sensitivity.factor import Factor as Factor
    from sim.experiment.sensitivity.found import Sensitivity as Sensitivity
    from sim.experiment.sensitivity.run import sensitivity as sensitivity
    from sim.experiment.sensitivity.screened import Screened as Screened
    from sim.experiment.sensitivity.screening import screen as screen
    from sim.experiment.sensitivity.sobol import sobol_indices as sobol_indices
    from sim.experiment.staff.found import Staffing as Staffing
    from sim.experiment.staff.staffing import staff as staff
    from sim.experiment.store.stored import Stored as Stored
    from sim.experiment.store.stored import open_result as open  # noqa: F401 - a face of the package
    from sim.experiment.sweep import sweep as sweep
    from sim.readouts import nomad_like as nomad_like
    from sim.reporting.making import Report as Report
    from sim.reporting.making import report as report
    from sim.scenario import Scenario as Scenario
    from sim.scenario import load as load
    from sim.simulate import Result as Result

_FOUND_IN = {
    "Calibration": "sim.experiment.calibrate.calibration",
    "Clinician": "sim.agents",
    "Comparison": "sim.experiment.compare.comparison",
    "Drawn": "sim.experiment.doubt.running",
    "Explanation": "sim.experiment.explain.explanation",
    "Factor": "sim.experiment.sensitivity.factor",
    "ImplementationManager": "sim.agents",
    "Model": "sim.agents",
    "Organisation": "sim.agents",
    "Patient": "sim.agents",
    "ProjectLead": "sim.agents",
    "Posterior": "sim.experiment.calibrate.posterior",
    "Report": "sim.reporting.making",
    "Result": "sim.simulate",
    "Scenario": "sim.scenario",
    "Screened": "sim.experiment.sensitivity.screened",
    "Sensitivity": "sim.experiment.sensitivity.found",
    "Staffing": "sim.experiment.staff.found",
    "Stored": "sim.experiment.store.stored",
    "Study": "sim.experiment.design.study",
    "Validation": "sim.experiment.calibrate.validate",
    "calibrate": "sim.experiment.calibrate.calibrating",
    "compare": "sim.experiment.compare.comparing",
    "explain": "sim.experiment.explain.explaining",
    "load": "sim.scenario",
    "load_study": "sim.experiment.design.study",
    "nomad_like": "sim.readouts",
    "open": "sim.experiment.store.stored",
    "read_posterior": "sim.experiment.calibrate.posterior",
    "report": "sim.reporting.making",
    "run": "sim.experiment.doubt.running",
    "screen": "sim.experiment.sensitivity.screening",
    "sensitivity": "sim.experiment.sensitivity.run",
    "sobol_indices": "sim.experiment.sensitivity.sobol",
    "staff": "sim.experiment.staff.staffing",
    "study_of": "sim.experiment.design.study",
    "sweep": "sim.experiment.sweep",
    "validate": "sim.experiment.calibrate.validate",
}

_OTHER_NAMES = {"open": "open_result"}
"""What is called otherwise where it is found: a module keeps Python's own `open`."""


__all__ = sorted(_FOUND_IN)


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_FOUND_IN[name]), _OTHER_NAMES.get(name, name))


def __dir__() -> list[str]:
    return [*globals(), *__all__]
