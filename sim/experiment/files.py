"""Folders and files of results: claimed by one process, written whole or not at all."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from sim.errors import BusyError, InputError, MihError

LOCK = ".lock-1-of-1"
"""The lock of a process that does the whole work of a folder."""

_NOT_A_PLACE = (errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)


class DiskError(MihError):
    """A file could not be written: the disk is full, read-only or broken."""

    exit_code: ClassVar[int] = 6


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that it is either whole and on disk, or not there.

    Writes beside the file under a hidden name, and renames. Raises DiskError.
    """
    hidden = path.with_name(f".{path.name}.new")
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
        raise _disk_error(path, error) from error


@contextmanager
def claim(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Hold a folder, made if need be, so that no other process writes to it.

    With ``force`` a folder with content is first moved to ``<folder>.old-N``. If nothing has been
    written when the work fails, all is put back as it was.

    Raises:
        InputError: the folder holds something and ``force`` is not given, or cannot be a folder.
        BusyError: another process holds it.
        DiskError: it cannot be made.

    """
    if "\0" in str(folder):
        raise InputError("--out: a folder's name cannot contain a null character")
    try:
        moved = _make_room(folder, force)
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _take_lock(folder / LOCK)
    except OSError as error:
        if error.errno in _NOT_A_PLACE or isinstance(error, FileExistsError):
            raise InputError(f"--out: {folder} cannot be a folder ({error.strerror})") from error
        raise _disk_error(folder, error) from error
    try:
        yield folder
    except BaseException:
        _let_go(descriptor, folder / LOCK)
        _put_back(folder, moved, made)
        raise
    _let_go(descriptor, folder / LOCK)


def _make_room(folder: Path, force: bool) -> Path | None:
    """Move a folder with content aside; return its new place, None if there was nothing to move."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise InputError(f"--out: {folder} is a file, not a folder")
    lock = folder / LOCK
    if lock.exists():
        _let_go(_take_lock(lock), lock)  # raises BusyError if its holder is alive
    if not any(folder.iterdir()):
        return None
    if not force:
        raise InputError(
            f"--out: {folder} {_what_it_holds(folder)}; choose another folder, "
            f"or --force to move it to {_free_name(folder).name}"
        )
    here = Path.cwd()
    if folder.resolve() in (here, *here.parents):
        raise InputError(f"--out: {folder} holds the folder you are in and is not moved")
    return folder.rename(_free_name(folder))


def _what_it_holds(folder: Path) -> str:
    if (folder / "SEAL.json").exists():
        return "holds a finished result"
    if (folder / "manifest.json").exists():
        return "holds an unfinished result"
    return "is not empty"


def _free_name(folder: Path) -> Path:
    """Return the first of ``<folder>.old-1``, ``.old-2``, ... that is free."""
    place, number = folder.absolute(), 1
    while os.path.lexists(place.with_name(f"{place.name}.old-{number}")):
        number += 1
    return place.with_name(f"{place.name}.old-{number}")


def _put_back(folder: Path, moved: Path | None, made: bool) -> None:
    """Undo `_make_room` unless something has been written since."""
    with suppress(OSError):
        if made or moved:
            folder.rmdir()  # fails if there is anything in it
        if moved:
            moved.rename(folder)


def _take_lock(path: Path) -> int:
    """Return the descriptor of a locked file; the lock of a dead process is free."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(descriptor)
        same = os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError as error:
        holder = os.read(descriptor, 200).decode("utf-8", "replace").strip()
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.ENOENT):
            who = f" by {holder}" if holder else ""
            raise BusyError(f"{path.parent}: in use{who}") from error
        raise
    if not same:  # its last holder removed it while we opened it
        os.close(descriptor)
        raise BusyError(f"{path.parent}: in use")
    os.truncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    return descriptor


def _lock(descriptor: int) -> None:
    """Lock an open file; raise OSError if another process has."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _let_go(descriptor: int, path: Path) -> None:
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut (Windows has no such call)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk_error(path: Path, error: OSError) -> DiskError:
    reasons = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the disk is read-only",
        errno.EIO: "the disk reports an error",
        errno.EACCES: "no permission to write there",
    }
    reason = reasons.get(error.errno or 0, error.strerror or str(error))
    return DiskError(f"{path}: cannot be written: {reason}; what is there is not finished")
