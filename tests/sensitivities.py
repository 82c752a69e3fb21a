"""A study of sensitivity that takes a second, for tests."""

from typing import Any

from sim.experiment.design.study import Study, study_of
from sim.scenario import load

BASE = load("baseline").with_values({"clinicians": 6, "caseload": 2, "weeks": 40})

FACTORS = {
    "role_clarity": "prior",
    "motivation": {"prior": ["uniform", 0.2, 0.8]},
    "leads": {"prior": ["uniform", 1, 3]},
    "invitation": ["clinician", "default"],
    "mechanisms.trust": [True, False],
}

FEW = {"replicates": 2, "scrambles": 2, "split": 4, "workers": 0}
"""Options of a small analysis without a pilot."""


def tiny(**words: Any) -> Study:
    """Return a study of a small organisation; what is given replaces what it says."""
    given: dict[str, Any] = {"factors": FACTORS, "design": "sobol", "points": 8}
    given |= {"outcomes": ["adoption", "go_live_week"]} | words
    return study_of(given.pop("base", BASE), given.pop("factors"), **given)
