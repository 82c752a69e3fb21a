"""The study of human resources over several years: it runs, and its main directions hold."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import sim
from sim.experiment.compare.comparison import Comparison
from sim.experiment.design.study import load_study

PAGE = Path(__file__).resolve().parents[2] / "docs" / "human-resources.md"
STUDY = load_study("human-resources")
LEAVING, NEVER = {"turnover": 0.6}, {"turnover": 0.6, "newcomer_training_weeks": 0}


def test_the_study_varies_what_theirs_does_over_five_years() -> None:
    assert [one.name for one in STUDY.factors] == ["turnover", "leads", "newcomer_training_weeks"]
    assert (STUDY.count, STUDY.replicates) == (36, 400)
    own = {one.name: STUDY.base.values[one.name] for one in STUDY.factors}
    assert own in [STUDY.values(point) for point in range(STUDY.count)]  # the defaults are a point
    for name in ("weeks", "project_weeks"):
        assert STUDY.base.values[name] == 5 * 52
        assert f"`{name} = 260`" in PAGE.read_text(encoding="utf-8")


def test_the_study_runs() -> None:
    small = replace(STUDY, base=STUDY.base.replace(weeks=40, clinicians=10), replicates=2)
    frame = sim.sweep(small, workers=0).frame()
    assert len(frame) == 2 * STUDY.count
    assert set(frame["status"]) == {"ok"}
    assert {"adoption", "active_use", "reach", "patients_reached"} <= set(frame.columns)


@cache
def compared() -> Comparison:
    """Compare, of those whose staff leave, training for newcomers always and never; few leave."""
    plans = {"leaving": LEAVING, "never": NEVER, "staying": {"turnover": 0.06}}
    return sim.compare({name: STUDY.base.replace(**one) for name, one in plans.items()}, 150)


@pytest.mark.parametrize("outcome", ["adoption", "sustained_adoption", "reach", "patients_reached"])
def test_turnover_takes_delivery_and_training_newcomers_gives_some_back(outcome: str) -> None:
    plans = compared().outcomes[outcome].plans
    staying, never = plans["staying"], plans["never"]
    assert staying.ci_low is not None
    assert never.ci_high is not None
    assert staying.ci_low > 0.0  # fewer leave: more
    assert never.ci_high < 0.0  # newcomers are never trained: less


def test_the_page_starts_from_what_the_model_gives() -> None:
    found = sim.run(STUDY.base, 1000, 1).summary()
    adoption, reach = (f"{100 * found[name].mean:.0f} %" for name in ("adoption", "reach"))
    row = f"| **as it is** | {adoption} | {reach} | {found['patients_reached'].mean:,.0f} |"
    rows = re.findall(r"^\| \*\*as it is\*\* .*$", PAGE.read_text(encoding="utf-8"), re.M)
    assert rows == [row], "out of date: run the commands of the page anew"
