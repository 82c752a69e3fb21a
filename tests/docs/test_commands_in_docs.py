"""Every call of mih and every block of Python in README and docs runs, with fewer runs.

Within a page in order, in a folder of its own: a command finds what those before it made.
"""

import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from tests.pages import DESCRIBED, FILES, PAGES, ROOT, all_blocks, commands

ONE_LEVEL = "".join(
    f" --vary {lever}=own"
    for lever in ("leads", "lead_hours", "key_users", "protected_hours", "seats")
)
SMALLER = (
    (r" -n \d+", ""),
    (r"(sweep|sensitivity) ([a-z]+(-[a-z]+)+)\b", r"\1 small/\2.toml"),
    (r" --points \d+", ""),
    (r" --replicates \d+", ""),
    (r"^(mih (run|compare|report) .*--posterior shipped.*)$", r"\1 -n 16"),
    (r"^(mih (run|compare) (?!.*-n 16).*)$", r"\1 -n 10"),
    (r"^(mih report (?!plans)(?!.*-n 16).*)$", r"\1 -n 10"),
    (r" --explain\b", " --explain --weeks 30"),
    (r"^(mih explain .*)$", r"\1 -n 2 --weeks 40 --workers 0"),
    (r" --vary \S+", ""),
    (
        r"^(mih staff .*)$",
        rf"\1 -n 50 --workers 0 --vary manager_hours=4,8{ONE_LEVEL}",
    ),
    (r"^(mih sensitivity .* --method \w+.*)$", r"\1 --points 128 --replicates 2 --workers 0"),
    (r"--method morris(.*) --points 128", r"--method morris\1 --points 4"),
    (
        r"^(mih sensitivity (?!.*--method).*)$",
        r"\1 --points 4 --replicates 4 --scrambles 2 --split 0 --workers 0",
    ),
    (r"^(mih sweep .*)$", r"\1 --workers 0"),
    (r"^mih validate(.*)$", r"mih validate\1 --populations 2"),
    (r"^mih app$", "mih app --no-browser --port 0"),
)
"""What is changed of a command, so that it takes a second: pattern and what stands for it."""

MAY_FAIL = "mih validate"
"""Ends with 1 if patterns are missed, as few runs may miss them."""

ELSEWHERE = {"mih calibrate --out calibration": "tests/cli/test_calibrate_command.py"}
"""What takes half a minute at its smallest, and the test that runs it."""

SHORTER = (
    (r'mih\.run\("baseline"\)', 'mih.run("baseline", replicates=10)'),
    (r"mih\.report\((.*), xlsx", r"mih.report(\1, replicates=10, xlsx"),
    (r'\}, "two-leads.html"', '}, "two-leads.html", replicates=10'),
    (r'explain\("baseline", 100, (.*)\)', r'explain("baseline", 2, \1, weeks=40)'),
    (r"rule_parameters\(\), 256, 1\), 1\)", "rule_parameters(), 2, 1), 1, size=2)"),
)
"""The same for Python."""

SMALLER_STUDY = (
    (r"^replicates = \d+", "replicates = 2"),
    (r"^outcomes = .*", 'outcomes = ["adoption", "reach"]'),
    (r"^weekly.*\n", ""),
    (r"steps = \d+", "steps = 2"),
)
"""The same for a shipped study."""

RUNNABLE = [page for page in PAGES if re.search(r"^```(sh|python)$", page.read_text("utf-8"), re.M)]


def smaller(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, instead in table:
        text = re.sub(pattern, instead, text, flags=re.M)
    return text


def small_studies(folder: Path) -> None:
    """Write the shipped studies with two outcomes, four factors, and two runs a point."""
    folder.mkdir()
    for path in (ROOT / "scenarios" / "studies").glob("*.toml"):
        text, factors = smaller(path.read_text("utf-8"), SMALLER_STUDY).split("[factors]\n")
        kept = [line for line in factors.splitlines() if "=" in line][:4]
        (folder / path.name).write_text("\n".join([text + "[factors]", *kept, ""]), "utf-8")


def run_command(command: str) -> None:
    words = shlex.split(smaller(command, SMALLER))[1:]
    if words[0] == "app":
        return served(words)
    done = CliRunner().invoke(main, words)
    fine = (0, 1) if command.startswith(MAY_FAIL) else (0,)
    assert done.exit_code in fine, f"{command}\nas {words}\n{done.output}{done.stderr}"
    assert "internal error" not in done.stderr
    return None


def served(words: list[str]) -> None:
    """Start the server, ask it for its page, stop it."""
    call = [sys.executable, "-c", "from sim.cli import main; main()", *words]
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            found = None
            while found is None and (line := server.stderr.readline()):
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, "the server did not say where it listens"
            with urllib.request.urlopen(found[0], timeout=30) as page:
                assert "<title>" in page.read().decode()
        finally:
            server.send_signal(signal.SIGINT)


def run_python(page: Path, code: str) -> None:
    exec(compile(smaller(code, SHORTER), str(page), "exec"), {"__name__": "__main__"})


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_what_stands_in_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small_studies(tmp_path / "small")
    for name, content in DESCRIBED.get(page.name, {}).items():
        Path(name).write_text(content, "utf-8")
    # Python of a page is one program, and may read what its commands wrote.
    names = list(FILES.get(page.name, ()))
    python = ""
    for language, block in all_blocks(page.read_text("utf-8")):
        if language == "toml":
            Path(names.pop(0)).write_text(block, "utf-8")
        elif language == "sh":
            for command in commands(block):
                if command in ELSEWHERE:
                    assert '"calibrate"' in (ROOT / ELSEWHERE[command]).read_text("utf-8")
                else:
                    run_command(command)
        elif language == "python":
            python += block
    if python:
        run_python(page, python)
    assert not names


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_scenario_files_in_pages_are_right(path: Path) -> None:
    tables = [text for language, text in all_blocks(path.read_text("utf-8")) if language == "toml"]
    assert len(tables) == len(FILES.get(path.name, ())), "name the file in FILES"
