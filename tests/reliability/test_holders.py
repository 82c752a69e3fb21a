"""One folder, several processes: who may work there, who is told to wait, and what comes of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from sim.errors import BusyError
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.plan import Plan
from sim.experiment.store.locks import MANIFEST, claim
from tests.reliability.campaigns import HERE
from tests.reliability.faults import content
from tests.reliability.studies import small_chunks, small_plan

Shard = tuple[int, int]
WHOLE = (1, 1)


@pytest.fixture(scope="module")
def plan() -> Iterator[Plan]:
    with small_chunks(1):
        yield small_plan()


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole") / "r"
    execute(plan, folder, HERE)
    return content(folder)


def children(works: list[tuple[Plan, Path, Shard]]) -> list[int]:
    """Execute in several copies of this process at once; return their exit statuses."""
    started = []
    for plan, folder, shard in works:
        child = os.fork()
        if child == 0:
            code = 99
            try:
                execute(plan, folder, Way(workers=0, shard=shard))
                code = 0
            except BusyError as error:
                code = error.exit_code
            finally:
                os._exit(code)
        started.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in started]


@pytest.mark.parametrize(
    ("first", "second"), list(product([WHOLE, (1, 2), (2, 2), (1, 3), (2, 3)], repeat=2))
)
def test_only_different_shards_of_one_number_share_a_folder(
    first: Shard, second: Shard, tmp_path: Path
) -> None:
    shares = first[1] == second[1] > 1 and first[0] != second[0]
    with claim(tmp_path / "r", resume=MANIFEST, shard=first):
        begun = time.monotonic()
        if shares:
            with claim(tmp_path / "r", resume=MANIFEST, shard=second):
                pass
        else:
            with (
                pytest.raises(BusyError, match=f"in use by process {os.getpid()} on") as caught,
                claim(tmp_path / "r", resume=MANIFEST, shard=second),
            ):
                pass
            assert caught.value.exit_code == 3
            if first != WHOLE and second == WHOLE:
                assert f"(shard {first[0]}/{first[1]})" in str(caught.value)
        assert time.monotonic() - begun < 1.0
    with claim(tmp_path / "r", resume=MANIFEST, shard=second):
        pass


def test_a_shard_that_has_ended_is_not_named_as_the_holder(tmp_path: Path) -> None:
    with claim(tmp_path / "r", resume=MANIFEST, shard=(1, 3)):
        with claim(tmp_path / "r", resume=MANIFEST, shard=(2, 3)):
            pass
        with pytest.raises(BusyError) as caught, claim(tmp_path / "r", resume=MANIFEST):
            pass
    assert "(shard 1/3)" in str(caught.value)
    assert "(shard 2/3)" not in str(caught.value)


@pytest.mark.parametrize("shard", [WHOLE, (1, 2)])
def test_the_lock_of_a_killed_process_is_free(shard: Shard, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"""
import sys, time
from pathlib import Path
from sim.experiment.store.locks import MANIFEST, claim
with claim(Path(sys.argv[1]), resume=MANIFEST, shard={shard}):
    print("held", flush=True)
    time.sleep(60)
""",
            str(tmp_path / "r"),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        for second in (WHOLE, shard):
            with (
                pytest.raises(BusyError, match=f"process {holder.pid} on"),
                claim(tmp_path / "r", resume=MANIFEST, shard=second),
            ):
                pass
        holder.send_signal(signal.SIGKILL)
    assert list((tmp_path / "r").glob(".lock-*"))
    with claim(tmp_path / "r", resume=MANIFEST):
        pass
    assert not list((tmp_path / "r").glob(".lock-*"))


def test_shards_one_after_the_other_give_the_bytes_of_the_whole(
    plan: Plan, whole: dict[str, bytes], tmp_path: Path
) -> None:
    for index in (3, 1, 2):
        report = execute(plan, tmp_path / "r", Way(workers=0, shard=(index, 3)))
    assert report.result is not None
    assert content(tmp_path / "r") == whole


def test_shards_that_start_at_the_same_time_give_the_bytes_of_the_whole(
    plan: Plan, whole: dict[str, bytes], tmp_path: Path
) -> None:
    for again in range(5):
        folder = tmp_path / str(again)
        assert children([(plan, folder, (index, 3)) for index in (1, 2, 3)]) == [0, 0, 0]
        assert content(folder) == whole


def test_of_processes_that_start_at_the_same_time_one_does_the_work(
    plan: Plan, whole: dict[str, bytes], tmp_path: Path
) -> None:
    for again in range(5):
        folder = tmp_path / str(again)
        ends = children([(plan, folder, WHOLE)] * 3)
        assert set(ends) <= {0, 3}
        assert 0 in ends
        assert content(folder) == whole
