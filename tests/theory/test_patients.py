"""MODEL.md 6 and 9.3: stays in care, Little's law, stationarity, blended care."""

import math
from typing import Any

import numpy as np
import pytest

from sim import layout
from sim.draws import Stream, child, uniform
from sim.inputs import care_table
from sim.rules import patients
from sim.simulate import run_compiled
from sim.world import new_world, recipe
from tests.theory.worlds import CONSTANT, baseline, events_of, live_at_once, world_after
from tests.tolerances import GAMMA_MEAN, GAMMA_SD, Z_EXACT

NO_PROJECT: dict[str, Any] = {"project_weeks": 0, "clinicians": 100, "caseload": 100}
LENGTHS = [(33.2, 23.0), (6.0, 3.0), (12.0, 12.0), (3.0, 1.0)]


def tabled_stays(mean: float, sd: float) -> np.ndarray:
    """Return whole weeks of care at 2^18 even steps of probability."""
    table = care_table(mean, sd)
    steps = (np.arange(1 << 18) + 0.5) / (1 << 18)
    place = steps * (len(table) - 1)
    k = np.minimum(place.astype(int), len(table) - 2)
    weeks = table[k] + (table[k + 1] - table[k]) * (place - k)
    return np.maximum(1, (weeks + 0.5).astype(int))


def test_care_lasts_as_long_as_in_the_source() -> None:
    stays = tabled_stays(33.2, 23.0)
    assert abs(stays.mean() - 33.2) < GAMMA_MEAN
    assert abs(stays.std() - 23.0) < GAMMA_SD
    assert stays.min() == 1


def test_drawn_stays_have_the_gammas_mean_and_spread() -> None:
    table, key = care_table(33.2, 23.0), child(12, 0)
    n = 40_000
    stays = np.array([patients.care_weeks(table, uniform(key, Stream.CARE, k)) for k in range(n)])
    shape = (33.2 / 23.0) ** 2
    assert abs(stays.mean() - 33.2) < Z_EXACT * 23.0 / math.sqrt(n) + GAMMA_MEAN
    spread = 23.0 * math.sqrt((2.0 + 6.0 / shape) / (4.0 * n))  # by the gamma's kurtosis
    assert abs(stays.std() - 23.0) < Z_EXACT * spread + GAMMA_SD


@pytest.mark.parametrize(("mean", "sd"), LENGTHS)
def test_littles_law(mean: float, sd: float) -> None:
    """Places = admissions a week x mean stay, from the first week on."""
    scenario = baseline(NO_PROJECT, care_weeks=mean, care_weeks_sd=sd)
    world, tape = world_after(recipe(scenario), 156)
    admitted = world.patients["occupant"].astype(float)  # admissions to each place
    assert admitted.sum() == tape.cohorts["admitted"].sum()
    places, stay = len(admitted), tabled_stays(mean, sd).mean()
    error = admitted.std(ddof=1) / math.sqrt(places)
    assert abs(admitted.mean() - 156 / stay) < Z_EXACT * error


@pytest.mark.parametrize(("mean", "sd"), LENGTHS)
def test_leaving_is_stationary_from_week_0(mean: float, sd: float) -> None:
    scenario = baseline(NO_PROJECT, care_weeks=mean, care_weeks_sd=sd, weeks=126)
    events = events_of(scenario)
    left = events[events["event"] == layout.LEFT_CARE]
    place = left["post"] * 100 + left["place"]
    early = np.bincount(place[left["week"] < 26], minlength=10_000)
    late = np.bincount(place[left["week"] >= 100], minlength=10_000)
    difference = (early - late).astype(float)
    assert abs(difference.mean()) < Z_EXACT * difference.std(ddof=1) / 100.0


def test_patients_at_week_0_are_met_in_proportion_to_their_stay() -> None:
    """The stay of a patient met in care is length-biased: mean (mean^2 + sd^2) / mean."""
    world = new_world(recipe(baseline(NO_PROJECT)), 1, 0)
    stays = tabled_stays(33.2, 23.0)
    residual = world.patients["weeks_left"].astype(float)
    expected = ((stays**2).mean() / stays.mean() + 1.0) / 2.0
    assert abs(residual.mean() - expected) < Z_EXACT * residual.std(ddof=1) / 100.0
    assert residual.min() == 1


