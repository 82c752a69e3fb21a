"""``mih verify``: say whether a result is what its plan gives."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.output import print_json
from sim.commands.progress import announce_compilation, shown
from sim.experiment.numbers import count

if TYPE_CHECKING:
    from sim.experiment.check.verify import Verification


def verify_command(folder: str, *, runs: int, seed: int, as_json: bool, accept_drift: bool) -> None:
    """Verify a folder and print what was found; see `Verification.require` for what is raised."""
    from sim.experiment.check.verify import verify
    from sim.experiment.store.folder import read_manifest

    total = read_manifest(Path(folder)).get("runs", 0)
    announce_compilation()
    with shown(total if isinstance(total, int) else 0) as progress:
        found = verify(folder, runs, seed, accept_drift=accept_drift, progress=progress)
    if as_json:
        print_json(as_dict(found))
    else:
        click.echo("\n".join(described(found, seed)))
    if found.writer:
        click.echo(f"mih: another process may be at work here: {found.writer}", err=True)
    found.require()


def as_dict(found: "Verification") -> dict[str, Any]:
    """Return a verification as JSON."""
    return {
        "folder": str(found.folder),
        "verified": not (found.damage or found.differences or _kept_apart(found)),
        "sealed": found.sealed,
        "result": found.result,
        "runs": found.planned,
        "there": found.there,
        "chunks": found.chunks,
        "failed": [list(one) for one in found.failed],
        "damage": found.damage,
        "drift": [line.strip() for line in found.drift],
        "drift_accepted": found.drift_accepted,
        "rerun": None if found.rerun is None else [list(one) for one in found.rerun],
        "skipped": found.skipped,
        "differences": [asdict(one) for one in found.differences],
        "writer": found.writer or None,
    }


def _kept_apart(found: "Verification") -> bool:
    return bool(found.drift) and not found.drift_accepted


def described(found: "Verification", seed: int) -> list[str]:
    """Return what was found in words, a line for each kind of check."""
    state = f"sealed, result {found.result}" if found.sealed else "not sealed"
    there = f"{found.there:,} of {count(found.planned, 'run')}"
    where = f"{found.chunks_there:,} of {count(found.chunks, 'chunk')}"
    files = len(found.tables) * found.chunks_there
    return [
        f"{found.folder}: {state}; {there} in {where}",
        f"files   {_verdict(not found.damage, f'all hashes derived anew, {files:,} parts')}",
        f"rows    {_verdict(not found.damage, 'each run once, as planned, and consistent')}",
        f"code    {_code(found)}",
        f"re-run  {_rerun(found, seed)}",
    ]


def _verdict(sound: bool, words: str) -> str:
    return f"ok: {words}" if sound else "damaged: see below"


def _code(found: "Verification") -> str:
    if not found.drift:
        return "ok: the same source, and eight canary runs give the same bits"
    what = "; ".join(line.strip() for line in found.drift)
    return f"differs{' (accepted)' if found.drift_accepted else ''}: {what}"


def _rerun(found: "Verification", seed: int) -> str:
    if found.rerun is None:
        return "not done"
    runs = count(len(found.rerun), "run")
    left = f"; {found.skipped} that a machine ended were left out" if found.skipped else ""
    if found.differences:
        apart = len({(one.point, one.replicate) for one in found.differences})
        return f"differs: {apart} of {runs} (seed {seed}){left}"
    return f"ok: {runs} (seed {seed}) equal bit for bit in {', '.join(found.tables)}{left}"
