"""``mih doctor``: what the package runs on, and whether it works here."""

import platform
from typing import Any

import click

from sim.commands.output import print_json
from sim.commands.progress import announce_compilation
from sim.compiled import cache_folder
from sim.errors import MihError
from sim.estimates import gigabytes

PACKAGES = ("mih-sim", "numpy", "numba", "mesa", "scipy", "pandas", "pyarrow", "matplotlib")

TINY = """title = "self-check"
clinicians = 6
caseload = 3
project_weeks = 40
weeks = 60
"""
"""A scenario that both engines run in a moment."""


def doctor_command(as_json: bool) -> None:
    """Print what was found; raise MihError if the engines do not agree or cannot run."""
    found = examined()
    if as_json:
        print_json(found)
    else:
        _print(found)
    if not found["self_check"].startswith(("ok", "not available")):
        raise MihError(f"self-check: {found['self_check']}")


def examined() -> dict[str, Any]:
    """Return versions, processors, memory, cache and the outcome of the self-check."""
    import numba

    from sim.batch import is_compiled
    from sim.estimates import free_memory, processors
    from sim.experiment.store.folder import version_of

    folder, ready = cache_folder(), is_compiled()
    return {
        "versions": {"python": platform.python_version()}
        | {name: version_of(name) for name in PACKAGES},
        "cores": processors(),
        "free_memory_bytes": free_memory(),
        "cache_folder": str(folder) if folder else None,
        "compiled": ready,
        "svml": bool(getattr(numba.config, "USING_SVML", False)),
        "self_check": self_check(),
    }


def self_check() -> str:
    """Run a tiny scenario on both engines; return "ok", "not available" or what is wrong."""
    from sim.scenario import loads
    from sim.simulate import run

    announce_compilation()
    try:
        import sim.agents  # noqa: F401 - only whether it can be
    except ImportError as error:
        return f"not available ({error})"
    try:
        made = [run(loads(TINY), 2, 1, engine=engine) for engine in ("compiled", "mesa")]
    except Exception as error:  # whatever it is, the doctor reports it
        return f"failed: {type(error).__name__}: {error}"
    compiled, mesa = (one.weekly["adoption"].tobytes() for one in made)
    return "ok: both engines give the same numbers" if compiled == mesa else "the engines differ"


def _print(found: dict[str, Any]) -> None:
    memory = found["free_memory_bytes"]
    rows = list(found["versions"].items())
    rows += [
        ("cores", str(found["cores"])),
        ("free memory", "unknown" if memory is None else gigabytes(memory)),
        ("cache folder", found["cache_folder"] or "none that can be written to"),
        ("compiled", "yes" if found["compiled"] else "no (the first run takes half a minute)"),
        ("SVML", "ON: results would differ" if found["svml"] else "off, as it should be"),
        ("self-check", found["self_check"]),
    ]
    for name, value in rows:
        click.echo(f"{name:<14}{value}")
