"""Clocks that jump: nothing in a result, a lock or a limit is told the time of day."""

import itertools
import os
import time
from pathlib import Path

import pytest

from sim.errors import BusyError
from sim.experiment.execute.work import execute
from sim.experiment.store.locks import MANIFEST, claim
from tests.reliability.campaigns import HERE
from tests.reliability.faults import content
from tests.reliability.studies import small_chunks, small_plan


def test_clocks_may_jump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_chunks(1):
        execute(small_plan(), tmp_path / "quiet", HERE)
        jumps = itertools.cycle([0.0, 4e9, 1.0, 1.7e9, -3e8, 9e9])
        monkeypatch.setattr(time, "time", lambda: next(jumps))
        monkeypatch.setattr(time, "time_ns", lambda: int(next(jumps) * 1e9))
        execute(small_plan(), tmp_path / "jumping", HERE)
        assert content(tmp_path / "jumping") == content(tmp_path / "quiet")
        # Neither do dates of files: of the future, of 1970, of another order than they came in.
        for number, path in enumerate(sorted((tmp_path / "jumping").rglob("*"), reverse=True)):
            os.utime(path, (number * 1e8, number * 1e8))
        report = execute(small_plan(), tmp_path / "jumping", HERE)
        assert report.before == report.runs
        assert content(tmp_path / "jumping") == content(tmp_path / "quiet")


def test_a_lock_does_not_grow_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with claim(tmp_path / "r"):
        for path in (tmp_path / "r").iterdir():
            os.utime(path, (0, 0))
        monkeypatch.setattr(time, "time", lambda: 9e9)
        with pytest.raises(BusyError), claim(tmp_path / "r", resume=MANIFEST):
            pass
