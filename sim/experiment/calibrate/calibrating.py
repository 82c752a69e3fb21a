"""Calibrate: bank, first look, posterior, gates, predictive checks, the draw for new defaults."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.compiled import source_hash
from sim.draws import generator, seed_problems
from sim.errors import InputError
from sim.experiment.calibrate.abc import MOST_PARAMETERS, Fit, fitted
from sim.experiment.calibrate.arms import POPULATION, arms, as_draws, quantiles
from sim.experiment.calibrate.bank import Asked, Bank, banked_arms, made_bank
from sim.experiment.calibrate.bank import fitted as fitted_names
from sim.experiment.calibrate.calibration import (
    RESULT,
    Calibration,
    parameter_rows,
    target_rows,
)
from sim.experiment.calibrate.gates import gates
from sim.experiment.calibrate.goals import Goals, goals_of
from sim.experiment.calibrate.implausible import implausibility
from sim.experiment.calibrate.organisations import Floats
from sim.experiment.calibrate.posterior import FILE, Posterior
from sim.experiment.calibrate.predictive import predicted, simulated
from sim.experiment.calibrate.prior import rule_parameters
from sim.experiment.calibrate.summaries import SUMMARIES
from sim.experiment.calibrate.targets import Target, targets
from sim.experiment.design.marginals import quantile_of
from sim.experiment.execute.work import Way
from sim.experiment.progress import Progress, going_on
from sim.experiment.sensitivity.stages import SharesMissingError, held
from sim.experiment.sensitivity.tables import csv_of
from sim.experiment.store.encoding import canonical, json_bytes, sha256
from sim.experiment.store.files import write_file
from sim.experiment.store.folder import versions
from sim.parameters import parameters

FREE = (
    "quality_reference",
    "start_rate",
    "start_motivation",
    "stop_rate",
    "stop_after",
    "stop_use",
)
"""What is calibrated unless asked otherwise: the rules that the fitted patterns follow most over
the priors of all rules (docs/validation.md), but those with a published value of their own."""

DRAWS = 8192
LOOK = 6
"""Populations that each draw is simulated with that may become new defaults ..."""

FINALISTS, AGAIN = 8, 48
"""... and how many of them are looked at again, with how many populations, on other luck: the
nearest of many after a short look is near by luck."""

OUTER = 0.02
"""Ends of a prior at which no default is put."""

Bar = Callable[[str, int], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A calibration that can be made; see `calibrate`."""

    parameters: tuple[str, ...]
    draws: int
    seed: int
    accept: int
    size: int
    checks: int
    truths: int
    candidates: int

    @property
    def bank(self) -> Asked:
        """The bank it takes."""
        return Asked(self.parameters, self.draws, self.seed, self.size)

    def decides(self) -> dict[str, Any]:
        """Return what decides its runs: what a folder must have been begun with to go on."""
        return {
            "parameters": list(self.parameters),
            "draws": self.draws,
            "seed": self.seed,
            "size": self.size,
            "targets": targets_hash(),
        }


def targets_hash() -> str:
    """Return a hash of all targets."""
    return sha256(canonical([_plain(target) for target in targets()]))[:16]


def _plain(target: Target) -> dict[str, Any]:
    return {key: repr(value) for key, value in asdict(target).items()}


