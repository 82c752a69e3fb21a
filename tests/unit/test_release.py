"""A release says one version everywhere, and carries what it promises."""

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version_stands_everywhere() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    cited = re.search(r"^version: (.+)$", text("CITATION.cff"), re.M)
    newest = re.search(r"^## (\d+\.\d+\.\d+)", text("CHANGELOG.md"), re.M)
    described = json.loads(text("codemeta.json"))["version"]
    assert cited is not None
    assert newest is not None
    assert {project, cited[1], newest[1], described, version("mih-sim")} == {project}


def test_what_the_source_archive_lists_is_there() -> None:
    hatch = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]
    for name in hatch["sdist"]["include"]:
        assert (ROOT / name).exists(), name


def test_constraints_are_versions_only_and_cover_what_is_asked_for() -> None:
    pinned = {}
    for line in text("constraints.txt").splitlines():
        if line.startswith("#"):
            continue
        name, _, number = line.partition("==")
        assert re.fullmatch(r"[\w.+-]+", number), line
        pinned[re.sub(r"[-_.]+", "-", name).lower()] = number
    project = tomllib.loads(text("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    for requirement in asked:
        if "python_version" not in requirement:
            found = re.match(r"[\w.-]+", requirement)
            assert found is not None
            assert re.sub(r"[-_.]+", "-", found[0]).lower() in pinned, requirement
