"""The registry is complete, consistent, and says where each number comes from."""

import json
import math
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from sim import constructs
from sim import parameters as registry
from sim.parameters import Parameter, RegistryError, outcomes, parameters

# MODEL.md, section 10: the starting values, spelled out a second time on purpose.
DEFAULTS = {
    "organisations": 1,
    "clinicians": 60,
    "caseload": 20,
    "contract_hours": 30,
    "weeks": 156,
    "role_clarity": 0.5,
    "workload": 1.0,
    "motivation": 0.5,
    "organisation_sd": 0.35,
    "person_sd": 0.7,
    "load_organisation_sd": 0.06,
    "load_person_sd": 0.12,
    "diffusion": 0.35,
    "underestimation": 0.3,
    "alignment": 0.6,
    "trust": 0.55,
    "managers": 1,
    "manager_hours": 4,
    "leads": 1,
    "lead_hours": 12,
    "key_users": 0.12,
    "key_user_hours": 1,
    "protected_hours": 0.5,
    "project_weeks": 104,
    "role_agreements": 0.5,
    "newcomer_clarity": 0.6,
    "seats": 4,
    "seats_per_key_user": 0.5,
    "evaluation_weeks": 13,
    "phases.onboarding.manager_hours": 16,
    "phases.onboarding.team_hours": 40,
    "phases.onboarding.team_hours_per_clinician": 0.5,
    "phases.onboarding.delay_weeks": 0,
    "phases.journeys.manager_hours": 20,
    "phases.journeys.team_hours": 70,
    "phases.build.manager_hours": 24,
    "phases.build.team_hours": 100,
    "phases.build.delay_weeks": 4,
    "phases.train.manager_hours": 16,
    "phases.train.team_hours": 40,
    "phases.evaluate.manager_hours": 6,
    "phases.evaluate.team_hours": 16,
    "phases.evaluate.team_hours_per_clinician": 0.05,
    "strain_load": 0.35,
    "strain_ambiguity": 0.03,
    "strain_recovery": 0.07,
    "motivation_rate": 0.06,
    "motivation_experience": 1.0,
    "motivation_peers": 0.8,
    "motivation_support": 0.6,
    "motivation_strain": 2.5,
    "motivation_ambiguity": 1.2,
    "clarity_gain": 0.06,
    "clarity_return": 0.03,
    "guidance_hours": 3,
    "support_hours": 0.12,
    "support_rate": 0.1,
    "productivity_motivation": 0.8,
    "productivity_clarity": 0.2,
    "productivity_strain": 0.5,
    "turnover": 0.15,
    "lead_turnover": 0.15,
    "turnover_strain": 2,
    "vacancy_weeks": 6,
    "cover": 0.5,
    "quality_motivation": 0.6,
    "quality_engagement": 0.5,
    "trust_rate": 0.05,
    "trust_hours": 1.0,
    "trust_overrun": 2.0,
    "trust_milestone": 0.05,
    "trust_turnover": 0.25,
    "stop_rate": 0.00742,
    "stop_overrun": 0.5,
    "stop_trust": 3.0,
    "stop_motivation": 1.0,
    "stop_use": 1.07,
    "stop_after": 0.954,
    "repair": 0.25,
    "training_rate": 0.10,
    "training_motivation": 2,
    "training_overload": 3,
    "training_key_user": 4,
    "training_gain": 0.6,
    "start_rate": 0.00405,
    "start_motivation": 4.61,
    "start_clarity": 2,
    "start_fit": 3,
    "start_usability": 2.5,
    "start_skill": 1,
    "start_peers": 1.8,
    "start_overload": 5,
    "start_untrained": 0.15,
    "start_resuming": 0.5,
    "lapse_rate": 0.03,
    "lapse_habit": 2,
    "lapse_strain": 3,
    "lapse_overload": 3,
    "lapse_experience": 1,
    "lapse_support": 1,
    "habit_gain": 0.05,
    "habit_fade": 0.03,
    "skill_practice": 0.02,
    "skill_forgetting": 0.02,
    "learning_hours": 2,
    "setup_hours": 0.25,
    "setup_weeks": 4,
    "saved_hours": 0,
    "care_weeks": 33.2,
    "care_weeks_sd": 23.0,
    "blended_ratio": 0.57,
    "invitation_rate": 0.04,
    "invitation_habit": 1.5,
    "invitation_motivation": 1,
    "acceptance": 0.2,
    "acceptance_fit": 1.5,
    "acceptance_skill": 1,
    "dropout_rate": 0.03,
    "dropout_guidance": 0.5,
    "reference_completion": 0.65,
}
BARRIERS = {  # METHODS.md, section 6; True where more is better
    "role_clarity": True,
    "workload": False,
    "motivation": True,
    "underestimation": False,
    "diffusion": False,
    "trust": True,
    "alignment": True,
    "manager_hours": True,
}
NUMERIC = [entry for entry in parameters().values() if entry.kind != "choice"]
ASSUMED = [entry for entry in NUMERIC if entry.source == "assumption"]


