"""How compiled code is made and kept: numba, with a disk cache that cannot go stale.

numba's cache does not notice an edit in *another* module that a cached function calls. Its
folder is therefore named after everything that decides a result: the source of those modules,
the versions of numba and numpy, and the processor.
"""

import hashlib
import os
import platform
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import binding
from numba.extending import register_jitable

from sim.errors import MihError

config: Any = numba.config

F = TypeVar("F", bound=Callable[..., Any])

DECIDES_RESULTS = (
    "batch.py",
    "draws.py",
    "inputs.py",
    "kernel",
    "layout.py",
    "outcomes.py",
    "parameters.py",
    "phases.toml",
    "registry",
    "rules",
    "simulate.py",
    "world.py",
)
"""Files and folders of this package whose source decides the numbers of a run."""


def rule(function: F) -> F:
    """Mark a plain function as a rule: callable from Python and from compiled code alike."""
    marked: Any = register_jitable(forceinline=True, error_model="numpy")(function)
    return cast(F, marked)


def part(function: F) -> F:
    """Compile a function that only compiled code calls, into its callers and cached with them.

    Handing over arrays to a function that is called counts their references; copied into its
    caller it costs nothing.
    """
    made: Any = numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)
    return cast(F, made)


def compiled(function: F) -> F:
    """Compile a function that Python calls: no interpreter lock, IEEE division, cached on disk."""
    folder = cache_folder()
    before = config.CACHE_DIR
    # numba picks the cache's place while it decorates, so the setting need not outlive that.
    config.CACHE_DIR = str(folder) if folder else before
    try:
        made: Any = numba.njit(nogil=True, error_model="numpy", cache=folder is not None)(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, made)


@cache
def source_hash() -> str:
    """Return the hash (16 hex digits) of the source of all modules that decide results."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in DECIDES_RESULTS:
        place = here / name
        files = [*place.rglob("*.py"), *place.rglob("*.toml")] if place.is_dir() else [place]
        for file in sorted(files):
            digest.update(file.relative_to(here).as_posix().encode() + b"\0")
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """Return the folder for compiled code, made if need be, or None if nothing is writable."""
    versions = f"{source_hash()} {numba.__version__} {np.__version__} {platform.python_version()}"
    processor = f"{platform.machine()} {binding.get_host_cpu_name()}"
    # This module decides how code is compiled, so it is part of the name too.
    text = f"{versions} {processor} {Path(__file__).read_text(encoding='utf-8')}"
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    for parent in _parents():
        folder = parent / name
        if _is_private_and_writable(folder):
            return folder
    warnings.warn(
        "no writable folder for compiled code: it is compiled anew at every start (about 20 s)",
        RuntimeWarning,
        stacklevel=2,
    )
    return None


def is_cached(function: Callable[..., Any]) -> bool:
    """Say whether code of a `compiled` function is in the cache, so that it starts at once.

    The cache's folder is named after the sources, and within it numba's after their place.
    """
    stats = getattr(function, "stats", None)
    if stats is None:  # the compiler is switched off
        return True
    return stats.cache_path is not None and any(
        Path(stats.cache_path).glob(f"*.{function.__name__}-*.nbc")
    )


def _parents() -> list[Path]:
    """Return the places to try, best first: the user's cache, then a private temporary folder."""
    places = []
    if home := os.environ.get("XDG_CACHE_HOME"):
        places.append(Path(home) / "mih-sim")
    with suppress(RuntimeError):  # no home folder known
        places.append(Path.home() / ".cache" / "mih-sim")
    user = os.getuid() if hasattr(os, "getuid") else 0
    places.append(Path(tempfile.gettempdir()) / f"mih-sim-{user}")
    return places


def _is_private_and_writable(folder: Path) -> bool:
    """Make the folder and say whether it is ours to write: cached code is run as it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def refuse_vector_math() -> None:
    """Raise MihError if Intel's vector mathematics is active: it changes last bits."""
    if config.USING_SVML:
        raise MihError(
            "Intel SVML is active in numba: the engines would differ in the last bit. "
            "Set NUMBA_DISABLE_INTEL_SVML=1 or uninstall the package icc_rt."
        )
