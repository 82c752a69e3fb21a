"""Which inputs of the registry stand on the page, and where."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sim.parameters import Parameter, parameters
from sim.scenario import load, shipped

ORGANISATION: Mapping[str, tuple[str, ...]] = {
    "size": ("clinicians", "caseload", "contract_hours", "team_size"),
    "people": (
        "role_clarity",
        "workload",
        "motivation",
        "trust",
        "alignment",
        "underestimation",
        "turnover",
    ),
    "calendar": (
        "weeks",
        "phases.onboarding.delay_weeks",
        "phases.build.delay_weeks",
        "rollout",
        "rollout_weeks",
    ),
    "holidays": (
        "calendar_week",
        "holiday_hours",
        "summer_week",
        "summer_weeks",
        "december_weeks",
    ),
    "present": (
        "at_start",
        "trained_at_start",
        "using_at_start",
        "used_weeks_at_start",
        "quality_at_start",
    ),
    "prices": ("manager_rate", "lead_rate", "clinician_rate", "licence"),
}
"""What an organisation says of itself, in the groups of the page."""

LEVERS: Mapping[str, tuple[str, ...]] = {
    "leads": ("leads", "lead_hours"),
    "managers": ("manager_hours",),
    "key_users": ("key_users",),
    "protected": ("protected_hours",),
    "agreements": ("role_agreements",),
    "seats": ("seats",),
    "invitation": ("invitation",),
    "timing": ("project_weeks", "evaluation_weeks"),
}
"""What a plan may change: eight levers, some of them with two inputs."""

SEARCHED: Mapping[str, tuple[Any, ...]] = {
    "lead_hours": ("own",),
    "key_users": ("own", 0.12, 0.25),
    "protected_hours": (0.0, 1.0),
}
"""Levels of the search for the cheapest plan, for levers with fewer than ``mih staff`` has."""

OWN_NUMBERS = {"organisation_sd": 0.0, "load_organisation_sd": 0.0}
"""What holds where an organisation typed in its own values: nothing is drawn between several."""

PLAN_INPUTS = tuple(name for names in LEVERS.values() for name in names)
INPUTS = (*(name for names in ORGANISATION.values() for name in names), *PLAN_INPUTS)


@cache
def examples() -> tuple[str, ...]:
    """Return the names of the shipped scenarios of a single organisation."""
    return tuple(name for name in shipped() if load(name).values["organisations"] == 1)


def described(name: str) -> dict[str, Any]:
    """Return what the page says of an input: labels, unit, range, plausible range, evidence."""
    entry = parameters()[name]
    return {
        "name": name,
        "kind": entry.kind,
        "unit": entry.unit,
        "default": entry.default,
        "low": None if entry.choices else entry.low,
        "high": None if entry.choices else entry.high,
        "plausible": _plausible(entry),
        "choices": list(entry.choices),
        "label": {"en": entry.label, "nl": entry.label_nl},
        "source": entry.source,
        "reference": entry.reference,
        "confidence": entry.confidence,
        "note": entry.note,
    }


def _plausible(entry: Parameter) -> list[float] | None:
    """Return the range of a flat prior: what is plausible, not only allowed."""
    if entry.prior is None or entry.prior.kind not in ("uniform", "loguniform"):
        return None
    return [entry.prior.a, entry.prior.b]
