"""Every rule at chosen numbers, against the formula of docs/odd.md written out with these numbers.

Values are chosen so that no two terms agree and nothing is 0 or 1 by chance: a wrong sign, factor
or boundary shows. Needs no world and no compiler.
"""

import math
from typing import Any

import pytest

from sim.rules import chance, clinicians, people
from tests.theory.numbers_for_rules import REFERENCES, exactly, logistic, parameters_with

# --- levels and clocks ---------------------------------------------------------------------------


def test_limits_hold_and_between_them_nothing_changes() -> None:
    assert [chance.clamp(x, -1.0, 2.0) for x in (-3.0, -1.0, 0.5, 2.0, 4.0)] == [-1, -1, 0.5, 2, 2]


def test_logit_and_logistic_at_their_ends() -> None:
    assert chance.logit(0.8) == exactly(math.log(4.0))
    assert chance.logit(0.0) == exactly(math.log(1e-9 / (1.0 - 1e-9)))
    assert chance.logit(1.0) == pytest.approx(-chance.logit(0.0), rel=1e-7)
    assert chance.logistic(math.log(4.0)) == exactly(0.8)
    assert chance.logistic(-60.0) == 1.0 / (1.0 + math.exp(50.0))
    assert chance.logistic(60.0) == 1.0 / (1.0 + math.exp(-50.0))


def test_noise_is_logistic_with_standard_deviation_1() -> None:
    assert chance.noise(0.5) == 0.0
    assert chance.noise(0.8) == exactly(math.sqrt(3.0) / math.pi * math.log(4.0))
    n = 20_000
    variance = sum(chance.noise((k + 0.5) / n) ** 2 for k in range(n)) / n
    assert variance == pytest.approx(1.0, abs=0.01)


def test_level_and_load_of_a_person() -> None:
    assert chance.level(0.8, math.log(0.25)) == exactly(0.5)
    assert (chance.level(0.5, 9.0), chance.level(0.5, -9.0)) == (0.98, 0.02)
    assert chance.base_load(0.9, math.log(1.5)) == exactly(1.35)
    assert chance.base_load(0.9, 60.0) == 3.0
    assert chance.base_load(0.9, -60.0) == 0.9 * math.exp(-50.0)
    assert chance.base_load(1e-22, 60.0) == exactly(1e-22 * math.exp(50.0))
    assert chance.base_load(-1.0, 0.5) == 0.0


def test_hazards_are_clamped_at_50() -> None:
    assert chance.intensity(0.3, 0.7) == exactly(0.3 * math.exp(0.7))
    assert chance.intensity(0.3, 60.0) == exactly(0.3 * math.exp(50.0))
    assert chance.intensity(1e21, -60.0) == exactly(1e21 * math.exp(-50.0))


def test_a_clock_runs_out_or_is_shortened() -> None:
    assert chance.crossing(0.3, 0.6) == exactly(0.5)
    assert chance.crossing(0.6, 0.6) == 1.0, "a clock that runs out with the week has run out"
    assert chance.crossing(0.7, 0.6) == chance.NEVER
    assert chance.crossing(-0.1, 0.0) == chance.NEVER, "who cannot ask does not wait"
    assert chance.crossing(-0.3, 0.6) == exactly(-0.5)
    assert chance.NEVER > 1.0
    left = [chance.clock_left(0.9, 0.6, until) for until in (-0.5, 0.0, 0.25, 1.0, 1.5)]
    assert left == [0.9, 0.9, exactly(0.75), exactly(0.3), exactly(0.3)]


def test_relaxation_keeps_a_share_of_the_distance() -> None:
    assert chance.relax(0.2, 0.7, 0.4) == exactly(0.5)
    assert chance.kept(0.7) == exactly(math.exp(-0.7))
    assert (chance.kept(-3.0), chance.kept(0.0)) == (1.0, 1.0)
    assert chance.kept(800.0) == math.exp(-700.0)
    assert (chance.seen(1.0, 0.2, 0.7), chance.seen(0.0, 0.2, 0.7)) == (0.2, 0.7)


# --- drivers -------------------------------------------------------------------------------------


def test_what_presses() -> None:
    usual, other = (parameters_with(inverted_u=u, load_optimum=0.8) for u in (0.0, 1.0))
    assert [people.overload(usual, load) for load in (0.3, 0.9, 1.4)] == [0, 0, exactly(0.4)]
    found = [people.overload(other, load) for load in (0.3, 0.9, 1.4)]
    assert found == [exactly(0.5), 0, exactly(0.4)]


