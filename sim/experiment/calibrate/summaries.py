"""What simulated organisations give for each published pattern: one number a pattern.

Names are those of the targets (`sim.experiment.calibrate.targets`). Denominators are explicit, and
follow the source; over nobody a summary is NaN. Times run from the start of the project.

Competence and running follow the Stages of Implementation Completion as Wong, Schaper & Saldana
2022 use them (doi 10.1186/s43058-021-00250-6): start is the first patient, and of those that
started, a site is sustained if it became competent and still delivers two years after the start.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.calibrate.fates import COMPETENT, LEFT, NOT_COMPETENT, YEAR
from sim.experiment.calibrate.organisations import (
    CURVE,
    PHASES,
    RUNNING,
    Bools,
    Floats,
    Organisations,
)
from sim.kernel.rows import AFTER_GO_LIVE
from sim.rules.measures import ACTIVE_WEEKS

Runs = Mapping[str, Organisations]
"""Organisations by arm."""

TWO_YEARS = 104
WEEKS_A_MONTH = 52.0 / 12.0
EARLY = 2
"""Phases that count as early: onboarding and journeys."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a number is computed: from the organisations of which arms, in this order.

    ``detailed`` ones read weekly series, spans or fates; the others go by outcomes alone.
    """

    arms: tuple[str, ...]
    compute: Callable[..., float]
    detailed: bool = False


def summaries(runs: Runs) -> dict[str, float]:
    """Return every summary of which all is there, NaN where nobody is in the denominator."""
    return {
        name: float(one.compute(*(runs[arm] for arm in one.arms)))
        for name, one in SUMMARIES.items()
        if all(arm in runs for arm in one.arms)
        and not (one.detailed and any(runs[arm].weekly is None for arm in one.arms))
    }


# How an organisation fares.


def went_live(o: Organisations) -> Bools:
    """Return which organisations ever went live."""
    return ~np.isnan(o.outcomes["go_live_week"])


def started(o: Organisations) -> Bools:
    """Return which organisations ever started a patient."""
    return ~np.isnan(o.outcomes["start_week"])


def competent(o: Organisations) -> Bools:
    """Return which organisations ever became competent."""
    return ~np.isnan(o.outcomes["competence_week"])


def prepared(o: Organisations) -> Bools:
    """Return which organisations finished every phase of preparation, training included."""
    return np.asarray(o.finished.all(axis=1))


def running_after(o: Organisations, week: Floats) -> tuple[Bools, Bools]:
    """Return who still starts patients two years after a week, and who can be followed so long.

    Running: a patient started in the last 13 weeks. Weeks count as outcomes do, NaN = never.
    """
    seen = aligned(weekly(o, "started"), week, TWO_YEARS + 1)[:, -ACTIVE_WEEKS:]
    followed: Bools = np.asarray(~np.isnan(seen).any(axis=1))
    return followed & (np.where(np.isnan(seen), 0.0, seen).sum(axis=1) > 0.0), followed


def weekly(o: Organisations, name: str) -> Floats:
    """Return a weekly series, (organisations, weeks). Raises ValueError if none were kept."""
    if o.weekly is None:
        raise ValueError(f"{name}: no weekly series were kept")
    return o.weekly[name]


def ends(o: Organisations) -> Floats:
    """Return the weeks to the end of each phase, (organisations, phases); NaN = never.

    Raises ValueError if they were not kept.
    """
    if o.spans is None:
        raise ValueError("no spans of phases were kept")
    return o.spans[:, :, 1]


def aligned(series: Floats, week: Floats, length: int) -> Floats:
    """Return weekly values from the end of a week on, (organisations, length).

    ``week`` counts from 1, as outcomes do; NaN (never) and what lies beyond the horizon give NaN.
    """
    known = ~np.isnan(week)
    first = np.where(known, week, 1.0).astype(np.int64) - 1
    places = first[:, None] + np.arange(length)
    inside = known[:, None] & (places < series.shape[1])
    rows = np.arange(len(series))[:, None]
    return np.where(inside, series[rows, np.where(inside, places, 0)], np.nan)


# What is made of it.


def share(part: Bools, whole: Bools) -> float:
    """Return the share of a group that also belongs to a part; NaN of nobody."""
    count = int(whole.sum())
    return int((part & whole).sum()) / count if count else math.nan


def share_live(o: Organisations) -> float:
    """Return the share of all organisations that ever go live."""
    return share(went_live(o), np.ones(o.count, np.bool_))


def launched_of_prepared(o: Organisations) -> float:
    """Return the share of the fully prepared that start a patient."""
    return share(started(o), prepared(o))


def competent_of_prepared(o: Organisations) -> float:
    """Return the share of the fully prepared that started which become competent."""
    return share(competent(o), prepared(o) & started(o))


def competent_of_started(o: Organisations) -> float:
    """Return the share of those that started which become competent."""
    return share(competent(o), started(o))


def running_of_started(o: Organisations) -> float:
    """Return the share of those that started which became competent and run two years later."""
    running = o.outcomes[RUNNING]
    return share((running == 1.0) & competent(o), ~np.isnan(running))


def running_after_competence(o: Organisations) -> float:
    """Return the share of those that started which run two years after they became competent.

    Left out is who became competent too late to be followed for two years.
    """
    running, followed = running_after(o, o.outcomes["competence_week"])
    return share(running, started(o) & (followed | ~competent(o)))


def preparation_months(o: Organisations) -> float:
    """Return the median months to go-live, over those that go live."""
    return quantile(o.outcomes["go_live_week"], 0.5) / WEEKS_A_MONTH


def preparation_skew(o: Organisations) -> float:
    """Return mean over median of the time to go-live: above 1 if a few take very long."""
    weeks = o.outcomes["go_live_week"]
    # An event of a week happened half a week before its end, on average.
    return (_mean(weeks) - 0.5) / quantile(weeks, 0.5)


def preparation_quartiles(o: Organisations) -> float:
    """Return upper over lower quartile of the time to go-live."""
    weeks = o.outcomes["go_live_week"]
    return quantile(weeks, 0.75) / quantile(weeks, 0.25)


def months_to_first_patient(o: Organisations) -> float:
    """Return the median months from go-live to the first patient, over those that started."""
    # Both weeks may be up to a week off, which cancels: half a week is given back.
    weeks = o.outcomes["start_week"] - o.outcomes["go_live_week"]
    return (quantile(weeks, 0.5) + 0.5) / WEEKS_A_MONTH


def months_to_competence(o: Organisations) -> float:
    """Return the median months to competence, over those that become competent."""
    return quantile(o.outcomes["competence_week"], 0.5) / WEEKS_A_MONTH


def quantile(weeks: Floats, q: float) -> float:
    """Return a quantile of times known to the week, of those that are known; NaN of none.

    Week w stands for a time between w - 1 and w, evenly (the quantile of grouped data): whole
    weeks would make it jump.
    """
    ends, counts = np.unique(weeks[~np.isnan(weeks)], return_counts=True)
    if not counts.size:
        return math.nan
    reached = counts.cumsum() / counts.sum()
    k = int(np.searchsorted(reached, q))
    return float(ends[k] - (reached[k] - q) * counts.sum() / counts[k])


def slow_and_start(o: Organisations) -> float:
    """Return the rank correlation of the weeks the early phases took with starting a patient.

    Over the organisations that finished the early phases.
    """
    return rank_correlation(ends(o)[:, EARLY - 1], started(o).astype(float))


def thorough_and_start(o: Organisations) -> float:
    """Return the rank correlation of the quality of early work with starting a patient.

    Quality is the journey fit in the week in which the early phases end.
    """
    fit = aligned(weekly(o, "journey_fit"), ends(o)[:, EARLY - 1], 1)[:, 0]
    return rank_correlation(fit, started(o).astype(float))


def rank_correlation(x: Floats, y: Floats) -> float:
    """Return Spearman's correlation over pairs that are known; NaN without any variation."""
    from scipy.stats import rankdata  # slow to import

    known = ~(np.isnan(x) | np.isnan(y))
    a, b = rankdata(x[known]), rankdata(y[known])
    if len(a) < 2 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])


