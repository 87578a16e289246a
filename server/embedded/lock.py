"""Advisory locks of a data folder, which are released when their process ends, however it ends.

One process holds `owner.lock`. Commands that use its mongod share `users.lock`, so
that an owner that is itself only a command can wait for them before it stops mongod.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Self

from server.errors import FolderInUse


class Lock:
    """Held from `acquire` or `acquire_shared` until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire_shared(cls, path: Path) -> Self:
        """Share the lock with others. Raises FolderInUse if a process has it exclusively."""
        return cls(_lock(path, fcntl.LOCK_SH))

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Have the lock alone. Raises FolderInUse, with the holder's process id, if another has it."""
        descriptor = _lock(path, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Release the lock; the file stays, or two processes could lock two files of one name."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def _lock(path: Path, kind: int) -> int:
    while not _is_at(path, descriptor := _lock_file(path, kind)):
        os.close(descriptor)  # a first start that failed removed it before we had the lock
    return descriptor


def _is_at(path: Path, descriptor: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    return False


def _lock_file(path: Path, kind: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise FolderInUse(
            f"The data folder {path.parent} is in use by another process"
            f"{f' (process id {holder})' if holder else ''}. "
            "Stop that one first, or give this one a folder of its own with --data-dir."
        ) from None
    return descriptor
