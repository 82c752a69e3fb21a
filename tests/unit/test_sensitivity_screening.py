"""Morris and PAWN of a study: right runs, an inert factor, resume, gates, check."""

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import uniform

import sim
from sim.batch import run_points
from sim.cli import main
from sim.draws import generator
from sim.errors import DriftError, IncompleteError, InputError
from sim.experiment.runs import chunks
from sim.experiment.sensitivity import salib
from sim.experiment.sensitivity.check import check
from sim.experiment.sensitivity.contract import RESULT
from sim.experiment.sensitivity.factor import factors_of
from sim.experiment.sensitivity.figures import write_figures
from sim.experiment.sensitivity.salib import Morris
from sim.experiment.sensitivity.screening import screen, screen_of, stretched
from sim.experiment.store.encoding import DamagedError
from sim.simulate import run
from tests.sensitivities import tiny
from tests.texts import LABEL

FACTORS = {
    "role_clarity": "prior",
    "motivation": {"prior": ["uniform", 0.2, 0.8]},
    "invitation": ["clinician", "default"],
    "licence": {"prior": ["uniform", 5.0, 50.0]},
}
SIZE = {"morris": {"points": 6, "replicates": 2}, "pawn": {"points": 128, "replicates": 2}}


def study(**words: Any) -> sim.Study:
    return tiny(**{"factors": FACTORS, "outcomes": ["adoption", "cost"]} | words)


@pytest.mark.parametrize("method", ["morris", "pawn"])
def test_the_measures_are_those_of_single_runs_made_one_by_one(method: str) -> None:
    asked = screen_of(study(), method, **SIZE[method])
    design, plan = asked.design, asked.plan
    found = screen(study(), method, workers=0, **SIZE[method])
    y = np.empty((len(design.points), design.replicates, 2))
    for row in range(len(y)):
        first = int(design.first_replicate[row])
        one = run(plan.scenario(row), 2, seed=1, first_replicate=first)
        for k, name in enumerate(("adoption", "cost")):
            y[row, :, k] = one.outcomes[:, 0, one.names.index(name)]
    if method == "pawn":
        assert np.array_equal(found.found.median, salib.pawn_of(design, y).median)
        return
    assert isinstance(found.found, Morris)
    again = salib.morris_of(design, y)
    switch = found.found.names.index("invitation")
    again.mu_star[switch] *= 2.0 / 3.0  # a step of two thirds takes it all the way
    assert np.allclose(found.found.mu_star, again.mu_star, rtol=1e-12)
    assert design.points[:, 1].min() > 0.21  # no ends of distributions
    assert design.points[:, 1].max() < 0.79


def test_effects_are_those_of_the_whole_range_also_of_switches_and_counts() -> None:
    factors = factors_of(
        {"x": uniform(0.0, 1.0), "on": [False, True], "three": [1, 2, 3], "which": ["a", "b", "c"]}
    )
    plan = salib.morris_plan(factors, 16, 2, 1, within=(0.025, 0.975))
    x, on, three, which = plan.points.T
    y = 10.0 / 0.95 * x + 10.0 * on + 5.0 * three + 7.0 * (which == 1.0)
    found = stretched(salib.morris_of(plan, np.repeat(y[:, None, None], 2, axis=1)), factors)
    assert np.allclose(found.mu_star[:3, 0], 10.0)
    assert 0.0 < found.mu_star[3, 0] <= 7.0 + 1e-9


def test_of_inert_factors_none_stands_out_in_pawn() -> None:
    factors = factors_of({f"x{k}": uniform(0.0, 1.0) for k in range(8)})
    passed = 0
    for seed in range(1, 11):
        plan = salib.pawn_plan(factors, 256, 2, seed)
        y = generator(seed, "noise").normal(size=(256, 2, 1)) + 3.0 * plan.points[:, :1, None]
        found = replace(salib.pawn_of(plan, y), floor=salib.shuffled_floor(plan, y))
        passed += int(found.above_floor(0)[1:].sum())
        assert found.above_floor(0)[0]
    assert passed == 0  # of 70; a single factor that is not in the model lets half of them pass


