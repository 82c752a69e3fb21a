"""What a calibration leaves of the priors: each rule alone, and two by two."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.parameters import parameters
from sim.plots import style
from sim.plots.calibrate.shown import finish

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.calibrate.calibration import Calibration

BINS = 20


def marginals_figure(found: "Calibration") -> Figure:
    """Return the posterior of each rule over its prior, with what the data took from it."""
    names = found.posterior.parameters
    rows = -(-len(names) // 3)
    with style.styled():
        figure = Figure(figsize=(9.6, 1.3 + 2.1 * rows), layout="constrained")
        panels = np.ravel(figure.subplots(rows, min(3, len(names)), squeeze=False))
        for k, (axes, name) in enumerate(zip(panels, names, strict=False)):
            _marginal(axes, found, k, name)
        for axes in panels[len(names) :]:
            axes.set_axis_off()
        notes = [
            (
                "Bars: posterior, by twentieths of the prior; grey line: the prior, where every "
                "twentieth is as likely. Contraction: 1 - posterior over prior variance; below .1 "
                "the patterns say nothing. Red mark: the draw for new defaults."
            )
        ]
        finish(figure, found, "What the patterns leave of the priors", notes)
    return figure


def _marginal(axes: Axes, found: "Calibration", k: int, name: str) -> None:
    entry = parameters()[name]
    edges = np.linspace(0.0, 1.0, BINS + 1)
    weights = found.posterior.weights
    shares = np.histogram(found.places[:, k], edges, weights=weights)[0] * 100.0
    axes.bar(edges[:-1], shares, width=1.0 / BINS, align="edge", color=style.BLUE, alpha=0.8)
    axes.axhline(100.0 / BINS, color=style.GREY, linewidth=1.2)
    values = np.asarray(found.posterior.values[name], float)
    order = np.argsort(found.places[:, k])
    at = np.interp(float(found.chosen[name]), values[order], found.places[order, k])
    axes.plot(at, 0.0, "^", color=style.VERMILION, markersize=8, clip_on=False, zorder=3)
    axes.set_xlim(0.0, 1.0)
    ticks = np.array([0.0, 0.5, 1.0])
    axes.set_xticks(ticks, [f"{value:.3g}" for value in _scale(name, ticks)])
    axes.set_title(f"{entry.label}\ncontraction {found.contraction[k]:.2f}", fontsize=9.5)
    if k % 3 == 0:
        axes.set_ylabel("Share of draws (%)")


def _scale(name: str, places: np.ndarray) -> np.ndarray:
    from sim.experiment.design.marginals import quantile_of

    entry = parameters()[name]
    assert entry.prior is not None
    return np.asarray(quantile_of(entry, entry.prior, places), float)


def marginals_data(found: "Calibration") -> "pd.DataFrame":
    """Return a row for each draw: its weight, the values and where they stand in the priors."""
    import pandas as pd

    columns = {"weight": found.posterior.weights, **found.posterior.values}
    places = {
        f"place.{name}": found.places[:, k] for k, name in enumerate(found.posterior.parameters)
    }
    return pd.DataFrame({**columns, **places})


def pairs_figure(found: "Calibration") -> Figure:
    """Return the draws two rules at a time, so that what only fits together can be seen."""
    names = found.posterior.parameters
    count = len(names) - 1
    size = found.posterior.weights / found.posterior.weights.max()
    with style.styled():
        figure = Figure(figsize=(9.6, 9.9), layout="constrained")
        panels = figure.subplots(count, count, squeeze=False, sharex="col", sharey="row")
        for i in range(count):
            for j in range(count):
                axes = panels[i][j]
                if j > i:
                    axes.set_axis_off()
                    continue
                x, y = found.places[:, j], found.places[:, i + 1]
                axes.scatter(x, y, s=1.0 + 14.0 * size, color=style.BLUE, alpha=0.35, linewidths=0)
                axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
                r = _correlation(x, y, found.posterior.weights)
                axes.set_title(f"r = {r:.2f}".replace("-", "\N{MINUS SIGN}"), fontsize=8, pad=2)
                if i == count - 1:
                    axes.set_xlabel(parameters()[names[j]].label, fontsize=8.5, wrap=True)
                if j == 0:
                    axes.set_ylabel(parameters()[names[i + 1]].label, fontsize=8.5, wrap=True)
        notes = ["Dots: draws by place in their priors (0 to 1), larger with more weight."]
        finish(figure, found, "Rules that only fit together", notes)
    return figure


def _correlation(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    a, b = x - weights @ x, y - weights @ y
    return float(weights @ (a * b) / np.sqrt((weights @ a**2) * (weights @ b**2)))
