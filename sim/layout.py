"""The layout of what both engines read and write: fields of people, projects and the record.

A run is held in arrays of structures. ``World`` is who exists; ``Tape`` is what is written down.
Every field is named once, here; the Mesa agents carry attributes of the same names.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = Any
"""One element of a structured array, by attribute: a record in compiled code."""

LINE = 64
"""Bytes of a line of the processor's cache: arrays that share memory begin on one."""

NOT_YET = -1
"""A week that has not come: an event that did not happen (yet)."""

NEVER_USED, USER, LAPSED = 0, 1, 2
"""``use`` of a clinician."""

USUAL, ACTIVE, DROPPED, DECLINED = 0, 1, 2, 3
"""``state`` of a patient."""

AGREEMENTS, FIT, USABILITY, TRAINING, REPAIR, NOTHING_FED = 0, 1, 2, 3, 4, 5
"""What the quality of a phase feeds, in the order of `sim.parameters.FEEDS`."""

ROLES = ("manager", "lead", "clinician", "patient", "organisation")
ROLE_MANAGER, ROLE_LEAD, ROLE_CLINICIAN, ROLE_PATIENT, ROLE_ORGANISATION = 0, 1, 2, 3, 4

EVENTS = (
    "left the post",
    "took the post",
    "was trained",
    "had a refresher",
    "started use",
    "resumed use",
    "lapsed",
    "accepted the platform",
    "declined the platform",
    "dropped out",
    "completed",
    "left care",
    "phase opened",
    "phase done",
    "went live",
    "evaluated",
    "stopped",
)
(
    LEFT_POST,
    TOOK_POST,
    TRAINED,
    REFRESHED,
    STARTED,
    RESUMED,
    LAPSED_USE,
    ACCEPTED,
    DECLINED_OFFER,
    DROPPED_OUT,
    COMPLETED,
    LEFT_CARE,
    PHASE_OPENED,
    PHASE_DONE,
    WENT_LIVE,
    EVALUATED,
    STOPPED,
) = range(len(EVENTS))
NO_EVENT = -1


def _fields(kind: str, names: str) -> list[tuple[str, str]]:
    return [(name, kind) for name in names.split()]


_STAFF = (
    _fields("u8", "post_key key")
    + _fields("f8", "post_clarity base_load own clarity motivation strain load leave_clock")
    + _fields("i4", "occupant vacant_weeks")
)

MANAGER = np.dtype(_STAFF, align=True)
LEAD = np.dtype(_STAFF, align=True)
CLINICIAN = np.dtype(
    _fields("u8", "patients_key")
    + _STAFF
    + _fields("f8", "skill habit experience peers train_clock use_clock")
    # proposed for this week
    + _fields("f8", "leave_hazard train_hazard use_hazard invite_hazard dropout_hazard")
    + _fields("f8", "leave_time train_time use_time")
    + _fields("i4", "team train_spell use_spell using_since last_active active starting")
    + _fields("i4", "next_active next_starting")
    + _fields("i4", "completed dropped")
    + _fields("i1", "key_user trained use seated"),
    align=True,
)
PATIENT = np.dtype(
    # Small numbers: a patient's 24 bytes are read every week, and there are many patients.
    _fields("f8", "clock") + _fields("i2", "occupant weeks_left admitted started state"),
    align=True,
)
TEAM = np.dtype(_fields("i4", "members vacant"))
ORGANISATION = np.dtype(
    _fields("u8", "key")
    + _fields("f8", "shift_clarity shift_motivation shift_load trust_own alignment involvement")
    + _fields("f8", "trust support fit usability training_quality shown stop_clock seats_balance")
    + _fields("f8", "window_left window_reached hours_share")
    + _fields("i4", "project_weeks live_week stopped_week rounds refreshers")
    # what the organisation sees at the start of a week
    + _fields("f8", "team_hours team_rate team_quality engagement lead_hours lead_motivation")
    + _fields("f8", "team_demand manager_demand work_hours received")
    + _fields("f8", "guidance clarity_kept team_guidance team_clarity_kept skill_kept")
    + _fields("i4", "running protected seats in_post leads_in_post users trained trained_users")
    + _fields("i4", "key_users_using key_users_trained")
    # what happens in the week
    + _fields("f8", "hours_clinician hours_saved hours_paid")
    + _fields("i4", "departures milestones leavers in_care_reached left_care left_care_reached")
    + _fields("i4", "started completed dropped number index"),
    align=True,
)
VENDOR = np.dtype(
    _fields("f8", "hours rate quality demand spare_each experience") + _fields("i4", "departures"),
    align=True,
)
PLAN = np.dtype(
    _fields("f8", "manager_hours team_hours planned_weeks")
    + _fields("i4", "feeds overlaps delay_weeks recurs")
)
PROGRESS = np.dtype(
    _fields("f8", "manager_left team_left work quality")
    + _fields("i4", "opened since manager_done team_done done active"),
    align=True,
)

