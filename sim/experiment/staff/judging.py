"""What the fresh runs of the finalists say: who does, who may, who is cheapest, who is alike.

Intervals hold for all finalists together, so that choosing among them does not flatter the chosen.
"""

import math
from dataclasses import dataclass, replace

from scipy.special import ndtri

from sim.experiment.compare.paired import (
    LEVEL,
    Difference,
    Pairs,
    differences,
    extreme_of,
    pairs_of,
    sidak,
    yes_or_no,
)
from sim.experiment.staff.ranking import Aim, Floats, Ranking, Sample, ranking
from sim.outcomes import wilson

YES, OPEN, NO = "yes", "open", "no"
"""Whether something holds: surely, perhaps, surely not (95 %, all plans together)."""

FOUND, ALIKE, MAYBE, NONE, TOO_DEAR = "found", "alike", "maybe", "none", "too dear"
"""The answers: one plan; one and others that cannot be told apart from it; none surely, but some
perhaps; none within the budget; no plan at all within the budget."""


@dataclass(frozen=True, slots=True)
class Ends:
    """A mean with its interval, which holds for all finalists together; None: not known."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A finalist: its means, what it does, and how it compares with the chosen one.

    ``place`` is its place among the finalists. ``reaches`` the target with the confidence,
    ``within`` the budget: yes, open or no. ``cheapest`` and ``member`` are shares of resamples, see
    `Ranking`; ``dearer`` and ``likelier`` are paired differences from the chosen plan.
    ``missed_stopped``: share of the runs that miss the target in which the project stopped.
    """

    place: int
    cost: Ends
    chance: Ends
    uptake: Ends
    reaches: str
    within: str
    cheapest: float
    member: float
    dearer: Difference | None
    likelier: Difference | None
    missed_stopped: float | None

    @property
    def does(self) -> str:
        """Whether it reaches the target within the budget."""
        both = (self.reaches, self.within)
        return NO if NO in both else OPEN if OPEN in both else YES


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: what kind of one, the plan chosen, those that cannot be told apart from it."""

    answer: str
    chosen: int
    alike: tuple[int, ...]
    plans: tuple[Judged, ...]


def judge(sample: Sample, aim: Aim, seed: int) -> Verdict:
    """Return what the fresh runs of the finalists say."""
    ranks = ranking(sample, aim, seed)
    plans = [_judged(sample, aim, ranks, place) for place in range(sample.cost.shape[1])]
    answer, chosen = _chosen(plans, aim)
    dearer, likelier = _against(sample, chosen, seed)
    plans = [_compared(one, dearer, likelier, chosen) for one in plans]
    alike = tuple(one.place for one in plans if one.place != chosen and _is_alike(answer, one, aim))
    if answer == FOUND and alike:
        answer = ALIKE
    return Verdict(answer, chosen, alike, tuple(plans))


def ends_of(values: Floats, plans: int, *, share: bool = False) -> Ends:
    """Return the mean of values (runs,) with an interval that holds for so many plans together.

    Wilson's score for a share that is all yes or no, else Student's t; both with Sidak's level.
    """
    n, mean = len(values), float(values.mean())
    if share and yes_or_no(values):
        z = float(ndtri(0.5 + LEVEL ** (1.0 / plans) / 2.0))
        return Ends(mean, *wilson(mean, n, z))
    if n < 2:
        return Ends(mean, None, None)
    half = float(sidak(plans, n)) * float(values.std(ddof=1)) / math.sqrt(n)
    low, high = mean - half, mean + half
    return Ends(mean, max(low, 0.0), min(high, 1.0)) if share else Ends(mean, low, high)


def _judged(sample: Sample, aim: Aim, ranks: Ranking, place: int) -> Judged:
    plans = sample.cost.shape[1]
    met, stopped = sample.met[:, place], sample.stopped[:, place]
    cost = ends_of(sample.cost[:, place], plans)
    chance = ends_of(met, plans, share=True)
    missed = 1.0 - met
    return Judged(
        place=place,
        cost=cost,
        chance=chance,
        uptake=ends_of(sample.uptake[:, place], plans),
        reaches=_holds(chance, aim.confidence),
        within=YES if aim.budget is None else _holds(_negative(cost), -aim.budget),
        cheapest=float(ranks.cheapest[place]),
        member=float(ranks.member[place]),
        dearer=None,
        likelier=None,
        missed_stopped=float((missed * stopped).sum() / missed.sum()) if missed.sum() else None,
    )


def _holds(found: Ends, least: float) -> str:
    """Say whether a mean is at least so much."""
    if found.low is None or found.high is None:
        return OPEN
    return YES if found.low >= least else NO if found.high < least else OPEN


def _negative(one: Ends) -> Ends:
    """Return the ends of the negative."""
    if one.low is None or one.high is None:
        return Ends(-one.mean, None, None)
    return Ends(-one.mean, -one.high, -one.low)


def _chosen(plans: list[Judged], aim: Aim) -> tuple[str, int]:
    """Return the kind of answer and the plan it is about; ties go to the first."""
    sure = [one for one in plans if one.does == YES]
    if sure:
        return FOUND, min(sure, key=lambda one: (one.cost.mean, -one.chance.mean)).place
    perhaps = [one for one in plans if one.does == OPEN]
    affordable = [one for one in plans if one.within != NO]
    if not affordable:
        return TOO_DEAR, min(plans, key=lambda one: one.cost.mean).place
    those = perhaps or affordable
    likeliest = max([one for one in those if _fits(one, aim)] or those, key=_likelier)
    return (MAYBE if perhaps else NONE), likeliest.place


def _fits(one: Judged, aim: Aim) -> bool:
    """Say whether the mean cost seen is within the budget; whether it surely is, is `within`."""
    return aim.budget is None or one.cost.mean <= aim.budget


def _likelier(one: Judged) -> tuple[float, float, float]:
    """Return what plans are ordered by: of equal chances the cheaper, of none the nearer."""
    return one.chance.mean, 0.0 if one.chance.mean else one.uptake.mean, -one.cost.mean


def _against(
    sample: Sample, chosen: int, seed: int
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Return each other plan's paired differences in cost and chance from the chosen one."""
    plans = sample.cost.shape[1]
    order = [chosen, *(place for place in range(plans) if place != chosen)]
    cost, met = sample.cost[:, order], sample.met[:, order]
    tables: list[Pairs] = [pairs_of(cost), pairs_of(met, extreme=extreme_of("share", 0, met))]
    dearer, likelier = differences(tables, seed)
    return dearer, likelier


def _compared(
    one: Judged, dearer: tuple[Difference, ...], likelier: tuple[Difference, ...], chosen: int
) -> Judged:
    if one.place == chosen:
        return one
    k = one.place - (one.place > chosen)
    return replace(one, dearer=dearer[k], likelier=likelier[k])


def _is_alike(answer: str, one: Judged, aim: Aim) -> bool:
    """Say whether a plan may be as good an answer as the chosen one, for all that is known."""
    if answer == FOUND:
        return one.does != NO and not _above(one.dearer)
    if answer == MAYBE:
        return one.does == OPEN
    if answer == NONE:
        return _fits(one, aim) and not _below(one.likelier)
    return not _above(one.dearer)


def _above(gap: Difference | None) -> bool:
    """Say whether a difference is surely above 0; equal in every run is not."""
    return gap is not None and gap.ci_low is not None and gap.ci_low > 0.0


def _below(gap: Difference | None) -> bool:
    return gap is not None and gap.ci_high is not None and gap.ci_high < 0.0
