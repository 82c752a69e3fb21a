"""The solutions of the notebooks' exercises run."""

from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from tests.notebooks.executing import MOST_SECONDS, SOLUTIONS, execute, name, seconds_in_full


@pytest.mark.parametrize("path", SOLUTIONS, ids=name)
def test_solutions_run_on_a_small_budget(path: Path, small: KernelManager) -> None:
    execute(path, small)


@pytest.mark.long
@pytest.mark.parametrize("path", SOLUTIONS, ids=name)
def test_solutions_run_in_full_within_a_minute(path: Path) -> None:
    assert seconds_in_full(path) < MOST_SECONDS
