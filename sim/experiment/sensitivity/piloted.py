"""What the pilot of an analysis said."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piloted:
    """What the pilot said: the best number of replicates, and what it took it from.

    ``half_width``: the largest of total effects to expect of the main run, None if it cannot be
    said. ``result``: id of its sealed sweep.
    """

    best: int
    ranked: tuple[str, ...]
    by_name: Mapping[str, float]
    half_width: float | None
    runs: int
    result: str
