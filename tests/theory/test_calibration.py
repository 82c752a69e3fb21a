"""Calibration on cases with a known answer, and controls that must fail."""

import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from sim.draws import generator
from sim.errors import InputError
from sim.experiment.calibrate.abc import Fit, adjusted, fitted
from sim.experiment.calibrate.gates import LITTLE, gates, recovered
from tests.tolerances import ABC_MEAN, ABC_SD

COUNT, ACCEPT = 8000, 400


def gaussian(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return a bank of two parameters, standard normal, of which the first is seen with noise.

    Two summaries: the first parameter with SD .5, and a number that has nothing to do with it.
    """
    random = generator(seed, "test")
    theta = random.normal(size=(COUNT, 2))
    seen = theta[:, 0] + 0.5 * random.normal(size=COUNT)
    return ndtr(theta), np.stack([seen, random.normal(size=COUNT)], axis=1)


def test_a_gaussian_posterior_is_found_and_what_is_not_seen_keeps_its_prior() -> None:
    places, summaries = gaussian()
    fit = fitted(places, summaries, np.array([1.0, 0.0]), accept=ACCEPT)
    theta = ndtri(fit.places)
    mean = fit.weights @ theta
    sd = np.sqrt(fit.weights @ (theta - mean) ** 2)
    assert mean[0] == pytest.approx(0.8, abs=ABC_MEAN * math.sqrt(0.2))
    assert sd[0] == pytest.approx(math.sqrt(0.2), rel=ABC_SD)
    assert mean[1] == pytest.approx(0.0, abs=ABC_MEAN)
    assert sd[1] == pytest.approx(1.0, rel=ABC_SD)
    assert fit.weights.sum() == pytest.approx(1.0)
    assert ACCEPT / 2 < fit.effective < ACCEPT


def test_a_linear_model_is_carried_to_the_observation_exactly() -> None:
    random = generator(2, "test")
    x = random.normal(size=(300, 1))
    places = ndtr(x)
    turned = np.log(places / (1.0 - places))
    moved = adjusted(places, turned - 0.7, np.ones(300))
    assert np.log(moved / (1.0 - moved)) == pytest.approx(np.full((300, 1), 0.7), abs=1e-9)


def test_draws_never_leave_their_prior() -> None:
    random = generator(3, "test")
    places = random.random((2000, 3))
    summaries = 50.0 * places[:, :2] ** 3 + random.normal(size=(2000, 2))
    fit = fitted(places, summaries, np.array([60.0, -9.0]), accept=100)  # beyond what can be
    assert fit.places.min() >= 0.0
    assert fit.places.max() <= 1.0
    assert np.isfinite(fit.places).all()


def test_a_summary_twice_or_one_that_never_changes_does_no_harm() -> None:
    places, summaries = gaussian()
    more = np.column_stack([summaries, summaries[:, 0], np.ones(COUNT)])
    fit = fitted(places, more, np.array([1.0, 0.0, 1.0, 1.0]), accept=ACCEPT)
    assert np.isfinite(fit.places).all()
    assert fit.weights @ ndtri(fit.places[:, 0]) == pytest.approx(0.8, abs=0.2)


def test_what_cannot_be_fitted_is_refused_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        fitted(np.zeros((100, 7)), np.zeros((100, 11)), np.zeros(11), accept=60)
    said = str(caught.value)
    assert "parameters: too many (found 7" in said
    assert "summaries: out of range (found 11" in said
    assert "draws: too few are possible" in said


@pytest.fixture(scope="module")
def honest() -> tuple[np.ndarray, np.ndarray]:
    return gaussian(5)


def test_the_right_method_passes_and_every_control_fails(
    honest: tuple[np.ndarray, np.ndarray],
) -> None:
    places, summaries = honest
    found = gates(("seen", "unseen"), places, summaries, np.array([0.5, 0.0]), accept=ACCEPT)
    assert found.problems() == []
    assert found.informed() == ("seen",)
    assert found.honest.correlation[0] > 0.3
    assert abs(found.honest.contraction[1]) < LITTLE
    assert not found.halved.uniform
    assert not found.shifted.uniform
    assert found.prior.contraction.max() < LITTLE
    # 400 truths: 4.5 standard errors.
    assert found.honest.covered_95 == pytest.approx(np.full(2, 0.95), abs=0.05)
    assert found.honest.covered_50 == pytest.approx(np.full(2, 0.5), abs=0.113)


def test_over_all_the_prior_contraction_is_that_of_theory(
    honest: tuple[np.ndarray, np.ndarray],
) -> None:
    """Seen with noise, a fifth of the variance is left; as places, what draws of that show."""
    places, summaries = honest
    found = recovered(places, summaries, np.zeros(2), accept=ACCEPT, truths=1000)
    random = generator(9, "test")
    theta = random.normal(size=4000)
    seen = theta + 0.5 * random.normal(size=4000)
    near = np.abs(seen) < np.quantile(np.abs(seen), 0.25)
    draws = ndtr(0.8 * seen[near][:, None] + math.sqrt(0.2) * random.normal(size=(near.sum(), 200)))
    assert found.contraction[0] == pytest.approx(1.0 - 12.0 * draws.var(axis=1).mean(), abs=0.05)


def test_a_method_that_is_wrong_fails(honest: tuple[np.ndarray, np.ndarray]) -> None:
    places, summaries = honest

    def too_sure(fit: Fit) -> Fit:
        return Fit(0.5 + 0.7 * (fit.places - 0.5), fit.weights, fit.which, fit.distances)

    found = recovered(places, summaries, np.zeros(2), accept=ACCEPT, change=too_sure)
    assert not found.uniform