def prior_span(entry: Parameter) -> tuple[float, float]:
    """Return the interval that holds (about) all of a prior's mass."""
    prior = entry.prior
    assert prior is not None
    if prior.kind == "beta":
        mean = prior.a / (prior.a + prior.b)
        sd = math.sqrt(mean * (1.0 - mean) / (prior.a + prior.b + 1.0))
    elif prior.kind == "normal":
        mean, sd = prior.a, prior.b
    else:
        return prior.a, prior.b
    return max(entry.low, mean - 2.0 * sd), min(entry.high, mean + 2.0 * sd)


def prior_quantile(entry: Parameter, p: float) -> float:
    """Return a quantile of a uniform or loguniform prior."""
    prior = entry.prior
    assert prior is not None
    if prior.kind == "uniform":
        return prior.a + p * (prior.b - prior.a)
    assert prior.kind == "loguniform"
    return prior.a * (prior.b / prior.a) ** p


def named(entries: list[Parameter]) -> dict[str, object]:
    return {"argvalues": entries, "ids": [entry.name for entry in entries]}


@pytest.mark.parametrize("entry", **named(list(parameters().values())))
def test_every_entry_says_what_it_is_and_where_it_comes_from(entry: Parameter) -> None:
    texts = (entry.unit, entry.label, entry.label_nl, entry.meaning, entry.reference)
    assert all(text.strip() for text in texts)
    assert entry.meaning.endswith(".")
    assert "\n" not in entry.meaning
    assert entry.source in registry.SOURCES
    assert entry.confidence in registry.CONFIDENCES
    assert entry.group in registry.GROUPS


@pytest.mark.parametrize("entry", **named(NUMERIC))
def test_defaults_and_priors_lie_inside_the_range(entry: Parameter) -> None:
    assert isinstance(entry.default, int if entry.kind == "count" else float)
    assert entry.low <= float(entry.default) <= entry.high
    low, high = prior_span(entry)
    assert entry.low <= low < high <= entry.high
    assert low <= float(entry.default) <= high, "the prior leaves out the default"


@pytest.mark.parametrize("entry", **named(ASSUMED))
def test_an_assumed_value_says_so_and_has_a_wide_prior(entry: Parameter) -> None:
    assert entry.reference.startswith("assumed")
    assert entry.confidence == "low"
    low, high = prior_span(entry)
    wide_in_ratio = low >= 0.0 and high >= 2.0 * low
    wide_in_range = high - low >= 0.3 * (entry.high - entry.low)
    assert wide_in_ratio or wide_in_range


def test_a_published_value_has_a_citation() -> None:
    published = [entry for entry in parameters().values() if entry.source == "paper"]
    assert published
    for entry in published:
        assert any(digit.isdigit() for digit in entry.reference), entry.name
        assert not entry.reference.startswith("assumed"), entry.name
        # The paper behind the model is qualitative: structure comes from it, numbers never do.
        assert "Bastoni" not in entry.reference, entry.name


def test_choices_have_no_prior_and_hold_their_default() -> None:
    for entry in parameters().values():
        assert (entry.kind == "choice") == bool(entry.choices) == (entry.prior is None)
        if entry.choices:
            assert entry.default in entry.choices


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_the_defaults_are_those_of_the_model(name: str, value: float) -> None:
    assert parameters()[name].default == value


