"""The registry: every input and every outcome of the model, once.

The entries are data, in ``sim/registry/*.toml``; this module reads and checks them. Scenario
checks, parameter tables, sliders and the ranges of sensitivity and calibration follow from it.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from sim import constructs

GROUPS = {
    "setting": "Who and how many",
    "start": "Calendar and state at the start",
    "conditions": "Conditions in the organisation",
    "staffing": "Staffing and plan",
    "phases": "The MiH phases",
    "drivers": "Load, strain, motivation and role clarity",
    "project": "Quality, trust and stopping",
    "clinicians": "Clinicians",
    "patients": "Patients",
    "costs": "Costs",
}
"""The groups, which are the files, in the order in which they are read and shown."""

KINDS = ("real", "count", "choice")
SOURCES = ("paper", "expert", "calibration", "assumption")
CONFIDENCES = ("high", "medium", "low")
PRIORS = ("uniform", "loguniform", "normal", "beta")
OUTCOME_KINDS = ("share", "mean", "amount", "time", "ratio")
LEVELS = ("staff", "patients", "organisation", "cost")
BETTER = ("higher", "lower", "neither")

FACTORS = (
    "role_clarity",
    "workload",
    "motivation",
    "trust",
    "diffusion",
    "underestimation",
    "alignment",
    "engagement",
)
"""What a coefficient may carry an effect from: the mechanisms that can be switched off ..."""

FEEDS = ("agreements", "fit", "usability", "training", "repair", "nothing")
"""What the quality of a phase may feed."""

CARRIERS = (
    "strain",
    "guidance",
    "support",
    "quality of work",
    "overrun",
    "skill",
    "guidance of patients",
    "experience",
    "peers",
    "habit",
    "use shown",
)
"""... and what hands an effect on."""

_TEXTS = (
    "kind",
    "unit",
    "label",
    "label_nl",
    "meaning",
    "construct",
    "source",
    "reference",
    "confidence",
)
_ATTAINABLE = ("attainable", "attainable_modest")
_OUTCOME_TEXTS = ("kind", "unit", "level", "better", "label", "label_nl", "definition")
_COLUMNS = ("name", "label", "default", "range", "unit", "source", "confidence")
_INTRODUCTION = (
    "Every input of the model. This page is made from the registry (`sim/registry/*.toml`) by",
    "`mih parameters --markdown`; edit the registry, not this page. A default whose source begins",
    'with "assumed" has no published value behind it. What each input does is in [odd.md](odd.md).',
)
_CONSTRUCTS = (
    "What the inputs stand for in CFIR 2022 (doi 10.1186/s13012-022-01245-0) and in Normalization",
    "Process Theory (doi 10.1177/0038038509103208). The mapping is ours: it says where to look,",
    "not what is equivalent.",
)


class RegistryError(ValueError):
    """An entry of the registry is wrong; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What we believe of a number before the model has seen a pattern.

    ``uniform`` and ``loguniform``: lowest and highest; ``normal``: mean and standard deviation,
    truncated to the parameter's range; ``beta``: its two shapes, on 0..1. Draws of a count are
    rounded to whole numbers.
    """

    kind: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of the model.

    ``low`` and ``high`` include the ends; a choice has ``choices`` instead, no bounds
    (-inf, inf) and no prior. ``attainable`` is what an organisation at the favourable 90th
    percentile of the prior reaches, ``attainable_modest`` at the 75th; only barriers have them.
    ``path`` of a coefficient says from what (`FACTORS` or `CARRIERS`) to what it carries an
    effect, and whether that rises ("+") or falls ("-"); `sim.paths` makes a table of them.
    ``construct`` names what it stands for in implementation science (`sim.constructs`).
    """

    name: str
    group: str
    kind: str
    unit: str
    default: float | str
    low: float
    high: float
    choices: tuple[str, ...]
    prior: Prior | None
    source: str
    reference: str
    confidence: str
    note: str
    label: str
    label_nl: str
    meaning: str
    construct: str
    attainable: float | None = None
    attainable_modest: float | None = None
    path: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something the model measures; ``maps_to`` names its place in implementation frameworks.

    ``better`` says which direction is wanted: higher, lower or neither.
    """

    name: str
    kind: str
    unit: str
    level: str
    better: str
    label: str
    label_nl: str
    definition: str
    maps_to: str


@cache
def parameters() -> Mapping[str, Parameter]:
    """Return every input by name, in the order of the registry; read-only."""
    return MappingProxyType(_read_parameters(files("sim") / "registry"))


@cache
def outcomes() -> Mapping[str, Outcome]:
    """Return every outcome by name, in the order of the registry; read-only."""
    return MappingProxyType(_read_outcomes(files("sim") / "registry"))


@cache
def outcome_names(phases: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of all outcomes of a model with some phases, in the registry's order.

    The registry lists the phases of Make it Happen; another implementation model has its own.
    """
    found = [name for name in outcomes() if not name.startswith("phase_weeks.")]
    return (*found, *(f"phase_weeks.{phase}" for phase in phases))


