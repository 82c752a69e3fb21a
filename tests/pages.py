"""The pages of the documentation, and the code that stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

FILES = {
    "README.md": ("mine.toml",),
    "experiments.md": ("study.toml",),
    "scenario-files.md": ("department.toml",),
    "tutorial-planner.md": ("mine.toml",),
    "tutorial-researcher.md": ("study.toml",),
}
"""What the blocks of TOML of a page are called, in order."""

DESCRIBED = {
    "app.md": {
        "base-case.toml": 'title = "Base case"\nclinicians = 20\n',
        "plan-1.toml": 'title = "Plan 1"\nclinicians = 20\nleads = 2\n',
    },
    "human-resources.md": {
        "five-years.toml": 'title = "Five years"\nweeks = 260\nproject_weeks = 260\n'
    },
}
"""Files that a page describes in words, or that the page in the browser writes."""


def all_blocks(text: str) -> list[tuple[str, str]]:
    """Return each fenced block of a page: its language and its content."""
    return re.findall(r"^```([a-z]+)\n(.*?)^```", text, re.M | re.S)


def blocks(language: str, text: str) -> list[str]:
    """Return the code blocks of a page in a language."""
    return [content for found, content in all_blocks(text) if found == language]


def commands(block: str) -> Iterator[str]:
    """Yield each call of mih in a block of shell, on one line, without its comment."""
    for line in block.replace("\\\n", " ").splitlines():
        for part in re.split(r"\s#|&&", line):
            if found := re.match(r"\s*(?:\.venv/bin/)?(mih .*)", part):
                yield " ".join(found[1].split())
