"""Results that are kept: the same runs are never simulated twice."""

from dataclasses import replace

import numpy as np

from sim.app.latest import Latest
from sim.scenario import Scenario
from sim.simulate import Result, run

ROOM = 24
"""Results kept; one of 100 runs over 156 weeks takes about 6 MB."""


class Shelf:
    """The latest results by scenario and seed, the one asked for longest ago being dropped."""

    def __init__(self, room: int = ROOM) -> None:
        self.simulated = 0  # runs so far
        self.results: Latest[tuple[Scenario, int], Result] = Latest(room)

    def runs(self, scenario: Scenario, seed: int, replicates: int) -> Result:
        """Return the first replicates of a scenario, simulating only those not yet there."""
        key = (scenario, seed)
        kept = self.results.take(key)
        there = 0 if kept is None else kept.replicates
        if there < replicates:
            more = run(scenario, replicates - there, seed, first_replicate=there)
            self.simulated += replicates - there
            kept = more if kept is None else followed(kept, more)
        assert kept is not None
        self.results.keep(key, kept)
        return first(kept, replicates)


def followed(result: Result, more: Result) -> Result:
    """Return a result and the replicates that come after its own as one."""
    return replace(
        result,
        outcomes=np.concatenate([result.outcomes, more.outcomes]),
        weekly=np.concatenate([result.weekly, more.weekly]),
        phase_spans=np.concatenate([result.phase_spans, more.phase_spans]),
        sound=np.concatenate([result.sound, more.sound]),
    )


def first(result: Result, replicates: int) -> Result:
    """Return the first replicates of a result."""
    if replicates == result.replicates:
        return result
    return replace(
        result,
        outcomes=result.outcomes[:replicates],
        weekly=result.weekly[:replicates],
        phase_spans=result.phase_spans[:replicates],
        sound=result.sound[:replicates],
    )
