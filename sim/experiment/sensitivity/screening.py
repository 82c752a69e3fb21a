"""Cheap looks at the factors of a study, Morris and PAWN, on runs that are kept.

::

    question.json       what is asked, as far as it decides runs
    morris/ or pawn/    the runs, a sealed sweep
    sensitivity.json, tables/, figures/
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import IncompleteError, InputError
from sim.experiment.compare.target import Target, target_of
from sim.experiment.design.designs import clashes
from sim.experiment.design.study import Study, load_study
from sim.experiment.execute.work import Way, execute
from sim.experiment.progress import Progress
from sim.experiment.runs.plan import Plan, described, parameters_of
from sim.experiment.sensitivity import salib
from sim.experiment.sensitivity.analysis import nothing_to_explain
from sim.experiment.sensitivity.design import MAX_LINES, MAX_REPLICATES
from sim.experiment.sensitivity.factor import Factor
from sim.experiment.sensitivity.pilot import FEWEST
from sim.experiment.sensitivity.reading import values_of
from sim.experiment.sensitivity.screened import Screened, files_of, unordered
from sim.experiment.sensitivity.stages import SharesMissingError, held, refuse_failed
from sim.experiment.sensitivity.study import Distribution, columns_of, factors_of_study
from sim.experiment.sensitivity.words import explained
from sim.experiment.store.encoding import canonical, sha256
from sim.experiment.store.files import write_file
from sim.experiment.store.stored import Stored, open_result

MIDDLE = (0.025, 0.975)
"""Shares between which Morris moves a factor."""

LEVELS = 4
"""Levels of Morris' grid; a step goes over half of them."""

SLICES = 10
"""Slices of a factor of PAWN."""

METHODS = ("morris", "pawn")

TRAJECTORIES, MOST_TRAJECTORIES = 64, 2**14
"""Of Morris, unless asked otherwise; and the most that may be asked for."""

REPLICATES = {"morris": 4, "pawn": 2}
"""Of each point, unless asked otherwise."""