def as_table() -> list[tuple[str, ...]]:
    """Return a row of text for each input: name, label, default, range, unit, source, confidence.

    The first row holds the headings.
    """
    return [_COLUMNS, *(_row(entry) for entry in parameters().values())]


def as_json() -> list[dict[str, Any]]:
    """Return each input as a dictionary that JSON can hold (bounds of a choice are None)."""
    rows = []
    for entry in parameters().values():
        row: dict[str, Any] = {name: getattr(entry, name) for name in Parameter.__slots__}
        row["choices"] = list(entry.choices)
        row["prior"] = [entry.prior.kind, entry.prior.a, entry.prior.b] if entry.prior else None
        if entry.kind == "choice":
            row["low"] = row["high"] = None
        rows.append(row)
    return rows


def as_markdown(level: int = 3) -> str:
    """Return the inputs as Markdown: a heading of some level and a table for each group."""
    lines: list[str] = []
    for group, title in GROUPS.items():
        lines += [f"{'#' * level} {title}", "", _markdown_row(_COLUMNS)]
        lines.append("|---" * len(_COLUMNS) + "|")
        entries = (entry for entry in parameters().values() if entry.group == group)
        lines += [_markdown_row((f"`{row[0]}`", *row[1:])) for row in map(_row, entries)]
        lines.append("")
    return "\n".join(lines[:-1])


def as_page() -> str:
    """Return the whole page of inputs, `docs/parameters.md` but for the newline at its end."""
    page = ["# Parameters", "", *_INTRODUCTION, "", as_markdown(level=2)]
    table = constructs.as_markdown(parameters().values())
    return "\n".join([*page, "", "## By construct", "", *_CONSTRUCTS, "", table])


def _row(entry: Parameter) -> tuple[str, ...]:
    allowed = ", ".join(entry.choices) or f"{entry.low:g} to {entry.high:g}"
    default = entry.default if isinstance(entry.default, str) else f"{entry.default:g}"
    # The reference of an assumption begins with "assumed", which says the source already.
    source = "" if entry.source == "assumption" else f"{entry.source}: "
    source += entry.reference
    return entry.name, entry.label, default, allowed, entry.unit, source, entry.confidence


def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _read_parameters(directory: Traversable) -> dict[str, Parameter]:
    """Read and check the groups' files of a directory."""
    found: dict[str, Parameter] = {}
    for group in GROUPS:
        for name, raw in _entries(directory, group).items():
            where = f"{group}.toml: {name}"
            before = found[name].group if name in found else ""
            _require(not before, where, f"already defined in {before}.toml")
            found[name] = _parameter(where, name, group, raw)
    return found


def _read_outcomes(directory: Traversable) -> dict[str, Outcome]:
    """Read and check the file of outcomes of a directory."""
    found: dict[str, Outcome] = {}
    for name, raw in _entries(directory, "outcomes").items():
        where = f"outcomes.toml: {name}"
        _check_fields(where, raw, _OUTCOME_TEXTS, ("maps_to",))
        _check_texts(where, raw, (*_OUTCOME_TEXTS, "maps_to"))
        for key, allowed in (("kind", OUTCOME_KINDS), ("level", LEVELS), ("better", BETTER)):
            _one_of(where, raw, key, allowed)
        found[name] = Outcome(name=name, **{"maps_to": "", **raw})
    return found


