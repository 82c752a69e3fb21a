"""Folders of results: claimed by one process, or by shards of one sweep, and nobody else.

A lock is a file held open: the system frees it when its process dies, however that happens.
"""

import errno
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import BusyError, InputError
from sim.experiment.store.files import disk_error

LOCK = ".lock-1-of-1"
"""The lock of a process that does the whole work of a folder; shards hold it together."""

MANIFEST, COMPARISON, QUESTION = "manifest.json", "comparison.json", "question.json"
"""What shows whose a folder is: a sweep's, a comparison's, a sensitivity analysis's."""

_NOT_A_PLACE = (errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)
_LOCKS = re.compile(r"\.lock-(\d+)-of-(\d+)")
_BEFORE_A_MANIFEST = ("plan.parquet", "attempts.jsonl", "quarantine")
"""What a process may have left that died before it wrote a manifest."""


@contextmanager
def claim(
    folder: Path,
    *,
    force: bool = False,
    resume: str | None = None,
    shard: tuple[int, int] = (1, 1),
) -> Iterator[Path]:
    """Hold a folder, made if need be, so that no other process writes to it.

    With ``force`` a folder with content is first moved to ``<folder>.old-N``. If nothing has been
    written when the work fails, all is put back as it was. ``resume`` names the file that shows
    that a folder holds the same kind of work, which then goes on. ``shard`` (i, n) lets the n
    shards of one sweep hold it together.

    Raises:
        InputError: the folder holds something and ``force`` is not given, or cannot be a folder.
        BusyError: another process holds it.
        DiskError: it cannot be made.

    """
    if "\0" in str(folder):
        raise InputError("--out: a folder's name cannot contain a null character")
    try:
        moved = _make_room(folder, force, resume, shard)
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        held = _take(folder, shard)
    except OSError as error:
        if error.errno in _NOT_A_PLACE or isinstance(error, FileExistsError):
            raise InputError(f"--out: {folder} cannot be a folder ({error.strerror})") from error
        raise disk_error(folder, error) from error
    try:
        yield folder
    except BaseException:
        _let_go(held)
        _put_back(folder, moved, made)
        raise
    _let_go(held)


def _make_room(
    folder: Path, force: bool, resume: str | None, shard: tuple[int, int]
) -> Path | None:
    """Move a folder with content aside; return its new place, None if there was nothing to move."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise InputError(f"--out: {folder} is a file, not a folder")
    _let_go(_take(folder, shard))  # raises BusyError if a holder is alive
    if not any(folder.iterdir()) or (resume and not force and _is_ours(folder, resume)):
        return None
    if not force:
        raise InputError(
            f"--out: {folder} {_what_it_holds(folder)}; choose another folder, "
            f"or --force to move it to {free_name(folder).name}"
        )
    here = Path.cwd()
    if folder.resolve() in (here, *here.parents):
        raise InputError(f"--out: {folder} holds the folder you are in and is not moved")
    return folder.rename(free_name(folder))


def _what_it_holds(folder: Path) -> str:
    if (folder / "SEAL.json").exists():
        return "holds a finished result"
    if (folder / MANIFEST).exists():
        return "holds an unfinished result"
    if (folder / COMPARISON).exists():
        return "holds a comparison"
    if (folder / QUESTION).exists():
        return "holds a sensitivity analysis"
    return "is not empty"


def free_name(folder: Path) -> Path:
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


def _is_ours(folder: Path, marker: str) -> bool:
    """Say whether a folder holds such work, or what is left of some that was only just begun."""
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if all(name in _BEFORE_A_MANIFEST for name in names):
        return True
    # Looked for after the names were read: another shard may be writing it at this moment.
    if (folder / marker).exists():
        return True
    # One that was damaged is moved aside before a new one is written.
    return any((folder / "quarantine").glob(f"{marker}.*"))


Held = list[tuple[int, Path]]
"""Locks that are held: descriptors and files."""


def _take(folder: Path, shard: tuple[int, int]) -> Held:
    """Take the locks of a shard, or of the whole. Raises BusyError naming who has them."""
    index, count = shard
    who = f"process {os.getpid()} on {socket.gethostname()}"
    if count == 1:
        held = [_take_lock(folder / LOCK, who, shared=False)]
        others = [path for path in folder.iterdir() if _LOCKS.fullmatch(path.name)]
    else:
        who += f" (shard {index}/{count})"
        held = [_take_lock(folder / LOCK, who, shared=True)]
        own = f".lock-{index}-of-{count}"
        try:
            held.append(_take_lock(folder / own, who, shared=False))
        except BaseException:
            _let_go(held)
            raise
        others = [path for path in folder.iterdir() if _other_count(path.name, count)]
    try:
        for path in others:
            if path not in [one for _, one in held]:
                _let_go([_take_lock(path, who, shared=False)])
    except BaseException:
        _let_go(held)
        raise
    return held


def _other_count(name: str, count: int) -> bool:
    """Say whether a file is the lock of a shard of another number of shards."""
    match = _LOCKS.fullmatch(name)
    return match is not None and int(match[2]) not in (1, count)


def _take_lock(path: Path, who: str, *, shared: bool) -> tuple[int, Path]:
    """Return the descriptor of a locked file; the lock of a dead process is free."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(descriptor, shared)
        same = os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError as error:
        holder = os.read(descriptor, 200).decode("utf-8", "replace").strip()
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.ENOENT):
            holder = holder or ", ".join(_shards_at_work(path.parent))
            by = f" by {holder}" if holder else ""
            raise BusyError(f"{path.parent}: in use{by}") from error
        raise
    if not same:  # its last holder removed it while we opened it
        os.close(descriptor)
        raise BusyError(f"{path.parent}: in use")
    os.truncate(descriptor, 0)
    if not shared:  # those who share it say who they are in locks of their own
        os.write(descriptor, f"{who}\n".encode())
    return descriptor, path


def _shards_at_work(folder: Path) -> Iterator[str]:
    """Yield who holds the locks of single shards."""
    for path in sorted(folder.glob(".lock-*")):
        with suppress(OSError), path.open("rb") as file:
            who = file.read(200).decode("utf-8", "replace").strip()
            try:
                _lock(file.fileno(), shared=True)
            except OSError:
                yield who


def _lock(descriptor: int, shared: bool) -> None:
    """Lock an open file; raise OSError if another process has."""
    if sys.platform == "win32":
        import msvcrt

        if not shared:  # there are no shared locks: shards keep apart by their own locks alone
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _let_go(held: Held) -> None:
    """Free locks, the last first; a file that others still hold stays."""
    for descriptor, path in reversed(held):
        with suppress(OSError):
            _lock(descriptor, shared=False)  # fails while another shard holds it
            path.unlink()
        os.close(descriptor)
