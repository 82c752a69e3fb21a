"""Worlds for the tests of theory: bare scenarios, worlds after some weeks, events by kind."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout
from sim.kernel.week import simulate
from sim.layout import Tape, World
from sim.scenario import Scenario, load
from sim.simulate import run_compiled, sorted_events
from sim.world import Recipe, new_world, recipe

HOURS = ("manager_hours", "team_hours", "team_hours_per_clinician")
PROJECT_PHASES = ("onboarding", "journeys", "build", "train")

NO_WORK: dict[str, Any] = {
    f"phases.{phase}.{hours}": 0.0 for phase in PROJECT_PHASES for hours in HOURS
} | {"phases.build.delay_weeks": 0}
"""Phases that take no work: they are done as soon as they may begin."""

NOBODY: dict[str, Any] = {"managers": 0, "leads": 0, "key_users": 0.0}

NO_LOSS: dict[str, Any] = {
    "turnover": 0.0,
    "lead_turnover": 0.0,
    "manager_turnover": 0.0,
    "stop_rate": 0.0,
}

_SLOPES = """
    start_motivation start_clarity start_fit start_usability start_skill start_peers start_overload
    lapse_habit lapse_strain lapse_overload lapse_experience lapse_support training_rate
    invitation_habit invitation_motivation dropout_guidance turnover_strain acceptance_fit
    acceptance_skill shown_weight
"""

CONSTANT: dict[str, Any] = dict.fromkeys(_SLOPES.split(), 0.0) | {
    "start_untrained": 1.0,
    "start_resuming": 1.0,
}
"""Nothing feeds back: every hazard is its rate."""

LIVE_WEEK = 2
"""When `live_at_once` goes live (0-based): onboarding, journeys and build each end in one week."""


def baseline(changes: dict[str, Any] | None = None, /, **more: Any) -> Scenario:
    """Return the baseline with some values changed."""
    return load("baseline").with_values((changes or {}) | more)


def live_at_once(changes: dict[str, Any] | None = None, /, **more: Any) -> Scenario:
    """Return an organisation without staff for the project, live in week 2, that never stops."""
    return baseline(NO_WORK | NOBODY | NO_LOSS | (changes or {}) | more)


def world_after(
    made: Recipe, weeks: int, seed: int = 1, replicate: int = 0, *, events: bool = False
) -> tuple[World, Tape]:
    """Return world and tape at the end of week ``weeks - 1`` (fresh arrays every time)."""
    room = 200_000 if events else 0
    world = new_world(made, seed, replicate)
    tape = layout.new_tape(weeks, made.organisations, len(made.plan), room)
    simulate(world, tape)
    return world, tape


def copied(world: World) -> World:
    """Return a world whose parameters and plan may be changed: those of a recipe are shared."""
    return world._replace(p=world.p.copy(), plan=world.plan.copy())


def simulated(world: World, weeks: int, *, events: int = 0) -> Tape:
    """Run a (changed) world for some weeks and return its tape."""
    tape = layout.new_tape(weeks, len(world.organisations), len(world.plan), events)
    simulate(world, tape)
    return tape


def events_of(scenario: Scenario, seed: int = 1, replicate: int = 0) -> NDArray[np.void]:
    """Return the sorted events of one run."""
    return sorted_events(run_compiled(recipe(scenario), seed, replicate, events=True))


def of_kind(events: NDArray[np.void], *kinds: int) -> NDArray[np.void]:
    """Return the events of some kinds."""
    return events[np.isin(events["event"], kinds)]


def tape_bytes(tape: Tape, organisation: int | None = None) -> bytes:
    """Return all that a tape holds (of one organisation), events aside, as bytes."""
    which = slice(None) if organisation is None else slice(organisation, organisation + 1)
    parts = (
        tape.series[:, which],
        tape.cohorts[:, which],
        tape.totals[which],
        tape.progress[which],
    )
    return b"".join(np.ascontiguousarray(np.asarray(part)).tobytes() for part in parts)


def spells(
    events: NDArray[np.void], begin: tuple[int, ...], end: tuple[int, ...], before: int
) -> NDArray[np.int64]:
    """Return the lengths in weeks of spells from one kind of event to the next of another.

    Only spells begun before week ``before`` count, so that the horizon cuts off (nearly) none.
    """
    found = []
    since: dict[tuple[int, ...], int] = {}
    for event in of_kind(events, *begin, *end):
        who = tuple(int(event[name]) for name in ("organisation", "role", "post", "place"))
        if event["event"] in end and who in since:
            found.append(int(event["week"]) - since.pop(who))
        if event["event"] in begin and event["week"] < before:
            since[who] = int(event["week"])
    assert not since, "the horizon cut off spells: choose an earlier end"
    return np.array(found)


@lru_cache(maxsize=128)
def baseline_parameters(**changes: Any) -> Any:
    """Return ``p`` of a changed baseline, for rules called from Python."""
    from sim import inputs

    return inputs.namespace(recipe(baseline(changes)).p)
