"""One run to be played: who is tied to whom, and every change of a clinician's state."""

from typing import Any

import numpy as np

from sim import layout
from sim.app.questions import Following, Watching
from sim.simulate import run
from sim.world import new_world, recipe

UNTRAINED, TRAINED, USER, LAPSED, VACANT = "untrained", "trained", "user", "lapsed", "vacant"

TURNS = {
    layout.TRAINED: TRAINED,
    layout.STARTED: USER,
    layout.RESUMED: USER,
    layout.LAPSED_USE: LAPSED,
    layout.LEFT_POST: VACANT,
    layout.TOOK_POST: UNTRAINED,
}
"""The state after an event of a clinician."""

PATIENTS = {layout.ACCEPTED: 1, layout.DROPPED_OUT: -1, layout.COMPLETED: -1}
"""By how much an event of a patient changes the number of active patients."""

LEVELS = ("role_clarity", "motivation", "strain", "load")

Json = dict[str, Any]


def played(watching: Watching) -> Json:
    """Return one run: posts with teams and ties, changes by week, milestones, shares by week.

    Weeks count from 1, as everywhere for people; week 0 is the start. Raises InputError.
    """
    scenario, seed = watching.scenario(), watching.question.seed
    made = recipe(scenario)
    world = new_world(made, seed, watching.replicate)
    result = run(scenario, 1, seed, first_replicate=watching.replicate, events=True)
    assert result.events is not None
    changes, patients, milestones = _told(result.events)
    weekly = result.weekly[0]
    return {
        "label": result.label,
        "weeks": result.weeks,
        "caseload": made.caseload,
        "teams": [int(one.team) for one in world.clinicians],
        "key_users": [int(k) for k, one in enumerate(world.clinicians) if one.key_user],
        "ties": _ties(world),
        "changes": changes,
        "patients": patients,
        "milestones": milestones,
        "adoption": [_share(value) for value in weekly["adoption"]],
        "phases": {
            phase.name: {"en": phase.label, "nl": phase.label_nl} for phase in scenario.phases
        },
    }


def _told(events: Any) -> tuple[list[Json], list[list[int]], list[Json]]:
    """Return the changes of clinicians, of their numbers of active patients, and milestones."""
    changes: list[Json] = []
    patients: list[list[int]] = []
    milestones: list[Json] = []
    trained: set[int] = set()
    used: set[int] = set()
    for event in events:
        week, post, kind = int(event["week"]) + 1, int(event["post"]), int(event["event"])
        if event["role"] == layout.ROLE_CLINICIAN and kind in TURNS:
            state = TURNS[kind]
            if kind == layout.TRAINED:
                # Somebody who uses the platform, or has lapsed, is not less for being trained.
                trained.add(post)
                state = "" if post in used else TRAINED
            elif kind in (layout.STARTED, layout.RESUMED):
                used.add(post)
            elif kind == layout.LEFT_POST:
                trained.discard(post)
                used.discard(post)
            if state:
                changes.append({"week": week, "post": post, "state": state})
        elif event["role"] == layout.ROLE_PATIENT and kind in PATIENTS:
            patients.append([week, post, PATIENTS[kind]])
        elif event["role"] == layout.ROLE_ORGANISATION:
            name = layout.EVENTS[kind].replace(" ", "_")
            milestones.append({"week": week, "event": name, "detail": int(event["detail"])})
    return changes, patients, milestones


def followed(following: Following) -> Json:
    """Return the story of one clinician, or of the patients in one place, with reasons.

    Levels are those of the clinician, week by week. Raises InputError if there is no such person.
    """
    # Mesa takes most of a second to import, and only stories need it.
    from sim.agents import Model
    from sim.trace import find, parse, recorders, retell

    scenario, who = following.scenario(), parse(following.address())
    model = Model(
        scenario,
        following.question.seed,
        replicate=following.replicate,
        agents=recorders(),
        events=True,
    )
    find(model, who)  # raises if there is nobody
    clinician = model.organisations[0].clinicians[following.clinician]
    levels: dict[str, list[float | None]] = {name: [] for name in LEVELS}
    entries: list[Json] = []
    told = 0
    while model.running:
        model.step()
        for event in sorted(model.events[told:]):
            line = retell(model, who, event)
            if line is not None:
                entries.append(_entry(event, line.reasons))
        told = len(model.events)
        for name in LEVELS:
            value = clinician.clarity if name == "role_clarity" else getattr(clinician, name)
            levels[name].append(None if clinician.vacant_weeks > 0 else round(float(value), 4))
    return {
        "key_user": bool(clinician.key_user),
        "levels": levels,
        "events": entries,
        "weeks": model.weeks,
    }


def _entry(event: tuple[int, ...], reasons: tuple[tuple[str, float], ...] | None) -> Json:
    week, _, role, _, _, occupant, kind, detail = event
    return {
        "week": week + 1,
        "role": layout.ROLES[role],
        "event": layout.EVENTS[kind].replace(" ", "_"),
        "occupant": occupant + 1,
        "detail": detail,
        "reasons": None
        if reasons is None
        else [{"reason": name, "factor": factor} for name, factor in reasons[:3]],
    }


def _ties(world: layout.World) -> list[list[int]]:
    """Return each tie once, as a pair of posts."""
    ends = world.offsets.tolist()
    return [
        [k, int(other)]
        for k in range(len(world.clinicians))
        for other in world.neighbours[ends[k] : ends[k + 1]]
        if k < other
    ]


def _share(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
