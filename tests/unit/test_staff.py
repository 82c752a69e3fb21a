"""`sim.staff`: the levers, the runs of a stage, and answers that rest on the model's own runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import DriftError, InputError
from sim.experiment.execute.work import Way
from sim.experiment.staff.judging import FOUND, NONE, TOO_DEAR
from sim.experiment.staff.question import Question, checked
from sim.experiment.staff.running import plan_of
from sim.experiment.staff.space import STANDARD, space_of
from sim.experiment.staff.staffing import answer
from sim.experiment.store.encoding import read_json
from sim.plots.staff import staff_figure
from sim.scenario import Scenario, load
from tests.posteriors import small

SMALL = load("baseline").with_values({"clinicians": 6, "caseload": 2})
HELD = {name: ["own"] for name in STANDARD}
TWO = HELD | {"manager_hours": [4.0, 16.0], "leads": [1, 2]}


def asked(
    target: str = "go_live_week<=60", by: int = 60, base: Scenario = SMALL, **options: Any
) -> Question:
    given = {
        "confidence": 0.8, "budget": None, "replicates": 12, "seed": 1, "vary": TWO,
        "posterior": None,
    }  # fmt: skip
    return checked(base, target, by, **(given | options))


# --- levers --------------------------------------------------------------------------------------


def test_the_own_plan_is_among_all_combinations_of_levels() -> None:
    base = SMALL.with_values({"key_users": 0.2, "leads": 2})
    space = space_of(base, {})
    assert [one.name for one in space.levers] == list(STANDARD)
    assert space.count == np.prod([len(one.levels) for one in space.levers])
    assert space.levels(space.own) == {name: base.values[name] for name in STANDARD}
    assert space.words(space.own) == "the plan as it is"
    assert len({tuple(space.levels(plan).values()) for plan in range(space.count)}) == space.count
    sizes = {one.name: one.levels for one in space.levers}
    assert sizes["manager_hours"] == (2.0, 4.0, 8.0)
    assert sizes["leads"] == (2, 3)
    assert sizes["key_users"] == (0.06, 0.12, 0.2, 0.25)


def test_usual_levels_stay_within_what_an_input_allows() -> None:
    for extreme in ({"seats": 0.0, "manager_hours": 0.0}, {"lead_hours": 40.0}):
        space = space_of(SMALL.with_values(extreme), {})
        for plan in (0, space.count - 1):
            assert SMALL.with_values(space.levels(plan))  # raises for a level out of bounds


def test_levels_given_replace_the_usual_ones_and_may_be_of_other_levers() -> None:
    space = space_of(SMALL, HELD | {"seats": [8.0, 2, 8.0], "rollout": ["teams"]})
    assert {one.name: one.levels for one in space.levers if len(one.levels) > 1} == {
        "seats": (2.0, 4.0, 8.0),
        "rollout": ("all", "teams"),
    }
    changed = [plan for plan in range(space.count) if space.words(plan) == "seats=8, rollout=teams"]
    assert space.changes(changed[0]) == {"seats": 8.0, "rollout": "teams"}


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"trust": [0.5]}, "no lever of staffing"),
        ({"manager_hour": [4.0]}, "did you mean manager_hours?"),
        ({"leads": [1.5]}, "whole number"),
        ({"seats": [-1.0]}, "too low"),
        ({"seats": []}, "no levels"),
        (HELD, "nothing to choose from"),
        ({"seats": [float(k) for k in range(40)]}, "too many plans"),
    ],
)
def test_levels_that_cannot_be_are_refused(vary: dict[str, list[object]], said: str) -> None:
    with pytest.raises(InputError, match="vary:") as error:
        space_of(SMALL, vary)
    assert said in str(error.value)


def test_every_problem_of_a_question_is_named_at_once() -> None:
    with pytest.raises(InputError) as error:
        asked("adopton>=0.5", by=-3, confidence=80.0, budget=-1.0, vary={"trust": [1.0]})
    text = "\n".join(error.value.messages)
    for part in ("did you mean 0.8?", "budget:", "by:", "vary:", "did you mean adoption?"):
        assert part in text
    with pytest.raises(InputError, match="ratio of means"):
        asked("cost_per_patient_reached<=500")


# --- runs ----------------------------------------------------------------------------------------


def test_chance_cost_and_uptake_are_those_of_the_plans_own_runs() -> None:
    """Each finalist's numbers are what `sim.run` gives for its scenario until that week."""
    question = asked()
    found = answer(question, None, Way(workers=0))
    for one in found.verdict.plans:
        run = sim.run(found.scenario(one), 12, 1, weeks=60)
        week, cost = run.summary()["go_live_week"], run.summary()["cost"]
        assert found.uptake(one)[0] == pytest.approx(week.mean)
        assert one.chance.mean == pytest.approx(week.share_reached)
        assert one.cost.mean == pytest.approx(cost.mean)


