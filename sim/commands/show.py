"""The outcomes of a run as a table that a planner reads."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sim.experiment.numbers import count, digits_of, number
from sim.experiment.units import is_share, label_of, labelled, scale_of, shown_unit
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
    table = table_of(result, HEADINGS, lambda one: _row(result, one))
    return [*head_of(result, settings), *table, "", *spread, *_legend(result), *times(result)]


def head_of(result: "Result", settings: str) -> Iterator[str]:
    """Yield what was run, and the label of all its numbers."""
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


def table_of(
    result: "Result", headings: tuple[str, ...], row: Callable[[Summary], tuple[str, ...]]
) -> Iterator[str]:
    """Yield the lines of a table of all outcomes by group; ``row`` gives the cells of one."""
    summary = result.summary()
    groups = {
        group: [row(one) for name, one in summary.items() if group_of(name) == group]
        for group in GROUPS
    }
    rows: list[tuple[str, ...]] = [
        ("", *headings),
        *(row for found in groups.values() for row in found),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading = headings
    for group, found in groups.items():
        if found:
            yield ""
            yield line_of((group, *heading), [widths[0] + 2, *widths[1:]])
            yield from (
                line_of((f"  {row[0]}", *row[1:]), [widths[0] + 2, *widths[1:]]) for row in found
            )
            heading = ("",) * len(headings)


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
    cells = Cells(result, one)
    between = cells.between(one.ci_low, one.ci_high)
    return (cells.label, cells.cell(one.mean), between, *cells.quantiles, cells.reached, cells.unit)


class Cells:
    """The cells of an outcome: shares as per cent, as many digits as its interval supports."""

    def __init__(self, result: "Result", one: Summary) -> None:
        unit = shown_unit(one.unit, result.scenario.currency)
        share = is_share(unit)
        self.scale, self.sign = scale_of(unit), " %" if share else ""
        self.unit = unit.removeprefix("share").strip() if share else unit
        self.digits = digits_of(one.mean, one.ci_low, one.ci_high, self.scale)
        self.label = label_of(result.scenario, one.name)
        late = "-" if one.n == 0 else NEVER.get(kind_and_unit(one.name)[0], "-")
        self.quantiles = [self.cell(value, late) for value in (one.q10, one.q50, one.q90)]
        reached = one.share_reached
        self.reached = "" if reached is None else f"{number(reached * 100, 0)} %"

    def cell(self, value: float | None, otherwise: str = "-") -> str:
        """Return a value of the outcome."""
        return otherwise if value is None else self._number(value) + self.sign

    def between(self, low: float | None, high: float | None) -> str:
        """Return an interval of values."""
        if low is None or high is None:
            return "-"
        return f"{self._number(low)} to {self.cell(high)}"

    def _number(self, value: float) -> str:
        return number(value * self.scale, self.digits)


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


def times(result: "Result") -> Iterator[str]:
    """Yield how times and costs per patient are to be read."""
    yield (
        f"Times are in weeks from the project's start (of a phase: its length). In their mean "
        f"'never' counts as week {result.weeks}"
    )
    yield "(restricted mean); reached: share of organisations in which it happened by then."
    yield "Cost per patient: 'nobody' where no patient was reached; its mean is a ratio of means."
