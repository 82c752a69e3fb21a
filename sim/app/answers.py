"""What the page is told: fans, phases, patients, costs and paired differences, as JSON."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from sim.app.questions import Comparing
from sim.app.shelf import Shelf
from sim.experiment.compare.comparing import compare
from sim.experiment.compare.comparison import Comparison, Runs
from sim.experiment.compare.question import HEADLINE
from sim.experiment.compare.sentences import gap_in_words, of_plan, target_in_words
from sim.experiment.compare.target import Target, target_of
from sim.experiment.patients import way_of_patients
from sim.experiment.tables import weekly_quantiles
from sim.experiment.units import label_of, shown_unit
from sim.experiment.words import LANGUAGES, Words, words_of
from sim.outcomes import interval
from sim.plots.phases import Span, spans
from sim.scenario import Scenario
from sim.simulate import Result

SHOWN = (*HEADLINE, "stopped", "first_use", "patients_reached", "load.clinician")
"""Outcomes of the page."""

SAID = ("weeks_to_half_adoption", "cost")
"""Outcomes whose differences are said beside those of the first one and of the target."""

FANS = ("adoption", "reach")
WATCHED = 20
"""Runs that can be chosen to be watched."""

_COLUMNS = (
    *("plan", "outcome", "label", "unit", "mean", "ci_low", "ci_high", "q10", "q50", "q90", "n"),
    *("share_reached", "difference", "difference_ci_low", "difference_ci_high"),
)

Json = dict[str, Any]


def compared(question: Comparing, shelf: Shelf) -> Json:
    """Return what each plan gives, and how it differs from the base case.

    The numbers are those of ``mih run`` and ``mih compare`` for the same scenarios, runs and seed.
    Raises InputError.
    """
    plans = question.scenarios()
    before = shelf.simulated
    n, seed = question.replicates, question.seed
    results = {name: shelf.runs(scenario, seed, n) for name, scenario in plans.items()}
    base = results["base"]
    goal = target_of(question.target, base.names)
    shown = tuple(dict.fromkeys((*SHOWN, goal.outcome)))
    answer = {
        "label": base.label,
        "seed": seed,
        "replicates": n,
        "weeks": base.weeks,
        "currency": base.scenario.currency,
        "simulated": shelf.simulated - before,
        "target": _target(base.scenario, goal),
        "plans": {name: _plan(result, shown, goal) for name, result in results.items()},
        "compared": None,
    }
    if len(plans) > 1:
        runs = [Runs.of(result) for result in results.values()]
        found = compare(plans, n, seed, target=goal.exact, outcomes=shown, rows=lambda *_: runs)
        answer["compared"] = _differences(found)
    return answer


def table_of(question: Comparing, shelf: Shelf) -> str:
    """Return the outcomes of all plans as CSV: means, and differences from the base case."""
    import pandas as pd

    rows = []
    answer = compared(question, shelf)
    names = {"base": "base case"} | {f"plan{k}": p.name for k, p in enumerate(question.plans, 1)}
    for plan, found in answer["plans"].items():
        for name, one in found["outcomes"].items():
            gap = {} if plan == "base" else answer["compared"]["outcomes"][name][plan]
            kept = {key: gap.get(key) for key in ("difference", "ci_low", "ci_high")}
            gaps = {"difference": kept["difference"]}
            gaps |= {f"difference_{key}": kept[key] for key in ("ci_low", "ci_high")}
            rows.append({"plan": _safe(names[plan]), "outcome": name, **one, **gaps})
    text: str = pd.DataFrame(rows, columns=_COLUMNS).to_csv(index=False)
    head = f"# {answer['label']}; {answer['replicates']} runs, seed {answer['seed']}\n"
    return head + text


def _safe(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _plan(result: Result, shown: tuple[str, ...], goal: Target) -> Json:
    summary = result.summary()
    outcomes = {}
    for name in shown:
        one = summary[name]
        outcomes[name] = {
            "label": label_of(result.scenario, name),
            **one.as_json(),
            "unit": shown_unit(one.unit, result.scenario.currency),
        }
    met = goal.met(result.outcomes[:, :, result.names.index(goal.outcome)]).mean(axis=1)
    chance, low, high = interval(met, share=True)
    return {
        "outcomes": outcomes,
        "fans": {name: _fan(result, name) for name in FANS},
        "phases": [_phase(result, span) for span in spans(result)],
        "patients": way_of_patients(result),
        "runs": _runs(result),
        "chance": {"chance": chance, "ci_low": low, "ci_high": high},
    }


def _target(scenario: Scenario, goal: Target) -> Json:
    told = {lang: target_in_words(scenario, goal, words_of(lang)) for lang in LANGUAGES}
    return {"outcome": goal.outcome, "sign": goal.sign, "level": goal.level, "in_words": told}


def _runs(result: Result) -> list[Json]:
    """Return how each of the first runs ends, for who wants to watch one."""
    columns = {"adoption": "adoption", "live": "go_live_week", "stop": "stop_week"}
    return [
        {key: _number(row[0, result.names.index(name)]) for key, name in columns.items()}
        for row in result.outcomes[:WATCHED]
    ]


def _fan(result: Result, name: str) -> Json:
    cuts = weekly_quantiles(np.asarray(result.weekly[name]))
    return {key: [_number(value) for value in values] for key, values in cuts.items()}


def _phase(result: Result, span: Span) -> Json:
    labels = {phase.name: phase.label_nl for phase in result.scenario.phases}
    return {
        "phase": span.phase,
        "label": {"en": span.label, "nl": labels.get(span.phase, span.label)},
        "opened": [_number(week) for week in span.opened],
        "done": [_number(week) for week in span.done],
        "done_share": span.done_share,
    }


def _differences(found: Comparison) -> Json:
    others = found.plans[1:]
    return {
        "outcomes": {
            name: {plan: asdict(one.plans[plan]) for plan in others}
            for name, one in found.outcomes.items()
        },
        "better": {name: one.better for name, one in found.outcomes.items()},
        "target": {plan: asdict(found.target.plans[plan]) for plan in others},
        "sentences": {
            lang: {plan: _sentences(found, plan, words_of(lang)) for plan in others}
            for lang in LANGUAGES
        },
    }


def _sentences(found: Comparison, plan: str, words: Words) -> list[str]:
    """Return the sentence of ``mih compare`` for a plan without its name, and more of its kind."""
    base = words.say("word.base")
    more = [f"{gap_in_words(found, name, plan, words, base)}." for name in SAID]
    return [of_plan(found, plan, words, base), *more]


def _number(value: float) -> float | None:
    """Return a number, None for never and for nobody to count."""
    return round(float(value), 6) if math.isfinite(value) else None
