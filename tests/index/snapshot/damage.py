"""What a disk may do to a snapshot."""

from pathlib import Path

import lmdb


def file(data: Path, ending: str) -> Path:
    return max((data / "snapshot").rglob(f"*{ending}"), key=lambda path: path.stat().st_size)


def flip(path: Path, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0x20
    path.write_bytes(content)


def flip_record(data: Path, kind: bytes) -> None:
    with lmdb.open(str(file(data, ".mdb").parent)) as environment, environment.begin(write=True) as txn:
        cursor = txn.cursor()
        assert cursor.set_range(kind)
        value = bytearray(cursor.value())
        value[-1] ^= 1
        txn.put(cursor.key(), bytes(value))


def lose_record(data: Path, kind: bytes) -> None:
    with lmdb.open(str(file(data, ".mdb").parent)) as environment, environment.begin(write=True) as txn:
        cursor = txn.cursor()
        assert cursor.set_range(kind)
        txn.delete(cursor.key())
