"""Parts of an analysis with known answers: the response to a factor, and what a pilot promises."""

from dataclasses import replace

import numpy as np
import pytest

from sim.experiment.sensitivity import expected
from sim.experiment.sensitivity.contract import ranks, shares_of_whole
from sim.experiment.sensitivity.design import Design, design_of, seeds_of
from sim.experiment.sensitivity.factor import Factor, factors_of
from sim.experiment.sensitivity.found import Sensitivity
from sim.experiment.sensitivity.pilot import pilot_design
from sim.experiment.sensitivity.response import Response, bins_of, responses
from sim.experiment.sensitivity.run import sensitivity
from sim.experiment.sensitivity.sentences import sentences
from sim.experiment.sensitivity.sobol import sobol_indices
from tests.sensitivities import FEW, tiny
from tests.theory.simulators import hetero, units

FACTORS = factors_of(units(4))


def runs_of(design: Design) -> np.ndarray:
    """Return the outcomes of the stochastic test case (METHODS.md 3.4) on a design."""
    return hetero(design.points, seeds_of(design.first_replicate, design.replicates, design.seed))


def found_responses(factors: tuple[Factor, ...] = FACTORS) -> tuple[Response, ...]:
    designs = [design_of(factors, 256, number, 2, 1) for number in range(8)]
    return responses(factors, [bins_of(one, runs_of(one)) for one in designs])


def test_the_response_to_a_factor_is_its_mean_over_the_others() -> None:
    first, second, spread_only, inert = found_responses()
    np.testing.assert_allclose(first.at, np.arange(1, 16, 2) / 16, atol=0.005)
    # E[y | x1] = 4 x1 + 1 and E[y | x2] = 2 + 2 x2.
    assert np.abs(first.mean.value[:, 0] - (4 * first.at + 1)).max() < 0.1
    for one, slope in ((first, 4.0), (second, 2.0)):
        rise = slope * (one.at[-1] - one.at[0])
        assert one.rise.low[0] - 0.05 < rise < one.rise.high[0] + 0.05
    assert first.rise.low[0] > 0.0
    for one in (spread_only, inert):  # the one moves only how widely runs differ
        assert one.rise.holds_zero[0]


def test_levels_have_a_slice_each_in_rising_order() -> None:
    levels = Factor("x1", (0.75, 0.25), weights=(1.0, 3.0))
    words = Factor("x2", ("no", "yes"))
    one, other, *_ = found_responses((levels, words, *FACTORS[2:]))
    assert one.at.tolist() == [0.25, 0.75]
    assert one.rise.value[0] == pytest.approx(2.0, abs=0.4)
    assert other.at.tolist() == [0.0, 1.0]


def test_a_pilot_promises_no_narrower_intervals_than_come_out_on_average() -> None:
    ratios = []
    for seed in range(1, 7):
        pilot = pilot_design(FACTORS, seed)
        y = runs_of(pilot)[:, :, 0]
        said = expected.half_width(pilot, y, lines=64, scrambles=8, replicates=2)
        assert said is not None
        found = sobol_indices(hetero, units(4), outcomes=["y"], n=64, replicates=2, seed=seed)
        ratios.append(found.table.total.half_width.max() / said)
    assert 0.2 < np.mean(ratios) < 1.0


def test_four_times_the_lines_halve_the_promise_and_one_scramble_has_none() -> None:
    pilot = pilot_design(FACTORS, 1)
    y = runs_of(pilot)[:, :, 0]

    def said(lines: int, scrambles: int = 8) -> float | None:
        return expected.half_width(pilot, y, lines=lines, scrambles=scrambles, replicates=4)

    few, many = said(64), said(256)
    assert few is not None
    assert many == pytest.approx(few / 2)
    assert said(64, 1) is None


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    study = tiny(
        factors={"motivation": "prior", "leads": [1, 2], "invitation": ["clinician", "default"]}
    )
    return sensitivity(study, **FEW | {"replicates": 4, "scrambles": 4, "points": 32})


def test_there_is_a_sentence_for_each_factor_in_words_with_its_interval(found: Sensitivity) -> None:
    said = sentences(found)
    assert said[0].startswith("Of how much single runs differ in adoption, ")
    assert "lies between organisations" in said[0]
    starts = [line.partition(":")[0] for line in said[1:4]]
    assert sorted(starts) == ["Motivation", "Project leads", "Who invites patients"]
    assert starts[0] == "Motivation"  # by falling effect
    assert " of what the factors do to adoption" in said[1]
    assert "higher in the highest eighth of this factor than in the lowest" in said[1]
    assert "invitation" not in " ".join(said)  # labels, not names
    assert [line.partition(":")[0] for line in said[4:]] == ["Screening", "Ranking", "Values"]


def test_an_effect_below_zero_is_chance_and_said_to_be_none(found: Sensitivity) -> None:
    table = found.indices.table
    total = replace(table.total, value=table.total.value - 2, low=table.total.low - 2)
    total = replace(total, high=np.full_like(total.high, -0.1))
    below = replace(found, indices=replace(found.indices, table=replace(table, total=total)))
    assert all("no effect on adoption can be told from 0" in line for line in sentences(below)[1:4])


def test_shares_of_single_runs_are_all_of_it(found: Sensitivity) -> None:
    for k in range(len(found.indices.outcomes)):
        parts = shares_of_whole(found.indices, k)
        assert sum(float(one.value) for _, one in parts) == pytest.approx(1.0)
        assert [name for name, _ in parts][-2:] == ["between organisations", "chance within"]


def test_tied_factors_share_a_rank_and_unclear_ones_have_none(found: Sensitivity) -> None:
    lights = replace(found.indices.lights[0], ties=(("a", "b"), ("c",)), indistinct=("d",))
    assert ranks(lights, ("c", "d", "b", "a")) == [3, None, 1, 1]
