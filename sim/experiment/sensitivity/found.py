"""What a sensitivity analysis of a study found: frames, JSON, sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes as measured
from sim.experiment.runs.columns import unit_of
from sim.experiment.sensitivity.indices import Indices
from sim.experiment.sensitivity.piloted import Piloted
from sim.experiment.sensitivity.question import Question
from sim.experiment.sensitivity.response import Response
from sim.experiment.units import label_of
from sim.parameters import outcomes as registry

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """Which factors of a study drive its outcomes, and how much is chance.

    ``indices`` are those of the outcomes at the end, ``weekly`` those of the series the study
    keeps, in the weeks numbered ``weeks``. ``stages`` are the indices after the first 2, 3, ...
    scrambles. ``responses`` say which way factors work. ``reached``: whether the light asked for
    is green, None if none was. ``ranges``: the same over ranges of other widths. ``runs`` are all,
    those of the pilot and of other ranges included; ``result`` is the id of all of it.
    """

    question: Question
    replicates: int
    pilot: Piloted | None
    indices: Indices
    weekly: Indices | None
    weeks: NDArray[np.int64]
    stages: tuple[Indices, ...]
    responses: tuple[Response, ...]
    reached: bool | None
    ranges: tuple["Sensitivity", ...]
    runs: int
    result: str

    @property
    def label(self) -> str:
        """What has to be said beside every number of this model."""
        return measured.LABEL

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the factors."""
        return self.indices.names

    def factor(self, name: str) -> str:
        """Return a factor in words."""
        return next(one.label for one in self.question.study.factors if one.name == name)

    def outcome(self, name: str) -> str:
        """Return an outcome, a target or a weekly series in words."""
        return outcome_label(self.question, name)

    def unit(self, name: str) -> str:
        """Return the unit of an outcome, a target or a weekly series."""
        if name not in self.question.study.outcomes and ("<=" in name or ">=" in name):
            return "share"
        return unit_of(name, self.question.study.base.currency)

    def warnings(self) -> list[str]:
        """Return what to mind: of the analysis, and of where ranges come from."""
        found = list(self.indices.warnings)
        if self.weekly is not None:
            found += [f"over the weeks: {text}" for text in self.weekly.warnings]
        taken = [one.name for one in self.question.study.factors if one.default_prior]
        if taken:
            found.append(
                "ranges: taken from the registry, not stated for this study: " + ", ".join(taken)
            )
        return found

    def frame(self) -> "pd.DataFrame":
        """Return one row per outcome and factor; see `sim.experiment.sensitivity.tables`."""
        import pandas as pd

        from sim.experiment.sensitivity.tables import index_rows

        return pd.DataFrame(index_rows(self, self.indices))

    def sentences(self) -> list[str]:
        """Return what came out in words: on chance, on each factor, and on the lights."""
        from sim.experiment.sensitivity.sentences import sentences

        return sentences(self)

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih sensitivity --json``; null = cannot be said."""
        from sim.experiment.sensitivity.contract import as_json

        return as_json(self)


def outcome_label(question: Question, name: str) -> str:
    """Return an outcome, a target or a weekly series in words."""
    target = question.target
    if target is not None and name == str(target):
        what = label_of(question.study.base, target.outcome)
        return f"{what} {target.sign} {target.level_in_words()}"
    if name in registry() or name.startswith("phase_weeks."):
        return label_of(question.study.base, name)
    return name.replace("_", " ").capitalize()