@dataclass(frozen=True, eq=False)
class Screen:
    """A screening that can be made: ``lines`` are trajectories (Morris) or points (PAWN)."""

    study: Study
    method: str
    factors: tuple[Factor, ...]
    lines: int
    replicates: int
    target: Target | None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The names of what is looked at; the first is the headline."""
        return explained(self.study, self.target)

    @cached_property
    def design(self) -> salib.Plan:
        """Return the points and replicates, a pure function of the screening."""
        size = self.factors, self.lines, self.replicates, self.study.seed
        if self.method == "pawn":
            return salib.pawn_plan(*size)
        # Few distributions have ends that anybody has seen.
        return salib.morris_plan(*size, levels=LEVELS, within=MIDDLE)

    @cached_property
    def plan(self) -> Plan:
        """Return the runs as the store takes them; InputError for a design that cannot be."""
        study, design = self.study, self.design
        columns = {
            one.name: one.column(design.points[:, place]) for place, one in enumerate(self.factors)
        }
        return Plan(
            base=study.base,
            points=columns_of(study.base, columns),
            first_replicate=design.first_replicate,
            replicates=np.full(len(design.points), self.replicates, np.int64),
            seed=study.seed,
            outcomes=study.outcomes,
            study=described(study),
            command=("mih", "sensitivity", study.name, "--method", self.method),
        )

    def asked(self) -> dict[str, Any]:
        """Return the options that `screen_of` made this screening of."""
        return {
            "method": self.method,
            "points": self.lines,
            "replicates": self.replicates,
            "target": None if self.target is None else self.target.exact,
        }

    def decides(self) -> dict[str, Any]:
        """Return what decides the runs: what a folder must have been begun with to go on."""
        return {
            "method": self.method,
            "study": described(self.study),
            "parameters": parameters_of(self.study.base),
            "outcomes": list(self.study.outcomes),
            "seed": self.study.seed,
            "lines": self.lines,
            "replicates": self.replicates,
        }


def screen_of(
    study: Study | str | Path,
    method: str,
    *,
    points: int | None = None,
    replicates: int | None = None,
    target: str | None = None,
) -> Screen:
    """Return the screening asked for; raise InputError with every problem."""
    chosen = study if isinstance(study, Study) else load_study(study)
    if method not in METHODS:
        raise InputError(
            f"method: no such screening (found {method}, allowed {', '.join(METHODS)})"
        )
    usual = TRAJECTORIES if method == "morris" else chosen.count
    lines = usual if points is None else points
    each = REPLICATES[method] if replicates is None else replicates
    problems = _size(method, lines, each)
    factors: tuple[Factor, ...] = ()
    try:
        factors = factors_of_study(chosen)
    except InputError as error:
        problems += error.messages
    aim = None
    try:
        aim = None if target is None else target_of(target, chosen.outcomes)
    except InputError as error:
        problems += error.messages
    if problems:
        raise InputError(problems)
    made = Screen(chosen, method, factors, lines, each, aim)
    wrong = [text for _, text in clashes(chosen.base, made.plan.points)]
    if wrong:
        raise InputError(wrong)
    return made


def _size(method: str, lines: int, replicates: int) -> list[str]:
    """Return what is wrong with the numbers asked for, before anything is made of them."""
    problems = []
    fewest, why = 1, ""
    if method == "morris":
        fewest, why = FEWEST, ": with one, effects cannot be told from chance"
        if not 2 <= lines <= MOST_TRAJECTORIES:
            problems.append(
                f"--points: trajectories out of range (found {lines:,}, allowed 2 to "
                f"{MOST_TRAJECTORIES:,})"
            )
    elif not 2 <= lines <= MAX_LINES or lines & (lines - 1):
        problems.append(
            f"--points: must be a power of two (found {lines:,}, allowed 2 to {MAX_LINES:,})"
        )
    if not fewest <= replicates <= MAX_REPLICATES:
        problems.append(
            f"--replicates: found {replicates:,}, allowed {fewest} to {MAX_REPLICATES:,}{why}"
        )
    needed = salib.FEWEST_IN_SLICE * SLICES
    if method == "pawn" and not problems and lines * replicates < needed:
        problems.append(
            f"--points: too few runs for {SLICES} slices (found {lines:,} points x {replicates:,} "
            f"replicates, allowed {needed:,} runs or more)"
        )
    return problems


def screen(
    study: Study | str | Path,
    method: str,
    out: str | Path | None = None,
    *,
    points: int | None = None,
    replicates: int | None = None,
    target: str | None = None,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
    **way: Any,
) -> Screened:
    """Return Morris' or PAWN's measures of a study's factors, from runs that are kept.

    Cheaper than `sim.sensitivity`, and less telling: which factors do anything, not how much of the
    variance. The same folder again goes on where it stopped.

    Args:
        study: a study of design "sobol", the path of its file or a shipped name.
        method: "morris" or "pawn".
        out: the folder that keeps the runs; None = keep nothing but what is returned.
        points: trajectories of Morris (64), or points of PAWN (the study's; a power of two).
        replicates: of each point; 4 for Morris, 2 for PAWN.
        target: also look at the chance of reaching it, as in "adoption>=0.5".
        force: move an existing folder aside and begin anew.
        accept_drift: do so only with what was begun by another question, code or machine.
        progress: told how many runs are done.
        **way: see `sim.experiment.execute.work.Way`.

    Raises:
        InputError: a study or an option that cannot be; outcomes that are undefined in some run,
            or the same in all; a folder that holds something else.
        IncompleteError: runs failed; they are named with their inputs.
        SharesMissingError: the share of this shard is done, those of others are not.
        BusyError, DriftError, TooLargeError, DiskError: see `sim.experiment.execute.work.execute`.

    """
    asked = screen_of(study, method, points=points, replicates=replicates, target=target)
    words: dict[str, Any] = {"force": force, "accept_drift": accept_drift, "progress": progress}
    if out is not None:
        return kept(asked, Path(out), Way(**way), **words)
    with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
        return kept(asked, Path(place) / "screening", Way(**way), **words)


def kept(
    asked: Screen,
    out: Path,
    way: Way,
    *,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
) -> Screened:
    """Run what a folder lacks of a screening, write what came out, and return it; see `screen`."""
    plan = asked.plan
    with held(out, asked.decides(), plan, way, force=force, accept_drift=accept_drift) as folder:
        place = folder / asked.method
        report = execute(plan, place, way, accept_drift=accept_drift, progress=progress)
        refuse_failed(plan, place, [*report.failed, *report.lost])
        if report.result is None:
            raise SharesMissingError(
                f"{folder}: this shard's share is done; when those of the others are, the same "
                "command tells the result"
            )
        found = screened(asked, open_result(place))
        for name, data in files_of(found).items():
            write_file(folder / name, data)
    return found


def screened(asked: Screen, stored: Stored) -> Screened:
    """Return what sealed runs say.

    Raises IncompleteError for runs that are not whole or of another screening.
    """
    if not stored.sealed or stored.plan.hash != asked.plan.hash:
        raise IncompleteError(
            f"{stored.folder}: not the sealed runs of this study and these options"
        )
    values, design = values_of(stored, asked.target), asked.design
    y = values.reshape(len(design.points), asked.replicates, -1)
    nothing_to_explain(asked.outcomes, y)
    found: salib.Morris | salib.Pawn
    if asked.method == "morris":
        found = stretched(salib.morris_of(design, y, levels=LEVELS), asked.factors)
    else:
        floor = salib.shuffled_floor(design, y, slices=SLICES)
        found = replace(salib.pawn_of(design, y, slices=SLICES), floor=floor)
    # The same runs answer for other targets, so these are part of what the result is known by.
    ids = {
        "question": asked.decides(),
        "outcomes": list(asked.outcomes),
        "stages": [str(stored.result)],
    }
    return Screened(
        asked.study, asked.asked(), asked.target, asked.outcomes, found,
        runs=stored.plan.runs, result=sha256(canonical(ids))[:16],
    )  # fmt: skip


def stretched(found: salib.Morris, factors: Sequence[Factor]) -> salib.Morris:
    """Return measures whose effects are those of a factor's whole range also where it has levels.

    Morris divides by the share of the range that a step goes. A step of two thirds takes a switch
    all the way, so its effect would come out half as large again; a count of few is such a switch.
    """
    times = np.array([_stretch(one) for one in factors])[:, None]
    names = ("mu", "mu_star", "mu_star_conf", "sigma", "floor", "effect", "spread")
    more: dict[str, Any] = {name: getattr(found, name) * times for name in names}
    return replace(found, **more)


def _stretch(factor: Factor) -> float:
    """Return what an effect per share is multiplied with: the range over the mean step's part."""
    step, marginal = LEVELS / 2 / (LEVELS - 1), factor.marginal
    if isinstance(marginal, Sequence):
        if unordered(marginal):
            return step  # the effect of choosing otherwise
    elif not (isinstance(marginal, Distribution) and marginal.entry.kind == "count"):
        return 1.0
    low, high = MIDDLE
    values = factor.values(low + (high - low) * np.arange(LEVELS) / (LEVELS - 1))
    gone = float(np.abs(values[LEVELS // 2 :] - values[: LEVELS // 2]).mean())
    return step * float(np.ptp(values)) / gone if gone else 1.0
