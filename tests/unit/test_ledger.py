"""The ledger of weeks: known tapes, what adds up, and that it tells who is waited for."""

import numpy as np
import pytest

from sim import layout
from sim.experiment.explain.ledger import CAUSES, NOBODY, ledger_of, summed, weeks_of
from sim.layout import Tape
from sim.scenario import load, loads
from sim.simulate import run, run_compiled
from sim.world import Recipe, recipe

WEEKS = 40
SMALL = loads(f'title = "small"\nclinicians = 6\ncaseload = 2\nweeks = {WEEKS}\n')
ONBOARDING, JOURNEYS, BUILD, TRAIN, EVALUATE = range(5)


def blank(made: Recipe) -> Tape:
    """Return a tape on which nothing happened, with everybody in post."""
    tape = layout.new_tape(made.weeks, made.organisations, len(made.plan))
    for name in ("load_manager", "load_lead"):
        tape.series[name] = 1.0
    return tape


def phase(tape: Tape, k: int, opened: int, manager: int, team: int) -> None:
    """Write down a phase: opened, and when its parts were done (-1: never)."""
    row = tape.progress[0, k]
    row.opened, row.manager_done, row.team_done = opened, manager, team
    row.done = max(manager, team) if min(manager, team) >= 0 else -1


def by_cause(tape: Tape, made: Recipe, k: int) -> dict[str, float]:
    names = (*CAUSES, *NOBODY)
    return dict(zip(names, weeks_of(tape, made)[0, k].tolist(), strict=True))


def causes(*weeks: float) -> dict[str, float]:
    return dict(zip((*CAUSES, *NOBODY), map(float, weeks), strict=True))


def test_each_week_of_a_phase_has_one_cause() -> None:
    made = recipe(SMALL)
    delay = int(made.plan[BUILD].delay_weeks)
    assert delay == 4
    tape = blank(made)
    phase(tape, ONBOARDING, 0, 3, 5)  # 4 weeks together, 2 for the team
    phase(tape, JOURNEYS, 6, 14, 8)  # 3 together, 6 for the manager
    phase(tape, BUILD, 15 + delay, 20, 20)
    assert by_cause(tape, made, ONBOARDING) == causes(0, 4, 0, 2, 0, 0)
    assert by_cause(tape, made, JOURNEYS) == causes(0, 3, 6, 0, 0, 0)
    assert by_cause(tape, made, BUILD) == causes(4, 2, 0, 0, 0, 0)
    assert np.isnan(weeks_of(tape, made)[0, EVALUATE]).all()


def test_a_phase_that_overlaps_has_its_turn_when_the_one_before_opens() -> None:
    made = recipe(SMALL.with_values({"phases.train.overlaps": True}))
    tape = blank(made)
    for k, opened in ((ONBOARDING, 0), (JOURNEYS, 2)):
        phase(tape, k, opened, opened + 1, opened + 1)
    phase(tape, BUILD, 8, -1, 12)
    phase(tape, TRAIN, 8, 10, 10)
    assert by_cause(tape, made, TRAIN) == causes(0, 3, 0, 0, 0, 0)
    assert by_cause(tape, made, BUILD)["for_manager"] == WEEKS - 13


def test_what_is_not_done_counts_until_the_project_ends() -> None:
    tape = blank(recipe(SMALL))
    phase(tape, ONBOARDING, 0, -1, 5)
    for end, changes, stopped in (
        (WEEKS, {}, -1),
        (20, {}, 19),
        (30, {"project_weeks": 30}, -1),
        (20, {"project_weeks": 30}, 19),
    ):
        made = recipe(SMALL.with_values(changes))
        tape.totals[0].stopped_week = stopped
        assert by_cause(tape, made, ONBOARDING) == causes(0, 6, end - 6, 0, 0, 0)
        assert np.isnan(weeks_of(tape, made)[0, JOURNEYS]).all()


def test_a_delay_that_outlasts_the_project_is_external_delay_alone() -> None:
    made = recipe(SMALL.with_values({"phases.onboarding.delay_weeks": 60}))
    assert by_cause(blank(made), made, ONBOARDING) == causes(WEEKS, 0, 0, 0, 0, 0)


