"""Mutation testing of the rules, the draws and the kernel: would the tests notice a slip?

    python -m tests.mutation                                # all of rules and draws, 300 of kernel
    python -m tests.mutation --of rules --sample 50         # fewer
    python -m tests.mutation --only sim/rules/chance.py:22  # those of a line

A mutant is the code with one small slip: a comparison or its boundary, an operator, a number, `and`
for `or`, a condition turned round, `min` for `max`, another value returned, a statement left out.
A mutant is killed if a test fails or the time is over. Those that survive are printed as
`file:line:column: slip` and judged in docs/mutation.md. Which mutants are tried follows from the
source and `--seed` alone. Exit code 1 if fewer than 85 % are killed.

Tests run without the compiler, so that a mutant costs a second. The compiled twins of the draws
exist in compiled code only: their mutants, and no others, are compiled, without a cache.

Why no library does it: mutmut (3.8) leaves out functions with a decorator, and every function here
is marked `@rule` or `@part`; cosmic-ray (8.7) writes each mutant into the file and starts Python
anew for it. Here a mutant exists only in the memory of a child forked from a process that has
imported numpy, numba, Mesa and pytest but not `sim`. No file changes, whenever it is interrupted.
"""

import argparse
import ast
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from random import Random
from types import CodeType
from typing import Any

ROOT = Path(__file__).parents[1]
GOAL = 0.85
PROCESSES = 2
SECONDS, BYTES = 60, 8 << 30
"""A mutant that needs more of either counts as killed."""

KERNEL_SAMPLE = 300
FILES = {
    "rules": sorted((ROOT / "sim/rules").glob("[a-z]*.py")),
    "draws": [ROOT / "sim/draws.py"],
    "kernel": sorted((ROOT / "sim/kernel").glob("[a-z]*.py")),
}
CALENDAR = "tests/theory/test_calendar.py"
CALENDAR_RULES = [
    f"{CALENDAR}::test_holiday_weeks_are_those_of_the_year",
    f"{CALENDAR}::test_a_summer_may_run_over_the_end_of_the_year",
    f"{CALENDAR}::test_working_weeks_add_up_week_by_week",
]
SMALL = "tests/coupling/test_small_worlds.py"
TESTS = {
    "rules": [
        "tests/theory/test_rule_values.py",
        "tests/theory/test_project_values.py",
        *CALENDAR_RULES,
        "tests/theory/test_rules.py",
    ],
    "draws": [f"tests/unit/test_draws.py::{name}" for name in (
        "test_known_answers_of_splitmix64",
        "test_stream_numbers_never_change",
        "test_known_draws_never_change",
        "test_uniform_is_strictly_between_0_and_1",
        "test_known_generators_never_change",
            "test_a_generator_is_a_function_of_seed_and_purpose",
    )],
    "kernel": [SMALL],
    "twins": [f"tests/unit/test_draws.py::{name}" for name in (
        "test_plain_and_compiled_draws_are_equal",
        "test_uniform_is_strictly_between_0_and_1",
    )],
}  # fmt: skip
"""The tests of each kind of mutant, which together take some seconds; the quickest first."""


# --- slips ---------------------------------------------------------------------------------------

COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
OTHER_NAME = {"min": "max", "max": "min"}


def changed(node: Any, **fields: Any) -> Any:
    """Return a copy of a node with some fields changed."""
    new = deepcopy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def slips(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may go wrong in a node itself: a name, and the node that stands there instead."""
    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARISONS.get(type(op), []):
                yield f"{type(op).__name__} to {other.__name__}", changed(node, ops=[other()])
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            other_op = OPERATORS[type(op)]
            yield f"{type(op).__name__} to {other_op.__name__}", changed(node, op=other_op())
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield f"{type(node.op).__name__} left out", node.operand
        case ast.BoolOp(op=ast.And()):
            yield "and to or", changed(node, op=ast.Or())
        case ast.BoolOp():
            yield "or to and", changed(node, op=ast.And())
        case ast.Constant(value=bool(value)):
            yield f"{value} to {not value}", changed(node, value=not value)
        case ast.Constant(value=int(value) | float(value)):
            yield f"{value} to {value + 1}", changed(node, value=value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in OTHER_NAME:
            func = changed(node.func, id=OTHER_NAME[name])
            yield f"{name} to {func.id}", changed(node, func=func)
        case ast.If() | ast.IfExp():
            yield "condition turned round", changed(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "returns 0", changed(node, value=ast.Constant(0))
    if is_left_out(node):
        yield "left out", ast.Pass()


def is_left_out(node: ast.AST) -> bool:
    """Say whether a statement may be left out: a missing local name would show by itself."""
    match node:
        case ast.Assign(targets=[ast.Name()]):
            return False
        case ast.AugAssign() | ast.Assign() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(value=ast.Call()):
            return True
    return False


class Slipping(ast.NodeTransformer):
    """Number all slips of a module in the order of its source, and make one of them."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted = wanted
        self.found: list[tuple[str, bool]] = []
        self.twin = False

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.arg):
            return node  # an annotation is not run
        outside = self.twin
        if isinstance(node, ast.FunctionDef):
            marks = [ast.unparse(mark).partition("(")[0] for mark in node.decorator_list]
            self.twin = outside or "overload" in marks
        chosen: ast.AST | None = None
        for slip, new in slips(node):
            if len(self.found) == self.wanted:
                chosen = ast.copy_location(new, node)
            place = f"{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}"
            self.found.append((f"{place}: {slip}", self.twin))
        result = self.generic_visit(node) if chosen is None else chosen
        self.twin = outside
        return result


