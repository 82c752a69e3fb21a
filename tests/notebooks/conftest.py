"""A kernel for the notebooks of a test file."""

from collections.abc import Iterator

import pytest
from jupyter_client.manager import KernelManager

from tests.notebooks.executing import kernel


@pytest.fixture(scope="module")
def small() -> Iterator[KernelManager]:
    with kernel() as manager:
        yield manager