def test_a_part_without_work_is_waited_for_by_nobody() -> None:
    made = recipe(SMALL.with_values({"phases.onboarding.manager_hours": 0.0}))
    tape = blank(made)
    phase(tape, ONBOARDING, 0, 0, 6)
    assert by_cause(tape, made, ONBOARDING) == causes(0, 0, 0, 7, 0, 0)


def test_weeks_with_nobody_in_post_count_for_the_part_that_is_unfinished() -> None:
    made = recipe(SMALL)
    tape = blank(made)
    phase(tape, ONBOARDING, 0, 9, 4)
    tape.series["load_manager"][6:12, 0] = np.nan  # in weeks 7 to 12, of which 9 is the last
    tape.series["load_lead"][3:8, 0] = np.nan  # in weeks 4 to 8, of which 4 is the last
    assert by_cause(tape, made, ONBOARDING) == causes(0, 5, 5, 0, 3, 1)
    nobody = recipe(SMALL.with_values({"leads": 0}))
    tape.series["load_lead"] = np.nan
    assert by_cause(tape, nobody, ONBOARDING)["no_lead"] == 5


# Through the model.

OWN_RULES: list[dict[str, float]] = [{}] * 10
"""Ten runs under the rules of the scenario."""


@pytest.mark.parametrize("name", ["baseline", "lead-leaves", "thin-vendor-support"])
def test_weeks_add_up_to_what_runs_say_of_their_phases(name: str) -> None:
    """From its turn to its end a phase takes its delay and its span (sim.outcomes.kept)."""
    scenario = load(name).with_values({"clinicians": 8, "caseload": 2})
    made, result, finished = recipe(scenario), run(scenario, 12), 0
    for k in range(12):
        weeks = weeks_of(run_compiled(made, 1, k), made)
        spans = result.phase_spans[k]
        done = ~np.isnan(spans[:, :, 1])
        done[:, EVALUATE] = False
        took = spans[:, :, 1] - spans[:, :, 0] + np.asarray(made.plan["delay_weeks"])
        finished += int(done.sum())
        np.testing.assert_array_equal(weeks[:, :, : len(CAUSES)].sum(axis=2)[done], took[done])
        assert (weeks[done] >= 0.0).all()
    assert finished >= 20


def test_who_is_short_of_hours_is_who_is_waited_for() -> None:
    scenario = load("baseline").with_values({"clinicians": 8, "caseload": 2})
    scarce = {
        "for_manager": scenario.replace(manager_hours=1.0),
        "for_team": scenario.replace(lead_hours=2.0, key_users=0.125, manager_hours=20.0),
    }
    for cause, one in scarce.items():
        other = "for_team" if cause == "for_manager" else "for_manager"
        journeys = ledger_of(one, OWN_RULES, 1)[JOURNEYS]
        assert journeys.weeks[cause].mean > 3.0
        assert journeys.weeks[other].mean < 0.5


def test_a_vacant_post_of_a_manager_is_seen() -> None:
    scenario = load("baseline").with_values({"clinicians": 6, "caseload": 2, "vacancy_weeks": 8})
    often = scenario.replace(manager_turnover=3.0)
    never = scenario.replace(manager_turnover=0.0)
    assert ledger_of(often, OWN_RULES, 1)[ONBOARDING].weeks["no_manager"].mean > 0.5
    assert all(phase.weeks["no_manager"].mean == 0.0 for phase in ledger_of(never, OWN_RULES, 1))


def test_means_are_over_the_organisations_whose_turn_came() -> None:
    made = recipe(SMALL)
    one, other = blank(made), blank(made)
    phase(one, ONBOARDING, 0, 3, 3)
    phase(one, JOURNEYS, 4, 9, 9)
    phase(other, ONBOARDING, 0, -1, -1)
    ledger = summed(made, [one, other])
    assert [phase.name for phase in ledger] == ["onboarding", "journeys", "build", "train"]
    assert ledger[ONBOARDING].took.mean == (4 + WEEKS) / 2
    assert (ledger[ONBOARDING].begun, ledger[ONBOARDING].done) == (1.0, 0.5)
    assert (ledger[JOURNEYS].took.mean, ledger[JOURNEYS].begun) == (6.0, 0.5)
    assert ledger[JOURNEYS].took.ci_low is None
    assert ledger[BUILD].planned == made.plan[BUILD].planned_weeks + 4
