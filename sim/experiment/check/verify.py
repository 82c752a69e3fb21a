"""Verify a stored result: derive every hash anew, check every row, run some runs again.

Nothing is written and no lock is taken. Rows are read a chunk at a time; what grows with the
result is only the list of hashes that its seal holds anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.compiled import refuse_vector_math, source_hash
from sim.draws import seed_problems
from sim.errors import DriftError, IncompleteError, InputError, MihError
from sim.experiment.check.rerun import Difference, compared, picked
from sim.experiment.check.rows import empty_tables, row_damage
from sim.experiment.progress import Progress
from sim.experiment.runs.canary import canary
from sim.experiment.runs.plan import Plan
from sim.experiment.store.encoding import (
    DamagedError,
    canonical,
    columns_hash,
    parquet_table,
    sha256,
)
from sim.experiment.store.folder import (
    PLAN,
    SEAL,
    differences_of,
    identity_of,
    read_manifest,
    read_plan,
    read_seal,
    result_id,
    versions,
)
from sim.experiment.store.locks import MANIFEST
from sim.experiment.store.parts import (
    Receipt,
    check_chunk,
    kept_tables,
    part_name,
    receipt_name,
    strangers,
)
from sim.experiment.store.stored import named

RUNS = 8
"""Runs that are run again unless asked otherwise."""

MOST = 20
"""Problems that a message names."""

_NEEDED = ("plan", "plan_file", "decides", "keeps", "source", "canary", "scenario", "versions")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    ``result`` is the id that the seal names, None for an unsealed result. ``planned`` and ``there``
    count runs; ``failed`` are those that are not ok. ``damage``: what is not as it was written, or
    not what the plan asks for. ``drift``: how code and machine differ from those that made it.
    ``rerun``: runs compared, None if they were not, for damage or drift. ``writer``: what another
    process was seen to do meanwhile, or nothing.
    """

    folder: Path
    result: str | None
    sealed: bool
    planned: int
    there: int
    chunks: int
    chunks_there: int
    tables: tuple[str, ...]
    failed: list[tuple[int, int, str]]
    damage: list[str]
    drift: list[str]
    drift_accepted: bool
    rerun: list[tuple[int, int]] | None
    skipped: int
    differences: list[Difference]
    writer: str

    def require(self) -> "Verification":
        """Return this if all is well.

        Raises:
            DamagedError: files or rows are wrong, or runs come out otherwise.
            DriftError: other code or another machine made it, and that was not accepted.
            IncompleteError: runs are missing or failed; what is there verifies.

        """
        wrong = [*self.damage, *(one.in_words() for one in self.differences)]
        if wrong:
            kind = "damaged" if self.damage else "runs come out otherwise"
            raise DamagedError("\n".join([f"{self.folder}: {kind}:", *_first(wrong)]))
        if self.drift and not self.drift_accepted:
            head = f"{self.folder}: the files are whole, but made by other code or elsewhere:"
            tail = "no run was compared; --accept-drift compares all the same"
            raise DriftError("\n".join([head, *self.drift, tail]))
        if self.there < self.planned:
            missing = f"{self.planned - self.there:,} of {self.planned:,} runs are missing"
            raise IncompleteError(f"{self.folder}: partial: {missing}; what is there verifies")
        if not self.sealed:
            raise IncompleteError(
                f"{self.folder}: every run is there and verifies, but it is not sealed; "
                "the command that made it seals it"
            )
        if self.failed:
            head = f"{self.folder}: verifies, but {len(self.failed)} runs failed:"
            raise IncompleteError("\n".join([head, *named(self.failed)]))
        return self


