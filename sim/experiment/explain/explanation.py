"""What an explanation found: frame, JSON, sentences, figure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sim import outcomes as measured
from sim.experiment.compare.paired import Difference
from sim.experiment.explain.barriers import ATTAINABLE, DEFINITIONS
from sim.experiment.explain.costs import Cost, Costs
from sim.experiment.explain.ledger import PhaseLedger
from sim.experiment.explain.question import Question
from sim.experiment.units import better_of, label_of, shown_unit
from sim.outcomes import interval, kind_and_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RESULT = "explain.json"
SCHEMA = 1
"""Version of the contract: a key may be added, none is renamed without raising it."""


def way_of(outcome: str) -> float:
    """Return what a loss of an outcome is multiplied with to be above 0: -1 if less is better."""
    return -1.0 if better_of(outcome) == "lower" else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How much of an outcome each barrier costs, by both definitions of attainable.

    ``costs`` by definition (`sim.experiment.explain.barriers.DEFINITIONS`); ``ledger`` of the
    scenario as it is; ``runs`` of all combinations; ``result`` is the id of the sealed runs.
    """

    question: Question
    costs: Mapping[str, Costs]
    ledger: tuple[PhaseLedger, ...]
    runs: int
    result: str

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return measured.LABEL

    @property
    def main(self) -> Costs:
        """What barriers cost by the main definition of attainable."""
        return self.costs[ATTAINABLE]

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        return label_of(self.question.scenario, self.question.outcome)

    @property
    def unit(self) -> str:
        """The unit of the outcome, money in the scenario's currency."""
        unit = kind_and_unit(self.question.outcome)[1]
        return shown_unit(unit, self.question.scenario.currency)

    @property
    def drawn(self) -> dict[str, Any] | None:
        """Which posterior the rules were drawn from, None for the scenario's own rules."""
        posterior = self.question.posterior
        if posterior is None:
            return None
        return {"id": posterior.id, "parameters": list(posterior.parameters)}

    @property
    def weeks(self) -> int:
        """The horizon."""
        own = int(self.question.scenario.values["weeks"])
        return own if self.question.weeks is None else self.question.weeks

    @property
    def shared(self) -> bool:
        """Whether unclear roles and diffusion of responsibility are both there."""
        both = ("role_clarity", "diffusion")
        return all(self.main.barriers[name].barrier.there for name in both)

    def level(
        self, definition: str, *, now: bool
    ) -> tuple[float | None, float | None, float | None]:
        """Return the mean outcome with its interval: now, or with no barrier left."""
        one = self.costs[definition]
        share = kind_and_unit(self.question.outcome)[0] == "share"
        return interval(one.now if now else one.then, share=share)

    def frame(self) -> "pd.DataFrame":
        """Return one row per definition and barrier; see `sim.experiment.explain.tables`."""
        import pandas as pd

        from sim.experiment.explain.tables import cost_rows

        return pd.DataFrame(cost_rows(self))

    def sentences(self) -> list[str]:
        """Return what came out in words."""
        from sim.experiment.explain.sentences import sentences

        return sentences(self)

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih explain --json``; null = cannot be said."""
        question = self.question
        return {
            "schema": SCHEMA,
            "scenario": question.scenario.name,
            "label": self.label,
            "outcome": question.outcome,
            "unit": self.unit,
            "better": better_of(question.outcome),
            "seed": question.seed,
            "replicates": question.replicates,
            "posterior": self.drawn,
            "weeks": self.weeks,
            "combinations": len(question.points),
            "runs": self.runs,
            "result": self.result,
            "definitions": {name: self._definition(name) for name in DEFINITIONS},
            "ledger": [asdict(phase) for phase in self.ledger],
            "sentences": self.sentences(),
        }

    def plot(self) -> "Figure":
        """Return a matplotlib figure: from the outcome now to the attainable one, by barrier."""
        from sim.plots.explain import waterfall_figure

        return waterfall_figure(self)

    def _definition(self, name: str) -> dict[str, Any]:
        costs = self.costs[name]
        ends = {
            key: dict(zip(("mean", "ci_low", "ci_high"), self.level(name, now=now), strict=True))
            for key, now in (("now", True), ("then", False))
        }
        barriers = {key: _barrier(one) for key, one in costs.barriers.items()}
        return {**ends, "gap": numbers_of(costs.gap), "barriers": barriers}


def numbers_of(one: Difference) -> dict[str, float | None]:
    """Return a value with its interval and standard error."""
    return {
        "value": one.difference, "ci_low": one.ci_low, "ci_high": one.ci_high, "se": one.se,
    }  # fmt: skip


def _barrier(one: Cost) -> dict[str, Any]:
    barrier = one.barrier
    return {
        "there": barrier.there,
        "level": barrier.level,
        "attainable": barrier.attainable,
        "share": numbers_of(one.share),
        "alone": numbers_of(one.alone),
        "on_top": numbers_of(one.on_top),
        "rank_best": None if one.ranks is None else one.ranks[0],
        "rank_worst": None if one.ranks is None else one.ranks[1],
    }
