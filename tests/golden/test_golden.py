"""Frozen results: a change of numbers has to be acknowledged in a commit of its own.

Rewrite the file with:  python -m tests.golden.test_golden
"""

import hashlib
import json
import math
from pathlib import Path

import pytest

from sim.scenario import load
from sim.simulate import run

FILE = Path(__file__).with_name("outcomes.json")
SCENARIOS = ("baseline", "role-ambiguity", "one-manager-many-organisations", "default-invitation")
REPLICATES = 5


def mathematics() -> str:
    """Return a fingerprint of exp and log: other libraries may differ in a last bit."""
    text = "".join(f"{math.exp(k / 37.0 - 9.0).hex()}{math.log(k + 0.5).hex()}" for k in range(999))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def outcomes_now() -> dict[str, dict[str, float | None]]:
    found = {}
    for name in SCENARIOS:
        result = run(load(name), REPLICATES, seed=2024)
        found[name] = {key: entry.mean for key, entry in result.summary().items()}
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_outcomes_are_those_on_file(name: str) -> None:
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    if kept["mathematics"] != mathematics():
        pytest.skip("another mathematical library: trajectories may differ in the last bit")
    result = run(load(name), REPLICATES, seed=2024)
    now = {key: entry.mean for key, entry in result.summary().items()}
    assert now.keys() == kept["outcomes"][name].keys()
    for key, value in now.items():
        expected = kept["outcomes"][name][key]  # None: undefined in every run
        assert value == (expected and pytest.approx(expected, rel=1e-12)), key


if __name__ == "__main__":
    entry = {"mathematics": mathematics(), "outcomes": outcomes_now()}
    FILE.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
