"""The three lights, ties, warnings, and what a sensitivity analysis refuses."""

import re
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, poisson, uniform

from sim.errors import InputError
from sim.experiment.sensitivity.design import Design, design_of, seeds_of
from sim.experiment.sensitivity.estimators import Estimates, estimate, estimate_spread
from sim.experiment.sensitivity.factor import Factor, Floats, factors_of, groups_of
from sim.experiment.sensitivity.gates import arrange
from sim.experiment.sensitivity.indices import Indices, combine
from sim.experiment.sensitivity.jackknife import share
from sim.experiment.sensitivity.lights import lights_of, tie_groups
from sim.experiment.sensitivity.sobol import sobol_indices
from sim.experiment.sensitivity.split import estimate_split, split_of
from tests.theory.simulators import Seeds, bernoulli, chance, flipped, hetero, normal, units

FOUR = factors_of(units(4))


def weighted(weights: Sequence[float], noise: float = 0.0) -> Callable[[Floats, Seeds], Floats]:
    """Return a model: a weighted sum of the factors, and noise that differs between all points."""

    def model(points: Floats, seeds: Seeds) -> Floats:
        stream = (points.sum(axis=1, keepdims=True) * 2.0**40).astype(np.int64)
        y = points @ np.array(weights)
        return np.asarray((y[:, None] + noise * normal(seeds, stream))[:, :, None])

    return model


def indices(weights: Sequence[float], noise: float = 0.0, **more: Any) -> Indices:
    settings: dict[str, Any] = {"n": 64, "replicates": 2, **more}
    return sobol_indices(weighted(weights, noise), units(len(weights)), outcomes=["y"], **settings)


# Lights.


def test_all_lights_are_green_when_little_is_unknown() -> None:
    found = indices([3.0, 2.0, 0.0], n=512)
    (lights,) = found.lights
    assert [light.state for light in lights] == ["green"] * 3
    assert lights.ties == (("x1",), ("x2",))
    assert lights.indistinct == ("x3",)
    assert "x3 can be left out" in lights.screening.sentence
    assert lights.ranking.sentence.startswith("x1 comes first")
    assert lights.values.figure == pytest.approx(
        max(found.table.first.half_width.max(), found.table.total.half_width.max())
    )


def test_equal_factors_are_tied_and_come_first_together() -> None:
    (lights,) = indices([2.0, 1.0, 2.0], n=1024).lights
    assert [set(group) for group in lights.ties] == [{"x1", "x3"}, {"x2"}]
    assert lights.ranking.state == "green"
    assert "tied" in lights.ranking.sentence


def test_what_noise_hides_is_not_called_inert_nor_ranked() -> None:
    """A 95 % interval: one seed in twenty would rank x3."""
    found = indices([1.0, 0.3, 0.0], noise=3.0)
    (lights,) = found.lights
    assert "x3" in lights.indistinct
    assert "x3" not in {name for group in lights.ties for name in group}
    assert lights.screening.state == "red"
    assert lights.values.state == "red"
    assert lights.screening.figure is not None
    assert lights.screening.figure > 0.01


def test_a_tie_of_too_little_precision_is_no_ranking() -> None:
    (lights,) = indices([1.05, 1.0], noise=0.5, n=64).lights
    assert len(lights.ties[0]) == 2
    assert lights.ranking.state == "red"
    assert "too little precision" in lights.ranking.sentence


def test_nothing_is_judged_by_one_scramble() -> None:
    found = indices([1.0, 1.0], scrambles=1)
    assert [light.state for light in found.lights[0]] == ["grey"] * 3
    assert np.isnan(found.table.total.low).all()
    assert np.isfinite(found.table.total.value).all()
    assert [light.state for light in indices([2.0, 1.0], scrambles=2).lights[0]][1] == "grey"


