"""A sweep on a real Dask cluster of two workers on this machine, one of which is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.agents import Clinician
from sim.errors import InputError
from sim.experiment.design.study import study_of
from sim.experiment.execute import cluster as cluster_module
from sim.experiment.execute.work import Way, execute
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import Plan, plan_of_study
from tests.reliability import own_agents
from tests.reliability.studies import SMALL

pytest.importorskip("distributed")

ENVIRONMENT = {
    **os.environ,
    "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "false",
    "PYTHONPATH": str(Path(__file__).parents[2]),
}


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Cluster:
    """A scheduler on a free port of 127.0.0.1, and two workers without nannies."""

    def __init__(self, place: Path) -> None:
        self.file = place / "scheduler.json"
        own = ("--scheduler-file", str(self.file), "--dashboard-address", "127.0.0.1:0")
        self.scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", "0", *own)
        self.workers = [self.worker(), self.worker()]

    def worker(self) -> subprocess.Popen[bytes]:
        return dask(
            "worker",
            *("--scheduler-file", str(self.file), "--host", "127.0.0.1", "--no-nanny"),
            *("--nthreads", "1", "--dashboard-address", "127.0.0.1:0"),
        )

    def address(self) -> str:
        import json

        from distributed import Client

        for _ in range(300):
            if self.file.exists() and self.file.read_text().endswith("}"):
                break
            time.sleep(0.1)
        address: str = json.loads(self.file.read_text())["address"]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        return address

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.end()


def plan() -> Plan:
    study = study_of(
        "baseline",
        {"role_clarity": [0.3, 0.5, 0.7], "leads": [1, 2]},
        replicates=300,
        outcomes=["adoption", "reach"],
    )
    return plan_of_study(study)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "attempts.jsonl"
    }


def test_a_cluster_that_loses_a_worker_gives_the_bytes_of_this_process(
    cluster: Cluster, tmp_path: Path
) -> None:
    address = cluster.address()
    killed: list[int] = []

    def kill_one(done: int) -> None:
        if done and not killed:
            cluster.workers[0].send_signal(signal.SIGKILL)
            killed.append(done)

    report = execute(plan(), tmp_path / "dask", Way(dask=address), progress=kill_one)
    assert killed
    assert killed[0] < plan().runs
    assert report.result is not None
    assert not report.failed
    assert not report.lost
    execute(plan(), tmp_path / "here", Way(workers=0))
    assert content(tmp_path / "dask") == content(tmp_path / "here")


@pytest.mark.long
def test_a_run_that_kills_its_process_costs_the_cluster_nothing(
    cluster: Cluster, tmp_path: Path
) -> None:
    study = study_of(SMALL, {"role_clarity": [0.5, own_agents.DIES]}, replicates=2)
    poisoned = plan_of_study(study, own=own_of({Clinician: own_agents.Poisoned}))
    way = Way(dask=cluster.address())
    report = execute(poisoned, tmp_path / "r", way)
    assert report.result is None
    assert report.lost == [(1, 0, "killed"), (1, 1, "killed")]
    assert all(worker.poll() is None for worker in cluster.workers)
    sealed = execute(poisoned, tmp_path / "r", replace(way, allow_failed=True))
    assert sealed.result is not None
    assert sealed.failed == report.lost


def test_an_address_where_nobody_answers_is_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT", 1.0)
    with pytest.raises(InputError, match="no scheduler answers at"):
        execute(plan(), tmp_path / "x", Way(dask="tcp://127.0.0.1:9"))


def test_an_open_network_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT", 1.0)
    with (
        pytest.warns(RuntimeWarning, match="not encrypted"),
        pytest.raises(InputError, match="no scheduler"),
    ):
        execute(plan(), tmp_path / "x", Way(dask="tcp://nowhere.invalid:8786"))
