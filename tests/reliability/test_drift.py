"""Going on with what another plan, code or machine began is refused, every difference named."""

import json
import linecache
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sim.agents import Clinician
from sim.cli import main
from sim.commands import sweep as sweep_module
from sim.errors import DriftError, InputError, MihError
from sim.experiment.design.study import study_of
from sim.experiment.execute.work import execute
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import Plan, plan_of_study
from sim.experiment.store import folder as store
from tests.keeping import read_notes
from tests.reliability.campaigns import HERE
from tests.reliability.faults import content
from tests.reliability.studies import SMALL, small_chunks, small_plan


@pytest.fixture(autouse=True)
def chunks() -> Iterator[None]:
    with small_chunks():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Half a result: chunk 2 and 3 are missing."""
    place = tmp_path / "r"
    execute(small_plan(), place, HERE)
    for path in [place / "SEAL.json", *place.rglob("*-00000[23].*")]:
        path.unlink()
    return place


def refused(plan: Plan, folder: Path) -> str:
    """Return why going on is refused; the folder must stay as it is."""
    before = content(folder)
    with pytest.raises(DriftError) as caught:
        execute(plan, folder, HERE)
    assert caught.value.exit_code == 4
    assert content(folder) == before
    return str(caught.value)


PLANS: list[tuple[dict[str, Any], list[str]]] = [
    ({"seed": 2}, ["seed: was 1, now 2"]),
    ({"replicates": 5}, ["the points differ"]),
    ({"factors": {"role_clarity": [0.3, 0.7, 0.9]}}, ["the points differ"]),
    ({"factors": {"role_clarity": [0.3, 0.7000001]}}, ["the points differ"]),
    (
        {"outcomes": ["adoption"]},
        ["outcomes: was ['adoption', 'reach', "],
    ),
    ({"weekly": ["adoption"]}, ["weekly: was [], now ['adoption']"]),
    ({"scenario": SMALL.with_values({"leads": 2})}, ["leads: was 1, now 2"]),
    (
        {
            "scenario": SMALL.with_values({"workload": 1.25, "mechanisms.trust": False}),
            "seed": 9,
            "factors": {"role_clarity": [0.3]},
            "outcomes": ["reach"],
        },
        [
            "workload: was 1.0, now 1.25",
            "mechanisms.trust: was True, now False",
            "seed: was 1, now 9",
            "the points differ",
            "outcomes: was",
        ],
    ),
]


@pytest.mark.parametrize(("change", "named"), PLANS)
def test_another_plan_is_refused(folder: Path, change: dict[str, Any], named: list[str]) -> None:
    said = refused(small_plan(**change), folder)
    for words in named:
        assert words in said
    assert len(said.splitlines()) == 1 + len(named)


def test_other_code_or_another_machine_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "source_hash", lambda: "0123456789abcdef")
    assert "source hash" in refused(small_plan(), folder)
    monkeypatch.setattr(store, "canary", lambda _: "fedcba9876543210")
    said = refused(small_plan(), folder)
    assert "now 0123456789abcdef" in said
    assert "other bits on this machine" in said
    assert "now fedcba9876543210" in said


def test_other_versions_alone_are_written_down_and_block_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = (folder / "manifest.json").read_bytes()
    newer = {**store.versions(), "numpy": "99.0"}
    monkeypatch.setattr(store, "versions", lambda: newer)
    report = execute(small_plan(), folder, HERE)
    assert report.before == 4
    assert report.result is not None
    assert (folder / "manifest.json").read_bytes() == manifest
    assert {"what": "other versions", "versions": newer} in read_notes(folder)


def test_other_source_of_an_agent_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    study = study_of(SMALL, {"leads": [1]}, replicates=2, outcomes=["adoption"])

    def plan(factor: float) -> Plan:
        text = "from sim.agents import Clinician\n\n\nclass Own(Clinician):\n"
        text += "    def start_hazard(self) -> float:\n"
        text += f"        return {factor} * super().start_hazard()\n"
        (tmp_path / "drifting_agents.py").write_text(text)
        sys.modules.pop("drifting_agents", None)
        invalidate_caches()
        linecache.clearcache()
        own = import_module("drifting_agents").Own
        return plan_of_study(study, own=own_of({Clinician: own}))

    execute(plan(0.5), tmp_path / "r", HERE)
    said = refused(plan(0.25), tmp_path / "r")
    assert "agents.Clinician.source: was" in said
    assert len(said.splitlines()) == 2
    monkeypatch.delitem(sys.modules, "drifting_agents")


@pytest.mark.parametrize("option", ["--accept-drift", "--force"])
def test_the_old_folder_is_moved_aside_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(sweep_module, "_write_extras", lambda *_, **__: None)  # they take long
    study = tmp_path / "s.toml"
    text = 'title = "s"\nscenario = "baseline"\nreplicates = 2\noutcomes = ["adoption"]\n'
    text += "[set]\nclinicians = 3\nweeks = 12\n[factors]\nleads = [1, 2]\n"
    study.write_text(text)
    call = ["sweep", str(study), "--out", str(tmp_path / "r"), "--workers", "0"]
    assert CliRunner().invoke(main, call).exit_code == 0
    old = content(tmp_path / "r")
    study.write_text(f"seed = 5\n{text}")
    refusal = CliRunner().invoke(main, call)
    assert refusal.exit_code == 4
    assert "seed: was 1, now 5" in refusal.stderr
    assert "--accept-drift" in refusal.stderr
    assert CliRunner().invoke(main, [*call, option]).exit_code == 0
    assert content(tmp_path / "r.old-1") == old
    assert json.loads((tmp_path / "r" / "manifest.json").read_text())["seed"] == 5
    # Nothing drifts any more: accepting it moves nothing, but force always begins anew.
    assert CliRunner().invoke(main, [*call, option]).exit_code == 0
    assert (tmp_path / "r.old-2").exists() == (option == "--force")


@pytest.mark.parametrize("accept", [False, True])
def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path: Path, accept: bool) -> None:
    place = tmp_path / "thesis"
    (place / "parts").mkdir(parents=True)
    (place / "parts" / "chapter.txt").write_text("ten years of work")
    with pytest.raises(InputError, match="is not empty; choose another folder") as caught:
        execute(small_plan(), place, HERE, accept_drift=accept)
    assert caught.value.exit_code == 2
    assert [path.name for path in place.rglob("*")] == ["parts", "chapter.txt"]
    (tmp_path / "file").write_text("a file")
    with pytest.raises(MihError) as caught_too:
        execute(small_plan(), tmp_path / "file", HERE, accept_drift=accept)
    assert caught_too.value.exit_code == 2
    assert (tmp_path / "file").read_text() == "a file"
