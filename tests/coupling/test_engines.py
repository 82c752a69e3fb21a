"""The two engines give the same trajectories, bit by bit, and the Mesa engine can be extended."""

import gc
import weakref
from collections.abc import Callable
from inspect import signature
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import layout
from sim.agents import (
    Clinician,
    ImplementationManager,
    Model,
    Organisation,
    Patient,
    ProjectLead,
)
from sim.layout import Tape
from sim.rules import clinicians, patients, people, project
from sim.scenario import Scenario, load, loads, shipped
from sim.simulate import run_compiled, sorted_events
from sim.world import recipe
from tests.drawing import random_scenario, scenarios

pytestmark = [
    pytest.mark.filterwarnings("error::FutureWarning"),
    pytest.mark.filterwarnings("error::DeprecationWarning"),
]

BLOCKS, PER_BLOCK, SEEDS = 10, 20, (0, 1, 2**63 - 1)
KINDS = (ImplementationManager, Organisation, ProjectLead, Clinician, Patient)

LIVELY = loads(
    """
    title = "lively"
    organisations = 2
    clinicians = 8
    caseload = 3
    leads = 2
    managers = 2
    key_users = 0.25
    manager_hours = 30
    lead_hours = 30
    training_rate = 0.5
    start_rate = 0.05
    lapse_rate = 0.06
    invitation_rate = 0.2
    dropout_rate = 0.05
    turnover = 0.4
    lead_turnover = 0.4
    manager_turnover = 0.4
    stop_rate = 0.002
    """
).replace(weeks=90)
"""A small scenario in which every kind of event happens."""


def assert_same_bits(a: NDArray[Any], b: NDArray[Any], where: str) -> None:
    assert a.shape == b.shape, where
    for name in a.dtype.names or ():
        equal = np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f")
        assert equal, f"{where}: {name} differs first at {first_difference(a[name], b[name])}"


def first_difference(a: NDArray[Any], b: NDArray[Any]) -> str:
    differs = (a != b) & ~((a != a) & (b != b))
    at = tuple(np.argwhere(differs)[0].tolist())
    return f"{at}: {a[at]!r} and {b[at]!r}"


def assert_same_tape(a: Tape, b: Tape, where: str = "") -> None:
    for name in ("series", "cohorts", "totals", "progress"):
        assert_same_bits(getattr(a, name), getattr(b, name), f"{where} {name}")


def assert_engines_agree(scenario: Scenario, seed: int, where: str, **which: Any) -> None:
    compiled = run_compiled(recipe(scenario), seed, events=True, **{"replicate": 0} | which)
    model = Model(scenario, seed, events=True, **which).run()
    assert_same_tape(model.tape(), compiled, where)
    assert_same_bits(model.event_table(), sorted_events(compiled), f"{where} events")
    assert_same_bits(sorted_events(model.tape()), sorted_events(compiled), f"{where} events")


def same(a: Tape, b: Tape) -> bool:
    try:
        assert_same_tape(a, b)
    except AssertionError:
        return False
    return True


# --- the engines agree ---------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(BLOCKS))
def test_engines_agree_on_random_scenarios(block: int) -> None:
    for number in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        scenario = random_scenario(Random(number))
        for seed in SEEDS:
            assert_engines_agree(scenario, seed, f"scenario {number}, seed {seed}")


LIVE = {"at_start": "live", "trained_at_start": 0.6, "using_at_start": 0.7}
SUMMER = {"calendar_week": 20, "holiday_hours": 0.3}


@pytest.mark.parametrize("changes", [LIVE, SUMMER, LIVE | SUMMER, LIVE | {"weeks": 0}])
def test_engines_agree_on_a_live_start_and_on_holidays(changes: dict[str, Any]) -> None:
    for seed in SEEDS:
        assert_engines_agree(LIVELY.with_values(changes), seed, f"{changes}, seed {seed}")


