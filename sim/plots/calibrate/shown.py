"""What the figures of a calibration have in common."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.experiment.numbers import count
from sim.plots import style

if TYPE_CHECKING:
    from sim.experiment.calibrate.calibration import Calibration

LETTERS = 16.0
"""Letters of a caption on an inch."""


def finish(figure: Figure, found: "Calibration", title: str, notes: Sequence[str]) -> Figure:
    """Put title and caption on a figure, which grows by as much as the caption needs."""
    width, height = (float(side) for side in figure.get_size_inches())
    figure.suptitle(title, x=0.1 / width, ha="left", weight="bold", fontsize=12)
    facts = [
        "Calibration",
        count(found.bank.count, "draw"),
        f"{count(found.posterior.count, 'draw')} kept",
        f"seed {found.asked['seed']}",
        f"posterior {found.posterior.id}",
    ]
    lines = textwrap.wrap(" ".join(notes), int(width * LETTERS), break_on_hyphens=False)
    figure.set_size_inches(width, height + 0.17 * (len(lines) + 2))
    for text in figure.findobj(Text):  # a dollar sign in a label is one
        text.set_parse_math(False)
    style.caption_of(figure, facts, found.label, None, lines)
    style.settle(figure)
    return figure
