"""Stored runs of a scramble are read chunk by chunk, wherever a chunk ends."""

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.execute.work import Way, execute
from sim.experiment.sensitivity.question import Question, checked
from sim.experiment.sensitivity.reading import Read, read_runs
from sim.experiment.sensitivity.stages import plan_of
from sim.experiment.store.stored import open_result
from tests.reliability.studies import small_chunks
from tests.sensitivities import tiny

REPLICATES, LINES, SPLIT = 3, 8, 4


def asked(*series: str) -> Question:
    """Return a question whose scramble has 168 runs of its design and 12 that part the chance."""
    return checked(tiny(weekly=list(series), weekly_every=7), replicates=REPLICATES, split=SPLIT)


def read(question: Question, folder: Path) -> Read:
    """Run the first scramble of a question and read it."""
    design = question.design(0, REPLICATES)
    plan = plan_of(question, design)
    execute(plan, folder, Way(workers=0))
    stored = open_result(folder)
    assert len(stored.chunks) == plan.chunks
    return read_runs(stored, design, None, SPLIT)


def test_chunks_change_nothing_of_what_is_read(tmp_path: Path) -> None:
    question = asked("adoption", "trust")
    whole = read(question, tmp_path / "whole")
    with small_chunks(16):  # a chunk ends within a point, and one after the design's last run
        parts = read(question, tmp_path / "parts")
    assert len(list((tmp_path / "whole" / "weekly").iterdir())) == 1
    assert len(list((tmp_path / "parts" / "weekly").iterdir())) == 12
    assert whole.weekly is not None
    assert whole.again is not None
    assert whole.weekly.shape == (LINES * 7, REPLICATES, 6, 2)
    assert whole.weeks.tolist() == parts.weeks.tolist() == [7, 14, 21, 28, 35, 40]
    for name in ("y", "again", "weekly"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), name)
    # The last week's series is the outcome of the same run.
    np.testing.assert_array_equal(parts.weekly[:, :, -1, 0], whole.y[:, :, 0])


def test_a_series_that_is_undefined_says_how_often_in_all(tmp_path: Path) -> None:
    """The load of users is that of nobody before the platform is live: in every chunk."""
    with small_chunks(16), pytest.raises(InputError) as caught:
        read(asked("adoption", "load_users"), tmp_path / "x")
    message = str(caught.value)
    assert message.startswith("load_users: cannot be decomposed, since it is undefined in ")
    assert f"of {180 * 6:,} rows" in message
    assert "the first is point 0, replicate 0 (" in message
