"""What the figures of a calibration have in common."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.experiment.numbers import count
from sim.plots import style

if TYPE_CHECKING:
    from sim.experiment.calibrate.calibration import Calibration

LETTERS = 16.0
"""Letters of a caption on an inch."""


def finish(figure: Figure, found: "Calibration", title: str, notes: Sequence[str]) -> Figure:
    """Put title and caption on a figure, which grows by as much as the caption needs."""
    width = float(figure.get_size_inches()[0])
    facts = [
        "Calibration",
        count(found.bank.count, "draw"),
        f"{count(found.posterior.count, 'draw')} kept",
        f"seed {found.asked['seed']}",
        f"posterior {found.posterior.id}",
    ]
    lines = textwrap.wrap(" ".join(notes), int(width * LETTERS), break_on_hyphens=False)
    return style.finish(figure, title, facts, found.label, None, lines)
