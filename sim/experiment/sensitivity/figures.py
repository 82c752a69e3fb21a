"""The figures of an analysis, drawn by `sim.plots.sensitivity` from plain data."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiment.design.study import Study
from sim.experiment.sensitivity.salib import Morris, Pawn
from sim.experiment.sensitivity.screened import Screened
from sim.experiment.sensitivity.study import in_order
from sim.experiment.store.contents import shows, write_contents

if TYPE_CHECKING:
    from sim.experiment.sensitivity.found import Sensitivity
    from sim.plots.sensitivity.shown import Shown


CONTENTS = "contents.json"


def write_figures(found: "Sensitivity | Screened", folder: Path) -> None:
    """Write all figures of an analysis with their data into a folder, unless they are there.

    Raises DiskError.
    """
    from sim.plots.sensitivity.writing import write_sensitivity_figures

    if shows(folder / CONTENTS, folder, found.result):
        return
    shown = shown_of_screened(found) if isinstance(found, Screened) else shown_of(found)
    paths = write_sensitivity_figures(shown, folder)
    write_contents(folder / CONTENTS, folder, found.result, sorted(paths))


def shown_of(found: "Sensitivity") -> "Shown":
    """Return what figures are drawn from: indices, and the words for them."""
    from sim.plots.sensitivity.shown import Shown, Words

    study = found.question.study
    weekly = () if found.weekly is None else found.weekly.outcomes
    named = dict.fromkeys((*found.indices.outcomes, *weekly))
    return Shown(
        title=study.title,
        outcomes={name: Words(found.outcome(name), found.unit(name)) for name in named},
        factors={one.name: Words(one.label, one.unit) for one in study.factors},
        runs=found.runs,
        seed=study.seed,
        label=found.label,
        result=found.result,
        indices=found.indices,
        weekly=found.weekly,
        weeks=found.weeks.tolist(),
        stages=found.stages,
        responses=found.responses,
        levels={
            one.name: [str(level) for level in in_order(one.levels)]
            for one in study.factors
            if any(isinstance(level, str | bool) for level in one.levels)
        },
        ranges=[
            (one.question.width_in_words, one.indices)
            for one in sorted((found, *found.ranges), key=lambda one: one.question.width)
        ],
        notes=_notes(study),
    )


def shown_of_screened(found: Screened) -> "Shown":
    """Return what the figures of a screening are drawn from."""
    from sim.plots.sensitivity.shown import Shown, Words

    measures = found.found
    return Shown(
        title=found.study.title,
        outcomes={name: Words(found.outcome(name), found.unit(name)) for name in found.outcomes},
        factors={one.name: Words(one.label, one.unit) for one in found.study.factors},
        runs=found.runs,
        seed=found.study.seed,
        label=found.label,
        result=found.result,
        morris=measures if isinstance(measures, Morris) else None,
        pawn=measures if isinstance(measures, Pawn) else None,
        replicates=int(found.asked["replicates"]),
        notes=_notes(found.study),
    )


def _notes(study: Study) -> list[str]:
    """Return what every figure has to say of the ranges."""
    factors = study.factors
    own = sum(one.default_prior for one in factors)
    if not own:
        return []
    return [f"The ranges of {own} of {len(factors)} factors are the registry's, not this study's."]