def unfinished(o: Organisations) -> NDArray[np.int64]:
    """Return the number of the first phase that each organisation never finished, (organisations,).

    The number of phases means that all were finished.
    """
    missing = ~o.finished
    first: NDArray[np.int64] = np.where(missing.any(axis=1), missing.argmax(axis=1), len(PHASES))
    return first


def lost_early(o: Organisations) -> float:
    """Return the share, of those that never go live, that do not finish the early phases."""
    return share(unfinished(o) < EARLY, ~went_live(o))


def where_stopped(o: Organisations) -> dict[str, float]:
    """Return the share of organisations by where they came to a stop; the shares add to 1.

    Those that never went live by the first phase they did not finish.
    """
    live, at = went_live(o), unfinished(o)
    stopped = ~np.isnan(o.outcomes["stop_week"])
    places = (*(f"in {phase}" for phase in PHASES), "waiting for trained key-users")
    found = {place: float((~live & stopped & (at == k)).mean()) for k, place in enumerate(places)}
    found["after go-live"] = float((live & stopped).mean())
    return found | {"not stopped": float((~stopped).mean())}


# After go-live.


def curve(o: Organisations) -> Floats:
    """Return mean adoption at go-live (0) and 3, 6, 9 and 12 months later, (5,).

    Over the organisations that were live all that year: the source tells of one success. NaN if
    nobody can be followed.
    """
    adoption = np.stack([np.zeros(o.count), *(o.outcomes[name] for name in CURVE)], axis=1)
    stopped = o.outcomes["stop_week"] <= o.outcomes["go_live_week"] + YEAR  # never: NaN, so False
    lasting = adoption[~stopped & ~np.isnan(adoption[:, -1])]
    return lasting.mean(axis=0) if len(lasting) else np.full(adoption.shape[1], np.nan)