def verify(
    folder: str | Path,
    runs: int = RUNS,
    seed: int = 1,
    *,
    accept_drift: bool = False,
    progress: Progress | None = None,
) -> Verification:
    """Verify the result in a folder, sealed or partial; see `Verification.require` for verdicts.

    Args:
        folder: the folder of a run or a sweep.
        runs: how many runs to run again; 0 = check files and rows alone.
        seed: chooses which.
        accept_drift: compare runs although other code or another machine made them.
        progress: called with the number of runs read so far.

    Raises:
        InputError: the folder holds no result, or a number cannot be.
        DamagedError: manifest or plan are not as they were written, so nothing can be checked.
        DriftError: a version of this program wrote them that this one cannot read.

    """
    _refuse(runs, seed)
    place = Path(folder)
    begun = _receipts(place)
    plan, manifest = _opened(place)
    drift = _drift(plan, manifest)
    work = _Check(place, plan, manifest, progress)
    work.check()
    rerun, skipped, differences = None, 0, list[Difference]()
    if not work.damage and (accept_drift or not drift):
        refuse_vector_math()
        numbers = picked(plan, work.sound, runs, seed)
        rerun = []
        for number, found in zip(numbers, compared(place, plan, numbers), strict=True):
            if found is None:
                skipped += 1
            else:
                rerun.append(plan.run_of(number))
                differences += found
    return Verification(
        folder=place,
        result=work.seal["result"] if work.seal else None,
        sealed=work.seal is not None,
        planned=plan.runs,
        there=work.there,
        chunks=plan.chunks,
        chunks_there=len(work.sound),
        tables=tuple(kept_tables(plan)),
        failed=work.failed,
        damage=work.damage,
        drift=drift,
        drift_accepted=accept_drift,
        rerun=rerun,
        skipped=skipped,
        differences=differences,
        writer=_writer(place, begun),
    )


def _refuse(runs: int, seed: int) -> None:
    problems = []
    if runs < 0:
        problems.append(f"runs: found {runs}, allowed 0 and above")
    problems += seed_problems(seed)
    if problems:
        raise InputError(problems)


def _opened(place: Path) -> tuple[Plan, dict[str, Any]]:
    """Return plan and manifest, which must fit each other before anything else can be checked."""
    manifest = read_manifest(place)
    lacking = [name for name in _NEEDED if name not in manifest]
    if lacking:
        lacks = ", ".join(lacking)
        raise DriftError(f"{place / MANIFEST}: of another version of the store (no {lacks})")
    if sha256(canonical(manifest["decides"])) != manifest["plan"]:
        raise DamagedError(f"{place / MANIFEST}: damaged: not the hash of what it says is run")
    try:
        same = sha256((place / PLAN).read_bytes()) == manifest["plan_file"]
    except OSError as error:
        raise DamagedError(f"{place / PLAN}: cannot be read") from error
    if not same:
        raise DamagedError(f"{place / PLAN}: damaged")
    try:
        plan, _ = read_plan(place)
    except DriftError:
        raise
    except MihError as error:
        # Both files are as they were written. Code that reads them otherwise is another.
        if isinstance(error, DamagedError | InputError) and manifest["source"] == source_hash():
            raise
        raise DriftError(
            f"{place}: this version of the code cannot read what another wrote:\n  {error}"
        ) from error
    return plan, manifest


def _drift(plan: Plan, manifest: dict[str, Any]) -> list[str]:
    """Return how the code or the machine differ from those that made a result."""
    now = {"decides": plan.decides, "keeps": plan.keeps, "source": source_hash()}
    drift = list(differences_of(manifest, now | {"canary": canary(plan)}))
    if drift:
        old, new = manifest["versions"], versions()
        drift += [
            f"  {name}: was {old.get(name)}, now {new.get(name)}"
            for name in dict.fromkeys([*new, *old])
            if old.get(name) != new.get(name)
        ]
    return drift


