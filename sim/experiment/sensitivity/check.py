"""Check an analysis: derive every number anew from the stored runs, and compare exactly."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.errors import DriftError, IncompleteError, InputError
from sim.experiment.design.study import Study, load_study
from sim.experiment.sensitivity.contract import RESULT, SCHEMA
from sim.experiment.sensitivity.found import Sensitivity
from sim.experiment.sensitivity.question import checked
from sim.experiment.sensitivity.run import files_of, stored_stage
from sim.experiment.sensitivity.screened import Screened
from sim.experiment.sensitivity.screened import files_of as screened_files
from sim.experiment.sensitivity.screening import Screen, screen_of, screened
from sim.experiment.sensitivity.sequence import analysed
from sim.experiment.sensitivity.stages import Watch, stage_name
from sim.experiment.store.encoding import DamagedError, differences, read_json
from sim.experiment.store.locks import QUESTION
from sim.experiment.store.stored import open_result

MOST = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared: runs read, files derived anew, a stage, and the id of the result."""

    folder: Path
    runs: int
    files: tuple[str, ...]
    stage: str
    result: str


def check(study: Study | str | Path, folder: str | Path, method: str | None = None) -> Checked:
    """Derive sensitivity.json and all tables anew from the sealed runs, and compare every byte.

    No run is made and no lock taken; `sim.experiment.check.verify.verify` runs some of a stage's
    runs again.

    Raises:
        InputError: the folder holds no finished analysis, or one by another ``method`` than asked.
        DriftError: it is one of another study, or of another version of the contract.
        IncompleteError: stages are missing or not whole.
        DamagedError: a file is not what the runs give; every difference is named.

    """
    place = Path(folder)
    written, begun = read_json(place / RESULT), read_json(place / QUESTION)
    if written is None or begun is None:
        missing = RESULT if written is None else QUESTION
        raise InputError(f"{place}: holds no finished sensitivity analysis (there is no {missing})")
    if written.get("schema") != SCHEMA:
        raise DriftError(f"{place}: written by a version of mih-sim with another contract")
    chosen = study if isinstance(study, Study) else load_study(study)
    asked = written["asked"]
    if method not in (None, written["method"]):
        raise InputError(f"--method: {place} was analysed by {written['method']} (found {method})")
    question = screen_of(chosen, **asked) if "method" in asked else checked(chosen, **asked)
    found: Sensitivity | Screened
    if question.decides() != begun:
        raise DriftError(f"{place}: holds the analysis of another study than {chosen.name}")
    if isinstance(question, Screen):
        stage = question.method
        if not (place / stage).is_dir():
            raise IncompleteError(f"{place / stage}: is not there")
        found = screened(question, open_result(place / stage).complete())
        wanted = screened_files(found)
    else:
        found = analysed(question, place, stored_stage, Watch())
        wanted, stage = files_of(found), stage_name(0)
    wrong = [line for name, data in wanted.items() for line in _differences(place, name, data)]
    if wrong:
        shown = wrong[:MOST] + ([f"  and {len(wrong) - MOST} more"] if len(wrong) > MOST else [])
        raise DamagedError("\n".join([f"{place}: not what the stored runs give:", *shown]))
    return Checked(place, found.runs, tuple(wanted), stage, found.result)


def _differences(place: Path, name: str, data: bytes) -> Iterator[str]:
    """Yield how a file differs from what it should be."""
    try:
        there = (place / name).read_bytes()
    except OSError:
        yield f"  {name}: cannot be read"
        return
    if there == data:
        return
    if not name.endswith(".json"):
        lines = zip(there.splitlines(), data.splitlines(), strict=False)
        at = next((k for k, (one, other) in enumerate(lines, 1) if one != other), 0)
        yield f"  {name}: differs" + (f", first in line {at}" if at else " in length")
        return
    for what, was, now in differences(json.loads(there), json.loads(data)):
        yield f"  {name}: {what}: written {was}, derived {now}"
