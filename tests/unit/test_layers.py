"""The house of DESIGN.md, section 1: who may import whom, and what rules may not use."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim

HOUSE = Path(sim.__file__).parent

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "locate", "constructs"),
    ("parameters",),
    ("paths", "wording", "tomlfile"),
    ("schema", "scenario"),
    ("compiled", "draws", "layout"),
    ("rules",),
    ("inputs",),
    ("world",),
    ("kernel", "agents"),
    ("outcomes",),
    ("batch", "estimates"),
    ("simulate", "trace"),
    ("spread", "readouts"),
    ("experiment",),
    ("plots",),
    ("reporting",),
    ("app", "commands", "cli"),
)
"""From the foundation up. A module imports from layers below it, and from its own layer."""

LATE = {("simulate", "plots"), ("simulate", "experiment"), ("experiment", "plots")}
"""Upwards, inside a function: a result draws itself (`Result.plot`)."""

LONGEST_FILE, LONGEST_FUNCTION = 420, 60


def modules() -> Iterator[tuple[str, Path]]:
    """Return each module's file with the name of its layer's member (kernel, not kernel.week)."""
    for file in sorted(HOUSE.rglob("*.py")):
        inside = file.relative_to(HOUSE)
        yield (inside.parts[0].removesuffix(".py"), file)


FILES = [pytest.param(name, file, id=str(file.relative_to(HOUSE))) for name, file in modules()]
KNOWN = {name: depth for depth, names in enumerate(LAYERS) for name in names}


def imports(file: Path, *, typing_too: bool = False) -> Iterator[tuple[str, int]]:
    """Return the dotted names a file imports, without those only a type checker reads."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    unseen = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    skipped = {id(inner) for node in unseen for inner in ast.walk(node) if not typing_too}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base, node.lineno
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno


def at_the_top(file: Path) -> set[str]:
    """Return the modules a file imports as it is loaded."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return {node.module or "" for node in body if isinstance(node, ast.ImportFrom)}


def test_every_module_has_a_place_in_the_house() -> None:
    assert {name for name, _ in modules()} - {"__init__"} <= set(KNOWN)


@pytest.mark.parametrize(("name", "file"), FILES)
def test_imports_go_one_way(name: str, file: Path) -> None:
    if name == "__init__":
        assert not [dotted for dotted, _ in imports(file) if dotted.split(".")[0] == "sim"]
        return
    for dotted, line in imports(file):
        parts = dotted.split(".")
        assert parts[0] != "", f"{file.name}:{line}: relative import"
        if parts[0] != "sim" or len(parts) < 2:
            continue
        other = parts[1]
        if other not in KNOWN:  # a name of the package itself
            raise AssertionError(f"{file.name}:{line}: import from the public face: {dotted}")
        if KNOWN[other] > KNOWN[name]:
            assert (name, other) in LATE, f"{file.name}:{line}: {name} imports {other}"
            assert dotted not in at_the_top(file), f"{file.name}:{line}: import it late"


@pytest.mark.parametrize(("name", "file"), FILES)
def test_only_agents_import_mesa(name: str, file: Path) -> None:
    uses = [
        line for dotted, line in imports(file, typing_too=True) if dotted.split(".")[0] == "mesa"
    ]
    assert name == "agents" or not uses


def test_kernel_and_agents_do_not_know_each_other() -> None:
    for name, file in modules():
        for dotted, _ in imports(file, typing_too=True):
            if name in ("kernel", "rules", "world", "inputs", "outcomes"):
                assert not dotted.startswith("sim.agents")
            if name in ("agents", "rules"):
                assert not dotted.startswith("sim.kernel")


CHANCE = ("random", "secrets", "uuid", "numpy.random")
CLOCK_CALLS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("os", "urandom"),
    ("np", "random"),
    ("numpy", "random"),
}


@pytest.mark.parametrize(("name", "file"), FILES)
def test_only_draws_make_random_numbers_and_nobody_reads_the_time_of_day(
    name: str, file: Path
) -> None:
    for dotted, line in imports(file, typing_too=True):
        chance = any(dotted == bad or dotted.startswith(f"{bad}.") for bad in CHANCE)
        token = (name, dotted) == ("app", "secrets")  # who may ask the page; decides no result
        assert not chance or name == "draws" or token, f"{file.name}:{line}: {dotted}"
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else None
            owner = node.value.id if isinstance(node.value, ast.Name) else owner
            if (owner, node.attr) in CLOCK_CALLS:
                assert name == "draws", f"{file.name}:{node.lineno}: {owner}.{node.attr}"


# --- rules ---------------------------------------------------------------------------------------

RULES = [pytest.param(file, id=file.name) for file in sorted((HOUSE / "rules").glob("*.py"))]
RULES = [rule for rule in RULES if rule.id != "types.py"]
"""Without the module of annotations, which nothing runs."""
ALLOWED_MATHS = {"exp", "log", "sqrt", "log1p", "expm1", "tanh", "pi", "nan"}


@pytest.mark.parametrize("file", RULES)
def test_rules_use_only_what_both_engines_compute_alike(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        where = f"{file.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            assert not isinstance(node.right, ast.Constant), f"{where}: constant exponent"
            assert not isinstance(node.right, ast.UnaryOp), f"{where}: constant exponent"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("sum", "pow", "round", "hash", "open", "print"), where
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id not in ("np", "numpy"), f"{where}: numpy in a rule"
            if node.value.id == "math":
                assert node.attr in ALLOWED_MATHS, f"{where}: math.{node.attr}"
        if isinstance(node, ast.Global | ast.Nonlocal | ast.AugAssign) and not isinstance(
            node, ast.AugAssign
        ):
            raise AssertionError(f"{where}: a rule has no state")
    assert all(name.isupper() for name in constants)


@pytest.mark.parametrize("file", RULES)
def test_rules_import_only_mathematics_and_rules(file: Path) -> None:
    for dotted, line in imports(file):
        first = dotted.split(".")
        fine = first[0] in ("math", "typing", "collections") or first[:2] in (
            ["sim", "compiled"],
            ["sim", "rules"],
        )
        assert fine, f"{file.name}:{line}: {dotted}"


@pytest.mark.parametrize("file", RULES)
def test_exponentials_and_logarithms_of_rules_are_clamped(file: Path) -> None:
    """exp on an argument nobody limited raises in CPython where compiled code gives infinity."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "math.exp"):
                continue
            argument = ast.unparse(node.args[0])
            clamped = "clamp(" in argument or f"{argument.lstrip('-')} = clamp(" in ast.unparse(
                function
            )
            assert clamped, f"{file.name}:{node.lineno}: exp({argument})"


# --- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "file"), FILES)
def test_files_and_functions_stay_short(name: str, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:  # long where it is public: that is no fault
                length -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            assert length < LONGEST_FUNCTION, f"{file.name}:{node.lineno}: {node.name} {length}"
