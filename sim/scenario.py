"""A what-if: a validated, unchanging description of organisations, staffing and plan.

A scenario is a TOML file that names only what differs from the registry's defaults. `load` and
`loads` either return a complete `Scenario` or raise `sim.errors.InputError` with every problem
found, each as ``file:line: key: what is wrong``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.errors import InputError
from sim.locate import Lines
from sim.parameters import parameters
from sim.tomlfile import parse, printable, read_text
from sim.wording import MECHANISMS, PHASE_NUMBERS, meant, mih_phases, show

__all__ = ["MECHANISMS", "Phase", "Scenario", "json_schema", "load", "loads", "shipped"]

_TEXTS = ("title", "shows", "currency")


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the implementation: hours planned, and what the quality of its work feeds.

    ``feeds`` is agreements, fit, usability, training, repair or nothing. A phase that overlaps
    may run beside others; one that recurs is repeated at each evaluation after going live.
    """

    name: str
    label: str
    label_nl: str
    manager_hours: float
    team_hours: float
    team_hours_per_clinician: float
    feeds: str
    overlaps: bool
    delay_weeks: int
    recurs: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A complete what-if, made by `load`, `loads` or `with_values`, which check it.

    ``values`` holds every input of the registry but those of phases; its ``attention`` is the
    level in week 0, and ``attention`` holds all (week, level) steps. Two scenarios are equal when
    their content is; name and source do not count.
    """

    name: str
    title: str
    shows: str
    currency: str
    values: Mapping[str, float | int | str]
    mechanisms: Mapping[str, bool]
    phases: tuple[Phase, ...]
    attention: tuple[tuple[int, float], ...]
    source: str | None

    def __post_init__(self) -> None:
        """Make the mappings read-only."""
        for field in ("values", "mechanisms"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))

    def __reduce__(self) -> tuple[type["Scenario"], tuple[Any, ...]]:
        """Let workers receive a scenario: read-only mappings cannot be pickled."""
        parts = (getattr(self, field.name) for field in fields(self))
        return type(self), tuple(
            dict(part) if isinstance(part, Mapping) else part for part in parts
        )

    def __eq__(self, other: object) -> bool:
        """Compare by content."""
        return isinstance(other, Scenario) and self._content() == other._content()

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self._content())

    def _content(self) -> tuple[Any, ...]:
        texts = (self.title, self.shows, self.currency)
        # Checked scenarios hold all names in the order of the registry.
        return (
            *texts,
            tuple(self.values.items()),
            tuple(self.mechanisms.items()),
            self.phases,
            self.attention,
        )

    def replace(self, **changes: Any) -> "Scenario":
        """Return a checked copy with other values: ``replace(managers=2, name="two")``."""
        return self.with_values(changes)

    def with_values(self, changes: Mapping[str, Any]) -> "Scenario":
        """Return a checked copy with other values.

        Keys are names of the registry (``phases.build.team_hours`` too), ``mechanisms.trust``,
        ``attention``, ``title``, ``shows``, ``currency`` and ``name``; ``mechanisms`` and
        ``phases`` take whole tables as a file would. Raises InputError with every problem.
        """
        return changed(self, changes, Lines(), "")

    def at(self, point: Mapping[str, Any]) -> "Scenario":
        """Return the scenario at a point of a study, whose values have been checked.

        Quick, for studies of a million points: ``point`` holds dotted names of numbers, choices
        and switches (``leads``, ``phases.build.team_hours``, ``mechanisms.trust``, a single level
        of ``attention``), each of its right type and within its range; `with_values` checks.
        """
        values, mechanisms = dict(self.values), dict(self.mechanisms)
        phases, attention = self.phases, self.attention
        for name, value in point.items():
            head, _, rest = name.partition(".")
            if head == "mechanisms":
                mechanisms[rest] = value
            elif head == "phases":
                which, _, field = rest.rpartition(".")
                phases = tuple(
                    replace(phase, **{field: value}) if phase.name == which else phase
                    for phase in phases
                )
            else:
                values[name] = value
                attention = ((0, value),) if name == "attention" else attention
        return replace(
            self, values=values, mechanisms=mechanisms, phases=phases, attention=attention
        )

    def differences(self) -> dict[str, Any]:
        """Return what differs from the defaults, by dotted name.

        Phases of another implementation model stand under ``phases`` as a list of dictionaries.
        """
        found: dict[str, Any] = {}
        for key, value in self._document().items():
            if key in ("title", "shows"):
                continue
            if isinstance(value, dict):
                found |= _flat(value, f"{key}.")
            else:
                found[key] = value
        return found

    def to_toml(self) -> str:
        """Return the text of a file that loads to an equal scenario."""
        document = self._document()
        tables = {key: document.pop(key, {}) for key in ("mechanisms", "phases")}
        lines = [f"{key} = {_literal(value)}" for key, value in document.items()]
        if tables["mechanisms"]:
            lines += ["", "[mechanisms]", *_pairs(tables["mechanisms"])]
        if isinstance(tables["phases"], list):
            for row in tables["phases"]:
                lines += ["", "[[phases]]", *_pairs(row)]
        else:
            for name, changes in tables["phases"].items():
                lines += ["", f"[phases.{name}]", *_pairs(changes)]
        return "\n".join(lines) + "\n"

    def _document(self) -> dict[str, Any]:
        """Return the content as a file would hold it: what differs from the defaults."""
        document: dict[str, Any] = {"title": self.title}
        if self.shows:
            document["shows"] = self.shows
        if self.currency != "EUR":
            document["currency"] = self.currency
        known = parameters()
        document |= {
            name: value
            for name, value in self.values.items()
            if name != "attention" and value != known[name].default
        }
        if self.attention != ((0, known["attention"].default),):
            steps = [list(step) for step in self.attention]
            document["attention"] = steps[0][1] if len(steps) == 1 else steps
        off = {name: on for name, on in self.mechanisms.items() if not on}
        if off:
            document["mechanisms"] = off
        phases = _phase_changes(self.phases)
        if phases:
            document["phases"] = phases
        return document


def load(name_or_path: str | Path) -> Scenario:
    """Return the scenario of a file, or the shipped scenario of that name.

    Text without a folder and without ``.toml`` is first looked up among the shipped names.
    Raises InputError with every problem found.
    """
    path = find(name_or_path, shipped(), shipped_folder(), "scenario")
    where = printable(str(path))
    raw, lines = parse(read_text(path, where), where)
    return _build(raw, path.stem, str(path), lines, where)


def loads(text: str, name: str = "<text>") -> Scenario:
    """Return the scenario written in a text; ``name`` stands for the file in messages.

    Raises InputError with every problem found.
    """
    where = printable(name)
    raw, lines = parse(text, where)
    return _build(raw, name, None, lines, where)


def shipped() -> list[str]:
    """Return the names of the scenarios that come with the package, the baseline first."""
    names = sorted(path.stem for path in shipped_folder().glob("*.toml"))
    return sorted(names, key=lambda name: name != "baseline")


def changed(scenario: Scenario, changes: Mapping[str, Any], lines: Lines, where: str) -> Scenario:
    """Return a checked copy with other values, as `Scenario.with_values` does.

    ``lines`` says in which line of the file ``where`` each change stands. Raises InputError.
    """
    document = scenario._document()
    name = changes.get("name", scenario.name)
    if not isinstance(name, str):
        raise InputError(f"name: must be text (found {show(name)})")
    for key, value in changes.items():
        if key != "name":
            _put(document, key.split("."), plain(value))
    return _build(document, name, scenario.source, lines, where)


def find(name_or_path: str | Path, names: list[str], folder: Path, what: str) -> Path:
    """Return the path that is given, or the file of that name in a folder of shipped files.

    Text without a folder and without ``.toml`` is first looked up among ``names``; ``what`` is
    the kind of file. Raises InputError for an unknown name.
    """
    if _is_path(name_or_path, names):
        return Path(name_or_path)
    name = str(name_or_path)
    if name in names:
        return folder / f"{name}.toml"
    known = f"shipped are {', '.join(names)}; or give the path of a .toml file"
    raise InputError(f"no {what} is called {show(name)}{meant(name, names)} ({known})")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors."""
    from sim import schema

    return schema.json_schema()


