"""What a sensitivity analysis of a study is asked: checked before anything runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.errors import InputError
from sim.experiment.compare.target import Target, target_of
from sim.experiment.design.designs import TOGETHER, clashes
from sim.experiment.design.study import Study
from sim.experiment.runs.plan import described, parameters_of
from sim.experiment.sensitivity.design import MAX_LINES, MAX_REPLICATES, Design, design_of
from sim.experiment.sensitivity.estimators import FEWEST_FOR_SPREAD
from sim.experiment.sensitivity.factor import Factor
from sim.experiment.sensitivity.lights import LIGHTS
from sim.experiment.sensitivity.pilot import FEWEST, pilot_design
from sim.experiment.sensitivity.study import columns_of, factors_of_study
from sim.experiment.sensitivity.words import explained

SCRAMBLES, SPLIT = 8, 64
"""Independent scrambles, and lines of each on which chance is parted, unless asked otherwise."""

MOST_SCRAMBLES = 99

BUDGET = 4
"""Without a budget, scrambles are added up to so many times the first ones."""

WIDTHS = (0.1, 10.0)
"""Least and most that ranges may be scaled by."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A sensitivity analysis that can be made.

    ``factors`` are the estimators'; ``lines`` of a scramble; ``replicates`` None: the pilot finds
    them; ``split``: lines on which chance is parted, 0 for none; ``budget``: most runs in all if
    ``until`` names a light; ``width`` of the ranges, see `sim.experiment.sensitivity.study.scaled`;
    ``ranges``: other widths over which all is done again.
    """

    study: Study
    factors: tuple[Factor, ...]
    lines: int
    scrambles: int
    replicates: int | None
    target: Target | None
    until: str | None
    budget: int | None
    second_order: bool
    spread: bool
    split: int
    width: float = 1.0
    ranges: tuple[float, ...] = ()

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The names of what is explained; the first is the headline."""
        return explained(self.study, self.target)

    @property
    def width_in_words(self) -> str:
        """How wide its ranges are, in words."""
        known = {0.5: "half as wide", 1.0: "as in the study", 2.0: "twice as wide"}
        return known.get(self.width, f"{self.width:g} times as wide")

    @property
    def pilot(self) -> Design:
        """The runs of the pilot."""
        return pilot_design(self.factors, self.study.seed)

    def design(self, scramble: int, replicates: int) -> Design:
        """Return the runs of a scramble."""
        return design_of(
            self.factors, self.lines, scramble, replicates, self.study.seed,
            second_order=self.second_order,
        )  # fmt: skip

    def runs(self, replicates: int) -> int:
        """Return the number of runs of a scramble."""
        blocks = (2 if self.second_order else 1) * len(self.factors) + 2
        return (self.lines * blocks + self.split) * replicates

    def over(self, width: float, scrambles: int, replicates: int) -> "Question":
        """Return the same question over ranges of another width, without its extras."""
        return replace(
            self, factors=factors_of_study(self.study, width), scrambles=scrambles,
            replicates=replicates, until=None, budget=None, second_order=False, spread=False,
            split=0, width=width, ranges=(), study=replace(self.study, weekly=()),
        )  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """Return the options that `checked` made this question of."""
        return {
            "points": self.lines,
            "scrambles": self.scrambles,
            "replicates": self.replicates,
            "target": None if self.target is None else self.target.exact,
            "until": self.until,
            "budget": self.budget,
            "second_order": self.second_order,
            "spread": self.spread,
            "split": self.split,
            "ranges": list(self.ranges),
        }

    def decides(self) -> dict[str, Any]:
        """Return what decides the runs: what a folder must have been begun with to go on."""
        return {
            "study": described(self.study),
            "parameters": parameters_of(self.study.base),
            "outcomes": list(self.study.outcomes),
            "weekly": list(self.study.weekly),
            "weekly_every": self.study.weekly_every,
            "seed": self.study.seed,
            "lines": self.lines,
            "replicates": self.replicates,
            "second_order": self.second_order,
            "split": self.split,
            "width": self.width,
        }


