"""Studies: what loads, what comes of it, and those that come with the package."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import layout
from sim.cli import main
from sim.errors import InputError
from sim.experiment.design.marginals import quantile_of
from sim.experiment.design.study import (
    Study,
    is_study,
    load_any,
    load_study,
    loads_study,
    shipped_studies,
    study_of,
)
from sim.experiment.design.varying import fit, input_of, names, trouble
from sim.outcomes import outcome_names
from sim.parameters import Prior, parameters
from sim.scenario import Scenario, load, loads, shipped, shipped_folder
from sim.world import recipe
from tests.texts import PHASES

FULL = """title = "Everything"
shows = '''All that a study
can say.'''
scenario = "more-leads"
design = "lhs"
points = 32
replicates = 7
seed = 9223372036854775807
outcomes = ["reach", "phase_weeks.build", "adoption"]
weekly = ["trust", "adoption"]

[set]
weeks = 104
"phases.build.team_hours" = 80
mechanisms.trust = false
phases.train.overlaps = true
attention = [[0, 1.0], [60, 0.5]]

[factors]
role_clarity = { from = 0.2, to = 0.8, steps = 9 }
workload = [0.85, 1, 1.15]
motivation = "prior"
alignment = { prior = ["uniform", 0.3, 0.8] }
diffusion = { from = 0.1, to = 0.2 }
"phases.build.manager_hours" = [20, 30]
phases.journeys.delay_weeks = [0, 4]
mechanisms.engagement = [true, false]
network = ["teams", "random"]
"""


def test_a_study_holds_what_its_file_says() -> None:
    study = loads_study(FULL, "full")
    assert (study.name, study.title, study.source) == ("full", "Everything", None)
    assert study.shows == "All that a study can say."
    assert (study.design, study.count, study.replicates) == ("lhs", 32, 7)
    assert study.seed == 2**63 - 1
    # In the registry's order, whatever the order of the file.
    assert study.outcomes == ("adoption", "reach", "phase_weeks.build")
    assert study.weekly == ("adoption", "trust")
    assert study.base == load("more-leads").with_values(
        {
            "weeks": 104,
            "phases.build.team_hours": 80,
            "mechanisms.trust": False,
            "phases.train.overlaps": True,
            "attention": [[0, 1.0], [60, 0.5]],
        }
    )


def test_factors_say_what_they_are() -> None:
    factors = {factor.name: factor for factor in loads_study(FULL).factors}
    assert list(factors) == list(loads_study(FULL).points)
    clarity, motivation = factors["role_clarity"], factors["motivation"]
    assert (clarity.kind, clarity.levels[:2], clarity.prior) == ("range", (0.2, 0.275), None)
    assert (clarity.label, clarity.unit) == ("Role clarity", "share")
    assert factors["workload"].levels == (0.85, 1.0, 1.15)
    assert (motivation.kind, motivation.levels) == ("prior", ())
    assert motivation.prior == parameters()["motivation"].prior
    assert motivation.default_prior
    assert factors["alignment"].prior == Prior("uniform", 0.3, 0.8)
    assert not factors["alignment"].default_prior
    assert (factors["diffusion"].kind, factors["diffusion"].prior) == (
        "range",
        Prior("uniform", 0.1, 0.2),
    )
    assert factors["mechanisms.engagement"].levels == (True, False)


def test_what_is_left_out_has_its_default() -> None:
    study = loads_study('title = "x"\nscenario = "baseline"\n[factors]\nleads = [1, 2]')
    assert (study.design, study.replicates, study.seed, study.shows) == ("grid", 100, 1, "")
    assert study.outcomes == outcome_names(recipe(study.base))
    assert study.weekly == ()
    every = loads_study(
        'title = "x"\nscenario = "baseline"\nweekly = true\n[factors]\nleads = [1, 2]'
    )
    assert every.weekly == layout.SERIES.names


def test_a_scenario_and_points_are_found_beside_the_study(tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    (tmp_path / "own.toml").write_text('title = "own"\nleads = 3\n')
    (folder / "rows.csv").write_text("managers,network\n1,teams\n2,random\n")
    path = folder / "mine.toml"
    path.write_text('title = "x"\nscenario = "../own.toml"\npoints = "rows.csv"\n')
    study = load_study(path)
    assert (study.name, study.source, study.design) == ("mine", str(path), "points")
    assert study.base.values["leads"] == 3
    assert study.values(1) == {"managers": 2, "network": "random"}
    assert [factor.levels for factor in study.factors] == [(), ()]
    assert loads_study(path.read_text(), folder=folder).values(1) == study.values(1)


def test_points_can_be_listed_as_factors() -> None:
    drawn = np.array([0.3, 0.3, 0.7])
    study = study_of("baseline", {"trust": drawn, "leads": np.array([1, 2, 1])}, design="points")
    assert [study.values(point) for point in range(3)] == [
        {"trust": 0.3, "leads": 1},
        {"trust": 0.3, "leads": 2},
        {"trust": 0.7, "leads": 1},
    ]
    assert drawn.flags.writeable


def test_phases_of_another_model_vary_by_name() -> None:
    study = study_of(loads(PHASES), {"phases.look-back.team_hours": [2, 5]})
    assert study.scenario(1).phases[1].team_hours == 5.0
    assert study.factors[0].label == "Look back: team hours, fixed"
    assert "phase_weeks.look-back" in study.outcomes
    with pytest.raises(InputError, match="has no prior in the registry"):
        study_of(loads(PHASES), {"phases.look-back.team_hours": "prior"}, design="lhs", points=2)
    with pytest.raises(InputError, match=r"did you mean phases\.prepare\.team_hours"):
        study_of(loads(PHASES), {"phases.build.team_hours": [2, 5]})


def test_the_same_study_comes_from_a_file_and_from_python() -> None:
    text = (
        'title = "x"\nscenario = "baseline"\ndesign = "sobol"\npoints = 16\nseed = 3\n'
        '[factors]\nrole_clarity = "prior"\nleads = { prior = ["loguniform", 1, 9] }'
    )
    one = loads_study(text)
    factors = {"role_clarity": "prior", "leads": {"prior": ("loguniform", 1, 9)}}
    two = study_of("baseline", factors, design="sobol", points=np.int64(16), seed=3)  # type: ignore[arg-type]
    for name, column in one.points.items():
        assert np.array_equal(column, two.points[name])


def test_points_cannot_be_changed_and_travel_to_workers() -> None:
    study = loads_study(FULL)
    with pytest.raises(TypeError):
        study.points["leads"] = study.points["workload"]  # type: ignore[index]
    with pytest.raises(ValueError, match="read-only"):
        study.points["workload"][0] = 1.0
    again = pickle.loads(pickle.dumps(study))
    assert isinstance(again, Study)
    assert again.base == study.base
    assert [again.values(3), again.outcomes] == [study.values(3), study.outcomes]


# --- the checks of values agree with those of scenarios ------------------------------------------

_VALUES: st.SearchStrategy[Any] = (
    st.booleans()
    | st.integers(-3, 6000)
    | st.floats(-2.0, 300.0)
    | st.sampled_from([float("nan"), float("inf"), 0.5, 1.0, "teams", "random", "all", "x", "0.5"])
)


@given(st.sampled_from(names(load("baseline"))), _VALUES)
@settings(max_examples=600, deadline=None)
def test_a_value_is_wrong_in_a_study_where_it_is_wrong_in_a_scenario(name: str, value: Any) -> None:
    base = load("baseline")
    what = input_of(name, base)
    assert what is not None
    # Alone, any length of care is sound if some spread fits it.
    other = {"care_weeks": "care_weeks_sd", "care_weeks_sd": "care_weeks"}.get(name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    room = {other: min(max(value, 2.0), 200.0)} if other and number and value == value else {}
    try:
        base.with_values({**room, name: value})
        fine = True
    except InputError:
        fine = False
    assert (fit(what, [value]) is not None) is fine
    assert (trouble(what, value) == "") is fine


# --- shipped studies -----------------------------------------------------------------------------

PLANNED = [
    "barriers-one-at-a-time",
    "clarity-workload-motivation",
    "human-resources",
    "staffing-grid",
    "unknown-rules",
    "what-drives-uptake",
]
SETS = {"human-resources": {"weeks": 260, "project_weeks": 260}}
"""What a study sets at all of its points."""


def test_six_studies_come_with_the_package() -> None:
    assert shipped_studies() == PLANNED
    assert not set(shipped_studies()) & set(shipped())
    assert not is_study({"title": "x", "phases": [], "leads": 2})


@pytest.mark.parametrize("name", PLANNED)
def test_a_shipped_study_loads_and_says_what_it_shows(name: str) -> None:
    study = load_study(name)
    assert (study.name, study.base) == (name, load("baseline").replace(**SETS.get(name, {})))
    assert study.title
    assert study.shows.endswith(".")
    assert study.shows.count(". ") == 0


def test_the_headline_study_has_its_size() -> None:
    study = load_study("clarity-workload-motivation")
    assert (study.count, study.count * study.replicates) == (729, 29_160)
    assert study.outcomes == ("adoption", "reach", "live", "go_live_week")


def test_the_study_of_sensitivity_has_the_headline_conditions_coefficients_and_structure() -> None:
    study = load_study("what-drives-uptake")
    factors = {factor.name: factor for factor in study.factors}
    assert len(factors) >= 15
    assert list(factors)[:3] == ["role_clarity", "workload", "motivation"]
    assert study.outcomes == ("adoption", "reach", "live", "go_live_week")
    groups = {parameters()[name].group for name in factors}
    assert {"conditions", "staffing", "clinicians", "drivers", "setting"} <= groups
    choices = {name for name in factors if parameters()[name].kind == "choice"}
    assert choices == {"invitation", "network", "load_effect"}
    for name in choices:
        assert set(factors[name].levels) == set(parameters()[name].choices)


def test_barriers_go_from_the_unfavourable_tenth_to_what_is_attainable() -> None:
    study = load_study("barriers-one-at-a-time")
    attainable = [name for name, entry in parameters().items() if entry.attainable is not None]
    assert {factor.name for factor in study.factors} == set(attainable)
    for factor in study.factors:
        entry = parameters()[factor.name]
        worse, better = factor.levels
        assert better == entry.attainable
        assert entry.prior is not None
        assert isinstance(entry.default, float)
        assert (worse - entry.default) * (better - entry.default) < 0
        share = 0.9 if worse > better else 0.1
        tenth = quantile_of(entry, entry.prior, np.array([share]))[0]
        assert worse == pytest.approx(tenth, abs=0.01)  # written with two decimals
    assert study.count == 1 + 2 * len(study.factors)


# --- the command line ----------------------------------------------------------------------------


def mih(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return exit code, output and messages."""
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_check_takes_scenarios_and_studies(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(FULL)
    bad.write_text(FULL.replace("workload", "worklaod"))
    code, out, err = mih("check", "baseline", "staffing-grid", str(good), str(bad))
    assert code == 2
    assert out.splitlines() == ["baseline: ok", "staffing-grid: ok", f"{good}: ok"]
    assert err == f"mih: {bad}:21: factors.worklaod: no such input; did you mean workload?\n"
    assert "did you mean staffing-grid?" in mih("check", "stafing-grid")[2]


def test_a_file_is_loaded_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(FULL)
    assert isinstance(load_any(path), Study)
    assert isinstance(load_any("staffing-grid"), Study)
    assert isinstance(load_any("overload"), Scenario)
    assert isinstance(load_any(shipped_folder() / "overload.toml"), Scenario)


def test_list_shows_studies_after_scenarios() -> None:
    code, out, _ = mih("list")
    assert code == 0
    firsts = [line.partition(" ")[0] for line in out.splitlines()]
    assert firsts.index("scenario") < firsts.index("overload") < firsts.index("study")
    assert firsts[-len(PLANNED) :] == PLANNED
    only = mih("list", "--studies")[1]
    assert "overload" not in only
    assert '"name": "staffing-grid"' in mih("list", "--studies", "--json")[1]
