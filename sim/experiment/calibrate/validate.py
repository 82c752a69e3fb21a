"""Validation: each published pattern beside what simulated organisations give for it.

A simulated value is that of all organisations of all populations; its interval is the jackknife
over populations. A pattern is reproduced if the value lies within the target's bounds; where the
interval crosses a bound that is said. Held-out patterns decide; fitted ones and cross-checks are
shown.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from sim import outcomes
from sim.draws import seed_problems
from sim.errors import InputError, MihError
from sim.estimates import processors
from sim.experiment.calibrate.arms import POPULATION, arms
from sim.experiment.calibrate.organisations import Floats, Organisations, joined
from sim.experiment.calibrate.populations import population
from sim.experiment.calibrate.summaries import summaries, where_stopped
from sim.experiment.calibrate.targets import CROSS_CHECK, FIT, HELD_OUT, Target, targets
from sim.experiment.progress import Progress
from sim.experiment.sensitivity.jackknife import Interval, jackknife

POPULATIONS = 20
"""By default: 1,000 organisations in each arm, about a minute of work for one processor."""

MOST_POPULATIONS = 1000


class NotReproducedError(MihError):
    """A held-out pattern is not reproduced."""


@dataclass(frozen=True, slots=True)
class Check:
    """A pattern, and what the model gives: None where no organisation is in the denominator.

    ``low`` and ``high`` are the 95 % interval of ``value``.
    """

    target: Target
    value: float | None
    low: float | None
    high: float | None

    @property
    def reproduced(self) -> bool:
        """Whether the simulated value lies within the target's bounds."""
        return self.value is not None and self.target.holds(self.value)

    @property
    def borderline(self) -> bool:
        """Whether the interval crosses a bound, so that other seeds might say otherwise."""
        if self.low is None or self.high is None:
            return False
        return any(self.low < end < self.high for end in (self.target.low, self.target.high))

    def as_json(self) -> dict[str, Any]:
        """Return the target and what was found; bounds that are not there are None."""
        entry = asdict(self.target)
        del entry["name"]
        for key in ("low", "high"):
            entry[key] = entry[key] if np.isfinite(entry[key]) else None
        found = {"value": self.value, "ci_low": self.low, "ci_high": self.high}
        entry |= {"simulated": found}
        return entry | {"reproduced": self.reproduced, "borderline": self.borderline}


@dataclass(frozen=True, slots=True)
class Validation:
    """All patterns with what the model gives.

    ``stopped``: share of the field's organisations by where they came to a stop.
    """

    checks: tuple[Check, ...]
    stopped: Mapping[str, float]
    populations: int
    size: int
    seed: int

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return outcomes.LABEL

    def of(self, use: str) -> tuple[Check, ...]:
        """Return the checks of one use: fit, held-out or cross-check."""
        return tuple(check for check in self.checks if check.target.use == use)

    @property
    def passed(self) -> bool:
        """Whether every held-out pattern is reproduced; without any there is nothing to pass."""
        held_out = self.of(HELD_OUT)
        return bool(held_out) and all(check.reproduced for check in held_out)

    def require(self) -> None:
        """Raise NotReproducedError naming the held-out patterns that are not reproduced."""
        missed = [check.target.label for check in self.of(HELD_OUT) if not check.reproduced]
        if missed:
            raise NotReproducedError(f"held-out patterns not reproduced: {'; '.join(missed)}")
        if not self.passed:
            raise NotReproducedError("there is no held-out pattern, so nothing is validated")

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih validate --json``."""
        return {
            "label": self.label,
            "seed": self.seed,
            "populations": self.populations,
            "organisations": self.populations * self.size,
            "passed": self.passed,
            "reproduced": {
                use: [sum(check.reproduced for check in self.of(use)), len(self.of(use))]
                for use in (FIT, HELD_OUT, CROSS_CHECK)
            },
            "targets": {check.target.name: check.as_json() for check in self.checks},
            "stopped": dict(self.stopped),
        }


def validate(
    populations: int = POPULATIONS,
    seed: int = 1,
    *,
    draws: Sequence[Mapping[str, Any]] = ({},),
    size: int = POPULATION,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Simulate every arm and set each pattern beside what came out.

    Args:
        populations: how many populations, from 2 (an interval needs two).
        seed: 0 .. 2^63 - 1; all arms share their luck.
        draws: values of the rules by dotted name, checked, for one population after the other (and
            again from the first): intervals then hold what a posterior leaves open.
        size: organisations of a population.
        workers: threads; by default one per processor.
        progress: called with the number of runs finished so far.

    Raises:
        InputError: too few or too many populations, or a seed that cannot be.

    """
    problems = []
    if not 2 <= populations <= MOST_POPULATIONS:
        allowed = f"allowed 2 to {MOST_POPULATIONS:,}"
        problems.append(f"populations: {populations} is out of range ({allowed})")
    problems += seed_problems(seed)
    if problems:
        raise InputError("\n".join(problems))
    parts: dict[str, list[Organisations]] = {arm: [] for arm in arms()}
    jobs = [(arm, number) for number in range(populations) for arm in parts]

    def simulated(job: tuple[str, int]) -> Organisations:
        return population(job[0], draws[job[1] % len(draws)], job[1], seed, size=size)

    with ThreadPoolExecutor(workers or processors()) as pool:
        for done, ((arm, _), made) in enumerate(zip(jobs, pool.map(simulated, jobs), strict=True)):
            parts[arm].append(made)
            if progress:
                progress((done + 1) * size)
    statistic = partial(_over, parts)
    found_all = jackknife(statistic, np.eye(populations))
    names = _names(parts)
    checks = tuple(_check(target, found_all[names.index(target.name)]) for target in targets())
    stopped = where_stopped(joined(parts["field"]))
    return Validation(checks, stopped, populations, size, seed)


def _names(parts: Mapping[str, list[Organisations]]) -> list[str]:
    return list(summaries({arm: found[0] for arm, found in parts.items()}))


def _over(parts: Mapping[str, list[Organisations]], chosen: Floats) -> Floats:
    """Return all summaries over the populations that are chosen (1) and not left out (0).

    ``chosen`` is (populations,), or a row of these for each answer wanted.
    """
    if chosen.ndim > 1:
        return np.stack([_over(parts, row) for row in chosen])
    kept = {
        arm: joined([part for part, weight in zip(found, chosen, strict=True) if weight])
        for arm, found in parts.items()
    }
    return np.array(list(summaries(kept).values()))


def _check(target: Target, found: Interval) -> Check:
    """Return a target with what was found; the interval of a share stays within 0 to 1."""
    low, high = (0.0, 1.0) if target.unit == "share" else (-np.inf, np.inf)
    ends = np.clip(found.low, low, high), np.clip(found.high, low, high)
    return Check(target, *(_known(float(number)) for number in (found.value, *ends)))


def _known(number: float) -> float | None:
    return number if np.isfinite(number) else None
