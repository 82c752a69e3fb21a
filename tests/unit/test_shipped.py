"""The scenarios that come with the package."""

import json
import tomllib
from typing import Any

import pytest

from sim.parameters import parameters
from sim.scenario import json_schema, load, shipped, shipped_folder

PLANNED = """baseline role-ambiguity overload low-motivation diffusion-of-responsibility
underestimated-work weak-relationship misaligned-expectations low-engagement lead-leaves
thin-vendor-support one-manager-many-organisations more-leads more-key-users protected-time
role-agreements team-by-team sessions-replaced default-invitation evaluate-never best-practice
national"""


def written(name: str) -> dict[str, Any]:
    """Return what the file of a shipped scenario says."""
    return tomllib.loads((shipped_folder() / f"{name}.toml").read_text(encoding="utf-8"))


def test_all_are_there_and_the_baseline_comes_first() -> None:
    assert sorted(shipped()) == sorted(PLANNED.split())
    assert shipped()[0] == "baseline"


@pytest.mark.parametrize("name", shipped())
def test_it_loads_and_says_what_it_shows(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.shows.endswith(".")
    assert scenario.shows.count(". ") == 0


@pytest.mark.parametrize("name", shipped())
def test_it_differs_where_it_says_and_nowhere_else(name: str) -> None:
    raw = written(name)
    said = {key for key in raw if key not in ("title", "shows")}
    assert set(load(name).differences()) == said
    for key in said:
        assert raw[key] != parameters()[key].default


def test_titles_and_sentences_are_all_different() -> None:
    scenarios = [load(name) for name in shipped()]
    assert len({scenario.title for scenario in scenarios}) == len(scenarios)
    assert len({scenario.shows for scenario in scenarios}) == len(scenarios)


def test_the_baseline_is_the_default() -> None:
    assert load("baseline").differences() == {}


def test_the_national_case_has_its_size() -> None:
    values = load("national").values
    clinicians = int(values["organisations"]) * int(values["clinicians"])
    assert clinicians == 30_000
    assert clinicians * int(values["caseload"]) == 600_000


def test_the_schema_for_editors_is_up_to_date() -> None:
    path = shipped_folder() / "scenario.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema()
