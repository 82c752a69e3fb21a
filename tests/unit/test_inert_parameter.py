"""A parameter of our own model that drives nothing scores exactly 0: prices, of all but cost."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sim
from sim import parameters
from sim.batch import room_for, run_batch
from sim.experiment.sensitivity.factor import Floats
from sim.experiment.sensitivity.jackknife import Interval
from sim.experiment.sensitivity.run import sensitivity
from sim.parameters import Prior
from sim.world import recipe
from tests.sensitivities import BASE, FACTORS, FEW, tiny

PRICES = ("manager_rate", "lead_rate", "clinician_rate", "licence")

LIVELY = BASE.with_values({"leads": 2, "protected_hours": 1.0, "start_rate": 0.2})
"""An organisation whose price of every kind is paid: all four move its cost."""

RATES: dict[str, sim.Factor] = {
    name: sim.Factor(name, Prior("uniform", low, high))
    for name, low, high in (
        ("role_clarity", 0.2, 0.8),
        ("clinician_rate", 20.0, 200.0),
        ("motivation", 0.2, 0.8),
    )
}

INERT = list(RATES).index("clinician_rate")


def apart(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Say whether two arrays differ in a bit."""
    return a.shape != b.shape or a.tobytes() != b.tobytes()


def exactly_nothing(found: Interval) -> bool:
    """Say whether an estimate and both of its ends are 0."""
    return all(not np.any(one) for one in (found.value, found.low, found.high))


@pytest.mark.parametrize("name", PRICES)
def test_a_price_ten_times_as_high_changes_no_bit_of_what_is_no_cost(name: str) -> None:
    usual, dear = (
        sim.run(LIVELY.with_values({name: price}), 20, seed=3)
        for price in (LIVELY.values[name], 10.0 * LIVELY.values[name])
    )
    costs = {one for one, entry in parameters.outcomes().items() if entry.level == "cost"}
    moved = {
        one for k, one in enumerate(usual.names)
        if apart(usual.outcomes[:, :, k], dear.outcomes[:, :, k])
    }  # fmt: skip
    assert moved == costs
    series = usual.weekly.dtype.names or ()
    assert [one for one in series if apart(usual.weekly[one], dear.weekly[one])] == ["cost"]
    assert not apart(usual.phase_spans, dear.phase_spans)
    assert not apart(usual.sound, dear.sound)


def adoption_and_cost(points: Floats, seeds: NDArray[np.int64]) -> Floats:
    """Return adoption and cost of each week, (rows, replicates, weeks, 2)."""
    weeks, room = int(BASE.values["weeks"]), None
    found = np.empty((*seeds.shape, weeks, 2))
    for row, point in enumerate(points.tolist()):
        made = recipe(BASE.with_values(dict(zip(RATES, point, strict=True))))
        room = room_for(made, room)
        for r, seed in enumerate(seeds[row].tolist()):
            kept = run_batch(made, seed, [0], room, weekly=True)
            found[row, r, :, 0] = kept.weekly["adoption"][0]
            found[row, r, :, 1] = kept.weekly["cost"][0]
    return found


def test_a_price_drives_exactly_nothing_of_adoption_in_any_week_and_some_of_cost() -> None:
    runs: list[Floats] = []

    def model(points: Floats, seeds: NDArray[np.int64]) -> Floats:
        runs.append(adoption_and_cost(points, seeds))
        return runs[-1]

    n = 64
    found = sim.sobol_indices(
        model, list(RATES.values()), outcomes=["adoption", "cost"], n=n, scrambles=4,
        replicates=4, second_order=True, spread=True,
    )  # fmt: skip
    assert len(runs) == 4
    for y in runs:  # a row and the same row with another price: the same bits
        blocks = y.reshape(-1, n, *y.shape[1:])
        for before, after in ((0, 2 + INERT), (1, 5 + INERT)):
            assert not apart(blocks[before, ..., 0], blocks[after, ..., 0])
            assert apart(blocks[before, ..., 1], blocks[after, ..., 1])
    assert found.spread is not None
    assert found.spread.weekly is not None
    assert found.weekly is not None
    for table in (found.table, found.spread.table):
        assert exactly_nothing(table.first[INERT, 0])
        assert exactly_nothing(table.total[INERT, 0])
    for weekly in (found.weekly, found.spread.weekly):
        assert exactly_nothing(weekly.first_variance[INERT, :, 0])
        assert exactly_nothing(weekly.total_variance[INERT, :, 0])
    # The same analysis sees what does move something.
    for factor, outcome in ((0, 0), (2, 0), (INERT, 1)):
        assert found.table.total.low[factor, outcome] > 0.0
    assert found.table.indistinct[:, 0].tolist() == [False, True, False]


def test_a_price_drives_exactly_nothing_of_adoption_through_files_either() -> None:
    factors = FACTORS | {"clinician_rate": {"prior": ["uniform", 20.0, 200.0]}}
    study = tiny(
        factors=factors, outcomes=["adoption", "go_live_week", "cost"],
        weekly=["adoption", "cost"], weekly_every=8,
        base=BASE.with_values({"stop_rate": 0.0, "start_rate": 0.05}),
    )  # fmt: skip
    found = sensitivity(study, **FEW, target="adoption>=0.2")
    place = list(factors).index("clinician_rate")
    assert found.weekly is not None
    assert found.weekly.weekly is not None
    assert found.indices.outcomes == ("adoption", "go_live_week", "cost", "adoption>=0.2")
    for outcome in (0, 1, 3):
        assert exactly_nothing(found.indices.table.first[place, outcome])
        assert exactly_nothing(found.indices.table.total[place, outcome])
    assert exactly_nothing(found.weekly.weekly.total_variance[place, :, 0])
    assert found.indices.table.total.value[place, 2] > 0.0
