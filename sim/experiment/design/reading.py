"""From the content of a study file to its parts: everything checked, every problem at once."""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from numpy.typing import NDArray

from sim import schema
from sim.errors import InputError
from sim.experiment.design import designs as design
from sim.experiment.design.factors import Factor, Problem, inside, read_factors, twice
from sim.experiment.design.header import MAX_RUNS, Header, read_header, read_outcomes
from sim.experiment.design.points import read_bytes, read_points
from sim.experiment.design.varying import TEXTS, input_of, leaves, names, near
from sim.locate import Lines, Path
from sim.parameters import parameters
from sim.scenario import Scenario, changed, load, loads
from sim.tomlfile import printable
from sim.wording import report, show

Columns = dict[str, NDArray[Any]]
Placed = dict[str, tuple[Factor, Path]]
"""Factors by name, each with its place in the file."""


def checked(
    raw: Mapping[str, Any], folder: File, lines: Lines, where: str, base: Scenario | None
) -> dict[str, Any]:
    """Return the parts of a study: its fields but for name and source.

    ``raw`` is what the file says, ``lines`` where it says so, ``where`` the file's name (empty for
    values that come from no file), ``folder`` where the files that it names are, and ``base`` its
    scenario if that is known already. Raises InputError with every problem found.
    """
    problems = _unsafe(raw)
    wrong = {path for path, _ in problems}
    elsewhere: list[str] = []
    header = read_header(raw, wrong, problems)
    base = base or _scenario(raw, folder, wrong, problems)
    base = _with_settings(base, raw, lines, where, wrong, problems, elsewhere)
    kept = read_outcomes(raw.get("outcomes"), base, wrong, problems)
    factors: tuple[Factor, ...] = ()
    columns: Columns = {}
    if not isinstance(header.points, str):
        placed = read_factors(raw.get("factors", {}), base, wrong, problems)
        factors = tuple(factor for factor, _ in placed.values())
        columns = _designed(header, base, placed, raw, problems)
    elif base and ("points",) not in wrong:
        factors, columns = _listed(header, base, folder, problems, elsewhere)
    if problems or elsewhere or base is None:
        raise InputError([*report(problems, lines, where), *elsewhere])
    texts = {"title": header.title, "shows": header.shows, "base": base, "design": header.design}
    plan = {"factors": factors, "points": columns, "replicates": header.replicates}
    return {**texts, **plan, "seed": header.seed, "outcomes": kept, **header.series}


def _unsafe(raw: Mapping[str, Any]) -> list[Problem]:
    """Find what no file may hold; that a title is empty, the header says in its own words."""
    found = schema.unsafe_values(raw, ())
    return [(path, text) for path, text in found if not text.startswith("empty")]


def _scenario(
    raw: Mapping[str, Any], folder: File, wrong: set[Path], problems: list[Problem]
) -> Scenario | None:
    """Return the scenario that a study names, None if it cannot be had."""
    path = ("scenario",)
    named = raw.get("scenario")
    if path in wrong:
        return None
    if not isinstance(named, str):
        found = f"must be text (found {show(named)})" if "scenario" in raw else "missing"
        problems.append((path, f"{found}: the name of a shipped scenario, or a file"))
        return None
    a_file = "/" in named or "\\" in named or named.endswith(".toml")
    try:
        return load(folder / named) if a_file else load(named)
    except InputError as error:
        problems += [(path, message) for message in error.messages]
        return None


def _with_settings(
    base: Scenario | None,
    raw: Mapping[str, Any],
    lines: Lines,
    where: str,
    wrong: set[Path],
    problems: list[Problem],
    elsewhere: list[str],
) -> Scenario | None:
    """Return the scenario with what is set at all points, None if either is wrong."""
    table = raw.get("set", {})
    if not isinstance(table, Mapping):
        problems.append((("set",), f"must be a table (found {show(table)})"))
        return None
    changes: dict[str, Any] = {}
    sound = base is not None and not inside(("set",), wrong)
    for name, path, value in leaves(table, ("set",)):
        if inside(path, wrong):
            continue
        if name in (*TEXTS, "phases", "mechanisms") or input_of(name, base):
            changes[name] = value
        else:
            problems.append((path, f"no such input{near(name, [*TEXTS, *names(base)])}"))
            sound = False
    if base is None:  # its phases are not known, but the rest can be checked
        changes = {name: value for name, value in changes.items() if "phases." not in name}
    try:
        made = changed(base or loads('title = "-"'), changes, _settings_lines(lines), where)
    except InputError as error:
        elsewhere += error.messages
        return None
    return made if sound else None


