"""Blocks ``generated`` of a page: what is made from the package when the site is built."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import sim
from sim.parameters import LEVELS, outcomes
from sim.schema import json_schema

ROOT = Path(__file__).resolve().parents[2]
_LEVEL_TITLES = dict(zip(LEVELS, ("Clinicians", "Patients", "Organisations", "Cost"), strict=True))


def _table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield from ("", _row(headings), "|---" * len(headings) + "|")
    yield from map(_row, rows)
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def outcomes_page() -> Iterator[str]:
    """Yield the lines of Markdown about all outcomes, a table for each level."""
    for level in LEVELS:
        yield f"## {_LEVEL_TITLES[level]}"
        headings = ("name", "label", "in Dutch", "unit", "better", "definition", "framework")
        rows = [
            (f"`{o.name}`", o.label, o.label_nl, o.unit, o.better, o.definition, o.maps_to or "-")
            for o in outcomes().values()
            if o.level == level
        ]
        yield from _table(headings, rows)


def schema_page() -> Iterator[str]:
    """Yield the lines of Markdown about scenario files, a table for each kind of record."""
    schema = json_schema()
    yield "## The file itself"
    yield from _keys(schema)
    for name, record in schema["$defs"].items():
        yield from (f"## {name}", record.get("description", ""))
        yield from _keys(record)


def _keys(record: dict[str, Any]) -> Iterator[str]:
    needed = record.get("required", [])
    rows = [
        (
            f"`{key}`",
            _allowed(found),
            "needed" if key in needed else _default(found),
            found.get("description", found.get("title", "")),
        )
        for key, found in record["properties"].items()
    ]
    yield from _table(("key", "allowed", "default", "meaning"), rows)


def _allowed(found: dict[str, Any]) -> str:
    """Say in words what a part of a JSON Schema allows."""
    if "$ref" in found:
        name = found["$ref"].rsplit("/", 1)[1]
        return f"a table: [{name}](#{name.lower()})"
    if "anyOf" in found or "oneOf" in found:
        return " or ".join(map(_allowed, found.get("anyOf") or found["oneOf"]))
    if "enum" in found:
        return ", ".join(f"`{value}`" for value in found["enum"])
    kind = found["type"]
    if kind == "array":
        items = found.get("items", {})
        return f"a list of {_allowed(items)}" if items else "a pair: week, level"
    if "minimum" in found:
        ends = f"{found['minimum']:g}" + (f" to {found['maximum']:g}" if "maximum" in found else "")
        return f"{'whole, ' if kind == 'integer' else ''}{ends}"
    words = {
        "string": "text",
        "boolean": "`true`, `false`",
        "number": "a number",
        "null": "nothing",
    }
    limit = f", up to {found['maxLength']} characters" if "maxLength" in found else ""
    return words[kind] + limit


def _default(found: dict[str, Any]) -> str:
    default = found.get("default")
    return "-" if default in (None, "") else f"`{json.dumps(default)}`"


def notebooks_page() -> Iterator[str]:
    """Yield a list of the notebooks, each with its title, to open in Jupyter."""
    found = sorted((ROOT / "notebooks").glob("**/*.ipynb"))
    if not found:
        yield "There are no notebooks in this checkout."
    for path in found:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        titles = [line[2:] for text in texts for line in text.splitlines() if line.startswith("# ")]
        name = path.relative_to(ROOT)
        yield f"- [{titles[0] if titles else path.stem}](../{name.as_posix()}): `{name}`"


def python_page() -> Iterator[str]:
    """Yield the directives that document every name of the package."""
    functions = [name for name in sim.__all__ if not inspect.isclass(getattr(sim, name))]
    classes = [name for name in sim.__all__ if name not in functions]
    for title, names, kind in (
        ("Functions", functions, "autofunction"),
        ("What they return, and what you extend", classes, "autoclass"),
    ):
        yield f"## {title}"
        for name in names:
            members = [] if kind == "autofunction" else ["   :members:"]
            directive = [f".. {kind}:: sim.{name}", *members]
            yield from ("", f"### {name}", "", "```{eval-rst}", *directive, "```")


_FROM_ROOT = {"](docs/": "](", "](README.md": "](index.md", "](CHANGELOG.md": "](changelog.md"}


def root_page(name: str) -> Iterator[str]:
    """Yield the lines of a page of the root below its title, with links as seen from docs/."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for link, seen in _FROM_ROOT.items():
        text = text.replace(link, seen)
    yield from text.splitlines()[1:]


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "changelog": partial(root_page, "CHANGELOG.md"),
    "contributing": partial(root_page, "CONTRIBUTING.md"),
    "notebooks": notebooks_page,
    "outcomes": outcomes_page,
    "python": python_page,
    "schema": schema_page,
}


def fill(_: Sphinx, __: str, source: list[str]) -> None:
    """Put the lines of `PAGES` in the place of the blocks ``generated`` of a page.

    Raises ExtensionError for an unknown name.
    """
    source[0] = re.sub(r"^```\{generated\} (.*)\n```$", _lines, source[0], flags=re.M)


def _lines(block: re.Match[str]) -> str:
    if block[1] not in PAGES:
        allowed = ", ".join(PAGES)
        raise ExtensionError(f"generated: unknown page {block[1]!r}, allowed: {allowed}")
    return "\n".join(PAGES[block[1]]())


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill each page when it is read."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
