"""The words of messages about scenario files: what is wrong, what is allowed, what was meant."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from sim.locate import Lines, Path
from sim.parameters import FACTORS, GROUPS, Parameter, parameters

MECHANISMS = FACTORS
PHASE_NUMBERS = ("manager_hours", "team_hours", "team_hours_per_clinician", "delay_weeks")
MAX_MESSAGES = 100

_ROW_KEYS = ("name", "label", "label_nl", "feeds", "overlaps", "recurs", *PHASE_NUMBERS)
_TEXT_KEYS = ("title", "shows", "currency")
_PLAIN = {
    "missing": "missing",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "too low",
    "less_than_equal": "too high",
    "literal_error": "not one of the choices",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "empty",
    "model_type": "must be a table",
    "tuple_type": "must be a pair [week, level]",
    "union_tag_not_found": "must be tables, [phases.build] or [[phases]]",
}
_QUOTED = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*(%?)")


@cache
def mih_phases() -> Mapping[str, Mapping[str, Any]]:
    """Return the records of the five MiH phases, by name."""
    return tomllib.loads((files("sim") / "phases.toml").read_text(encoding="utf-8"))


def report(problems: Iterable[tuple[Path, str]], lines: Lines, where: str) -> list[str]:
    """Return the messages for problems, in the order of their lines."""
    placed = [(lines.place(path)[1] or 1, path, text) for path, text in problems]
    placed.sort(key=lambda item: item[0])
    messages = []
    for line, path, text in placed[:MAX_MESSAGES]:
        head = f"{where}:{line}: " if where else ""
        hint = suggestion(path) if text == "unknown key" else ""
        messages.append(f"{head}{dotted(path)}: {text}{hint}")
    if len(placed) > MAX_MESSAGES:
        messages.append(f"{where}: and {len(placed) - MAX_MESSAGES} more problems".lstrip(": "))
    return messages


def dotted(path: Path) -> str:
    """Write a path as in ``phases[1].feeds``; keys that need quotes get them."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part)
            text += ("." if text else "") + (part if plain else show(part))
    return text


