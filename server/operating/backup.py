"""Backups: all that MongoDB holds at one moment, stored files, the secret and the settings, in a folder.

    <folder>/backups/20261128T195700Z.json    what belongs to a backup; written last
    <folder>/documents/ab/abcdef…             documents, as zstandard-packed BSON, by the SHA-256 of the BSON
    <folder>/files/ab/abcdef…                 stored files by their SHA-256 (server/files/folder.py)

Documents are cut into parts where a hash of their ids says so: after a change all other parts are as they
were, and lie there already. So a backup costs what changed. All of it is for its owner alone.
"""

import asyncio
import hashlib
import json
import os
import zlib
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import zstandard

from conf.files import read_file
from conf.release import RELEASE
from index.snapshot.preparers import documents_in
from server.embedded.folder import write_private
from server.errors import OperatorFault
from server.files.files import CHUNKS, FILES, Files, path_of
from server.files.folder import Bad, Progress, copy_file_in, copy_out, find_fault
from server.storage.documents import DocumentAccess
from server.storage.driver import decode
from server.storage.schema import COLLECTIONS
from server.storage.store import Store

FORMAT: Final = 1
_CUT: Final = 64  # documents of a part, on average
_LARGEST: Final = 8 * 1024 * 1024  # bytes after which a part ends
_MAX_BYTES: Final = 256 * 1024 * 1024  # of a list of parts
_INT32: Final = 0x10  # a BSON type
_NAME: Final = "%Y%m%dT%H%M%SZ"
# Stored as files.
_APART: Final = frozenset({FILES, CHUNKS})


class BackupFault(OperatorFault):
    """The folder holds no backup that can be used."""


class Made(NamedTuple):
    """A backup that was made."""

    name: str
    documents: int
    parts: int
    new: int  # of the parts: the others lay there
    files: int