def wanted_of(
    names: Sequence[str] = FREE,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    accept: int | None = None,
    size: int = POPULATION,
    checks: int = 64,
    truths: int = 400,
    candidates: int | None = None,
) -> Wanted:
    """Return the calibration asked for; raise InputError with every problem."""
    unknown = [name for name in names if name not in rule_parameters()]
    problems = [f"parameters: {name} is no rule with a prior" for name in unknown]
    if not 1 <= len(names) <= MOST_PARAMETERS or len(set(names)) < len(names):
        problems.append(f"parameters: 1 to {MOST_PARAMETERS} different ones (found {len(names)})")
    if not 256 <= draws <= 2**16 or draws & (draws - 1):
        problems.append(f"draws: must be a power of two (found {draws:,}, allowed 256 to 65,536)")
    problems += seed_problems(seed)
    chosen = max(60, min(1000, draws // 40)) if accept is None else accept
    if not 50 <= chosen <= max(50, draws // 4):
        problems.append(f"accept: out of range (found {chosen}, allowed 50 to {draws // 4:,})")
    if size < 8 or checks < 8 or truths < 50:
        problems.append("size, checks: 8 or more; truths: 50 or more")
    if problems:
        raise InputError(problems)
    again = min(96, 3 * checks // 2) if candidates is None else candidates
    return Wanted(tuple(names), draws, seed, chosen, size, checks, truths, again)


def calibrate(
    out: str | Path | None = None,
    *,
    force: bool = False,
    accept_drift: bool = False,
    bar: Bar | None = None,
    way: Way | None = None,
    **asked: Any,
) -> Calibration:
    """Calibrate some rules to the fitted patterns, and check the calibration and the model.

    Args:
        out: the folder that keeps the runs, the posterior and what was found; None = nothing.
        force: move an existing folder aside and begin anew.
        accept_drift: do so only if it was begun by another question, code or machine.
        bar: makes a progress bar of a title and a number of runs.
        way: who runs the bank, see `sim.experiment.execute.work.Way`.
        **asked: ``names`` of the rules, ``draws`` of the bank (a power of two), ``seed``,
            ``accept`` (nearest draws), ``size`` (organisations of a population), ``checks``
            (populations of a predictive check), ``truths`` (of the gates), ``candidates``
            (draws that may become new defaults).

    Raises:
        InputError: options that cannot be.
        IncompleteError, BusyError, DriftError, TooLargeError, DiskError: see `execute`.
        SharesMissingError: the share of this shard is done, those of others are not.

    """
    wanted, chosen = wanted_of(**asked), way or Way()
    if out is None:
        with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
            return calibrate(Path(place) / "calibration", bar=bar, way=chosen, **asked)
    asked_bank = wanted.bank
    plans = asked_bank.plans.values()
    some, total = next(iter(plans)), sum(plan.runs for plan in plans)
    show = bar or (lambda _, __: nullcontext(lambda ___: None))
    with held(
        Path(out), wanted.decides(), some, chosen, force=force, accept_drift=accept_drift
    ) as folder:
        with show("bank", total) as progress:
            bank = made_bank(
                asked_bank, folder / "bank", chosen, progress=progress, accept_drift=accept_drift
            )
        if bank is None:
            raise SharesMissingError(f"{folder}: this share of the bank is done, others are not")
        found = calibration_of(wanted, bank, show)
        for name, data in files_of(found).items():
            write_file(folder / name, data)
        found.posterior.save(folder / FILE)
    return found


def files_of(found: Calibration) -> dict[str, bytes]:
    """Return what is kept of a calibration besides its runs: content by name within its folder."""
    return {
        RESULT: json_bytes(found.as_json()),
        "tables/parameters.csv": csv_of(parameter_rows(found)),
        "tables/targets.csv": csv_of(target_rows(found)),
    }


def calibration_of(wanted: Wanted, bank: Bank, show: Bar) -> Calibration:
    """Return all that follows from a bank: a pure function of both.

    Raises InputError if too few draws keep within all bounds.
    """
    goals = goals_of([target for target in targets() if target.name in fitted_names()])
    possible = goals.possible(bank.found)
    if possible.sum() < 2 * wanted.accept:
        raise InputError(
            f"draws: too few keep within all bounds (found {possible.sum():,} of {bank.count:,}, "
            f"needed {2 * wanted.accept:,}); ask for more draws or fewer nearest ones"
        )
    places, scaled = bank.places[possible], goals.scaled(bank.found[possible], wanted.size)
    random = generator(wanted.seed, "calibration: sampling error of published numbers")
    noisy = scaled + goals.errors * random.normal(size=scaled.shape)
    fit = fitted(places, noisy, goals.values, accept=wanted.accept)
    posterior = posterior_of(wanted, fit)
    runs = wanted.checks * wanted.size * len(arms())
    prior_draws = quantiles(wanted.parameters, wanted.checks, wanted.seed, "calibration: prior")
    with show("patterns before", runs) as progress:
        before = simulated(as_draws(prior_draws), wanted.seed, size=wanted.size, progress=progress)
    with show("patterns after", runs) as progress:
        after = simulated(
            posterior.equal(wanted.checks, wanted.seed), wanted.seed, size=wanted.size,
            progress=progress,
        )  # fmt: skip
    chosen, summaries = best_of(wanted, posterior, fit.places, goals, show)
    return Calibration(
        asked={**wanted.decides(), "accept": wanted.accept, "checks": wanted.checks},
        bank=bank,
        possible=float(possible.mean()),
        implausible=implausibility(places, scaled, goals),
        places=fit.places,
        effective=fit.effective,
        posterior=posterior,
        gates=gates(
            wanted.parameters, places, noisy, goals.values,
            accept=wanted.accept, truths=wanted.truths,
        ),
        before=predicted(before),
        after=predicted(after),
        chosen=chosen,
        summaries=summaries,
    )  # fmt: skip


def posterior_of(wanted: Wanted, fit: Fit) -> Posterior:
    """Return the draws of a fit on the registry's scales, with where they come from."""
    values = {}
    for k, name in enumerate(wanted.parameters):
        entry = parameters()[name]
        assert entry.prior is not None
        values[name] = np.asarray(quantile_of(entry, entry.prior, fit.places[:, k]))
    provenance = {**wanted.decides(), "accept": wanted.accept, "source": source_hash()}
    return Posterior(values, fit.weights, {**provenance, "versions": versions()})


def best_of(
    wanted: Wanted, posterior: Posterior, places: Floats, goals: Goals, show: Bar
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the draw that would make new defaults, with its summaries.

    Of the draws with the most weight, each simulated again, the one that comes nearest to the
    published numbers and keeps within all bounds: marginal medians may fit nothing together.
    """
    inner = ((places > OUTER) & (places < 1.0 - OUTER)).all(axis=1)
    order = np.lexsort((-posterior.weights, ~inner))  # those at the edge of a prior come last
    draws = [posterior.draw(k) for k in order[: wanted.candidates].tolist()]
    seed, few = wanted.seed, min(wanted.candidates, FINALISTS)
    each = wanted.size * len(banked_arms())
    first, last = len(draws) * LOOK * each, few * AGAIN * each
    with show("new defaults", first + last) as progress:
        means = _means(wanted, draws, LOOK, seed + 1, progress)
        near = np.argsort(_distance(means, goals, wanted.size * LOOK), kind="stable")[:few]
        draws = [draws[k] for k in near.tolist()]
        means = _means(wanted, draws, AGAIN, seed + 2, going_on(first, progress))
    k = int(np.argmin(_distance(means, goals, wanted.size * AGAIN)))
    return draws[k], dict(zip(fitted_names(), means[k].tolist(), strict=True))


def _means(
    wanted: Wanted,
    draws: Sequence[dict[str, Any]],
    again: int,
    seed: int,
    progress: Progress | None,
) -> Floats:
    """Return the mean summaries of draws over some populations each, (draws, fitted patterns)."""
    names = list(SUMMARIES)
    each = [draw for draw in draws for _ in range(again)]
    found = simulated(each, seed, size=wanted.size, wanted=banked_arms(), progress=progress)
    columns = [names.index(name) for name in fitted_names()]
    means: Floats = found[:, columns].reshape(len(draws), again, -1).mean(axis=1)
    return means


def _distance(found: Floats, goals: Goals, size: int) -> Floats:
    """Return how far summaries are from the published numbers, infinite beyond a bound."""
    possible = goals.possible(found)
    scaled = goals.scaled(np.nan_to_num(found), size)
    apart = np.sqrt((((scaled - goals.values) / goals.errors) ** 2).sum(axis=1))
    return np.where(possible, apart, np.inf)
