"""Whatever a file holds: what it says, or a clear error, in a second and in little memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from sim.errors import InputError
from sim.experiment.design.study import Study, load_any
from sim.scenario import Scenario
from tests.reliability.hostile import TEXTS, WORST, files, names

SECONDS, MEGABYTES = 1.0, 200


def answer(path: Path | str) -> Scenario | Study | InputError:
    """Load a file; return what it is or what is wrong with it, checked for form."""
    try:
        return load_any(path)
    except InputError as error:
        assert error.messages
        assert all(message.isprintable() for message in error.messages)
        assert all(len(message) < 2_000 for message in error.messages)
        return error


def check_content(data: bytes, path: Path) -> None:
    """Load a file of some bytes in time; what is wrong with it stands in it."""
    path.write_bytes(data)
    begun = time.process_time()
    found = answer(path)
    assert time.process_time() - begun < SECONDS
    if isinstance(found, InputError):
        assert all(message.startswith(f"{path}:") for message in found.messages)


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load each kind once: what is imported for it is nobody's fault."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, text in enumerate(TEXTS):
        (folder / f"{name}.toml").write_text(text)
        assert not isinstance(answer(folder / f"{name}.toml"), InputError)
    return folder


def test_hostile_files_get_an_answer(place: Path) -> None:
    @given(files())
    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    def check(data: bytes) -> None:
        check_content(data, place / "hostile.toml")

    check()


@pytest.mark.long
def test_ten_thousand_hostile_files_get_an_answer(place: Path) -> None:
    @given(files())
    @settings(max_examples=10_000, deadline=None, database=None, derandomize=True)
    def check(data: bytes) -> None:
        check_content(data, place / "hostile.toml")

    check()


def test_hostile_names_get_an_answer(tmp_path: Path) -> None:
    for name in names(tmp_path):
        begun = time.process_time()
        assert isinstance(answer(name), InputError), name
        assert time.process_time() - begun < SECONDS


LOADER = """
import sys, time
from sim.experiment.design.study import load_any, load_study
from sim.errors import InputError
import scipy.stats
load_study("staffing-grid")
for path in sys.argv[1:]:
    begun = time.process_time()
    try:
        load_any(path)
    except InputError as error:
        assert error.messages
    print(time.process_time() - begun)
# Not getrusage, which counts the process that started this one.
print(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise here")
def test_the_worst_files_need_little_time_and_memory(tmp_path: Path) -> None:
    paths = []
    for number, data in enumerate(WORST):
        paths.append(tmp_path / f"{number}.toml")
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", LOADER, *map(str, paths)], capture_output=True, text=True, check=True
    )
    *seconds, kilobytes = done.stdout.split()
    assert len(seconds) == len(WORST)
    slow = {number: float(took) for number, took in enumerate(seconds) if float(took) > SECONDS}
    assert slow == {}
    assert int(kilobytes) < MEGABYTES * 1024
