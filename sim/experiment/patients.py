"""The way of patients through the platform, from the weekly series of runs."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.simulate import Result

FLOWS = ("left_care", "started", "completed", "dropped")
"""The weekly series that it takes."""


def way_of_patients(result: "Result") -> dict[str, float]:
    """Return how many patients get how far: means over runs, of all weeks together.

    They are ``in_care`` (at some time), ``started`` and, of these, ``completed``, ``still_active``
    at the horizon and ``dropped``. Numbers are those of one organisation.
    """
    values = result.scenario.values
    places = int(values["clinicians"]) * int(values["caseload"])
    flows = {name: float(np.asarray(result.weekly[name]).sum(axis=1).mean()) for name in FLOWS}
    still = flows["started"] - flows["completed"] - flows["dropped"]
    return {
        "in_care": places + flows["left_care"],
        "started": flows["started"],
        "completed": flows["completed"],
        "still_active": max(0.0, still),
        "dropped": flows["dropped"],
    }
