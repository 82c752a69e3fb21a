"""`sim.explain`: which barriers there are, what is run, what is kept, what it says."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

import sim
from sim.errors import DriftError, InputError
from sim.experiment.check.verify import verify
from sim.experiment.compare.paired import differences, pairs_of
from sim.experiment.explain.barriers import ATTAINABLE, DEFINITIONS, MODEST, WORDS, barriers_of
from sim.experiment.explain.explaining import explain, explained
from sim.experiment.explain.explanation import RESULT, Explanation
from sim.experiment.explain.question import checked
from sim.experiment.explain.sentences import main_sentences
from sim.experiment.words import words_of
from sim.parameters import parameters
from sim.plots.explain import steps_of, waterfall_data, waterfall_figure, write_explain_figures
from sim.scenario import Scenario, loads
from sim.simulate import run

SMALL = loads('title = "small"\nclinicians = 6\ncaseload = 2\nweeks = 80\norganisations = 2\n')


def at(definition: str, *names: str) -> dict[str, float]:
    """Return changes that take some barriers away, by a definition."""
    return {name: getattr(parameters()[name], definition) for name in names}


FEW = SMALL.with_values(at(ATTAINABLE, "trust", "alignment", "manager_hours", "underestimation"))
"""Four barriers are there: unclear roles, overload, low motivation, diffusion."""


@pytest.fixture(scope="module")
def found() -> Explanation:
    return explain(FEW, 12, workers=0)


def means(scenario: Scenario, replicates: int, outcome: str = "adoption") -> np.ndarray:
    """Return an outcome in each run by the plain way, means over organisations."""
    result = run(scenario, replicates)
    return result.outcomes[:, :, result.names.index(outcome)].mean(axis=1)


# Barriers.


def test_the_barriers_are_those_of_the_registry() -> None:
    known = [name for name, entry in parameters().items() if entry.attainable is not None]
    assert sorted(WORDS) == sorted(known)
    assert len(WORDS) == 8


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("name", WORDS)
def test_a_barrier_is_there_only_if_the_scenario_is_worse(name: str, definition: str) -> None:
    entry = parameters()[name]
    goal = getattr(entry, definition)
    way = 1 if entry.attainable > entry.attainable_modest else -1
    for shift, there in ((-0.01 * way, True), (0.0, False), (0.01 * way, False)):
        (one,) = [
            one
            for one in barriers_of(SMALL.with_values({name: goal + shift}), definition)
            if one.name == name
        ]
        assert (one.there, one.level, one.attainable) == (there, goal + shift, goal)


def test_every_combination_is_run_once_and_what_is_not_there_is_not_moved() -> None:
    question = checked(SMALL, "adoption", 3, 1, None)
    assert question.plan.count == 2 * 2**8 - 1  # the two definitions share the scenario itself
    few = checked(FEW, "adoption", 3, 1, None)
    # By the 75th percentile these four are there too, and the others are better than that.
    assert few.plan.count == 2 * 2**4 - 1
    assert set(few.plan.points) == {"role_clarity", "workload", "motivation", "diffusion"}
    assert few.plan.scenario(0) == FEW
    for definition in DEFINITIONS:
        goal = at(definition, "role_clarity", "motivation")
        point = int(few.coalitions(definition)[0b101])
        assert few.plan.scenario(point) == FEW.with_values(goal)
        everything = int(few.coalitions(definition)[-1])
        moved = at(definition, "role_clarity", "workload", "motivation", "diffusion")
        assert few.plan.scenario(everything) == FEW.with_values(moved)


def test_a_scenario_without_barriers_has_nothing_to_explain() -> None:
    best = SMALL.with_values(at(ATTAINABLE, *WORDS))
    found = explain(best, 2, workers=0)
    assert found.runs == 2
    assert found.main.gap.difference == 0.0
    assert found.main.by_size == []
    assert found.sentences()[0].startswith("In this model no barrier is there")
    waterfall_figure(found)


# Costs through the model.


def test_two_barriers_share_what_the_plain_runs_give() -> None:
    """By hand: the mean of what each adds first and what it adds last, and paired intervals."""
    scenario = SMALL.with_values(at(ATTAINABLE, *WORDS) | {"motivation": 0.3, "workload": 1.1})
    found = explain(scenario, 16, workers=0).main
    a, b = at(ATTAINABLE, "workload"), at(ATTAINABLE, "motivation")
    both = means(scenario.with_values(a | b), 16)
    none, first, second = (means(scenario.with_values(one), 16) for one in ({}, a, b))
    shares = np.stack(
        [(first - none + both - second) / 2, (second - none + both - first) / 2], axis=1
    )
    assert shares.std() > 0.0
    expected = differences([pairs_of(np.concatenate([np.zeros((16, 1)), shares], axis=1))], 1)[0]
    for name, want in zip(("workload", "motivation"), expected, strict=True):
        got = found.barriers[name].share
        for key in ("difference", "ci_low", "ci_high", "se"):
            assert getattr(got, key) == pytest.approx(getattr(want, key), abs=1e-12)
    assert found.barriers["workload"].alone.difference == pytest.approx((first - none).mean())
    assert found.barriers["workload"].on_top.difference == pytest.approx((both - second).mean())
    assert found.gap.difference == pytest.approx((both - none).mean())


def test_shares_add_up_and_what_is_not_there_is_exactly_zero(found: Explanation) -> None:
    for costs in found.costs.values():
        shares = {name: one.share.difference for name, one in costs.barriers.items()}
        assert sum(shares.values()) == pytest.approx(costs.gap.difference, abs=1e-12)
        gap = (costs.then - costs.now).mean()
        assert costs.gap.difference == pytest.approx(gap, abs=1e-12)
        for name in ("trust", "alignment", "manager_hours", "underestimation"):
            assert shares[name] == 0.0
    assert found.main.gap.difference > 0.0
    np.testing.assert_array_equal(found.main.now, means(FEW, 12))


def test_a_mechanism_that_is_off_costs_exactly_nothing() -> None:
    """Diffusion is moved in every combination, and no run notices."""
    found = explain(FEW.with_values({"mechanisms.diffusion": False}), 6, workers=0)
    one = found.main.barriers["diffusion"]
    assert one.barrier.there
    assert one.share.difference == one.share.ci_low == one.share.ci_high == 0.0
    assert found.main.barriers["motivation"].share.difference != 0.0


def test_a_loss_is_above_zero_where_less_is_better() -> None:
    late = explain(FEW, 8, outcome="go_live_week", workers=0).main
    weeks = means(FEW, 8, "go_live_week")
    assert np.isnan(weeks).any() or weeks.std() > 0
    assert late.now.mean() > late.then.mean()
    assert late.gap.difference == pytest.approx(late.now.mean() - late.then.mean())
    assert late.now.max() <= 80.0  # never counts as the horizon


def test_the_same_call_gives_the_same_bytes(found: Explanation, tmp_path: Path) -> None:
    again = explain(FEW, 12, workers=0, out=tmp_path / "a")
    assert json.dumps(again.as_json()) == json.dumps(found.as_json())
    explain(FEW, 12, workers=2, out=tmp_path / "b")
    for name in (RESULT, "tables/barriers.csv", "tables/ledger.csv", "SEAL.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    other = explain(FEW, 12, seed=2, workers=0)
    assert other.main.gap.difference != found.main.gap.difference


def test_a_folder_goes_on_and_explains_another_outcome_without_running(tmp_path: Path) -> None:
    place, told = tmp_path / "kept", []
    first = explain(FEW, 4, out=place, workers=0)
    reach = explain(FEW, 4, out=place, workers=0, outcome="reach", progress=told.append)
    assert told in ([], [first.runs])
    assert reach.result == first.result
    assert reach.main.gap != first.main.gap
    assert json.loads((place / RESULT).read_text(encoding="utf-8"))["outcome"] == "reach"
    question = checked(FEW, "reach", 4, 1, None)
    assert explained(question, sim.open(place)).as_json() == reach.as_json()
    assert len(verify(place, runs=2).require().rerun) == 2
    with pytest.raises(DriftError):
        explain(FEW, 5, out=place, workers=0)
    with pytest.raises(DriftError):
        explain(FEW.replace(leads=2), 4, out=place, workers=0)


def test_an_interrupted_explanation_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    tiny = FEW.with_values({"organisations": 1, "clinicians": 2, "caseload": 1, "weeks": 40})
    place, runs = tmp_path / "kept", 31 * 300  # more than one chunk may hold

    def interrupt(done: int) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explain(tiny, 300, out=place, workers=0, progress=interrupt)
    assert not (place / RESULT).exists()
    assert 0 < sim.open(place).done < runs
    again = explain(tiny, 300, out=place, workers=0)
    whole = explain(tiny, 300, workers=0)
    assert again.runs == runs
    assert again.as_json() == whole.as_json()


def test_what_cannot_be_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        explain(FEW, 0, seed=-1, outcome="adoptoin")
    text = str(caught.value)
    assert "replicates: 0" in text
    assert "seed: -1" in text
    assert 'no outcome is called "adoptoin"' in text
    assert "did you mean adoption?" in text
    with pytest.raises(InputError, match=r"no scenario is called"):
        explain("no-such-scenario")


def test_an_outcome_that_is_undefined_in_some_run_is_refused() -> None:
    with pytest.raises(InputError, match=r"completion cannot be shared out.* is replicate \d"):
        explain(FEW.replace(weeks=20), 2, outcome="completion", workers=0)


# What it says.


def test_sentences_say_in_this_model_and_that_two_barriers_share(found: Explanation) -> None:
    said = found.sentences()
    assert said[0].startswith("In this model adoption is ")
    assert any("Unclear roles and diffusion of responsibility" in text for text in said)
    assert any("75th percentile" in text for text in said)
    missing = "underestimated work, weak relationship, misaligned expectations and thin vendor"
    assert f"Not there, and so exactly 0: {missing} support." in said
    no_diffusion = explain(FEW.replace(diffusion=0.0), 2, workers=0)
    assert not any("share their" in text for text in no_diffusion.sentences())
    assert "share" not in json.dumps([t for t in no_diffusion.sentences() if "Unclear" in t])


def test_a_gap_that_may_be_nothing_is_said_to_be_so(found: Explanation) -> None:
    english = words_of("en")
    gap = found.main.gap
    for low, high, unclear in ((-0.1, 0.3, True), (0.1, 0.3, False), (None, None, False)):
        costs = replace(found.main, gap=replace(gap, ci_low=low, ci_high=high))
        (said, _) = main_sentences(
            replace(found, costs={**found.costs, ATTAINABLE: costs}), english
        )
        assert ("a gap that cannot be told from 0" in said) == unclear


def test_the_frame_has_all_barriers_by_both_definitions(found: Explanation) -> None:
    frame = found.frame()
    assert len(frame) == 2 * 9
    main = frame[frame["definition"] == ATTAINABLE].set_index("barrier")
    assert main.loc["all", "share"] == pytest.approx(main["share"].drop("all").sum())
    assert main.loc["trust", "share"] == 0.0
    assert pd.isna(main.loc["trust", "rank_best"])
    assert (main.loc["motivation", "attainable"], main.loc["motivation", "level"]) == (0.74, 0.5)
    assert set(frame["definition"]) == {ATTAINABLE, MODEST}


# The figure.


def test_the_waterfall_goes_from_now_to_what_is_attainable(found: Explanation) -> None:
    data = waterfall_data(found)
    assert data["bar"].iloc[[0, -1]].tolist() == ["now", "then"]
    assert data["end"].iloc[0] == pytest.approx(found.main.now.mean())
    steps = steps_of(found)
    assert [step.label for step in steps] == [one.barrier.label for one in found.main.by_size]
    ends = [found.main.now.mean(), *(step.end for step in steps)]
    assert [step.start for step in steps] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(found.main.then.mean())
    bars = [patch.get_width() for patch in waterfall_figure(found).axes[0].patches]
    assert sorted(bars) == pytest.approx(sorted(100 * (data["end"] - data["start"])), abs=1e-9)


@pytest.mark.parametrize(("outcome", "replicates"), [("go_live_week", 6), ("cost", 1)])
def test_other_outcomes_are_drawn_too_and_alike_each_time(
    outcome: str, replicates: int, tmp_path: Path
) -> None:
    odd = FEW.with_values({"title": "$x$ and _y_"})
    found = explain(odd, replicates, outcome=outcome, workers=0)
    data = waterfall_data(found)
    assert (data["ci_low"] <= data["ci_high"]).sum() == (4 if replicates > 1 else 0)
    files = write_explain_figures(found, tmp_path / "a")
    again = write_explain_figures(found, tmp_path / "b")
    assert [path.name for path in files] == ["waterfall.png", "waterfall.svg", "waterfall.csv"]
    for one, other in zip(files, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert imread(io.BytesIO(files[0].read_bytes())).std() > 0.05
    words = [text.get_text() for text in waterfall_figure(found).texts]
    assert any("In this model." in text for text in words)
    assert any(f"R = {replicates}" in text and "seed 1" in text for text in words)
