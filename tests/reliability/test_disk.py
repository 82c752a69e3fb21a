"""Disks that are full or cannot be written, for real: a small file system in memory."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.errors import MihError
from sim.experiment.execute.work import Way, execute
from sim.experiment.store.stored import open_result
from tests.reliability.campaigns import HERE, kept
from tests.reliability.commands import Undisturbed, finished_chunks
from tests.reliability.faults import content


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        made = subprocess.run(call, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if made.returncode:
        pytest.skip(f"a file system cannot be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_ends_with_a_message_and_loses_nothing(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", "400k") as disk:
        folder = disk / "r"
        plan = undisturbed.plan
        ballast = disk / "ballast"

        def fill(_: int) -> None:
            if finished_chunks(folder) > 3 and not ballast.exists():
                free = subprocess.check_output(["df", "--output=avail", "-k", disk], text=True)
                ballast.write_bytes(bytes((int(free.split()[-1]) - 24) * 1024))

        with pytest.raises(MihError, match="cannot be written: the disk is full") as caught:
            execute(plan, folder, Way(workers=2), progress=fill)
        assert caught.value.exit_code == 6
        found = open_result(folder)
        assert not found.sealed
        assert 3 < len(found.chunks) < plan.chunks
        assert len(found.runs) == found.done
        # Still full: refused again, and what is there stays.
        again = CliRunner().invoke(
            main, ["sweep", str(undisturbed.study), "--out", str(folder), "--workers", "0"]
        )
        assert again.exit_code == 6, again.stderr
        assert again.stderr.startswith("mih: ")
        assert set(found.chunks) <= set(kept(folder, plan))
        ballast.unlink()
        assert execute(plan, folder, HERE).result is not None
        assert content(folder) == undisturbed.bytes


def test_a_read_only_disk_ends_with_a_message(undisturbed: Undisturbed, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "2m") as disk:
        folder = disk / "r"
        for name, data in undisturbed.bytes.items():
            if not name.endswith("-000007.json") and name != "SEAL.json":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for place in (folder, disk / "new"):
            result = CliRunner().invoke(
                main, ["sweep", str(undisturbed.study), "--out", str(place), "--workers", "0"]
            )
            assert result.exit_code == 6
            assert "the disk is read-only" in result.stderr
        assert len(open_result(folder).chunks) == undisturbed.plan.chunks - 1
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert execute(undisturbed.plan, folder, HERE).done == undisturbed.plan.runs
        assert content(folder) == undisturbed.bytes
