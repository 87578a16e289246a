"""The image: a catalogue's memory as one file, which the next start loads as it is.

    write_image(folder, name, memory)
    has_image(folder, name)         # even if it is damaged
    read_image(folder, name)        -> the memory; None: this program left none of this name

To make the same from the records takes three times as long. The name stands for a state, and a later
checkpoint has another one, so that after a kill the records are read. An image that does not match its
checksum, for instance because a crash cut it off, or that another program or user wrote, is never unpickled.
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
_CHUNK: Final = 64 * 1024  # bytes read at a time
_PACKAGES: Final = ("conf", "index")  # whose classes are pickled
_LIBRARIES: Final = ("numpy", "pyroaring")

log = logging.getLogger(__name__)


@cache
def program_digest() -> bytes:
    """Of the sources that run; first called at the start, because they may have been replaced by the end."""
    root, digest = Path(__file__).resolve().parents[2], blake2b(digest_size=16)
    for source in sorted(path for package in _PACKAGES for path in (root / package).rglob("*.py")):
        digest.update(source.read_bytes())
    digest.update(repr([metadata.version(library) for library in _LIBRARIES]).encode())
    return digest.digest()


def _header(name: bytes) -> bytes:
    return program_digest() + blake2b(name, digest_size=16).digest()


def has_image(folder: Path, name: bytes) -> bool:
    header = _header(name)
    try:
        with open(open_file(folder / _FILE), "rb") as file:
            return file.read(len(header)) == header
    except OSError:
        return False


def write_image(folder: Path, name: bytes, memory: list[dict[Any, Any]]) -> None:
    """Replace the image of an earlier state. Raises OSError."""
    (folder / _FILE).unlink(missing_ok=True)  # first, as there may be no room for two
    header, unfinished = _header(name), folder / f"{_FILE}.new"
    try:
        unfinished.touch(mode=0o600)
        with open(unfinished, "w+b") as file:
            start = file.write(header + bytes(_CRC))
            pickle.dump(memory, file, pickle.HIGHEST_PROTOCOL)  # not to bytes: they might not fit into memory
            file.seek(start)
            checksum = _checksum(file)
            file.seek(len(header))
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
            file.seek(len(_header(name)))
            checksum, start = int.from_bytes(file.read(_CRC), "little"), file.tell()
            if _checksum(file) != checksum:
                (folder / _FILE).unlink()  # else `has_image` would find it when this process ends
                return None
            file.seek(start)
            # From the file, part by part, so that other threads get their turn in between.
            memory: list[dict[Any, Any]] = pickle.load(file)
            return memory
    except Exception as fault:  # unpickling may raise anything, and the records remain
        log.warning("the image is not used: %r", fault)
        (folder / _FILE).unlink(missing_ok=True)
        return None


def _checksum(file: BinaryIO) -> int:
    """The checksum of the rest of a file."""
    parts = iter(partial(file.read, _CHUNK), b"")
    return reduce(lambda checksum, part: crc32(part, checksum), parts, 0)
