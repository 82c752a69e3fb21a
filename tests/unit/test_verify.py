"""`verify`: whatever is not what the plan gives is noticed, and what is does verify."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import sim.agents
from sim import simulate
from sim.errors import DriftError, IncompleteError, InputError
from sim.experiment.check import verify as verifying
from sim.experiment.check.rows import empty_tables
from sim.experiment.check.verify import verify
from sim.experiment.design.study import study_of
from sim.experiment.execute.work import execute
from sim.experiment.runs import plan as plans
from sim.experiment.runs.own import own_of
from sim.experiment.runs.plan import plan_of_study
from sim.experiment.store.encoding import DamagedError, canonical, json_bytes, parquet_table, sha256
from sim.experiment.store.folder import MANIFEST, SEAL, read_manifest, read_plan
from sim.experiment.store.parts import (
    part_name,
    receipt_name,
)
from tests.forging import (
    HERE,
    SMALL,
    SMALL_CHUNKS,
    Change,
    as_made_by,
    consistent,
    content,
    cut,
    forge,
    make_results,
    rename,
    reseal,
    set_value,
    swap,
    tables,
    twice,
)
from tests.keeping import write_result

ALL = 10**6


class Sceptic(sim.agents.Clinician):
    """Starts half as easily."""

    def start_hazard(self) -> float:
        return 0.5 * super().start_hazard()


class Breaking(sim.agents.Clinician):
    """Raises in about half of the runs."""

    def propose(self) -> None:
        if self.organisation.number == self.post == 0 and self.key % 2 == 0:
            raise ValueError("broken")
        super().propose()


@pytest.fixture(scope="module", autouse=True)
def _small_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "CHUNK_WORK", SMALL_CHUNKS)
        patch.setattr(plans, "MESA_WORK", SMALL_CHUNKS)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results")
    make_results(place)
    return place


@pytest.fixture
def sweep(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "sweep", tmp_path / "sweep"))


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


# --- what is as it should be ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sweep", "run"])
def test_a_whole_result_verifies_and_nothing_is_written(made: Path, name: str) -> None:
    before = content(made / name)
    found = verify(made / name, runs=ALL)
    assert found.require() is found
    assert (found.sealed, found.damage, found.drift, found.differences) == (True, [], [], [])
    assert found.there == found.planned == len(found.rerun or [])
    assert found.chunks == found.chunks_there > 1
    expected = ("runs", "organisations", "weekly") + (("events",) if name == "run" else ())
    assert found.tables == expected
    assert found.writer == ""
    assert content(made / name) == before


def test_a_run_on_the_mesa_engine_is_checked_on_the_compiled_one(tmp_path: Path) -> None:
    result = simulate.run(SMALL, 2, engine="mesa", events=True)
    write_result(result, tmp_path / "r", command=("mih", "run", "x"))
    assert len(verify(tmp_path / "r").require().rerun or []) == 2


def test_a_sweep_with_agents_of_ones_own_verifies(tmp_path: Path) -> None:
    study = study_of(SMALL, {"workload": [0.9, 1.1]}, replicates=2, weekly=["adoption"])
    own = own_of({sim.agents.Clinician: Sceptic})
    execute(plan_of_study(study, own=own), tmp_path / "own", HERE)
    assert len(verify(tmp_path / "own").require().rerun or []) == 4


def test_agents_whose_source_has_changed_are_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(SMALL, {"workload": [0.9]}, replicates=1)
    own = own_of({sim.agents.Clinician: Sceptic})
    execute(plan_of_study(study, own=own), tmp_path / "own", HERE)
    monkeypatch.setitem(globals(), "Sceptic", Breaking)
    with pytest.raises(DriftError, match="Sceptic cannot be imported"):
        verify(tmp_path / "own")


def test_failed_runs_verify_but_are_not_complete(tmp_path: Path) -> None:
    study = study_of(SMALL, {"workload": [0.9, 1.1]}, replicates=6, weekly=["adoption"])
    own = own_of({sim.agents.Clinician: Breaking})
    report = execute(plan_of_study(study, own=own), tmp_path / "own", HERE)
    found = verify(tmp_path / "own", runs=ALL)
    assert 0 < len(found.failed) < 12
    assert found.failed == report.failed
    assert len(found.rerun or []) == 12
    assert (found.damage, found.differences) == ([], [])
    with pytest.raises(IncompleteError, match=r"point 1, replicate \d: exception"):
        found.require()


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sweep", "run"])
def test_every_flipped_bit_is_noticed(made: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(made / name, folder)
    generator = np.random.default_rng(5)
    files = [path for path in sorted(folder.rglob("*")) if path.parent.name != "tables"]
    kinds = {path.name.split("-")[0]: path for path in files if path.is_file()}  # one of each
    assert len(kinds) == (8 if name == "run" else 7)
    for path in kinds.values():
        whole = path.read_bytes()
        for _ in range(2):
            damaged = bytearray(whole)
            damaged[generator.integers(len(whole))] ^= 1 << int(generator.integers(8))
            path.write_bytes(damaged)
            with pytest.raises((DamagedError, InputError), match=path.name):
                verify(folder, runs=0).require()
        path.write_bytes(whole)
    verify(folder, runs=0).require()


def test_every_damaged_file_is_named_at_once(sweep: Path) -> None:
    for name in ("parts/part-000000.parquet", "weekly/weekly-000002.parquet"):
        (sweep / name).write_bytes(b"x" + (sweep / name).read_bytes())
    with pytest.raises(DamagedError) as caught:
        verify(sweep).require()
    assert "part-000000.parquet: damaged" in str(caught.value)
    assert "weekly-000002.parquet: damaged" in str(caught.value)
    assert verify(sweep).rerun is None


def test_missing_and_unknown_files_are_damage(sweep: Path) -> None:
    (sweep / receipt_name(1)).unlink()
    (sweep / "parts" / "part-000999.parquet").write_bytes(b"")
    damage = "\n".join(verify(sweep, runs=0).damage)
    assert "chunk-000001.json: sealed, but missing" in damage
    assert "part-000999.parquet: of no chunk" in damage


def test_the_hash_of_a_tables_content_is_derived_anew(sweep: Path) -> None:
    receipt = json.loads((sweep / receipt_name(0)).read_text())
    receipt["files"][part_name("runs", 0)]["columns"] = sha256(b"something else")
    receipt.pop("check")
    (sweep / receipt_name(0)).write_bytes(json_bytes(receipt))
    reseal(sweep)
    damage = verify(sweep, runs=0).damage
    assert len(damage) == 1
    assert "part-000000.parquet: its content is not that of its receipt" in damage[0]


@pytest.mark.parametrize("key", ["result", "failed", "identity", "plan"])
def test_the_seal_is_derived_anew(sweep: Path, key: str) -> None:
    value = json.loads((sweep / SEAL).read_text())
    value.pop("check")
    value[key] = [[0, 0, "exception"]] if key == "failed" else "0" * 16
    (sweep / SEAL).write_bytes(json_bytes(value))
    with pytest.raises(DamagedError, match=f"SEAL.json: {key}: found"):
        verify(sweep, runs=0).require()


def test_a_seal_that_leaves_out_a_file_is_damage(sweep: Path) -> None:
    value = json.loads((sweep / SEAL).read_text())
    value.pop("check")
    del value["files"][part_name("weekly", 1)]
    (sweep / SEAL).write_bytes(json_bytes(value))
    assert "weekly-000001.parquet: not what was sealed" in "\n".join(verify(sweep, 0).damage)


def test_what_the_manifest_says_beside_its_hashes_is_checked(sweep: Path) -> None:
    manifest = read_manifest(sweep)
    as_made_by(sweep, runs=5, parameters=manifest["parameters"] | {"leads": 9})
    damage = "\n".join(verify(sweep, runs=0).damage)
    assert "manifest.json: runs: not what its plan says" in damage
    assert "manifest.json: parameters: not what its plan says" in damage


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["runs", "organisations", "weekly"])
@pytest.mark.parametrize("kind", [swap, cut, twice, rename])
def test_rows_are_the_planned_ones_in_order(
    sweep: Path, table: str, kind: Callable[[str], Change]
) -> None:
    forge(sweep, 1, kind(table))
    damage = verify(sweep, runs=0).damage
    assert damage
    assert all(part_name(table, 1) in line for line in damage)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_value("runs", "point", None), "point: missing in 1 rows"),
        (set_value("weekly", "trust", float("nan")), "trust: holds a number that is none"),
        (set_value("organisations", "cost", float("inf")), "cost: holds a number that is none"),
        (
            set_value("runs", "adoption", 0.123),
            "adoption: point 0, replicate 0: not what",
        ),
        (
            set_value("runs", "go_live_week.share_reached", None),
            "week.share_reached: point 0",
        ),
        (set_value("runs", "cost_per_patient_reached", 1.0), "cost_per_patient_reached: point 0"),
    ],
)
def test_values_that_cannot_be_are_damage(sweep: Path, change: Change, words: str) -> None:
    forge(sweep, 0, change)
    assert words in "\n".join(verify(sweep, runs=0).damage)


@pytest.mark.parametrize(
    ("column", "value"), [("replicate", 99), ("week", 41), ("organisation", 2), ("point", 1)]
)
def test_events_are_of_the_runs_of_their_chunk(kept: Path, column: str, value: int) -> None:
    forge(kept, 0, set_value("events", column, value))
    assert "events-000000.parquet: row 1 is of no run" in "\n".join(verify(kept, runs=0).damage)


# --- partial, other code, writers ----------------------------------------------------------------


def test_what_is_there_of_a_partial_result_verifies(sweep: Path) -> None:
    (sweep / SEAL).unlink()
    (sweep / receipt_name(1)).unlink()
    plan, _ = read_plan(sweep)
    found = verify(sweep, runs=ALL)
    lacking = len(plan.chunk_range(1))
    assert not found.sealed
    assert found.there == len(found.rerun or []) == plan.runs - lacking
    assert (found.damage, found.differences) == ([], [])
    with pytest.raises(IncompleteError, match=f"partial: {lacking} of {plan.runs} runs are miss"):
        found.require()
    forge_part = sweep / part_name("runs", 0)
    forge_part.write_bytes(forge_part.read_bytes()[:-1])
    with pytest.raises(DamagedError):
        verify(sweep).require()


def test_a_result_that_is_whole_but_not_sealed_is_not_complete(sweep: Path) -> None:
    (sweep / SEAL).unlink()
    with pytest.raises(IncompleteError, match="not sealed"):
        verify(sweep).require()


def test_a_result_of_other_code_is_said_to_be_so_and_compared_if_asked(sweep: Path) -> None:
    as_made_by(sweep, source="0123456789abcdef")
    found = verify(sweep)
    assert (found.damage, found.rerun) == ([], None)
    with pytest.raises(DriftError, match="source hash 0123456789abcdef"):
        found.require()
    accepted = verify(sweep, accept_drift=True)
    assert len(accepted.require().rerun or []) == verifying.RUNS
    assert accepted.drift
    forge(sweep, 2, consistent)
    with pytest.raises(DamagedError, match="runs come out otherwise"):
        verify(sweep, runs=ALL, accept_drift=True).require()


def test_a_machine_with_other_bits_is_drift(sweep: Path) -> None:
    old = read_manifest(sweep)["versions"] | {"numpy": "1.0"}
    as_made_by(sweep, canary="0123456789abcdef", versions=old)
    with pytest.raises(DriftError, match=r"other bits .* \(canary 0123456789abcdef") as caught:
        verify(sweep).require()
    assert "numpy: was 1.0, now " in str(caught.value)


def test_damage_is_said_of_results_of_other_code_too(sweep: Path) -> None:
    as_made_by(sweep, source="0123456789abcdef")
    forge(sweep, 1, swap("runs"))
    with pytest.raises(DamagedError, match="part-000001"):
        verify(sweep).require()


def test_a_manifest_of_other_code_without_its_parts_is_damage(sweep: Path) -> None:
    manifest = read_manifest(sweep) | {"source": "0123456789abcdef"}
    (sweep / MANIFEST).write_bytes(json_bytes(manifest))
    found = verify(sweep)
    assert found.drift
    with pytest.raises(DamagedError, match="belongs to another result"):
        found.require()


def test_a_plan_that_this_version_reads_otherwise_is_drift_and_not_damage(sweep: Path) -> None:
    manifest = read_manifest(sweep)
    decides = manifest["decides"]
    other = decides | {"parameters": decides["parameters"] | {"leads": 3}}  # another default
    manifest |= {"decides": other, "plan": sha256(canonical(other))}
    (sweep / MANIFEST).write_bytes(json_bytes(manifest))
    with pytest.raises(DamagedError, match="not the plan that the manifest names"):
        verify(sweep)
    (sweep / MANIFEST).write_bytes(json_bytes(manifest | {"source": "0123456789abcdef"}))
    with pytest.raises(DriftError, match="cannot read"):
        verify(sweep)
    del manifest["keeps"]
    (sweep / MANIFEST).write_bytes(json_bytes(manifest))
    with pytest.raises(DriftError, match="no keeps"):
        verify(sweep)


def test_a_manifest_that_is_not_the_hash_of_its_own_plan_is_damage(sweep: Path) -> None:
    manifest = read_manifest(sweep)
    manifest["decides"]["seed"] = 7
    (sweep / MANIFEST).write_bytes(json_bytes(manifest))
    with pytest.raises(DamagedError, match="not the hash of what it says"):
        verify(sweep)


def test_a_writer_at_work_is_seen(sweep: Path) -> None:
    (sweep / SEAL).unlink()
    receipt = (sweep / receipt_name(0)).read_bytes()
    (sweep / receipt_name(0)).unlink()
    (sweep / ".lock-1-of-1").write_text("process 12 on host\n")

    def finished_meanwhile(_: int) -> None:
        (sweep / receipt_name(0)).write_bytes(receipt)

    found = verify(sweep, runs=0, progress=finished_meanwhile)
    assert "1 chunks were finished meanwhile" in found.writer
    assert "process 12 on host" in found.writer
    with pytest.raises(IncompleteError, match="partial"):
        found.require()


def test_memory_does_not_grow_with_the_number_of_chunks(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def counted(data: bytes, where: Path) -> pa.Table:
        held.append(pa.total_allocated_bytes())
        return parquet_table(data, where)

    monkeypatch.setattr(verifying, "parquet_table", counted)
    begun = pa.total_allocated_bytes()
    found = verify(sweep, runs=0)
    assert len(held) == 3 * found.chunks > 10
    plan, _ = read_plan(sweep)
    one = max(
        sum(table.nbytes for table in tables(sweep, plan, chunk).values())
        for chunk in range(plan.chunks)
    )
    assert max(held) - begun < 8 * one  # tables of one chunk, those before it, and scratch


@pytest.mark.parametrize(("runs", "seed"), [(-1, 1), (1, -1), (1, 2**63)])
def test_numbers_that_cannot_be_are_refused(made: Path, runs: int, seed: int) -> None:
    with pytest.raises(InputError, match=r"runs: found|seed: .* is out of range"):
        verify(made / "sweep", runs=runs, seed=seed)


def test_a_folder_without_a_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no result"):
        verify(tmp_path)


def test_schemas_of_empty_tables_are_those_on_disk(made: Path) -> None:
    for name in ("sweep", "run"):
        plan, _ = read_plan(made / name)
        for table, empty in empty_tables(plan).items():
            assert tables(made / name, plan, 0)[table].schema.equals(empty.schema)