def checked(
    study: Study,
    *,
    points: int | None = None,
    scrambles: int = SCRAMBLES,
    replicates: int | None = None,
    target: str | None = None,
    until: str | None = None,
    budget: int | None = None,
    second_order: bool = False,
    spread: bool = False,
    split: int = SPLIT,
    ranges: Sequence[float] = (),
) -> Question:
    """Return the question asked with some options; raise InputError with every problem."""
    problems: list[str] = []
    factors: tuple[Factor, ...] = ()
    try:
        factors = factors_of_study(study)
    except InputError as error:
        problems += error.messages
    lines = study.count if points is None else points
    problems += _size(lines, scrambles, replicates, split, until, budget)
    if spread and replicates is not None and replicates < FEWEST_FOR_SPREAD:
        problems.append(
            f"--spread: needs {FEWEST_FOR_SPREAD} replicates or more (found {replicates})"
        )
    if study.weekly and "weeks" in study.points:
        problems.append("weekly: the weeks themselves vary, so series cannot be compared")
    problems += [
        f"--ranges: out of range (found {one:g}, allowed {WIDTHS[0]:g} to {WIDTHS[1]:g}, not 1)"
        for one in ranges
        if not WIDTHS[0] <= one <= WIDTHS[1] or one == 1.0
    ]
    if len(set(ranges)) < len(ranges):
        problems.append("--ranges: a width given twice")
    aim = None
    try:
        aim = None if target is None else target_of(target, study.outcomes)
    except InputError as error:
        problems += error.messages
    if problems:
        raise InputError(problems)
    asked = Question(
        study, factors, lines, scrambles, replicates, aim, until, budget, second_order, spread,
        min(split, lines), ranges=tuple(float(one) for one in ranges),
    )  # fmt: skip
    refuse_clashes(asked)
    return asked


def _size(
    lines: int,
    scrambles: int,
    replicates: int | None,
    split: int,
    until: str | None,
    budget: int | None,
) -> list[str]:
    """Return what is wrong with the numbers asked for."""
    problems = []
    if lines < 2 or lines > MAX_LINES or lines & (lines - 1):
        problems.append(
            f"--points: must be a power of two (found {lines:,}, allowed 2 to {MAX_LINES:,})"
        )
    if not 1 <= scrambles <= MOST_SCRAMBLES:
        problems.append(f"--scrambles: found {scrambles}, allowed 1 to {MOST_SCRAMBLES}")
    if replicates is not None and not FEWEST <= replicates <= MAX_REPLICATES:
        problems.append(
            f"--replicates: found {replicates}, allowed {FEWEST} to {MAX_REPLICATES:,}: one cannot "
            "tell the factors from chance"
        )
    if split < 0:
        problems.append(f"--split: found {split}, allowed 0 (none) or more lines")
    if until is not None and until not in LIGHTS:
        problems.append(f"--until: no such light (found {until}, allowed {', '.join(LIGHTS)})")
    if budget is not None and until is None:
        problems.append("--budget: only together with --until")
    elif budget is not None and budget < 1:
        problems.append(f"--budget: found {budget}, allowed are runs above 0")
    return problems


def refuse_clashes(question: Question) -> None:
    """Raise InputError if points of the first scrambles have values that do not go together."""
    varied = [name for name in TOGETHER if name in question.study.points]
    if not varied:
        return
    base, numbers = question.study.base, range(question.scrambles)
    designs = [question.pilot, *(question.design(number, FEWEST) for number in numbers)]
    problems = [
        f"scramble {one.scramble}: {text}"
        for one in designs
        for _, text in clashes(base, columns_of(base, one.columns()))
    ]
    if problems:
        raise InputError([*problems[:3], f"factors.{varied[-1]}: choose narrower distributions"])