@pytest.mark.parametrize("name", parameters())
def test_only_barriers_have_attainable_values(name: str) -> None:
    entry = parameters()[name]
    assert (entry.attainable is not None) == (name in BARRIERS)
    assert (entry.attainable_modest is not None) == (name in BARRIERS)


@pytest.mark.parametrize(("name", "more_is_better"), BARRIERS.items())
def test_attainable_values_are_favourable_percentiles(name: str, more_is_better: bool) -> None:
    entry = parameters()[name]
    best, modest = (0.9, 0.75) if more_is_better else (0.1, 0.25)
    assert entry.attainable == pytest.approx(prior_quantile(entry, best), rel=0.02)
    assert entry.attainable_modest == pytest.approx(prior_quantile(entry, modest), rel=0.02)


def test_each_phase_has_the_same_four_fields() -> None:
    fields = ("manager_hours", "team_hours", "team_hours_per_clinician", "delay_weeks")
    phases = ("onboarding", "journeys", "build", "train", "evaluate")
    expected = [f"phases.{phase}.{field}" for phase in phases for field in fields]
    assert [name for name, e in parameters().items() if e.group == "phases"] == expected


def test_every_construct_named_has_an_input_and_only_shapes_have_none() -> None:
    found = constructs.by_construct(parameters().values())
    assert list(found) == list(constructs.known())
    assert all(found.values()), "a construct that nothing stands for need not be listed"
    assert found["none: technical"] == ["weeks"]
    assert all(name.endswith("_sd") for name in found["none: spread"])
    both = [e.name for e in parameters().values() if "CFIR" in e.construct and "NPT" in e.construct]
    assert {"role_clarity", "workload", "motivation"} <= set(both)


def test_the_registry_is_read_once_and_read_only() -> None:
    assert parameters() is parameters()
    assert outcomes() is outcomes()
    with pytest.raises(TypeError):
        parameters()["role_clarity"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        parameters()["role_clarity"].default = 1.0  # type: ignore[misc]


def test_outcomes_are_complete() -> None:
    found = outcomes()
    for role in ("manager", "lead", "clinician"):
        for measure in ("strain", "motivation", "role_clarity", "load", "staff_hours"):
            assert f"{measure}.{role}" in found
    for outcome in found.values():
        assert outcome.kind in registry.OUTCOME_KINDS
        assert outcome.level in registry.LEVELS
        assert outcome.better in registry.BETTER
        assert outcome.definition.endswith(".")
        assert (outcome.kind == "time") == (outcome.unit == "weeks")
    assert found["reach"].maps_to == "RE-AIM: reach"
    assert found["cost_per_patient_reached"].kind == "ratio"


def test_outcomes_say_which_direction_is_wanted() -> None:
    found = {name: outcome.better for name, outcome in outcomes().items()}
    assert found["adoption"] == found["reach"] == found["live"] == "higher"
    times = [one for one in outcomes().values() if one.kind in ("time", "ratio")]
    assert {one.name for one in times if one.better != "lower"} == {"stop_week"}
    assert found["stop_week"] == found["running_after_104"] == "higher"
    assert found["stopped"] == found["cost"] == found["strain.clinician"] == "lower"
    assert found["open"] == found["load.lead"] == found["staff_hours.clinician"] == "neither"


def test_markdown_lists_every_parameter_in_a_whole_row() -> None:
    text = registry.as_markdown()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(parameters())
    assert {row.replace("\\|", "").count("|") for row in rows} == {8}
    assert registry._markdown_row(("a|b",)) == "| a\\|b |"


def test_table_and_json_hold_every_parameter() -> None:
    header, *rows = registry.as_table()
    assert [row[0] for row in rows] == list(parameters())
    assert {len(row) for row in rows} == {len(header)}
    listed = json.loads(json.dumps(registry.as_json(), allow_nan=False))
    assert [row["name"] for row in listed] == list(parameters())
    assert listed[0]["prior"][0] in registry.PRIORS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the registry that a test may spoil."""
    for file in files("sim").joinpath("registry").iterdir():
        if file.name.endswith(".toml"):
            (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


ENTRY = """
[spoiled]
default = 0.5
range = [0.0, 1.0]
kind = "real"
unit = "share"
label = "Spoiled"
label_nl = "Bedorven"
meaning = "An entry to spoil."
construct = "CFIR: innovation / cost; NPT: reflexive monitoring / reconfiguration"
prior = ["uniform", 0.2, 0.8]
source = "assumption"
reference = "assumed: for a test"
confidence = "low"
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('unit = "share"\n', "", "unit is missing"),
        ('kind = "real"\n', "", "kind is missing"),
        ('prior = ["uniform", 0.2, 0.8]\n', "", "prior is missing"),
        ("default = 0.5", "default = 1.5", "default 1.5 is outside 0 to 1"),
        ("default = 0.5", "default = nan", "finite number"),
        ("default = 0.5", "default = true", "finite number"),
        ("[0.0, 1.0]", "[1.0, 0.0]", "range must rise"),
        ("0.2, 0.8]", "0.2, 1.8]", "prior 1.8 is outside 0 to 1"),
        ("0.2, 0.8]", "0.8, 0.2]", "prior must rise"),
        ('"uniform", 0.2', '"loguniform", 0.0', "above 0 if loguniform"),
        ('"uniform", 0.2, 0.8', '"normal", 0.5, 0.0', "standard deviation above 0"),
        ('"uniform"', '"triangle"', "prior must be one of"),
        ('kind = "real"', 'kind = "reel"', "unknown kind 'reel'"),
        ('kind = "real"', 'kind = "count"', "must be whole"),
        ("innovation / cost", "innovation / price", "construct 'CFIR: innovation / price'"),
        ('construct = "CFIR', 'cfir = "CFIR', "construct is missing"),
        ('"assumption"', '"hearsay"', "unknown source 'hearsay'"),
        ('confidence = "low"', 'confidence = "none"', "unknown confidence 'none'"),
        ('"assumed: for a test"', '" "', "reference must be text, not empty"),
        ('label = "Spoiled"', 'label = "Spoiled"\ncolour = "red"', "unknown field colour"),
        ("[spoiled]", "[trust]", "already defined in conditions.toml"),
        ("[spoiled]", "[spoiled.deep]", "quote a name with dots"),
    ],
)
def test_a_broken_entry_is_named(copy: Path, old: str, new: str, complaint: str) -> None:
    assert old in ENTRY
    with (copy / "costs.toml").open("a", encoding="utf-8") as file:
        file.write(ENTRY.replace(old, new))
    with pytest.raises(RegistryError) as caught:
        registry._read_parameters(copy)
    message = str(caught.value)
    name = "trust" if new == "[trust]" else "spoiled"
    assert message.startswith(f"costs.toml: {name}: ")
    assert complaint in message