def shipped_folder() -> Path:
    """Return the folder of shipped scenarios: in the installed package, or in a checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "_data" / "scenarios"
    return packaged if packaged.is_dir() else here.parent / "scenarios"


def _is_path(name_or_path: str | Path, names: list[str]) -> bool:
    if isinstance(name_or_path, Path):
        return True
    if "/" in name_or_path or "\\" in name_or_path or name_or_path.endswith(".toml"):
        return True
    if name_or_path in names or not name_or_path or "\0" in name_or_path:
        return False
    try:
        return Path(name_or_path).exists()
    except OSError:  # a name too long for a file
        return False


def _build(
    raw: dict[str, Any], name: str, source: str | None, lines: Lines, where: str
) -> Scenario:
    """Check the content of a file and make a scenario of it."""
    from sim import schema  # pydantic is slow to import and only needed here

    hidden = schema.hidden_character(name)
    if hidden:
        raise InputError(f"{where or 'name'}: the scenario's name contains {hidden}")
    content = schema.checked(raw, lines, where)
    texts = {key: content.pop(key) for key in _TEXTS}
    mechanisms, rows = content.pop("mechanisms"), content.pop("phases")
    steps = content["attention"]
    content["attention"] = steps[0][1]
    return Scenario(
        name=name,
        values={key: content[key] for key in parameters() if key in content},
        mechanisms=mechanisms,
        phases=_phases(rows),
        attention=steps,
        source=source,
        **texts,
    )


def _phases(rows: dict[str, Any] | list[dict[str, Any]]) -> tuple[Phase, ...]:
    """Make the phases of a checked scenario."""
    if isinstance(rows, dict):
        return tuple(Phase(name=key, **{**mih_phases()[key], **row}) for key, row in rows.items())
    made = []
    for row in rows:
        label = row["label"] or row["name"].replace("-", " ").replace("_", " ").capitalize()
        made.append(Phase(**{**row, "label": label, "label_nl": row["label_nl"] or label}))
    return tuple(made)


def _phase_changes(phases: tuple[Phase, ...]) -> dict[str, Any] | list[dict[str, Any]]:
    """Return how phases differ from the five of MiH, or all of them if they are others."""
    records = mih_phases()
    fixed = ("label", "label_nl", "feeds", "recurs")
    if [phase.name for phase in phases] != list(records) or any(
        getattr(phase, key) != records[phase.name][key] for phase in phases for key in fixed
    ):
        return [asdict(phase) for phase in phases]
    changes: dict[str, Any] = {}
    for phase in phases:
        usual = {key: parameters()[f"phases.{phase.name}.{key}"].default for key in PHASE_NUMBERS}
        usual["overlaps"] = records[phase.name]["overlaps"]
        other = {key: getattr(phase, key) for key in usual if getattr(phase, key) != usual[key]}
        if other:
            changes[phase.name] = other
    return changes


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set a value at a dotted place of a document; phases may also be found by name."""
    for depth, key in enumerate(keys[:-1]):
        inner = document.setdefault(key, {})
        if isinstance(inner, list):
            rows = [row for row in inner if isinstance(row, dict)]
            names = ", ".join(str(row.get("name")) for row in rows)
            rows = [row for row in rows if row.get("name") == keys[depth + 1]]
            if not rows or len(keys) != depth + 3:
                raise InputError(f"{'.'.join(keys)}: no such phase (the phases are {names})")
            rows[0][keys[-1]] = value
            return
        if not isinstance(inner, dict):
            raise InputError(f"{'.'.join(keys)}: unknown key")
        document = inner
    last = document.get(keys[-1])
    if isinstance(last, dict) and isinstance(value, dict):
        for key, item in value.items():
            _put(last, [str(key)], item)
    else:
        document[keys[-1]] = value


def plain(value: Any) -> Any:
    """Return a value as a file would hold it: no numpy numbers, tuples, phases or proxies."""
    if isinstance(value, Phase):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _flat(table: dict[str, Any], head: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        inner = isinstance(value, dict)
        found |= _flat(value, f"{head}{key}.") if inner else {f"{head}{key}": value}
    return found


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_literal(value)}" for key, value in table.items()]


def _literal(value: Any) -> str:
    """Write a value in TOML. Text holds no control characters, so JSON's quoting fits."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else repr(value)
