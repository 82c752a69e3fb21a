"""Factors of a study for the estimators: counts, choices, and ranges of other widths."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.design.marginals import quantile_of
from sim.experiment.design.varying import input_of
from sim.experiment.sensitivity.question import checked
from sim.experiment.sensitivity.study import columns_of, factors_of_study, points_of, scaled
from sim.parameters import Parameter, Prior, parameters
from tests.sensitivities import BASE, tiny
from tests.tolerances import ROUNDING

PRIORS = [name for name, entry in parameters().items() if entry.prior is not None]


def test_points_of_a_design_are_what_a_plan_holds_and_come_back_from_it() -> None:
    question = checked(tiny(), replicates=2)
    design = question.design(0, 2)
    columns = columns_of(BASE, design.columns())
    assert columns["leads"].dtype == np.int64
    assert set(columns["leads"].tolist()) == {1, 2, 3}
    assert columns["mechanisms.trust"].dtype == np.bool_
    assert set(columns["invitation"].tolist()) == {"clinician", "default"}
    assert columns["role_clarity"].dtype == np.float64
    BASE.with_values({name: column[3].item() for name, column in columns.items()})
    np.testing.assert_array_equal(points_of(question.factors, columns), design.points)


def test_a_foreign_level_is_no_level() -> None:
    factors = factors_of_study(tiny(factors={"network": ["teams", "random"], "trust": "prior"}))
    columns = {"network": np.array(["random", "full"]), "trust": np.array([0.4, 0.5])}
    np.testing.assert_array_equal(points_of(factors, columns), [[1.0, 0.4], [-1.0, 0.5]])


def test_a_normal_distribution_ends_where_its_input_does() -> None:
    (factor,) = factors_of_study(tiny(factors={"trust": {"prior": ["normal", 0.5, 0.4]}}))
    values = factor.values(np.linspace(0.001, 0.999, 99))
    assert parameters()["trust"].low <= values.min() < 0.03
    assert np.all(np.diff(values) > 0.0)


@pytest.mark.parametrize("name", PRIORS)
@pytest.mark.parametrize("width", [0.5, 2.0])
def test_a_scaled_prior_of_the_registry_stays_within_bounds(name: str, width: float) -> None:
    entry = parameters()[name]
    assert entry.prior is not None
    values = quantile_of(entry, scaled(entry.prior, entry, width), np.linspace(0.001, 0.999, 99))
    own = quantile_of(entry, entry.prior, np.linspace(0.001, 0.999, 99))
    assert entry.low <= values.min() <= values.max() <= entry.high
    reach, before = np.ptp(values), np.ptp(own)
    # A prior that fills its range cannot be wider.
    assert reach < before if width < 1.0 else reach >= before


@given(
    low=st.floats(1.0, 2.0), size=st.floats(0.1, 5.0), width=st.floats(0.1, 10.0),
    kind=st.sampled_from(["uniform", "loguniform", "normal", "beta"]),
)  # fmt: skip
def test_a_scaled_distribution_keeps_its_middle_where_nothing_is_cut(
    low: float, size: float, width: float, kind: str
) -> None:
    found = scaled(Prior(kind, low, low + size), _boundless(), width)
    if kind == "normal":
        assert (found.a, found.b) == (low, pytest.approx((low + size) * width, rel=ROUNDING))
    elif kind == "beta":
        mean = low / (2 * low + size)
        assert found.a / (found.a + found.b) == pytest.approx(mean, rel=1e-9)
        assert found.a > 0.0
    elif kind == "uniform":
        assert found.a + found.b == pytest.approx(2 * low + size, rel=1e-9)
        assert found.b - found.a == pytest.approx(width * size, rel=1e-9)
    else:
        assert found.a * found.b == pytest.approx(low * (low + size), rel=1e-9)
        assert found.b / found.a == pytest.approx(((low + size) / low) ** width, rel=1e-9)


def _boundless() -> Parameter:
    what = input_of("manager_rate", BASE)
    assert what is not None
    assert what.entry is not None
    return replace(what.entry, low=-np.inf, high=np.inf)


def test_levels_stay_as_they_are_over_other_ranges() -> None:
    study = tiny()
    for one, other in zip(factors_of_study(study), factors_of_study(study, 2.0), strict=True):
        assert (one.marginal == other.marginal) == isinstance(one.marginal, tuple)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": 12}, "--points: must be a power of two (found 12"),
        ({"scrambles": 0}, "--scrambles: found 0, allowed 1 to 99"),
        ({"replicates": 1}, "--replicates: found 1, allowed 2 to 1,024"),
        ({"budget": 9}, "--budget: only together with --until"),
        ({"until": "green"}, "--until: no such light (found green, allowed screening"),
        ({"split": -1}, "--split: found -1"),
        ({"spread": True, "replicates": 2}, "--spread: needs 4 replicates or more (found 2)"),
        ({"ranges": (1.0,)}, "--ranges: out of range (found 1, allowed 0.1 to 10, not 1)"),
        ({"ranges": (2.0, 2.0)}, "--ranges: a width given twice"),
        ({"target": "adoptoin>=0.5"}, "did you mean adoption?"),
        ({"target": "reach>=0.5"}, "no outcome is called"),
    ],
)
def test_an_option_that_cannot_be_is_named(options: dict, said: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(tiny(), **options)
    assert said in str(caught.value)


def test_all_problems_come_at_once() -> None:
    grid = tiny(design="grid", points=None, factors={"leads": [1, 2]})
    with pytest.raises(InputError) as caught:
        checked(grid, points=3, scrambles=0, split=-1)
    assert len(caught.value.messages) == 4
    assert 'allowed "sobol" with a number of points' in caught.value.messages[0]


def test_a_factor_with_one_level_does_not_vary() -> None:
    with pytest.raises(InputError, match="leads: needs at least two levels"):
        checked(tiny(factors={"leads": [1], "trust": "prior"}))


def test_inputs_that_do_not_go_together_are_found_before_anything_runs() -> None:
    wide = {"care_weeks": "prior", "care_weeks_sd": {"prior": ["uniform", 1, 60]}}
    scaled_up = tiny(factors=wide, points=2, seed=3)
    with pytest.raises(InputError, match="choose narrower distributions"):
        checked(scaled_up, points=256)
