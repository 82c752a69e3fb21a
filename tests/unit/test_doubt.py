"""Runs under draws of a posterior: the design, the runs of the model, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim import simulate
from sim.draws import generator
from sim.errors import InputError
from sim.experiment.calibrate.posterior import Posterior
from sim.experiment.check.rerun import again
from sim.experiment.doubt import source
from sim.experiment.doubt.nested import FEWEST_RUNS, crossed, nested, shape_of
from sim.experiment.doubt.parts import parts_of
from sim.experiment.doubt.running import Drawn, expected_weekly, run_drawn
from sim.experiment.runs.plan import plan_of_study
from sim.outcomes import kept
from sim.scenario import load
from sim.world import recipe
from tests.posteriors import one_draw, saved, small
from tests.tolerances import ROUNDING, Z_EXACT

BASE = load("baseline").with_values({"clinicians": 10, "caseload": 4, "weeks": 80})


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return run_drawn(BASE, small(), 200, seed=3)


@given(st.integers(FEWEST_RUNS, 10**6))
def test_a_design_takes_at_most_what_was_asked_for_and_leaves_less_than_a_pair(asked: int) -> None:
    shape = shape_of(asked)
    assert shape.runs <= asked < shape.runs + shape.group + 1
    assert shape.pairs >= 2
    assert 2 <= shape.organisations <= 12
    assert shape.runs == shape.draws * shape.organisations * 2


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(InputError, match=r"replicates: too few for a posterior .found 15, allowed"):
        shape_of(FEWEST_RUNS - 1)


def test_pairs_share_organisations_and_luck_and_nobody_else_does() -> None:
    study = sim.study_of(BASE, {"leads": [1, 2, 3]}, replicates=60)
    design = nested(small(), 60, seed=1)
    plan, shape = crossed(plan_of_study(study), design), design.shape
    assert plan.between is not None
    held = plan.between.reshape(3, shape.pairs, 2, shape.organisations)
    first = plan.first_replicate.reshape(held.shape)
    assert (held == held[:1, :, :1]).all()  # the same at each point, and under both draws
    assert len(np.unique(held[0, :, 0])) == shape.pairs * shape.organisations
    assert (first == 2 * held).all()
    leads = plan.points["leads"].reshape(3, -1)
    assert leads.tolist() == [[k] * shape.points for k in (1, 2, 3)]
    rates = plan.points["start_rate"].reshape(*held.shape)
    assert (rates == rates[:1, :, :, :1]).all()
    assert len(np.unique(rates)) == shape.draws
    assert plan.runs == 3 * shape.runs


def test_each_run_is_the_model_with_these_rules_organisations_and_luck(drawn: Drawn) -> None:
    shape = drawn.design.shape
    outcomes = shape.array(drawn.outcomes)
    for pair, side, organisation, luck in ((0, 0, 0, 0), (1, 1, 2, 1), (shape.pairs - 1, 1, 1, 0)):
        held = pair * shape.organisations + organisation
        rules = {name: v[2 * pair + side].item() for name, v in drawn.design.values.items()}
        made = recipe(BASE.with_values(rules))
        tape = simulate.run_compiled(made, 3, 2 * held + luck, organisation_replicate=held)
        row, *_ = kept(tape, made)
        np.testing.assert_array_equal(outcomes[pair, side, organisation, luck], row)


def test_it_depends_on_no_thread_and_the_seed_moves_all(drawn: Drawn) -> None:
    again_ = run_drawn(BASE, small(), 200, seed=3, workers=1)
    assert again_.outcomes.tobytes() == drawn.outcomes.tobytes()
    other = run_drawn(BASE, small(), 200, seed=4)
    assert other.outcomes.tobytes() != drawn.outcomes.tobytes()
    assert other.design.values["start_rate"].tolist() != drawn.design.values["start_rate"].tolist()


def test_a_posterior_of_one_draw_leaves_no_doubt_about_the_rules() -> None:
    found = run_drawn(BASE, one_draw(start_rate=0.006, stop_rate=0.004), 96)
    varied = [one for one in found.splits.values() if one is not None and one.shares]
    assert len(varied) > 20
    for one in varied:
        assert one.shares["parameter"].share == one.shares["parameter"].ci_high == 0.0
        assert one.low == one.high == pytest.approx(one.mean, rel=ROUNDING)


def test_organisations_that_do_not_differ_have_no_part_but_luck_has() -> None:
    alike = BASE.with_values({"organisation_sd": 0.0, "load_organisation_sd": 0.0})
    found = run_drawn(alike, small(), 1200)
    values = found.design.shape.array(found.outcomes[:, :, [found.names.index("adoption")]])
    parts = parts_of(values[..., 0])
    error = parts.organisations.std(ddof=1) / np.sqrt(found.design.shape.pairs)
    assert abs(parts.organisations.mean()) < Z_EXACT * error
    assert parts.chance.mean() > 10 * error
    differ = run_drawn(BASE.with_values({"organisation_sd": 0.2}), small(), 1200)
    split = differ.splits["adoption"]
    assert split is not None
    assert split.shares["organisations"].ci_low > 0.0


def test_the_rules_part_is_the_variance_of_what_the_model_expects_under_each_draw() -> None:
    """Two draws, equally likely: a quarter of the squared difference of their means."""
    ends = {"start_rate": np.array([0.003, 0.02])}
    found = run_drawn(BASE, Posterior(ends, np.full(2, 0.5), {}), 2400)
    shape, name = found.design.shape, found.names.index("adoption")
    parts = parts_of(shape.array(found.outcomes[:, :, name]))
    means, errors = [], []
    for rate in ends["start_rate"].tolist():
        runs = simulate.run(BASE.with_values({"start_rate": rate}), 1500, seed=77)
        values = runs.outcomes[:, 0, name]
        means.append(values.mean())
        errors.append(values.std(ddof=1) / np.sqrt(1500))
    gap = means[1] - means[0]
    # Drawn without replacement from equal halves: D / (D - 1) of the variance.
    true = gap**2 / 4 * shape.draws / (shape.draws - 1)
    error = np.hypot(
        parts.parameter.std(ddof=1) / np.sqrt(shape.pairs), gap / 2 * np.hypot(*errors)
    )
    assert true > 10 * error / Z_EXACT
    assert abs(parts.parameter.mean() - true) < Z_EXACT * error


def test_the_interval_of_the_mean_is_over_pairs(drawn: Drawn) -> None:
    one, shape = drawn.summary()["adoption"], drawn.design.shape
    values = shape.array(drawn.outcomes[:, 0, drawn.names.index("adoption")])
    groups = values.mean(axis=(1, 2, 3))
    assert one.mean == pytest.approx(groups.mean())
    assert one.ci_low is not None
    assert one.ci_high is not None
    half = (one.ci_high - one.ci_low) / 2
    assert half > 1.96 * groups.std(ddof=1) / np.sqrt(len(groups))
    assert one.n == drawn.replicates == shape.runs


def test_weekly_bands_end_where_the_outcome_is(drawn: Drawn) -> None:
    draws = expected_weekly(drawn, "adoption")
    assert draws.shape == (drawn.design.shape.draws, 80)
    split = drawn.splits["adoption"]
    assert split is not None
    assert draws[:, -1].mean() == pytest.approx(split.mean)
    assert np.ptp(draws[:, 0]) == 0.0  # nobody uses anything in the first week


def test_a_frame_says_which_draw_and_whose_luck(drawn: Drawn) -> None:
    frame = drawn.frame()
    assert len(frame) == drawn.replicates
    assert frame.groupby("draw")["start_rate"].nunique().eq(1).all()
    assert frame.groupby(["held", "replicate"]).size().eq(2).all()  # both draws of a pair
    assert frame["draw"].nunique() == drawn.design.shape.draws


def test_runs_of_several_organisations_are_parted_too() -> None:
    several = BASE.with_values({"organisations": 3})
    found = run_drawn(several, small(), 64)
    split = found.splits["adoption"]
    assert found.outcomes.shape[1] == 3
    assert split is not None
    assert sum(one.share for one in split.shares.values()) == pytest.approx(1.0)


def test_what_cannot_be_is_refused() -> None:
    faster = BASE.with_values({"start_rate": 0.01})
    with pytest.raises(InputError, match="start_rate: set by the scenario, and drawn"):
        sim.run(faster, 100, posterior=small())
    with pytest.raises(InputError, match="weeks is no rule"):
        sim.run(BASE, 100, posterior=one_draw(weeks=52))
    with pytest.raises(InputError, match="engine: not together with a posterior"):
        sim.run(BASE, 100, posterior=small(), engine="mesa")
    with pytest.raises(InputError, match="events: not together"):
        sim.run(BASE, 100, posterior=small(), events=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'wokers'"):
        sim.run(BASE, 100, posterior=small(), wokers=2)


def test_without_a_posterior_a_run_is_what_it_was() -> None:
    one, other = sim.run(BASE, 4, 9), simulate.run(BASE, 4, 9)
    assert type(one) is type(other)
    assert one.outcomes.tobytes() == other.outcomes.tobytes()


def test_the_word_shipped_means_the_one_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "files", lambda _: tmp_path)
    with pytest.raises(InputError, match=r"without one .no sim/posterior.parquet.; make one with"):
        source.posterior_of("shipped")
    saved(small(), tmp_path)
    assert source.posterior_of("shipped").id == small().id
    assert source.posterior_of(tmp_path / "posterior.parquet").id == small().id


def test_stored_runs_can_be_made_again(drawn: Drawn) -> None:
    number = 2 * drawn.design.shape.organisations + 3
    made = again(drawn.plan, number)
    adoption = drawn.outcomes[number, 0, drawn.names.index("adoption")]
    assert made["runs"]["adoption"].to_pylist() == [adoption]
    assert made["runs"]["point"].to_pylist() == [drawn.block.points[number]]
    assert made["runs"]["replicate"].to_pylist() == [drawn.block.replicates[number]]


def test_any_posterior_can_be_drawn_from() -> None:
    random = generator(2, "weights")
    weights = random.random(5)
    uneven = Posterior({"start_rate": np.linspace(0.004, 0.008, 5)}, weights / weights.sum(), {})
    design = nested(uneven, 2000, seed=1)
    counts = [np.sum(design.values["start_rate"] == v) for v in uneven.values["start_rate"]]
    expect = uneven.weights * design.shape.draws
    assert np.all(np.abs(np.array(counts) - expect) < 1.0)