def test_a_mechanism_off_shows_the_reference() -> None:
    def p(on: float) -> Any:
        switches = {"role_clarity_on": on, "motivation_on": on, "workload_on": on}
        more = {"overload_reference": 0.11, "slack_reference": 0.22, "inverted_u": 0.0}
        return parameters_with(**REFERENCES, **switches, **more)

    def seen(on: float) -> list[float]:
        q = p(on)
        return [
            people.seen_clarity(q, 0.7),
            people.seen_motivation(q, 0.8),
            people.seen_overload(q, 1.3),
            people.seen_slack(q, 0.6),
        ]

    assert seen(1.0) == [0.7, 0.8, exactly(0.3), exactly(0.4)]
    assert seen(0.0) == [0.65, 0.55, 0.11, 0.22]
    assert people.seen_slack(p(1.0), 1.2) == 0.0


def test_strain_moves_at_pressure_and_recovery() -> None:
    p = parameters_with(strain_load=0.4, strain_ambiguity=0.1, strain_recovery=0.07)
    pressure = 0.4 * 0.3 + 0.1 * (1 - 0.6)
    assert people.strain_at_rest(p, 0.3, 0.6) == exactly(pressure / (pressure + 0.07))
    rest, left = pressure / (pressure + 0.07), math.exp(-(pressure + 0.07))
    assert people.next_strain(p, 0.9, 0.3, 0.6) == exactly(rest + (0.9 - rest) * left)


def test_motivation_of_a_person() -> None:
    p = parameters_with(
        **REFERENCES,
        motivation_experience=1.1,
        motivation_peers=0.7,
        motivation_support=0.5,
        motivation_strain=1.3,
        motivation_ambiguity=0.9,
        motivation_kept=0.8,
    )
    x = 0.2 + 1.1 * 0.15 + 0.7 * 0.35 + 0.5 * 0.45 - 1.3 * (0.75 - 0.3) - 0.9 * (0.65 - 0.25)
    arguments = (0.2, 0.15, 0.35, 0.45, 0.75, 0.25)
    assert people.motivation_at_rest(p, *arguments) == exactly(logistic(x))
    expected = logistic(x) + (0.95 - logistic(x)) * 0.8
    assert people.next_motivation(p, 0.95, *arguments) == exactly(expected)


def test_role_clarity_of_a_person() -> None:
    p = parameters_with(clarity_gain=0.3, clarity_return=0.05, role_agreements=0.6)
    assert people.clarity_kept(p, 0.4) == exactly(math.exp(-0.17))
    target = (0.3 * 0.4 + 0.05 * 0.55) / 0.17
    assert people.next_clarity(p, 0.7, 0.55, 0.4, 0.9) == exactly(target + (0.7 - target) * 0.9)
    still = parameters_with(clarity_gain=0.3, clarity_return=0.0)
    assert people.next_clarity(still, 0.7, 0.55, 0.0, 0.9) == 0.7
    assert people.agreed_clarity(p, 0.55, 0.8) == exactly(0.55 + 0.6 * 0.8 * 0.45)


def test_guidance_and_pace() -> None:
    p = parameters_with(**REFERENCES, guidance_hours=4.0)
    guidance = people.team_guidance(p, 0.7, 0.8, 6.0)
    assert guidance == exactly(0.7 * 0.8 * (1.0 - math.exp(-1.5)))
    assert people.team_guidance(p, 0.7, 0.8, -6.0) == 0.0
    assert people.team_guidance(p, 0.7, 0.8, 4e3) == exactly(0.56)
    assert people.clinician_guidance(0.7, 0.6) == exactly(0.42)
    for name, value in (("motivation", 0.4), ("clarity", 0.7), ("strain", 0.9)):
        setattr(p, f"productivity_{name}", value)
    exponent = 0.4 * (0.8 - 0.55) + 0.7 * (0.45 - 0.65) - 0.9 * (0.6 - 0.3)
    assert people.productivity(p, 0.8, 0.45, 0.6) == exactly(math.exp(exponent))
    p.productivity_motivation = 1000.0
    assert people.productivity(p, 0.8, 0.65, 0.3) == exactly(math.exp(50.0))
    assert people.productivity(p, 0.2, 0.65, 0.3) == math.exp(-50.0)


