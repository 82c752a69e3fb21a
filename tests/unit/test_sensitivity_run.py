"""``sim.sensitivity`` from study to tables: right runs, resume, gates, check."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import sim
from sim.batch import run_points
from sim.errors import BusyError, DriftError, IncompleteError, InputError
from sim.experiment.compare.target import Target
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs import chunks
from sim.experiment.sensitivity.check import check
from sim.experiment.sensitivity.contract import RESULT
from sim.experiment.sensitivity.estimators import estimate
from sim.experiment.sensitivity.figures import shown_of
from sim.experiment.sensitivity.indices import combine
from sim.experiment.sensitivity.question import checked
from sim.experiment.sensitivity.reading import read_runs
from sim.experiment.sensitivity.run import sensitivity
from sim.experiment.sensitivity.stages import SharesMissingError, Watch, plan_of
from sim.experiment.store.encoding import DamagedError, json_bytes, read_json
from sim.experiment.store.locks import QUESTION, claim
from sim.experiment.store.stored import open_result
from sim.experiment.sweep import sweep
from tests.reliability.studies import small_chunks
from tests.sensitivities import BASE, FACTORS, FEW, tiny
from tests.texts import LABEL


def files(folder: Path) -> dict[str, bytes]:
    """Return what an analysis keeps besides its stages."""
    paths = [folder / RESULT, *sorted((folder / "tables").iterdir())]
    return {path.name: path.read_bytes() for path in paths}


def test_the_runs_that_are_read_are_those_of_the_design(tmp_path: Path) -> None:
    study = tiny(weekly=["adoption", "trust"])
    question = checked(study, replicates=2, split=4, target="adoption>=0.5")
    design = question.design(1, 2)
    plan = plan_of(question, design)
    execute(plan, tmp_path / "x", Way(workers=0))
    stored = open_result(tmp_path / "x")
    found = read_runs(stored, design, question.target, 4)
    assert found.y.shape == (8 * 7, 2, 3)
    assert found.weekly is not None
    assert found.again is not None
    assert found.weekly.shape == (8 * 7, 2, 40, 2)
    assert found.weeks.tolist() == list(range(1, 41))
    values = design.columns()
    for row in (0, 9, 17, 40, 55):
        inputs = {name: column[row].item() for name, column in values.items()}
        inputs["leads"] = int(inputs["leads"])
        one = sim.run(
            BASE.with_values(inputs),
            2,
            study.seed,
            first_replicate=int(design.first_replicate[row]),
        )
        adoption = one.outcomes[:, 0, one.names.index("adoption")]
        np.testing.assert_array_equal(found.y[row, :, 0], adoption)
        live = one.outcomes[:, 0, one.names.index("go_live_week")]
        np.testing.assert_array_equal(found.y[row, :, 1], np.where(np.isnan(live), 40.0, live))
        np.testing.assert_array_equal(found.y[row, :, 2], adoption >= 0.5)
        np.testing.assert_array_equal(found.weekly[row, :, :, 0], one.weekly["adoption"])


def test_chance_is_parted_by_runs_on_the_same_organisations() -> None:
    question = checked(tiny(), replicates=3, split=4)
    design = question.design(0, 3)
    plan = plan_of(question, design)
    rows = len(design.points)
    assert plan.between is not None
    assert (plan.between[:rows] == -1).all()
    for again in range(12):
        line, r = divmod(again, 3)
        assert plan.between[rows + again] == design.first_replicate[line] + r
        assert plan.first_replicate[rows + again] != plan.between[rows + again]
        assert plan.scenario(rows + again) == plan.scenario(line)
    numbers = plan.first_replicate[:rows, None] + np.arange(3)
    assert not set(numbers.ravel().tolist()) & set(plan.first_replicate[rows:].tolist())


def test_a_target_is_the_share_of_a_runs_organisations_that_meet_it(tmp_path: Path) -> None:
    study = tiny(factors={"organisations": [1, 2, 3], "trust": "prior"}, points=4)
    question = checked(study, replicates=2, split=0)
    design = question.design(0, 2)
    execute(plan_of(question, design), tmp_path / "x", Way(workers=0))
    stored = open_result(tmp_path / "x")
    found = read_runs(stored, design, Target("adoption", ">=", 0.2), 0).y[:, :, 2]
    frame = stored.organisations
    expected = (frame["adoption"] >= 0.2).groupby([frame["point"], frame["replicate"]]).mean()
    wanted = [expected[p, design.first_replicate[p] + r] for p in range(len(found)) for r in (0, 1)]
    np.testing.assert_allclose(found.ravel(), wanted)


def test_the_indices_are_those_of_the_estimators_on_these_runs(tmp_path: Path) -> None:
    found = sensitivity(tiny(), tmp_path / "x", **FEW)
    question = checked(tiny(), replicates=2, scrambles=2, split=4)
    estimates = []
    for number in range(2):
        design = question.design(number, 2)
        stored = open_result(tmp_path / "x" / f"scramble-{number:02d}")
        estimates.append(estimate(design, read_runs(stored, design, None, 4).y))
    same = combine(estimates, ("adoption", "go_live_week"))
    np.testing.assert_array_equal(found.indices.table.total.value, same.table.total.value)
    np.testing.assert_array_equal(found.indices.table.first.high, same.table.first.high)
    assert found.indices.split is not None
    whole = found.indices.split.between.value + found.indices.split.within.value
    np.testing.assert_allclose(whole, found.indices.table.noise.value)


def test_everything_asked_for_is_there_and_in_json(tmp_path: Path) -> None:
    found = sensitivity(
        tiny(weekly=["adoption"]), tmp_path / "x", scrambles=2, split=4, workers=0, points=8,
        target="adoption>=0.2", spread=True, second_order=True, ranges=(0.5,),
    )  # fmt: skip
    assert found.pilot is not None
    assert 2 <= found.pilot.best <= 16
    assert found.replicates == max(4, found.pilot.best)
    written = read_json(tmp_path / "x" / RESULT)
    assert written is not None
    assert json.loads(json.dumps(found.as_json())) == written
    assert (written["schema"], written["method"], written["label"]) == (1, "sobol", LABEL)
    one = written["outcomes"]["adoption>=0.2"]
    assert set(one["factors"]) == set(found.names)
    assert len(one["second"]) == 10
    assert one["spread"]["factors"]["role_clarity"]["total"]["value"] is not None
    assert written["weekly"]["weeks"] == list(range(1, 41))
    assert written["ranges"]["0.5"]["outcomes"]["adoption"]["ranking"] is not None
    parts = [one["factors"][name]["alone"]["value"] for name in found.names]
    rest = [one[key]["value"] for key in ("interactions", "between_organisations", "within")]
    assert sum(parts) + sum(rest) == pytest.approx(1.0)
    said = found.sentences()
    assert all("In this model, over these ranges." in line for line in said[:6])
    assert len([line for line in said if line.startswith("Role clarity: ")]) == 1
    assert said[-1].startswith("Over ranges half as wide ")
    assert any("taken from the registry" in text for text in found.warnings())
    assert not any("motivation" in text for text in found.warnings() if "registry" in text)
    assert len(found.frame()) == 3 * 5
    assert {path.name for path in (tmp_path / "x" / "tables").iterdir()} == {
        f"{name}.csv"
        for name in (
            *("indices", "shares", "lights", "response", "spread", "pairs", "weekly"),
            *("weekly_variance", "ranges"),
        )
    }
    assert check(tiny(weekly=["adoption"]), tmp_path / "x").result == found.result


def test_an_interrupted_analysis_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    sensitivity(tiny(), tmp_path / "whole", **FEW)
    said: list[int] = []

    @contextmanager
    def bar(total: int) -> Iterator[Any]:
        def advance(done: int) -> None:
            said.append(done)
            if done >= 0.7 * total:
                raise KeyboardInterrupt

        yield advance

    with small_chunks(8), pytest.raises(KeyboardInterrupt):
        sensitivity(tiny(), tmp_path / "broken", watch=Watch(bar), **FEW)
    assert not (tmp_path / "broken" / RESULT).exists()
    assert (tmp_path / "broken" / "scramble-00" / "SEAL.json").exists()
    assert not (tmp_path / "broken" / "scramble-01" / "SEAL.json").exists()
    before = (tmp_path / "broken" / "scramble-00" / "SEAL.json").read_bytes()
    with small_chunks(8):
        sensitivity(tiny(), tmp_path / "broken", **FEW)
        sensitivity(tiny(), tmp_path / "whole-2", **FEW)
    assert (tmp_path / "broken" / "scramble-00" / "SEAL.json").read_bytes() == before
    assert files(tmp_path / "broken") == files(tmp_path / "whole-2")


def test_shards_give_the_bytes_of_the_whole(tmp_path: Path) -> None:
    with small_chunks(16):
        whole = sensitivity(tiny(), tmp_path / "whole", **FEW)
        with pytest.raises(SharesMissingError, match="2 of 2 scrambles wait"):
            sensitivity(tiny(), tmp_path / "x", shard=(1, 2), **FEW)
        found = sensitivity(tiny(), tmp_path / "x", shard=(2, 2), **FEW)
    assert found.result == whole.result
    assert files(tmp_path / "x") == files(tmp_path / "whole")


def test_a_shard_waits_for_the_pilot_of_the_others(tmp_path: Path) -> None:
    with small_chunks(1024), pytest.raises(SharesMissingError, match="share of the pilot is done"):
        sensitivity(tiny(), tmp_path / "x", scrambles=2, shard=(1, 2), workers=0)


def test_more_scrambles_and_another_target_run_only_what_is_missing(tmp_path: Path) -> None:
    sensitivity(tiny(), tmp_path / "x", **FEW)
    calls: list[int] = []

    def counted(*args: Any, **words: Any) -> Any:
        calls.append(len(args[1]))
        return run_points(*args, **words)

    with mock.patch.object(chunks, "run_points", counted):
        sensitivity(tiny(), tmp_path / "x", target="adoption>=0.2", **FEW)
        assert not calls
        more = sensitivity(tiny(), tmp_path / "x", **(FEW | {"scrambles": 3}))
    assert sum(calls) == (8 * 7 + 4) * 2
    fresh = sensitivity(tiny(), tmp_path / "y", **(FEW | {"scrambles": 3}))
    assert files(tmp_path / "x") == files(tmp_path / "y")
    assert more.result == fresh.result


def test_scrambles_are_added_until_the_budget_ends(tmp_path: Path) -> None:
    size = (8 * 7 + 4) * 2
    found = sensitivity(tiny(), tmp_path / "x", until="values", budget=4 * size + 5, **FEW)
    assert found.indices.scrambles == 4
    assert found.reached is False
    assert found.as_json()["reached"] is False
    assert any("is not green when the budget ends, after 480 runs" in s for s in found.sentences())
    assert check(tiny(), tmp_path / "x").runs == 480
    with pytest.raises(InputError, match="--budget: too small"):
        sensitivity(tiny(), tmp_path / "y", until="values", budget=size, **FEW)


def test_a_green_light_ends_the_search() -> None:
    one = tiny(factors={"motivation": "prior", "clinician_rate": "prior"}, points=64)
    words = FEW | {"replicates": 8, "scrambles": 3, "split": 0}
    found = sensitivity(one, until="ranking", **words)
    assert found.reached is True
    assert found.indices.scrambles < 12
    assert found.indices.lights[0].ranking.state == "green"
    # A price decides nothing but costs: exactly 0.
    assert found.indices.table.total.value[1, 0] == 0.0


def test_a_failed_run_is_named_with_its_inputs(tmp_path: Path) -> None:
    def broken(made: Any, of: Any, seed: int, paths: Any, *args: Any, **words: Any) -> Any:
        kept = run_points(made, of, seed, paths, *args, **words)
        kept.outcomes[paths[:, 0] == 4, 0, 0] = np.inf
        return kept

    with (
        mock.patch.object(chunks, "run_points", broken),
        pytest.raises(IncompleteError) as caught,
    ):
        sensitivity(tiny(), tmp_path / "x", **FEW)
    assert "runs failed, and none may be left out" in str(caught.value)
    assert "replicate 4 (role_clarity = 0." in str(caught.value)
    assert ", leads = " in str(caught.value)
    assert "): non-finite" in str(caught.value)
    assert not (tmp_path / "x" / RESULT).exists()


def test_an_outcome_that_is_undefined_in_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sensitivity(tiny(outcomes=["adoption", "completion"]), tmp_path / "x", **FEW)
    assert "completion: cannot be decomposed, since it is undefined in" in str(caught.value)
    assert "role_clarity = " in str(caught.value)


def test_an_outcome_that_is_always_the_same_is_refused_after_the_pilot(tmp_path: Path) -> None:
    study = tiny(outcomes=["adoption", "live"], base=BASE.with_values({"weeks": 3}))
    with pytest.raises(InputError, match="live: the same in all runs"):
        sensitivity(study, tmp_path / "x", workers=0)
    assert not (tmp_path / "x" / "scramble-00").exists()


def test_another_question_is_refused_and_moved_aside_on_demand(tmp_path: Path) -> None:
    place = tmp_path / "x"
    sensitivity(tiny(), place, **FEW)
    with pytest.raises(DriftError) as caught:
        sensitivity(tiny(seed=2), place, **FEW)
    assert "seed: was 1, now 2" in str(caught.value)
    with pytest.raises(DriftError, match="lines: was 8, now 16"):
        sensitivity(tiny(points=16), place, **FEW)
    sensitivity(tiny(seed=2), place, accept_drift=True, **FEW)
    assert (tmp_path / "x.old-1" / RESULT).exists()
    sensitivity(tiny(seed=2), place, accept_drift=True, **FEW)
    assert not (tmp_path / "x.old-2").exists()
    sensitivity(tiny(), place, force=True, **FEW)
    assert (tmp_path / "x.old-2").exists()


def test_a_folder_of_something_else_or_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="is not empty"):
        sensitivity(tiny(), tmp_path / "x", **FEW)
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["letter.txt"]
    sensitivity(tiny(), tmp_path / "y", **FEW)
    with claim(tmp_path / "y", resume=QUESTION):
        for force in (False, True):
            with pytest.raises(BusyError, match="in use by process"):
                sensitivity(tiny(), tmp_path / "y", force=force, **FEW)


def test_a_sweep_does_not_go_on_in_the_folder_of_an_analysis_nor_the_other_way(
    tmp_path: Path,
) -> None:
    sensitivity(tiny(), tmp_path / "x", **FEW)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="holds a sensitivity analysis"):
        sweep(tiny(), tmp_path / "x", workers=0)
    with pytest.raises(InputError, match="holds a finished result"):
        sensitivity(tiny(), tmp_path / "x" / "scramble-00", **FEW)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_way_that_cannot_be_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--shard: found 5/2"):
        sensitivity(tiny(), tmp_path / "x", shard=(5, 2), **FEW)
    assert not (tmp_path / "x").exists()


def test_check_names_a_number_that_does_not_follow_from_the_runs(tmp_path: Path) -> None:
    place = tmp_path / "x"
    sensitivity(tiny(), place, **FEW)
    written = read_json(place / RESULT)
    assert written is not None
    written["outcomes"]["adoption"]["chance"]["value"] += 1e-15
    (place / RESULT).write_bytes(json_bytes(written))
    table = place / "tables" / "shares.csv"
    table.write_bytes(table.read_bytes().replace(b"0.", b"1.", 1))
    with pytest.raises(DamagedError) as caught:
        check(tiny(), place)
    assert "sensitivity.json: outcomes.adoption.chance.value: written" in str(caught.value)
    assert "tables/shares.csv: differs, first in line 2" in str(caught.value)


def test_check_refuses_what_it_cannot_judge(tmp_path: Path) -> None:
    place = tmp_path / "x"
    with pytest.raises(InputError, match="no finished sensitivity analysis"):
        check(tiny(), place)
    sensitivity(tiny(), place, **FEW)
    with pytest.raises(DriftError, match="another study"):
        check(tiny(seed=3), place)
    part = next((place / "scramble-01" / "parts").glob("part-*"))
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(DamagedError, match="scramble-01"):
        check(tiny(), place)


def test_a_switch_has_its_labels_whichever_way_it_is_written() -> None:
    found = sensitivity(tiny(factors=FACTORS | {"mechanisms.trust": [True, False]}), **FEW)
    assert found.question.factors[-1].values(np.array([0.1, 0.9])).tolist() == [0.0, 1.0]
    assert shown_of(found).levels["mechanisms.trust"] == ["False", "True"]
    assert shown_of(found).levels["invitation"] == ["clinician", "default"]
