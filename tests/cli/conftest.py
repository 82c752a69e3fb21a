"""Commands are tested with empty figures, but for one test of each that draws."""

import pytest


@pytest.fixture(autouse=True)
def _few_figures(request: pytest.FixtureRequest) -> None:
    if not request.node.get_closest_marker("drawn"):
        request.getfixturevalue("undrawn")