USERS: dict[str, Any] = CONSTANT | {
    "start_rate": 1.0,
    "lapse_rate": 0.0,
    "invitation_rate": 0.3,
    "acceptance": 5.0,
    "dropout_rate": 0.0,
    "clinicians": 20,
    "caseload": 20,
    "weeks": 300,
}


@pytest.mark.parametrize("ratio", [0.57, 0.5, 1.1])
def test_blended_care_shortens_what_remains(ratio: float) -> None:
    """Pairs of patients that differ in the ratio alone; remaining weeks are whole, at least 1."""
    usual = remaining(live_at_once(USERS, blended_ratio=1.0))
    blended = remaining(live_at_once(USERS, blended_ratio=ratio))
    assert usual.keys() == blended.keys()
    assert len(usual) > 200
    for who, weeks in usual.items():
        assert blended[who] == max(1, math.floor(ratio * weeks + 0.5))
    total = sum(usual.values())
    # Whole weeks: halves are rounded up, and nobody leaves in less than one.
    assert ratio - 0.002 < sum(blended.values()) / total < ratio + 0.015


def remaining(scenario: Any) -> dict[tuple[int, int], int]:
    """Return weeks from acceptance to the end of care of the patients in care at week 0."""
    events = events_of(scenario)
    first = events[(events["role"] == layout.ROLE_PATIENT) & (events["occupant"] == 0)]
    started: dict[tuple[int, int], int] = {}
    found: dict[tuple[int, int], int] = {}
    for event in first[np.argsort(first["week"], kind="stable")]:
        who = (int(event["post"]), int(event["place"]))
        if event["event"] == layout.ACCEPTED:
            started[who] = int(event["week"])
        elif event["event"] == layout.COMPLETED:
            found[who] = int(event["week"]) - started[who]
    return found


def test_acceptance_is_the_logistic_of_its_parts() -> None:
    """Affinity is a logistic deviate of SD 1: the mean over it, at 20 000 steps of probability."""
    scenario = live_at_once(USERS, acceptance=0.2, weeks=60, clinicians=60)
    events = events_of(scenario)
    accepted = np.sum(events["event"] == layout.ACCEPTED)
    offered = accepted + np.sum(events["event"] == layout.DECLINED_OFFER)
    u = (np.arange(20_000) + 0.5) / 20_000
    affinity = math.sqrt(3.0) / math.pi * np.log(u / (1.0 - u))
    expected = float(np.mean(1.0 / (1.0 + np.exp(-(0.2 + affinity)))))
    error = math.sqrt(expected * (1.0 - expected) / offered)
    assert abs(accepted / offered - expected) < Z_EXACT * error


def test_patients_invited_by_default_are_unguided_cost_nothing_and_teach_nothing() -> None:
    scenario = live_at_once(
        USERS, invitation="default", start_rate=0.0, dropout_rate=0.05, weeks=100
    )
    world, tape = world_after(recipe(scenario), 100)
    assert tape.series.started.sum() > 100
    assert np.all(tape.series.adoption == 0.0)
    assert np.all(tape.series.active_use == 0.0)
    assert np.all(tape.series.hours_clinician == 0.0)
    assert np.all(world.clinicians["experience"] == 0.0)
    assert np.all(world.clinicians["load"] == world.clinicians["base_load"])


@pytest.mark.parametrize("invitation", ["clinician", "default"])
def test_guidance_raises_completion(invitation: str) -> None:
    """With guidance that counts, guided patients complete more; unguided are as without it."""
    changes = USERS | {"dropout_rate": 0.05, "invitation": invitation, "workload": 0.6}
    if invitation == "default":
        changes |= {"start_rate": 0.0}
    with_it = completion(live_at_once(changes, dropout_guidance=2.0))
    without = completion(live_at_once(changes, dropout_guidance=0.0))
    if invitation == "default":
        assert with_it == without
    else:
        assert with_it > without + 0.2


def completion(scenario: Any) -> float:
    series = run_compiled(recipe(scenario), 1, 0).series
    return float(series.completed.sum() / (series.completed.sum() + series.dropped.sum()))