@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenario=scenarios(), seed=st.integers(0, 2**63 - 1), replicate=st.integers(0, 2**40))
def test_engines_agree_on_whatever_is_drawn(scenario: Scenario, seed: int, replicate: int) -> None:
    assert_engines_agree(scenario, seed, f"seed {seed}", replicate=replicate)


def test_the_random_scenarios_reach_every_kind_of_event() -> None:
    happened: set[int] = set()
    for number in range(BLOCKS * PER_BLOCK):
        tape = run_compiled(recipe(random_scenario(Random(number))), 0, 0, events=True)
        happened |= set(sorted_events(tape)["event"].tolist())
    assert happened == set(range(len(layout.EVENTS)))


@pytest.mark.parametrize("name", shipped())
def test_engines_agree_on_shipped_scenarios(name: str) -> None:
    scenario = load(name)
    most = {"clinicians": 10, "caseload": 4, "organisations": 4, "managers": 2, "weeks": 110}
    small = scenario.with_values(
        {key: min(int(scenario.values[key]), high) for key, high in most.items()}
    )
    assert_engines_agree(small, 1, name)


@pytest.mark.parametrize(
    "which",
    [
        {"replicate": 7},
        {"replicate": 7, "organisation_replicate": 3},
        {"replicate": 2, "first_organisation": 5},
    ],
)
def test_engines_agree_on_replicates_and_organisations(which: dict[str, int]) -> None:
    assert_engines_agree(LIVELY, 4, str(which), **which)


def test_the_tape_after_any_week_is_the_compiled_run_of_so_many_weeks() -> None:
    model = Model(LIVELY, 3)
    for week in range(61):
        if week % 12 == 0:
            before = run_compiled(recipe(LIVELY, week), 3, 0)
            so_far = model.tape()
            assert_same_bits(so_far.series[:week], before.series, f"week {week}")
            assert_same_bits(so_far.cohorts[:week], before.cohorts, f"week {week}")
            assert_same_bits(so_far.totals, before.totals, f"week {week}")
            assert_same_bits(so_far.progress, before.progress, f"week {week}")
        assert model.week == week
        model.step()


def test_weeks_are_a_prefix_of_more_weeks_on_both_engines() -> None:
    for number in range(0, 40, 4):
        scenario = random_scenario(Random(number))
        weeks = int(scenario.values["weeks"])
        runs: list[Callable[[int], Tape]] = [
            lambda horizon, s=scenario: run_compiled(recipe(s, horizon), 1, 0, events=True),  # type: ignore[misc]
            lambda horizon, s=scenario: Model(s, weeks=horizon, events=True).run().tape(),  # type: ignore[misc]
        ]
        for run in runs:
            short, long = run(weeks), run(weeks + 1)
            assert_same_bits(short.series, long.series[:weeks], f"scenario {number}")
            happened = sorted_events(long)
            early = happened[happened["week"] < weeks]
            assert_same_bits(sorted_events(short), early, f"scenario {number}")


class Shuffled(Model):
    """A model that asks its agents in another order every time."""

    def everybody(self, kind: type[Any]) -> Any:
        return super().everybody(kind).shuffle()


def test_order_of_agents_does_not_matter() -> None:
    scenarios = [random_scenario(Random(number)) for number in range(100, 112)]
    for scenario in [LIVELY, *scenarios]:
        usual = Model(scenario, 2, events=True).run()
        shuffled = Shuffled(scenario, 2, events=True).run()
        assert_same_tape(shuffled.tape(), usual.tape())
        assert_same_bits(shuffled.event_table(), usual.event_table(), "events")


# --- the Mesa engine can be extended -------------------------------------------------------------

