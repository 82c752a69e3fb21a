"""Properties of single rules that MODEL.md states: ownership, strain, motivation, hours, clocks."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from sim.rules import chance, people, project
from sim.rules.clinicians import NOTHING, first_of
from tests.theory.worlds import baseline_parameters
from tests.tolerances import ROUNDING


def given(**strategies: Any) -> Any:
    """Draw the same examples every time, however busy the machine is."""
    return lambda test: settings(deadline=None, derandomize=True)(given_any(**strategies)(test))


shares = st.floats(0.0, 1.0)
hazards = st.floats(0.0, 5.0)


# --- ownership -----------------------------------------------------------------------------------


@given(clarity=shares, diffusion=st.floats(0.0, 0.95))
def test_one_person_owns_everything(clarity: float, diffusion: float) -> None:
    assert project.ownership(1.0, clarity, diffusion) == 1.0


@given(people_=st.integers(1, 40), clarity=shares)
def test_no_diffusion_no_loss(people_: int, clarity: float) -> None:
    assert project.ownership(float(people_), clarity, 0.0) == 1.0


@given(people_=st.integers(1, 40), clarity=st.floats(0.0, 0.99), diffusion=st.floats(0.01, 0.95))
def test_each_person_adds_something_but_less(
    people_: int, clarity: float, diffusion: float
) -> None:
    def owned(n: int) -> float:
        return n * project.ownership(float(n), clarity, diffusion)

    n = people_
    assert project.ownership(n + 1.0, clarity, diffusion) < project.ownership(
        float(n), clarity, diffusion
    )
    # Unclear roles and phi = .95: the k-th person adds .05^(k-1) of an hour, lost in rounding.
    assert owned(n + 1) >= owned(n) - 1e-9
    assert owned(n + 2) - owned(n + 1) <= owned(n + 1) - owned(n) + 1e-9


@given(people_=st.integers(1, 20), clarity=shares, diffusion=st.floats(0.01, 0.95))
def test_ownership_as_written_down(people_: int, clarity: float, diffusion: float) -> None:
    """A task without an owner is done if the first of n does it, then the second, and so on."""
    kept = sum(math.prod([1.0 - diffusion] * k) for k in range(people_)) / people_
    expected = clarity + (1.0 - clarity) * kept
    found = project.ownership(float(people_), clarity, diffusion)
    assert found == pytest.approx(expected, rel=1e-9)


@given(
    unclear=st.floats(0.0, 0.5),
    more=st.floats(0.01, 0.5),
    people_=st.integers(1, 20),
    diffusion=st.floats(0.05, 0.95),
)
def test_an_extra_person_adds_less_with_unclear_roles(
    unclear: float, more: float, people_: int, diffusion: float
) -> None:
    def added(clarity: float) -> float:
        after = (people_ + 1) * project.ownership(people_ + 1.0, clarity, diffusion)
        return after - people_ * project.ownership(float(people_), clarity, diffusion)

    assert added(unclear) < added(unclear + more)


# --- strain, motivation, clarity -----------------------------------------------------------------


@given(load=st.floats(0.0, 3.0), clarity=shares)
def test_strain_rests_where_pressure_and_recovery_balance(load: float, clarity: float) -> None:
    p = baseline_parameters()
    pressure = 0.35 * max(0.0, load - 1.0) + 0.03 * (1.0 - clarity)
    expected = pressure / (pressure + 0.07)
    over = people.overload(p, load)
    assert people.strain_at_rest(p, over, clarity) == pytest.approx(expected, rel=ROUNDING)
    assert people.next_strain(p, expected, over, clarity) == pytest.approx(expected, rel=1e-9)
    strain = 0.9
    for _ in range(2000):
        strain = people.next_strain(p, strain, over, clarity)
    assert strain == pytest.approx(expected, abs=1e-9)


@given(load=st.floats(0.0, 2.9), more=st.floats(0.0, 0.1), clarity=st.floats(0.1, 1.0))
def test_strain_rises_with_load_and_ambiguity(load: float, more: float, clarity: float) -> None:
    p = baseline_parameters()

    def rest(load: float, clarity: float) -> float:
        return people.strain_at_rest(p, people.overload(p, load), clarity)

    assert rest(load + more, clarity) >= rest(load, clarity)
    assert rest(load, clarity - 0.1) > rest(load, clarity)


@given(own=st.floats(0.02, 0.98))
def test_motivation_at_rest_at_the_references_is_ones_own(own: float) -> None:
    p = baseline_parameters()
    rest = people.motivation_at_rest(
        p, chance.logit(own), 0.0, 0.0, 0.0, p.strain_reference, p.clarity_reference
    )
    assert rest == pytest.approx(own, rel=1e-9)


@given(x=shares, target=shares, rate=st.floats(0.0, 3.0))
def test_a_week_of_relaxation_is_seven_days_of_it(x: float, target: float, rate: float) -> None:
    """The exact solution does not depend on how finely time is cut."""
    days = x
    for _ in range(7):
        days = chance.relax(days, target, chance.kept(rate / 7.0))
    assert chance.relax(x, target, chance.kept(rate)) == pytest.approx(days, abs=1e-12)


# --- managers' hours -----------------------------------------------------------------------------

wishes = st.lists(
    st.one_of(st.just(-1.0), st.just(0.0), st.floats(0.0, 100.0)), min_size=1, max_size=12
)


@given(hours=st.floats(0.0, 200.0), wanted=wishes)
def test_share_hours_conserves_hours_and_serves_everybody(
    hours: float, wanted: list[float]
) -> None:
    given_ = np.full(len(wanted), np.nan)
    rest = project.share_hours(hours, np.array(wanted), given_)
    running = [k for k, wish in enumerate(wanted) if wish >= 0.0]
    assert all(given_[k] == 0.0 for k in range(len(wanted)) if k not in running)
    assert rest >= 0.0
    if not running:
        assert rest == 0.0
        return
    assert given_.sum() + rest == pytest.approx(hours, rel=1e-9, abs=1e-9)
    for k in running:
        assert given_[k] <= wanted[k] + 1e-9
        # Everybody gets an equal share or all that is wanted.
        assert given_[k] >= min(wanted[k], hours / len(running)) - 1e-9


@given(hours=st.floats(0.0, 200.0), wanted=wishes, seed=st.integers(0, 1000))
def test_share_hours_knows_no_favourites(hours: float, wanted: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(wanted))
    one, other = np.zeros(len(wanted)), np.zeros(len(wanted))
    project.share_hours(hours, np.array(wanted), one)
    project.share_hours(hours, np.array(wanted)[order], other)
    assert one[order] == pytest.approx(other, rel=1e-9, abs=1e-9)


# --- trust ---------------------------------------------------------------------------------------


@given(
    received=st.floats(0.0, 40.0), agreed=st.floats(0.1, 40.0), share=st.sampled_from([0.25, 1.0])
)
def test_hours_beyond_the_agreement_are_felt_until_go_live(
    received: float, agreed: float, share: float
) -> None:
    """What is missing is missed at any time; no hours agreed, none missed."""
    p = SimpleNamespace(agreed_manager_hours=agreed)
    ratio = received / (agreed * share)
    assert project.hours_felt(p, received, 0.0, share) == ratio
    assert project.hours_felt(p, received, 1.0, share) == min(1.0, ratio)
    p.agreed_manager_hours = 0.0
    assert project.hours_felt(p, received, 0.0, share) == 1.0
    assert project.hours_felt(p, received, 1.0, share) == 1.0


# --- clocks --------------------------------------------------------------------------------------


def week_of_firing(threshold: float, path: list[float]) -> float:
    """Return when a clock fires along a path of weekly hazards, infinity for never."""
    clock = threshold
    for week, hazard in enumerate(path):
        at = chance.crossing(clock, hazard)
        if at < chance.NEVER:
            return week + at
        clock = chance.clock_left(clock, hazard, 1.0)
    return math.inf


@given(
    threshold=st.floats(1e-9, 20.0),
    path=st.lists(st.tuples(hazards, st.floats(0.0, 3.0)), max_size=60),
)
def test_a_higher_hazard_never_fires_later(
    threshold: float, path: list[tuple[float, float]]
) -> None:
    low = [hazard for hazard, _ in path]
    high = [hazard + more for hazard, more in path]
    assert week_of_firing(threshold, high) <= week_of_firing(threshold, low) + 1e-9


@given(threshold=st.floats(1e-9, 20.0), path=st.lists(hazards, max_size=60))
def test_a_clock_fires_when_the_accumulated_hazard_crosses(
    threshold: float, path: list[float]
) -> None:
    total, expected = 0.0, math.inf
    for week, hazard in enumerate(path):
        if hazard > 0.0 and total + hazard >= threshold:
            expected = week + (threshold - total) / hazard
            break
        total += hazard
    found = week_of_firing(threshold, path)
    assert found == pytest.approx(expected, abs=1e-6) or abs(total - threshold) < 1e-9


@given(clock=st.floats(-5.0, 5.0), hazard=hazards)
def test_crossing_and_what_is_left_agree(clock: float, hazard: float) -> None:
    at, left = chance.crossing(clock, hazard), chance.clock_left(clock, hazard, 1.0)
    if hazard == 0.0:
        assert at == chance.NEVER
        assert left == clock
    elif at < chance.NEVER:
        assert at <= 1.0
        assert left <= 0.0
        # Run to the moment of crossing, nothing is left (what waits since earlier stays negative).
        assert chance.clock_left(clock, hazard, at) == pytest.approx(min(clock, 0.0), abs=1e-12)
    else:
        assert left > 0.0


@given(leave=st.floats(-1, 2), train=st.floats(-1, 2), use=st.floats(-1, 2))
def test_the_first_event_is_the_earliest(leave: float, train: float, use: float) -> None:
    times = (math.inf, leave, train, use)
    first = first_of(leave, train, use)
    if min(times) >= chance.NEVER:
        assert first == NOTHING
    else:
        assert times[first] == min(times)


@given(rate=st.floats(0.0, 5.0), exponent=st.floats(-1e308, 1e308))
def test_every_hazard_is_finite(rate: float, exponent: float) -> None:
    assert 0.0 <= chance.intensity(rate, exponent) <= 5.0 * math.exp(50.0)


@given(base=st.floats(0.02, 0.98), more=st.floats(0.0, 0.2), shift=st.floats(-8.0, 8.0))
def test_raising_the_level_raises_everybody(base: float, more: float, shift: float) -> None:
    higher = min(base + more, 0.98)
    assert 0.02 <= chance.level(base, shift) <= chance.level(higher, shift) <= 0.98
