"""How a benchmark prints its figures: a table for people, JSON for programs."""

import argparse
import json
from collections.abc import Callable


def report(measure: Callable[[], dict[str, float]], text: str | None) -> None:
    """Measure and print; ``--json`` for programs. ``text``: what the benchmark says of itself."""
    parser = argparse.ArgumentParser(description=(text or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    found = measure()
    if asked.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:40s} {value:10.3f}")
