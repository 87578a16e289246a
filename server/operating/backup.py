"""Backups in a folder: everything in MongoDB at one moment, stored files, the secret and the settings.

    <folder>/backups/20261128T195700Z.json    manifest: the parts and files of a backup; written last
    <folder>/documents/ab/abcdef…             documents, as zstandard-packed BSON, by the SHA-256 of the BSON
    <folder>/files/ab/abcdef…                 stored files by their SHA-256 (server/files/folder.py)

A hash of their ids decides after which documents a part ends, so that a change affects only its own part. All
other parts are stored already, and a backup stores only what changed. Only the owner may read the folder.
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

from conf.bson import INT32, split_documents
from conf.files import read_file
from conf.release import RELEASE
from server.embedded.folder import write_private
from server.errors import OperatorFault
from server.files.files import CHUNKS, FILES, Files, copy_path
from server.files.folder import Progress, ReportFault, copy_file_in, copy_out, find_fault
from server.storage.documents import DocumentAccess
from server.storage.driver import decode
from server.storage.schema import COLLECTIONS
from server.storage.store import Store

FORMAT: Final = 1
_MEAN_PART_DOCUMENTS: Final = 64
_MAX_PART_BYTES: Final = 8 * 1024 * 1024  # after which a part ends
_MAX_BYTES: Final = 256 * 1024 * 1024  # of a manifest or a part
_NAME: Final = "%Y%m%dT%H%M%SZ"
# Collections that are backed up as files.
_STORED_AS_FILES: Final = frozenset({FILES, CHUNKS})


class BackupFault(OperatorFault):
    """The folder holds no backup that can be used."""


class BackupSummary(NamedTuple):
    """What a new backup contains."""

    name: str
    documents: int
    parts: int
    new: int  # of the parts, those that were not stored yet
    files: int


class Backups:
    """The backups in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists = folder / "backups"
        self._documents = folder / "documents"
        self.files = folder / "files"

    def names(self) -> list[str]:
        """The names of all backups, oldest first."""
        return sorted(path.stem for path in self._lists.glob("*.json"))

    async def create(
        self, store: Store, private: dict[str, str], report_fault: ReportFault, progress: Progress
    ) -> BackupSummary:
        """Create a backup; its manifest has the `private` texts.

        `report_fault` is called for damaged files. Raises OSError, StoreError.
        """
        for folder in (self._folder, self._lists, self._documents, self.files):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while (name := datetime.now(UTC).strftime(_NAME)) in self.names():
            await asyncio.sleep(0.1)
        collections: dict[str, Any] = {}
        parts = new = 0
        async with store.moment() as documents:
            for collection in COLLECTIONS.keys() - _STORED_AS_FILES:
                entry = collections[collection] = {"parts": [], "documents": 0}
                async for part, count in _parts(documents, collection):
                    digest, is_new = await asyncio.to_thread(self._store_part, part)
                    entry["parts"].append(digest)
                    entry["documents"] += count
                    parts, new = parts + 1, new + is_new
                    progress(count)
        # After the documents, because files are stored before them and remain for a day after.
        left_out = set()

        def leave_out(id_: str, reason: str) -> None:
            left_out.add(id_)
            report_fault(id_, reason)

        await copy_out(Files(store), self.files, leave_out, lambda count: None)
        stored = [id_ async for id_ in Files(store).ids() if id_ not in left_out]
        manifest = {
            "format": FORMAT,
            "release": RELEASE,
            "made": name,
            "collections": collections,
            "files": stored,
            "private": private,
        }
        await asyncio.to_thread(write_private, self._lists / f"{name}.json", json.dumps(manifest))
        total = sum(entry["documents"] for entry in collections.values())
        return BackupSummary(name, total, parts, new, len(stored))

    def read(self, name: str | None = None) -> dict[str, Any]:
        """The manifest of the named backup, or of the newest. Raises BackupFault."""
        names = self.names()
        if name is None and names:
            name = names[-1]
        if name not in names:
            raise BackupFault(f"{self._folder} has no backup{f' {name}' if name else ''}")
        try:
            manifest: dict[str, Any] = json.loads(read_file(self._lists / f"{name}.json", _MAX_BYTES))
            is_readable = manifest["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise BackupFault(f"the backup {name} cannot be read: {fault}") from fault
        if not is_readable:
            raise BackupFault(f"the backup {name} is of another release: {manifest.get('release')}")
        return manifest

    async def find_faults(self, manifest: dict[str, Any], report_fault: ReportFault) -> set[str]:
        """Check everything in a backup; returns its damaged files, and calls `report_fault` for each.

        Raises BackupFault for damaged documents, because it cannot be restored without them.
        """
        lost = 0
        for entry in manifest["collections"].values():
            for digest in entry["parts"]:
                try:
                    await asyncio.to_thread(self._read_part, digest)
                except BackupFault as fault:
                    report_fault(*fault.args)
                    lost += 1
        damaged = set()
        for id_ in manifest["files"]:
            copy = self.files / copy_path(id_)
            if reason := await asyncio.to_thread(find_fault, copy):
                report_fault(str(copy), reason)
                damaged.add(id_)
        if lost:
            raise BackupFault(f"the backup {manifest['made']} lacks documents; nothing was changed")
        return damaged

    async def restore(
        self, manifest: dict[str, Any], store: Store, progress: Progress, without: Collection[str] = ()
    ) -> None:
        """Replace the stored data by a backup, except files in `without`. Raises BackupFault, StoreError."""
        for id_ in manifest["files"]:
            if id_ not in without:
                await copy_file_in(Files(store), self.files / copy_path(id_))
        for collection, entry in manifest["collections"].items():
            if collection not in COLLECTIONS:
                continue
            await store.delete_all(collection, {})
            for digest in entry["parts"]:
                documents = decode(await asyncio.to_thread(self._read_part, digest))
                result = await store.bulk_replace(collection, documents)
                for fault in result.faults.values():
                    raise BackupFault(f"{collection} cannot be restored: {fault}")
                progress(len(documents))

    def prune(self, keep: int) -> None:
        """Remove all but the newest `keep` backups, and parts and files that none of these needs."""
        names = self.names()
        for name in names[: len(names) - keep]:
            (self._lists / f"{name}.json").unlink()
        used: set[str] = set()
        for name in self.names():
            manifest = self.read(name)
            used.update(digest for entry in manifest["collections"].values() for digest in entry["parts"])
            used.update(id_.partition(":")[2] for id_ in manifest["files"])
        for folder in (self._documents, self.files):
            for path in folder.rglob("*"):
                if path.is_file() and path.name not in used:
                    path.unlink()

    def _store_part(self, part: bytes) -> tuple[str, bool]:
        """Store a part; returns its digest, and whether it is new."""
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

    def _read_part(self, digest: str) -> bytes:
        """The part with this digest. Raises BackupFault, with its path and the reason, if it is damaged."""
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
    """The parts of a collection, in the order of ids: BSON, and the number of documents."""
    part_documents: list[memoryview] = []
    size = 0
    async for raw in documents.scan_raw(collection, whole=True, sort=[("_id", 1)]):
        for document in split_documents(raw):
            part_documents.append(document)
            size += len(document)
            if _ends_part(document) or size > _MAX_PART_BYTES:
                yield b"".join(part_documents), len(part_documents)
                part_documents, size = [], 0
    if part_documents:
        yield b"".join(part_documents), len(part_documents)


def _ends_part(document: memoryview) -> bool:
    """Whether a part ends with this document, by a hash of its `_id`, which is its first field."""
    end = 13 if document[4] == INT32 else 24
    return zlib.crc32(document[4:end]) % _MEAN_PART_DOCUMENTS == 0
