"""Whether a calibration can be believed: pseudo-truths found again, and controls that must fail.

Draws of the bank near the observation stand in for it, each left out of the bank it is looked for
in. If the method is right, the places of the truths among the draws are uniform (simulation-based
calibration, Talts et al. 2018, arXiv 1804.06788; near the observation: Prangle et al. 2014, doi
10.1111/anzs.12087), and so are those of a quantity that depends on the data (Modrak et al. 2023,
doi 10.1214/23-BA1404). A posterior half as wide, or shifted by half its standard deviation, must be
told from a right one; the prior taken as posterior passes by construction, so it must fail
contraction and recovery.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from sim.experiment.calibrate.abc import EDGE, Fit, fitted, quadratic, spreads
from sim.experiment.calibrate.organisations import Floats

TRUTHS = 400
"""Pseudo-truths that are looked for."""

FALSE_ALARM = 0.01
"""Chance that a right method fails the test of uniformity, all quantities together."""

LITTLE = 0.1
"""Contraction below which the data are said not to inform a parameter."""

FOUND = 0.3
"""Correlation of posterior means with truths above which truths are said to be found."""

Change = Callable[[Fit], Fit]
Agrees = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """Where truths came to lie.

    ``ranks`` (truths, parameters + 1): the share of the draws below each truth, in the last column
    of how well the data agree with it; ``p`` (parameters + 1,): of uniformity. ``correlation``,
    ``covered_50``, ``covered_95``, ``contraction`` (parameters,): of posterior means with the
    truths, how often the central intervals hold these, and 1 - mean posterior variance over that
    of the bank.
    """

    ranks: Floats
    p: Floats
    correlation: Floats
    covered_50: Floats
    covered_95: Floats
    contraction: Floats

    @property
    def uniform(self) -> bool:
        """Whether no quantity's ranks depart from uniformity by more than chance."""
        return bool(self.p.min() > FALSE_ALARM / len(self.p))


def recovered(
    places: Floats,
    summaries: Floats,
    observed: Floats,
    *,
    accept: int,
    truths: int = TRUTHS,
    change: Change | None = None,
) -> Recovered:
    """Look for the draws nearest to the observation, each from its own summaries.

    ``change`` is done to every posterior: that of a control. Arguments as in `abc.fitted`.
    """
    from scipy.stats import kstest  # slow to import

    spread, agrees = spreads(summaries), agreement(places, summaries)
    near = np.argsort((((summaries - observed) / spread) ** 2).sum(axis=1), kind="stable")[:truths]
    rows, means, variances = [], [], []
    for k in near.tolist():
        fit = fitted(places, summaries, summaries[k], accept=accept, without=k)
        fit = change(fit) if change else fit
        rows.append(_ranks(fit, places[k], agrees, summaries[k]))
        means.append(fit.mean())
        variances.append(fit.variance())
    ranks, found, true = np.array(rows), np.array(means), places[near]
    p = [float(kstest(column, "uniform").pvalue) for column in ranks.T]
    own = ranks[:, :-1]
    return Recovered(
        ranks,
        np.array(p),
        np.array([_correlation(found[:, j], true[:, j]) for j in range(true.shape[1])]),
        ((own > 0.25) & (own < 0.75)).mean(axis=0),
        ((own > 0.025) & (own < 0.975)).mean(axis=0),
        np.asarray(1.0 - np.mean(variances, axis=0) / places.var(axis=0)),
    )


def agreement(places: Floats, summaries: Floats) -> Agrees:
    """Return a function that says how well observed summaries agree with places, (n,).

    Minus half the squared distance from the summaries that a quadratic regression over the bank
    expects there: a stand-in for the log-likelihood.
    """
    terms = quadratic(places)
    slopes = np.linalg.lstsq(terms, summaries, rcond=None)[0]
    left = (summaries - terms @ slopes).std(axis=0)
    left = np.where(left > 0.0, left, 1.0)

    def agrees(some: Floats, observed: Floats) -> Floats:
        apart = (quadratic(some) @ slopes - observed) / left
        return np.asarray(-0.5 * (apart**2).sum(axis=1))

    return agrees


def _ranks(fit: Fit, truth: Floats, agrees: Agrees, y: Floats) -> list[float]:
    ranks = [float(fit.weights @ (fit.places[:, j] < truth[j])) for j in range(len(truth))]
    among, own = agrees(fit.places, y), agrees(truth[None], y)[0]
    return [*ranks, float(fit.weights @ (among < own))]


def _correlation(a: Floats, b: Floats) -> float:
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


# What must fail.


def halved(fit: Fit) -> Fit:
    """Return a posterior half as wide."""
    return _turned(fit, lambda x, mean, _: mean + 0.5 * (x - mean))


def shifted(fit: Fit) -> Fit:
    """Return a posterior shifted by half its standard deviation."""
    return _turned(fit, lambda x, _, sd: x + 0.5 * sd)


def prior_instead(seed_places: Floats) -> Change:
    """Return what puts draws of the prior in a posterior's place."""

    def instead(fit: Fit) -> Fit:
        count = len(fit.places)
        return Fit(seed_places[:count], np.full(count, 1.0 / count), fit.which, fit.distances)

    return instead


def _turned(fit: Fit, change: Callable[[Floats, Floats, Floats], Floats]) -> Fit:
    """Change a posterior on the logit scale."""
    x = logit(np.clip(fit.places, EDGE, 1.0 - EDGE))
    mean = fit.weights @ x
    sd = np.sqrt(fit.weights @ (x - mean) ** 2)
    return Fit(expit(change(x, mean, sd)), fit.weights, fit.which, fit.distances)


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """The method's own posterior and the controls: ``halved``, ``shifted`` and ``prior``."""

    parameters: tuple[str, ...]
    honest: Recovered
    halved: Recovered
    shifted: Recovered
    prior: Recovered

    def problems(self) -> list[str]:
        """Return what failed of what must hold, nothing if all is well."""
        found = []
        if not self.honest.uniform:
            worst = self.honest.p.argmin()
            what = [*self.parameters, "agreement with the data"][worst]
            found.append(f"ranks of {what} are not uniform (p = {self.honest.p[worst]:.2g})")
        for name, control in (("half as wide", self.halved), ("shifted", self.shifted)):
            if control.uniform:
                found.append(f"a posterior {name} passes the test of uniformity: it has no power")
        if self.informed() and (
            self.prior.contraction.max() > LITTLE or self.prior.correlation.max() > FOUND
        ):
            found.append("the prior taken as posterior passes contraction or recovery")
        return found

    def informed(self) -> tuple[str, ...]:
        """Return the parameters that the data inform: contraction of a tenth or more."""
        pairs = zip(self.parameters, self.honest.contraction, strict=True)
        return tuple(name for name, shrunk in pairs if shrunk >= LITTLE)


def gates(
    parameters: Sequence[str],
    places: Floats,
    summaries: Floats,
    observed: Floats,
    *,
    accept: int,
    truths: int = TRUTHS,
) -> Gates:
    """Return how a calibration and its controls do; arguments as in `recovered`."""

    def under(change: Change | None) -> Recovered:
        return recovered(places, summaries, observed, accept=accept, truths=truths, change=change)

    return Gates(
        tuple(parameters), under(None), under(halved), under(shifted), under(prior_instead(places))
    )
