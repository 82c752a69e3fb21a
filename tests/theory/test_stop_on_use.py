"""A stop because an evaluation showed less use than was expected: exact spells, and its cause."""

import math

import numpy as np
import pytest

from sim import layout
from sim.rules import project
from sim.scenario import Scenario
from sim.simulate import run_compiled, sorted_events
from sim.world import recipe
from tests.theory.worlds import HOURS, baseline_parameters, live_at_once
from tests.tolerances import Z_EXACT

ONLY_USE = {"stop_rate": 0.02, "stop_after": 0.5, "stop_use": 4.0, "expected_adoption": 0.5}
NO_OTHER_REASON = {"stop_overrun": 0.0, "stop_trust": 0.0, "stop_motivation": 0.0}
EVALUATED = {f"phases.evaluate.{hours}": 0.0 for hours in HOURS}


def nobody_uses(**changes: object) -> Scenario:
    """Return organisations that are live at once, are evaluated, and in which nobody starts."""
    sizes = {"organisations": 1000, "clinicians": 1, "caseload": 0, "start_rate": 0.0, "weeks": 60}
    return live_at_once(NO_OTHER_REASON | EVALUATED | ONLY_USE | sizes | changes)


def test_after_an_evaluation_that_shows_no_use_stops_come_at_the_raised_hazard() -> None:
    tape = run_compiled(recipe(nobody_uses()), 1, 0, events=True)
    events = sorted_events(tape)
    shown = events[events["event"] == layout.EVALUATED]["week"].min()
    stopped = tape.totals["stopped_week"]
    before, after = 0.02 * 0.5, 0.02 * 0.5 * math.exp(4.0 * 0.5)
    weeks = 20
    # The hazard is looked up before the evaluation of a week is news, or after it: within a week.
    early = (stopped >= 3) & (stopped < shown)
    alive = (stopped < 0) | (stopped >= shown + 1)
    late = alive & (stopped >= 0) & (stopped < shown + 1 + weeks)
    for count, of, chance in (
        (
            early.sum(),
            ((stopped < 0) | (stopped >= 3)).sum(),
            1.0 - math.exp(-before * (shown - 3)),
        ),
        (late.sum(), alive.sum(), 1.0 - math.exp(-after * weeks)),
    ):
        error = math.sqrt(chance * (1.0 - chance) / of)
        assert abs(count / of - chance) < Z_EXACT * error
    cause = tape.totals["stop_cause"]
    assert set(cause[early]) == {project.STOPPED_CHANCE}
    assert set(cause[late]) == {project.STOPPED_USE}


def test_more_use_than_expected_protects_and_no_news_is_no_reason() -> None:
    p = baseline_parameters(**ONLY_USE, **NO_OTHER_REASON)
    hazards = [project.stop_hazard(p, 0.0, 0.5, 0.5, use, 1.0) for use in (-0.5, 0.0, 0.4)]
    assert hazards == pytest.approx([0.01 * math.exp(2.0), 0.01, 0.01 * math.exp(-1.6)])
    assert project.stop_cause(p, 0.0, 0.5, 0.5, 0.4) == project.STOPPED_CHANCE


def test_the_cause_is_the_largest_of_the_four_terms() -> None:
    p = baseline_parameters(stop_overrun=1.0, stop_trust=2.0, stop_motivation=3.0, stop_use=4.0)
    low_trust, low_motivation = p.trust_reference - 0.2, p.motivation_reference - 0.2
    usual = p.trust_reference, p.motivation_reference
    assert project.stop_cause(p, 0.1, *usual, 0.0) == project.STOPPED_OVERRUN
    assert project.stop_cause(p, 0.1, low_trust, usual[1], 0.0) == project.STOPPED_TRUST
    assert project.stop_cause(p, 0.1, low_trust, low_motivation, 0.0) == project.STOPPED_MOTIVATION
    assert project.stop_cause(p, 0.1, low_trust, low_motivation, -0.2) == project.STOPPED_USE
    assert project.stop_cause(p, 0.0, *usual, 0.0) == project.STOPPED_CHANCE


def test_by_default_use_shown_is_no_reason() -> None:
    usual = run_compiled(recipe(nobody_uses(stop_use=0.0)), 1, 0)
    assert project.STOPPED_USE not in usual.totals["stop_cause"]
    assert np.any(usual.totals["stop_cause"] == project.STOPPED_CHANCE)
