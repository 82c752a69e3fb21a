"""Read-outs in the words of Normalization Process Theory, as the NoMAD questionnaire scores it.

NoMAD asks staff 20 questions about the four mechanisms of NPT, each from 1 to 5 (Finch 2018,
doi 10.1186/s12874-018-0591-x; Dutch version Vis 2019, doi 10.2196/12376). Nobody is asked here:
a score is 1 + 4 times the mean of states of the model that stand closest to a mechanism. So scores
of two scenarios may be compared with each other, and not with answers of people.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.outcomes import interval
from sim.simulate import Result

if TYPE_CHECKING:
    import pandas as pd

LABEL = "NoMAD-like: made from states of the model, not from answers of people"
"""What has to be said beside every score."""

EVALUATING = "evaluating"
"""Share of organisations that have evaluated at least once and have not stopped."""

MECHANISMS: Mapping[str, tuple[str, ...]] = {
    "coherence": ("role_clarity_clinician", "role_clarity_lead"),
    "cognitive_participation": ("motivation_clinician", "motivation_lead", "engagement"),
    "collective_action": ("trained", "support", "journey_fit", "usability", "trust"),
    "reflexive_monitoring": (EVALUATING,),
}
"""The four mechanisms of NPT, and the weekly series (0..1) whose mean scores each."""


def nomad_like(result: Result) -> "pd.DataFrame":
    """Return the four scores (1..5) over time, one row per mechanism and week.

    Columns: ``mechanism``, ``week`` (from 1), ``mean``, ``ci_low``, ``ci_high`` (95 % of the mean
    over replicates, empty below two) and ``label``. Series over nobody, such as the clarity of
    leads where there are none, are left out of a mean; a score without any is empty.
    """
    import pandas as pd

    rows = []
    for mechanism in MECHANISMS:
        scores = scores_of(result, mechanism)
        for week in range(scores.shape[1]):
            known = scores[:, week]
            mean, low, high = interval(known[~np.isnan(known)])
            rows.append((mechanism, week + 1, mean, low, high, LABEL))
    columns = ["mechanism", "week", "mean", "ci_low", "ci_high", "label"]
    return pd.DataFrame(rows, columns=columns)


def scores_of(result: Result, mechanism: str) -> NDArray[np.float64]:
    """Return a mechanism's scores (replicates, weeks), NaN where no series has a value.

    Raises KeyError for a mechanism that is none of `MECHANISMS`.
    """
    series = [_series(result, name) for name in MECHANISMS[mechanism]]
    count = sum(np.where(np.isnan(one), 0.0, 1.0) for one in series)
    total = sum(np.nan_to_num(one) for one in series)
    mean = np.full(np.shape(total), np.nan)
    np.divide(total, count, out=mean, where=np.asarray(count) > 0.0)
    return 1.0 + 4.0 * mean


def _series(result: Result, name: str) -> NDArray[np.float64]:
    if name != EVALUATING:
        found: NDArray[np.float64] = result.weekly[name]
        return found
    recurring = [k for k, phase in enumerate(result.scenario.phases) if phase.recurs]
    first = np.full(result.phase_spans.shape[:2], np.inf)
    for k in recurring:
        first = np.fmin(first, result.phase_spans[:, :, k, 1])
    stop = result.outcomes[:, :, result.names.index("stop_week")]
    week = np.arange(1, result.weekly.shape[1] + 1)[:, None, None]
    going = (first <= week) & ~(stop <= week)
    return np.asarray(going.mean(axis=2).T)
