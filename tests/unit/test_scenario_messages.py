"""What is said of a wrong scenario file: every kind of message, with its line."""

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.locate import MAX_DEPTH, TooDeepError, locate
from sim.scenario import load, loads
from tests.texts import PHASES


def messages(text: str) -> tuple[str, ...]:
    """Return what is said of a text that must be refused."""
    with pytest.raises(InputError) as caught:
        loads(text, "f.toml")
    return caught.value.messages


BAD: dict[str, str] = {
    'title = "x"\nrole_clarty = 0.3': (
        "f.toml:2: role_clarty: unknown key; did you mean role_clarity?"
    ),
    'title = "x"\n\nrole_clarity = 50': (
        "f.toml:3: role_clarity: too high (found 50, allowed 0.02 to 0.98 share); did you mean 0.5?"
    ),
    'title = "x"\nlead_hours = -1': (
        "f.toml:2: lead_hours: too low (found -1, allowed 0 to 40 hours per week)"
    ),
    'title = "x"\nlead_hours = nan': (
        "f.toml:2: lead_hours: must be a finite number (found nan, allowed 0 to 40 hours per week)"
    ),
    'title = "x"\nlead_hours = inf': "must be a finite number (found inf",
    'title = "x"\nlead_hours = 1e308': "too high (found 1e+308",
    'title = "x"\nlead_hours = 1e999': "must be a finite number",
    'title = "x"\nlead_hours = true': "must be a number (found true",
    'title = "x"\ntrust = false': "to switch the mechanism off, write it under [mechanisms]",
    'title = "x"\nlead_hours = "8 h"': (
        'must be a number (found "8 h", allowed 0 to 40 hours per week); did you mean 8?'
    ),
    'title = "x"\nkey_users = "25 %"': "did you mean 0.25?",
    'title = "x"\nlead_hours = [1]': "must be a number (found a list",
    'title = "x"\nlead_hours = 1979-05-27': "must be a number (found 1979-05-27",
    'title = "x"\nmanagers = 2.0': (
        "must be a whole number (found 2.0, allowed 0 to 500 people); did you mean 2?"
    ),
    'title = "x"\nmanagers = 2.5': "must be a whole number (found 2.5, allowed 0 to 500 people)",
    'title = "x"\nmanagers = true': "must be a whole number (found true",
    'title = "x"\nmanagers = 9223372036854775808': "f.toml:2: managers: an integer too large",
    'title = "x"\nnothing = 9223372036854775808': "f.toml:2: nothing: an integer too large",
    'title = "x"\nrollout = "team"': (
        'not one of the choices (found "team", allowed all, teams); did you mean "teams"?'
    ),
    'title = "x"\nkey_users = 12': (
        "f.toml:2: key_users: more key-users than clinicians; write them as a share of the "
        "clinicians (found 12, allowed 0 to 1 share of clinicians); did you mean 0.12?"
    ),
    'title = "x"\nteam_hours = 3': "did you mean team_hours under a phase, as in [phases.build]?",
    'title = "x"\n[build]\nteam_hours = 3': "did you mean [phases.build]?",
    'title = "x"\n[conditions]\ntrust = 0.3': "unknown table; its keys stand without a table",
    'title = "x"\n[mechanisms]\nlead_hours = 3': (
        "f.toml:3: mechanisms.lead_hours: unknown key; "
        "did you mean lead_hours above the first [table]?"
    ),
    'title = "x"\n[mechanisms]\ntrust = 0.5': (
        "f.toml:3: mechanisms.trust: must be true or false (found 0.5); "
        "a level stands above the first [table], here a mechanism is on or off"
    ),
    'title = "x"\n[mechanisms]\ntrsut = true': "did you mean trust?",
    'title = "x"\nmechanisms = 3': "f.toml:2: mechanisms: must be a table (found 3)",
    'title = "x"\nphases = 3': "f.toml:2: phases: must be tables, [phases.build] or [[phases]]",
    'title = "x"\nphases = []': (
        "f.toml:2: phases: too many phases or none (found 0, allowed 1 to 12)"
    ),
    'title = "x"\nphases = [3]': "f.toml:2: phases[0]: must be a table (found 3)",
    'title = "x"\n[phases.pilot]\nteam_hours = 3': "f.toml:2: phases.pilot: unknown key",
    'title = "x"\n[phases.build]\nteam_hours = -3': (
        "f.toml:3: phases.build.team_hours: too low (found -3, allowed 0 to 5000 hours)"
    ),
    'title = "x"\n[phases.build]\nfeeds = "fit"': "f.toml:3: phases.build.feeds: unknown key",
    "role_clarity = 0.3": "f.toml:1: title: missing",
    'title = " "': "f.toml:1: title: empty",
    "title = 3": "f.toml:1: title: must be text (found 3)",
    f'title = "{"x" * 201}"': "title: too long (allowed 200 characters)",
    'title = "a\\u202eb"': (
        "f.toml:1: title: contains the invisible character U+202E (right-to-left override)"
    ),
    'title = "a\\u0000b"': "f.toml:1: title: contains the invisible character U+0000",
    'title = "a\\nb"': "f.toml:1: title: contains the invisible character U+000A",
    'title = "x"\nshows = "a\\u0007"': "f.toml:2: shows: contains the invisible character U+0007",
    'title = "x"\n"a\\u202eb" = 3': 'f.toml:2: "a\\u202eb": the key contains',
    'title = "x"\ncurrency = "euro"': 'allowed three capital letters such as "EUR"',
    'title = "x"\nattention = 50': (
        "f.toml:2: attention: too high (found 50, allowed 0 to 1 share); did you mean 0.5?"
    ),
    'title = "x"\nattention = []': "f.toml:2: attention: steps must begin in week 0",
    'title = "x"\nattention = [[4, 1.0]]': "f.toml:2: attention: steps must begin in week 0",
    'title = "x"\nattention = [[0, 1.0], [0, 0.5]]': "the weeks of the steps must rise",
    'title = "x"\nattention = [[0, 1.0],\n[9, 2.0]]': (
        "f.toml:3: attention[1][1]: too high (found 2.0"
    ),
    'title = "x"\nattention = [[0, 1.0],\n[2000, 1.0]]': (
        "f.toml:3: attention[1][0]: too high (found 2000, allowed 0 to 1040 weeks)"
    ),
    'title = "x"\nattention = [0.5]': "attention[0]: must be a pair [week, level]",
    'title = "x"\nattention = [[0, 1.0, 2]]': "attention[0]: must be a pair [week, level]",
    'title = "x"\ncare_weeks_sd = 200': (
        "f.toml:2: care_weeks_sd: does not fit the mean weeks of care "
        "(found 200, allowed 3.32 to 105 for a mean of 33.2)"
    ),
    'title = "x"\ncare_weeks = 2': "f.toml:2: care_weeks: does not fit the mean weeks of care",
    PHASES.replace(
        "look-back", "prepare"
    ): 'f.toml:9: phases[1].name: another phase is called "prepare"',
    PHASES.replace("repair", "fit"): 'f.toml:11: phases[1].feeds: another phase feeds "fit"',
    PHASES.replace('"fit"', '"fits"'): "f.toml:4: phases[0].feeds: not one of the choices",
    PHASES.replace('feeds = "fit"\n', ""): "f.toml:2: phases[0].feeds: missing",
    PHASES.replace("look-back", "Look back"): "f.toml:9: phases[1].name: not as it should be",
    PHASES.replace(
        "recurs", "recur"
    ): "f.toml:12: phases[1].recur: unknown key; did you mean recurs?",
    PHASES.replace("team_hours = 10.5", "recurs = true\nteam_hours = 1"): (
        "f.toml:2: phases: at least one phase must not recur"
    ),
    PHASES.replace("recurs = true\n", "").replace(
        "team_hours = 10.5", "recurs = true\nteam_hours = 1"
    ): ("f.toml:9: phases[1]: a phase that recurs must come after those that do not"),
    "": "f.toml:1: empty: a scenario needs at least a title",
    "\n  \n": "f.toml:1: empty",
    "# only a remark\n": "f.toml:1: empty",
    'title = "x"\nleads = 2\n\nleads = 3': "f.toml:4: leads: given twice (first in line 2)",
    'title = "x"\n[mechanisms]\n[mechanisms]': (
        "f.toml:3: mechanisms: given twice (first in line 2)"
    ),
    'title = "x"\n[mechanisms]\ntrust=true\n"trust"=true': (
        "f.toml:4: mechanisms.trust: given twice (first in line 3)"
    ),
    'title = "x"\nlead_hours = 0,5': "f.toml:2: not TOML: ",
    'title = "x"\nlead_hours': "f.toml:2: not TOML: ",
    'title = "x"\nshows = """': "f.toml:2: not TOML: ",
    'title = "x"\nleads = ' + "1" * 5000: "not TOML: ",
    'title = "x"\nleads = ' + "[" * 20000: "f.toml:2: tables or lists too deep",
    'title = "x"\nleads = ' + "{a=" * 20000: "f.toml:2: tables or lists too deep",
    'title = "x"\n' + "a." * 20000 + "a = 1": "f.toml:2: tables or lists too deep",
    "x" * 70000: "f.toml: too large (allowed 64 kB)",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_one_problem_gives_one_message(text: str) -> None:
    found = messages(text)
    assert len(found) == 1
    assert found[0].startswith("f.toml:")
    assert BAD[text] in found[0]
    assert found[0].isprintable()


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    text = """title = "many"
shows = '''
role_clarity = 3
[[phases]]
'''
"role_clarity" = 3 # too much
phases.build.team_hours = -1
lead_hours = 8
care_weeks_sd = 200
[mechanisms] # on and off
"trust" = 0.5
"""
    heads = [message.split(": ")[:2] for message in messages(text)]
    assert heads == [
        ["f.toml:6", "role_clarity"],
        ["f.toml:7", "phases.build.team_hours"],
        ["f.toml:9", "care_weeks_sd"],
        ["f.toml:11", "mechanisms.trust"],
    ]


def test_very_many_problems_are_counted_not_listed() -> None:
    found = messages('title = "x"\n' + "\n".join(f"k{number} = 1" for number in range(5000)))
    assert len(found) == 101
    assert found[-1] == "f.toml: and 4900 more problems"


def test_mistakes_in_names_of_files_are_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean baseline"):
        load("basline")
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(InputError, match="a folder"):
        load(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        load("a\0b.toml")
    with pytest.raises(InputError):
        load("a" * 5000)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mark.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "x"\n')
    scenario = load(path)
    assert (scenario.name, scenario.source) == ("mark", str(path))


def test_times_of_day_after_a_date_do_not_shift_the_lines() -> None:
    found = messages('title = "x"\nleads = 1979-05-27 07:32:00\nmanagers = -1')
    assert [message.split(": ")[0] for message in found] == ["f.toml:2", "f.toml:3"]


def test_lines_of_every_kind_of_key() -> None:
    text = """a = 1
"b c".d = "x # y"  # remark
e = [
  1, { f = 2 },
  '''
  g = 1
  ''',
]
[h."i.j"]
k = '''
l = 3'''
[[m]]
n = 1
[m.o]
[[m]]
n = { p = 1, q.r = [[], []] }
"""
    assert locate(text).first == {
        ("a",): 1,
        ("b c",): 2,
        ("b c", "d"): 2,
        ("e",): 3,
        ("e", 0): 4,
        ("e", 1): 4,
        ("e", 1, "f"): 4,
        ("e", 2): 5,
        ("h",): 9,
        ("h", "i.j"): 9,
        ("h", "i.j", "k"): 10,
        ("m",): 12,
        ("m", 0): 12,
        ("m", 0, "n"): 13,
        ("m", 0, "o"): 14,
        ("m", 1): 15,
        ("m", 1, "n"): 16,
        ("m", 1, "n", "p"): 16,
        ("m", 1, "n", "q"): 16,
        ("m", 1, "n", "q", "r"): 16,
        ("m", 1, "n", "q", "r", 0): 16,
        ("m", 1, "n", "q", "r", 1): 16,
    }
    assert locate(text).again == []


def test_depth_is_bounded() -> None:
    locate("a = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(TooDeepError):
        locate("a = " + "[" * (MAX_DEPTH + 2))
