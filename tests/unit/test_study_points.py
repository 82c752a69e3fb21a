"""Points of a study from a file of comma-separated values."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.design import points
from sim.experiment.design.study import Study, loads_study, study_of

TEXT = 'title = "x"\nscenario = "baseline"\npoints = "p.csv"\n'


def study(data: bytes, folder: Path) -> Study:
    """Return the study whose points are these bytes."""
    (folder / "p.csv").write_bytes(data)
    return loads_study(TEXT, "f.toml", folder)


def messages(data: bytes, folder: Path) -> list[str]:
    """Return what is said of points that must be refused, without the folder's name."""
    with pytest.raises(InputError) as caught:
        study(data, folder)
    return [message.removeprefix(f"{folder}{os.sep}") for message in caught.value.messages]


def test_columns_have_the_type_of_their_input(tmp_path: Path) -> None:
    made = study(
        b"role_clarity, leads ,network,mechanisms.trust,phases.build.team_hours,attention\n"
        b"0.5,1,teams,true,80,-0.0\n"
        b'"0.25",2.0," random ",False,8.5e1,1\n',
        tmp_path,
    )
    assert made.count == 2
    assert made.values(0) == {
        "role_clarity": 0.5,
        "leads": 1,
        "network": "teams",
        "mechanisms.trust": True,
        "phases.build.team_hours": 80.0,
        "attention": 0.0,
    }
    assert list(made.values(1).values()) == [0.25, 2, "random", False, 85.0, 1.0]
    assert [column.dtype.kind for column in made.points.values()] == ["f", "i", "U", "b", "f", "f"]
    assert made.factors[4].label == "Build: team hours, fixed"
    assert str(made.values(0)["attention"]) == "0.0"
    made.scenario(1)


@pytest.mark.parametrize(
    "data",
    [
        b"leads\n1\n2",
        b"leads\n1\n2\n\n\n",
        b"leads\r\n1\r\n2\r\n",
        b"\xef\xbb\xbfleads\n1\n2\n",
        b'"leads"\n"1"\n"2"\n',
    ],
)
def test_files_of_all_programs_are_read(data: bytes, tmp_path: Path) -> None:
    assert study(data, tmp_path).points["leads"].tolist() == [1, 2]


BAD: dict[bytes, list[str]] = {
    b"": ["p.csv:1: empty: needs a line of names, then a line for each point"],
    b"\n\n": ["p.csv:1: empty: needs a line of names, then a line for each point"],
    b"leads\n": ["p.csv:1: no points: needs a line for each below the names"],
    b"leads;trust\n1;0.5\n": ["p.csv:1: columns must be separated by commas, decimals by points"],
    b"leeds,trust,trust,,title\n1,1,1,1,1\n": [
        "p.csv:1: leeds: no such input; did you mean leads?",
        "p.csv:1: trust: given twice",
        "p.csv:1: column 4: has no name",
        "p.csv:1: title: cannot vary; only numbers, choices and what is true or false can",
    ],
    b"a\xe2\x80\xaeb\n1\n": [
        (
            "p.csv:1: column 1: the name contains the invisible character U+202E "
            "(right-to-left override)"
        )
    ],
    b"leads\n1\n\xff\n": ["p.csv:3: not UTF-8; save the file as UTF-8 text"],
    b"leads,trust\n1\n1,0.5,2\n1,0.5\n": [
        "p.csv:2: wrong number of cells (found 1, the first line names 2)",
        "p.csv:3: wrong number of cells (found 3, the first line names 2)",
    ],
    b'leads\n1\n"2\n3"\n': ["p.csv:3: a quoted cell must end in the line it begins in"],
    b"trust,leads\n0.5,1\n\n50,1.5\nx,true\n": [
        "p.csv:3: leads: missing",
        "p.csv:3: trust: missing",
        "p.csv:4: leads: must be a whole number (found 1.5, allowed 0 to 20 people)",
        "p.csv:4: trust: too high (found 50, allowed 0.02 to 0.98 share); did you mean 0.5?",
        "p.csv:5: leads: must be a whole number (found true, allowed 0 to 20 people)",
        'p.csv:5: trust: must be a number (found "x", allowed 0.02 to 0.98 share)',
    ],
    b'trust\n"0,5"\nnan\n-inf\n1e400\n1_0\n': [
        (
            'p.csv:2: trust: must be a number (found "0,5", allowed 0.02 to 0.98 share); '
            "did you mean 0.5?"
        ),
        'p.csv:3: trust: must be a number (found "nan", allowed 0.02 to 0.98 share)',
        'p.csv:4: trust: must be a number (found "-inf", allowed 0.02 to 0.98 share)',
        "p.csv:5: trust: must be a finite number (found inf, allowed 0.02 to 0.98 share)",
        'p.csv:6: trust: must be a number (found "1_0", allowed 0.02 to 0.98 share)',
    ],
    b"network,mechanisms.trust\nteam,1\n": [
        (
            "p.csv:2: mechanisms.trust: must be true or false (found 1); "
            "here a mechanism is on or off, its level varies as trust"
        ),
        (
            'p.csv:2: network: not one of the choices (found "team", '
            'allowed small-world, teams, random, full); did you mean "teams"?'
        ),
    ],
    b"care_weeks,care_weeks_sd\n33,23\n5,40\n": [
        (
            "p.csv:3: point 1 (care_weeks = 5, care_weeks_sd = 40): does not fit the mean weeks of "
            "care (found 40, allowed 0.5 to 15.8 for a mean of 5)"
        )
    ],
    b"x," * 101 + b"x\n1\n": ["p.csv:1: too many columns (allowed 100)"],
    b"x," * 10_000_000: ["p.csv:1: the line of names is too long (allowed 10,000)"],
}


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_every_problem_is_told_with_its_line(data: bytes, tmp_path: Path) -> None:
    assert messages(data, tmp_path) == BAD[data]


