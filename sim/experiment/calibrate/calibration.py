"""A calibration as it is kept: numbers, tables, sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import outcomes
from sim.experiment.calibrate.bank import Bank
from sim.experiment.calibrate.gates import LITTLE, Gates
from sim.experiment.calibrate.implausible import Implausible
from sim.experiment.calibrate.organisations import Floats
from sim.experiment.calibrate.posterior import Posterior
from sim.experiment.calibrate.predictive import Predicted
from sim.experiment.calibrate.targets import CROSS_CHECK, FIT, HELD_OUT
from sim.experiment.numbers import count
from sim.parameters import parameters

SCHEMA = 1
RESULT = "calibration.json"


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """All of a calibration.

    ``places`` (accepted, parameters): where the draws of the posterior stand in their priors.
    ``contraction`` (parameters,): 1 - posterior over prior variance of these. ``before`` and
    ``after``: every pattern over the prior (the bank) and over the posterior. ``chosen``: the draw
    that would make new defaults, with its ``summaries``. ``asked``: what decides it.
    """

    asked: Mapping[str, Any]
    bank: Bank
    possible: float
    implausible: Implausible
    places: Floats
    effective: float
    posterior: Posterior
    gates: Gates
    before: tuple[Predicted, ...]
    after: tuple[Predicted, ...]
    chosen: Mapping[str, Any]
    summaries: Mapping[str, float]

    @property
    def label(self) -> str:
        """What has to be said beside every number."""
        return outcomes.LABEL

    @property
    def contraction(self) -> Floats:
        """One minus posterior over prior variance of each parameter's place, (parameters,)."""
        mean = self.posterior.weights @ self.places
        variance = self.posterior.weights @ (self.places - mean) ** 2
        return np.asarray(1.0 - 12.0 * variance)

    def problems(self) -> list[str]:
        """Return which gates fail: of the method, and of the model's fitted patterns."""
        fitted = [one for one in self.after if one.target.use == FIT]
        missed = [f"not reproduced: {one.target.label}" for one in fitted if not one.passed]
        return [*self.gates.problems(), *missed]

    def at_edge(self) -> list[str]:
        """Return which parameters press against an end of their prior.

        Three times as much of the posterior as of the prior lies in the outer twentieth.
        """
        found = []
        for k, name in enumerate(self.posterior.parameters):
            place = self.places[:, k]
            for outer, side in ((place < 0.05, "low"), (place > 0.95, "high")):
                share = float(self.posterior.weights @ outer)
                if share > 0.15:
                    found.append(
                        f"{name} presses against the {side} end of its prior: "
                        f"{100 * share:.0f} % of the posterior in the outer 5 %"
                    )
        return found

    def sentences(self) -> list[str]:
        """Return what came out, in words."""
        informed = [
            name
            for name, shrunk in zip(self.posterior.parameters, self.contraction, strict=True)
            if shrunk >= LITTLE
        ]
        little = [name for name in self.posterior.parameters if name not in informed]
        size = f"{count(self.bank.count, 'draw')} of {count(len(self.bank.parameters), 'rule')}"
        kept, out = (f"{100 * x:.0f} %" for x in (self.possible, self.implausible.ruled_out))
        said = f"Informed by the patterns: {', '.join(informed) or 'nothing'}"
        said += f"; not informed by data: {', '.join(little)}." if little else "."
        lines = [f"{size}: {kept} keep within all bounds; a first look rules out {out}.", said]
        for use, what in ((FIT, "fitted"), (HELD_OUT, "held-out"), (CROSS_CHECK, "cross-check")):
            some = [one for one in self.after if one.target.use == use]
            missed = [one.target.label for one in some if not one.passed]
            tail = f"; not: {', '.join(missed)}" if missed else ""
            good = len(some) - len(missed)
            lines.append(f"{good} of {count(len(some), f'{what} pattern')} can be its own{tail}.")
        lines += [f"{text}." for text in self.at_edge()]
        problems = self.gates.problems()
        lines.append(
            "The method finds known truths again, and its controls fail as they must."
            if not problems
            else f"Gates that failed: {'; '.join(problems)}."
        )
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``mih calibrate --json``."""
        return {
            "schema": SCHEMA,
            "label": self.label,
            "asked": dict(self.asked),
            "draws": self.bank.count,
            "possible": self.possible,
            "ruled_out": self.implausible.ruled_out,
            "ruled_out_by": dict(self.implausible.by_target),
            "accepted": self.posterior.count,
            "effective": self.effective,
            "posterior": self.posterior.id,
            "parameters": {row["parameter"]: row for row in parameter_rows(self)},
            "gates": gate_rows(self.gates),
            "targets": {
                one.target.name: {"prior": was.as_json(), "posterior": one.as_json()}
                for was, one in zip(self.before, self.after, strict=True)
            },
            "chosen": {
                "values": dict(self.chosen),
                "summaries": {k: v if np.isfinite(v) else None for k, v in self.summaries.items()},
            },
            "problems": self.problems(),
            "sentences": self.sentences(),
        }


def parameter_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return a row for each parameter: its prior, what is left of it, and how well it is found."""
    honest, rows = found.gates.honest, []
    for k, name in enumerate(found.posterior.parameters):
        entry = parameters()[name]
        values, weights = found.posterior.values[name], found.posterior.weights
        low, median, high = weighted_quantiles(values, weights, (0.025, 0.5, 0.975))
        shrunk = float(found.contraction[k])
        rows.append(
            {
                "parameter": name,
                "label": entry.label,
                "unit": entry.unit,
                "prior_low": entry.prior.a if entry.prior else None,
                "prior_high": entry.prior.b if entry.prior else None,
                "low": low,
                "median": median,
                "high": high,
                "chosen": found.chosen[name],
                "contraction": shrunk,
                "informed": shrunk >= LITTLE,
                "recovery_correlation": float(honest.correlation[k]),
                "covered_50": float(honest.covered_50[k]),
                "covered_95": float(honest.covered_95[k]),
                "rank_p": float(honest.p[k]),
            }
        )
    return rows


def gate_rows(gates: Gates) -> dict[str, Any]:
    """Return what the test of uniformity says of the method and of each control."""
    found = {}
    for name in ("honest", "halved", "shifted", "prior"):
        one = getattr(gates, name)
        found[name] = {
            "uniform": one.uniform,
            "p": one.p.tolist(),
            "correlation": one.correlation.tolist(),
            "contraction": one.contraction.tolist(),
        }
    return {**found, "problems": gates.problems()}


def target_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return a row for each target: published, before and after."""
    return [
        {
            "target": one.target.name,
            "label": one.target.label,
            "use": one.target.use,
            "unit": one.target.unit,
            "published": one.target.value,
            "reproduced_from": one.target.low if np.isfinite(one.target.low) else None,
            "reproduced_to": one.target.high if np.isfinite(one.target.high) else None,
            "prior_low": was.low,
            "prior_median": was.median,
            "prior_high": was.high,
            "low": one.low,
            "median": one.median,
            "high": one.high,
            "p": one.p,
            "inside": one.inside,
            "passed": one.passed,
        }
        for was, one in zip(found.before, found.after, strict=True)
    ]


def weighted_quantiles(values: Floats, weights: Floats, at: tuple[float, ...]) -> tuple[float, ...]:
    """Return quantiles of weighted draws: observed values."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.minimum(np.searchsorted(reached / reached[-1], at), len(values) - 1)
    return tuple(float(value) for value in values[order][places])