def test_the_top_must_hold_without_any_single_scramble() -> None:
    total = np.array([[5.0, 1.0], [5.2, 1.1], [4.9, 0.9], [5.1, 1.05]])
    groups, indistinct = tie_groups(total, np.full(4, 10.0))
    assert groups == ((0,), (1,))
    assert not indistinct.any()
    total[:, 1] += np.array([0.0, 0.0, 14.0, 0.0])
    groups, indistinct = tie_groups(total, np.full(4, 10.0))
    assert indistinct.tolist() == [False, True]


def test_a_tie_with_someone_who_does_not_come_first_makes_the_first_unsure() -> None:
    """The second cannot be told from the first nor from the third; these two can be told apart."""
    wiggle = np.array([1.0, -1.0, 0.5, -0.5, 0.2, -0.2, 0.8, -0.8])
    total = np.stack([10.0 + 0.1 * wiggle, 9.5 + 2.0 * wiggle, 9.0 - 0.1 * wiggle], axis=1)[
        :, :, None
    ]
    variance = np.full((8, 1), 100.0)
    effects = share(total, variance[:, None])
    table: Any = SimpleNamespace(first=effects, total=effects)
    (lights,) = lights_of(("a", "b", "c"), table, total, variance)
    assert lights.ties == (("a", "b"), ("c",))
    assert (lights.ranking.state, lights.ranking.figure) == ("red", 1.0)
    assert "others cannot be told apart" in lights.ranking.sentence


def test_scrambles_are_added_until_the_light_is_green() -> None:
    settings: dict[str, Any] = {"noise": 0.25, "scrambles": 3}
    once = indices([1.0, 0.5], **settings)
    assert once.lights[0].values.state == "red"
    found = indices([1.0, 0.5], until="values", most=60, **settings)
    assert found.lights[0].values.state == "green"
    assert 3 < found.scrambles < 60
    before = indices([1.0, 0.5], noise=0.25, scrambles=found.scrambles - 1)
    assert before.lights[0].values.state == "red"
    capped = indices([1.0, 0.5], noise=3.0, scrambles=2, until="values", most=4)
    assert (capped.scrambles, capped.lights[0].values.state) == (4, "red")


# Warnings.


def test_much_noise_with_two_replicates_is_warned_of() -> None:
    noisy = indices([1.0, 0.5], noise=1.0)
    assert noisy.table.noise.value[0] > 0.5
    assert any("is chance" in text and "y: " in text for text in noisy.warnings)
    assert not indices([1.0, 0.5], noise=1.0, replicates=4).warnings
    assert not indices([1.0, 0.5], noise=0.1).warnings


def test_first_order_above_total_order_is_warned_of() -> None:
    """Rows of AB that stand in the wrong block have differences that are not the factor's."""
    found = []
    for m in range(8):
        design = design_of(FOUR[:2], 64, m, 2, 1)
        y = weighted([2.0, 1.0])(
            design.points, seeds_of(design.first_replicate, 2, design.seed)
        ).reshape(4, 64, 2, 1)
        mixed = y.copy()
        mixed[2] = y[0] + 0.5 * (y[2] - y[0])
        found.append(estimate(design, mixed.reshape(-1, 2, 1)))
    assert [text for text in combine(found, ["y"]).warnings if "above total order" in text]


def test_a_variance_that_is_none_is_warned_of() -> None:
    found = indices([0.0, 0.0], noise=1.0, replicates=4)
    assert any("not distinguishable from 0" in text for text in found.warnings)
    assert found.lights[0].ties == ()
    assert found.lights[0].ranking.state == "red"


# Refusals.


def small(**more: Any) -> tuple[Design, Floats]:
    design = design_of(FOUR[:2], 8, 0, 2, 1, **more)
    y = weighted([1.0, 2.0], 0.1)(design.points, seeds_of(design.first_replicate, 2, 1))
    return design, y


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_run_that_is_not_finite_is_refused_and_named(bad: float) -> None:
    design, y = small()
    y[17, 1, 0] = bad
    text = refused(lambda: estimate(design, y))
    assert "row 17 (AB x1, line 1), replicate 3: not finite" in text
    y[:] = bad
    assert "and 54 more runs" in refused(lambda: estimate(design, y))


