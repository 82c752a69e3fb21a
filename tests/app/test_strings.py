"""Words of the page: two languages with the same keys and places, all used, all there."""

import json
import re
from pathlib import Path

import pytest

import sim.app
from sim import layout, trace
from sim.app import fields
from sim.experiment.units import LABEL_MEANS
from sim.outcomes import LABEL
from sim.parameters import SOURCES, parameters

STATIC = Path(sim.app.__file__).parent / "static"
EN, NL = (
    json.loads((STATIC / "strings" / f"{lang}.json").read_text(encoding="utf-8"))
    for lang in ("en", "nl")
)
SCRIPTS = sorted(STATIC.rglob("*.js"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(EN) == list(NL)


def test_both_languages_fill_the_same_places() -> None:
    for key, text in EN.items():
        places = [sorted(re.findall(r"\{\w+\}", one)) for one in (text, NL[key])]
        assert places[0] == places[1], key
        assert bool(text) == bool(NL[key]), key


def test_every_key_of_the_scripts_exists_and_every_key_is_used() -> None:
    literal = set(re.findall(r"\bt\(\s*\"([^\"]+)\"", CODE))
    literal |= {one for pair in re.findall(r"\? \"([\w.]+)\" : \"([\w.]+)\"", CODE) for one in pair}
    literal &= {*EN, *re.findall(r"\bt\(\s*\"([^\"]+)\"", CODE)}
    heads = set(re.findall(r"\bt\(\s*`([\w.]+)\$\{", CODE))
    assert literal <= set(EN)
    for head in heads:
        assert any(key.startswith(head) for key in EN), head
    heads.add("label.")  # looked up by the label of the model
    unused = [key for key in EN if key not in literal and not key.startswith(tuple(heads))]
    assert not unused


def test_every_input_has_help_a_unit_and_words_for_its_choices() -> None:
    for name in fields.INPUTS:
        entry = parameters()[name]
        assert EN[f"help.{name}"]
        assert f"unit.{entry.unit}" in EN
        assert all(f"choice.{name}.{choice}" in EN for choice in entry.choices)
    assert all(f"evidence.{source}" in EN for source in SOURCES)


def test_what_must_be_said_beside_every_number_has_words() -> None:
    for label in {LABEL, *LABEL_MEANS}:
        assert EN[f"label.{label}"]
        assert EN[f"label.{label}.long"]


def test_every_reason_and_event_of_a_story_has_words() -> None:
    for pair in trace.WORDS.values():
        assert all(f"reason.{words}" in EN for words in pair)
    clinician = range(layout.LEFT_POST, layout.LAPSED_USE + 1)
    patient = range(layout.ACCEPTED, layout.LEFT_CARE + 1)
    for role, events in (("clinician", clinician), ("patient", patient)):
        for event in events:
            assert f"event.{role}.{layout.EVENTS[event].replace(' ', '_')}" in EN


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_short_and_never_read_text_as_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    assert not re.search(banned, text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
