"""What a comparison found: tidy frame, JSON, sentences and figure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import outcomes as measured
from sim.experiment.compare.grow import Precision
from sim.experiment.compare.paired import Floats
from sim.experiment.compare.target import Target
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiment.compare.over_rules import OverRules
    from sim.simulate import Result

SERIES = ("adoption", "reach")
"""The weekly series that are kept for figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """What a comparison keeps of the runs of a plan.

    ``outcomes``: (replicates, organisations, names), NaN = never or undefined. ``weekly``: for
    each of `SERIES` (replicates, weeks), means over organisations.
    """

    first_replicate: int
    weeks: int
    names: tuple[str, ...]
    outcomes: Floats
    weekly: Mapping[str, Floats]

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return len(self.outcomes)

    @property
    def organisations(self) -> int:
        """Number of organisations in each replicate."""
        return int(self.outcomes.shape[1])

    @classmethod
    def of(cls, result: "Result") -> "Runs":
        """Return what is kept of a result."""
        weekly = {name: np.array(result.weekly[name]) for name in SERIES}
        return cls(result.first_replicate, result.weeks, result.names, result.outcomes, weekly)

    def followed_by(self, other: "Runs") -> "Runs":
        """Return these runs and those of the next stage. Raises ValueError if it is another one."""
        if other.first_replicate != self.first_replicate + self.replicates:
            raise ValueError(f"a stage begins at replicate {other.first_replicate}")
        weekly = {name: np.concatenate([self.weekly[name], other.weekly[name]]) for name in SERIES}
        outcomes = np.concatenate([self.outcomes, other.outcomes])
        return Runs(self.first_replicate, self.weeks, self.names, outcomes, weekly)


@dataclass(frozen=True, slots=True)
class Entry:
    """An outcome of a plan, and how it differs from the first plan's; None = cannot be said.

    ``mean`` is over the runs of the plan in which the outcome is defined, as `mih run` gives it;
    the difference is over the ``n`` replicates in which it is defined in both plans. For the rest
    see `sim.experiment.compare.paired`. The first plan has a mean alone.
    """

    mean: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    se: float | None
    n: int
    variance_reduction: float | None
    p_better: float | None
    p_better_low: float | None
    p_better_high: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome of all plans; ``better`` is higher, lower or neither.

    ``rules``: of each other plan, what draws of the rules leave open; {} without a posterior.
    """

    name: str
    label: str
    unit: str
    better: str
    plans: Mapping[str, Entry]
    rules: Mapping[str, "OverRules | None"] = field(default_factory=dict)

    def row(self, plan: str) -> dict[str, float | int | None]:
        """Return the numbers of a plan; with a posterior also what the rules leave open."""
        found: dict[str, float | int | None] = asdict(self.plans[plan])
        if self.rules:
            one = self.rules.get(plan)
            found |= {"rules_low": None, "rules_high": None, "p_better_rules": None}
            if one is not None:
                found |= {"rules_low": one.low, "rules_high": one.high}
                found["p_better_rules"] = one.p_better
        return found


@dataclass(frozen=True, slots=True)
class Chance:
    """The share of a plan's organisations that reach the target, and how it differs."""

    chance: float | None
    ci_low: float | None
    ci_high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    se: float | None
    n: int


@dataclass(frozen=True, slots=True)
class TargetCompared:
    """The chance of reaching a target, by plan; ``label`` are the words for its outcome."""

    target: Target
    label: str
    plans: Mapping[str, Chance]

    def in_words(self) -> str:
        """Return the target as people read it."""
        return f"{self.label.lower()} {self.target.sign} {self.target.level_in_words()}"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Plans on common seeds, compared with the first of them.

    ``outcomes`` holds all that were compared, ``shown`` names those for tables and figures.
    ``organisations``: of each plan. ``weekly``: for each plan and each of `SERIES` the weekly means
    over organisations, shape (replicates, weeks). ``posterior``: the design over draws of the rules
    (`sim.experiment.doubt.nested.Nested.described`), None if the plans' own rules were run; with it
    the replicates are the runs of the design.
    """

    scenarios: Mapping[str, Scenario]
    seed: int
    replicates: int
    weeks: int
    organisations: tuple[int, ...]
    outcomes: Mapping[str, Compared]
    shown: tuple[str, ...]
    target: TargetCompared
    precision: Precision
    weekly: Mapping[str, Mapping[str, Floats]]
    posterior: Mapping[str, Any] | None = None

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the plans, the first being what the others are compared with."""
        return tuple(self.scenarios)

    @property
    def reference(self) -> str:
        """Name of the first plan."""
        return self.plans[0]

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return measured.LABEL

    def frame(self) -> "pd.DataFrame":
        """Return one row per outcome and plan: the fields of `Entry`, NaN = cannot be said."""
        import pandas as pd

        rows = [
            {
                "outcome": one.name,
                "label": one.label,
                "unit": one.unit,
                "better": one.better,
                "plan": plan,
                **one.row(plan),
            }
            for one in self.outcomes.values()
            for plan in one.plans
        ]
        numbers = _NUMBERS if self.posterior is None else _NUMBERS + _RULES
        return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))

    def target_frame(self) -> "pd.DataFrame":
        """Return one row per plan: the fields of `Chance`, NaN = cannot be said."""
        import pandas as pd

        rows = [
            {"target": str(self.target.target), "plan": plan, **asdict(one)}
            for plan, one in self.target.plans.items()
        ]
        return pd.DataFrame(rows).astype(dict.fromkeys(_CHANCES, float))

    def sentences(self) -> list[str]:
        """Return what came out in words: one sentence for each other plan, then the precision."""
        from sim.experiment.compare.sentences import sentences

        return sentences(self)

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih compare --json``; null = cannot be said."""
        goal = self.target.target
        over = {} if self.posterior is None else {"posterior": dict(self.posterior)}
        return over | {
            "scenarios": {plan: one.name for plan, one in self.scenarios.items()},
            "seed": self.seed,
            "replicates": self.replicates,
            "weeks": self.weeks,
            "label": self.label,
            "reference": self.reference,
            "plans": list(self.plans),
            "outcomes": {
                name: {
                    "unit": one.unit,
                    "better": one.better,
                    "plans": {plan: one.row(plan) for plan in one.plans},
                }
                for name, one in self.outcomes.items()
            },
            "target": {
                "outcome": goal.outcome,
                "sign": goal.sign,
                "level": goal.level,
                "plans": {plan: asdict(one) for plan, one in self.target.plans.items()},
            },
            "precision": {**asdict(self.precision), "stages": list(self.precision.stages)},
            "sentences": self.sentences(),
        }

    def plot(self) -> "Figure":
        """Return a matplotlib figure: the differences in the shown outcomes with intervals."""
        from sim.plots.compare import forest_figure

        return forest_figure(self)


_NUMBERS = (
    *("mean", "difference", "ci_low", "ci_high", "se", "variance_reduction"),
    *("p_better", "p_better_low", "p_better_high"),
)
_RULES = ("rules_low", "rules_high", "p_better_rules")
_CHANCES = ("chance", "ci_low", "ci_high", "change", "change_low", "change_high", "se")
