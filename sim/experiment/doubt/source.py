"""Which posterior an experiment takes, and whether it may: a file, or the one of the package."""

from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path

from sim.errors import InputError
from sim.experiment.calibrate.posterior import FILE, Posterior, read_posterior

SHIPPED = "shipped"
"""The word for the posterior inside the package; a file of this name is ``./shipped``."""

Given = Posterior | str | Path
"""A posterior, the path of its file, or the word for the one of the package."""

_SHAPES = ("weeks", "organisations", "clinicians", "caseload", "leads", "managers")
"""Inputs that say how large a run is: no rules, and runs of one design have one shape."""


def posterior_of(given: Given) -> Posterior:
    """Return a posterior that is given as itself, as a file, or as the word ``shipped``.

    Raises InputError for a file that is none (see `read_posterior`), and where the package has
    none.
    """
    if isinstance(given, Posterior):
        return given
    if given != SHIPPED:
        return read_posterior(given)
    place = files("sim") / FILE
    if not place.is_file():
        raise InputError(
            f"posterior: this version of the package comes without one (no sim/{FILE}); make one "
            f"with mih calibrate --out DIR, and name DIR/{FILE} instead of {SHIPPED}"
        )
    with as_file(place) as path:
        return read_posterior(path)


def refuse_set(posterior: Posterior, names: Iterable[str], where: str) -> None:
    """Raise InputError for inputs that are set although the posterior draws them.

    A setting that won would be a rule at one value beside others that were fitted together with
    other values of it; a draw that won would leave out what was asked for. ``where`` says who sets
    them. Inputs that say how large a run is cannot be drawn at all.
    """
    problems = [
        f"{name}: set by {where}, and drawn from the posterior too; leave it out of one: run "
        "without the posterior, or do not set it"
        for name in dict.fromkeys(names)
        if name in posterior.parameters
    ]
    problems += [
        f"posterior: {name} is no rule but says how large a run is, so it cannot be drawn"
        for name in _SHAPES
        if name in posterior.parameters
    ]
    if problems:
        raise InputError(problems)
