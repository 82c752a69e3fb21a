"""The words for what a study has: factors, outcomes, target and series; where ranges come from."""

from sim.experiment.compare.target import Target
from sim.experiment.design.study import Study
from sim.experiment.runs.columns import unit_of
from sim.experiment.units import label_of
from sim.parameters import outcomes

CAVEAT = "In this model, over these ranges."
"""What stands behind every sentence; the label stands once, above them."""


def explained(study: Study, target: Target | None) -> tuple[str, ...]:
    """Return the names of what is explained: the outcomes, the headline first, and the target."""
    return (*study.outcomes, *(() if target is None else (str(target),)))


def factor_label(study: Study, name: str) -> str:
    """Return a factor in words."""
    return next(one.label for one in study.factors if one.name == name)


def outcome_label(study: Study, target: Target | None, name: str) -> str:
    """Return an outcome, the target or a weekly series in words."""
    if target is not None and name == str(target):
        return f"{label_of(study.base, target.outcome)} {target.sign} {target.level_in_words()}"
    if name in outcomes() or name.startswith("phase_weeks."):
        return label_of(study.base, name)
    return name.replace("_", " ").capitalize()


def outcome_unit(study: Study, target: Target | None, name: str) -> str:
    """Return the unit of an outcome, the target or a weekly series."""
    if target is not None and name == str(target):
        return "share"
    return unit_of(name, study.base.currency)


def default_ranges(study: Study) -> list[str]:
    """Return which factors have the range of the registry, as a warning; none if none has."""
    taken = [one.name for one in study.factors if one.default_prior]
    if not taken:
        return []
    return [f"ranges: taken from the registry, not stated for this study: {', '.join(taken)}"]
