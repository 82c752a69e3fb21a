"""The pages of the documentation, and the code that stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


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
