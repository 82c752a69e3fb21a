"""What is measured: one row of outcomes per organisation, and summaries with honest intervals.

Names and definitions stand in the registry (`sim.parameters.outcomes`). A time-to event that never
happens is *never*, not missing: inside the package it is NaN in the row, in a summary it counts as
the horizon (restricted mean) and as infinitely late (quantiles).
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from sim import parameters
from sim.compiled import compiled
from sim.kernel.rows import (
    AFTER_GO_LIVE,
    AFTER_START,
    ALWAYS,
    IF_IN_POST,
    IF_POSTS,
    PERHAPS,
    Columns,
    keep,
)
from sim.layout import SERIES, Tape
from sim.parameters import outcomes
from sim.rules import project
from sim.world import Recipe

LABEL = (
    "calibrated to patterns from other programmes and countries; "
    "not validated in a MiH organisation"
)
"""What every output says of the model, also when every check passes."""

LATEST: tuple[str, ...] = (
    "first_use",
    "adoption",
    "sustained_adoption",
    "active_use",
    "reach",
    "live",
    "stopped",
)
LATEST += tuple(
    f"{what}_{role}"
    for what in ("strain", "motivation", "role_clarity", "load")
    for role in ("manager", "lead", "clinician")
)
"""Outcomes that are the last week's value of a weekly series."""

SUMS = {
    "staff_leavers": "staff_leavers",
    "staff_hours.manager": "hours_manager",
    "staff_hours.lead": "hours_lead",
    "staff_hours.clinician": "hours_clinician",
    "hours_saved": "hours_saved",
    "patients_reached": "started",
    "cost": "cost",
}
"""Outcomes that are sums of a weekly series."""

WEEKS = ("go_live_week", "start_week", "competence_week", "weeks_to_half_adoption", "stop_week")
"""Outcomes that are the week in which something first happened, in the order of the kernel."""

CAUSES = {
    "stopped_time": project.STOPPED_TIME,
    "stopped_overrun": project.STOPPED_OVERRUN,
    "stopped_trust": project.STOPPED_TRUST,
    "stopped_motivation": project.STOPPED_MOTIVATION,
    "stopped_use": project.STOPPED_USE,
    "stopped_chance": project.STOPPED_CHANCE,
}

SHARES_OF_POSTS = (
    "adoption",
    "first_use",
    "sustained_adoption",
    "active_use",
    "trained",
    "vacant",
)
"""Weekly shares of clinician posts: undefined where there are no posts."""

REST = (
    "open",
    "competent",
    "running",
    "completion",
    "reach_admitted",
    "cost_per_patient_reached",
)
"""Outcomes with a rule of their own, in the order of `sim.kernel.rows`."""

LATER = (*(f"adoption_after_{weeks}" for weeks in AFTER_GO_LIVE), f"running_after_{AFTER_START}")
"""Outcomes that look at an organisation some weeks after it went live, or started a patient."""


def outcome_names(recipe: Recipe) -> tuple[str, ...]:
    """Return the names of all outcomes of a scenario, in the registry's order."""
    return parameters.outcome_names(recipe.phases)


Kept = tuple[NDArray[np.float64], NDArray[np.void], NDArray[np.float64], bool]
"""Outcomes (organisations, outcomes), weekly means (weeks,), spans (organisations, phases, 2), and
whether the weekly record is sound: no infinity, no NaN but means over nobody."""


def kept(tape: Tape, recipe: Recipe) -> Kept:
    """Return what is kept of one run: outcomes, weekly means over organisations, phase spans.

    A span is the weeks from the project's start to the opening of a phase and to the end of its
    first round; NaN = never or undefined.
    """
    organisations, phases = tape.progress.shape
    rows = np.zeros((organisations, len(written(recipe))))
    means = np.zeros(len(tape.series), SERIES)
    spans = np.zeros((organisations, phases, 2))
    sound = keep(tape, plain(tape.series), columns(), rows, plain(means), spans)
    return rows[:, order(recipe)], means, spans, bool(sound)


