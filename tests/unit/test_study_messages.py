"""What is said of a wrong study: every kind of message, with its line."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.design.study import Study, load_study, loads_study, study_of

HEAD = 'title = "x"\nscenario = "baseline"\n'
"""Two lines; what a test adds begins in line 3."""


def messages(text: str, folder: Path | None = None) -> tuple[str, ...]:
    """Return what is said of a study that must be refused."""
    with pytest.raises(InputError) as caught:
        loads_study(text, "f.toml", folder)
    return caught.value.messages


def factor(line: str) -> str:
    """Return a study with one factor, in line 4."""
    return f"{HEAD}[factors]\n{line}"


SAMPLED = f'{HEAD}design = "lhs"\npoints = 8\n[factors]\n'

BAD: dict[str, str] = {
    "leads = 2": "f.toml:1: not a study: it names no scenario, design or factors",
    'scenario = "baseline"\n[factors]\nleads = [1]': "f.toml:1: title: missing",
    'title = ""\nscenario = "baseline"\n[factors]\nleads = [1]': (
        "f.toml:1: title: empty: a study needs a title"
    ),
    'title = "a\\u202eb"\nscenario = "baseline"\n[factors]\nleads = [1]': (
        "f.toml:1: title: contains the invisible character U+202E (right-to-left override)"
    ),
    f'title = "{"x" * 201}"\nscenario = "baseline"\n[factors]\nleads = [1]': (
        "f.toml:1: title: too long (allowed 200 characters)"
    ),
    'title = "x"\n[factors]\nleads = [1]': (
        "f.toml:1: scenario: missing: the name of a shipped scenario, or a file"
    ),
    'title = "x"\nscenario = 3\n[factors]\nleads = [1]': (
        "f.toml:2: scenario: must be text (found 3)"
    ),
    'title = "x"\nscenario = "basline"\n[factors]\nleads = [1]': (
        'f.toml:2: scenario: no scenario is called "basline"; did you mean baseline?'
    ),
    'title = "x"\nscenario = "a/none.toml"\n[factors]\nleads = [1]': (
        "f.toml:2: scenario: a/none.toml: no such file"
    ),
    f"{HEAD}repliactes = 3\n[factors]\nleads = [1]": (
        "f.toml:3: repliactes: no such key in a study; did you mean replicates?"
    ),
    f"{HEAD}leads = 3\n[factors]\nworkload = [1]": (
        "f.toml:3: leads: no such key in a study; "
        "to vary it, write it under [factors], to change it under [set]"
    ),
    f"{HEAD}replicates = 0\n[factors]\nleads = [1]": (
        "f.toml:3: replicates: out of range (found 0, allowed 1 to 10,000,000)"
    ),
    f"{HEAD}replicates = true\n[factors]\nleads = [1]": (
        "f.toml:3: replicates: must be a whole number (found true"
    ),
    f"{HEAD}seed = -1\n[factors]\nleads = [1]": (
        "f.toml:3: seed: out of range (found -1, allowed 0 to 2^63 - 1)"
    ),
    f"{HEAD}seed = 9223372036854775808\n[factors]\nleads = [1]": (
        "f.toml:3: seed: an integer too large for any setting"
    ),
    f'{HEAD}design = "gird"\n[factors]\nleads = [1]': (
        'f.toml:3: design: not one of the designs (found "gird", '
        'allowed grid, lhs, sobol, oat, points); did you mean "grid"?'
    ),
    f'{HEAD}outcomes = ["adoptoin"]\n[factors]\nleads = [1]': (
        'f.toml:3: outcomes[0]: no such name (found "adoptoin"); did you mean adoption?'
    ),
    f'{HEAD}outcomes = ["strain"]\n[factors]\nleads = [1]': (
        "did you mean strain.manager, strain.lead or strain.clinician?"
    ),
    f"{HEAD}outcomes = []\n[factors]\nleads = [1]": "f.toml:3: outcomes: needs at least one",
    f'{HEAD}outcomes = ["reach",\n"reach"]\n[factors]\nleads = [1]': (
        'f.toml:4: outcomes[1]: given twice (found "reach")'
    ),
    f"{HEAD}weekly = 3\n[factors]\nleads = [1]": (
        "f.toml:3: weekly: must be true, false or a list of names (found 3)"
    ),
    f'{HEAD}weekly = ["trst"]\n[factors]\nleads = [1]': "did you mean trust?",
    HEAD: "f.toml:1: factors: missing",
    f"{HEAD}factors = 3": "f.toml:3: factors: must be a table (found 3)",
    f'{HEAD}design = "lhs"\n[factors]\nleads = [1]': (
        'f.toml:1: points: missing: lhs needs how many, as in "points = 64"'
    ),
    f'{HEAD}design = "lhs"\npoints = 0\n[factors]\nleads = [1]': (
        "f.toml:4: points: out of range (found 0, allowed 1 to 1,000,000)"
    ),
    f"{HEAD}points = 8\n[factors]\nleads = [1]": (
        "f.toml:3: points: a number of points is for lhs and sobol"
    ),
    f'{HEAD}points = "none.csv"': "f.toml:3: points: none.csv: no such file",
    f'{HEAD}points = "a\\u0000.csv"': "f.toml:3: points: contains the invisible character U+0000",
    f"{HEAD}[set]\nwekes = 3\n[factors]\nleads = [1]": (
        "f.toml:4: set.wekes: no such input; did you mean weeks?"
    ),
    f"{HEAD}[set]\nleads = 99\n[factors]\nworkload = [1]": (
        "f.toml:4: leads: too high (found 99, allowed 0 to 20 people)"
    ),
    f'{HEAD}[set]\n"phases.build.team_hours" = -1\n[factors]\nworkload = [1]': (
        "f.toml:4: phases.build.team_hours: too low (found -1"
    ),
    f"{HEAD}[set]\ncare_weeks = 2\n[factors]\nworkload = [1]": (
        "f.toml:4: care_weeks: does not fit the mean weeks of care"
    ),
    f"{HEAD}[set]\nleads = 2\n[factors]\nleads = [1, 2]": (
        "f.toml:6: factors.leads: stands under [set] too; leave it out there"
    ),
    f"{HEAD}set = 3\n[factors]\nworkload = [1]": "f.toml:3: set: must be a table (found 3)",
    factor("team_hours = [1]"): (
        "f.toml:4: factors.team_hours: no such input; did you mean phases.onboarding.team_hours?"
    ),
    factor(
        "mechanisms.leads = [1]"
    ): "factors.mechanisms.leads: no such input; did you mean leads?",
    factor("conditions.trust = [0.3]"): (
        "f.toml:4: factors.conditions: unknown table; its keys stand without it"
    ),
    factor('"a\\u202eb" = [1]'): "the key contains the invisible character U+202E",
    factor('title = ["a"]'): "f.toml:4: factors.title: cannot vary",
    factor('currency = ["EUR"]'): "f.toml:4: factors.currency: cannot vary",
    factor('phases.build.feeds = ["fit"]'): "f.toml:4: factors.phases.build.feeds: cannot vary",
    factor("phases = [1]"): "f.toml:4: factors.phases: cannot vary as a list",
    factor("mechanisms = [true]"): "f.toml:4: factors.mechanisms: must be a table",
    factor(
        "attention = [[[0, 1.0], [9, 0.5]]]"
    ): "f.toml:4: factors.attention[0]: steps cannot vary",
    factor("leads = []"): "f.toml:4: factors.leads: needs at least one level",
    factor("leads = [1,\n2, 1]"): "f.toml:5: factors.leads[2]: a level given twice (found 1)",
    factor("leads = 3"): "(found 3); one value for all points stands under [set]",
    factor("leads = [1,\n99]"): "f.toml:5: factors.leads[1]: too high (found 99, allowed 0 to 20",
    factor("leads = [1.5]"): "must be a whole number (found 1.5",
    factor('leads = ["2"]'): "did you mean 2?",
    factor("leads = [99999999999999999999]"): "factors.leads[0]: an integer too large",
    factor("workload = [nan]"): "f.toml:4: factors.workload[0]: must be a finite number (found nan",
    factor("workload = [1e308]"): "f.toml:4: factors.workload[0]: too high (found 1e+308",
    factor("role_clarity = [50]"): "did you mean 0.5?",
    factor("trust = [true]"): "to switch the mechanism on and off, vary mechanisms.trust",
    factor("mechanisms.trust = [0.5]"): "its level varies as trust",
    factor('mechanisms.trust = ["yes"]'): 'must be true or false (found "yes")',
    factor('network = ["team"]'): 'did you mean "teams"?',
    factor("network = [1]"): "not one of the choices (found 1",
    factor('phases.build.team_hours = [1]\n"phases.build.manager_hours" = [1]\n[factors.phases]'): (
        "f.toml:6: factors.phases: given twice"
    ),
    f'{HEAD}[factors]\n"phases.build.team_hours" = [1]\nphases.build.team_hours = [2]': (
        "f.toml:5: factors.phases.build.team_hours: given twice, quoted and as a table"
    ),
    factor("workload = { from = 1 }"): "f.toml:4: factors.workload: to is missing",
    factor("workload = { form = 1, to = 2 }"): (
        "f.toml:4: factors.workload.form: no such key of a factor; did you mean from?"
    ),
    factor("workload = { from = 1.2, to = 0.8, steps = 3 }"): "from must be below to",
    factor(
        "workload = { from = 0.8, to = 9, steps = 3 }"
    ): "factors.workload.to: too high (found 9",
    factor("workload = { from = 0.8, to = 1, steps = 1 }"): (
        "factors.workload.steps: must be a whole number (found 1, allowed 2 to 10,000)"
    ),
    factor("workload = { from = 0.8, to = 0.8000000000000003, steps = 30 }"): "too close",
    factor("leads = { from = 1, to = 10, steps = 5 }"): (
        "factors.leads.steps: the levels of a count must be whole; 5 steps from 1 to 10 are not; "
        "did you mean 4?"
    ),
    factor("network = { from = 1, to = 2 }"): "has no range or distribution; list its levels",
    factor('workload = "prior"'): (
        "f.toml:4: factors.workload: a distribution needs the design lhs or sobol; "
        "grid needs a list of levels, or from, to and steps"
    ),
    factor("workload = { from = 0.8, to = 1.2 }"): "a distribution needs the design lhs or sobol",
    SAMPLED + 'network = "prior"': "f.toml:6: factors.network: has no prior in the registry",
    SAMPLED + 'workload = "piror"': 'did you mean "prior"?',
    SAMPLED + 'workload = { prior = ["uniform", -3, 1] }': "prior -3 is outside 0.5 to 1.6",
    SAMPLED + 'workload = { prior = ["gamma", 1, 1] }': "prior must be one of",
    SAMPLED + 'workload = { prior = ["beta", 2, 2] }': "prior beta needs a range that holds 0 to 1",
    SAMPLED + 'workload = { prior = ["uniform", 0.8, 1], from = 1 }': "give either a prior, or",
    f'{HEAD}design = "points"\n[factors]\nleads = [1, 2]\nworkload = [1]': (
        "f.toml:6: factors.workload: must have as many values as leads (found 1, not 2)"
    ),
    f'{HEAD}design = "points"\n[factors]\nleads = "prior"': "the design points needs a list",
    factor("care_weeks = [33, 5]\ncare_weeks_sd = [40]"): (
        "f.toml:5: factors.care_weeks_sd: point 1 (care_weeks = 5, care_weeks_sd = 40): "
        "does not fit the mean weeks of care (found 40, allowed 0.5 to 15.8 for a mean of 5)"
    ),
    f"{HEAD}replicates = 6000000\n[factors]\nleads = [1, 2]": (
        "f.toml:3: replicates: too many runs "
        "(found 2 points x 6,000,000 replicates, allowed 10,000,000 in all)"
    ),
    f"{HEAD}x = " + "[" * 20000: "f.toml:3: tables or lists too deep",
    f"{HEAD}seed = 1\nseed = 2": "f.toml:4: seed: given twice (first in line 3)",
    HEAD + "#" + "x" * 70000: "f.toml: too large (allowed 64 kB)",
    factor("\n".join(f"k{number} = [1]" for number in range(101))): (
        "f.toml:3: factors: too many (found 101, allowed 100)"
    ),
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_one_problem_gives_one_message(text: str) -> None:
    found = messages(text)
    assert len(found) == 1
    assert found[0].startswith("f.toml:")
    assert BAD[text] in found[0]
    assert found[0].isprintable()


def test_a_huge_grid_is_refused_from_its_count() -> None:
    names = ("role_clarity", "motivation", "trust", "alignment")
    lines = "\n".join(f"{name} = {{ from = 0.3, to = 0.7, steps = 10000 }}" for name in names)
    start = time.process_time()
    found = messages(factor(lines))
    assert time.process_time() - start < 1.0
    assert found == (
        "f.toml:3: factors: too many points (found more than 10^15, allowed 1,000,000)",
    )


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    text = """title = ""
scenario = "basline"
seed = -1
outcomes = ["adoptoin"]
[set]
wekes = 3
[factors]
role_clarty = [0.5]
workload = [9,
"1"]
"""
    heads = [message.split(": ")[:2] for message in messages(text)]
    assert heads == [
        ["f.toml:1", "title"],
        ["f.toml:2", "scenario"],
        ["f.toml:3", "seed"],
        ["f.toml:4", "outcomes[0]"],
        ["f.toml:6", "set.wekes"],
        ["f.toml:8", "factors.role_clarty"],
        ["f.toml:9", "factors.workload[0]"],
        ["f.toml:10", "factors.workload[1]"],
    ]


def test_what_is_set_is_checked_even_if_the_scenario_is_not_found() -> None:
    found = messages('title = "x"\nscenario = "none"\n[set]\nleads = 99\n[factors]\nworkload = [1]')
    assert [message.split(": ")[:2] for message in found] == [
        ["f.toml:2", "scenario"],
        ["f.toml:4", "leads"],
    ]


def test_problems_of_the_scenario_are_told_where_it_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('title = "x"\nleeds = 2\nmanagers = -1\n')
    text = 'title = "x"\nscenario = "other.toml"\n[factors]\nworkload = [1]'
    assert messages(text, tmp_path) == (
        f"f.toml:2: scenario: {other}:2: leeds: unknown key; did you mean leads?",
        f"f.toml:2: scenario: {other}:3: managers: too low (found -1, allowed 0 to 500 people)",
    )


def test_many_points_that_clash_are_counted() -> None:
    with pytest.raises(InputError) as caught:
        study_of("baseline", {"care_weeks": [2, 3, 4, 5, 6], "leads": [1, 2]})
    assert len(caught.value.messages) == 3
    assert caught.value.messages[-1].endswith("; and at 7 more points")


def test_values_from_python_are_refused_without_a_file_in_the_message() -> None:
    with pytest.raises(InputError) as caught:
        study_of("baseline", {"role_clarity": [3], "clarity": [0.5]}, replicates=0)
    assert {message.partition(":")[0] for message in caught.value.messages} == {
        "factors.role_clarity[0]",
        "factors.clarity",
        "replicates",
    }


def test_a_design_beside_a_file_of_points_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("leads\n1\n")
    assert messages(f'{HEAD}design = "lhs"\npoints = "p.csv"', tmp_path) == (
        (
            "f.toml:3: design: points from a file are a design of their own "
            '(found "lhs"); leave the design out'
        ),
    )
    assert loads_study(f'{HEAD}design = "points"\npoints = "p.csv"', folder=tmp_path).count == 1


def test_mistakes_in_names_of_files_are_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no study is called .* did you mean staffing-grid"):
        load_study("stafing-grid")
    with pytest.raises(InputError, match="no such file"):
        load_study(tmp_path / "none.toml")
    with pytest.raises(InputError, match="invisible"):
        loads_study(factor("leads = [1]"), "a\u202eb")


_PIECES = [
    "title",
    "scenario",
    "factors",
    "set",
    "design",
    "points",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
]
_PIECES += ['"', "\n", "1", "1e308", "nan", "9" * 400, "true", "prior", "from", "to", "steps"]
_PIECES += ["phases", "build", "mechanisms", "attention", "trust", "\u202e", "\x00"]
_LINES = [HEAD, "[factors]\n", "[set]\n", 'design = "lhs"\n', "points = 8\n", "leads = [1, 2]\n"]
_LINES += ['trust = "prior"\n', "workload = { from = 0.8, to = 1.2, steps = ", "leads = "]


@given(st.lists(st.sampled_from([*_PIECES, *_LINES, *_LINES]), max_size=40))
@settings(max_examples=1000, deadline=None)
def test_texts_made_of_pieces_never_surprise(pieces: list[str]) -> None:
    try:
        assert isinstance(loads_study(HEAD + "".join(pieces)), Study)
    except InputError as error:
        assert error.messages
        assert all(message.isprintable() for message in error.messages)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from", "to", "steps", "prior", "x"]), inner)
    ),
    max_leaves=6,
)
_NAMES = ["role_clarity", "leads", "network", "mechanisms.trust", "phases.build", "phases", "x.y"]


@given(
    st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), _JSON, max_size=4),
    st.sampled_from(["grid", "oat", "lhs", "points", "x"]),
    st.none() | st.integers(),
)
@settings(max_examples=500, deadline=None)
def test_values_of_any_kind_never_surprise(
    factors: dict[str, object], design: str, points: int | None
) -> None:
    try:
        made = study_of("baseline", factors, design=design, points=points and points % 5000)
        assert isinstance(made, Study)
    except InputError as error:
        assert error.messages
