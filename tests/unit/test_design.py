"""Designs: which points a study runs, and how shares become values."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.errors import InputError
from sim.experiment.design.marginals import quantile, quantile_of
from sim.experiment.design.study import Study, study_of
from sim.parameters import Prior, parameters
from sim.scenario import load, loads
from tests.tolerances import P_EXACT, ROUNDING, Z_EXACT

SHARES = np.linspace(0.0, 1.0, 1001)


def rows(study: Study) -> list[tuple[Any, ...]]:
    """Return the points as tuples of Python values."""
    return [tuple(study.values(point).values()) for point in range(study.count)]


# --- quantile functions --------------------------------------------------------------------------

ORACLES: dict[str, tuple[Prior, float, float, Any]] = {
    "uniform": (Prior("uniform", 0.2, 0.8), 0.02, 0.98, stats.uniform(0.2, 0.6)),
    "loguniform": (Prior("loguniform", 1.0, 10.0), 0.0, 40.0, stats.loguniform(1.0, 10.0)),
    "normal": (
        Prior("normal", 0.3, 0.5),
        0.0,
        2.0,
        stats.truncnorm(-0.6, 3.4, loc=0.3, scale=0.5),
    ),
    "beta": (Prior("beta", 2.0, 5.0), 0.0, 1.0, stats.beta(2.0, 5.0)),
}


@pytest.mark.parametrize("kind", ORACLES)
def test_quantiles_equal_those_of_scipy(kind: str) -> None:
    prior, low, high, oracle = ORACLES[kind]
    found = quantile(prior, SHARES, low, high)
    np.testing.assert_allclose(found, oracle.ppf(SHARES), rtol=1e4 * ROUNDING, atol=1e-9)


@given(
    st.sampled_from([name for name, entry in parameters().items() if entry.prior]),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20),
)
@settings(max_examples=300, deadline=None)
def test_quantiles_of_every_prior_rise_within_the_range(name: str, shares: list[float]) -> None:
    entry = parameters()[name]
    assert entry.prior is not None
    found = quantile_of(entry, entry.prior, np.sort(np.array([0.0, *shares, 1.0])))
    assert (np.diff(found) >= 0).all()
    assert entry.low <= found[0] <= found[-1] <= entry.high
    assert found.dtype == (np.int64 if entry.kind == "count" else np.float64)


def test_a_share_outside_0_to_1_is_refused() -> None:
    for share in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            quantile(Prior("uniform", 0.0, 1.0), np.array([share]), 0.0, 1.0)


def test_every_whole_number_of_a_uniform_count_is_equally_likely_the_ends_too() -> None:
    shares = (np.arange(4000) + 0.5) / 4000
    entry = parameters()["leads"]
    assert Counter(quantile_of(entry, Prior("uniform", 1, 4), shares).tolist()) == dict.fromkeys(
        [1, 2, 3, 4], 1000
    )


def test_the_ends_of_a_distribution_of_counts_are_not_passed() -> None:
    entry = parameters()["leads"]
    ends = np.array([0.0, 1.0])
    for prior in (Prior("uniform", 1, 4), Prior("loguniform", 1, 4), Prior("uniform", 0.6, 4.4)):
        assert quantile_of(entry, prior, ends).tolist() == [1, 4]
    assert quantile_of(entry, Prior("normal", 1.0, 30.0), ends).tolist() == [0, 20]
    # No whole number lies within: the nearest ones are taken.
    assert quantile_of(entry, Prior("uniform", 1.2, 1.4), ends).tolist() == [1, 1]


# --- grid and one at a time ----------------------------------------------------------------------


def test_a_grid_has_all_combinations_and_the_last_factor_varies_fastest() -> None:
    study = study_of(
        "baseline",
        {
            "leads": [2, 1],
            "network": ["teams", "random", "full"],
            "mechanisms.trust": [True, False],
        },
    )
    assert rows(study)[:4] == [
        (2, "teams", True),
        (2, "teams", False),
        (2, "random", True),
        (2, "random", False),
    ]
    assert len(set(rows(study))) == study.count == 12
    kinds = [column.dtype.kind for column in study.points.values()]
    assert kinds == ["i", "U", "b"]


def test_a_stepped_range_is_even_and_ends_at_its_ends() -> None:
    study = study_of("baseline", {"role_clarity": {"from": 0.2, "to": 0.8, "steps": 9}})
    assert study.points["role_clarity"].tolist() == [
        0.2,
        0.275,
        0.35,
        0.425,
        0.5,
        0.575,
        0.65,
        0.725,
        0.8,
    ]
    study = study_of("baseline", {"leads": {"from": 1, "to": 7, "steps": 3}})
    assert study.points["leads"].tolist() == [1, 4, 7]
    assert study.points["leads"].dtype == np.int64


def test_one_at_a_time_begins_with_the_scenario_and_runs_nothing_twice() -> None:
    base = load("thin-vendor-support")  # two hours
    study = study_of(
        base,
        {"manager_hours": [2, 4], "leads": [1, 2, 3], "mechanisms.trust": [True]},
        design="oat",
    )
    assert rows(study) == [(2.0, 1, True), (4.0, 1, True), (2.0, 2, True), (2.0, 3, True)]
    assert study.scenario(0) == base


def test_one_at_a_time_takes_the_scenario_as_it_is_set() -> None:
    base = load("baseline").replace(attention=0.4, network="teams")
    factors = {
        "attention": [0.4, 1],
        "network": ["random"],
        "phases.build.team_hours": [60],
        "phases.build.overlaps": [True],
    }
    study = study_of(base, factors, design="oat")
    hours, overlaps = base.phases[2].team_hours, base.phases[2].overlaps
    assert rows(study)[0] == (0.4, "teams", hours, overlaps)
    assert study.scenario(0) == base
    with pytest.raises(InputError, match="changes over the weeks"):
        study_of(base.replace(attention=[[0, 1.0], [9, 0.5]]), factors, design="oat")


# --- sampled designs -----------------------------------------------------------------------------

MIXED: dict[str, Any] = {
    "role_clarity": "prior",
    "workload": {"from": 0.8, "to": 1.2},
    "trust": [0.3, 0.5, 0.7, 0.9],
    "leads": {"prior": ["uniform", 1, 4]},
    "network": ["teams", "random"],
    "care_weeks": "prior",
}


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_sampled_points_are_a_function_of_the_seed(design: str) -> None:
    one, same, other = (
        study_of("baseline", MIXED, design=design, points=64, seed=seed) for seed in (5, 5, 6)
    )
    assert rows(one) == rows(same)
    assert rows(one) != rows(other)


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_every_margin_is_filled_evenly(design: str) -> None:
    study = study_of("baseline", MIXED, design=design, points=64)
    # One point in each 64th of the range: what both designs promise of every margin.
    workload = np.floor((study.points["workload"] - 0.8) / 0.4 * 64)
    assert sorted(workload) == list(range(64))
    assert Counter(study.points["leads"].tolist()) == dict.fromkeys([1, 2, 3, 4], 16)
    assert Counter(study.points["network"].tolist()) == {"teams": 32, "random": 32}
    counts = Counter(study.points["trust"].tolist())
    assert sorted(counts.values()) == [16, 16, 16, 16]


def test_sampled_margins_follow_their_distribution() -> None:
    study = study_of("baseline", MIXED, design="lhs", points=4096)
    prior = parameters()["care_weeks"].prior
    assert prior is not None
    drawn = stats.norm(prior.a, prior.b)
    assert stats.kstest(study.points["care_weeks"], drawn.cdf).pvalue > P_EXACT


def test_columns_of_a_sample_do_not_hang_together() -> None:
    study = study_of("baseline", MIXED, design="lhs", points=4096)
    columns = [study.points[name] for name in ("role_clarity", "workload", "care_weeks")]
    off = np.corrcoef(columns)[np.triu_indices(3, 1)]
    assert np.abs(off).max() < Z_EXACT / np.sqrt(4096)


def test_a_sample_of_sobol_needs_a_power_of_two() -> None:
    with pytest.raises(InputError, match=r"found 100\); did you mean 64 or 128\?"):
        study_of("baseline", MIXED, design="sobol", points=100)
    assert study_of("baseline", MIXED, design="sobol", points=1).count == 1


# --- all designs ---------------------------------------------------------------------------------


@st.composite
def specifications(draw: st.DrawFn) -> dict[str, Any]:
    """Draw factors with any levels that the registry allows."""
    chosen = draw(
        st.lists(
            st.sampled_from(
                [name for name in parameters() if name not in ("care_weeks", "care_weeks_sd")]
            ),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    found: dict[str, Any] = {}
    for name in chosen:
        entry = parameters()[name]
        levels: st.SearchStrategy[Any] = st.floats(entry.low, entry.high, allow_subnormal=False)
        if entry.kind == "choice":
            levels = st.sampled_from(entry.choices)
        elif entry.kind == "count":
            levels = st.integers(int(entry.low), int(entry.high))
        found[name] = draw(st.lists(levels, min_size=1, max_size=3, unique_by=lambda v: v))
    if draw(st.booleans()):
        found["mechanisms.diffusion"] = [False, True]
    return found


@given(specifications(), st.sampled_from(["grid", "oat", "lhs", "sobol"]))
@settings(max_examples=100, deadline=None)
def test_every_point_of_every_design_is_a_scenario(factors: dict[str, Any], design: str) -> None:
    points = 8 if design in ("lhs", "sobol") else None
    study = study_of("baseline", factors, design=design, points=points)
    assert list(study.points) == list(factors)
    assert len(set(rows(study))) == study.count or points
    for point in {0, study.count // 2, study.count - 1}:
        scenario = study.scenario(point)
        for name, value in study.values(point).items():
            if name in scenario.values:
                assert scenario.values[name] == value
        assert loads(scenario.to_toml()) == scenario
