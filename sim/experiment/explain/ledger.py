"""The ledger: the weeks that phases take, and whom they wait for.

A phase is done when the manager's part and the team's part of its work are done, so in each week of
it one cause applies:

- *outside*: its turn has come, and the external delay is not over (contract, privacy, link);
- *at work*: both parts are unfinished, or the phase holds no work;
- *for the manager*: the team's part is done, the manager's is not;
- *for the team*: the other way round.

Two more lines look at the same weeks from the side of the people: weeks in which the manager's part
was unfinished and no manager in post, and the same of the team's part and the leads. Phases that
recur are left out: they wait for the calendar. A phase that is not done counts until the project
stops, its time runs out or the run ends.

Everything follows from what a run writes down; the model keeps no books for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout
from sim.experiment.compare.paired import Floats
from sim.layout import Tape
from sim.outcomes import interval
from sim.scenario import Scenario
from sim.simulate import run_compiled
from sim.world import Recipe, recipe

CAUSES = ("outside", "at_work", "for_manager", "for_team")
"""Where a week of a phase goes; they add up to what the phase took."""

NOBODY = ("no_manager", "no_lead")
"""Weeks among these in which there was nobody to do the work."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """A mean number of weeks and its 95 % interval over runs; None = cannot be said."""

    mean: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class PhaseLedger:
    """The weeks of a phase, over the organisations in which its turn came.

    ``planned``: at the hours agreed, external delay included; ``took``: in all. ``weeks`` by
    `CAUSES`, which add up to ``took``, and by `NOBODY`. ``begun`` and ``done``: shares of all
    organisations in which its turn came, and in which it was done.
    """

    name: str
    label: str
    planned: float
    took: Weeks
    weeks: dict[str, Weeks]
    begun: float
    done: float


def ledger_of(
    scenario: Scenario, draws: Sequence[Mapping[str, Any]], seed: int, weeks: int | None = None
) -> tuple[PhaseLedger, ...]:
    """Return the ledger of a scenario: its runs are made again for it, a draw of the rules each."""
    made = (recipe(scenario.with_values(draw), weeks) for draw in draws)
    tapes = (run_compiled(one, seed, k) for k, one in enumerate(made))
    return summed(recipe(scenario, weeks), tapes)


def summed(made: Recipe, tapes: Iterable[Tape]) -> tuple[PhaseLedger, ...]:
    """Return the ledger of some runs of a recipe: empty where all its phases lie behind."""
    if made.scenario.values["at_start"] == "live":
        return ()
    runs = [(weeks_of(tape, made), tape.progress["done"] >= 0) for tape in tapes]
    table = np.array([one for one, _ in runs])
    done = np.array([one for _, one in runs])
    found = []
    for k, phase in enumerate(made.scenario.phases):
        if made.plan[k].recurs:
            continue
        spent = table[:, :, k]
        parts = [_mean(spent[:, :, i]) for i in range(spent.shape[2])]
        found.append(
            PhaseLedger(
                name=phase.name,
                label=phase.label,
                planned=float(made.plan[k].planned_weeks + made.plan[k].delay_weeks),
                took=_mean(spent[:, :, : len(CAUSES)].sum(axis=2)),
                weeks=dict(zip((*CAUSES, *NOBODY), parts, strict=True)),
                begun=float(np.mean(~np.isnan(spent[:, :, 0]))),
                done=float(np.mean(done[:, :, k])),
            )
        )
    return tuple(found)


def weeks_of(tape: Tape, made: Recipe) -> Floats:
    """Return the weeks of each phase by cause, shape (organisations, phases, causes).

    The causes are `CAUSES` and `NOBODY`; NaN where a phase's turn did not come, or it recurs.
    """
    organisations, phases = tape.progress.shape
    found = np.full((organisations, phases, len(CAUSES) + len(NOBODY)), np.nan)
    for o in range(organisations):
        last = _last_week(tape, made, o)
        nobody = [_absent(tape, made, o, role) for role in ("manager", "lead")]
        turn = 0
        for k in range(phases):
            if made.plan[k].recurs:
                continue
            phase = tape.progress[o, k]
            if 0 <= turn <= last:
                found[o, k] = _spent(phase, made.plan[k], turn, last, nobody)
            turn = _next_turn(phase, made, k)
    return found


def _spent(
    phase: layout.Record,
    plan: layout.Record,
    turn: int,
    last: int,
    nobody: Sequence[NDArray[np.bool_]],
) -> list[float]:
    """Return the weeks of a phase by cause; its turn comes in week ``turn``."""
    opened = phase.opened if phase.opened >= 0 else last + 1
    end = phase.done if phase.done >= 0 else last
    manager = _weeks_of_part(plan.manager_hours, phase.manager_done, opened, end)
    team = _weeks_of_part(plan.team_hours, phase.team_done, opened, end)
    waits = [max(manager - team, 0), max(team - manager, 0)]
    at_work = end + 1 - opened - sum(waits)
    absent = [
        int(one[opened : opened + part].sum())
        for one, part in zip(nobody, (manager, team), strict=True)
    ]
    return [float(weeks) for weeks in (opened - turn, at_work, *waits, *absent)]


def _weeks_of_part(hours: float, done: int, opened: int, end: int) -> int:
    """Return the weeks in which a part of a phase was unfinished; 0 if there was nothing to do."""
    if hours <= 0.0:
        return 0
    return int((done if done >= 0 else end) + 1 - opened)


def _next_turn(phase: layout.Record, made: Recipe, k: int) -> int:
    """Return the week in which the turn comes of the phase after phase k, -1 for never."""
    after = [j for j in range(k + 1, len(made.plan)) if not made.plan[j].recurs]
    if not after:
        return -1
    if made.plan[after[0]].overlaps:
        return int(phase.opened)
    return int(phase.done) + 1 if phase.done >= 0 else -1


def _last_week(tape: Tape, made: Recipe, o: int) -> int:
    """Return the last week in which an organisation's project ran."""
    ends = [len(tape.series), int(made.p[0].project_weeks)]
    stopped = int(tape.totals[o].stopped_week)
    return min(*ends, stopped + 1 if stopped >= 0 else len(tape.series)) - 1


def _absent(tape: Tape, made: Recipe, o: int, role: str) -> NDArray[np.bool_]:
    """Return in which weeks nobody of a role was in post; a mean over nobody is NaN.

    A series holds the end of a week, which is what the next week begins with.
    """
    before = np.isnan(tape.series[f"load_{role}"][:, o])
    none = int(made.p[0][f"{role}s"]) == 0
    return np.concatenate([[none], before[:-1]]) if len(before) else before


def _mean(values: Floats) -> Weeks:
    """Return the mean over organisations and runs (runs, organisations); NaN is left out."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    runs = np.where(known, values, 0.0).sum(axis=1)[counts > 0] / counts[counts > 0]
    mean, low, high = interval(runs)
    return Weeks(mean, None if low is None else max(low, 0.0), high)  # weeks are never below 0
