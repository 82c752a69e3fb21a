"""Notebooks and their solutions: where they are, and running them."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jupytext
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[1-9]-*.py"))
SOLUTIONS = sorted((FOLDER / "solutions").glob("[1-9]-*.py"))
MOST_SECONDS = 60.0
"""What a notebook may take with the full budget, on two processors."""


def name(path: Path) -> str:
    """Return the name of a notebook in the list of tests."""
    return path.stem


@contextmanager
def kernel() -> Iterator[KernelManager]:
    """Start a kernel in which notebooks make few runs; starting one takes longer than they do."""
    manager, client = start_new_kernel(env=os.environ | {"MIH_BUDGET": "small"})
    client.stop_channels()
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def execute(path: Path, manager: KernelManager) -> None:
    """Execute every cell of a notebook in its own folder, without names of earlier ones.

    Raises nbclient.exceptions.CellExecutionError at the first cell that fails.
    """
    notebook = jupytext.read(path)
    notebook.cells.insert(0, new_code_cell(f"%reset -f\n%cd -q {path.parent}"))
    client = NotebookClient(notebook, km=manager, timeout=300)
    client.execute()
    client.kc.stop_channels()  # the kernel goes on, the connection to it does not


def seconds_in_full(path: Path) -> float:
    """Execute a notebook with the full budget in a kernel of its own; return how long it took."""
    notebook = jupytext.read(path)
    started = time.monotonic()
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=300, resources=where)
    client.execute(env=os.environ | {"MIH_BUDGET": "full"})
    return time.monotonic() - started
