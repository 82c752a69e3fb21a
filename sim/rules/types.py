"""What the rules read: the parameters of a scenario, one float attribute each."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = list[float] | NDArray[np.float64]
"""Several numbers: a list (Mesa engine) or an array (compiled engine)."""


class P(Protocol):
    """The parameters: a record (compiled code) or an object (Python), see `sim.inputs`."""

    def __getattr__(self, name: str) -> float:
        """Return a parameter, a switch or what follows from them."""