class Backups:
    """Those in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists = folder / "backups"
        self._documents = folder / "documents"
        self.files = folder / "files"

    def names(self) -> list[str]:
        """The oldest first."""
        return sorted(path.stem for path in self._lists.glob("*.json"))

    async def make(self, store: Store, private: dict[str, str], bad: Bad, progress: Progress) -> "Made":
        """`private` texts are kept as they are.

        `bad` hears of stored files that are damaged. Raises OSError, StoreError.
        """
        for folder in (self._folder, self._lists, self._documents, self.files):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while (name := datetime.now(UTC).strftime(_NAME)) in self.names():
            await asyncio.sleep(0.1)
        collections: dict[str, Any] = {}
        parts = new = 0
        async with store.moment() as documents:
            for collection in COLLECTIONS.keys() - _APART:
                entry = collections[collection] = {"parts": [], "documents": 0}
                async for part, count in _parts(documents, collection):
                    digest, is_new = await asyncio.to_thread(self._store_part, part)
                    entry["parts"].append(digest)
                    entry["documents"] += count
                    parts, new = parts + 1, new + is_new
                    progress(count)
        # After what refers to them: files are stored before, and stay for a day after.
        left_out = set()

        def leave_out(id_: str, reason: str) -> None:
            left_out.add(id_)
            bad(id_, reason)

        await copy_out(Files(store), self.files, leave_out, lambda count: None)
        stored = [id_ async for id_ in Files(store).ids() if id_ not in left_out]
        made = {
            "format": FORMAT,
            "release": RELEASE,
            "made": name,
            "collections": collections,
            "files": stored,
            "private": private,
        }
        await asyncio.to_thread(write_private, self._lists / f"{name}.json", json.dumps(made))
        total = sum(entry["documents"] for entry in collections.values())
        return Made(name, total, parts, new, len(stored))

    def read(self, name: str | None = None) -> dict[str, Any]:
        """What belongs to the backup of that name, or the newest. Raises BackupFault."""
        names = self.names()
        if name is None and names:
            name = names[-1]
        if name not in names:
            raise BackupFault(f"{self._folder} has no backup{f' {name}' if name else ''}")
        try:
            made: dict[str, Any] = json.loads(read_file(self._lists / f"{name}.json", _MAX_BYTES))
            is_readable = made["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise BackupFault(f"the backup {name} cannot be read: {fault}") from fault
        if not is_readable:
            raise BackupFault(f"the backup {name} is of another release: {made.get('release')}")
        return made

    async def find_faults(self, made: dict[str, Any], bad: Bad) -> set[str]:
        """The stored files of a backup that are damaged, all of which is read; `bad` hears of each.

        Raises BackupFault where documents are: without them it cannot be restored.
        """
        lost = 0
        for entry in made["collections"].values():
            for digest in entry["parts"]:
                try:
                    await asyncio.to_thread(self._part, digest)
                except BackupFault as fault:
                    bad(*fault.args)
                    lost += 1
        damaged = set()
        for id_ in made["files"]:
            copy = self.files / path_of(id_)
            if reason := await asyncio.to_thread(find_fault, copy):
                bad(str(copy), reason)
                damaged.add(id_)
        if lost:
            raise BackupFault(f"the backup {made['made']} lacks documents; nothing is changed")
        return damaged

    async def restore(
        self, made: dict[str, Any], store: Store, progress: Progress, without: Collection[str] = ()
    ) -> None:
        """Put it in place of what is stored, but for the files `without`. Raises BackupFault, StoreError."""
        for id_ in made["files"]:
            if id_ not in without:
                await copy_file_in(Files(store), self.files / path_of(id_))
        for collection, entry in made["collections"].items():
            if collection not in COLLECTIONS:
                continue
            await store.delete_all(collection, {})
            for digest in entry["parts"]:
                documents = decode(await asyncio.to_thread(self._part, digest))
                result = await store.bulk_replace(collection, documents)
                for fault in result.faults.values():
                    raise BackupFault(f"{collection} cannot be restored: {fault}")
                progress(len(documents))

    def prune(self, keep: int) -> None:
        """Remove all but the newest `keep` backups, and what belongs to none of those."""
        names = self.names()
        for name in names[: len(names) - keep]:
            (self._lists / f"{name}.json").unlink()
        used: set[str] = set()
        for name in self.names():
            made = self.read(name)
            used.update(digest for entry in made["collections"].values() for digest in entry["parts"])
            used.update(id_.partition(":")[2] for id_ in made["files"])
        for folder in (self._documents, self.files):
            for path in folder.rglob("*"):
                if path.is_file() and path.name not in used:
                    path.unlink()

    def _store_part(self, part: bytes) -> tuple[str, bool]:
        """Its digest, and whether it was not there yet."""
        digest = hashlib.sha256(part).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest, False
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(zstandard.compress(part, 3))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return digest, True

    def _part(self, digest: str) -> bytes:
        """Raises BackupFault, with where it lies and the reason, unless it is what it was."""
        try:
            part = zstandard.decompress(read_file(self._path(digest), _MAX_BYTES))
        except (OSError, ValueError, zstandard.ZstdError) as fault:
            raise BackupFault(str(self._path(digest)), f"cannot be read: {fault}") from fault
        if hashlib.sha256(part).hexdigest() != digest:
            raise BackupFault(str(self._path(digest)), "has other bytes than it is named after")
        return part

    def _path(self, digest: str) -> Path:
        return self._documents / digest[:2] / digest


async def _parts(documents: DocumentAccess, collection: str) -> AsyncIterator[tuple[bytes, int]]:
    """The collection in the order of ids, cut: BSON, and how many documents."""
    waiting: list[memoryview] = []
    size = 0
    async for raw in documents.scan_raw(collection, whole=True, sort=[("_id", 1)]):
        for document in documents_in(raw):
            waiting.append(document)
            size += len(document)
            if _ends(document) or size > _LARGEST:
                yield b"".join(waiting), len(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting), len(waiting)


def _ends(document: memoryview) -> bool:
    """Whether a part ends with it, which its id decides: that comes first."""
    end = 13 if document[4] == _INT32 else 24
    return zlib.crc32(document[4:end]) % _CUT == 0
