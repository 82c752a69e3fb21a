"""A study: which points of a scenario are run, how often, and what is kept of them.

A study is a TOML file that names a scenario and factors, or a file of points. `load_study` and
`loads_study` either return a complete `Study`, with all its points made and checked, or raise
`sim.errors.InputError` with every problem found, each as ``file:line: key: what is wrong``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiment.design.factors import Factor
from sim.experiment.design.reading import checked
from sim.locate import Lines
from sim.scenario import Scenario, find, load, plain, shipped, shipped_folder
from sim.schema import hidden_character
from sim.tomlfile import parse, printable, read_text

__all__ = [
    "Factor",
    "Study",
    "is_study",
    "load_any",
    "load_study",
    "loads_study",
    "shipped_studies",
    "study_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Points of a scenario to run, made by `load_study`, `loads_study` or `study_of`.

    ``base`` is the scenario with what the study sets at all points. ``points`` holds a column for
    each factor (float64, int64, bool or text), all of length ``count``, in the order of the
    factors; read-only. In a design "oat" point 0 is the scenario as it is. ``outcomes`` are in the
    registry's order; ``weekly`` names series of `sim.layout.SERIES`, () for none,
    kept of each ``weekly_every``-th week and the last.
    """

    name: str
    title: str
    shows: str
    base: Scenario
    design: str
    factors: tuple[Factor, ...]
    points: Mapping[str, NDArray[Any]]
    replicates: int
    seed: int
    outcomes: tuple[str, ...]
    weekly: tuple[str, ...]
    weekly_every: int
    source: str | None

    def __post_init__(self) -> None:
        """Make the points read-only."""
        for column in self.points.values():
            column.flags.writeable = False
        object.__setattr__(self, "points", MappingProxyType(dict(self.points)))

    def __reduce__(self) -> tuple[type["Study"], tuple[Any, ...]]:
        """Let workers receive a study: read-only mappings cannot be pickled."""
        parts = (getattr(self, field.name) for field in fields(self))
        return type(self), tuple(
            dict(part) if isinstance(part, Mapping) else part for part in parts
        )

    @property
    def count(self) -> int:
        """Number of points."""
        return len(next(iter(self.points.values())))

    def values(self, point: int) -> dict[str, Any]:
        """Return what the factors are at a point (0 .. count - 1), as Python values."""
        return {name: column[point].item() for name, column in self.points.items()}

    def scenario(self, point: int) -> Scenario:
        """Return the scenario of a point (0 .. count - 1)."""
        return self.base.with_values(self.values(point))


def load_study(name_or_path: str | Path) -> Study:
    """Return the study of a file, or the shipped study of that name.

    Raises InputError with every problem found.
    """
    path = find(name_or_path, shipped_studies(), _folder(), "study")
    where = printable(str(path))
    raw, lines = parse(read_text(path, where), where)
    return _made(raw, path.stem, str(path), path.parent, lines, where)


def loads_study(text: str, name: str = "<text>", folder: Path | None = None) -> Study:
    """Return the study written in a text; ``name`` stands for the file in messages.

    Files that it names are looked for from ``folder``, by default the working directory. Raises
    InputError with every problem found.
    """
    where = printable(name)
    raw, lines = parse(text, where)
    return _made(raw, name, None, folder or Path(), lines, where)


def study_of(
    base: Scenario | str | Path,
    factors: Mapping[str, Any],
    *,
    design: str = "grid",
    points: int | str | Path | None = None,
    replicates: int = 100,
    seed: int = 1,
    outcomes: list[str] | tuple[str, ...] | None = None,
    weekly: bool | list[str] | tuple[str, ...] = False,
    weekly_every: int = 1,
) -> Study:
    """Return a study of a scenario from Python values, checked as a file is.

    Args:
        base: a scenario, the path of a scenario file or the name of a shipped one.
        factors: by dotted name a list or array of levels, a dictionary as in a file
            (``{"from": 0.2, "to": 0.8, "steps": 9}``) or "prior"; {} for points from a file. In
            a design "points" the lists are the values at each point, all of equal length.
        design: grid, lhs, sobol, oat or points.
        points: how many (lhs and sobol), or the path of a file of points.
        replicates: runs at each point.
        seed: 0 .. 2^63 - 1, of the runs and of sampled points.
        outcomes: names of the registry; None for all.
        weekly: True for all weekly series, or a list of their names.
        weekly_every: keep only each week whose number is a multiple of this, and the last.

    Raises:
        InputError: with every problem found.

    """
    scenario = base if isinstance(base, Scenario) else load(base)
    raw: dict[str, Any] = {"title": scenario.title, "shows": scenario.shows}
    raw |= {"replicates": replicates, "seed": seed, "weekly": weekly, "factors": factors}
    if weekly_every != 1:
        raw["weekly_every"] = weekly_every
    listed = isinstance(points, str | Path)
    if design != "grid" or not listed:
        raw["design"] = design
    if points is not None:
        raw["points"] = str(points) if listed else points
    if outcomes is not None:
        raw["outcomes"] = outcomes
    if listed and not factors:
        del raw["factors"]
    return _made(plain(raw), scenario.name, None, Path(), Lines(), "", scenario)


def shipped_studies() -> list[str]:
    """Return the names of the studies that come with the package."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def is_study(raw: Mapping[str, Any]) -> bool:
    """Return whether the content of a TOML file is a study's; no scenario has these keys."""
    return not {"scenario", "factors", "design"}.isdisjoint(raw)


def load_any(name_or_path: str | Path) -> Scenario | Study:
    """Return the scenario or study of a file or of a shipped name.

    A file is a study if it has a study's keys. Raises InputError with every problem found.
    """
    studies = shipped_studies()
    if name_or_path in studies:
        return load_study(name_or_path)
    known = [*shipped(), *studies]
    path = find(name_or_path, known, shipped_folder(), "scenario or study")
    where = printable(str(path))
    raw, _ = parse(read_text(path, where), where)
    return load_study(path) if is_study(raw) else load(path)


def _folder() -> Path:
    return shipped_folder() / "studies"


def _made(
    raw: dict[str, Any],
    name: str,
    source: str | None,
    folder: Path,
    lines: Lines,
    where: str,
    base: Scenario | None = None,
) -> Study:
    """Check the content of a study and make it; ``base``: its scenario is known already."""
    hidden = hidden_character(name)
    if hidden:
        raise InputError(f"{where or 'name'}: the study's name contains {hidden}")
    if base is None and not is_study(raw):
        raise InputError(f"{where}:1: not a study: it names no scenario, design or factors")
    return Study(name=name, source=source, **checked(raw, folder, lines, where, base))
