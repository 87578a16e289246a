"""What a catalogue has in memory, as a file that a start takes over whole.

    write_image(folder, name, memory)
    has_image(folder, name)         # also one that is damaged
    read_image(folder, name)        -> the memory; None: there is none of this name, or not by this program

To make the same of every record takes three times as long. The name is that of a state: a checkpoint of what
changed since has another, so after a kill the records count. What does not fit its checksum, because a crash
cut it off, or was written by another program or another user is never unpickled.
"""

import logging
import os
import pickle
from functools import cache, partial, reduce
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Final

from isal.isal_zlib import crc32

from conf.files import open_file

_FILE: Final = "image"
_CRC: Final = 4  # bytes
_PART: Final = 64 * 1024  # bytes read at a time
_ROOMS: Final = ("conf", "index")  # whose classes are pickled
_LIBRARIES: Final = ("numpy", "pyroaring")

log = logging.getLogger(__name__)


@cache
def program() -> bytes:
    """Names what runs; to be asked at the start, for the sources may be others by the end."""
    root, digest = Path(__file__).resolve().parents[2], blake2b(digest_size=16)
    for source in sorted(path for room in _ROOMS for path in (root / room).rglob("*.py")):
        digest.update(source.read_bytes())
    digest.update(repr([metadata.version(library) for library in _LIBRARIES]).encode())
    return digest.digest()


def _head(name: bytes) -> bytes:
    return program() + blake2b(name, digest_size=16).digest()


def has_image(folder: Path, name: bytes) -> bool:
    head = _head(name)
    try:
        with open(open_file(folder / _FILE), "rb") as file:
            return file.read(len(head)) == head
    except OSError:
        return False


def write_image(folder: Path, name: bytes, memory: list[dict[Any, Any]]) -> None:
    """In place of the one before. Raises OSError."""
    (folder / _FILE).unlink(missing_ok=True)  # of another state, and there may be no room for two
    head, unfinished = _head(name), folder / f"{_FILE}.new"
    try:
        unfinished.touch(mode=0o600)
        with open(unfinished, "w+b") as file:
            start = file.write(head + bytes(_CRC))
            pickle.dump(memory, file, pickle.HIGHEST_PROTOCOL)  # there is no room for all of it twice
            file.seek(start)
            checksum = _checksum(file)
            file.seek(len(head))
            file.write(checksum.to_bytes(_CRC, "little"))
        unfinished.replace(folder / _FILE)
    finally:
        unfinished.unlink(missing_ok=True)


def read_image(folder: Path, name: bytes) -> list[dict[Any, Any]] | None:
    if not has_image(folder, name):
        return None
    try:
        with open(open_file(folder / _FILE), "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise PermissionError(f"others may have written {folder / _FILE}")
            file.seek(len(_head(name)))
            checksum, start = int.from_bytes(file.read(_CRC), "little"), file.tell()
            if _checksum(file) != checksum:
                (folder / _FILE).unlink()  # else the end of this process would leave it
                return None
            file.seek(start)
            # From the file, part by part: in between other threads have their turn.
            memory: list[dict[Any, Any]] = pickle.load(file)
            return memory
    except Exception as fault:  # whatever unpickling may raise: the records are there
        log.warning("the image is not used: %r", fault)
        (folder / _FILE).unlink(missing_ok=True)
        return None


def _checksum(file: BinaryIO) -> int:
    """Of the rest of a file."""
    parts = iter(partial(file.read, _PART), b"")
    return reduce(lambda checksum, part: crc32(part, checksum), parts, 0)
