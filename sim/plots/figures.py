"""The figures that go with the result of a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.plots.phases import phases_data, phases_figure
from sim.plots.style import save_figure
from sim.plots.uptake import uptake_data, uptake_figure

if TYPE_CHECKING:
    from sim.simulate import Result


def write_figures(result: "Result", folder: Path, result_id: str | None = None) -> list[Path]:
    """Write every figure of a run as PNG and SVG with its data; return the files."""
    saved = save_figure(uptake_figure(result, result_id), folder, "uptake", uptake_data(result))
    return saved + save_figure(
        phases_figure(result, result_id), folder, "phases", phases_data(result)
    )
