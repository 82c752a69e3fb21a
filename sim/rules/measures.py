"""What a week's record is made of: means, windows and costs."""

import math

from sim.compiled import rule
from sim.rules.types import P

SUSTAINED_WEEKS = 26
"""Use without a break for so many weeks counts as sustained (RE-AIM maintenance: 6 months)."""

ACTIVE_WEEKS = 13
"""``active_use`` and ``running`` look back so many weeks."""

REACH_WEEKS = 52
"""``reach`` counts patients in care at any time in the last so many weeks."""

COMPLETION_WEEKS = 26
"""A course counts as completed if care ends within so many weeks of its start."""

ADMITTED_FROM, ADMITTED_TO = 78, 26
"""``reach_admitted`` looks at patients admitted so many weeks before the horizon."""


@rule
def mean(total: float, count: float) -> float:
    """Return total / count, NaN over nobody."""
    if count <= 0:
        return math.nan
    return total / count


@rule
def week_cost(p: P, running: float, live: float, clinician_hours: float, share: float) -> float:
    """Return what an organisation's week costs, in the scenario's currency.

    Vendor and lead hours as agreed while the project runs, clinicians' hours paid, and the licence
    per post from go-live. ``share``: of the usual hours that the week has.
    """
    cost = clinician_hours * p.clinician_rate
    if running > 0.0:
        agreed = p.agreed_manager_hours * p.manager_rate + p.leads * p.lead_hours * p.lead_rate
        cost += agreed * share
    if live > 0.0:
        cost += p.licence * p.clinicians * 12.0 / 52.0
    return cost
