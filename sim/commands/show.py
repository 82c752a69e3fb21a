"""The outcomes of a run as a table that a planner reads."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.experiment.numbers import count, digits_of, number
from sim.experiment.units import label_of, labelled, shown_unit
from sim.outcomes import Summary, kind_and_unit
from sim.spread import between_organisations

if TYPE_CHECKING:
    from sim.simulate import Result

GROUPS = {
    "Uptake": (
        "first_use adoption adoption_after_13 adoption_after_26 adoption_after_39 "
        "adoption_after_52 sustained_adoption active_use weeks_to_half_adoption"
    ),
    "Patients": "reach reach_admitted completion patients_reached",
    "Project": (
        "live stopped open stopped_time stopped_overrun stopped_trust stopped_motivation "
        "stopped_use stopped_chance competent running running_after_104 go_live_week start_week "
        "competence_week stop_week phase_weeks"
    ),
    "People": ("strain motivation role_clarity load staff_leavers staff_hours hours_saved"),
    "Cost": "cost cost_per_patient_reached",
}
"""The groups, with the outcomes of each (what stands before a dot names them all)."""

NEVER = {"time": "never", "ratio": "nobody"}
"""What a quantile says, by kind of outcome, that is later than all that happened."""

HEADINGS = ("mean", "95 % interval", "10 %", "50 %", "90 %", "reached", "unit")


def described(result: "Result", settings: str = "") -> list[str]:
    """Return the lines that ``mih run`` prints."""
    spread = list(_spread(result))
    return [*_head(result, settings), *_table(result), "", *spread, *_legend(result)]


def _head(result: "Result", settings: str) -> Iterator[str]:
    values = result.scenario.values
    clinicians = result.organisations * int(values["clinicians"])
    patients = clinicians * int(values["caseload"])
    yield f"{result.scenario.title}  ({result.scenario.name})"
    if settings:
        yield f"with {settings}"
    yield (
        f"{count(result.replicates, 'run')} of {count(result.organisations, 'organisation')}, "
        f"{count(clinicians, 'clinician')} and {count(patients, 'patient')} in care, "
        f"{count(result.weeks, 'week')}; seed {result.seed}, {result.engine} engine"
    )
    yield f"{labelled(result.label)}."


def _table(result: "Result") -> Iterator[str]:
    """Return the lines of the table, aligned over all groups."""
    summary = result.summary()
    groups = {
        group: [_row(result, one) for name, one in summary.items() if group_of(name) == group]
        for group in GROUPS
    }
    rows: list[tuple[str, ...]] = [
        ("", *HEADINGS),
        *(row for found in groups.values() for row in found),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading: tuple[str, ...] = HEADINGS
    for group, found in groups.items():
        if found:
            yield ""
            yield line_of((group, *heading), [widths[0] + 2, *widths[1:]])
            yield from (
                line_of((f"  {row[0]}", *row[1:]), [widths[0] + 2, *widths[1:]]) for row in found
            )
            heading = ("",) * len(HEADINGS)


def aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table whose columns are as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield from (line_of(row, widths) for row in rows)


def line_of(row: tuple[str, ...], widths: list[int]) -> str:
    """Return the cells of a row in columns: the first and last to the left, the others right."""
    middle = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
    return "  ".join([row[0].ljust(widths[0]), *middle, row[-1]]).rstrip()


def group_of(name: str) -> str:
    """Return the group of an outcome."""
    first = name.partition(".")[0]
    return next((group for group, names in GROUPS.items() if first in names.split()), "Project")


def _row(result: "Result", one: Summary) -> tuple[str, ...]:
    """Return the cells of an outcome; shares as per cent."""
    unit = shown_unit(one.unit, result.scenario.currency)
    share = unit.startswith("share")
    scale, sign = (100.0, " %") if share else (1.0, "")
    digits = digits_of(one.mean, one.ci_low, one.ci_high, scale)

    def cell(value: float | None, otherwise: str = "-") -> str:
        return otherwise if value is None else number(value * scale, digits) + sign

    never = "-" if one.n == 0 else NEVER.get(kind_and_unit(one.name)[0], "-")
    interval = "-"
    if one.ci_low is not None and one.ci_high is not None:
        interval = f"{number(one.ci_low * scale, digits)} to {cell(one.ci_high)}"
    return (
        label_of(result.scenario, one.name),
        cell(one.mean),
        interval,
        *(cell(value, never) for value in (one.q10, one.q50, one.q90)),
        "" if one.share_reached is None else f"{number(one.share_reached * 100, 0)} %",
        unit.removeprefix("share").strip() if share else unit,
    )


def _spread(result: "Result") -> Iterator[str]:
    """Return what makes runs differ: organisations, or chance within them."""
    found = between_organisations(result)
    for name, one in found.items():
        label = label_of(result.scenario, name)
        yield (
            f"Why runs differ in {label.lower()}: {one.share:.0%} lies between organisations "
            f"({one.ci_low:.0%} to {one.ci_high:.0%}), the rest is chance within them."
        )
    if found:
        yield ""


def _legend(result: "Result") -> Iterator[str]:
    over = "runs" if result.organisations == 1 else "organisations of all runs"
    yield "mean: over runs, with the 95 % interval of that mean (chance in the runs alone)."
    yield f"10 %, 50 %, 90 %: quantiles over {over}; half of them lie below the 50 % one."
    yield (
        f"Times are in weeks from the project's start (of a phase: its length). In their mean "
        f"'never' counts as week {result.weeks}"
    )
    yield "(restricted mean); reached: share of organisations in which it happened by then."
    yield "Cost per patient: 'nobody' where no patient was reached; its mean is a ratio of means."