OVERRIDABLE = [
    (Clinician, "training_hazard"),
    (Clinician, "start_hazard"),
    (Clinician, "lapse_hazard"),
    (Clinician, "leave_hazard"),
    (Clinician, "invitation_hazard"),
    (Clinician, "patients_dropout_hazard"),
    (Clinician, "peers_seen"),
    (Clinician, "commitment"),
    (Patient, "acceptance_probability"),
    (Patient, "dropout_hazard"),
    (ProjectLead, "leave_hazard"),
    (ProjectLead, "productivity"),
    (ImplementationManager, "leave_hazard"),
    (ImplementationManager, "work_quality"),
    (Organisation, "stop_hazard"),
    (Organisation, "vendor_guidance"),
]


def scaled(kind: type[Any], method: str, factor: float) -> type[Any]:
    """Return a subclass of a kind of agent in which one method gives ``factor`` times as much."""

    def override(self: Any) -> float:
        return factor * float(getattr(kind, method)(self))

    return type(f"My{kind.__name__}", (kind,), {method: override})


@pytest.mark.parametrize(("kind", "method"), OVERRIDABLE)
def test_overriding_a_method_changes_the_run(kind: type[Any], method: str) -> None:
    usual = Model(LIVELY, 5).run().tape()
    factor = 100.0 if method == "stop_hazard" else 0.3  # nobody stops by itself with this seed
    other = Model(LIVELY, 5, agents={kind: scaled(kind, method, factor)}).run().tape()
    unchanged = Model(LIVELY, 5, agents={kind: scaled(kind, method, 1.0)}).run().tape()
    assert not same(other, usual)
    assert same(unchanged, usual)


def test_subclasses_take_the_place_of_classes() -> None:
    class MyClinician(Clinician):
        pass

    class MyPatient(Patient):
        pass

    model = Model(LIVELY, agents={Clinician: MyClinician, Patient: MyPatient}).run()
    counts = {kind: len(agents) for kind, agents in model.agents_by_type.items()}
    expected = {ImplementationManager: 2, Organisation: 2, ProjectLead: 4}
    assert counts == expected | {MyClinician: 16, MyPatient: 48}


