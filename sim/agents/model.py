"""The model: everybody, and the week in its numbered steps (docs/odd.md)."""

import itertools
from collections.abc import Mapping
from dataclasses import astuple
from functools import partial
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import mesa
import numpy as np
from numpy.typing import NDArray

from sim import inputs, layout, world
from sim.agents import start
from sim.agents.base import Agent
from sim.agents.clinician import Clinician
from sim.agents.organisation import Organisation
from sim.agents.patient import Patient
from sim.agents.phases import Phase
from sim.agents.staff import ImplementationManager, ProjectLead, Vendor
from sim.layout import Tape
from sim.rules import measures

if TYPE_CHECKING:
    from sim.scenario import Scenario

KINDS: tuple[type[Agent], ...] = (
    ImplementationManager,
    Organisation,
    ProjectLead,
    Clinician,
    Patient,
)
FIELDS = layout.SERIES.names or ()


class Model(mesa.Model):  # type: ignore[misc]  # mesa has no types
    """One run of a scenario, agent by agent; the same numbers as the compiled engine, bit by bit.

    Chance comes from `sim.draws` alone, never from ``model.random`` or ``model.rng``, so a run
    depends on its scenario, seed and replicate and on nothing else.
    """

    def __init__(
        self,
        scenario: "Scenario | str | Path",
        seed: int = 1,
        *,
        replicate: int = 0,
        organisation_replicate: int | None = None,
        weeks: int | None = None,
        first_organisation: int = 0,
        agents: Mapping[type[Agent], type[Agent]] | None = None,
        events: bool = False,
    ) -> None:
        """Make everybody as they are before the first week.

        ``scenario`` may be a name or path to load; ``agents`` replaces classes by subclasses of
        them; ``weeks`` overrides the horizon; ``events`` keeps the event table. The replicates
        and ``first_organisation`` are those of `sim.world.new_world`.

        Raises TypeError if ``agents`` names something else than our classes and subclasses.
        """
        super().__init__(rng=seed)
        self.kinds = {kind: kind for kind in KINDS} | checked(agents)
        self.keeps_events = events
        self.read(world.recipe(loaded(scenario), weeks))
        w = world.new_world(
            self.recipe, seed, replicate, organisation_replicate, first_organisation
        )
        self.series = np.zeros((self.weeks, len(w.organisations)), layout.SERIES)
        self.events: list[tuple[int, ...]] = []
        self.datacollector = mesa.DataCollector(
            {name: partial(mean_over_organisations, name=name) for name in FIELDS}
        )
        self.agent_numbers = itertools.count(1)
        self.vendor = Vendor(self)
        self.organisations: list[Organisation] = []
        start.populate(self, w)

    def read(self, recipe: world.Recipe) -> None:
        """Take over what the scenario says, as plain numbers; no week is done yet."""
        self.recipe = recipe
        self.weeks = recipe.weeks
        self.week = 0  # number of weeks done, and the number of the week that is on
        self.running = self.weeks > 0
        self.p = inputs.namespace(recipe.p)
        self.setup_weeks = int(self.p.setup_weeks)
        self.plan = tuple(Phase(*row) for row in recipe.plan.tolist())
        self.attention: list[float] = recipe.attention.tolist()
        self.care_table: list[float] = recipe.care.tolist()

    def everybody(self, kind: type[Agent]) -> Any:
        """Return the AgentSet of one kind, or of the subclass that stands in for it."""
        found = self.agents_by_type.get(self.kinds[kind])
        return self.agents.select(at_most=0) if found is None else found

    def step(self) -> None:
        """Take everybody through one week. No step depends on the order of the agents in it.

        Raises RuntimeError if all weeks are done.
        """
        if self.week >= self.weeks:
            raise RuntimeError(f"the run is over: all {self.weeks} weeks are done")
        self.vendor.look()  # step 1
        self.everybody(Organisation).do("look")
        self.vendor.share_hours()  # step 2
        self.everybody(Clinician).do("propose")  # step 3
        self.everybody(Organisation).do("settle_seats")  # step 4
        self.everybody(Patient).do("step")  # step 5
        self.everybody(Clinician).do("step")  # step 6
        self.everybody(ProjectLead).do("step")  # step 7
        self.everybody(ImplementationManager).do("step")  # step 8
        self.everybody(Organisation).do("step")  # step 9
        self.everybody(Organisation).do("measure")  # step 10
        self.week += 1
        self.running = self.week < self.weeks
        self.datacollector.collect(self)

    def run(self) -> Self:
        """Run to the horizon; return the model."""
        while self.running:
            self.step()
        return self

    def write(self, organisation: Organisation) -> None:
        """Write this week's row of an organisation into the series."""
        row = organisation.row
        self.series[self.week, organisation.index] = tuple([row[name] for name in FIELDS])

    def log(
        self,
        organisation: int,
        role: int,
        post: int,
        place: int,
        occupant: int,
        event: int,
        detail: int,
    ) -> None:
        """Write down an event of this week, if events are kept."""
        if self.keeps_events:
            self.events.append(
                (self.week, organisation, role, post, place, occupant, event, detail)
            )

    def tape(self) -> Tape:
        """Return what the run has written down so far, as the compiled engine does.

        Its events are complete, in no particular order, if the model was made with ``events``.
        """
        tape = layout.new_tape(
            self.weeks, len(self.organisations), len(self.plan), len(self.events)
        )
        tape.series[:] = self.series
        for o, organisation in enumerate(self.organisations):
            tape.cohorts[:, o] = [astuple(cohort) for cohort in organisation.cohorts]
            tape.progress[o] = [astuple(progress) for progress in organisation.progress]
            tape.totals[o] = astuple(organisation.totals)
        tape.events[1:] = self.events
        tape.events["week"][0] = len(self.events)
        return tape

    def event_table(self) -> NDArray[np.void]:
        """Return the events so far (`sim.layout.EVENT`), sorted by week, organisation, role, ...

        Raises RuntimeError if the model was made without ``events``.
        """
        if not self.keeps_events:
            raise RuntimeError("no events were kept: make the model with events=True")
        return np.array(sorted(self.events), layout.EVENT)


def mean_over_organisations(model: Model, name: str) -> float:
    """Return the mean of a field of the week's record over organisations that have a value."""
    count, total = 0, 0.0
    for organisation in model.organisations:
        value = organisation.row.get(name, nan)
        if value == value:  # not NaN
            count += 1
            total += value
    return measures.mean(total, count)


def loaded(scenario: "Scenario | str | Path") -> "Scenario":
    """Return a scenario, loaded if only its name or path was given."""
    if isinstance(scenario, str | Path):
        from sim.scenario import load

        return load(scenario)
    return scenario


def checked(
    agents: Mapping[type[Agent], type[Agent]] | None,
) -> dict[type[Agent], type[Agent]]:
    """Return the replacements of classes asked for, or raise TypeError."""
    if agents is None:
        return {}
    if not isinstance(agents, Mapping):
        raise TypeError(f"agents: must be a mapping of classes to subclasses (found {agents!r})")
    names = ", ".join(kind.__name__ for kind in KINDS)
    for kind, replacement in agents.items():
        if kind not in KINDS:
            raise TypeError(f"agents: {kind!r} is no class of the model (they are {names})")
        if not (isinstance(replacement, type) and issubclass(replacement, kind)):
            raise TypeError(f"agents: {replacement!r} is not a subclass of {kind.__name__}")
    return dict(agents)
