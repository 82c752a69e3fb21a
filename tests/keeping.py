"""A result kept as ``mih run --out`` keeps it, and the diagnostics that a folder holds."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.experiment.store.folder import ATTEMPTS
from sim.experiment.store.keeping import fill
from sim.experiment.store.locks import claim
from sim.simulate import Result


def write_result(
    result: Result, folder: Path, *, command: Sequence[str], force: bool = False
) -> str:
    """Write the runs of one scenario to a folder and return the result's id."""
    with claim(folder, force=force):
        return fill(result, folder, command)


def read_notes(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of diagnostics; a line that is torn or damaged is left out."""
    try:
        text = (folder / ATTEMPTS).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
