"""The teaching notebooks: scripts and notebooks agree, all have what a lesson needs, and run.

Their solutions run in a file of their own, so that two workers share the work.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from jupyter_client.manager import KernelManager

from tests.notebooks.executing import (
    FOLDER,
    MOST_SECONDS,
    NOTEBOOKS,
    SOLUTIONS,
    execute,
    name,
    seconds_in_full,
)

REWRITE = "jupytext --update --to ipynb notebooks/[1-9]-*.py notebooks/solutions/*.py"
ALL = [*NOTEBOOKS, *SOLUTIONS]


def headings(path: Path) -> list[str]:
    """Return the headings of a notebook, in their order."""
    cells = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown"]
    return [line for cell in cells for line in cell.splitlines() if line.startswith("#")]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_there_are_seven_and_each_has_solutions() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == list("1234567")
    assert [path.name for path in SOLUTIONS] == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_script_and_notebook_agree_and_no_output_is_kept(path: Path) -> None:
    notebook = jupytext.read(path.with_suffix(".ipynb"))
    script = jupytext.read(path)
    both = [[(cell.cell_type, cell.source) for cell in one.cells] for one in (script, notebook)]
    assert both[0] == both[1], f"they differ; rewrite the notebook with: {REWRITE}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    for cell in code:
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_has_objectives_minutes_and_three_exercises(path: Path) -> None:
    found = headings(path)
    assert found[0].startswith(f"# {path.name[0]}. ")
    assert found[1:3] == ["## Objectives", "## Minutes"]
    assert re.search(r"^# ## Minutes\n#\n# \d+: ", text(path), re.MULTILINE)
    assert found[-4:] == ["## Exercises", *(f"### Exercise {k}" for k in (1, 2, 3))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_lets_students_predict_run_and_explain(path: Path) -> None:
    steps = [line[4:] for line in headings(path) if line.startswith("### ")][:-3]
    assert len(steps) >= 6
    assert steps == ["Predict", "Run", "Explain"] * (len(steps) // 3)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_checks_what_it_says_and_shows_the_label(path: Path) -> None:
    assert text(path).count("# This cell stops if the text above is no longer true") >= 2
    assert re.search(r"^print\(\w+\.label\)$", text(path), re.MULTILINE)


@pytest.mark.parametrize("path", SOLUTIONS, ids=name)
def test_solutions_solve_every_exercise(path: Path) -> None:
    found = [line for line in headings(path) if line.startswith("## ")]
    assert found == [f"## Exercise {k}" for k in (1, 2, 3)]
    assert "\nassert " in text(path)


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_budget_is_read_in_one_place(path: Path) -> None:
    modules = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert "os" not in modules
    assert "from budget import runs" in text(path)


@pytest.mark.parametrize(
    ("budget", "expected"), [(None, "7"), ("full", "7"), ("small", "2")], ids=str
)
def test_a_budget_chooses_the_number_of_runs(budget: str | None, expected: str) -> None:
    assert ask(budget).stdout.strip() == expected


def test_a_budget_that_is_none_is_refused() -> None:
    found = ask("tiny")
    assert found.returncode != 0
    assert "MIH_BUDGET: found 'tiny', allowed full, small" in found.stderr


def ask(budget: str | None) -> subprocess.CompletedProcess[str]:
    """Ask for 7 runs with the full budget, 2 with the small one."""
    rest = {key: value for key, value in os.environ.items() if key != "MIH_BUDGET"}
    return subprocess.run(
        [sys.executable, "-c", "from budget import runs; print(runs(full=7, small=2))"],
        cwd=FOLDER,
        env=rest if budget is None else rest | {"MIH_BUDGET": budget},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_notebook_runs_on_a_small_budget(path: Path, small: KernelManager) -> None:
    execute(path, small)


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_notebook_runs_in_full_within_a_minute(path: Path) -> None:
    assert seconds_in_full(path) < MOST_SECONDS
