"""Whether known truths are found again: ranks that must be uniform, and means beside truths."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiment.calibrate.gates import FALSE_ALARM
from sim.parameters import parameters
from sim.plots import style
from sim.plots.calibrate.shown import finish

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.calibrate.calibration import Calibration
    from sim.experiment.calibrate.gates import Recovered

CONTROLS = {
    "honest": ("this calibration", style.BLUE, "-"),
    "halved": ("half as wide (must leave the band)", style.VERMILION, (0, (5, 1.5))),
    "shifted": ("shifted by half an SD (must leave it)", style.VERMILION, (0, (1.2, 1.2))),
}


def ranks_figure(found: "Calibration") -> Figure:
    """Return how far the ranks of known truths are from uniform, and what controls look like."""
    names = [*(parameters()[name].label for name in found.posterior.parameters)]
    names.append("Agreement with the data")
    rows = -(-len(names) // 3)
    with style.styled():
        figure = Figure(figsize=(9.6, 1.2 + 2.0 * rows), layout="constrained")
        panels = np.ravel(figure.subplots(rows, 3, squeeze=False, sharex=True, sharey=True))
        for k, name in enumerate(names):
            _ranks(panels[k], found, k)
            panels[k].set_title(name, fontsize=9.5)
        for axes in panels[len(names) :]:
            axes.set_axis_off()
        for axes in panels[: len(names) : 3]:
            axes.set_ylabel("Above uniform")
        handles, labels = panels[0].get_legend_handles_labels()
        panels[len(names)].legend(
            handles, labels, loc="center left", fontsize=8.5, frameon=False
        ) if len(panels) > len(names) else None
        share = f"{100 * FALSE_ALARM:.0f} %"
        notes = [
            (
                f"Of {len(found.gates.honest.ranks)} known truths near the observation: the share "
                "that lies below each part of its posterior, less that part. A right method stays "
                f"within the grey band in all panels, but for one calibration in 100 ({share})."
            )
        ]
        finish(figure, found, "Are known truths found again?", notes)
    return figure


def _ranks(axes: Axes, found: "Calibration", k: int) -> None:
    truths, quantities = found.gates.honest.ranks.shape
    half = _band(truths, quantities)
    axes.axhspan(-half, half, color=style.FAINT, alpha=0.8, linewidth=0)
    for name, (label, colour, dashes) in CONTROLS.items():
        one: Recovered = getattr(found.gates, name)
        ranks = np.sort(one.ranks[:, k])
        above = (np.arange(truths) + 0.5) / truths - ranks
        axes.plot(ranks, above, color=colour, linestyle=dashes, linewidth=1.6, label=label)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0])


def _band(truths: int, quantities: int) -> float:
    """Return half the width of the band: Kolmogorov's quantile, shared among the quantities."""
    from scipy.stats import kstwo

    return float(kstwo.isf(FALSE_ALARM / quantities, truths))


def ranks_data(found: "Calibration") -> "pd.DataFrame":
    """Return a row for each truth, quantity and control: the share of draws below it."""
    import pandas as pd

    names = [*found.posterior.parameters, "agreement"]
    parts = []
    for name in ("honest", "halved", "shifted", "prior"):
        ranks = getattr(found.gates, name).ranks
        for k, quantity in enumerate(names):
            part = {"method": name, "quantity": quantity, "rank": ranks[:, k]}
            parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def recovery_figure(found: "Calibration") -> Figure:
    """Return how often intervals hold known truths, how means follow them, and contraction."""
    names = found.posterior.parameters
    one = found.gates.honest
    measures = (
        ("Inside the 95 %\ninterval (%)", one.covered_95 * 100.0, 95.0),
        ("Inside the 50 %\ninterval (%)", one.covered_50 * 100.0, 50.0),
        ("Correlation of\nmean and truth", one.correlation, 0.0),
        ("Contraction\n", one.contraction, 0.0),
    )
    with style.styled():
        figure = Figure(figsize=(9.6, 1.1 + 0.34 * len(names)), layout="constrained")
        panels = figure.subplots(1, 4, sharey=True)
        for axes, (title, values, aim) in zip(panels, measures, strict=True):
            axes.axvline(aim, color=style.GREY, linewidth=1.0)
            if aim > 1.0:
                share = aim / 100.0
                half = 100.0 * 2.58 * np.sqrt(share * (1.0 - share) / len(one.ranks))
                axes.axvspan(aim - half, aim + half, color=style.FAINT, alpha=0.8, linewidth=0)
            axes.plot(values, range(len(names)), "o", color=style.BLUE, markersize=6)
            axes.set_title(title, fontsize=9, weight="normal")
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.tick_params(axis="y", length=0)
        labels = [parameters()[name].label for name in names]
        panels[0].set_yticks(range(len(names)), labels, fontsize=8.5)
        panels[2].set_xlim(min(-0.1, float(one.correlation.min()) - 0.05), 1.0)
        panels[3].set_xlim(min(-0.1, float(one.contraction.min()) - 0.05), 1.0)
        notes = [
            (
                f"Over {len(one.ranks)} known truths near the observation. Grey: what 99 % of "
                "right methods give. Contraction here is that near the observation, over draws "
                "within bounds."
            )
        ]
        finish(figure, found, "How well known truths are found", notes)
    return figure


def recovery_data(found: "Calibration") -> "pd.DataFrame":
    """Return a row for each rule; see `parameter_rows`."""
    import pandas as pd

    from sim.experiment.calibrate.calibration import parameter_rows

    return pd.DataFrame(parameter_rows(found))