def test_the_entry_to_spoil_is_sound(copy: Path) -> None:
    with (copy / "costs.toml").open("a", encoding="utf-8") as file:
        file.write(ENTRY)
    assert registry._read_parameters(copy)["spoiled"].group == "costs"


def test_a_choice_without_its_default_and_a_broken_outcome_are_named(copy: Path) -> None:
    setting, found = copy / "setting.toml", copy / "outcomes.toml"
    text = setting.read_text(encoding="utf-8")
    setting.write_text(text.replace('"small-world"', '"circle"', 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=r"setting\.toml: network: unknown default 'circle'"):
        registry._read_parameters(copy)
    text = found.read_text(encoding="utf-8")
    found.write_text(text.replace('level = "staff"', 'level = "board"', 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=r"outcomes\.toml: first_use: unknown level 'board'"):
        registry._read_outcomes(copy)
    found.write_text(text.replace('better = "higher"\n', "", 1), encoding="utf-8")
    with pytest.raises(RegistryError, match=r"outcomes\.toml: first_use: better is missing"):
        registry._read_outcomes(copy)


def test_a_file_that_is_missing_or_not_toml_is_named(copy: Path) -> None:
    (copy / "patients.toml").write_text("[care_weeks\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"^patients\.toml: "):
        registry._read_parameters(copy)
    shutil.move(copy / "drivers.toml", copy / "elsewhere.toml")
    with pytest.raises(RegistryError, match=r"^drivers\.toml: "):
        registry._read_parameters(copy)


def test_importing_the_registry_stays_light() -> None:
    heavy = "{'numpy', 'scipy', 'pydantic', 'numba', 'mesa', 'pandas'}"
    code = f"import sys, sim.parameters; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
