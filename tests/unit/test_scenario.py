"""Scenarios: what loads, what can be changed, what comes back from `to_toml`."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.parameters import Parameter, parameters
from sim.scenario import MECHANISMS, Scenario, loads
from tests.texts import PHASES


def test_a_title_is_enough_and_the_rest_is_the_default() -> None:
    scenario = loads('title = "plain"')
    for name, entry in parameters().items():
        if entry.group != "phases":
            assert scenario.values[name] == entry.default
    assert scenario.mechanisms == dict.fromkeys(MECHANISMS, True)
    assert [phase.name for phase in scenario.phases] == [
        "onboarding",
        "journeys",
        "build",
        "train",
        "evaluate",
    ]
    assert [phase.recurs for phase in scenario.phases] == [False] * 4 + [True]
    assert scenario.phases[2].delay_weeks == parameters()["phases.build.delay_weeks"].default
    assert scenario.attention == ((0, 1.0),)
    assert scenario.differences() == {}


def test_values_have_the_kind_of_their_input() -> None:
    scenario = loads('title = "x"\nlead_hours = 8\ncare_weeks = 30\n')
    assert type(scenario.values["lead_hours"]) is float
    assert type(scenario.values["clinicians"]) is int


def test_minus_zero_is_zero() -> None:
    value = loads('title = "x"\ndiffusion = -0.0').values["diffusion"]
    assert str(value) == "0.0"


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        ("0.4", ((0, 0.4),)),
        ("1", ((0, 1.0),)),
        ("[[0, 1.0], [60, 0.5]]", ((0, 1.0), (60, 0.5))),
    ],
)
def test_attention_is_a_level_or_steps(written: str, steps: tuple[tuple[int, float], ...]) -> None:
    scenario = loads(f'title = "x"\nattention = {written}')
    assert scenario.attention == steps
    assert scenario.values["attention"] == steps[0][1]


def test_shows_may_run_over_lines() -> None:
    assert loads('title = "x"\nshows = """one\n  two"""').shows == "one two"


def test_another_implementation_model_replaces_the_phases() -> None:
    scenario = loads(PHASES)
    first, second = scenario.phases
    assert (first.label, first.label_nl, first.overlaps) == ("Prepare", "Prepare", False)
    assert (second.label, second.recurs, second.team_hours_per_clinician) == ("Look back", True, 0)
    assert loads(scenario.to_toml()) == scenario


def test_phases_of_mih_can_be_changed_one_by_one() -> None:
    scenario = loads('title = "x"\n[phases.build]\noverlaps = true\nteam_hours = 7')
    assert scenario.differences() == {"phases.build.overlaps": True, "phases.build.team_hours": 7.0}
    assert scenario.phases[2].feeds == "usability"


def test_with_values_reaches_everything() -> None:
    changed = loads('title = "x"').with_values(
        {
            "managers": np.int64(2),
            "role_clarity": np.float64(0.25),
            "mechanisms.trust": False,
            "phases.build.team_hours": 80,
            "attention": [(0, 1.0), (10, 0.5)],
            "title": "y",
            "name": "other",
        }
    )
    assert changed.name == "other"
    assert changed.title == "y"
    assert changed.differences() == {
        "role_clarity": 0.25,
        "managers": 2,
        "attention": [[0, 1.0], [10, 0.5]],
        "mechanisms.trust": False,
        "phases.build.team_hours": 80.0,
    }
    assert changed.with_values({"mechanisms": {"trust": True}}).mechanisms["trust"]


def test_phases_of_another_model_are_reached_by_name() -> None:
    changed = loads(PHASES).with_values({"phases.look-back.team_hours": 5})
    assert changed.phases[1].team_hours == 5.0
    with pytest.raises(InputError, match="no such phase"):
        changed.with_values({"phases.build.team_hours": 5})


def test_phases_can_be_handed_over_as_they_are() -> None:
    two = loads(PHASES).phases
    assert loads('title = "x"').replace(phases=two).phases == two


def test_wrong_values_are_refused_without_a_file_in_the_message() -> None:
    with pytest.raises(InputError) as caught:
        loads('title = "x"').replace(role_clarity=3, clarity=1)
    assert len(caught.value.messages) == 2
    assert any(message.startswith("role_clarity: too high") for message in caught.value.messages)


def test_scenarios_are_equal_by_content() -> None:
    one, two = loads('title = "x"\nleads = 2', "one"), loads('title = "x"\nleads = 2', "two")
    assert one == two
    assert hash(one) == hash(two)
    assert one != one.replace(leads=3)
    assert one.replace(leads=3).replace(leads=2) == one
    assert one != "x"


def test_scenarios_travel_to_workers_and_cannot_be_changed() -> None:
    scenario = loads(PHASES)
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    with pytest.raises(TypeError):
        scenario.values["leads"] = 3  # type: ignore[index]


def _values(entry: Parameter) -> st.SearchStrategy[Any]:
    if entry.kind == "choice":
        return st.sampled_from(entry.choices)
    if entry.kind == "count":
        return st.integers(int(entry.low), int(entry.high))
    return st.floats(entry.low, entry.high, allow_subnormal=False)


_FREE = [name for name in parameters() if name not in ("care_weeks", "care_weeks_sd", "attention")]
_TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario with any values that the registry allows."""
    changes: dict[str, Any] = {
        name: draw(_values(parameters()[name]))
        for name in draw(st.lists(st.sampled_from(_FREE), max_size=12, unique=True))
    }
    weeks = sorted(draw(st.sets(st.integers(1, 1040), max_size=4)))
    changes["attention"] = [[week, draw(st.floats(0, 1))] for week in [0, *weeks]]
    for name in draw(st.sets(st.sampled_from(MECHANISMS))):
        changes[f"mechanisms.{name}"] = False
    changes["title"] = draw(_TEXT.filter(lambda text: text.strip() != ""))
    changes["shows"] = draw(_TEXT)
    return loads('title = "x"').with_values(changes)


@given(scenarios())
@settings(max_examples=150, deadline=None)
def test_to_toml_gives_the_same_scenario(scenario: Scenario) -> None:
    again = loads(scenario.to_toml())
    assert again == scenario
    assert again.to_toml() == scenario.to_toml()
    assert again.with_values(scenario.differences()) == scenario


_PIECES = ["title", "shows", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", '"', "'", '"""', "'''"]
_PIECES += ["\n", " ", "#", "\\", "1", "1e308", "nan", "9" * 400, "0x" + "f" * 400, "true"]
_PIECES += ["phases", "build", "mechanisms", "attention", "name", "feeds", "\u202e", "\x00"]
_LINES = ['title = "x"\n', "[mechanisms]\n", "[[phases]]\n", "[phases.build]\n", "managers = "]


@given(st.lists(st.sampled_from([*_PIECES, *_LINES, *list(parameters())[:30]]), max_size=60))
@settings(max_examples=1000, deadline=None)
def test_texts_made_of_toml_pieces_never_surprise(pieces: list[str]) -> None:
    try:
        assert isinstance(loads("".join(pieces)), Scenario)
    except InputError as error:
        assert error.messages
        assert all(message.isprintable() for message in error.messages)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_NAMES = [*parameters(), "phases", "mechanisms", "title", "currency", "name", "phases.build", "x.y"]


@given(st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), _JSON, max_size=4))
@settings(max_examples=500, deadline=None)
def test_values_of_any_kind_never_surprise(changes: dict[str, Any]) -> None:
    try:
        assert isinstance(loads('title = "x"').with_values(changes), Scenario)
    except InputError as error:
        assert error.messages
