"""``mih export``: a result for other programs."""

from pathlib import Path

import click

from sim.commands.progress import shown


def export_command(
    folder: str,
    *,
    out: str,
    kind: str | None,
    force: bool,
    allow_failed: bool,
    allow_partial: bool,
) -> None:
    """Write a result as CSV or netCDF; see `sim.experiment.export.exporting.export` for errors."""
    from sim.experiment.export.exporting import export
    from sim.experiment.store.folder import read_manifest

    total = read_manifest(Path(folder)).get("runs", 0)
    chosen = kind or ("netcdf" if Path(out).suffix == ".nc" else "csv")
    with shown(total if isinstance(total, int) else 0) as progress:
        stored = export(
            folder,
            out,
            chosen,
            force=force,
            allow_failed=allow_failed,
            allow_partial=allow_partial,
            progress=progress,
        )
    runs = f"{stored.done:,} of {stored.plan.runs:,} runs"
    state = f"result {stored.result}" if stored.sealed else "not sealed"
    click.echo(f"written to {out} ({runs}; {state})", err=True)
