"""What runs will roughly take in time and memory, before they are started."""

import os
from dataclasses import dataclass
from pathlib import Path

from sim import layout
from sim.errors import TooLargeError
from sim.world import Recipe

LONGEST_RUN = 6 * 3600.0
"""Seconds of estimated time above which a run has to be asked for twice."""

MOST_MEMORY = 0.8
"""Share of the free memory above which a run has to be asked for twice."""

BYTES = {
    "patient": layout.PATIENT.itemsize,
    "clinician": layout.CLINICIAN.itemsize,
    "tie": 4,
    "week": layout.SERIES.itemsize + layout.COHORT.itemsize,
}
SECONDS = {"clinician": 1.1e-7, "patient": 7e-9, "organisation": 2e-6}
"""Rough cost of one agent in one week on the compiled engine (benchmarks/engines.py)."""

MESA_SLOWER = 150.0
"""Roughly how much slower the Mesa engine is; only for estimates."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will roughly take."""

    agents: int
    bytes: int
    seconds: float


def estimate(made: Recipe, replicates: int, workers: int = 1, *, mesa: bool = False) -> Estimate:
    """Return roughly what some replicates take; constants, so that a result has no clock in it."""
    p = made.p[0]
    posts = made.organisations * made.clinicians
    patients = posts * made.caseload
    ties = posts * (made.clinicians / max(1.0, float(p.team_count)) + 2 * float(p.network_ties))
    rows = made.weeks * made.organisations
    one = patients * BYTES["patient"] + posts * BYTES["clinician"] + ties * BYTES["tie"]
    one += rows * BYTES["week"]
    kept = replicates * (made.weeks * layout.SERIES.itemsize + made.organisations * 600)
    seconds = (
        replicates
        * made.weeks
        * (
            posts * SECONDS["clinician"]
            + patients * SECONDS["patient"]
            + made.organisations * SECONDS["organisation"]
        )
    )
    together = min(workers, replicates)
    if mesa:
        return Estimate(made.agents, int(one * 25 + kept), seconds * MESA_SLOWER)
    return Estimate(made.agents, int(one * together + kept), seconds / together)


def refuse_too_large(expected: Estimate) -> None:
    """Raise TooLargeError if a run needs more memory than is free, or very long."""
    free = free_memory()
    size = f"{expected.agents:,} agents need about {gigabytes(expected.bytes)} of memory"
    time = f"and {expected.seconds / 3600:.1f} hours"
    if free is not None and expected.bytes > MOST_MEMORY * free:
        reason = f"{gigabytes(free)} are free"
    elif expected.seconds > LONGEST_RUN:
        reason = f"more than {LONGEST_RUN / 3600:.0f} hours are not started unasked"
    else:
        return
    raise TooLargeError(
        f"too large: {size} {time}, {reason}. Make organisations, clinicians, caseload, weeks or "
        "replicates smaller, or run it all the same with --allow-large (Python: allow_large=True)."
    )


def gigabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e9:,.1f} GB"


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int | None:
    """Return the bytes of memory that are free, or None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
