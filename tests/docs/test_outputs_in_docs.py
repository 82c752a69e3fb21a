"""What pages show of output is what the commands print, as they are written and at full size.

What takes long (marked so) is run with ``python -m pytest tests/docs -m long -n 0``.
"""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.experiment.calibrate import wording
from sim.experiment.calibrate.predictive import predicted, simulated
from sim.experiment.calibrate.validate import Validation, validate
from sim.experiment.doubt.source import posterior_of
from tests.pages import DESCRIBED, FILES, PAGES, ROOT, all_blocks, blocks, commands

WHICH = {"explain-1": 0, "explain-2": 0, "staff-1": 1, "tutorial-planner-2": 0}
"""Whose output a block of text is, in the block of commands before it, if not the last one's."""

SLOW = ("mih explain", "mih staff")
EXPERIMENTS, PEOPLE, VALIDATION = (
    ROOT / "docs" / f"{name}.md" for name in ("experiments", "human-resources", "validation")
)


def shown() -> Iterator[Any]:
    """Yield each block of output in the pages, with the command before it."""
    for page in PAGES:
        calls: list[str] = []
        number = 0
        for language, block in all_blocks(page.read_text("utf-8")):
            if language == "sh":
                calls = list(commands(block)) or calls
            elif language == "text" and calls:
                number += 1
                name = f"{page.stem}-{number}"
                command = calls[WHICH.get(name, -1)]
                marks = [pytest.mark.long] if command.startswith(SLOW) else []
                yield pytest.param(page, command, block, id=name, marks=marks)


@cache
def printed(page: Path, command: str) -> str:
    """Run a command in a folder with the page's files, and return what it prints."""
    texts = blocks("toml", page.read_text("utf-8"))
    files = dict(zip(FILES.get(page.name, ()), texts, strict=True)) | DESCRIBED.get(page.name, {})
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, content in files.items():
            Path(name).write_text(content, "utf-8")
        done = CliRunner().invoke(main, shlex.split(command)[1:])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_there_is_output_to_look_at() -> None:
    assert set(WHICH) <= {case.id for case in shown()}


@pytest.mark.parametrize(("page", "command", "block"), list(shown()))
def test_output_in_a_page_is_what_the_command_prints(page: Path, command: str, block: str) -> None:
    """Line by line, in order; rows, columns on the right and what "..." stands for may lack."""
    output, place = " ".join(printed(page, command).split()), 0
    for line in block.splitlines():
        words = " ".join(line.removesuffix("...").split())
        found = output.find(words, place)
        assert found >= 0, f"{page.name} shows {words!r}, {command} does not print it (there)"
        place = found + len(words)


# Tables that hold what a command prints.


def plain(cell: str) -> str:
    return cell.translate({0x2212: "-", 0x2013: "-", ord("*"): ""}).strip().lower()


def table(page: Path, heading: str) -> list[list[str]]:
    """Return the rows of the table of a page whose heading begins so, cells as `plain` has them."""
    text = page.read_text("utf-8")
    lines = text[text.index(f"\n| {heading}") + 1 :].split("\n\n")[0].splitlines()
    return [[plain(cell) for cell in line.strip("|").split("|")] for line in lines[2:]]


def cells(output: str) -> list[list[str]]:
    """Return the lines of a printed table, cells as `plain` has them."""
    return [
        [plain(cell) for cell in re.split(" {2,}", line.strip())] for line in output.split("\n")
    ]


@pytest.fixture(scope="module")
def validated() -> Validation:
    return validate(20, 1)


@pytest.mark.long
def test_the_table_of_patterns_is_what_validate_gives(validated: Validation) -> None:
    rows = [[plain(cell) for cell in row] for row in wording.rows(validated)[1:] if row[1]]
    assert [row for row in table(VALIDATION, "pattern | published |") if row[1]] == rows


IN_README = (
    "month_12",
    "steepest_month",
    "share_live",
    "competent_of_started",
    "running_of_started",
    "ever_used_of_trained",
    "trained_competent",
    "trained_not_competent",
)
"""The patterns of the README, in its order."""


@pytest.mark.long
def test_the_patterns_of_the_readme_are_what_the_model_gives(validated: Validation) -> None:
    """The last column as `sim.calibrate` has it: 64 populations, each under a draw of its own."""
    checks = {check.target.name: check for check in validated.checks}
    under = predicted(simulated(posterior_of("shipped").equal(64, 1), 1))
    bands = {one.target.name: one for one in under}
    rows = table(ROOT / "README.md", "pattern | published |")
    for name, (label, published, given, band) in zip(IN_README, rows, strict=True):
        *_, value, interval, _ = wording.row(checks[name])
        assert given == f"{value} ({interval})".replace(" months", ""), label
        target, scale = checks[name].target, 100.0 if value.endswith("%") else 1.0
        if target.value is not None:
            assert float(published.split()[0]) == pytest.approx(scale * target.value), label
        low, high = bands[name].low, bands[name].high
        assert low is not None
        assert high is not None
        digits, unit = (0, " %") if scale > 1.0 else (1, "")
        assert band == f"{scale * low:.{digits}f} to {scale * high:.{digits}f}{unit}", label


@pytest.mark.long
def test_the_parts_of_the_variance_are_what_the_command_prints() -> None:
    (command,) = re.findall(r"For example, `(mih run [^`]*)`", EXPERIMENTS.read_text("utf-8"))
    lines = {line[0]: line[1:] for line in cells(printed(EXPERIMENTS, command))}
    for label, mean, band, *shares in table(EXPERIMENTS, "| mean, +/-"):
        value, error, given, _, _, _, *parts = lines[label]
        assert [mean, band] == [f"{value}, {error.removesuffix(' %')}", given]
        assert [share.replace(" ", "") for share in shares] == parts


@pytest.mark.long
def test_the_changes_in_human_resources_are_what_the_command_prints() -> None:
    """A column an outcome, a row a plan, both in the order of the command."""
    (block,) = [one for one in blocks("sh", PEOPLE.read_text("utf-8")) if "--outcome" in one]
    (command,) = commands(block)
    count = command.count("--set ")
    outcomes = re.findall(r"--outcome (\S+)", command)
    plans = [line for line in cells(printed(PEOPLE, command)) if re.match(r"[a-z_]+=", line[0])]
    first, *rows = table(PEOPLE, "change | adoption, points")
    assert first[0] == "as it is"
    assert len(rows) == count
    for column, _ in enumerate(outcomes):
        found = plans[column * count : (column + 1) * count]
        assert [row[1 + column] for row in rows] == [f"{line[2]} ({line[3]})" for line in found]


@pytest.mark.long
def test_more_runs_of_the_baseline_give_what_the_readme_says() -> None:
    found = sim.run("baseline", 2000, 1).summary()["adoption"]
    assert found.ci_low is not None
    assert found.ci_high is not None
    mean, low, high = (f"{100 * one:.0f} %" for one in (found.mean, found.ci_low, found.ci_high))
    said = f"2,000 runs of the baseline give {mean} ({low.removesuffix(' %')} to {high})"
    assert said in " ".join((ROOT / "README.md").read_text("utf-8").split())
