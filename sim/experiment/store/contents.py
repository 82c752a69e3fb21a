"""Which result the tables and figures of a folder show: a small file that is written last."""

from collections.abc import Sequence
from pathlib import Path

from sim.experiment.store.encoding import DamagedError, json_bytes, read_json
from sim.experiment.store.files import write_file


def write_contents(path: Path, folder: Path, result: str | None, files: Sequence[Path]) -> None:
    """Write which files of a folder show a result. Raises DiskError."""
    names = [file.relative_to(folder).as_posix() for file in files]
    write_file(path, json_bytes({"result": result, "files": names}))


def shows(path: Path, folder: Path, result: str | None) -> bool:
    """Return whether a folder holds all files that show a result."""
    try:
        found = read_json(path)
    except DamagedError:
        return False
    if found is None or found.get("result") != result:
        return False
    return all((folder / name).is_file() for name in found.get("files", ()))