def _settings_lines(lines: Lines) -> Lines:
    """Return the lines of what is set, by its place in a scenario."""
    table = lines.first.get(("set",))
    moved = Lines()
    if table is not None:  # what clashes with an input that is not set stands at the table
        moved.first = {(name,): table for name in parameters()}
    for path, line in lines.first.items():
        if path[0] == "set":
            parts = [part.split(".") if isinstance(part, str) else [part] for part in path[1:]]
            moved.first[tuple(part for several in parts for part in several)] = line
    return moved


def _designed(
    header: Header,
    base: Scenario | None,
    placed: Placed,
    raw: Mapping[str, Any],
    problems: list[Problem],
) -> Columns:
    """Return the points that a design makes of factors; nothing if anything is wrong."""
    if not raw.get("factors"):
        problems.append((("factors",), "missing: a study varies something, or names its points"))
    for factor, path in placed.values():
        problems += _against_design(factor, path, header.design, base)
        if header.design != "oat" and factor.name in _set_names(raw):
            problems.append((path, "stands under [set] too; leave it out there"))
    if header.design == "points":
        problems += _uneven(placed)
    if problems or base is None:
        return {}
    factors, asked = [factor for factor, _ in placed.values()], header.points
    assert not isinstance(asked, str)
    count = design.size(header.design, factors, base, asked)
    place = "points" if header.design in design.SAMPLED else "factors"
    problems += _too_many(count, header.replicates, (place,))
    if problems:
        return {}
    columns = design.make(header.design, factors, base, asked, header.seed)
    for _, text in design.clashes(base, columns):
        varied = [name for name in placed if name in design.TOGETHER]
        problems.append((placed[varied[-1]][1], text))
    return columns


def _set_names(raw: Mapping[str, Any]) -> set[str]:
    table = raw.get("set", {})
    return {name for name, _, _ in leaves(table, ())} if isinstance(table, Mapping) else set()


def _against_design(
    factor: Factor, path: Path, chosen: str, base: Scenario | None
) -> list[Problem]:
    """Check that a design can use a factor."""
    if chosen in ("grid", "oat") and not factor.levels:
        needed = "a list of levels, or from, to and steps"
        return [(path, f"a distribution needs the design lhs or sobol; {chosen} needs {needed}")]
    if chosen == "points":
        several = factor.kind == "levels"
        return [] if several else [(path, "the design points needs a list: the value at each")]
    if chosen == "oat" and base and design.own_value(factor.name, base) is None:
        text = "the scenario's attention changes over the weeks; set one level under [set]"
        return [(path, text), *twice(factor, path)]
    return twice(factor, path)


def _uneven(placed: Placed) -> list[Problem]:
    """Check that listed points have as many values of each factor."""
    lengths = {name: len(factor.levels) for name, (factor, _) in placed.items() if factor.levels}
    first = next(iter(lengths), "")
    return [
        (
            placed[name][1],
            f"must have as many values as {first} (found {count}, not {lengths[first]})",
        )
        for name, count in lengths.items()
        if count != lengths[first]
    ]


def _too_many(count: int, replicates: int, path: Path) -> list[Problem]:
    """Check the number of points and of runs, before any are made."""
    shown = f"{count:,}" if count < 10**15 else "more than 10^15"
    if count > design.MAX_POINTS:
        return [(path, f"too many points (found {shown}, allowed {design.MAX_POINTS:,})")]
    if count * replicates > MAX_RUNS:
        runs = f"{count:,} points x {replicates:,} replicates"
        return [(("replicates",), f"too many runs (found {runs}, allowed {MAX_RUNS:,} in all)")]
    return []


def _listed(
    header: Header,
    base: Scenario,
    folder: File,
    problems: list[Problem],
    elsewhere: list[str],
) -> tuple[tuple[Factor, ...], Columns]:
    """Return the factors and points of a file of points."""
    file = folder / str(header.points)
    where = printable(str(file))
    try:
        data = read_bytes(file)
    except InputError as error:
        problems.append((("points",), f"{where}: {error}"))
        return (), {}
    try:
        inputs, columns = read_points(data, where, base)
    except InputError as error:
        elsewhere += error.messages
        return (), {}
    count = len(next(iter(columns.values())))
    problems += _too_many(count, header.replicates, ("points",))
    # Row r stands in line r + 2, below the names.
    elsewhere += [f"{where}:{row + 2}: {text}" for row, text in design.clashes(base, columns)]
    factors = tuple(
        Factor(name, "levels", (), None, False, what.label, what.unit)
        for name, what in inputs.items()
    )
    return factors, columns
