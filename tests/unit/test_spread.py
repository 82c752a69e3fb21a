import numpy as np
import pytest

from sim.draws import generator
from sim.scenario import load
from sim.simulate import run
from sim.spread import between_organisations, intraclass


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_the_estimator_finds_a_known_share(share: float) -> None:
    draws = generator(1, f"spread {share}")
    common, n = draws.normal(size=20_000), 20_000
    a = np.sqrt(share) * common + np.sqrt(1 - share) * draws.normal(size=n)
    b = np.sqrt(share) * common + np.sqrt(1 - share) * draws.normal(size=n)
    found = intraclass(a, b)
    assert found is not None
    assert found.share == pytest.approx(share, abs=0.03)  # 4 standard errors
    assert found.ci_low <= found.share <= found.ci_high


def test_alike_organisations_and_people_leave_only_chance() -> None:
    alike = {"organisation_sd": 0.0, "load_organisation_sd": 0.0, "stop_rate": 0.0}
    found = between_organisations(run(load("baseline").with_values(alike), 100))
    assert found["adoption"].ci_low <= 0.05


def test_organisations_that_go_on_differ_by_who_they_are_and_stops_are_luck() -> None:
    going_on = run(load("baseline").with_values({"stop_rate": 0.0}), 200)
    found = between_organisations(going_on)
    assert found["adoption"].ci_low > 0.6
    assert between_organisations(going_on) == found  # no luck of its own
    assert (
        between_organisations(run("baseline", 200))["adoption"].ci_high < found["adoption"].ci_low
    )


def test_nothing_is_said_about_too_few_runs_or_no_spread() -> None:
    assert between_organisations(run("baseline", 5)) == {}
    never = load("baseline").with_values({"project_weeks": 0})
    assert between_organisations(run(never, 30)) == {}
