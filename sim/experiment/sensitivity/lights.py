"""Three lights: how far a set of indices can be trusted, for three different uses.

- screening: may what looks inert be left out? Together it causes less than 1 % of the variance;
- ranking: is what comes first really first? No other factor reaches it, whichever scramble is left
  out; factors that cannot be told apart come first together, if their difference is known well;
- values: may the numbers be quoted? All half-widths are at most .05.

The upper bound of a group is that of the sum of its total effects, which its joint total effect
cannot exceed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.jackknife import Interval, share

if TYPE_CHECKING:
    from sim.experiment.sensitivity.indices import Table

INERT, PRECISE = 0.01, 0.05

LIGHTS = ("screening", "ranking", "values")

_FEWEST = {"screening": 2, "ranking": 3, "values": 2}


@dataclass(frozen=True, slots=True)
class Light:
    """One light: green, red, or grey where it cannot be judged.

    ``figure`` is what was judged: the upper bound of the inert group's share of the variance, the
    share of scrambles without which the same comes first, or the largest half-width.
    """

    name: str
    state: str
    figure: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Lights:
    """The lights of an outcome, what is tied in its ranking, and what is not ranked at all.

    ``ties``: groups of names by falling total effect; a group's members cannot be told apart from
    its first. ``indistinct``: total effects not distinguishable from 0.
    """

    screening: Light
    ranking: Light
    values: Light
    ties: tuple[tuple[str, ...], ...]
    indistinct: tuple[str, ...]

    def __iter__(self) -> Iterator[Light]:
        """Return the three lights one after the other."""
        return iter((self.screening, self.ranking, self.values))


def lights_of(
    names: tuple[str, ...], table: "Table", total: Floats, variance: Floats
) -> tuple[Lights, ...]:
    """Return the lights of each outcome.

    ``total`` (scrambles, groups, outcomes) and ``variance`` (scrambles, outcomes) are those of the
    single scrambles; ``table`` has (groups, outcomes).
    """
    found = []
    for k in range(variance.shape[1]):
        tied, indistinct = tie_groups(total[:, :, k], variance[:, k])
        lights = (
            _screening(names, total[:, :, k], variance[:, k]),
            _ranking(names, total[:, :, k], variance[:, k]),
            _values(len(total), table.first[:, k], table.total[:, k]),
        )
        ties = tuple(tuple(names[i] for i in group) for group in tied)
        found.append(Lights(*lights, ties, tuple(names[i] for i in np.flatnonzero(indistinct))))
    return tuple(found)


def tie_groups(
    total: Floats, variance: Floats
) -> tuple[tuple[tuple[int, ...], ...], NDArray[np.bool_]]:
    """Return places by falling total effect, tied ones together, and who is not ranked.

    A place is tied with the first of its group if the interval of their difference holds 0. Shapes
    are (scrambles, groups) and (scrambles,).
    """
    effects = share(total, variance[:, None])
    indistinct = effects.not_above_zero
    order = [int(i) for i in np.argsort(-effects.value, kind="stable") if not indistinct[i]]
    tied = _differences(total, variance).holds_zero
    groups: list[list[int]] = []
    for place in order:
        if groups and tied[groups[-1][0], place]:
            groups[-1].append(place)
        else:
            groups.append([place])
    return tuple(map(tuple, groups)), indistinct


def _differences(total: Floats, variance: Floats) -> Interval:
    """Return the differences of total effects, (groups, groups): row minus column."""
    return share(total[:, :, None] - total[:, None, :], variance[:, None, None])


def _screening(names: tuple[str, ...], total: Floats, variance: Floats) -> Light:
    if len(total) < _FEWEST["screening"]:
        return _unknown("screening")
    inert = share(total, variance[:, None]).not_above_zero
    if not inert.any():
        return Light("screening", "green", 0.0, "Every factor has an effect; none can be left out.")
    bound = float(share(total[:, inert].sum(axis=1), variance).high)
    listed = _listed([names[i] for i in np.flatnonzero(inert)])
    if bound < INERT:
        return Light(
            "screening", "green", bound,
            f"{listed} can be left out: together {_at_most(bound)} of the variance.",
        )  # fmt: skip
    upto = f"up to {100.0 * bound:.0f} %" if bound < 1.0 else "any share"
    return Light(
        "screening", "red", bound,
        f"{listed}: an effect is not shown, but {upto} of the variance is not ruled out; "
        "run more scrambles.",
    )  # fmt: skip


def _ranking(names: tuple[str, ...], total: Floats, variance: Floats) -> Light:
    count = len(total)
    if count < _FEWEST["ranking"]:
        return _unknown("ranking")
    groups, _ = tie_groups(total, variance)
    if not groups:
        return Light(
            "ranking", "red", None, "No factor is distinguishable from 0; nothing to rank."
        )
    top = sorted(groups[0])
    same = sum(
        sorted((tie_groups(*_without(m, total, variance))[0] or ((),))[0]) == top
        for m in range(count)
    )
    stable = same / count
    differences = _differences(total, variance)
    outside = [i for i in range(len(names)) if i not in top]
    apart = not differences.holds_zero[top][:, outside].any()
    known = float(differences.half_width[top][:, top].max()) <= PRECISE
    listed = _listed([names[i] for i in groups[0]])
    first = f"{listed} comes first" if len(top) == 1 else f"{listed} come first, tied"
    if stable == 1.0 and apart and known:
        return Light("ranking", "green", stable, f"{first}, whichever scramble is left out.")
    reasons = []
    if not apart:
        reasons.append("others cannot be told apart from them")
    if not known:
        reasons.append("their tie is only too little precision")
    if stable < 1.0:
        reasons.append(f"the same is found without {same} of the {count} scrambles")
    return Light("ranking", "red", stable, f"{first}, but this is not sure: {'; '.join(reasons)}.")


def _values(scrambles: int, first: Interval, total: Interval) -> Light:
    if scrambles < _FEWEST["values"]:
        return _unknown("values")
    widest = float(np.max([first.half_width, total.half_width]))
    if widest <= PRECISE:
        return Light("values", "green", widest, f"All indices are known to within {widest:.3f}.")
    if not np.isfinite(widest):
        return Light("values", "red", None, "Shares of next to no variance have no values.")
    return Light(
        "values", "red", widest,
        f"Indices are known to within {widest:.2f} only (wanted {PRECISE}); run more scrambles.",
    )  # fmt: skip


def _without(m: int, total: Floats, variance: Floats) -> tuple[Floats, Floats]:
    return np.delete(total, m, axis=0), np.delete(variance, m)


def _unknown(name: str) -> Light:
    return Light(name, "grey", None, f"Needs at least {_FEWEST[name]} scrambles.")


def _at_most(bound: float) -> str:
    return "less than 0.1 %" if bound < 0.001 else f"at most {100.0 * bound:.1f} %"


def _listed(names: list[str]) -> str:
    """Write names as in "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
