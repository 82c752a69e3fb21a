"""The store: a result's folder, from an empty one to a sealed one.

::

    manifest.json   what is run: plan, scenario, seed, columns, versions; written once
    plan.parquet    the points and their replicates
    parts/, weekly/, events/, receipts/   see `sim.experiment.store.parts`
    attempts.jsonl  diagnostics, outside every hash
    SEAL.json       hashes of all files; written last
    quarantine/     what was found damaged
    tables/, figures/   the same for people; not sealed

What is hashed holds no time, machine or process: the same command gives the same bytes.
"""

import json
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from sim import outcomes
from sim.compiled import source_hash
from sim.errors import DriftError, InputError
from sim.experiment.runs.canary import canary
from sim.experiment.runs.chunks import empty_block
from sim.experiment.runs.columns import described
from sim.experiment.runs.own import restored
from sim.experiment.runs.plan import STORE_VERSION, Plan, parameters_of
from sim.experiment.store.encoding import (
    DamagedError,
    canonical,
    differences,
    json_bytes,
    parquet_bytes,
    parquet_table,
    read_json,
    sha256,
)
from sim.experiment.store.files import append_line, disk_error, move_aside, write_file, write_once
from sim.experiment.store.locks import MANIFEST
from sim.experiment.store.parts import QUARANTINE, Receipt, receipt_name, tables_of
from sim.scenario import loads
from sim.simulate import EVENT_ROW

SEAL, PLAN, ATTEMPTS = "SEAL.json", "plan.parquet", "attempts.jsonl"
PACKAGES = ("numpy", "numba", "pyarrow", "mih-sim")

_DIFFERS = ("decides", "keeps", "source", "canary")
"""Parts of a manifest that must be the same for work to go on."""

_OTHERWISE = "{}: written by a version of mih-sim that keeps results otherwise"


def identity_of(manifest: dict[str, Any]) -> str:
    """Return the id that ties parts to their plan, to what is kept, and to the code."""
    return sha256(canonical({name: manifest[name] for name in _DIFFERS}))[:16]


def prepare(folder: Path, plan: Plan) -> dict[str, Any]:
    """Make a folder ready for the runs of a plan, or check that it is theirs; return its manifest.

    Damaged manifests and plans are moved to quarantine and written anew. The folder must be held.

    Raises:
        DriftError: the folder holds results of another plan, code or machine; every difference
            is named.
        DiskError: it cannot be written.

    """
    wanted = manifest_of(plan)
    found = None
    try:
        found = read_json(folder / MANIFEST)
    except DamagedError:
        move_aside(folder / MANIFEST, folder / QUARANTINE)
    if found is not None:
        differences = list(differences_of(found, wanted))
        if differences:
            head = f"{folder}: begun by something else; choose another folder, or --force or "
            raise DriftError("\n".join([f"{head}--accept-drift to begin anew:", *differences]))
    _write_plan(folder, plan, found or wanted)
    if found is None:
        if not write_once(folder / MANIFEST, json_bytes(wanted)):  # another shard was faster
            return prepare(folder, plan)
        found = wanted
    elif found["versions"] != wanted["versions"]:
        note(folder, {"what": "other versions", "versions": wanted["versions"]})
    return found


def manifest_of(plan: Plan) -> dict[str, Any]:
    """Return what a plan runs and what its files will hold."""
    scenario = plan.base
    kept = tables_of(plan, [empty_block(plan)], np.zeros(0, EVENT_ROW))
    return {
        "command": list(plan.command),
        "label": outcomes.LABEL,
        "name": scenario.name,
        "scenario": scenario.to_toml(),
        "parameters": parameters_of(scenario),
        "study": dict(plan.study),
        "seed": plan.seed,
        "weeks": plan.weeks,
        "engine": plan.engine,
        "points": plan.count,
        "runs": plan.runs,
        "chunks": {"count": plan.chunks, "runs": plan.chunk_runs},
        "columns": {name: described(table, scenario.currency) for name, table in kept.items()},
        "plan": plan.hash,
        "plan_file": sha256(parquet_bytes(plan.table)),
        "decides": plan.decides,
        "keeps": plan.keeps,
        "source": source_hash(),
        "canary": canary(plan),
        "versions": versions(),
    }


def differences_of(found: dict[str, Any], wanted: dict[str, Any]) -> Iterable[str]:
    """Yield each difference between two manifests that keeps their runs apart."""
    for name in _DIFFERS:
        old, new = found.get(name), wanted[name]
        # The canary of another plan is another bird: it says nothing of the machine.
        if old == new or (name == "canary" and found.get("decides") != wanted["decides"]):
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _apart(old, new)
        elif name == "source":
            yield f"  the code that decides results differs (source hash {old}, now {new})"
        elif name == "canary":
            yield f"  the same runs give other bits on this machine (canary {old}, now {new})"
        else:
            yield f"  {name}: was {old}, now {new}"


