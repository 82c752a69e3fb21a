"""``mih compare``: plans on common seeds, compared with the first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands import options as shared
from sim.commands.changes import changed
from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, shown
from sim.errors import InputError
from sim.experiment.compare.grow import BUDGET
from sim.scenario import load
from sim.wording import show

if TYPE_CHECKING:
    from sim.experiment.compare.comparison import Compared, Comparison
    from sim.scenario import Scenario

HEADINGS = ("mean", "difference", "95 % interval", "unit", "fewer runs", "P(better)", "95 %")

OVER_RULES = ("95 % of rules", "P over rules")

_BETWEEN_SETTINGS = re.compile(r""";(?=(?:[^"]*"[^"]*")*[^"]*$)""")
"""A semicolon that is not inside quotes."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mih compare``."""

    scenarios: tuple[str, ...]
    replicates: int
    seed: int
    weeks: int | None
    settings: tuple[str, ...]
    precision: float | None
    budget: int | None
    target: str
    outcomes: tuple[str, ...]
    out: str | None
    force: bool
    allow_large: bool
    as_json: bool
    posterior: str | None = None


def compare_command(options: Options) -> None:
    """Compare, keep and print. Raises InputError, TooLargeError, BusyError or DiskError."""
    plans = plans_of(options)
    found = _compared(options, plans)
    if options.out is not None:
        _keep(found, Path(options.out))
    _print(found, options)
    if options.out is not None:
        click.echo(f"written to {options.out}", err=True)


def plans_of(options: Options) -> dict[str, "Scenario"]:
    """Return the plans by name: the scenarios, and the first of them with each ``--set``.

    Raises InputError with every problem of options, files and settings.
    """
    problems = _problems(options)
    plans: dict[str, Scenario] = {}
    first: Scenario | None = None
    for place, name in enumerate(options.scenarios):
        try:
            scenario = load(name)
        except InputError as error:
            problems += error.messages
            continue
        first = scenario if place == 0 else first
        _add(plans, scenario.name, scenario, problems)
    if first is not None:
        for text in options.settings:
            _vary(plans, first, text, problems)
    if problems:
        raise InputError(problems)
    return plans


def _problems(options: Options) -> list[str]:
    problems = []
    problems += shared.folder_problems(options.out, force=options.force)
    if options.posterior is not None and options.precision is not None:
        problems.append("--precision: not together with --posterior; choose the runs with -n")
    if options.budget is not None and options.precision is None:
        problems.append("--budget: only together with --precision")
    if len(options.scenarios) + len(options.settings) < 2:
        problems.append("a comparison needs two plans: name another scenario, or add --set")
    return problems


def _add(
    plans: dict[str, "Scenario"], name: str, scenario: "Scenario", problems: list[str]
) -> None:
    if name in plans:
        problems.append(f"{show(name)}: two plans have this name; leave one out or rename its file")
    plans[name] = scenario


def _vary(plans: dict[str, "Scenario"], first: "Scenario", text: str, problems: list[str]) -> None:
    """Add the first scenario with some changes, named after them."""
    settings = [part.strip() for part in _BETWEEN_SETTINGS.split(text) if part.strip()]
    try:
        scenario = changed(first, settings or [text])
    except InputError as error:
        problems += error.messages
    else:
        _add(plans, "; ".join(settings), scenario, problems)


def _compared(options: Options, plans: dict[str, "Scenario"]) -> "Comparison":
    from sim.experiment.compare.comparing import compare

    posterior = shared.posterior_for(options.posterior, ())
    announce_compilation()
    budget = BUDGET if options.budget is None else options.budget
    total = _runs(options) * len(plans) if options.precision is None else budget
    with shown(total) as progress:
        return compare(
            plans,
            options.replicates,
            options.seed,
            weeks=options.weeks,
            precision=options.precision,
            budget=budget,
            target=options.target,
            outcomes=options.outcomes or None,
            posterior=posterior,
            out=options.out,
            force=options.force,
            allow_large=options.allow_large,
            progress=progress,
        )


def _runs(options: Options) -> int:
    """Return how many runs of each plan there will be."""
    if options.posterior is None:
        return options.replicates
    from sim.experiment.doubt.nested import shape_of

    return shape_of(options.replicates).runs


def _keep(found: "Comparison", folder: Path) -> None:
    """Write the tables and figures of a comparison."""
    from sim.experiment.store.files import write_file
    from sim.plots.compare import write_comparison_figures

    for name, frame in (("comparison", found.frame()), ("target", found.target_frame())):
        text = frame.to_csv(index=False, lineterminator="\n")
        write_file(folder / "tables" / f"{name}.csv", text.encode())
    write_comparison_figures(found, folder / "figures")


def _print(found: "Comparison", options: Options) -> None:
    if options.as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(described(found)))


def described(found: "Comparison") -> list[str]:
    """Return the lines that ``mih compare`` prints."""
    lines = [*_head(found), "", *_table(found), "", *_target(found), ""]
    return [*lines, *found.sentences(), "", *_legend(found)]


def _head(found: "Comparison") -> Iterator[str]:
    from sim.experiment.numbers import count
    from sim.experiment.units import labelled

    first = found.scenarios[found.reference]
    yield f"{len(found.plans)} plans against the first: {first.title}  ({found.reference})"
    yield (
        f"{count(found.replicates, 'run')} of each plan with the same luck, "
        f"{count(found.weeks, 'week')}; seed {found.seed}, compiled engine"
    )
    if found.posterior is not None:
        from sim.experiment.doubt.words import design_in_words

        yield from design_in_words(found.posterior)
    yield f"{labelled(found.label)}."


def _table(found: "Comparison") -> Iterator[str]:
    """Return the lines of the outcomes shown, aligned over all."""
    from sim.commands.show import aligned

    over = found.posterior is not None
    rows: list[tuple[str, ...]] = [("", *HEADINGS, *(OVER_RULES if over else ()))]
    for name in found.shown:
        one = found.outcomes[name]
        rows.append((one.label, *("" for _ in rows[0][1:])))
        rows += [(*row, *_over_rules(one, plan)) if over else row for plan, row in _rows(one)]
    yield from aligned(rows)


def _over_rules(one: "Compared", plan: str) -> tuple[str, str]:
    """Return the cells of what draws of the rules leave open of a difference."""
    from sim.experiment.numbers import gap_digits, signed
    from sim.experiment.units import scale_of

    found, scale = one.rules.get(plan), scale_of(one.unit)
    if found is None:
        return "", ""
    entry = one.plans[plan]
    digits = gap_digits(entry.difference, entry.ci_low, entry.ci_high, scale)
    low, high = signed(found.low * scale, digits), signed(found.high * scale, digits)
    return f"{low} to {high}", "" if found.p_better is None else f"{found.p_better:.2f}"


def _rows(one: "Compared") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return each plan with its cells of an outcome; shares as per cent and points."""
    from sim.experiment.numbers import gap_digits, number, signed
    from sim.experiment.units import gap_unit, is_share, scale_of

    share, scale, unit = is_share(one.unit), scale_of(one.unit), gap_unit(one.unit)
    for place, (plan, entry) in enumerate(one.plans.items()):
        digits = gap_digits(entry.difference, entry.ci_low, entry.ci_high, scale)
        if not place:  # with the digits of what is compared with it
            others = list(one.plans.values())[1:]
            digits = max(gap_digits(o.difference, o.ci_low, o.ci_high, scale) for o in others)
        mean = "-" if entry.mean is None else number(entry.mean * scale, digits)
        cells = [f"  {plan}", f"{mean} %" if share and mean != "-" else mean]
        if not place:
            yield plan, (*cells, *("" for _ in HEADINGS[1:]))
            continue
        gap = "-" if entry.difference is None else signed(entry.difference * scale, digits)
        ends = "-"
        if entry.ci_low is not None and entry.ci_high is not None:
            low, high = entry.ci_low * scale, entry.ci_high * scale
            ends = f"{signed(low, digits)} to {signed(high, digits)}"
        luck = between = "-"
        if entry.p_better is not None:
            luck = f"{entry.p_better:.2f}"
            between = f"{entry.p_better_low:.2f} to {entry.p_better_high:.2f}"
        yield plan, (*cells, gap, ends, unit, _factor(entry.variance_reduction), luck, between)


def _factor(value: float | None) -> str:
    """Return how many times fewer runs the pairing takes."""
    if value is None:
        return "-"
    if value > 999:
        return "> 999 x"
    return f"{value:.0f} x" if value >= 10 else f"{value:.1f} x"


def _target(found: "Comparison") -> Iterator[str]:
    """Return the lines about the target."""
    from sim.commands.show import aligned
    from sim.experiment.numbers import gap_digits, number, signed

    what = f"Chance of {found.target.in_words()}"
    rows: list[tuple[str, ...]] = [(what, "chance", "95 % interval", "change", "95 % interval", "")]
    for plan, one in found.target.plans.items():
        chance = "-" if one.chance is None else f"{one.chance * 100:.0f} %"
        own = change = ends = "-"
        if one.ci_low is not None and one.ci_high is not None:
            own = f"{one.ci_low * 100:.0f} to {one.ci_high * 100:.0f} %"
        if one.change is not None:
            change = signed(one.change * 100, 0)
        if one.change is not None and one.change_low is not None and one.change_high is not None:
            digits = gap_digits(one.change, one.change_low, one.change_high, 100.0)
            low, high = number(one.change_low * 100, digits), number(one.change_high * 100, digits)
            change, ends = signed(one.change * 100, digits), f"{low} to {high}"
        if plan == found.reference:
            change = ends = ""
        rows.append((f"  {plan}", chance, own, change, ends, "points" if change else ""))
    yield from aligned(rows)


def _legend(found: "Comparison") -> Iterator[str]:
    yield "difference: mean over pairs of runs with the same luck; its 95 % intervals hold for all"
    yield "plans together, outcome by outcome. They cover chance in the runs, not wrong numbers."
    if found.posterior is not None:
        yield "95 % of rules: where the expected difference lies under 95 % of the draws; P over"
        yield "rules: the share of draws under which the plan is better on average."
    yield "fewer runs: how many times as many runs unpaired seeds would take for the same interval."
    yield "P(better), if luck differed: how often a run of the plan does better than one of the"
    yield "first plan with other people and other luck (ties count half)."
    yield f"Times are in weeks from the project's start; 'never' counts as week {found.weeks} in"
    yield "means, and as later than all in P(better). Cost per patient: a ratio of means."
