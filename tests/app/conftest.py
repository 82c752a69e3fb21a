"""A server for all tests of a worker, and Debian's Chromium through Playwright."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.serving import Served, serving


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        reason = "no Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root.
        options = [] if os.getuid() else ["--no-sandbox"]
        found = playwright.chromium.launch(executable_path=path, args=options)
        yield found
        found.close()
