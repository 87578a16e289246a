"""A file that a caller sent: on disk without a name, so that the system removes it when it is closed."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Final, cast

_PREFIX: Final = "package-"


@dataclass(slots=True)
class UploadedFile:
    name: str  # as sent, without folders
    type: str  # its media type, as sent
    content: BufferedIOBase
    size: int = 0  # bytes


def open_spool(data_dir: str) -> BufferedIOBase:
    """A new file without a name below the data folder. Raises OSError."""
    return cast(BufferedIOBase, tempfile.TemporaryFile(dir=_folder(data_dir)))


@contextmanager
def named_spool(data_dir: str, suffix: str) -> Iterator[tuple[Path, BufferedIOBase]]:
    """A named file, for programs that open it themselves; removed at the end of the context."""
    with tempfile.NamedTemporaryFile(dir=_folder(data_dir), prefix=_PREFIX, suffix=suffix) as file:
        yield Path(file.name), cast(BufferedIOBase, file)


def remove_abandoned(data_dir: str, age: float) -> None:
    """Remove files of killed processes: named ones, not written for `age` seconds."""
    for path in _folder(data_dir).glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - age:
                path.unlink()


def _folder(data_dir: str) -> Path:
    folder = Path(data_dir) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.absolute()
