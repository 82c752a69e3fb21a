"""Worker processes that are killed: replaced, and nothing of it shows in the result."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from sim.experiment.execute import pool
from sim.experiment.execute.work import Way, execute
from tests.keeping import read_notes
from tests.reliability.commands import Undisturbed
from tests.reliability.faults import content


@pytest.mark.parametrize(
    ("workers", "killed"), [(4, 1), pytest.param(1, 2, marks=pytest.mark.long)]
)
def test_any_number_of_workers_some_of_them_killed_gives_the_same_bytes(
    undisturbed: Undisturbed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
    killed: int,
) -> None:
    # Some of the work is there already, so that this is no test of patience.
    folder = tmp_path / "r"
    shutil.copytree(undisturbed.folder, folder)
    (folder / "SEAL.json").unlink()
    for chunk in range(1, undisturbed.plan.chunks, 2):
        (folder / "receipts" / f"chunk-{chunk:06d}.json").unlink()
        (folder / "parts" / f"part-{chunk:06d}.parquet").unlink()
    left, give = [killed], pool.Pool._give

    def give_and_kill(self: pool.Pool, worker: pool._Worker, task: pool.Task) -> None:
        give(self, worker, task)
        if task.chunk > 5 and left[0]:
            left[0] -= 1
            os.kill(worker.process.pid, signal.SIGKILL)

    monkeypatch.setattr(pool.Pool, "_give", give_and_kill)
    report = execute(undisturbed.plan, folder, Way(workers=workers))
    assert left == [0]
    assert report.before < report.runs
    assert not report.failed
    assert not report.lost
    assert [one["what"] for one in read_notes(folder)].count("killed") == killed
    assert content(folder) == undisturbed.bytes
