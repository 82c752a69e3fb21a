"""All figures of a calibration, each with its data."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.plots.calibrate.gates import ranks_data, ranks_figure, recovery_data, recovery_figure
from sim.plots.calibrate.patterns import patterns_data, patterns_figure
from sim.plots.calibrate.posterior import marginals_data, marginals_figure, pairs_figure
from sim.plots.style import save_figure

if TYPE_CHECKING:
    from sim.experiment.calibrate.calibration import Calibration


def write_calibration_figures(found: "Calibration", folder: Path) -> list[Path]:
    """Write the figures with their data; return the files. Raises DiskError."""
    saved = save_figure(patterns_figure(found), folder, "patterns", patterns_data(found))
    saved += save_figure(marginals_figure(found), folder, "marginals", marginals_data(found))
    if len(found.posterior.parameters) > 1:
        saved += save_figure(pairs_figure(found), folder, "pairs", marginals_data(found))
    saved += save_figure(ranks_figure(found), folder, "ranks", ranks_data(found))
    saved += save_figure(recovery_figure(found), folder, "recovery", recovery_data(found))
    return saved
