"""The kernel without compilation: the same Python code gives the same bits.

Run with NUMBA_DISABLE_JIT=1 and --cov=sim.kernel --cov=sim.rules this also measures coverage.
"""

import hashlib
import os
import subprocess
import sys
from random import Random

import numba
import pytest

from sim.simulate import run_compiled
from sim.world import recipe
from tests.drawing import random_scenario

SEEDS = range(6)


def fingerprint() -> str:
    """Return a hash of the tapes of some random scenarios, events included."""
    digest = hashlib.sha256()
    for seed in SEEDS:
        made = recipe(random_scenario(Random(seed)))
        tape = run_compiled(made, seed, 0, events=True)
        for part in (tape.series, tape.cohorts, tape.totals, tape.progress, tape.events):
            digest.update(part.tobytes())
    return digest.hexdigest()


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_plain_python_gives_the_bits_of_compiled_code() -> None:
    if numba.config.DISABLE_JIT:
        assert fingerprint() == fingerprint()
        return
    program = "from tests.coupling.test_plain import fingerprint; print(fingerprint())"
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == fingerprint()
