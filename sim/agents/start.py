"""From the arrays of week 0 (`sim.world`) to agents, in the order of ids."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sim.agents.clinician import Clinician
from sim.agents.organisation import Organisation
from sim.agents.patient import Patient
from sim.agents.staff import ImplementationManager, ProjectLead
from sim.layout import World

if TYPE_CHECKING:
    from sim.agents.model import Model


def populate(model: "Model", w: World) -> None:
    """Make the agents of a model."""
    kinds = model.kinds
    for post, state in enumerate(records(w.managers)):
        model.vendor.managers.append(kinds[ImplementationManager](model, post, state))
    model.organisations += [kinds[Organisation](model, state) for state in records(w.organisations)]
    leads = int(model.p.leads)
    for i, state in enumerate(records(w.leads)):
        organisation = model.organisations[i // leads]
        organisation.leads.append(kinds[ProjectLead](model, organisation, i % leads, state))
    add_clinicians(model, w)
    add_neighbours(model, w)
    add_patients(model, w)


def records(array: NDArray[Any]) -> Iterator[dict[str, Any]]:
    """Yield each record of an array of structures as plain numbers by field."""
    names = array.dtype.names or ()
    for values in array.tolist():
        yield dict(zip(names, values, strict=True))


def add_clinicians(model: "Model", w: World) -> None:
    """Make the clinicians; the first posts of an organisation are its key-users."""
    posts, key_user_posts = int(model.p.clinicians), int(model.p.key_user_posts)
    for i, state in enumerate(records(w.clinicians)):
        del state["leave_hazard"]  # an agent's hazards are methods
        organisation, post = model.organisations[i // posts], i % posts
        team = organisation.teams[state["team"]]
        made = model.kinds[Clinician](model, organisation, post, team, state)
        team.members += 1
        organisation.clinicians.append(made)
        if post < key_user_posts:
            organisation.key_users.append(made)


def add_neighbours(model: "Model", w: World) -> None:
    """Link the clinicians, unless everybody knows everybody."""
    if model.p.full_network > 0.0:
        return
    everybody = [one for organisation in model.organisations for one in organisation.clinicians]
    offsets, neighbours = w.offsets.tolist(), w.neighbours.tolist()
    for i, clinician in enumerate(everybody):
        ties = neighbours[offsets[i] : offsets[i + 1]]
        clinician.neighbours = [everybody[k] for k in ties]


def add_patients(model: "Model", w: World) -> None:
    """Make the patients who are in care at week 0."""
    everybody = [one for organisation in model.organisations for one in organisation.clinicians]
    caseload, made = int(model.p.caseload), model.kinds[Patient]
    for i, state in enumerate(records(w.patients)):
        clinician, place = everybody[i // caseload], i % caseload
        clinician.patients.append(
            made(model, clinician, place, 0, state["weeks_left"], state["admitted"])
        )
