"""A reduced calibration in full: resumed, kept, sound; a wrong model fails its patterns."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import DriftError, InputError
from sim.experiment.calibrate import calibrating
from sim.experiment.calibrate.arms import quantiles
from sim.experiment.calibrate.bank import Asked, fitted, read_bank
from sim.experiment.calibrate.calibrating import FREE, calibrate, files_of, wanted_of
from sim.experiment.calibrate.calibration import RESULT, Calibration, weighted_quantiles
from sim.experiment.calibrate.goals import FEWEST, goals_of
from sim.experiment.calibrate.implausible import implausibility
from sim.experiment.calibrate.posterior import FILE, read_posterior
from sim.experiment.calibrate.predictive import predicted, simulated
from sim.experiment.calibrate.summaries import SUMMARIES
from sim.experiment.calibrate.targets import FIT, targets
from sim.experiment.execute.work import Way
from sim.parameters import parameters
from sim.plots.calibrate.writing import write_calibration_figures

NAMES = ("stop_rate", "stop_use")
FEW: dict[str, Any] = {"names": NAMES, "draws": 256, "size": 8, "checks": 8, "truths": 50}
FEW |= {"accept": 64, "seed": 3, "candidates": 3}


@pytest.fixture(scope="module", autouse=True)
def _short_looks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrating, "LOOK", 1)
        patch.setattr(calibrating, "AGAIN", 2)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibration") / "x"


@pytest.fixture(scope="module")
def found(folder: Path) -> Calibration:
    return calibrate(folder, way=Way(workers=0), **FEW)


def test_a_calibration_is_kept_and_the_same_call_makes_no_run_again(
    found: Calibration, folder: Path
) -> None:
    kept = {path: (folder / path).read_bytes() for path in (*files_of(found), FILE)}
    assert json.loads(kept[RESULT])["posterior"] == found.posterior.id
    for arm in ("field", "well-supported"):
        assert (folder / "bank" / arm / "SEAL.json").is_file()
    times = {path: path.stat().st_mtime_ns for path in (folder / "bank").rglob("*.parquet")}
    again = calibrate(folder, way=Way(workers=0), **FEW)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert again.as_json() == found.as_json()
    assert {path: (folder / path).read_bytes() for path in kept} == kept
    assert read_posterior(folder / FILE).id == found.posterior.id


def test_a_bank_that_was_interrupted_goes_on_to_the_same_result(
    found: Calibration, folder: Path, tmp_path: Path
) -> None:
    begun = tmp_path / "y"
    shutil.copytree(folder, begun)
    receipts = sorted((begun / "bank" / "field" / "receipts").iterdir())
    receipts[0].unlink()  # as if it had been killed
    (begun / "bank" / "field" / "SEAL.json").unlink()
    (begun / RESULT).unlink()
    (begun / FILE).unlink()
    assert calibrate(begun, way=Way(workers=0), **FEW).as_json() == found.as_json()
    assert (begun / FILE).read_bytes() == (folder / FILE).read_bytes()


def test_another_question_in_the_folder_is_refused(found: Calibration, folder: Path) -> None:
    with pytest.raises(DriftError, match="seed: was 3, now 4"):
        calibrate(folder, way=Way(workers=0), **(FEW | {"seed": 4}))


def test_draws_stay_within_their_priors_and_the_chosen_one_is_a_draw(found: Calibration) -> None:
    for name in NAMES:
        prior = parameters()[name].prior
        assert prior is not None
        values = found.posterior.values[name]
        assert prior.a <= values.min() <= values.max() <= prior.b
        assert found.chosen[name] in values
    joint = [found.posterior.draw(k) for k in range(found.posterior.count)]
    assert dict(found.chosen) in joint
    assert found.posterior.weights.sum() == pytest.approx(1.0)
    assert set(found.summaries) == set(fitted())


def test_every_pattern_is_told_before_and_after(found: Calibration) -> None:
    names = [target.name for target in targets()]
    for some in (found.before, found.after):
        assert [one.target.name for one in some] == names
    entry = found.as_json()
    assert list(entry["targets"]) == names
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry
    assert set(entry["parameters"]) == set(NAMES)


def test_figures_are_drawn_with_their_data(found: Calibration, tmp_path: Path) -> None:
    saved = {path.name for path in write_calibration_figures(found, tmp_path)}
    kinds = ("patterns", "marginals", "pairs", "ranks", "recovery")
    assert saved == {f"{kind}.{end}" for kind in kinds for end in ("png", "svg", "csv")}
    assert len((tmp_path / "patterns.csv").read_text().splitlines()) == len(targets()) + 1


def test_a_bank_holds_the_populations_of_its_draws(found: Calibration, folder: Path) -> None:
    from sim.experiment.calibrate.populations import population
    from sim.experiment.calibrate.summaries import summaries

    asked = Asked(NAMES, 256, 3, 8)
    bank = read_bank(asked, folder / "bank")
    for k in (0, 77):
        draw = {name: float(bank.values[k, j]) for j, name in enumerate(NAMES)}
        made = {arm: population(arm, draw, k, 3, size=8) for arm in ("field", "well-supported")}
        expected = [summaries(made)[name] for name in fitted()]
        assert np.array_equal(bank.found[k], expected, equal_nan=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"draws": 300}, "draws: must be a power of two (found 300"),
        ({"draws": 2**20}, "allowed 256 to 65,536"),
        ({"names": ("clinicians",)}, "clinicians is no rule with a prior"),
        ({"names": (*FREE, "repair")}, "1 to 6 different ones (found 7)"),
        ({"names": ("repair", "repair")}, "1 to 6 different ones"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"accept": 5}, "accept: out of range (found 5"),
        ({"size": 2}, "size, checks: 8 or more"),
    ],
)
def test_options_that_cannot_be_are_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        wanted_of(**({"names": NAMES} | words))
    assert said in str(caught.value)


# What is aimed at.


def test_goals_are_numbers_with_an_error_and_bounds_and_no_handful_of_sites() -> None:
    some = [target for target in targets() if target.name in fitted()]
    goals = goals_of(some)
    assert goals.names == (
        "month_12", "steepest_month", "competent_of_started", "running_of_started"
    )  # fmt: skip
    assert {goals.targets[k].name for k in goals.bounded} == {
        "share_live", "preparation_months", "preparation_skew"
    }  # fmt: skip
    assert all(one.n < FEWEST for one in some if one.n and one.name not in goals.names)


def test_shares_of_all_or_nobody_have_finite_odds_and_bounds_rule_out() -> None:
    some = [target for target in targets() if target.name in fitted()]
    goals = goals_of(some)
    found = np.array([[target.value or 1.5 for target in some]] * 3)
    names = [target.name for target in some]
    found[:, names.index("share_live")] = [0.8, 0.59, 0.8]
    found[:, names.index("preparation_months")] = 8.0
    found[2, names.index("month_12")] = np.nan
    assert goals.possible(found).tolist() == [1.0, 0.0, 0.0]
    found[:, names.index("competent_of_started")] = [0.0, 1.0, 0.585]
    scaled = goals.scaled(np.nan_to_num(found), 50)
    at = goals.names.index("competent_of_started")
    assert scaled[0, at] == pytest.approx(-scaled[1, at]) == pytest.approx(-np.log(99.0))
    assert scaled[2, at] == pytest.approx(goals.values[at])


def test_a_first_look_rules_out_what_is_far_from_a_target() -> None:
    some = [target for target in targets() if target.name in fitted()]
    goals = goals_of(some)
    places = quantiles(("stop_use",), 256, 1, "test")["stop_use"][:, None] / 15.0
    # The first target is met in the middle of the range and missed by ten errors at its ends.
    scaled = np.tile(goals.values, (256, 1))
    scaled[:, 0] += 20.0 * goals.errors[0] * (places[:, 0] - 0.5)
    found = implausibility(places, scaled, goals)
    assert found.ruled_out == pytest.approx(0.7, abs=0.02)  # beyond three of ten errors each way
    assert found.by_target[goals.names[0]] == found.ruled_out
    assert found.by_target[goals.names[1]] == 0.0


# The model itself.


def test_a_wrong_model_fails_its_patterns_and_the_model_as_it_is_does_not() -> None:
    """Nobody stops, and the fitted losses after the start cannot be had."""
    whole = [{"stop_rate": 0.0066, "stop_after": 0.72, "stop_use": 2.8, "quality_reference": 0.27}]
    right = predicted(simulated(whole * 24, 5, size=32, wanted=("field", "well-supported")))
    wrong = predicted(simulated([{"stop_rate": 0.0}] * 24, 5, size=32, wanted=("field",)))
    by_name = {one.target.name: one for one in right}
    for name in ("competent_of_started", "running_of_started", "month_12"):
        assert by_name[name].passed, name
    missed = {one.target.name for one in wrong if one.target.use == FIT and not one.passed}
    assert "running_of_started" in missed


def test_a_pattern_fails_where_its_number_lies_outside_all_that_comes_out() -> None:
    names = list(SUMMARIES)
    values = np.full((40, len(names)), np.nan)
    values[:, names.index("competent_of_started")] = np.linspace(0.55, 0.62, 40)
    values[:, names.index("running_of_started")] = np.linspace(0.8, 0.9, 40)
    values[:, names.index("share_live")] = [0.5] * 30 + [0.7] * 10
    by_name = {one.target.name: one for one in predicted(values)}
    assert by_name["competent_of_started"].p > 0.5
    assert by_name["running_of_started"].p < 1e-9
    assert not by_name["running_of_started"].passed
    assert by_name["share_live"].p == by_name["share_live"].inside == 0.25
    assert by_name["month_12"].median is None
    assert not by_name["month_12"].passed


def test_a_parameter_that_presses_against_its_prior_is_named(found: Calibration) -> None:
    places = found.places.copy()
    places[:, 0] = 0.99
    pressed = replace(found, places=places)
    assert any(
        text.startswith("stop_rate presses against the high end") for text in pressed.at_edge()
    )
    places[:, 0] = np.linspace(0.01, 0.99, len(places))
    assert replace(found, places=places, posterior=found.posterior).at_edge() == [
        text for text in found.at_edge() if not text.startswith("stop_rate")
    ]


def test_weighted_quantiles_are_values_with_so_much_weight_below() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3])
    assert weighted_quantiles(values, weights, (0.4, 0.6, 0.95)) == (1.0, 2.0, 3.0)
