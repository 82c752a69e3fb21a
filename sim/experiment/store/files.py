"""Files of results: written whole or not at all."""

import errno
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from sim.errors import MihError


class DiskError(MihError):
    """A file could not be written: the disk is full, read-only or broken."""

    exit_code: ClassVar[int] = 6


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that it is either whole and on disk, or not there.

    Writes beside the file under a hidden name, and renames. Raises DiskError.
    """
    hidden = hidden_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with hidden.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            hidden.unlink()
        raise disk_error(path, error) from error


def write_once(path: Path, data: bytes) -> bool:
    """Write a file that is not there yet, whole; return False if somebody was faster.

    Raises DiskError.
    """
    hidden = path.with_name(f"{hidden_name(path).stem}.once.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(hidden, data)
        os.link(hidden, path)
        _sync_folder(path.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise disk_error(path, error) from error
    finally:
        with suppress(OSError):
            hidden.unlink()
    return True


def hidden_name(path: Path) -> Path:
    """Return where a file is written before it gets its name: a place of this thread alone."""
    who = f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
    return path.with_name(f".{path.name}.{who}.new")


def append_line(path: Path, line: str) -> None:
    """Add a line to a file in one go, so that several processes may. Raises DiskError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_error(path, error) from error


def move_aside(path: Path, folder: Path) -> Path:
    """Move a file into a folder under a name that is free; return its new place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while os.path.lexists(folder / f"{path.name}.{number}"):
            number += 1
        return path.rename(folder / f"{path.name}.{number}")
    except OSError as error:
        raise disk_error(path, error) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut (Windows has no such call)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(path: Path, error: OSError) -> DiskError:
    """Return the error that says why a file could not be written."""
    reasons = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the disk is read-only",
        errno.EIO: "the disk reports an error",
        errno.EACCES: "no permission to write there",
    }
    reason = reasons.get(error.errno or 0, error.strerror or str(error))
    return DiskError(f"{path}: cannot be written: {reason}; what is there is not finished")