@dataclass(frozen=True)
class Mutant:
    """One slip in one file."""

    file: Path
    number: int
    name: str
    group: str

    def code(self) -> CodeType:
        tree = Slipping(self.number).visit(ast.parse(self.file.read_bytes()))
        return compile(ast.fix_missing_locations(tree), str(self.file), "exec")


def mutants(group: str) -> list[Mutant]:
    """Return all mutants of a group, in the order of files and lines."""
    found = []
    for file in FILES[group]:
        slipping = Slipping()
        slipping.visit(ast.parse(file.read_bytes()))
        for number, (name, twin) in enumerate(slipping.found):
            full = f"{file.relative_to(ROOT).as_posix()}:{name}"
            found.append(Mutant(file, number, full, "twins" if twin else group))
    return found


# --- trying a mutant -----------------------------------------------------------------------------


class Loader(SourceFileLoader):
    """Load a module from the code of a mutant."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        return self.mutant.code()


class Finder(MetaPathFinder):
    """Find the mutant in place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        parts = mutant.file.relative_to(ROOT).with_suffix("").parts
        self.module = ".".join(part for part in parts if part != "__init__")
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        loader = Loader(fullname, str(self.mutant.file))
        loader.mutant = self.mutant
        return spec_from_file_location(fullname, self.mutant.file, loader=loader)


def warm_up() -> None:
    """Import what tests need, but nothing of `sim`."""
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they would be imported for each mutant
    import hypothesis.strategies
    import mesa
    import numba.extending
    import pandas
    import pyarrow.parquet
    import pydantic
    import pytest
    import scipy.stats

    modules = hypothesis, mesa, numba, pandas, pyarrow, pydantic, pytest, scipy
    assert all(modules)
    assert "sim" not in sys.modules


def tests_pass(mutant: Mutant | None, tests: list[str]) -> bool:
    """Run tests against a mutant (None: the code as it is) in this process, which is a child."""
    import numba
    import pytest

    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    if mutant:
        sys.meta_path.insert(0, Finder(mutant))
    options = ["-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-W", "ignore"]
    options += ["--assert", "plain"] if mutant else []
    if tests is not TESTS["twins"]:
        # One after the other: most mutants never need what later tests import.
        return all(pytest.main([*options, test]) == 0 for test in tests)
    setattr(numba.config, "DISABLE_JIT", 0)  # noqa: B010 - numba makes its settings at run time
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # code compiled before says nothing of this mutant
        return pytest.main([*options, *tests]) == 0


def start(mutant: Mutant | None, tests: list[str]) -> int:
    """Fork a child that ends with 0 if the tests pass, and is ended if it takes too long."""
    import signal

    if child := os.fork():
        return child
    code = 1
    try:
        signal.alarm(SECONDS)
        if mutant:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        code = 0 if tests_pass(mutant, tests) else 1
    finally:
        os._exit(code)


def survivors(tried: list[Mutant]) -> list[Mutant]:
    """Try mutants, some at a time; return those that no test noticed."""
    waiting, running, alive = list(reversed(tried)), dict[int, Mutant](), list[Mutant]()
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            mutant = waiting.pop()
            running[start(mutant, TESTS[mutant.group])] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if status == 0:
            alive.append(mutant)
            print(f"  survives  {mutant.name}", flush=True)
    return sorted(alive, key=tried.index)


def refuse_failing_tests(groups: set[str]) -> None:
    """End if the tests do not pass as things are: then every mutant would seem killed."""
    for group in sorted(groups):
        begun = time.monotonic()
        if os.waitpid(start(None, TESTS[group]), 0)[1]:
            raise SystemExit(f"The tests of {group} do not pass without a mutant (see above).")
        print(f"{group}: the tests take {time.monotonic() - begun:.0f} s", flush=True)


def chosen(options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants to try."""
    found: list[Mutant] = []
    for group in options.of or FILES:
        those = mutants(group)
        size = options.sample or (KERNEL_SAMPLE if group == "kernel" else len(those))
        if options.only:
            those = [one for one in those if any(map(one.name.startswith, options.only))]
        elif size < len(those):
            picked = Random(f"{options.seed} {group}").sample(range(len(those)), size)
            those = [those[k] for k in sorted(picked)]
        found += those
    return found


def main() -> int:
    """Try the mutants, print what survives, and say how many were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--of", action="append", choices=list(FILES), help="rules, draws or kernel")
    parser.add_argument("--sample", type=int, help="so many of each, seeded")
    parser.add_argument("--only", action="append", help="mutants whose name begins so")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    tried = chosen(options)
    if not tried:
        raise SystemExit("No mutant has that name; names look like sim/rules/chance.py:22:11: ...")
    warm_up()
    refuse_failing_tests({mutant.group for mutant in tried})
    alive = survivors(tried)
    total, left = (Counter(mutant.group for mutant in those) for those in (tried, alive))
    for group, number in total.items():
        killed = number - left[group]
        print(f"{group}: {killed} of {number} killed ({killed / number:.1%})")
    return int(len(alive) > (1 - GOAL) * len(tried))


if __name__ == "__main__":
    sys.exit(main())
