"""Standard streams that a server does not depend on."""

import io
import sys
from typing import Any, Final

_NAMES: Final = ("stdout", "stderr")


class _LossyFile(io.FileIO):
    """Drops what cannot be written: to a full disk, or to a pipe whose reader has gone or is too slow."""

    def write(self, data: Any) -> int:
        try:
            written: int | None = super().write(data)  # None: a pipe that does not block is full
        except OSError:
            written = None
        return memoryview(data).nbytes if written is None else written


def ignore_output_faults() -> None:
    """From now on a line that cannot be printed is lost, and ends nothing."""
    for name in _NAMES:
        stream = getattr(sys, name)
        stream.flush()
        file = io.BufferedWriter(_LossyFile(stream.fileno(), "w", closefd=False))
        setattr(sys, name, io.TextIOWrapper(file, stream.encoding, "backslashreplace", line_buffering=True))
