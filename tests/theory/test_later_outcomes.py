"""Outcomes that look back from a later week are those of the weekly record, read by hand."""

import math

import numpy as np
import pytest

from sim.kernel.rows import AFTER_GO_LIVE, AFTER_START
from sim.simulate import Result, run
from tests.theory.worlds import baseline

SMALL = {"clinicians": 10, "caseload": 5, "stop_rate": 0.01, "stop_after": 1.0}


@pytest.fixture(scope="module", params=[120, 208])
def result(request: pytest.FixtureRequest) -> Result:
    return run(baseline(SMALL), 60, 4, weeks=request.param)


def outcome(result: Result, name: str) -> list[float]:
    return result.outcomes[:, 0, result.names.index(name)].tolist()


@pytest.mark.parametrize("since", AFTER_GO_LIVE)
def test_adoption_after_go_live_is_that_of_the_week(result: Result, since: int) -> None:
    found = outcome(result, f"adoption_after_{since}")
    weeks, seen = result.weeks, 0
    for k, live in enumerate(outcome(result, "go_live_week")):
        if math.isnan(live) or live + since > weeks:
            assert math.isnan(found[k])
        else:
            seen += 1
            assert found[k] == result.weekly["adoption"][k, int(live) + since - 1]
    assert 0 < seen < 60


def test_running_after_two_years_looks_at_the_quarter_up_to_then(result: Result) -> None:
    found = outcome(result, f"running_after_{AFTER_START}")
    for k, start in enumerate(outcome(result, "start_week")):
        if math.isnan(start) or start + AFTER_START > result.weeks:
            assert math.isnan(found[k])
        else:
            last = int(start) + AFTER_START
            assert found[k] == float(result.weekly["started"][k, last - 13 : last].any())
    known = {value for value in found if not math.isnan(value)}
    assert known == {0.0, 1.0} if result.weeks > 2 * AFTER_START - 1 else known <= {0.0, 1.0}


def test_the_week_of_a_stop_is_the_first_in_which_the_project_is_stopped(result: Result) -> None:
    stopped = result.weekly["stopped"] > 0.0
    expected = np.where(stopped.any(axis=1), stopped.argmax(axis=1) + 1.0, math.nan)
    assert np.array_equal(outcome(result, "stop_week"), expected, equal_nan=True)
    assert 5 < stopped[:, -1].sum() < 60
