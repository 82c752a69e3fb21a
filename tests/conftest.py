"""What takes minutes is left out unless asked for; figures are drawn where they are tested."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long form out unless it is asked for by name (`-m long`)."""
    if not config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have empty figures written where a test is about something else.

    Laying out and drawing takes most of the time of a command that keeps figures.
    """
    from sim.plots import style

    monkeypatch.setattr(style, "settle", lambda _: None)
    monkeypatch.setattr(style, "image_of", lambda *_, **__: b"<svg></svg>")