def test_numbers_too_large_to_add_up_are_refused() -> None:
    design, y = small()
    y[:, :, 0] = 1e308
    assert "too large" in refused(lambda: estimate(design, y))


@pytest.mark.parametrize("shape", [(31, 2, 1), (32, 3, 1), (32, 1, 1), (64, 1), (32,), (32, 2, 0)])
def test_missing_runs_and_unequal_replicates_are_refused(shape: tuple[int, ...]) -> None:
    design, _ = small()
    assert "shape" in refused(lambda: estimate(design, np.ones(shape)))


def test_ragged_lists_and_texts_are_refused() -> None:
    design, _ = small()
    ragged: Any = [[1.0, 2.0], [1.0]]
    assert "no array" in refused(lambda: estimate(design, ragged))
    texts: Any = np.full((32, 2, 1), "a")
    assert "must be numbers" in refused(lambda: estimate(design, texts))


def test_an_outcome_that_is_the_same_in_all_runs_is_refused() -> None:
    design, y = small()
    y = np.concatenate([y, np.full_like(y, 3.0)], axis=2)
    text = refused(lambda: combine([estimate(design, y)], ["fine", "flat"]))
    assert text == "flat: the same in all runs (found 3): nothing to explain"


def test_fewer_than_ten_events_are_refused() -> None:
    def rare(points: Floats, seeds: Seeds) -> Floats:
        return (chance(seeds) < 0.002 * points[:, [0]]).astype(float)[:, :, None]

    def success(points: Floats, seeds: Seeds) -> Floats:
        return 1.0 - rare(points, seeds)

    for model in (rare, success):
        text = refused(
            lambda model=model: sobol_indices(model, FOUR, outcomes=["y"], n=64, replicates=2)
        )
        assert re.search(r"y: too rare to explain \(found \d runs", text)
    assert sobol_indices(bernoulli, FOUR, outcomes=["y"], n=64, replicates=2).table is not None


def test_weeks_with_few_events_are_hatched() -> None:
    def weekly(points: Floats, seeds: Seeds) -> Floats:
        p = points[:, [0]][:, :, None] * np.array([0.001, 0.5])
        return (chance(seeds)[:, :, None] < p).astype(float)[..., None]

    found = sobol_indices(weekly, FOUR, outcomes=["y"], n=128, replicates=2)
    assert found.hatched is not None
    assert found.hatched[:, 0].tolist() == [True, False]


def stored(design: Design, y: Floats) -> tuple[Floats, Any, Floats]:
    """Return runs as a store holds them: one a line."""
    points = np.repeat(design.points, design.replicates, axis=0)
    replicate = (design.first_replicate[:, None] + np.arange(design.replicates)).ravel()
    return points, replicate, y.reshape(-1, y.shape[2])


def test_stored_runs_of_a_design_are_arranged() -> None:
    design, y = small(second_order=True)
    assert np.array_equal(arrange(design, *stored(design, y)), y)


def test_reordered_missing_doubled_and_foreign_runs_are_refused() -> None:
    design, y = small()
    runs = stored(design, y)
    swapped = np.arange(64)
    swapped[[20, 21]] = 21, 20
    text = refused(lambda: arrange(design, *(one[swapped] for one in runs)))
    assert text == "runs: reordered; the first that stands elsewhere is at place 20"
    text = refused(lambda: arrange(design, *(np.delete(one, 40, axis=0) for one in runs)))
    assert text == "runs: 1 of 64 are missing, the first is row 20 (AB x1, line 4), replicate 8"
    text = refused(lambda: arrange(design, *(np.append(one, one[:2], axis=0) for one in runs)))
    assert "2 are twice there or belong to another design, the first at place 0" in text
    other = design_of(FOUR[:2], 8, 1, 2, 1)
    text = refused(lambda: arrange(other, *runs))
    assert "64 of 64 are missing" in text
    assert "64 are twice there or belong to another design" in text
    assert "needed for each" in refused(lambda: arrange(design, runs[0][:, :1], *runs[1:]))