def show(value: object) -> str:
    """Write a value as a TOML file would, on one short line and with nothing hidden."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= 40 else value[:37] + "..."
        return '"' + repr(short)[1:-1] + '"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return str(value)


def meant(name: object, known: Iterable[str], *, quoted: bool = False) -> str:
    """Return ``; did you mean ...?`` for a name that is like a known one, else nothing."""
    near = get_close_matches(name[:60], list(known), 1) if isinstance(name, str) else []
    if not near:
        return ""
    return f"; did you mean {show(near[0]) if quoted else near[0]}?"


def problem(error: Mapping[str, Any], path: Path, raw: Mapping[str, Any]) -> str:
    """Say what is wrong, what was found, what is allowed and, where one can guess, was meant."""
    kind, found = str(error["type"]), error.get("input")
    if path == ("attention",):
        found = raw["attention"]
    if kind == "extra_forbidden":
        return _unknown(path, found)
    if kind == "missing":
        return "missing"
    if kind == "steps":
        return str(error["msg"])
    if kind in ("string_pattern_mismatch", "string_too_long", "too_long", "too_short"):
        return _shape(error, path, found)
    entry = entry_of(path)
    text = _PLAIN.get(kind, str(error["msg"]))
    if path == ("key_users",) and kind == "less_than_equal":
        text = "more key-users than clinicians; write them as a share of the clinicians"
    allowed = _allowed(entry, path)
    return f"{text} (found {show(found)}{allowed}){_meant(entry, path, found)}"


def entry_of(path: Path) -> Parameter | None:
    """Return the input that a path of a file sets."""
    known = parameters()
    if len(path) == 3 and path[0] == "phases":
        phase = "build" if isinstance(path[1], int) else path[1]
        return known.get(f"phases.{phase}.{path[2]}")
    if path[0] == "attention":
        return known["attention"] if len(path) == 1 or path[2:] == (1,) else None
    return known.get(str(path[0])) if len(path) == 1 else None


def _shape(error: Mapping[str, Any], path: Path, found: object) -> str:
    """Describe a text or list of the wrong length or form."""
    limits = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        allowed = "small letters, digits, - and _, a letter first"
        if path == ("currency",):
            allowed = 'three capital letters such as "EUR"'
        return f"not as it should be (found {show(found)}, allowed {allowed})"
    if error["type"] == "string_too_long":
        return f"too long (allowed {limits['max_length']} characters)"
    if path[0] == "attention":
        return "must be a pair [week, level]"
    return f"too many phases or none (found {limits['actual_length']}, allowed 1 to 12)"


def _allowed(entry: Parameter | None, path: Path) -> str:
    """Return what a field allows, as the end of a bracket that begins with what was found."""
    if path[0] == "attention" and len(path) == 3 and path[2] == 0:
        return f", allowed 0 to {parameters()['weeks'].high:g} weeks"
    if entry is not None:
        if entry.choices:
            return ", allowed " + ", ".join(entry.choices)
        return f", allowed {entry.low:g} to {entry.high:g} {entry.unit}"
    if path[-1] == "feeds":
        return ", allowed agreements, fit, usability, training, repair, nothing"
    return ""


def _meant(entry: Parameter | None, path: Path, found: object) -> str:
    """Guess what was meant by a wrong value: a percentage, a number in quotes, another place."""
    if path[0] == "mechanisms" and len(path) == 2 and isinstance(found, int | float | str):
        if path[1] in parameters():
            return "; a level stands above the first [table], here a mechanism is on or off"
        return ""
    if entry is None:
        return ""
    if isinstance(found, bool):
        off = "; to switch the mechanism off, write it under [mechanisms]"
        return off if entry.name in MECHANISMS else ""
    if entry.choices:
        return meant(found, entry.choices, quoted=True)
    number = _number_in(found, entry)
    return f"; did you mean {number}?" if number else ""


def _number_in(found: object, entry: Parameter) -> str:
    """Return the allowed number that a wrong value most likely stands for, or nothing."""
    percent = False
    if isinstance(found, str):
        match = _QUOTED.match(found[:60])
        if not match:
            return ""
        found, percent = float(match[1].replace(",", ".")), match[2] == "%"
    if not isinstance(found, int | float):
        return ""
    if entry.unit.startswith("share") and (percent or found > entry.high):
        found = found / 100
    if not entry.low <= found <= entry.high or (entry.kind == "count" and found != int(found)):
        return ""
    return f"{found:g}"


def _unknown(path: Path, found: object) -> str:
    """Describe a key nobody knows; the suggestion is made when the message is written."""
    if len(path) == 1 and path[0] in GROUPS and isinstance(found, Mapping):
        return "unknown table; its keys stand without a table, above the first [table]"
    return "unknown key"


@cache
def _known() -> Mapping[str, tuple[str, ...]]:
    """Return the keys a file may have, by section (empty: above the first table)."""
    top = [name for name, entry in parameters().items() if entry.group != "phases"]
    known = {"": (*_TEXT_KEYS, *top, "mechanisms", "phases"), "mechanisms": MECHANISMS}
    known["phases"] = tuple(mih_phases())
    for phase in mih_phases():
        known[f"phases.{phase}"] = (*PHASE_NUMBERS, "overlaps")
    return known


def suggestion(path: Path) -> str:
    """Return ``; did you mean ...?`` for an unknown key, or nothing."""
    key = str(path[-1])
    if len(key) > 60:
        return ""
    section = ".".join(part for part in path[:-1] if isinstance(part, str))
    siblings = _known().get(section, ())
    if section == "phases" and len(path) == 3:
        siblings = _ROW_KEYS
    elsewhere = _elsewhere(key)
    if elsewhere:
        return f"; did you mean {elsewhere}?"
    near = get_close_matches(key, siblings, 1, 0.75)
    if near:
        return f"; did you mean {near[0]}?"
    near = get_close_matches(key, _known()[""], 1, 0.75)
    where = " above the first [table]" if section else ""
    return f"; did you mean {near[0]}{where}?" if near else ""


def _elsewhere(key: str) -> str:
    """Return where a key belongs that was written in the wrong section."""
    if key in _known()[""]:
        return f"{key} above the first [table]"
    name = key.rpartition(".")[2]
    if name in (*PHASE_NUMBERS, "overlaps"):
        return f"{name} under a phase, as in [phases.build]"
    return f"[phases.{key}]" if key in _known()["phases"] else ""