def test_load_of_clinicians_leads_and_managers() -> None:
    p = parameters_with(contract_hours=32.0, cover=0.5, inverted_u=0.0, load_optimum=0.8)
    assert people.clinician_load(p, 0.9, 4.0, 0.2) == exactly(0.9 + 0.125 + 0.2)
    assert people.clinician_load(p, 2.9, 4.0, 0.2) == 3.0
    assert people.clinician_load(p, 0.1, -8.0, 0.0) == 0.0
    assert people.cover_load(p, 2.0, 5.0) == exactly(0.2)
    assert people.cover_load(p, 0.5, 0.8) == exactly(0.3125)
    assert people.cover_load(p, 0.0, 5.0) == people.cover_load(p, 2.0, 0.0) == 0.0
    assert people.lead_demand(30.0, 8.0, 24.0) == exactly(10.0)
    assert people.lead_demand(90.0, 8.0, 24.0) == 16.0, "at most twice the hours"
    assert people.lead_demand(90.0, 8.0, 0.0) == 0.0
    assert people.lead_demand(0.9, 0.4, 0.8) == exactly(0.45)
    assert people.lead_load(p, 0.7, 12.0, 8.0) == exactly(0.825)
    assert (people.lead_load(p, 0.1, 0.0, 8.0), people.lead_load(p, 3.0, 9.0, 8.0)) == (0.0, 3.0)
    assert [people.manager_load(p, 12.0, hours) for hours in (8.0, 2.0, 0.0)] == [1.5, 3.0, 0.0]
    assert people.manager_load(p, 0.4, 0.8) == exactly(0.5)
    assert people.idle_load(p) == 0.0
    p.inverted_u = 1.0
    assert people.idle_load(p) == 0.8
    assert [people.manager_load(p, 1.0, hours) for hours in (8.0, 0.0)] == [0.8, 0.8]


def test_leaving_a_post() -> None:
    p = parameters_with(**REFERENCES, turnover_strain=1.4)
    assert people.turnover_hazard(p, 0.26, 0.8) == exactly(0.005 * math.exp(0.7))


# --- clinicians ----------------------------------------------------------------------------------


def test_asking_for_training() -> None:
    p = parameters_with(
        **REFERENCES,
        training_rate=0.2,
        training_key_user=1.7,
        training_motivation=1.2,
        training_overload=0.8,
        newcomer_training_weeks=4.0,
    )
    hazard = 0.2 * math.exp(1.2 * (0.8 - 0.55) - 0.8 * 0.35)
    assert clinicians.training_hazard(p, 0.8, 0.35, 0.0) == exactly(hazard)
    assert clinicians.training_hazard(p, 0.8, 0.35, 1.0) == exactly(1.7 * hazard)
    assert clinicians.newcomer_weeks(p, 3, 0) == 1.0, "only newcomers wait"
    assert [clinicians.newcomer_weeks(p, week, 2) for week in range(6)] == [4, 0, 0, 0, 4, 0]
    for every, expected in ((1, [1, 1, 1]), (0, [0, 0, 0]), (2, [2, 0, 2])):
        p.newcomer_training_weeks = float(every)
        assert [clinicians.newcomer_weeks(p, week, 1) for week in range(3)] == expected


def test_starting() -> None:
    p = parameters_with(
        **REFERENCES,
        start_rate=0.04,
        start_untrained=0.3,
        start_resuming=0.6,
        start_motivation=1.1,
        start_clarity=0.9,
        start_fit=0.8,
        start_usability=0.7,
        start_skill=0.5,
        start_peers=1.3,
        start_overload=0.6,
    )
    exponent = 1.1 * 0.25 + 0.9 * 0.1 + 0.8 * 0.15 + 0.7 * 0.35 + 0.5 * 0.4 + 1.3 * 0.2 - 0.6 * 0.3
    states = (0.8, 0.75, 0.6, 0.8, 0.4, 0.2, 0.3)
    for trained in (0.0, 1.0):
        for resuming in (0.0, 1.0, 2.0):
            rate = 0.04 * (1.0 if trained else 0.3) * (0.6 if resuming else 1.0)
            found = clinicians.start_hazard(p, *states, trained, resuming)
            assert found == exactly(rate * math.exp(exponent))


