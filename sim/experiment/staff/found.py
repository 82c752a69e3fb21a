"""What a search for staffing found: frame, JSON, sentences, figure."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sim import outcomes as measured
from sim.experiment.staff.judging import ALIKE, FOUND, NO, Judged, Verdict
from sim.experiment.staff.question import Question
from sim.experiment.units import label_of, shown_unit
from sim.outcomes import kind_and_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.scenario import Scenario

RESULT = "staff.json"
SCHEMA = 1
"""Version of the contract: a key may be added, none is renamed without raising it."""


@dataclass(frozen=True, slots=True, eq=False)
class Staffing:
    """The cheapest plan of staffing that reaches a target, and what comes near.

    ``finalists`` are the numbers of plans (`Space`) that ``verdict`` speaks of, by their place;
    ``result`` is the id of their sealed runs.
    """

    question: Question
    finalists: tuple[int, ...]
    verdict: Verdict
    result: str

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return measured.LABEL

    @property
    def currency(self) -> str:
        """The scenario's currency."""
        return self.question.scenario.currency

    @property
    def outcome(self) -> str:
        """The outcome aimed at, in words."""
        return label_of(self.question.scenario, self.question.target.outcome)

    @property
    def unit(self) -> str:
        """The unit of the outcome aimed at."""
        return shown_unit(kind_and_unit(self.question.target.outcome)[1], self.currency)

    @property
    def chosen(self) -> Judged:
        """The plan that the answer is about."""
        return self.verdict.plans[self.verdict.chosen]

    @property
    def alike(self) -> tuple[Judged, ...]:
        """The plans that cannot be told apart from the chosen one, the cheapest first."""
        found = [self.verdict.plans[place] for place in self.verdict.alike]
        return tuple(sorted(found, key=lambda one: one.cost.mean))

    @property
    def own(self) -> Judged:
        """The scenario's own plan."""
        return self.verdict.plans[self.finalists.index(self.question.space.own)]

    @property
    def by_cost(self) -> tuple[Judged, ...]:
        """The finalists, the cheapest first."""
        return tuple(sorted(self.verdict.plans, key=lambda one: one.cost.mean))

    def levels(self, plan: Judged) -> dict[str, Any]:
        """Return the levels of a finalist by lever."""
        return self.question.space.levels(self.finalists[plan.place])

    @property
    def next(self) -> Judged | None:
        """The cheapest other plan that does or may, None if none was surely found to do."""
        if self.verdict.answer not in (FOUND, ALIKE):
            return None
        others = (
            one for one in self.by_cost if one.place != self.verdict.chosen and one.does != NO
        )
        return next(others, None)

    def changes(self, plan: Judged) -> dict[str, Any]:
        """Return the levels of a finalist that are not the scenario's own."""
        return self.question.space.changes(self.finalists[plan.place])

    def words(self, plan: Judged) -> str:
        """Return a finalist as the settings that make it of the scenario."""
        return self.question.space.words(self.finalists[plan.place])

    def scenario(self, plan: Judged | None = None) -> "Scenario":
        """Return the scenario with a finalist's plan, by default the chosen one's."""
        return self.question.scenario.with_values(self.changes(plan or self.chosen))

    def uptake(self, plan: Judged) -> tuple[float, float | None, float | None]:
        """Return the mean of the outcome aimed at with its interval, in the outcome's unit."""
        one = plan.uptake
        if self.question.target.sign == ">=":
            return one.mean, one.low, one.high
        low, high = (None if end is None else -end for end in (one.high, one.low))
        return -one.mean, low, high

    def frame(self) -> "pd.DataFrame":
        """Return one row per finalist, the cheapest first; money in the scenario's currency."""
        import pandas as pd

        return pd.DataFrame([self._row(one) for one in self.by_cost])

    def sentences(self) -> list[str]:
        """Return what came out in words."""
        from sim.experiment.staff.sentences import sentences

        return sentences(self)

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih staff --json``; null = cannot be said."""
        asked = {key: value for key, value in self.question.as_json().items() if key != "levers"}
        del asked["parameters"]
        levers = {
            one.name: {
                "label": one.label, "unit": one.unit, "own": one.own, "levels": list(one.levels)
            }
            for one in self.question.space.levers
        }  # fmt: skip
        return {
            "schema": SCHEMA,
            "label": self.label,
            **asked,
            "currency": self.currency,
            "unit": self.unit,
            "levers": levers,
            "plans": self.question.space.count,
            "stages": [asdict(one) for one in self.question.stages],
            "runs": self.question.runs,
            "result": self.result,
            "answer": self.verdict.answer,
            "chosen": self._plan(self.chosen),
            "alike": [self._plan(one) for one in self.alike],
            "own": self._plan(self.own),
            "finalists": [self._plan(one) for one in self.by_cost],
            "sentences": self.sentences(),
        }

    def plot(self) -> "Figure":
        """Return a matplotlib figure: cost and uptake of the finalists, and who is undominated."""
        from sim.plots.staff import staff_figure

        return staff_figure(self)

    def _plan(self, one: Judged) -> dict[str, Any]:
        mean, low, high = self.uptake(one)
        return {
            "levels": self.levels(one),
            "cost": asdict(one.cost),
            "chance": asdict(one.chance),
            "uptake": {"mean": mean, "low": low, "high": high},
            "reaches": one.reaches,
            "within_budget": one.within,
            "p_cheapest": one.cheapest,
            "pareto_membership": one.member,
            "cost_difference": None if one.dearer is None else asdict(one.dearer),
            "chance_difference": None if one.likelier is None else asdict(one.likelier),
            "missed_stopped": one.missed_stopped,
        }

    def _row(self, one: Judged) -> dict[str, Any]:
        row: dict[str, Any] = dict(self.levels(one))
        mean, low, high = self.uptake(one)
        for name, ends in (
            ("cost", (one.cost.mean, one.cost.low, one.cost.high)),
            ("chance", (one.chance.mean, one.chance.low, one.chance.high)),
            ("uptake", (mean, low, high)),
        ):
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
        return row | {
            "reaches": one.reaches,
            "within_budget": one.within,
            "p_cheapest": one.cheapest,
            "pareto_membership": one.member,
            "chosen": one.place == self.verdict.chosen,
            "alike": one.place in self.verdict.alike,
        }
