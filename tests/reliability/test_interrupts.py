"""Ctrl-C: once ends a sweep within a chunk, to be gone on with; twice ends it at once."""

import os
import pty
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.experiment.execute.work import execute
from tests.reliability.campaigns import HERE, kept
from tests.reliability.commands import Undisturbed, finished_chunks, lives, start, wait_until
from tests.reliability.faults import content

KEPT = re.compile(r"mih: interrupted: (\d+) of 47 runs are kept; the same command goes on")


def of_a_terminal(terminal: int) -> Callable[[], None]:
    """Return what makes a child the owner of a terminal: then keys are signals to it."""

    def own() -> None:
        import fcntl
        import termios

        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    return own


def everything(terminal: int) -> str:
    """Read what was shown on a terminal until its last user has gone."""
    said = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    return said.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")
def test_one_ctrl_c_at_a_terminal_finishes_the_chunks_that_are_begun(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = tmp_path / "r"
    (tmp_path / "busy.toml").write_bytes(undisturbed.study.read_bytes())
    master, slave = pty.openpty()
    sweep = start(
        tmp_path / "busy.toml",
        folder,
        *("--workers", "2"),
        stdin=slave,
        stderr=slave,
        preexec_fn=of_a_terminal(slave),
    )
    os.close(slave)
    wait_until(lambda: finished_chunks(folder) > 2, "chunks that are done")
    # The folder is taken: a second command says so at once, and by whom.
    begun = time.monotonic()
    call = ["sweep", str(undisturbed.study), "--out", str(folder)]
    second = CliRunner().invoke(main, call)
    assert time.monotonic() - begun < 2.0
    assert second.exit_code == 3
    assert f"in use by process {sweep.process.pid} on" in second.stderr
    workers = sweep.workers
    os.write(master, b"\x03")
    begun, there = time.monotonic(), finished_chunks(folder)
    said = everything(master)
    status, _, _ = sweep.ended()
    os.close(master)
    assert time.monotonic() - begun < 5.0
    assert status == 130
    assert not any(map(lives, workers))
    chunks = kept(folder, undisturbed.plan)
    # Each worker finishes its chunk; one may have ended as the key was pressed.
    assert there <= len(chunks) <= there + 4 < undisturbed.plan.chunks
    assert {int(line.split()[1]) for line in sweep.lines("chunk")} == set(chunks)
    runs = sum(len(undisturbed.plan.chunk_range(chunk)) for chunk in chunks)
    found = KEPT.search(said)
    assert found is not None, said
    assert int(found[1]) == runs
    assert "Traceback" not in said
    assert execute(undisturbed.plan, folder, HERE).before == runs
    assert content(folder) == undisturbed.bytes


def test_two_interrupts_end_it_at_once(undisturbed: Undisturbed, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    (tmp_path / "busy.toml").write_bytes(undisturbed.study.read_bytes())
    sweep = start(tmp_path / "busy.toml", folder, "--workers", "2")
    wait_until(lambda: finished_chunks(folder) > 2, "chunks that are done")
    workers = sweep.workers
    for pid in workers:  # a chunk that takes very long
        os.kill(pid, signal.SIGSTOP)
    os.killpg(sweep.process.pid, signal.SIGINT)
    time.sleep(0.5)
    assert sweep.process.poll() is None
    os.killpg(sweep.process.pid, signal.SIGINT)
    begun = time.monotonic()
    status, _, said = sweep.ended()
    assert time.monotonic() - begun < 2.0
    assert status == 130
    assert "mih: interrupted" in said
    assert "Traceback" not in said
    assert not any(map(lives, workers))
    there = kept(folder, undisturbed.plan)
    assert 2 < len(there) < undisturbed.plan.chunks