_SHARES = "adoption first_use sustained_adoption active_use trained vacant reach live stopped"
_STATES = "trust support journey_fit usability training_quality engagement"
_PEOPLE = " ".join(
    f"{what}_{role}"
    for what in ("strain", "motivation", "role_clarity", "load")
    for role in ("manager", "lead", "clinician")
)
_FLOWS = "in_care_reached left_care left_care_reached started completed dropped staff_leavers"
_HOURS = "hours_manager hours_lead hours_clinician hours_saved cost"

SERIES = np.dtype(
    _fields("f8", f"{_SHARES} phase {_STATES} {_PEOPLE} load_users {_FLOWS} {_HOURS}")
)
"""One row per week and organisation: shares, states, means, counts and sums of that week.

A mean over nobody is NaN here and a missing value (null) in every file.
"""

COHORT = np.dtype(_fields("i4", "admitted admitted_started started started_completed"))
"""By week of admission or of starting: how many, and how many of them started or completed."""

TOTALS = np.dtype(
    _fields("i4", "live_week stopped_week stop_cause start_week last_start_week competence_week")
    + _fields("i4", "half_week")
)
"""Weeks (0-based) in which an organisation first reached something, or NOT_YET."""

EVENT = np.dtype(_fields("i4", "week organisation role post place occupant event detail"))
"""One event. ``place``: a patient's place, else -1; ``detail``: phase or cause, else -1."""


class World(NamedTuple):
    """Who exists, and what they go by.

    Shapes: O organisations, C clinicians, P patients, K phases.

    ``clinicians`` are ordered by organisation, ``patients`` by clinician (``caseload`` each).
    ``neighbours[offsets[i]:offsets[i + 1]]`` are the indices of clinician i's ties.
    """

    p: NDArray[np.void]  # (1,) the parameters, one field each
    plan: NDArray[np.void]  # (K,)
    attention: NDArray[np.float64]  # (weeks,)
    care_table: NDArray[np.float64]
    managers: NDArray[np.void]  # (M,)
    vendor: NDArray[np.void]  # (1,) what the managers see and share
    organisations: NDArray[np.void]  # (O,)
    leads: NDArray[np.void]  # (O * leads,)
    teams: NDArray[np.void]  # (O, teams)
    clinicians: NDArray[np.void]  # (C,)
    patients: NDArray[np.void]  # (P,)
    offsets: NDArray[np.int64]  # (C + 1,)
    neighbours: NDArray[np.int32]  # (ties,)
    wanted: NDArray[np.float64]  # (O,) scratch of the vendor
    given: NDArray[np.float64]  # (O,) scratch of the vendor


class Tape(NamedTuple):
    """What a run writes down: T weeks, O organisations, K phases."""

    series: NDArray[np.void]  # (T, O)
    cohorts: NDArray[np.void]  # (T, O)
    totals: NDArray[np.void]  # (O,)
    progress: NDArray[np.void]  # (O, K)
    events: NDArray[np.void]  # (1 + room,); ``week`` of the first row counts all events


Shape = int | tuple[int, ...]


def carved(wanted: Sequence[tuple[Shape, Any]]) -> tuple[NDArray[np.uint8], list[NDArray[Any]]]:
    """Return one block of zeroed memory and arrays of some (shape, dtype) inside it.

    Runs that reuse their memory clear it in one go. Structured arrays come as record arrays.
    """
    sizes = [math.prod(np.atleast_1d(shape)) * np.dtype(dtype).itemsize for shape, dtype in wanted]
    starts = [0, *itertools.accumulate(-(-int(size) // LINE) * LINE for size in sizes)]
    block = np.zeros(starts[-1], np.uint8)
    made = []
    for (shape, dtype), start, size in zip(wanted, starts, sizes, strict=False):
        array = block[start : start + int(size)].view(dtype).reshape(shape)
        made.append(array if array.dtype.names is None else array.view(np.recarray))
    return block, made


def tape_shapes(
    weeks: int, organisations: int, phases: int, events: int = 0
) -> list[tuple[Shape, Any]]:
    """Return the shapes and types of a tape's arrays, in order."""
    return [
        ((weeks, organisations), SERIES),
        ((weeks, organisations), COHORT),
        (organisations, TOTALS),
        ((organisations, phases), PROGRESS),
        (1 + events, EVENT),
    ]


def new_tape(weeks: int, organisations: int, phases: int, events: int = 0) -> Tape:
    """Return an empty tape with room for ``events`` events."""
    tape = Tape(*carved(tape_shapes(weeks, organisations, phases, events))[1])
    unset(tape)
    return tape


def unset(tape: Tape) -> None:
    """Say of every week that a cleared tape names that it has not come."""
    for name in ("opened", "since", "manager_done", "team_done", "done"):
        tape.progress[name] = NOT_YET
    for name in TOTALS.names or ():
        tape.totals[name] = 0 if name == "stop_cause" else NOT_YET
