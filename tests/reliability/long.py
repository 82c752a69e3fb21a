"""The long form of what the tests of this folder show in short: python -m tests.reliability.long

Prints its figures as JSON and ends with 1 if anything went otherwise than promised. Takes about
an hour on two processors. Figures of the last time: docs/reliability.md.
"""

import argparse
import errno
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiment.execute.work import execute
from tests.reliability.campaigns import HERE, Tally, count_points, fail_at, kill_at
from tests.reliability.commands import Undisturbed, kill_campaign
from tests.reliability.damage import KINDS, Damaged, flip_a_bit
from tests.reliability.faults import content
from tests.reliability.studies import small_chunks, small_plan

PACKAGES = ("mih-sim", "numpy", "numba", "pyarrow", "mesa", "hypothesis")


def kills(place: Path, count: int) -> Tally:
    """Kill the ordinary command, tables and figures included, at random times."""
    return kill_campaign(
        Undisturbed(place, whole=True), count, np.random.default_rng(2026), each=5, whole=True
    )


@small_chunks()
def fault_points(place: Path) -> Tally:
    """Kill a sweep at each of its points."""
    tally, plan = Tally(), small_plan(weekly=["adoption"])
    execute(plan, place / "whole", HERE)
    whole = content(place / "whole")
    for at in range(count_points(plan, place / "counted")):
        kill_at(plan, whole, place / "r", at, tally)
        shutil.rmtree(place / "r")
    return tally


@small_chunks()
def failing_disks(place: Path) -> Tally:
    """Let the disk fail at each point, there alone and from there on, in each way."""
    tally, plan = Tally(), small_plan(weekly=["adoption"])
    execute(plan, place / "whole", HERE)
    whole = content(place / "whole")
    for at in range(count_points(plan, place / "counted") // 2):
        for code in (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT):
            for once in (False, True):
                fail_at(plan, whole, place / "r", at, code, tally, once=once)
                shutil.rmtree(place / "r", ignore_errors=True)
    return tally


@small_chunks()
def flips(place: Path, count: int) -> Tally:
    """Flip single bits in every file of a result, sealed and not."""
    generator = np.random.default_rng(2026)
    damaged = Damaged(small_plan(weekly=["adoption"]), place / "r")
    names = list(damaged.whole)
    for k in range(count):
        name = names[k % len(names)]
        sealed = name == "SEAL.json" or bool(generator.integers(2))
        damaged.suffer(name, flip_a_bit, generator, sealed=sealed)
    return damaged.tally


@small_chunks()
def other_damage(place: Path) -> Tally:
    """Cut short, empty, zero and lose every file of a result, sealed and not."""
    generator = np.random.default_rng(2026)
    damaged = Damaged(small_plan(weekly=["adoption"]), place / "r")
    for name in damaged.whole:
        for damage in KINDS[1:]:
            for sealed in (True, False):
                lost_manifest = name == "manifest.json" and damage.__name__ == "lose"
                if (sealed or name != "SEAL.json") and not lost_manifest:
                    damaged.suffer(name, damage, generator, sealed=sealed)
    return damaged.tally


def long_tests() -> tuple[int, list[str]]:
    """Run the tests that are marked long, hostile files among them, one at a time."""
    place = str(Path(__file__).parent)
    call = [sys.executable, "-m", "pytest", "-n", "0", "-m", "long", "--tb=short", place]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines() or [done.stderr.strip()]
    return done.returncode, lines if done.returncode else lines[-1:]


def main() -> int:
    """Run all; return the exit status."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--flips", type=int, default=1000)
    chosen = words.parse_args()
    figures: dict[str, Any] = {
        "versions": {"python": platform.python_version(), "system": platform.platform()}
        | {name: version(name) for name in PACKAGES}
    }
    sound = True
    with tempfile.TemporaryDirectory() as temporary:
        for name, work in {
            "flips": lambda place: flips(place, chosen.flips),
            "other damage": other_damage,
            "fault points": fault_points,
            "failing disks": failing_disks,
            "kills": lambda place: kills(place, chosen.kills),
        }.items():
            place = Path(temporary) / name.replace(" ", "-")
            place.mkdir()
            begun = time.monotonic()
            tally = work(place)
            sound &= not tally.wrong
            figures[name] = {
                "faults": tally.faults,
                "wrong": tally.wrong,
                "seconds": round(time.monotonic() - begun),
            }
            sys.stderr.write(f"{name}: {tally.faults} faults, {len(tally.wrong)} wrong\n")
    code, figures["long tests"] = long_tests()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if sound and code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
