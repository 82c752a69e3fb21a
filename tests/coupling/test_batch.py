"""Many runs in one call of compiled code give the bits that each run alone gives."""

from random import Random

import numpy as np
import pytest

from sim import outcomes
from sim.batch import alike, room_for, run_batch, run_points
from sim.scenario import load
from sim.simulate import run, run_compiled
from sim.world import recipe
from tests.drawing import random_scenario


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def test_a_batch_is_its_runs_whatever_was_in_the_memory_before() -> None:
    random, room = Random(11), None
    for _ in range(40):
        made = recipe(random_scenario(random))
        room = room_for(made, room)
        replicates = [random.randrange(1000) for _ in range(3)]
        batch = run_batch(made, 5, replicates, room, weekly=True)
        for k, replicate in enumerate(replicates):
            row, weekly, spans, sound = outcomes.kept(run_compiled(made, 5, replicate), made)
            assert sound
            assert batch.sound[k]
            assert same(batch.outcomes[k], row)
            assert same(batch.weekly[k], weekly)
            assert same(batch.spans[k], spans)


def test_points_in_one_call_are_the_runs_of_each_point_alone() -> None:
    base = load("baseline").with_values({"clinicians": 12, "caseload": 3, "weeks": 60})
    changes = {"role_clarity": 0.2}, {"seats": 3}, {"phases.build.team_hours": 90.0, "leads": 1}
    made = [recipe(base.with_values(change)) for change in ({}, *changes)]
    assert all(alike(made[0], one) for one in made)
    of = np.array([3, 0, 0, 2, 1, 3])
    paths = np.array([[4, 4], [0, 0], [1, 7], [0, 0], [9, 9], [5, 5]], np.uint64)
    kept = run_points(made, of, 5, paths, room_for(made[0]), weekly=True)
    for k, (which, (replicate, between)) in enumerate(zip(of, paths.tolist(), strict=True)):
        tape = run_compiled(made[which], 5, replicate, organisation_replicate=between)
        row, weekly, spans, _ = outcomes.kept(tape, made[which])
        assert same(kept.outcomes[k], row)
        assert same(kept.weekly[k], weekly)
        assert same(kept.spans[k], spans)


def test_what_is_no_number_of_the_parameters_makes_recipes_unlike() -> None:
    base = load("baseline")
    for change in (
        {"leads": 2}, {"weeks": 155}, {"caseload": 19}, {"network": "full"}, {"attention": 0.5},
        {"care_weeks": 20.0}, {"care_weeks_sd": 10.0},
    ):  # fmt: skip
        assert not alike(recipe(base), recipe(base.with_values(change))), change


def test_memory_is_used_again_where_the_shape_fits_and_only_there() -> None:
    base = load("baseline")
    room = room_for(recipe(base))
    assert room_for(recipe(base.with_values({"role_clarity": 0.6})), room) is room
    for change in ({"leads": 2}, {"weeks": 155}, {"caseload": 19}, {"network_ties": 5}):
        assert room_for(recipe(base.with_values(change)), room) is not room


def test_organisations_can_be_held_while_their_luck_differs() -> None:
    made = recipe(load("baseline").with_values({"clinicians": 12, "weeks": 60}))
    batch = run_batch(made, 5, (4, 5), room_for(made), between=(0, 0))
    for k, replicate in enumerate((4, 5)):
        tape = run_compiled(made, 5, replicate, organisation_replicate=0)
        assert same(batch.outcomes[k], outcomes.kept(tape, made)[0])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_change_nothing(workers: int) -> None:
    scenario = load("baseline").with_values({"clinicians": 12, "caseload": 3, "weeks": 40})
    made, room = recipe(scenario), room_for(recipe(scenario))
    found = run(scenario, 37, 3, first_replicate=5, workers=workers)
    batch = run_batch(made, 3, range(5, 42), room, weekly=True)
    assert same(found.outcomes, batch.outcomes)
    assert same(found.weekly, batch.weekly)
    assert same(found.phase_spans, batch.spans)