@dataclass(slots=True)
class _Check:
    """The check of all files and rows of a folder."""

    place: Path
    plan: Plan
    manifest: dict[str, Any]
    progress: Progress | None
    seal: dict[str, Any] | None = None
    sound: list[int] = field(default_factory=list)
    there: int = 0
    failed: list[tuple[int, int, str]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Check manifest, seal and every chunk; leave what was found in the fields."""
        try:
            self.seal = read_seal(self.place)
        except DamagedError as error:
            self.damage.append(str(error))
        expected = empty_tables(self.plan)
        self.damage += self._manifest_damage(expected)
        self.damage += [f"{path}: of no chunk" for path in strangers(self.place, self.plan)]
        schemas = {name: table.schema for name, table in expected.items()}
        identity, files = identity_of(self.manifest), dict[str, dict[str, str]]()
        for chunk in range(self.plan.chunks):
            try:
                receipt = check_chunk(self.place, self.plan, identity, chunk)
                if receipt is not None:
                    self._take(receipt, schemas)
                    files |= self._hashes(receipt)
            except DamagedError as error:
                self.damage.append(str(error))
        if self.seal is not None:
            self.damage += self._seal_damage(self.seal, files)

    def _take(self, receipt: Receipt, schemas: dict[str, pa.Schema]) -> None:
        """Check what is in the files of a chunk, whose bytes are those of its receipt."""
        before, tables = len(self.damage), {}
        for name in kept_tables(self.plan):
            file = part_name(name, receipt.chunk)
            tables[name] = parquet_table((self.place / file).read_bytes(), self.place / file)
            if columns_hash(tables[name]) != receipt.files[file]["columns"]:
                self.damage.append(f"{self.place / file}: its content is not that of its receipt")
        found = row_damage(self.plan, receipt, tables, schemas)
        self.damage += [f"{self.place / text}" for text in found]
        if len(self.damage) == before:
            self.sound.append(receipt.chunk)
            self.failed += receipt.failed
        self.there += receipt.runs
        if self.progress:
            self.progress(self.there)

    def _hashes(self, receipt: Receipt) -> dict[str, dict[str, str]]:
        name = receipt_name(receipt.chunk)
        return receipt.files | {name: {"sha256": sha256((self.place / name).read_bytes())}}

    def _manifest_damage(self, expected: dict[str, pa.Table]) -> Iterator[str]:
        """Check what the manifest says in other words than those its hashes cover."""
        plan, decides = self.plan, self.manifest["decides"]
        wanted = {
            "scenario": decides["scenario"],
            "parameters": decides["parameters"],
            "points": plan.count,
            "runs": plan.runs,
            "chunks": {"count": plan.chunks, "runs": plan.chunk_runs},
        }
        for name, value in wanted.items():
            if self.manifest.get(name) != value:
                yield f"{self.place / MANIFEST}: {name}: not what its plan says"
        for name, table in expected.items():
            listed = self.manifest.get("columns", {}).get(name, [])
            if [one.get("name") for one in listed] != table.column_names:
                yield f"{self.place / MANIFEST}: columns: not those of {name}"

    def _seal_damage(self, seal: dict[str, Any], files: dict[str, dict[str, str]]) -> Iterator[str]:
        """Derive the seal from what is there and name what it says otherwise."""
        for name in (MANIFEST, PLAN):
            files[name] = {"sha256": sha256((self.place / name).read_bytes())}
        sealed = seal.get("files", {})
        for name in sorted({*files, *sealed}):
            if name not in files:
                yield f"{self.place / name}: sealed, but missing or damaged"
            elif files[name] != sealed.get(name):
                yield f"{self.place / name}: not what was sealed"
        wanted = {
            "plan": self.manifest["plan"],
            "identity": identity_of(self.manifest),
            "failed": [list(one) for one in self.failed],
            "result": result_id(self.manifest["plan"], files),
        }
        for name, value in wanted.items():
            if seal.get(name) != value:
                yield f"{self.place / SEAL}: {name}: found {seal.get(name)}, derived {value}"


def _receipts(place: Path) -> set[str]:
    return {path.name for path in (place / "receipts").glob("chunk-*.json")}


def _writer(place: Path, begun: set[str]) -> str:
    """Say what shows that another process is at work on a folder; nothing if nothing does."""
    new = len(_receipts(place) - begun)
    words = []
    if new:
        words.append(f"{new} chunks were finished meanwhile")
    for lock in sorted(place.glob(".lock-*")):
        try:
            holder = " ".join(lock.read_text(encoding="utf-8", errors="replace").split())
        except OSError:  # let go this moment
            continue
        words.append(f"{lock.name} names {holder or 'nobody'}")
    return "; ".join(words)


def _first(lines: list[str]) -> list[str]:
    more = [f"  and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [*(f"  {line}" for line in lines[:MOST]), *more]