def test_hours_of_learning_and_their_protection() -> None:
    p = parameters_with(
        learning_hours=3.0, setup_hours=0.5, protected_hours=1.0, contract_hours=32.0
    )
    assert clinicians.platform_hours(p, 0.2, 4.0) == exactly(2.4 + 2.0)
    assert [clinicians.protected_used(p, hours, 1) for hours in (0.4, 2.5)] == [0.4, 1.0]
    assert clinicians.protected_used(p, 2.5, 0) == 0.0
    assert clinicians.expected_load(p, 0.9, 0.2, 0) == exactly(0.9 + 2.4 / 32.0)
    assert clinicians.expected_load(p, 0.9, 0.2, 1) == exactly(0.9 + 1.4 / 32.0)
    assert clinicians.free_hours(p, 0.25, 0) == 8.0
    assert clinicians.free_hours(p, 0.25, 1) == 9.0


def test_lapsing_and_inviting() -> None:
    p = parameters_with(
        **REFERENCES,
        lapse_rate=0.05,
        lapse_habit=1.5,
        lapse_strain=1.2,
        lapse_overload=0.9,
        lapse_experience=0.7,
        lapse_support=0.4,
        invitation_rate=0.1,
        invitation_habit=0.8,
        invitation_motivation=1.1,
    )
    exponent = -1.5 * 0.6 + 1.2 * (0.7 - 0.3) + 0.9 * 0.25 - 0.7 * 0.15 - 0.4 * 0.35
    found = clinicians.lapse_hazard(p, 0.6, 0.7, 0.25, 0.15, 0.35)
    assert found == exactly(0.05 * math.exp(exponent))
    found = clinicians.invitation_hazard(p, 0.6, 0.8)
    assert found == exactly(0.1 * math.exp(0.8 * 0.6 + 1.1 * 0.25))


def test_at_equal_times_leaving_comes_before_training_before_use() -> None:
    first, never = clinicians.first_of, chance.NEVER
    assert first(0.5, 0.5, 0.5) == first(0.5, 0.5, never) == first(0.5, never, 0.5) == 1
    assert first(never, 0.5, 0.5) == first(0.6, 0.5, never) == 2
    assert first(0.6, 0.5, 0.4) == first(never, never, 0.5) == 3
    assert first(never, never, never) == clinicians.NOTHING == 0
    assert (clinicians.LEAVES, clinicians.TRAINS, clinicians.CHANGES_USE) == (1, 2, 3)


def test_peers_seen_and_shown() -> None:
    p = parameters_with(shown_weight=0.3)
    assert clinicians.peers_seen(p, 2.0, 5.0, 0.6) == exactly(0.7 * 0.4 + 0.3 * 0.6)
    assert clinicians.peers_seen(p, 0.4, 0.8, -1.0) == exactly(0.35), "nothing shown yet"
    assert clinicians.peers_seen(p, 0.0, 0.0, 0.6) == exactly(0.18), "no neighbours"


def test_habit_and_skill() -> None:
    p = parameters_with(
        habit_gain_kept=0.9,
        habit_fade_kept=0.8,
        skill_forgetting=0.2,
        skill_practice=0.3,
        practice_time=0.5,
        training_gain=0.6,
        training_quality=0.7,
    )
    assert clinicians.next_habit(p, 0.4, True) == exactly(0.46)
    assert clinicians.next_habit(p, 0.4, False) == exactly(0.32)
    assert clinicians.skill_kept(p, 0.25) == exactly(math.exp(-0.15))
    practised = 1.0 - 0.6 * math.exp(-0.3 * (1.0 + 0.5 * 3.0 / 4.0))
    assert clinicians.next_skill(p, 0.4, True, 3.0, 0.95) == exactly(practised)
    assert clinicians.next_skill(p, 0.4, False, 3.0, 0.95) == exactly(0.38)
    gain = 0.6 * (0.3 + 0.7 * 0.5)
    assert clinicians.trained_skill(p, 0.4, 0.5) == exactly(0.4 + gain * 0.6)


def test_experience_with_own_patients() -> None:
    p = parameters_with(reference_completion=0.65, experience_rate=0.1)
    assert clinicians.next_experience(p, 0.2, 0, 0) == 0.2
    mean, left = 3 / 4 - 0.65, math.exp(-0.4)
    assert clinicians.next_experience(p, 0.2, 3, 1) == exactly(mean + (0.2 - mean) * left)
    assert clinicians.next_experience(p, 0.2, 0, 1) == exactly(-0.65 + 0.85 * math.exp(-0.1))
