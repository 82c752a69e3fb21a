"""What a scenario file may hold: models made from the registry, and checks across fields.

`checked` finds every problem of a file at once. The words of the messages are in `sim.wording`.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from sim import wording
from sim.errors import InputError
from sim.locate import Lines, Path
from sim.parameters import FEEDS, Parameter, parameters
from sim.wording import MECHANISMS, PHASE_NUMBERS, mih_phases

MAX_INTEGER = 2**63 - 1
MAX_PHASES = 12
CARE_SHAPES = (0.1, 100.0)
"""Lowest and highest (mean / SD) squared of the weeks of care: a gamma distribution's shape."""

_STRICT = ConfigDict(extra="forbid")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_JOINERS = "\u200c\u200d"
_Problem = tuple[Path, str]


def checked(raw: Mapping[str, Any], lines: Lines, where: str) -> dict[str, Any]:
    """Return the complete content of a scenario: defaults filled in, reals as floats.

    ``raw`` is what the file says, ``lines`` where it says so, ``where`` the file's name (empty
    for values that come from no file). Phases come as a list of dictionaries, attention as steps.

    Raises InputError with every problem found, in the order of the lines.
    """
    problems = list(unsafe_values(raw, ()))
    unsafe = {path for path, _ in problems}
    content: dict[str, Any] = {}
    try:
        content = _scenario_model().model_validate(raw).model_dump()
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = _in_file(item["loc"], raw)
            if path not in unsafe:
                problems.append((path, wording.problem(item, path, raw)))
    wrong = {path for path, _ in problems}
    problems += _across(raw, wrong)
    if problems:
        raise InputError(wording.report(problems, lines, where))
    return content


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors."""
    found = _scenario_model().model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


@cache
def _scenario_model() -> type[BaseModel]:
    fields: dict[str, Any] = {
        "title": (_text(200, "What the scenario is called, in a few words."), ...),
        "shows": (_text(1000, "One sentence on what the scenario shows."), ""),
        "currency": (_currency(), "EUR"),
    }
    for name, entry in parameters().items():
        if entry.group != "phases" and name != "attention":
            fields[name] = (_number(entry), entry.default)
    fields["attention"] = (_attention(), ((0, float(parameters()["attention"].default)),))
    mechanisms = create_model(
        "Mechanisms",
        __config__=_STRICT,
        __doc__="Mechanisms of the model; false switches one off.",
        **_all(MECHANISMS, (Annotated[bool, Field(strict=True)], True)),
    )
    fields["mechanisms"] = (mechanisms, Field(default_factory=mechanisms))
    made = _mih_model()
    table: Any = Annotated[made, Tag("table")]
    array: Any = Annotated[_rows(), Tag("array")]
    either: Any = Annotated[table | array, Discriminator(_table_or_array)]
    fields["phases"] = (either, Field(default_factory=made))
    return create_model("Scenario", __config__=_STRICT, __doc__="A what-if: TOML.", **fields)


def _all(names: tuple[str, ...], definition: Any) -> dict[str, Any]:
    return dict.fromkeys(names, definition)


def _text(most: int, meaning: str) -> Any:
    field = Field(strict=True, max_length=most, description=meaning)
    return Annotated[str, field, AfterValidator(lambda text: " ".join(text.split()))]


def _currency() -> Any:
    meaning = "Three capital letters; the hourly rates are in it."
    return Annotated[str, Field(strict=True, pattern="^[A-Z]{3}$", description=meaning)]


def _number(entry: Parameter) -> Any:
    """Return the annotated type of one input."""
    meaning, low, high = f"{entry.meaning.rstrip('.')}. Unit: {entry.unit}.", entry.low, entry.high
    if entry.kind == "choice":
        field = Field(title=entry.label, description=entry.meaning)
        return Annotated[Literal[entry.choices], field]
    if entry.kind == "count":
        whole = Field(
            strict=True, ge=int(low), le=int(high), title=entry.label, description=meaning
        )
        return Annotated[int, whole]
    field = Field(
        strict=True, allow_inf_nan=False, ge=low, le=high, title=entry.label, description=meaning
    )
    # Adding 0.0 makes 0.0 of -0.0: equal scenarios have equal bits.
    return Annotated[float, field, AfterValidator(lambda value: value + 0.0)]


def _attention() -> Any:
    """Return the type of management attention: one level, or a list of [week, level] steps."""
    entry = parameters()["attention"]
    week: Any = Annotated[int, Field(strict=True, ge=0, le=int(parameters()["weeks"].high))]
    steps: Any = tuple[tuple[week, _number(entry)], ...]  # type: ignore[misc]
    level = {"type": "number", "minimum": entry.low, "maximum": entry.high}
    pair: dict[str, Any] = {
        "type": "array",
        "prefixItems": [{"type": "integer", "minimum": 0}, level],
    }
    pair |= {"minItems": 2, "maxItems": 2}
    schema = {
        "description": f"{entry.meaning.rstrip('.')}. A number, or steps [week, level].",
        "default": entry.default,
        "anyOf": [level, {"type": "array", "items": pair, "minItems": 1}],
    }
    return Annotated[
        steps,
        BeforeValidator(lambda value: value if isinstance(value, list | tuple) else [[0, value]]),
        AfterValidator(_rising),
        WithJsonSchema(schema),
    ]


def _rising(steps: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    weeks = [week for week, _ in steps]
    if not weeks or weeks[0] != 0:
        raise PydanticCustomError("steps", "steps must begin in week 0")
    if any(later <= earlier for earlier, later in pairwise(weeks)):
        raise PydanticCustomError("steps", "the weeks of the steps must rise")
    return steps


def _mih_model() -> type[BaseModel]:
    """Return the model of changes to the five MiH phases."""
    flag = Annotated[bool, Field(strict=True, description="May run beside other phases.")]
    made: dict[str, Any] = {}
    for phase, record in mih_phases().items():
        fields: dict[str, Any] = {"overlaps": (flag, record["overlaps"])}
        for name in PHASE_NUMBERS:
            entry = parameters()[f"phases.{phase}.{name}"]
            fields[name] = (_number(entry), entry.default)
        model = create_model(
            f"{phase.capitalize()}Phase", __config__=_STRICT, __doc__=record["label"], **fields
        )
        made[phase] = (model, Field(default_factory=model))
    text = "Changes to the five MiH phases."
    return create_model("MihPhases", __config__=_STRICT, __doc__=text, **made)


def _rows() -> Any:
    """Return the type of another implementation model: a list of phases."""
    flag = Annotated[bool, Field(strict=True)]
    label = Annotated[str | None, Field(strict=True, min_length=1, max_length=80)]
    name = Annotated[str, Field(strict=True, pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
    fields: dict[str, Any] = {
        "name": (name, ...),
        "label": (label, None),
        "label_nl": (label, None),
        "feeds": (Literal[FEEDS], ...),
        "overlaps": (flag, False),
        "recurs": (flag, False),
    }
    for number in PHASE_NUMBERS:
        needed = number in ("manager_hours", "team_hours")
        fields[number] = (_number(parameters()[f"phases.build.{number}"]), ... if needed else 0)
    text = "A phase of another implementation model."
    row = create_model("PhaseRow", __config__=_STRICT, __doc__=text, **fields)
    return Annotated[list[row], Field(min_length=1, max_length=MAX_PHASES)]  # type: ignore[valid-type]


def _table_or_array(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return "array"
    return "table" if isinstance(value, dict | BaseModel) else None


def _in_file(loc: Path, raw: Mapping[str, Any]) -> Path:
    """Return where in the file an error of the models stands."""
    if loc[0] == "attention" and not isinstance(raw["attention"], list | tuple):
        return ("attention",)
    # The model of phases adds which of its two forms it took.
    return ("phases", *loc[2:]) if loc[0] == "phases" else loc


def unsafe_values(value: object, path: Path) -> Iterator[_Problem]:
    """Find integers no computer word holds, and characters that hide or reorder text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            hidden = hidden_character(key)
            if hidden:
                yield (*path, key), f"the key contains {hidden}"
            else:
                yield from unsafe_values(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from unsafe_values(item, (*path, index))
    elif isinstance(value, str):
        hidden = hidden_character(" ".join(value.split()) if path == ("shows",) else value)
        if hidden:
            yield path, f"contains {hidden}"
        elif path == ("title",) and not value.strip():
            yield path, "empty: a scenario needs a title"
    elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        yield path, "an integer too large for any setting"


def hidden_character(text: str) -> str:
    """Name the first control, direction or invisible character of a text; empty if none."""
    for character in text:
        if unicodedata.category(character) in _INVISIBLE and character not in _JOINERS:
            name = unicodedata.name(character, "a control character").lower()
            return f"the invisible character U+{ord(character):04X} ({name})"
    return ""


def _across(raw: Mapping[str, Any], wrong: set[Path]) -> Iterator[_Problem]:
    """Check what no single field can tell, as far as the fields themselves are sound."""
    if not wrong & {("care_weeks",), ("care_weeks_sd",)}:
        mean = float(raw.get("care_weeks", parameters()["care_weeks"].default))
        sd = float(raw.get("care_weeks_sd", parameters()["care_weeks_sd"].default))
        low, high = CARE_SHAPES
        if not low <= (mean / sd) ** 2 <= high:
            path = ("care_weeks_sd",) if "care_weeks_sd" in raw else ("care_weeks",)
            allowed = f"{mean / high**0.5:.3g} to {mean / low**0.5:.3g} for a mean of {mean:g}"
            yield path, f"does not fit the mean weeks of care (found {sd:g}, allowed {allowed})"
    rows = raw.get("phases")
    if isinstance(rows, list | tuple) and len(rows) <= MAX_PHASES:
        yield from _across_phases(rows)


def _across_phases(rows: list[Any] | tuple[Any, ...]) -> Iterator[_Problem]:
    """Check that phases have names and uses of their own, and that recurring ones come last."""
    names: set[str] = set()
    fed: set[str] = set()
    recurring = False
    sound = [(index, row) for index, row in enumerate(rows) if isinstance(row, Mapping)]
    for index, row in sound:
        name, feeds = row.get("name"), row.get("feeds")
        if isinstance(name, str) and name in names:
            yield ("phases", index, "name"), f"another phase is called {wording.show(name)}"
        if isinstance(feeds, str) and feeds in FEEDS[:-1] and feeds in fed:
            yield ("phases", index, "feeds"), f"another phase feeds {wording.show(feeds)}"
        if recurring and row.get("recurs") is not True:
            yield ("phases", index), "a phase that recurs must come after those that do not"
        recurring = recurring or row.get("recurs") is True
        names |= {name} if isinstance(name, str) else set()
        fed |= {feeds} if isinstance(feeds, str) else set()
    if sound and all(row.get("recurs") is True for _, row in sound):
        yield ("phases",), "at least one phase must not recur"