def test_a_factor_that_does_nothing_scores_exactly_0_in_morris() -> None:
    found = screen(study(), "morris", workers=0, points=8, replicates=2)
    assert isinstance(found.found, Morris)
    price = found.found.names.index("licence")
    for name in ("mu", "mu_star", "sigma", "floor", "effect", "spread"):
        assert getattr(found.found, name)[price, 0] == 0.0
    assert found.found.mu_star[price, 1] > 0.0  # but it is paid
    assert not found.found.above_floor(0)[price]
    assert "Licence: no effect on adoption stands out from chance" in " ".join(found.sentences())


@pytest.mark.parametrize("method", ["morris", "pawn"])
def test_the_same_folder_goes_on_and_gives_the_same_bytes(method: str, tmp_path: Path) -> None:
    size: Any = SIZE[method]
    screen(study(), method, tmp_path / "whole", workers=0, target="adoption>=0.5", **size)
    place = tmp_path / "x"
    screen(study(), method, place, workers=0, **size)
    (place / RESULT).unlink()
    receipts = sorted((place / method / "receipts").iterdir())
    receipts[0].unlink()  # as if it had been killed
    with mock.patch.object(chunks, "run_points", wraps=run_points) as made:
        screen(study(), method, place, workers=0, target="adoption>=0.5", **size)
    assert made.call_count > 0
    whole = tmp_path / "whole"
    for path in (RESULT, f"tables/{method}.csv"):
        assert (place / path).read_bytes() == (whole / path).read_bytes()
    assert check(study(), place).stage == method


def test_check_names_a_number_that_does_not_follow(tmp_path: Path) -> None:
    screen(study(), "morris", tmp_path / "x", workers=0, points=4, replicates=2)
    table = tmp_path / "x" / "tables" / "morris.csv"
    table.write_bytes(table.read_bytes().replace(b"adoption", b"adoptiom", 1))
    with pytest.raises(DamagedError, match=r"tables/morris\.csv: differs, first in line 2"):
        check(study(), tmp_path / "x")


def test_another_method_or_size_is_another_question(tmp_path: Path) -> None:
    screen(study(), "morris", tmp_path / "x", workers=0, points=4, replicates=2)
    with pytest.raises(DriftError, match="lines: was 4, now 5"):
        screen(study(), "morris", tmp_path / "x", workers=0, points=5, replicates=2)
    with pytest.raises(DriftError, match="method: was morris, now pawn"):
        screen(study(), "pawn", tmp_path / "x", workers=0, points=128, replicates=2)


def test_a_run_that_is_not_finite_is_named_with_its_inputs(tmp_path: Path) -> None:
    def broken(*arguments: Any, **words: Any) -> Any:
        made = run_points(*arguments, **words)
        return replace(made, sound=np.zeros_like(made.sound))

    with (
        mock.patch.object(chunks, "run_points", broken),
        pytest.raises(IncompleteError) as caught,
    ):
        screen(study(), "morris", tmp_path / "x", workers=0, points=4, replicates=2)
    assert "point 0, replicate 0 (role_clarity = " in str(caught.value)
    assert not (tmp_path / "x" / RESULT).exists()


