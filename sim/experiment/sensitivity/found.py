"""What a sensitivity analysis of a study found: frames, JSON, sentences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes as measured
from sim.experiment.sensitivity.indices import Indices
from sim.experiment.sensitivity.piloted import Piloted
from sim.experiment.sensitivity.question import Question
from sim.experiment.sensitivity.response import Response
from sim.experiment.sensitivity.words import (
    default_ranges,
    factor_label,
    outcome_label,
    outcome_unit,
)

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
        return factor_label(self.question.study, name)

    def outcome(self, name: str) -> str:
        """Return an outcome, a target or a weekly series in words."""
        return outcome_label(self.question.study, self.question.target, name)

    def unit(self, name: str) -> str:
        """Return the unit of an outcome, a target or a weekly series."""
        return outcome_unit(self.question.study, self.question.target, name)

    def warnings(self) -> list[str]:
        """Return what to mind: of the analysis, and of where ranges come from."""
        found = list(self.indices.warnings)
        if self.weekly is not None:
            found += [f"over the weeks: {text}" for text in self.weekly.warnings]
        return found + default_ranges(self.question.study)

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
