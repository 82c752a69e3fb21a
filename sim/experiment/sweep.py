"""``sim.sweep``: run a study and get tidy frames."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import IncompleteError
from sim.experiment.design.study import Study, load_study
from sim.experiment.doubt.nested import over
from sim.experiment.doubt.source import Given
from sim.experiment.execute.work import Report, Way, execute
from sim.experiment.progress import Progress
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.stored import Stored, named, open_result


def sweep(
    study: Study | str | Path,
    out: str | Path | None = None,
    *,
    agents: Mapping[type, type] | None = None,
    posterior: Given | None = None,
    force: bool = False,
    accept_drift: bool = False,
    progress: Progress | None = None,
    **way: Any,
) -> Stored:
    """Run the points of a study and return them with their runs.

    Calling it again with the same folder goes on where it stopped. A result depends on the study
    and its seed alone: not on workers, shards or the order of work.

    Args:
        study: a study (`load_study`, `study_of`), the path of a study file or a shipped name.
        out: the folder that keeps the runs; None = keep nothing but what is returned.
        agents: classes of agents to replace by subclasses; they run on the Mesa engine.
        posterior: draws of the rules to run each point over (`Posterior`, a file of
            ``mih calibrate``, or "shipped"), the same at all points; see
            `sim.experiment.doubt.nested`. What is returned has a point for each organisation under
            each draw; its summary and figures are of the study's points.
        force: move an existing folder aside and begin anew.
        accept_drift: do so only if it was begun by another plan, code or machine.
        progress: called with the number of runs finished so far.
        **way: ``workers``, ``shard``, ``dask``, ``timeout``, ``allow_failed``, ``allow_large``,
            see `sim.experiment.execute.work.Way`.

    Raises:
        InputError: a study or an option that cannot be, or a folder that holds something else.
        BusyError, DriftError, TooLargeError, DiskError: see `sim.experiment.execute.work.execute`.
        IncompleteError: runs failed, and ``allow_failed`` is not given.

    """
    chosen = study if isinstance(study, Study) else load_study(study)
    plan = plan_of_study(chosen, own=own_of(agents), command=("sim.sweep", chosen.name))
    plan = over(plan, posterior)
    options = Way(**way)

    def run(folder: Path) -> Stored:
        report = execute(
            plan, folder, options, force=force, accept_drift=accept_drift, progress=progress
        )
        if not options.allow_failed:
            refuse_failed(report)
        return open_result(folder)

    if out is not None:
        return run(Path(out))
    with tempfile.TemporaryDirectory(prefix="mih-sim-") as place:
        found = run(Path(place) / "sweep")
        # Read now what will be gone with the folder.
        _ = found.points, found.runs, found.organisations, found.weekly
    return found


def refuse_failed(report: Report) -> None:
    """Raise IncompleteError naming the runs of a report that failed, if there are any."""
    failed = [*report.failed, *report.lost]
    if failed:
        head = f"{report.folder}: {len(failed)} of {report.runs:,} runs failed:"
        raise IncompleteError("\n".join([head, *named(failed)]))