def test_each_replicate_has_its_own_draw_of_the_rules_and_all_plans_the_same() -> None:
    question = asked(posterior=small())
    plan = plan_of(question, np.array([0, 3]), 100, 12, 1)
    assert plan.runs == plan.count == 24
    rates = plan.points["start_rate"].reshape(2, 12)
    assert np.array_equal(rates[0], rates[1])
    assert len(set(rates[0].tolist())) == 12
    assert plan.first_replicate.reshape(2, 12).tolist() == [list(range(100, 112))] * 2
    assert plan.points["manager_hours"].reshape(2, 12).tolist() == [[4.0] * 12, [16.0] * 12]
    other = plan_of(question, np.array([0, 3]), 112, 12, 2).points["start_rate"].reshape(2, 12)
    assert not np.array_equal(other[0], rates[0])
    with pytest.raises(InputError, match="drawn from the posterior too"):
        asked(posterior=small(), base=SMALL.with_values({"start_rate": 0.01}))


def test_a_folder_goes_on_with_its_own_question_only(tmp_path: Path) -> None:
    place = tmp_path / "staff"
    first = answer(asked(), place, Way(workers=0))
    kept = {file.name: file.read_bytes() for file in sorted((place / "stage-01/parts").iterdir())}
    again = answer(asked(), place, Way(workers=0))
    assert again.as_json() == first.as_json() == read_json(place / "staff.json")
    assert kept == {f.name: f.read_bytes() for f in sorted((place / "stage-01/parts").iterdir())}
    assert answer(asked(), None, Way(workers=0)).as_json() == first.as_json()
    with pytest.raises(DriftError, match="its confidence differ"):
        answer(asked(confidence=0.9), place, Way(workers=0))
    other = answer(asked(confidence=0.9), place, Way(workers=0), force=True)
    assert other.question.aim.confidence == 0.9
    assert (tmp_path / "staff.old-1").is_dir()


# --- answers -------------------------------------------------------------------------------------


def test_what_is_out_of_reach_is_said_with_what_is_missing() -> None:
    found = answer(asked("adoption>=1", by=30), None, Way(workers=0))
    assert found.verdict.answer == NONE
    text = " ".join(found.sentences())
    assert "No plan reaches adoption of at least 100 % by week 30 with 80 % confidence" in text
    assert "it lacks: 80 points of chance" in text
    assert found.chosen.cost.mean == min(  # of no chance anywhere the nearest, then the cheapest
        one.cost.mean
        for one in found.verdict.plans
        if one.uptake.mean == max(other.uptake.mean for other in found.verdict.plans)
    )


def test_what_any_plan_does_comes_at_the_least_cost_and_no_budget_buys_nothing() -> None:
    easy = asked("stopped<=1", by=20, replicates=60, vary=HELD | {"protected_hours": [0.0, 4.0]})
    found = answer(easy, None, Way(workers=0))
    assert found.verdict.answer == FOUND
    assert found.levels(found.chosen)["protected_hours"] in (0.0, 0.5)
    poor = asked("adoption>=0.5", by=20, budget=1.0)
    found = answer(poor, None, Way(workers=0))
    assert found.verdict.answer == TOO_DEAR
    assert "No plan comes within 1 EUR by week 20" in found.sentences()[0]


def test_a_target_that_some_runs_do_not_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"strain\.lead is undefined in some runs \(by week 20\)"):
        answer(asked("strain.lead>=0", by=20, replicates=60), None, Way(workers=0))


def test_the_figure_shows_every_finalist_and_marks_the_one_named() -> None:
    found = answer(asked(budget=1e6), None, Way(workers=0))
    axes = staff_figure(found).axes[0]
    circles = [line for line in axes.lines if line.get_markersize() == 16]
    assert [(line.get_xdata()[0]) for line in circles] == [found.chosen.cost.mean]
    shown = {float(x) for line in axes.lines for x in np.atleast_1d(line.get_xdata())}
    assert {one.cost.mean for one in found.verdict.plans} | {1e6} <= shown
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert "budget" in labels
    assert len(found.frame()) == len(found.finalists) == 4