@pytest.mark.parametrize(
    ("method", "words", "said"),
    [
        ("morris", {"points": 1}, "--points: trajectories out of range"),
        ("pawn", {"points": 100}, "--points: must be a power of two"),
        ("pawn", {"points": 8}, "--points: too few runs for 10 slices"),
        ("pawn", {"points": 2**40}, "--points: must be a power of two"),
        ("morris", {"points": 2**40}, "allowed 2 to 16,384"),
        ("morris", {"replicates": 0}, "replicates: "),
        ("morris", {"replicates": 1}, "cannot be told from chance"),
        ("morris", {"target": "adoptoin>=0.5"}, "target: "),
        ("delta", {}, "no such screening"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    method: str, words: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        screen(study(), method, tmp_path / "x", workers=0, **words)
    assert not (tmp_path / "x").exists()


def test_the_command_prints_keeps_draws_and_checks(tmp_path: Path) -> None:
    text = (
        'title = "Tiny"\nscenario = "baseline"\ndesign = "sobol"\npoints = 128\n'
        'outcomes = ["adoption"]\n[set]\nclinicians = 6\ncaseload = 2\nweeks = 40\n'
        '[factors]\nmotivation = "prior"\nlicence = { prior = ["uniform", 5, 50] }\n'
    )
    (tmp_path / "s.toml").write_text(text)
    call = ["sensitivity", str(tmp_path / "s.toml"), "--workers", "0", "--method"]
    for method, words in (("morris", ["--points", "6"]), ("pawn", [])):
        out = ["--out", str(tmp_path / method)]
        done = CliRunner().invoke(main, [*call, method, *words, *out])
        assert done.exit_code == 0, done.stderr
        assert LABEL in done.stdout
        assert "Motivation: " in done.stdout
        assert (tmp_path / method / "figures" / f"{method}-adoption.png").exists()
        as_json = CliRunner().invoke(main, [*call, method, *words, *out, "--json"])
        found = json.loads(as_json.stdout)
        assert found["method"] == method
        assert found["outcomes"]["adoption"]["factors"]["licence"]["above_floor"] is False
        checked = CliRunner().invoke(main, [*call, method, *out, "--check"])
        assert checked.exit_code == 0, checked.stderr
        assert f"mih verify {tmp_path / method / method}" in checked.stdout
        dry = CliRunner().invoke(main, [*call, method, *words, "--dry-run"])
        assert "runs, about" in dry.stdout
    other = [*call, "pawn", "--spread", "--split", "3", "--out", str(tmp_path / "y")]
    refused = CliRunner().invoke(main, other)
    assert refused.exit_code == 2
    assert "--spread: only with --method sobol" in refused.stderr
    assert "--split: only with --method sobol" in refused.stderr
    assert not (tmp_path / "y").exists()


def test_an_effect_is_that_of_the_whole_range_however_a_factor_is_written() -> None:
    written: list[Any] = [[1, 2], [2, 1], {"prior": ["uniform", 1, 2]}]
    found = []
    for leads in written:
        one = screen_of(study(factors={"leads": leads, "motivation": "prior"}), "morris")
        design = one.design
        # Ten for each lead, and nothing else: the same whichever way the range is written.
        y = 10.0 * one.factors[0].column(design.points[:, 0]).astype(float)
        measures = salib.morris_of(design, np.repeat(y[:, None, None], 2, axis=1))
        right = stretched(measures, one.factors)
        found += [right.mu_star[0, 0], right.mu[0, 0]]
    assert found == pytest.approx([10.0] * 6)


def test_levels_in_any_order_have_no_negative_sizes() -> None:
    one = study(factors={"motivation": [0.1, 0.9, 0.2, 0.5], "role_clarity": "prior"})
    found = screen(one, "morris", workers=0, points=8, replicates=2).found
    assert isinstance(found, Morris)
    for name in ("mu_star", "mu_star_conf", "sigma", "floor"):
        assert (getattr(found, name) >= 0.0).all()
    assert found.mu_star[0, 0] > 0.0


def test_what_a_screening_does_not_look_at_is_said() -> None:
    one = tiny(factors=FACTORS | {"network": ["teams", "random", "full"]}, weekly=["adoption"])
    found = screen(one, "morris", workers=0, points=4, replicates=2)
    said = " ".join(found.warnings())
    assert "an effect is that of choosing otherwise: network" in said
    assert "invitation" not in said.split("choosing otherwise")[1]
    assert "not at weekly series" in said


@pytest.mark.parametrize("method", ["morris", "pawn"])
def test_the_frame_has_a_row_for_each_outcome_and_factor(method: str) -> None:
    found = screen(study(), method, workers=0, **SIZE[method])
    frame = found.frame()
    assert frame.set_index(["outcome", "factor"]).index.is_unique
    assert list(frame["factor"]) == list(FACTORS) * 2
    assert list(frame["above_floor"][:4]) == found.found.above_floor(0).tolist()
    assert frame["floor"].notna().all()


def test_factors_that_all_do_nothing_are_told_and_drawn_without_a_warning(tmp_path: Path) -> None:
    one = study(factors={"licence": FACTORS["licence"]}, outcomes=["adoption"])
    found = screen(one, "morris", workers=0, points=6, replicates=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_figures(found, tmp_path)
    assert (tmp_path / "morris-adoption.png").exists()
    assert "no effect on adoption stands out" in found.sentences()[0]