@pytest.mark.parametrize(
    ("agents", "message"),
    [
        ({Clinician: Patient}, "not a subclass of Clinician"),
        ({Clinician: "MyClinician"}, "not a subclass of Clinician"),
        ({Model: Model}, "no class of the model"),
        ({"Clinician": Clinician}, "no class of the model"),
        ([Clinician], "must be a mapping"),
    ],
)
def test_other_classes_are_refused(agents: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Model(LIVELY, agents=agents)


RULES: list[tuple[Callable[..., float], Callable[[Model], Any], str, str]] = [
    (clinicians.training_hazard, lambda m: clinician(m), "training_inputs", "training_hazard"),
    (clinicians.start_hazard, lambda m: clinician(m), "start_inputs", "start_hazard"),
    (clinicians.lapse_hazard, lambda m: clinician(m), "lapse_inputs", "lapse_hazard"),
    (
        clinicians.invitation_hazard,
        lambda m: clinician(m),
        "invitation_inputs",
        "invitation_hazard",
    ),
    (people.turnover_hazard, lambda m: clinician(m), "leave_inputs", "leave_hazard"),
    (people.turnover_hazard, lambda m: m.organisations[0].leads[0], "leave_inputs", "leave_hazard"),
    (people.turnover_hazard, lambda m: m.vendor.managers[0], "leave_inputs", "leave_hazard"),
    (project.stop_hazard, lambda m: m.organisations[0], "stop_inputs", "stop_hazard"),
    (
        patients.acceptance_probability,
        lambda m: clinician(m).patients[0],
        "acceptance_inputs",
        "acceptance_probability",
    ),
    (patients.dropout_hazard, lambda m: clinician(m), "dropout_inputs", "patients_dropout_hazard"),
]


def clinician(model: Model) -> Clinician:
    """Return a clinician who uses the platform and has active patients."""
    for organisation in model.organisations:
        for one in organisation.clinicians:
            if one.guides() and one.active > 0:
                return one
    raise AssertionError("nobody uses the platform")


@pytest.mark.parametrize(("rule", "who", "covariates", "hazard"), RULES)
def test_covariates_go_by_the_names_of_the_rule(
    rule: Callable[..., float], who: Callable[[Model], Any], covariates: str, hazard: str
) -> None:
    model = Model(LIVELY, 5)
    for _ in range(70):
        model.step()
    agent = who(model)
    found = getattr(agent, covariates)()
    assert list(found) == list(signature(rule).parameters)[1:]
    assert rule(model.p, **found) == getattr(agent, hazard)()


def test_a_patient_drops_out_by_the_hazard_of_the_clinician() -> None:
    model = Model(LIVELY, 5)
    for _ in range(70):
        model.step()
    one = clinician(model)
    patient = one.patients[0]
    assert patient.dropout_inputs() == one.dropout_inputs()
    assert patient.dropout_hazard() == one.dropout_hazard > 0.0


# --- the Mesa engine as a Mesa model -------------------------------------------------------------


def test_the_data_collector_holds_means_over_organisations() -> None:
    model = Model(LIVELY, 5).run()
    frame = model.datacollector.get_model_vars_dataframe()
    series = model.tape().series
    assert list(frame.columns) == list(layout.SERIES.names or ())
    assert len(frame) == model.weeks
    for name in frame.columns:
        values = series[name]
        with np.errstate(invalid="ignore"):
            means = np.nansum(values, axis=1) / (~np.isnan(values)).sum(axis=1)
        np.testing.assert_allclose(frame[name], means, rtol=1e-14)
    assert frame["load_users"].isna().any()


def test_patients_are_agents_who_come_and_go() -> None:
    model = Model(LIVELY, 5)
    places = len(model.agents_by_type[Patient])
    first = {patient.unique_id for patient in model.agents_by_type[Patient]}
    model.run()
    present = list(model.agents_by_type[Patient])
    assert len(present) == places == 2 * 8 * 3
    assert len({(p.clinician.unique_id, p.place) for p in present}) == places
    assert not first & {patient.unique_id for patient in present if patient.occupant > 0}
    assert all(patient.clinician.patients[patient.place] is patient for patient in present)


def test_a_run_ends_at_its_horizon() -> None:
    model = Model(LIVELY, weeks=3)
    assert model.running
    assert model.run() is model
    assert (model.week, model.running) == (3, False)
    with pytest.raises(RuntimeError, match="all 3 weeks are done"):
        model.step()
    assert not Model(LIVELY, weeks=0).running


def test_events_are_kept_only_if_asked_for() -> None:
    model = Model(LIVELY, 5).run()
    assert len(model.tape().events) == 1
    with pytest.raises(RuntimeError, match="events=True"):
        model.event_table()
    assert_same_tape(model.tape(), Model(LIVELY, 5, events=True).run().tape())


def test_a_name_is_loaded() -> None:
    model = Model("baseline", weeks=1)
    assert model.recipe.scenario == load("baseline")


def test_chance_comes_from_the_keyed_draws_alone() -> None:
    model = Model(LIVELY, 5)
    model.random.seed(99)
    model.rng.random(17)
    state = model.random.getstate()
    assert_same_tape(model.run().tape(), Model(LIVELY, 5).run().tape())
    assert model.random.getstate() == state


def test_models_are_not_kept_alive() -> None:
    model = Model(LIVELY, weeks=5).run()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("kind", KINDS)
def test_agents_have_the_fields_of_the_layout(kind: type[Any]) -> None:
    """Fields of this week alone may have other names: hazards are methods of agents."""
    fields = {
        ImplementationManager: layout.MANAGER,
        Organisation: layout.ORGANISATION,
        ProjectLead: layout.LEAD,
        Clinician: layout.CLINICIAN,
        Patient: layout.PATIENT,
    }[kind]
    model = Model(LIVELY, weeks=2).run()
    for agent in model.agents_by_type[kind]:
        for name in fields.names or ():
            value = getattr(agent, name)
            assert isinstance(value, int | float | bool) or callable(value) or name == "team"
            assert not isinstance(value, np.generic)
