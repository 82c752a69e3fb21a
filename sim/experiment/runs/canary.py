"""Eight runs whose bits show whether a machine still gives the numbers a result was begun with."""

import hashlib

from sim.batch import Room, room_for, run_batch
from sim.experiment.runs.plan import Plan
from sim.world import recipe

RUNS = 8
MOST_WORK = 2_000_000
"""Agents x weeks of one such run: of a large organisation only the first weeks are run."""


def canary(plan: Plan) -> str:
    """Return the hash of the bits of eight runs spread over a plan's points.

    They are run without agents of one's own, whose source has a hash of its own.
    """
    digest = hashlib.sha256()
    room: Room | None = None
    for k in range(RUNS):
        point = k * (plan.count - 1) // (RUNS - 1)
        made = plan.recipe(point)
        weeks = min(made.weeks, max(1, MOST_WORK // made.agents))
        made = recipe(made.scenario, weeks)
        room = room_for(made, room)
        replicate = int(plan.first_replicate[point]) + k
        kept = run_batch(made, plan.seed, (replicate,), room, weekly=True)
        for bits in (kept.outcomes, kept.weekly, kept.spans):
            digest.update(bits.tobytes())
    return digest.hexdigest()[:16]
