"""The Mesa engine: the same week as the compiled kernel, agent by agent, to see and to extend.

Everybody is an agent: `ImplementationManager`, `Organisation`, `ProjectLead`, `Clinician` and
`Patient`. Their attributes have the names of `sim.layout`, their methods the numbers of the week's
steps (docs/odd.md), and every decision is a rule of `sim.rules`. To change the model, override a
method and hand the class over::

    class Sceptic(Clinician):
        def start_hazard(self) -> float:
            return 0.5 * super().start_hazard()

    model = Model("baseline", seed=1, agents={Clinician: Sceptic}).run()
    model.datacollector.get_model_vars_dataframe()["adoption"].plot()

A week has two phases: first everybody sees last week and proposes, then everybody changes. So the
order of agents does not matter, and both engines give the same bits. What adds up floats does so
in a plain loop in the order of ids, because the order of a sum changes its last bits.
"""

from sim.agents.clinician import Clinician
from sim.agents.model import Model
from sim.agents.organisation import Organisation
from sim.agents.patient import Patient
from sim.agents.phases import Phase, Progress
from sim.agents.staff import ImplementationManager, ProjectLead, Staff, Vendor

__all__ = [
    "Clinician",
    "ImplementationManager",
    "Model",
    "Organisation",
    "Patient",
    "Phase",
    "Progress",
    "ProjectLead",
    "Staff",
    "Vendor",
]
