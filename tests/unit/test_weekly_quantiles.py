"""Weekly quantiles over runs are, week by week, those of the runs in which the week is defined."""

import numpy as np
import pytest

from sim.experiment.tables import QUANTILES, weekly_quantiles


@pytest.mark.parametrize("runs", [1, 2, 7, 20, 100])
@pytest.mark.parametrize("undefined", [0.0, 0.3, 1.0])
def test_weeks_at_once_are_weeks_one_by_one(runs: int, undefined: float) -> None:
    rng = np.random.default_rng(runs)
    values = rng.integers(0, 60, (runs, 40)) / 60.0
    values[rng.random(values.shape) < undefined] = np.nan
    found = weekly_quantiles(values)
    for week in range(values.shape[1]):
        known = values[:, week][~np.isnan(values[:, week])]
        expected = [np.nan] * (1 + len(QUANTILES))
        if known.size:
            cuts = np.quantile(known, list(QUANTILES.values()), method="inverted_cdf")
            expected = [known.mean(), *cuts]
        assert np.array_equal([found[name][week] for name in found], expected, equal_nan=True)