def scrambles(seed: int = 1, n: int = 8, model: Any = hetero) -> list[Estimates]:
    designs = [design_of(FOUR, n, m, 4, seed) for m in range(3)]
    return [
        estimate(one, model(one.points, seeds_of(one.first_replicate, 4, seed))) for one in designs
    ]


def test_scrambles_of_different_designs_are_not_mixed() -> None:
    one = scrambles()
    text = refused(lambda: combine([*one[:2], scrambles(seed=2)[2]], ["y"]))
    assert text.startswith("scramble 2: of another design than scramble 0")
    assert "scramble 1: given 2 times" in refused(lambda: combine([*one, one[1]], ["y"]))
    assert "given 2 times" in refused(lambda: combine([*one, scrambles(model=flipped)[0]], ["y"]))
    assert "at least one" in refused(lambda: combine([], ["y"]))
    assert "2 named outcomes" in refused(lambda: combine(one, ["y", "z"]))


def test_a_split_must_be_of_the_same_scrambles() -> None:
    design, y = small()
    parted = estimate_split(design, y, y[:4])
    other = design_of(FOUR[:2], 8, 1, 2, 1)
    refused(lambda: combine([estimate(other, y)], ["y"], split=[parted]))
    assert "not finite" in refused(lambda: estimate_split(design, y, y[:4] * np.nan))
    assert "lines" in refused(lambda: split_of(design, 9))
    assert "lines" in refused(lambda: estimate_split(design, y, y[:4, :1]))


def test_one_replicate_is_only_for_models_without_chance() -> None:
    text = refused(lambda: design_of(FOUR, 8, 0, 1, 1))
    assert "deterministic=True" in text
    assert "needs one" in refused(lambda: design_of(FOUR, 8, 0, 2, 1, deterministic=True))
    design = design_of(FOUR, 8, 0, 2, 1)
    assert "4 or more" in refused(lambda: estimate_spread(design, np.ones((48, 2, 1))))


def test_all_problems_of_a_design_are_told_at_once() -> None:
    text = refused(lambda: design_of(FOUR, 100, -1, 0, -1))
    assert len(text.splitlines()) == 4
    assert "n: must be a power of two (found 100" in text


def test_all_problems_of_factors_are_told_at_once() -> None:
    wrong: Any = {
        "one": ["only"],
        "twice": [1, 1],
        "text": "abc",
        "endless": [1.0, np.inf],
        "number": 3,
        "fine": poisson(3),
        "broken": uniform(0, -1),
    }
    text = refused(lambda: factors_of(wrong))
    told = [line.partition(":")[0] for line in text.splitlines()]
    assert told == ["one", "twice", "text", "endless", "number", "broken"]
    weights = [Factor("a", (1, 2), (1.0,)), Factor("b", (1, 2), (0.0, 1.0))]
    weights += [Factor("c", norm(), (1.0,)), Factor("a", (1, 2))]
    assert len(refused(lambda: factors_of(weights)).splitlines()) == 4
    assert "at least one" in refused(lambda: factors_of({}))


def test_all_problems_of_groups_are_told_at_once() -> None:
    groups: Any = {"x1": ("x2", "x3"), "a": ("x2", "xx4"), "b": (), "c": "x1"}
    text = refused(lambda: groups_of(FOUR, groups))
    assert len(text.splitlines()) == 5
    assert "did you mean x4?" in text
    assert "x2 is in x1 already" in text


def test_wrong_settings_and_wrong_models_are_told() -> None:
    text = refused(
        lambda: sobol_indices(
            hetero, FOUR, outcomes=[], scrambles=0, replicates=2, spread=True, until="best"
        )
    )
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        "outcomes",
        "scrambles",
        "replicates",
        "until",
    ]
    text = refused(lambda: sobol_indices(hetero, FOUR, outcomes=["a", "b"], n=8))
    assert "must return an array (48, 4, 2)" in text
    assert "found (48, 4, 1)" in text
    with pytest.raises(InputError, match="no array"):
        sobol_indices(lambda _p, _s: None, FOUR, outcomes=["a"], n=8)  # type: ignore[arg-type,return-value]
