import json

from click.testing import CliRunner, Result

from sim.cli import main
from tests.texts import LABEL


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["trace", *arguments])


def test_a_story_is_printed_in_sentences_with_reasons_and_the_label() -> None:
    found = call("baseline", "--agent", "0/clinician/2", "--replicate", "9")
    assert found.exit_code == 0
    assert LABEL in found.stdout
    assert "mainly because of" in found.stdout
    lines = found.stdout.splitlines()[1:]
    assert all(line.startswith("Week ") and line.endswith(".") for line in lines)


def test_json_tells_the_same_story() -> None:
    found = call("baseline", "--agent", "0", "--replicate", "9", "--json")
    entry = json.loads(found.stdout)
    assert entry["label"] == LABEL
    weeks = [event["week"] for event in entry["events"]]
    assert weeks == sorted(weeks)
    assert any("went live" in event["text"] for event in entry["events"])


def test_an_unknown_agent_or_seed_is_bad_input() -> None:
    for arguments in (
        ("--agent", "0/clinician/999"),
        ("--agent", "nurse"),
        ("--agent", "0", "--seed", "-1"),
        ("--agent", "0", "--set", "leads=x"),
    ):
        found = call("baseline", *arguments)
        assert found.exit_code == 2
        assert "Traceback" not in found.output
