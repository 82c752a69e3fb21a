"""Small random scenarios over the whole ranges of the registry, for tests of any kind."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from sim.parameters import FEEDS, Parameter, parameters
from sim.scenario import MECHANISMS, Scenario, loads

SMALL = {
    "managers": 2,
    "organisations": 3,
    "leads": 3,
    "clinicians": 12,
    "caseload": 4,
    "weeks": 60,
    "project_weeks": 80,
    "team_size": 8,
    "vacancy_weeks": 8,
    "newcomer_training_weeks": 8,
    "evaluation_weeks": 10,
    "rollout_weeks": 6,
    "care_weeks": 40.0,
    "seats": 4.0,
    "refresher_seats": 4.0,
    "strain_load": 1.0,
    "stop_rate": 0.01,
}
"""Highest values drawn, so that runs are short and something happens in them."""

LIVELY = {
    "start_rate": (0.02, 0.3),
    "training_rate": (0.2, 2.0),
    "invitation_rate": (0.1, 1.0),
    "manager_hours": (2.0, 40.0),
    "lead_hours": (10.0, 40.0),
    "acceptance": (0.0, 4.0),
    "stop_after": (0.5, 1.0),
}
LIVELY_SIZES = {
    "managers": (1, 2),
    "leads": (1, 3),
    "clinicians": (4, 12),
    "caseload": (2, 4),
    "weeks": (40, 60),
    "project_weeks": (30, 80),
}
"""Ranges of a lively scenario: the project gets done and people use the platform."""

PHASE_SCALE = {"manager_hours": 20.0, "team_hours": 60.0, "team_hours_per_clinician": 1.0}


def random_scenario(random: Random) -> Scenario:
    """Return a small scenario; how much of it differs from the defaults is random too."""
    share = random.choice((0.05, 0.3, 1.0))
    changes: dict[str, Any] = {}
    for name, entry in parameters().items():
        if entry.group != "phases" and (name in SMALL or random.random() < share):
            changes[name] = _value(random, entry)
    if random.random() < 0.7:
        changes |= {name: random.uniform(*ends) for name, ends in LIVELY.items()}
        changes |= {name: random.randint(*ends) for name, ends in LIVELY_SIZES.items()}
    changes["organisations"] = max(1, changes["organisations"])
    changes["care_weeks_sd"] = changes["care_weeks"] * random.uniform(0.2, 1.5)
    if changes["care_weeks_sd"] < parameters()["care_weeks_sd"].low:
        changes["care_weeks_sd"] = changes["care_weeks"]
    if random.random() < 0.5:
        changes["mechanisms"] = {name: random.random() < 0.6 for name in MECHANISMS}
    if random.random() < 0.5:
        changes["attention"] = _attention(random, changes["weeks"])
    if random.random() < 0.7:
        changes["phases"] = _phases(random)
    return loads('title = "drawn"').with_values(changes)


def scenarios() -> st.SearchStrategy[Scenario]:
    """Return a strategy that draws small scenarios."""
    return st.randoms(use_true_random=False).map(random_scenario)


def _value(random: Random, entry: Parameter) -> float | int | str:
    """Return a value of an input: anywhere in its range, its ends and default included."""
    if entry.kind == "choice":
        return random.choice(entry.choices)
    low, high = entry.low, min(entry.high, SMALL.get(entry.name, entry.high))
    if entry.kind == "count":
        return random.randint(int(low), int(high))
    nearby = min(max(float(entry.default), low), high)
    spread = random.uniform(low, high)
    return random.choice((low, high, nearby, spread, spread, spread, 0.5 * (nearby + spread)))


def _attention(random: Random, weeks: int) -> list[list[float]]:
    """Return management attention in one to three steps."""
    later = sorted(random.sample(range(1, weeks + 10), random.randint(0, 2)))
    return [[week, random.choice((0.0, 0.5, 1.0))] for week in (0, *later)]


def _phases(random: Random) -> dict[str, Any] | list[dict[str, Any]]:
    """Return changes to the MiH phases, or the phases of another implementation model."""
    if random.random() < 0.5:
        names = ("onboarding", "journeys", "build", "train", "evaluate")
        return {name: _hours(random) for name in names if random.random() < 0.8}
    feeds = random.sample(FEEDS[:5], random.randint(1, 5)) + ["nothing"] * random.randint(0, 2)
    random.shuffle(feeds)
    recurring = random.randint(0, len(feeds) - 1)
    rows = []
    for number, feed in enumerate(feeds):
        recurs = number >= len(feeds) - recurring
        rows.append({"name": f"phase-{number}", "feeds": feed, "recurs": recurs} | _hours(random))
    return rows


def _hours(random: Random) -> dict[str, Any]:
    """Return the hours, delay and overlap of a phase."""
    hours: dict[str, Any] = {
        name: random.choice((0.0, random.uniform(0.0, high))) for name, high in PHASE_SCALE.items()
    }
    return hours | {"delay_weeks": random.choice((0, 0, 3)), "overlaps": random.random() < 0.4}
