"""`sim.explain` under draws of the rules: each run has one, the same in every combination."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.calibrate.posterior import Posterior
from sim.experiment.explain.barriers import ATTAINABLE, WORDS
from sim.experiment.explain.explaining import explain
from sim.experiment.explain.explanation import Explanation
from sim.parameters import parameters
from sim.scenario import loads
from sim.simulate import run

FEW = loads('title = "small"\nclinicians = 6\ncaseload = 2\nweeks = 80\n').with_values(
    {name: parameters()[name].attainable for name in WORDS if name not in ("workload", "trust")}
)
"""Two barriers are there: overload and a weak relationship."""


def posterior_of(*rates: float) -> Posterior:
    values = {"start_rate": np.array(rates)}
    return Posterior(values, np.full(len(rates), 1.0 / len(rates)), {"from": "a test"})


def costs(found: Explanation) -> dict[str, float | None]:
    return {name: one.share.difference for name, one in found.main.barriers.items()}


def test_draws_that_are_the_defaults_change_no_number() -> None:
    usual = explain(FEW, 8, workers=0)
    drawn = explain(
        FEW, 8, posterior=posterior_of(float(parameters()["start_rate"].default)), workers=0
    )
    assert costs(drawn) == costs(usual)
    assert drawn.ledger == usual.ledger
    assert drawn.as_json()["definitions"] == usual.as_json()["definitions"]
    assert drawn.drawn is not None
    assert usual.drawn is None


def test_each_run_has_a_draw_of_its_own_in_every_combination() -> None:
    found = explain(FEW, 6, posterior=posterior_of(0.0, 0.5), workers=0)
    draws = found.question.draws
    assert sorted(draw["start_rate"] for draw in draws) == [0.0] * 3 + [0.5] * 3
    best = FEW.with_values({one: parameters()[one].attainable for one in ("workload", "trust")})
    for scenario, values in ((FEW, found.main.now), (best, found.main.then)):
        for k, draw in enumerate(draws):
            result = run(scenario.with_values(draw), 1, first_replicate=k)
            adoption = result.outcomes[0, :, result.names.index("adoption")].mean()
            assert values[k] == pytest.approx(adoption, abs=1e-15)


def test_costs_add_up_to_the_gap_and_the_json_names_the_draws() -> None:
    given = posterior_of(0.01, 0.2)
    found = explain(FEW, 6, posterior=given, workers=0)
    whole = sum(value for value in costs(found).values() if value is not None)
    assert found.main.gap.difference == pytest.approx(whole, abs=1e-12)
    told = found.as_json()
    assert told["posterior"] == {"id": given.id, "parameters": ["start_rate"]}
    assert told["combinations"] == len(found.question.points)
    assert told["runs"] == 6 * len(found.question.points)
    assert found.costs[ATTAINABLE].barriers["role_clarity"].share.difference == 0.0


def test_a_rule_that_is_set_or_is_a_barrier_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="start_rate: set by the scenario"):
        explain(FEW.with_values({"start_rate": 0.2}), 8, posterior=posterior_of(0.01, 0.2))
    barrier = Posterior({"trust": np.array([0.4, 0.6])}, np.array([0.5, 0.5]), {})
    with pytest.raises(InputError, match="trust: set by"):
        explain(FEW, 8, posterior=barrier)
