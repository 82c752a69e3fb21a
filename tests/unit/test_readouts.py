import numpy as np
import pytest

import sim as mih
from sim.readouts import LABEL, MECHANISMS, nomad_like, scores_of

SMALL = {"clinicians": 12, "caseload": 4, "weeks": 80, "lead_hours": 30.0, "manager_hours": 20.0}


@pytest.fixture(scope="module")
def result() -> mih.Result:
    return mih.run(mih.load("baseline").with_values(SMALL), replicates=30, seed=2)


def test_scores_are_means_of_the_series_they_name(result: mih.Result) -> None:
    expected = (result.weekly["role_clarity_clinician"] + result.weekly["role_clarity_lead"]) / 2
    known = ~np.isnan(expected)
    scores = scores_of(result, "coherence")
    assert np.allclose(scores[known], 1.0 + 4.0 * expected[known])
    # While the only lead's post is vacant the clinicians stand alone.
    alone = np.isnan(result.weekly["role_clarity_lead"])
    assert alone.any()
    clinicians = result.weekly["role_clarity_clinician"][alone]
    assert np.allclose(scores[alone], 1.0 + 4.0 * clinicians)


def test_reflexive_monitoring_is_evaluating_and_not_having_stopped(result: mih.Result) -> None:
    scores = scores_of(result, "reflexive_monitoring")
    assert set(np.unique(scores)) == {1.0, 5.0}, "one organisation does or does not"
    stopped = result.weekly["stopped"] == 1.0
    assert np.all(scores[stopped] == 1.0)
    evaluated = ~np.isnan(result.phase_spans[:, 0, -1, 1])
    goes_on = result.weekly["stopped"][:, -1] == 0.0
    assert np.array_equal(scores[:, -1] == 5.0, evaluated & goes_on)
    never = mih.run(mih.load("evaluate-never"), replicates=10, seed=1, weeks=120)
    assert np.all(scores_of(never, "reflexive_monitoring") == 1.0)


def test_a_table_holds_every_mechanism_and_week_with_its_label(result: mih.Result) -> None:
    table = nomad_like(result)
    assert list(table["mechanism"].unique()) == list(MECHANISMS)
    assert len(table) == 4 * 80
    assert set(table["label"]) == {LABEL}
    assert table["mean"].between(1.0, 5.0).all()
    last = table[(table["mechanism"] == "collective_action") & (table["week"] == 80)].iloc[0]
    scores = scores_of(result, "collective_action")[:, -1]
    assert last["mean"] == pytest.approx(scores.mean())
    assert last["ci_low"] < last["mean"] < last["ci_high"]


def test_clearer_roles_and_motivated_people_score_higher() -> None:
    base = mih.load("baseline").with_values(SMALL)
    for name, mechanism in (
        ("role_clarity", "coherence"),
        ("motivation", "cognitive_participation"),
        ("trust", "collective_action"),
    ):
        low, high = (
            scores_of(mih.run(base.with_values({name: value}), replicates=20, seed=1), mechanism)
            for value in (0.3, 0.8)
        )
        assert (high[:, -1] - low[:, -1]).mean() > 0.2, name
