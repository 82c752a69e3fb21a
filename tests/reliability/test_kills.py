"""Real sweeps with workers, killed at random times; then the same again."""

import numpy as np

from tests.reliability.commands import Undisturbed, kill_campaign


def test_a_sweep_that_is_killed_goes_on_to_the_same_bytes(undisturbed: Undisturbed) -> None:
    tally = kill_campaign(undisturbed, 2, np.random.default_rng(1))
    assert tally.faults == 2
    assert tally.wrong == []