def test_very_many_problems_are_counted_not_listed(tmp_path: Path) -> None:
    found = messages(b"leads,trust\n" + b"x,y\n" * 5000, tmp_path)
    assert len(found) == 101
    assert found[-1] == "p.csv: and 9,900 more problems"


def test_folders_pipes_and_large_files_are_refused_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.csv").mkdir()
    with pytest.raises(InputError, match=r"f.toml:3: points: .*p.csv: not a regular file"):
        loads_study(TEXT, "f.toml", tmp_path)
    (tmp_path / "p.csv").rmdir()
    os.mkfifo(tmp_path / "p.csv")
    with pytest.raises(InputError, match="not a regular file"):
        loads_study(TEXT, "f.toml", tmp_path)
    (tmp_path / "p.csv").unlink()
    monkeypatch.setattr(points, "MAX_BYTES", 2**20)
    found = messages(b"leads\n" + b"1\n" * 2**20, tmp_path)
    assert found[0].endswith("p.csv: too large (allowed 1 MB)")


def test_factors_beside_a_file_of_points_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(b"leads\n1\n")
    with pytest.raises(InputError, match="give either, not both"):
        loads_study(f"{TEXT}[factors]\ntrust = [0.5]", folder=tmp_path)
    with pytest.raises(InputError, match="give either, not both"):
        study_of("baseline", {"trust": [0.5]}, points=tmp_path / "p.csv")
    assert study_of("baseline", {}, points=tmp_path / "p.csv").design == "points"


def test_a_million_rows_load_in_seconds(tmp_path: Path) -> None:
    count = 1_000_000
    rows = np.arange(count)
    trust, leads = 0.1 + rows % 701 / 1000, rows % 20
    text = "\n".join(f"{a:.3f},{b},teams" for a, b in zip(trust, leads, strict=True))
    (tmp_path / "p.csv").write_text(f"trust,leads,network\n{text}\n")
    start = time.process_time()
    made = loads_study(f"{TEXT}replicates = 2\n", "f.toml", tmp_path)
    assert time.process_time() - start < 6.0
    np.testing.assert_array_equal(made.points["leads"], leads)
    np.testing.assert_array_equal(made.points["trust"], np.round(trust, 3))
    with pytest.raises(InputError, match=r"too many points \(found 1,000,001, allowed 1,000,000\)"):
        study(b"leads\n" + b"1\n" * (count + 1), tmp_path)


_PIECES = [b"leads", b"trust", b"network", b",", b"\n", b'"', b"1", b"0.5", b"teams", b"\r", b"\0"]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(_PIECES), max_size=40).map(b"".join))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_bytes_never_surprise(tmp_path: Path, data: bytes) -> None:
    try:
        made = study(data, tmp_path)
        assert made.count > 0
    except InputError as error:
        assert error.messages
        assert all(message.isprintable() for message in error.messages)
