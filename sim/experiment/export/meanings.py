"""What each column of a result means: its label, unit and one exact sentence.

Inputs and outcomes are the registry's; the rest, weekly series and events, stands here.
"""

from dataclasses import dataclass

import pyarrow as pa

from sim.experiment.design.varying import input_of
from sim.experiment.runs.columns import STATUSES, unit_of
from sim.experiment.units import label_of, shown_unit
from sim.layout import SERIES
from sim.outcomes import kind_and_unit
from sim.parameters import outcomes
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Meaning:
    """A column in words. ``unit`` is empty for what counts or names rows, and for words."""

    label: str
    unit: str
    text: str


_KEYS = {
    "point": ("Point", "Number of the point (one combination of factors), from 0."),
    "replicate": (
        "Replicate",
        "Number of the run; runs of one number share their luck at all points.",
    ),
    "first_replicate": ("First replicate", "Number of the point's first run."),
    "replicates": ("Replicates", "How many runs the point has."),
    "between": (
        "Organisations held",
        "Replicate as which all runs of a point draw what differs between organisations.",
    ),
    "status": (
        "Status",
        f"What became of the run ({', '.join(STATUSES)}); only a run that is ok is a result.",
    ),
    "organisation": (
        "Organisation",
        "Number of the organisation within its run, from 0; -1 in events of the vendor's managers.",
    ),
    "week": ("Week", "Week from the project's start, 1 = the first."),
    "role": ("Role", "Whose event it is."),
    "event": ("Event", "What happened."),
    "post": ("Post", "Number of the person's post within organisation and role; none: missing."),
    "place": ("Place", "Number of the patient's place with the clinician; none: missing."),
    "occupant": ("Occupant", "How many held the post or place before this one; none: missing."),
    "detail": ("Detail", "Number of the phase, or of the cause of a stop; none: missing."),
}

_SERIES = {
    "trained": ("Trained", "Share of clinician posts whose present occupant is trained."),
    "vacant": ("Vacant", "Share of clinician posts that are vacant."),
    "phase": (
        "Phase",
        "Number of the earliest open phase of a running project, from 0; -1: none is open.",
    ),
    "trust": ("Trust in the provider", "The organisation's trust in the provider (0 to 1)."),
    "support": (
        "Support",
        "Support (0 to 1) from the hours that the vendor's managers have left beside the phases.",
    ),
    "journey_fit": ("Fit of patient journeys", "How well the patient journeys fit (0 to 1)."),
    "usability": ("Usability", "Usability of the platform (0 to 1)."),
    "training_quality": ("Quality of training", "Quality of the train phase (0 to 1)."),
    "engagement": (
        "Stakeholder engagement",
        "Mean commitment over key-user posts, as far as it reaches decisions (0 to 1).",
    ),
    "load_users": (
        "Load of users",
        "Mean load (hours demanded per hour available, 0 to 3) of clinicians who use the platform.",
    ),
    "in_care_reached": (
        "Reached patients in care",
        "Patients in care at the week's end who have started on the platform in this episode.",
    ),
    "left_care": ("Patients who left care", "Patients whose care ended in the week."),
    "left_care_reached": (
        "Reached patients who left care",
        "Patients whose care ended in the week and who had started on the platform.",
    ),
    "started": ("Patients who started", "Patients who started on the platform in the week."),
    "completed": ("Patients who completed", "Patients who completed in the week."),
    "dropped": ("Patients who dropped out", "Patients who dropped out in the week."),
    "staff_leavers": ("Staff who left", "Project leads and clinicians who left in the week."),
    "hours_manager": (
        "Hours of implementation managers",
        "Hours that the organisation received from the vendor's managers in the week.",
    ),
    "hours_lead": (
        "Hours of project leads",
        "Project hours of the organisation's leads in post in the week.",
    ),
    "hours_clinician": (
        "Hours of clinicians",
        "Hours of the week that clinicians spent on training, on the platform and as key-users.",
    ),
    "hours_saved": ("Hours saved", "Hours that active patients saved clinicians in the week."),
    "cost": ("Cost", "Cost of the week, counted as the outcome cost is."),
}


def meaning_of(table: str, column: str, scenario: Scenario) -> Meaning:
    """Return what a column of a table means: points, runs, organisations, weekly or events.

    Raises KeyError for a column that no table has.
    """
    if column in _KEYS:
        label, text = _KEYS[column]
        return Meaning(label, "weeks" if column == "week" else "", text)
    if table == "points":
        return _of_input(column, scenario)
    unit = unit_of(column, scenario.currency)
    if table == "weekly":
        return _of_series(column, unit, scenario)
    if column.startswith(("phase_opened.", "phase_done.")):
        return _of_span(column, unit, scenario)
    if column.endswith(".share_reached"):
        name = column.removesuffix(".share_reached")
        label = f"{label_of(scenario, name)}: share reached"
        return Meaning(label, unit, "Share of the run's organisations in which it ever happened.")
    return Meaning(label_of(scenario, column), unit, _of_outcome(table, column))


def types_of(table: pa.Table) -> dict[str, str]:
    """Return the type of each column as a manifest names it."""
    words = {"dictionary": "string", "large_string": "string"}
    found = {}
    for one in table.schema:
        kind = str(one.type)
        found[one.name] = words.get(kind.partition("<")[0], kind)
    return found


def _of_input(name: str, scenario: Scenario) -> Meaning:
    what = input_of(name, scenario)
    if what is None:
        raise KeyError(name)
    unit = shown_unit(what.unit, scenario.currency).removeprefix("-")
    text = what.entry.meaning if what.entry and what.entry.meaning else f"{what.label}."
    return Meaning(what.label, unit, f"Factor: {text}")


def _of_series(name: str, unit: str, scenario: Scenario) -> Meaning:
    if name in _SERIES:
        label, text = _SERIES[name]
        return Meaning(label, unit, f"{text} Mean over organisations.")
    first, _, last = name.rpartition("_")
    outcome = name if name in outcomes() else f"{first}.{last}"
    if name not in (SERIES.names or ()) or outcome not in outcomes():
        raise KeyError(name)
    text = f"At the end of the week, as if it were the horizon: {_definition(outcome)}"
    return Meaning(label_of(scenario, outcome), unit, f"{text} Mean over organisations.")


def _of_span(name: str, unit: str, scenario: Scenario) -> Meaning:
    what, _, phase = name.partition(".")
    label = {one.name: one.label for one in scenario.phases}[phase]
    opened = what == "phase_opened"
    until = "the phase opened" if opened else "the first round of the phase was done"
    return Meaning(
        f"{label}: {'opened' if opened else 'done'}",
        unit,
        f"Weeks from the project's start until {until}; never: missing.",
    )


def _definition(name: str) -> str:
    """Return the registry's definition; a phase of another model has that of any phase."""
    if name in outcomes():
        return outcomes()[name].definition
    if name.startswith("phase_weeks."):
        known = outcomes()["phase_weeks.onboarding"].definition
        return known.replace("onboarding", name.removeprefix("phase_weeks."))
    raise KeyError(name)


def _of_outcome(table: str, name: str) -> str:
    """Return the definition of an outcome, and how a run's value comes from its organisations."""
    text, kind = _definition(name), kind_and_unit(name)[0]
    if table != "runs":
        return text
    if kind == "ratio":
        return "Cost of all organisations of the run divided by their patients reached."
    if kind == "time":
        return (
            f"Restricted mean over the run's organisations, never counting as the horizon: {text}"
        )
    return f"Mean over the run's organisations in which it is defined: {text}"