def month_12(o: Organisations) -> float:
    """Return mean adoption a year after go-live."""
    return float(curve(o)[-1])


def steepest_month(o: Organisations) -> float:
    """Return the month of the year after go-live in which a cubic through adoption rises most.

    0 or 12 if the rise is strongest at an end; the cubic is fitted by least squares.
    """
    adoption = curve(o)
    if np.isnan(adoption[0]):
        return math.nan
    months = np.array([0, *AFTER_GO_LIVE]) / WEEKS_A_MONTH
    growth = np.polyder(np.poly1d(np.polyfit(months, adoption, 3)))
    turn = np.real(np.polyder(growth).roots)
    candidates = np.clip([0.0, *turn, 12.0], 0.0, 12.0)
    return float(candidates[growth(candidates).argmax()])


def ever_used_of_trained(o: Organisations) -> float:
    """Return, a year after go-live, those who ever used per trained clinician, all pooled.

    The series do not tell who is both: where users are more than trained, they are the whole.
    """
    live = o.outcomes["go_live_week"]
    used = aligned(weekly(o, "first_use"), live, YEAR + 1)[:, -1]
    trained = np.maximum(used, aligned(weekly(o, "trained"), live, YEAR + 1)[:, -1])
    whole = float(np.nansum(trained))
    return float(np.nansum(used)) / whole if whole > 0.0 else math.nan


def ever_used(o: Organisations) -> float:
    """Return the mean share of posts whose occupant ever used, a year after go-live."""
    return _mean(aligned(weekly(o, "first_use"), o.outcomes["go_live_week"], YEAR + 1)[:, -1])


def users_at_end(o: Organisations) -> float:
    """Return mean adoption at the horizon, over all organisations."""
    return _mean(o.outcomes["adoption"])


def reach_at_end(o: Organisations) -> float:
    """Return mean reach at the horizon, over all organisations."""
    return _mean(o.outcomes["reach"])


def completion(o: Organisations) -> float:
    """Return mean completion, over the organisations with patients who started in time."""
    return _mean(o.outcomes["completion"])


def guidance_log_odds(guided: Organisations, unguided: Organisations) -> float:
    """Return the log odds ratio of completion with against without guidance."""
    a, b = completion(guided), completion(unguided)
    if not (0.0 < a < 1.0 and 0.0 < b < 1.0):
        return math.nan
    return math.log(a / (1.0 - a)) - math.log(b / (1.0 - b))


def fate(column: int) -> Callable[[Organisations], float]:
    """Return the function that gives the share of trained staff with a fate, all pooled."""

    def of_trained(o: Organisations) -> float:
        if o.fates is None or not o.fates.sum():
            return math.nan
        return float(o.fates[:, column].sum() / o.fates.sum())

    return of_trained


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _field(compute: Callable[[Organisations], float], *, detailed: bool = False) -> Summary:
    return Summary(("field",), compute, detailed)


SUMMARIES: Mapping[str, Summary] = {
    "share_live": _field(share_live),
    "launched_of_prepared": _field(launched_of_prepared),
    "competent_of_prepared": _field(competent_of_prepared),
    "competent_of_started": _field(competent_of_started),
    "running_of_started": _field(running_of_started),
    "running_after_competence": _field(running_after_competence, detailed=True),
    "preparation_months": _field(preparation_months),
    "preparation_skew": _field(preparation_skew),
    "preparation_quartiles": _field(preparation_quartiles),
    "slow_and_start": _field(slow_and_start, detailed=True),
    "thorough_and_start": _field(thorough_and_start, detailed=True),
    "lost_early": _field(lost_early),
    "months_to_first_patient": _field(months_to_first_patient),
    "months_to_competence": _field(months_to_competence),
    "ever_used": _field(ever_used, detailed=True),
    "users_at_end": _field(users_at_end),
    "reach_at_end": _field(reach_at_end),
    "completion": _field(completion),
    "month_12": Summary(("well-supported",), month_12),
    "steepest_month": Summary(("well-supported",), steepest_month),
    "ever_used_of_trained": Summary(("training-only",), ever_used_of_trained, detailed=True),
    "trained_competent": Summary(("coached",), fate(COMPETENT), detailed=True),
    "trained_not_competent": Summary(("coached",), fate(NOT_COMPETENT), detailed=True),
    "trained_left": Summary(("coached",), fate(LEFT), detailed=True),
    "guidance_log_odds": Summary(("well-supported", "unguided"), guidance_log_odds),
}
"""Every summary by name, with the arms it is computed from."""