def _apart(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the differences in what decides the runs, or in what is kept of them."""
    # The parameters say in full what differs in the text of a scenario.
    old, new = ({key: one[key] for key in one if key != "scenario"} for one in (old, new))
    for name, was, now in differences(old, new):
        if name == "points":
            yield "  the points differ (their number or a value)"
        else:
            yield f"  {name.removeprefix('parameters.')}: was {was}, now {now}"


def read_plan(folder: Path) -> tuple[Plan, dict[str, Any]]:
    """Return the plan of a result's folder and its manifest.

    Raises InputError if the folder holds no result, DamagedError if a file was changed, DriftError
    if a version of the store wrote it that this one cannot read, MihError for lost agents.
    """
    manifest = read_manifest(folder)
    path = folder / PLAN
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path}: cannot be read") from error
    if sha256(data) != manifest["plan_file"]:
        raise DamagedError(f"{path}: damaged")
    table = parquet_table(data, path)
    words: dict[str, Any] = {
        name: table[name].to_numpy() for name in table.column_names if name != "point"
    }
    for name, column in words.items():
        if column.dtype == object:
            words[name] = column.astype(np.str_)
    keeps = manifest["keeps"]
    if manifest["decides"]["store"] != STORE_VERSION:
        raise DriftError(_OTHERWISE.format(folder))
    plan = Plan(
        base=loads(manifest["scenario"], manifest["name"]),
        first_replicate=words.pop("first_replicate"),
        replicates=words.pop("replicates"),
        between=words.pop("between", None),
        points=words,
        seed=manifest["seed"],
        outcomes=tuple(keeps["outcomes"]),
        weeks=manifest["weeks"],
        weekly=tuple(keeps["weekly"]),
        weekly_every=keeps.get("weekly_every", 1),
        events=keeps["events"],
        engine=manifest["engine"],
        own=restored(manifest["decides"]["agents"]),
        study=manifest["study"],
        command=tuple(manifest["command"]),
    )
    if plan.chunk_runs != keeps["chunk_runs"]:
        raise DriftError(_OTHERWISE.format(folder))
    if plan.hash != manifest["plan"]:
        raise DamagedError(f"{path}: not the plan that the manifest names")
    return plan, manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder. Raises InputError if there is none, DamagedError."""
    manifest = read_json(folder / MANIFEST)
    if manifest is None:
        raise InputError(f"{folder}: holds no result (there is no {MANIFEST})")
    return manifest


def seal(folder: Path, manifest: dict[str, Any], receipts: Iterable[Receipt]) -> dict[str, Any]:
    """Write the seal of a result whose chunks are all done, and return it. Raises DiskError."""
    files = {name: {"sha256": sha256((folder / name).read_bytes())} for name in (MANIFEST, PLAN)}
    failed: list[list[Any]] = []
    for receipt in receipts:
        name = receipt_name(receipt.chunk)
        files |= receipt.files | {name: {"sha256": sha256((folder / name).read_bytes())}}
        failed += [list(one) for one in receipt.failed]
    value = {
        "plan": manifest["plan"],
        "identity": identity_of(manifest),
        "files": files,
        "failed": failed,
        "result": result_id(manifest["plan"], files),
    }
    if read_json(folder / SEAL) != value:
        write_file(folder / SEAL, json_bytes(value))
    return value


def withdraw_seal(folder: Path) -> None:
    """Remove the seal of a result that turned out not to be whole. Raises DiskError."""
    try:
        (folder / SEAL).unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(folder / SEAL, error) from error


def read_seal(folder: Path) -> dict[str, Any] | None:
    """Return the seal of a folder, None if there is none. Raises DamagedError."""
    return read_json(folder / SEAL)


def result_id(plan: str, files: dict[str, dict[str, str]]) -> str:
    """Return the id of a result: its plan and the content of its parts, series apart."""
    parts = {name: one["columns"] for name, one in files.items() if name.startswith("parts/")}
    return sha256(canonical({"plan": plan, "parts": parts}))[:16]


def note(folder: Path, value: dict[str, Any]) -> None:
    """Write a line of diagnostics. Raises DiskError."""
    append_line(folder / ATTEMPTS, json.dumps(value, ensure_ascii=False))


def versions() -> dict[str, str]:
    """Return the versions that a manifest records."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        found[name] = version_of(name)
    return found


def version_of(package: str) -> str:
    """Return the version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _write_plan(folder: Path, plan: Plan, manifest: dict[str, Any]) -> None:
    """Write the plan unless it is there as the manifest says; raise DamagedError if it cannot be.

    A file that differs is moved to quarantine.
    """
    path = folder / PLAN
    if path.exists():
        if sha256(path.read_bytes()) == manifest["plan_file"]:
            return
        move_aside(path, folder / QUARANTINE)
    data = parquet_bytes(plan.table)
    if sha256(data) != manifest["plan_file"]:  # another version of Parquet writes other bytes
        raise DamagedError(f"{path}: damaged, and written by another version of pyarrow")
    write_file(path, data)
