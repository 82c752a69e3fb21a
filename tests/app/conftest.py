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
        # No name but this machine's is found. Chromium refuses its sandbox to root.
        options = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        options += [] if os.getuid() else ["--no-sandbox"]
        found = playwright.chromium.launch(executable_path=path, args=options)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Any, served: Served) -> Iterator[Any]:
    """Return a function that opens the page anew; no page may ask elsewhere, or complain."""
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    def opened(link: str = "/", lang: str = "en", context: Any = None, **options: Any) -> Any:
        locale = {"en": "en-GB", "nl": "nl-NL"}[lang]
        if context is None:
            context = browser.new_context(locale=locale, **options)
            context.set_default_timeout(20_000)
            contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.address + link)
        page.wait_for_selector("#heading")
        return page

    yield opened
    for context in contexts:
        context.close()
    foreign = [url for url in asked if not url.startswith((f"{served.address}/", "blob:", "data:"))]
    assert not foreign, "a request left the page's origin"
    assert not [one for one in complaints if "422" not in one], complaints


@pytest.fixture(scope="session")
def scripts(browser: Any, served: Served) -> Iterator[Any]:
    """Return a page to call the page's modules in: `tests.app.paging.module`."""
    page = browser.new_page()
    page.goto(served.address)
    page.wait_for_selector("#heading")
    yield page
    page.close()
