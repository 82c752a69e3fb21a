"""A posterior as a file: the same bytes, checked when it is read; and draws that count alike."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.errors import InputError
from sim.experiment.calibrate.calibrating import FREE
from sim.experiment.calibrate.calibration import weighted_quantiles
from sim.experiment.calibrate.posterior import Posterior, read_posterior
from sim.experiment.doubt.source import posterior_of
from sim.experiment.store.encoding import parquet_bytes
from sim.parameters import parameters


def made(**changes: object) -> Posterior:
    values = {
        "start_rate": np.array([0.004, 0.006, 0.008]),
        "vacancy_weeks": np.array([4, 6, 8], np.int64),
    }
    weights = np.array([0.5, 0.3, 0.2])
    return Posterior(values, weights, {"seed": 1, "made": "here"} | changes)


def written(folder: Path, **columns: object) -> Path:
    """Write a table that is no right posterior."""
    usual = {"draw": [0, 1], "weight": [0.5, 0.5], "start_rate": [0.004, 0.005]}
    path = folder / "p.parquet"
    path.write_bytes(parquet_bytes(pa.table({k: v for k, v in (usual | columns).items() if v})))
    return path


def test_a_posterior_comes_back_as_it_was_and_the_same_content_is_the_same_bytes(
    tmp_path: Path,
) -> None:
    one = made()
    one.save(tmp_path / "a.parquet")
    made().save(tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    back = read_posterior(tmp_path / "a.parquet")
    assert back.parameters == ("start_rate", "vacancy_weeks")
    assert back.draw(1) == {"start_rate": 0.006, "vacancy_weeks": 6}
    assert isinstance(back.draw(1)["vacancy_weeks"], int)
    assert back.weights.tolist() == one.weights.tolist()
    assert back.provenance == one.provenance
    assert back.id == one.id == made(seed=2).id  # where it comes from decides nothing


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"weight": [0.5, 0.6]}, "weight: must be 0 or more and add to 1 (found 1.1)"),
        ({"weight": [1.5, -0.5]}, "weight: must be 0 or more"),
        ({"start_rate": [0.004, 9e9]}, "start_rate: out of range (found 0.004 to 9e+09"),
        ({"start_rate": [0.004, float("nan")]}, "start_rate: out of range"),
        ({"strat_rate": [0.1, 0.2]}, "strat_rate: no such number in the registry"),
        ({"network": [1.0, 1.0]}, "network: no such number in the registry"),
        ({"draw": None}, "needs columns draw, weight and a parameter each"),
        ({"start_rate": None}, "needs columns draw, weight and a parameter each"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    columns: dict[str, object], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, **columns)
    with pytest.raises(InputError) as caught:
        read_posterior(path)
    assert f"{path}: " in str(caught.value)
    assert said in str(caught.value)


def test_no_file_and_no_parquet_are_no_posterior(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_posterior(tmp_path / "none")
    (tmp_path / "x").write_text("draw,weight\n")
    with pytest.raises(InputError, match="no posterior, or damaged"):
        read_posterior(tmp_path / "x")


@pytest.mark.parametrize("count", [1, 7, 10, 1000])
def test_draws_that_count_alike_come_as_often_as_their_weight_says(count: int) -> None:
    draws = made().equal(count, 3)
    assert len(draws) == count
    assert draws == made().equal(count, 3)
    for k, weight in enumerate((0.5, 0.3, 0.2)):
        times = sum(draw == made().draw(k) for draw in draws)
        assert abs(times - weight * count) < 1.0 + 1e-9


# The one of the package.


def test_the_shipped_posterior_is_of_the_rules_that_are_fitted() -> None:
    shipped = posterior_of("shipped")
    assert shipped.parameters == FREE
    assert shipped.count >= 100
    assert shipped.provenance["seed"] == 1
    for name in FREE:
        prior = parameters()[name].prior
        assert prior is not None
        assert np.all((shipped.values[name] >= prior.a) & (shipped.values[name] <= prior.b))


def test_the_defaults_are_one_of_its_draws_and_say_so() -> None:
    """A joint draw, rounded to three digits: medians of each rule alone may fit nothing."""
    shipped = posterior_of("shipped")
    defaults = {name: float(f"{parameters()[name].default:.3g}") for name in FREE}
    draws = [
        {name: float(f"{value:.3g}") for name, value in shipped.draw(k).items()}
        for k in range(shipped.count)
    ]
    assert defaults in draws
    calibrated = [entry.name for entry in parameters().values() if entry.source == "calibration"]
    assert sorted(calibrated) == sorted(FREE)
    for name in FREE:
        low, _, high = weighted_quantiles(
            shipped.values[name], shipped.weights, (0.025, 0.5, 0.975)
        )
        assert f"{low:.3g} to {high:.3g}" in parameters()[name].reference