def _entries(directory: Traversable, stem: str) -> dict[str, dict[str, Any]]:
    """Return the tables of one file, by name."""
    try:
        tables = tomllib.loads((directory / f"{stem}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryError(f"{stem}.toml: {error}") from error
    for name, raw in tables.items():
        # A dotted name without quotes would be read as a table of tables.
        flat = isinstance(raw, dict) and not any(isinstance(field, dict) for field in raw.values())
        _require(flat, f"{stem}.toml: {name}", "not an entry (quote a name with dots)")
    return tables


def _parameter(where: str, name: str, group: str, raw: dict[str, Any]) -> Parameter:
    """Turn one entry of a file into a Parameter, or say what is wrong with it."""
    _one_of(where, raw, "kind", KINDS)
    choice = raw["kind"] == "choice"
    needed = ("default", "choices") if choice else ("default", "range", "prior")
    optional = ("note",) if choice else ("note", "path", *_ATTAINABLE)
    _check_fields(where, raw, (*needed, *_TEXTS), optional)
    _check_texts(where, raw, (*_TEXTS, "note"))
    for construct in constructs.parts_of(raw["construct"]):
        _require(construct in constructs.known(), where, f"unknown construct {construct!r}")
    _one_of(where, raw, "source", SOURCES)
    _one_of(where, raw, "confidence", CONFIDENCES)
    common: dict[str, Any] = {"name": name, "group": group, "note": ""}
    common |= {key: raw[key] for key in (*_TEXTS, "note") if key in raw}
    return _choice(where, raw, common) if choice else _numeric(where, raw, common)


def _choice(where: str, raw: dict[str, Any], common: dict[str, Any]) -> Parameter:
    choices = raw["choices"]
    named = isinstance(choices, list) and all(isinstance(item, str) for item in choices)
    _require(named, where, "choices must be a list of texts")
    _one_of(where, raw, "default", tuple(choices))
    common |= {"low": -math.inf, "high": math.inf, "prior": None}
    return Parameter(default=raw["default"], choices=tuple(choices), **common)


def _numeric(where: str, raw: dict[str, Any], common: dict[str, Any]) -> Parameter:
    paired = isinstance(raw["range"], list) and len(raw["range"]) == 2
    _require(paired, where, "range must be [lowest, highest]")
    low, high = (_number(where, "range", value) for value in raw["range"])
    _require(low < high, where, "range must rise")
    default = _number(where, "default", raw["default"], low, high)
    if raw["kind"] == "count":
        _require(isinstance(raw["default"], int), where, "default of a count must be whole")
        default = int(default)
    within = {key: raw[key] for key in _ATTAINABLE if key in raw}
    attainable = {key: _number(where, key, value, low, high) for key, value in within.items()}
    prior = prior_of(where, raw["prior"], low, high)
    common |= {"low": low, "high": high, **attainable}
    if "path" in raw:
        common["path"] = _path(where, raw["path"])
    return Parameter(default=default, choices=(), prior=prior, **common)


def _path(where: str, raw: Any) -> tuple[str, str, str]:
    """Check the path of a coefficient: from, to, sign."""
    texts = isinstance(raw, list) and len(raw) == 3 and all(isinstance(item, str) for item in raw)
    _require(texts, where, "path must be three texts: from, to, + or -")
    start, target, sign = raw
    known = (*FACTORS, *CARRIERS)
    _require(start in known, where, f"path starts at {start!r}, allowed {known}")
    _require(target.strip() != "", where, "path must lead somewhere")
    _require(sign in ("+", "-"), where, f"unknown sign {sign!r} of the path, allowed + and -")
    return start, target, sign


def prior_of(where: str, raw: Any, low: float, high: float) -> Prior:
    """Check a prior: known kind, sound numbers, inside the range."""
    known = isinstance(raw, list) and len(raw) == 3 and raw[0] in PRIORS
    _require(known, where, f"prior must be one of {PRIORS} and two numbers")
    kind, a, b = raw[0], _number(where, "prior", raw[1]), _number(where, "prior", raw[2])
    if kind in ("uniform", "loguniform"):
        for bound in (a, b):
            _number(where, "prior", bound, low, high)
        _require(a < b, where, "prior must rise")
        _require(kind == "uniform" or a > 0.0, where, "prior must be above 0 if loguniform")
    elif kind == "normal":
        _number(where, "prior", a, low, high)
        _require(b > 0.0, where, "prior needs a standard deviation above 0")
    else:
        _require(low <= 0.0 and high >= 1.0, where, "prior beta needs a range that holds 0 to 1")
        _require(a > 0.0 and b > 0.0, where, "prior beta needs shapes above 0")
    return Prior(kind, a, b)


def _require(sound: bool, where: str, complaint: str) -> None:
    if not sound:
        raise RegistryError(f"{where}: {complaint}")


def _check_fields(
    where: str, raw: dict[str, Any], needed: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    for key in needed:
        _require(key in raw, where, f"{key} is missing")
    for key in raw:
        _require(key in needed or key in optional, where, f"unknown field {key}")


def _check_texts(where: str, raw: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        text = raw.get(key, "-")
        filled = isinstance(text, str) and text.strip() != ""
        _require(filled, where, f"{key} must be text, not empty")


def _one_of(where: str, raw: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    _require(key in raw, where, f"{key} is missing")
    _require(raw[key] in allowed, where, f"unknown {key} {raw[key]!r}, allowed {allowed}")


def _number(
    where: str, what: str, raw: object, low: float = -math.inf, high: float = math.inf
) -> float:
    # bool is a kind of int in Python, but true is not a number here.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise RegistryError(f"{where}: {what} must be a finite number (found {raw!r})")
    _require(low <= raw <= high, where, f"{what} {raw:g} is outside {low:g} to {high:g}")
    return float(raw)
