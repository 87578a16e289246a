"""Opens only regular files, because somebody may have put something else in their place.

Opening a FIFO waits for a writer without end, and reading a device may never end. Any thread.
"""

import errno
import os
import stat
from pathlib import Path


def open_file(path: Path) -> int:
    """A descriptor for reading a regular file. Raises OSError, also for anything that is no regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no file", str(path))
    return descriptor


def read_file(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises OSError."""
    with open(open_file(path), "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit} bytes", str(path))
    return content