def plain(series: NDArray[np.void]) -> NDArray[np.float64]:
    """Return a weekly record as floats, its fields along a last axis; the memory is shared."""
    found: NDArray[np.float64] = np.asarray(series).view(np.float64)
    return found.reshape(*series.shape, len(SERIES.names or ()))


@cache
def columns() -> Columns:
    """Return what the kernel reads by number to write outcomes."""
    places = {name: k for k, name in enumerate(SERIES.names or ())}
    return Columns(
        np.array([places[name] for name in LATEST]),
        np.array([places[field] for field in SUMS.values()]),
        np.array(list(CAUSES.values())),
        np.array([places[name] for name in ("stopped", "cost", "started", "adoption")]),
        np.array([_defined(name) for name in places]),
        places["vacant"],
    )


def _defined(name: str) -> int:
    """Return when a weekly field must be a number; what it counts or averages may be nobody."""
    what, _, role = name.rpartition("_")
    if what in ("strain", "motivation", "role_clarity", "load") and role != "users":
        return IF_IN_POST if role == "clinician" else PERHAPS
    if name in ("load_users", "reach"):
        return PERHAPS
    return IF_POSTS if name in SHARES_OF_POSTS else ALWAYS


def written(recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the outcomes in the order in which the kernel writes them."""
    return _written(recipe.phases)


def order(recipe: Recipe) -> NDArray[np.int64]:
    """Return where each outcome of `outcome_names` stands in what the kernel writes."""
    return _order(recipe.phases)


@cache
def _written(phases: tuple[str, ...]) -> tuple[str, ...]:
    names = (*map(_dotted, LATEST), *SUMS, *WEEKS, *CAUSES, *REST, *LATER)
    return names + tuple(f"phase_weeks.{phase}" for phase in phases)


@cache
def _order(phases: tuple[str, ...]) -> NDArray[np.int64]:
    places = {name: k for k, name in enumerate(_written(phases))}
    return np.array([places[name] for name in parameters.outcome_names(phases)])


def _dotted(name: str) -> str:
    """Return the outcome's name of a series: the role after a dot."""
    for role in ("manager", "lead", "clinician"):
        if name.endswith(f"_{role}"):
            return f"{name.removesuffix(f'_{role}')}.{role}"
    return name


@compiled
def column_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums over weeks, added in order (numpy's own sum depends on its blocking)."""
    total = np.zeros(values.shape[1])
    for t in range(values.shape[0]):
        for o in range(values.shape[1]):
            total[o] += values[t, o]
    return total


@dataclass(frozen=True, slots=True)
class Summary:
    """One outcome over replicates.

    ``mean`` with its 95 % interval is over replicates; for a time it is the restricted mean, the
    mean of min(week, horizon). ``q10``, ``q50`` and ``q90`` are over organisations; None = never
    (times) or nobody to ask. ``n``: replicates in which the outcome is defined.
    ``share_reached``: share of organisations in which a timed event happened, None for others.
    """

    name: str
    unit: str
    mean: float | None
    ci_low: float | None
    ci_high: float | None
    q10: float | None
    q50: float | None
    q90: float | None
    n: int
    share_reached: float | None = None

    def as_json(self) -> dict[str, float | int | str | None]:
        """Return the contract's keys; times carry share_reached and restricted_mean too."""
        keys = ("unit", "mean", "ci_low", "ci_high", "q10", "q50", "q90", "n")
        entry: dict[str, float | int | str | None] = {key: getattr(self, key) for key in keys}
        if self.share_reached is not None:
            entry |= {"share_reached": self.share_reached, "restricted_mean": self.mean}
        return entry


def summarise(rows: NDArray[np.float64], names: tuple[str, ...], weeks: int) -> dict[str, Summary]:
    """Summarise outcomes of shape (replicates, organisations, outcomes)."""
    found = {}
    for k, name in enumerate(names):
        kind, unit = kind_and_unit(name)
        if kind == "time":
            found[name] = _time(name, unit, rows[:, :, k], weeks)
        elif kind == "ratio":
            over = rows[:, :, names.index("cost")], rows[:, :, names.index("patients_reached")]
            found[name] = _ratio_of_means(name, unit, rows[:, :, k], *over)
        else:
            found[name] = _plain(name, unit, rows[:, :, k], share=kind == "share")
    return found


def kind_and_unit(name: str) -> tuple[str, str]:
    """Return the kind (share, mean, amount, time, ratio) and unit of an outcome."""
    entry = outcomes().get(name)
    if entry is None:  # a phase of another implementation model
        return "time", "weeks"
    return entry.kind, entry.unit


def _plain(name: str, unit: str, values: NDArray[np.float64], *, share: bool) -> Summary:
    """Summarise a share, mean or amount: replicates where it is defined."""
    defined = ~np.isnan(values)
    counts = defined.sum(axis=1)
    sums = np.where(defined, values, 0.0).sum(axis=1)
    per_run = sums[counts > 0] / counts[counts > 0]
    mean, low, high = interval(per_run, share=share)
    return Summary(name, unit, mean, low, high, *_quantiles(values[defined]), n=len(per_run))


def _time(name: str, unit: str, values: NDArray[np.float64], weeks: int) -> Summary:
    """Summarise the week of an event: never counts as the horizon, and as infinitely late."""
    reached = ~np.isnan(values)
    mean, low, high = interval(np.where(reached, np.minimum(values, weeks), weeks).mean(axis=1))
    late = _quantiles(np.where(reached, values, np.inf).ravel())
    share = float(reached.mean()) if values.size else None
    return Summary(name, unit, mean, low, high, *late, n=len(values), share_reached=share)


def _ratio_of_means(
    name: str,
    unit: str,
    values: NDArray[np.float64],
    cost: NDArray[np.float64],
    reached: NDArray[np.float64],
) -> Summary:
    """Summarise cost per patient: mean cost over mean reached, interval by the delta method."""
    quantiles = _quantiles(np.where(np.isnan(values), np.inf, values).ravel())
    above, below = cost.mean(axis=1), reached.mean(axis=1)
    n, whole = len(above), below.mean() if len(below) else 0.0
    if whole <= 0.0:
        return Summary(name, unit, None, None, None, *quantiles, n=0)
    ratio = float(above.mean() / whole)
    mean, low, high = interval((above - ratio * below) / whole)
    if mean is None or low is None or high is None:
        return Summary(name, unit, ratio, None, None, *quantiles, n=n)
    return Summary(name, unit, ratio, ratio + low - mean, ratio + high - mean, *quantiles, n=n)


def interval(
    values: NDArray[np.float64], *, share: bool = False
) -> tuple[float | None, float | None, float | None]:
    """Return the mean over replicates and its 95 % interval (None where there is too little).

    Student's t; for a share of which each replicate says yes or no Wilson's score interval
    (doi 10.1080/01621459.1927.10502953): that all went live in a sample is no certainty.
    """
    n = len(values)
    if n == 0:
        return None, None, None
    mean = float(values.mean())
    if n == 1:
        return mean, None, None
    if share and np.all((values == 0.0) | (values == 1.0)):
        return mean, *wilson(mean, n, float(ndtri(0.975)))
    half = float(stdtrit(n - 1, 0.975)) * float(values.std(ddof=1)) / math.sqrt(n)
    return mean, mean - half, mean + half


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Return the ends of Wilson's score interval of a share seen in n runs."""
    z2 = z * z
    centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n)
    half = z * math.sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n)) / (1.0 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _quantiles(values: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    """Return the 10 %, 50 % and 90 % quantiles (observed values), None for never or nobody."""
    if values.size == 0:
        return None, None, None
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
    return _finite(low), _finite(middle), _finite(high)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
