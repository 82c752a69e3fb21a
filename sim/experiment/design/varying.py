"""What of a scenario can vary between the points of a study, and within which bounds.

Bounds, kinds and choices are the registry's. Columns of values are checked as a whole; only what
is wrong is looked at one by one, to say why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.locate import Path
from sim.parameters import Parameter, parameters
from sim.scenario import Scenario
from sim.wording import MECHANISMS, PHASE_NUMBERS, entry_of, mih_phases, problem, show

TEXTS = ("title", "shows", "currency")
"""What a scenario holds that is no input of the model."""

_OF_A_PHASE = ("name", "label", "label_nl", "feeds", "recurs")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Input:
    """An input that can vary: its place in a scenario, and what the registry says of it.

    ``entry`` is None for what is only true or false: a mechanism, or whether a phase overlaps.
    """

    name: str
    path: tuple[str, ...]
    entry: Parameter | None
    label: str
    unit: str

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.entry is not None and self.entry.kind != "choice"


def input_of(name: str, base: Scenario | None) -> Input | None:
    """Return the input of a dotted name, None if there is none that can vary.

    ``base`` tells which phases there are; None: not known, so any phase may be right.
    """
    path = tuple(name.split("."))
    if len(path) == 1:
        entry = parameters().get(name)
        return Input(name, path, entry, entry.label, entry.unit) if entry else None
    if path[0] == "mechanisms" and len(path) == 2 and path[1] in MECHANISMS:
        label = f"Mechanism: {parameters()[path[1]].label.lower()}"
        return Input(name, path, None, label, "on or off")
    if path[0] == "phases" and len(path) == 3 and path[2] in (*PHASE_NUMBERS, "overlaps"):
        return _of_phase(name, path, base)
    return None


def _of_phase(name: str, path: tuple[str, ...], base: Scenario | None) -> Input | None:
    labels = {phase.name: phase.label for phase in base.phases} if base else {path[1]: path[1]}
    if path[1] not in labels:
        return None
    label = labels[path[1]]
    if path[2] == "overlaps":
        return Input(name, path, None, f"{label}: may run beside other phases", "yes or no")
    known = entry_of(path)
    if known is None or (base and list(labels) != list(mih_phases())):
        # A phase of another implementation model: the same bounds, but nothing known of it.
        general = parameters()[f"phases.build.{path[2]}"]
        what = general.label.partition(": ")[2]
        known = replace(general, name=name, prior=None, label=f"{label}: {what}")
    return Input(name, path, known, known.label, known.unit)


def names(base: Scenario | None) -> list[str]:
    """Return the names of everything that can vary in a scenario."""
    found = [name for name, entry in parameters().items() if entry.group != "phases"]
    found += [f"mechanisms.{name}" for name in MECHANISMS]
    phases = [phase.name for phase in base.phases] if base else list(mih_phases())
    return found + [
        f"phases.{phase}.{key}" for phase in phases for key in (*PHASE_NUMBERS, "overlaps")
    ]


def unknown(name: str, base: Scenario | None) -> str:
    """Say that nothing of this name can vary, and what was perhaps meant."""
    last = name.rpartition(".")[2]
    if name in TEXTS or (name.startswith("phases.") and last in _OF_A_PHASE):
        return "cannot vary; only numbers, choices and what is true or false can"
    if name == "phases":
        return "cannot vary as a list; name a number of a phase, such as phases.build.team_hours"
    if name == "mechanisms":
        return "must be a table that names mechanisms, such as mechanisms.trust = [true, false]"
    return f"no such input{near(name, names(base))}"


def near(name: str, known: Sequence[str]) -> str:
    """Return ``; did you mean ...?`` for a name written wrong or in the wrong table, or nothing."""
    if len(name) > _LONGEST:
        return ""
    last = name.rpartition(".")[2]
    found = [one for one in known if one.endswith(f".{name}")]
    found = found or [one for one in known if last in (one, one.rpartition(".")[2])]
    found = found or get_close_matches(name, known, 1, 0.75)
    return f"; did you mean {found[0]}?" if found else ""


def leaves(table: Mapping[str, Any], path: Path, head: str = "") -> Iterator[tuple[str, Path, Any]]:
    """Yield dotted name, path in the file and value of what a table of inputs holds.

    Names may be quoted or written as tables: ``"phases.build.team_hours"`` or ``[phases.build]``.
    """
    for key, value in table.items():
        name = f"{head}{key}"
        parts = name.split(".")
        depth = {"mechanisms": 2, "phases": 3}.get(parts[0], 1)
        if isinstance(value, Mapping) and len(parts) < depth:
            yield from leaves(value, (*path, key), f"{name}.")
        else:
            yield name, (*path, key), value


def fit(what: Input, values: Sequence[Any]) -> NDArray[Any] | None:
    """Return values as an array of their input's type, None if any of them is wrong.

    The types are float64 (real), int64 (count), bool and numpy's text (choice).
    """
    kinds, entry = set(map(type, values)), what.entry
    if entry is None:
        return np.array(values, np.bool_) if kinds <= {bool} else None
    if entry.kind == "choice":
        sound = kinds <= {str} and set(values) <= set(entry.choices)
        return np.array(values, np.str_) if sound else None
    if not kinds <= ({int} if entry.kind == "count" else {int, float}):
        return None
    numbers = np.array(values, np.float64)
    return typed(entry, numbers) if within(entry, numbers).all() else None


def within(entry: Parameter, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which numbers an input allows, an array of their shape; a count allows whole ones."""
    inside = (values >= entry.low) & (values <= entry.high)  # false for nan
    return inside & (np.floor(values) == values) if entry.kind == "count" else inside


def typed(entry: Parameter, values: NDArray[np.float64]) -> NDArray[Any]:
    """Return sound numbers as their input holds them; there is no minus before a zero."""
    return values.astype(np.int64) if entry.kind == "count" else values + 0.0


def trouble(what: Input, value: object) -> str:
    """Say what is wrong with one value of an input; empty if nothing is."""
    if fit(what, [value]) is not None:
        return ""
    entry, found = what.entry, show(value)
    if what.name == "attention" and isinstance(value, list):
        return "steps cannot vary; give levels, or put the steps of all points under [set]"
    if entry is None:
        hint = ""
        if what.path[-1] in parameters() and isinstance(value, int | float):
            hint = f"; here a mechanism is on or off, its level varies as {what.path[-1]}"
        return f"must be true or false (found {found}){hint}"
    error = dict[str, Any](type=_mistake(entry, value), input=value, msg="")
    text = problem(error, what.path, {what.path[0]: value})
    if isinstance(value, bool) and entry.name in MECHANISMS:
        text = text.partition(";")[0]
        return f"{text}; to switch the mechanism on and off, vary mechanisms.{entry.name}"
    return text


def _mistake(entry: Parameter, value: object) -> str:
    """Return the kind of mistake that a wrong value is, in the words of `sim.wording`."""
    if entry.kind == "choice":
        return "literal_error"
    whole = entry.kind == "count"
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number:
        return "int_type" if whole else "float_type"
    assert isinstance(value, int | float)
    if value != value or abs(value) == float("inf"):
        return "finite_number"
    return "greater_than_equal" if value < entry.low else "less_than_equal"
