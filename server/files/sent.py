"""A file as a caller sent it: on disk, but without a name, so it goes with the last who has it open."""

import tempfile
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import cast


@dataclass(slots=True)
class SentFile:
    name: str  # as the caller calls it, without folders
    type: str  # its media type, as sent
    content: BufferedIOBase
    size: int = 0  # bytes


def open_spool(data_dir: str) -> BufferedIOBase:
    """A new file without a name below the data folder. Raises OSError."""
    folder = Path(data_dir) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cast(BufferedIOBase, tempfile.TemporaryFile(dir=folder))
