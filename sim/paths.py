"""Every path of each factor through the model, with its coefficient: a table made from the code.

Nobody should mistake "moves the model most" for "has the most paths". Coefficients and ranges are
read from the registry, the rules that use them from the source of `sim.rules`. Paths without a
coefficient of their own stand in `_WITHOUT_COEFFICIENT`, each with its rule.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from sim.parameters import CARRIERS, FACTORS, Parameter, parameters

_HEADINGS = ("from", "to", "sign", "coefficient", "default", "range", "rule")

_HOURS = "hours a phase really takes"
_OWNED = "ownership of the team's hours"
_COMMITMENT = "commitment of key-users"

_WITHOUT_COEFFICIENT = (
    # from, to, sign, rule, parameter that has a say in it ("" for none)
    ("role_clarity", _OWNED, "+", "project.ownership", ""),
    ("role_clarity", "quality of work", "+", "project.work_quality", ""),
    ("workload", _COMMITMENT, "-", "project.commitment", "guidance_overload"),
    ("motivation", _COMMITMENT, "+", "project.commitment", ""),
    ("trust", "guidance of the team", "+", "people.team_guidance", ""),
    ("diffusion", _OWNED, "-", "project.ownership", "diffusion"),
    ("underestimation", _HOURS, "+", "project.real_effort", "underestimation"),
    ("alignment", "guidance of the team", "+", "people.team_guidance", ""),
    ("alignment", "guidance of other clinicians", "+", "people.clinician_guidance", ""),
    ("support", "guidance of other clinicians", "+", "people.clinician_guidance", ""),
    ("support", "forgetting of skill", "-", "clinicians.skill_kept", "skill_forgetting"),
    (_COMMITMENT, "engagement", "+", "project.commitment", "engagement"),
    ("productivity", "pace of the work", "+", "people.productivity", ""),
    (_OWNED, "pace of the work", "+", "project.ownership", ""),
    ("pace of the work", "overrun", "-", "project.overrun", ""),
    ("pace of the work", "support", "+", "project.next_support", "support_hours"),
    (_HOURS, "overrun", "+", "project.overrun", ""),
    (_HOURS, "workload of leads", "+", "people.lead_load", ""),
    (_HOURS, "workload of managers", "+", "people.manager_load", ""),
)


@dataclass(frozen=True, slots=True)
class Path:
    """One arrow of the model: ``start`` raises (sign +) or lowers (-) ``target``.

    ``parameter`` names its coefficient, "" if it has none of its own; ``rules`` are the functions
    of `sim.rules` in which it acts, as ``module.function``.
    """

    start: str
    target: str
    sign: str
    parameter: str
    rules: tuple[str, ...]


@cache
def paths() -> tuple[Path, ...]:
    """Return every path: those of the eight factors first, then what carries them on."""
    readers = rules_by_parameter()
    found = [
        Path(*entry.path, name, readers.get(name, ()))
        for name, entry in parameters().items()
        if entry.path
    ]
    found += [
        Path(start, target, sign, parameter, (rule,))
        for start, target, sign, rule, parameter in _WITHOUT_COEFFICIENT
    ]
    order = {start: place for place, start in enumerate((*FACTORS, *CARRIERS))}
    return tuple(sorted(found, key=lambda path: order.get(path.start, len(order))))


@cache
def rules() -> Mapping[str, frozenset[str]]:
    """Return the parameters that each rule reads, by ``module.function``; from the source."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted((files("sim") / "rules").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            module = file.name.removesuffix(".py")
            for name, read in _functions(file.read_text(encoding="utf-8")):
                found[f"{module}.{name}"] = read
    return MappingProxyType(found)


def rules_by_parameter() -> dict[str, tuple[str, ...]]:
    """Return the rules that read each parameter, in the order of the source."""
    found: dict[str, tuple[str, ...]] = {}
    for rule, read in rules().items():
        for name in sorted(read):
            found[name] = (*found.get(name, ()), rule)
    return found


def _functions(source: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each function of a module with the attributes of ``p`` that it reads."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            read = {
                inner.attr
                for inner in ast.walk(node)
                if isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id == "p"
            }
            yield node.name, frozenset(read)


def as_markdown() -> str:
    """Return the paths as two Markdown tables, the number of each factor's paths before them."""
    direct = [path for path in paths() if path.start in FACTORS]
    onward = [path for path in paths() if path.start not in FACTORS]
    counts = [sum(path.start == factor for path in direct) for factor in FACTORS]
    named = ", ".join(f"{_words(f)} {n}" for f, n in zip(FACTORS, counts, strict=True))
    return "\n".join(
        [
            f"Number of direct paths: {named}.",
            "",
            "**From the eight factors**",
            "",
            *_table(direct),
            "",
            "**What carries them on**",
            "",
            *_table(onward),
        ]
    )


def _table(rows: list[Path]) -> Iterator[str]:
    yield _line(_HEADINGS)
    yield "|---" * len(_HEADINGS) + "|"
    for path in rows:
        entry = parameters().get(path.parameter)
        yield _line(
            (
                _words(path.start),
                _words(path.target),
                "+" if path.sign == "+" else "\N{MINUS SIGN}",
                f"`{path.parameter}`" if entry else "none of its own",
                *_numbers(entry),
                ", ".join(f"`{rule}`" for rule in path.rules),
            )
        )


def _numbers(entry: Parameter | None) -> tuple[str, str]:
    return (f"{entry.default:g}", f"{entry.low:g} to {entry.high:g}") if entry else ("", "")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
