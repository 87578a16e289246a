"""The store of files: packages, sources and pictures, each stored once under the SHA-256 of its content.

    stored = await files.put(file)                       # StoredFile("sha256:…", 12345)
    async for part in files.read(stored.id, 100, 50): ...

Files are in MongoDB, in the layout of GridFS, so that they are replicated and backed up like everything else,
and every process serves them. The bytes are stored before the change that refers to them; a file without
references is removed after a day. Every chunk is fetched by a call of its own, so that a slow client blocks
nothing.

Thread rule: event loop only; hashing is in threads.
"""

import asyncio
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from io import BufferedIOBase
from typing import Any, Final, NamedTuple

from server.errors import BadDocument, Conflict, NotFound
from server.storage.operations import Delete, Insert, Update
from server.storage.schema import COLLECTIONS
from server.storage.store import Store

FILES: Final = "fs.files"
CHUNKS: Final = "fs.chunks"
CHUNK_SIZE: Final = 255 * 1024  # GridFS's own
UNUSED_AGE: Final = 24 * 3600.0  # seconds
_CHUNKS_PER_INSERT: Final = 4  # a read fetches one, because larger answers of mongod would delay others
_MAX_PUTS: Final = 2  # concurrent in a process, because each has some megabytes in memory
_BATCH: Final = 100  # files whose references are looked for together
_ID: Final = re.compile("sha256:[0-9a-f]{64}")


class StoredFile(NamedTuple):
    id: str  # "sha256:<hex>"
    size: int  # bytes


class Files:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._put_slots = asyncio.Semaphore(_MAX_PUTS)

    async def put(self, file: BufferedIOBase) -> StoredFile:
        """Store a seekable file; if its content is stored already, only note that it is used.

        Raises Unavailable, ReadOnly; then try again.
        """
        async with self._put_slots:
            id_, size = await asyncio.to_thread(hash_content, file)
            if not await self._touch(id_):
                await self._write(file, id_, size)
        return StoredFile(id_, size)

    async def restore(self, file: BufferedIOBase) -> StoredFile:
        """As `put`, but replaces a damaged file."""
        id_, _ = await asyncio.to_thread(hash_content, file)
        stored = await self._find(id_)
        if stored is not None and await self.find_fault(id_):
            await self._remove(stored)
        return await self.put(file)

    async def find(self, id_: str) -> StoredFile | None:
        stored = await self._find(id_)
        return StoredFile(id_, stored["length"]) if stored else None

    async def read(self, id_: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Up to `length` bytes from `start` on, in parts of at most 255 KiB.

        Raises NotFound, and BadDocument for lost bytes.
        """
        stored = await self._find(id_)
        if stored is None:
            raise NotFound(id_)
        size = stored["chunkSize"]
        end = stored["length"] if length is None else min(start + length, stored["length"])
        for n in range(start // size, -(-end // size)):
            data = await self._chunk(stored, n)
            yield data[max(start - n * size, 0) : end - n * size]

    async def find_fault(self, id_: str) -> str | None:
        """What is wrong with a file, after reading all of it; None if its bytes match its id."""
        digest = hashlib.sha256()
        try:
            async for part in self.read(id_):
                digest.update(part)
        except NotFound:
            return "is not in the store"
        except BadDocument as fault:
            return str(fault)
        return None if f"sha256:{digest.hexdigest()}" == id_ else "has other bytes than it is named after"

    async def ids(self) -> AsyncIterator[str]:
        """The ids of all files."""
        query = {"filename": {"$ne": ""}}
        async for documents in self._store.scan(FILES, query=query, fields={"filename": 1}, whole=True):
            for document in documents:
                yield document["filename"]

    async def remove_unused(self, age: float = UNUSED_AGE) -> int:
        """Remove files without references that were last put more than `age` seconds ago; returns how many.

        Any number of processes may do so at the same time.
        """
        count = 0
        query = {"used": {"$lte": time.time() - age}}
        async for documents in self._store.scan(FILES, query=query, batch=_BATCH, whole=True):
            ids = {document["filename"] for document in documents}
            used = {id_ async for _, _, id_ in self.references(ids)}
            for document in documents:
                if document["filename"] not in used or await self._is_duplicate(document):
                    count += await self._remove(document)
        return count

    async def _find(self, id_: str) -> dict[str, Any] | None:
        """The oldest document of that content, because concurrent puts may store two."""
        if not _ID.fullmatch(id_):
            return None
        stored = await self._store.find(FILES, {"filename": id_}, sort=(("_id", 1),), limit=1)
        return stored[0] if stored else None

    async def _is_duplicate(self, document: dict[str, Any]) -> bool:
        first = await self._find(document["filename"])
        return first is not None and first["_id"] != document["_id"]

    async def _touch(self, id_: str) -> bool:
        """Note that the file is used now; False if it is not stored."""
        stored = await self._find(id_)
        if stored is None:
            return False
        changes = {"$set": {"used": time.time()}, "$inc": {"revision": 1}}
        try:
            await self._store.write([Update(FILES, stored["_id"], changes, stored["revision"])])
        except Conflict:  # somebody else removed or put it
            return await self._touch(id_)
        return True

    async def _write(self, file: BufferedIOBase, id_: str, size: int) -> None:
        key = f"{int(time.time()):012x}{secrets.token_hex(8)}"
        document = {
            "_id": key,
            "filename": "",
            "length": size,
            "chunkSize": CHUNK_SIZE,
            "uploadDate": datetime.now(UTC),
            "used": time.time(),
            "revision": 1,
        }
        await self._store.write([Insert(FILES, document)])
        await asyncio.to_thread(file.seek, 0)
        for first in range(0, -(-size // CHUNK_SIZE), _CHUNKS_PER_INSERT):
            content = await asyncio.to_thread(file.read, CHUNK_SIZE * _CHUNKS_PER_INSERT)
            await self._store.bulk_insert(CHUNKS, list(_split_chunks(content, key, first)))
        named = {"filename": id_, "used": time.time()}
        await self._store.write([Update(FILES, key, {"$set": named})])

    async def _chunk(self, stored: dict[str, Any], n: int) -> bytes:
        chunks = await self._store.find(CHUNKS, {"files_id": stored["_id"], "n": n}, limit=1)
        data: bytes = chunks[0].get("data", b"") if chunks else b""
        if len(data) != min(stored["chunkSize"], stored["length"] - n * stored["chunkSize"]):
            raise BadDocument(FILES, stored["filename"], f"the bytes of chunk {n} are lost")
        return data

    async def references(self, ids: set[str] | None = None) -> AsyncIterator[tuple[str, Any, str]]:
        """Collection, document id and file id of each reference to a file, or to one of `ids`."""
        ids_query = {"$type": "string"} if ids is None else {"$in": sorted(ids), "$type": "string"}
        for name, collection in COLLECTIONS.items():
            for path in collection.files:
                async for documents in self._store.scan(
                    name, query={path: ids_query}, fields={path: 1}, unchecked=True, whole=True
                ):
                    for document in documents:
                        for value in _values(document, path.split(".")):
                            yield name, document["_id"], value

    async def _remove(self, document: dict[str, Any]) -> bool:
        """Remove a file; False if somebody put the same content meanwhile."""
        try:
            await self._store.write(
                [Update(FILES, document["_id"], {"$set": {"filename": ""}}, document["revision"])]
            )
        except Conflict:
            return False
        await self._store.delete_all(CHUNKS, {"files_id": document["_id"]})
        await self._store.write([Delete(FILES, document["_id"])])
        return True


def copy_path(id_: str) -> str:
    """The path of a file's copy in a folder of copies: `ab/abcdef…`."""
    digest = id_.partition(":")[2]
    return f"{digest[:2]}/{digest}"


def copy_id(name: str) -> str | None:
    """The id of the file whose copy has this name; None if it is no such copy."""
    id_ = f"sha256:{name}"
    return id_ if _ID.fullmatch(id_) else None


def hash_content(file: BufferedIOBase) -> tuple[str, int]:
    """The id and size of a file's content."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")
    return f"sha256:{digest.hexdigest()}", file.seek(0, os.SEEK_END)


def _split_chunks(content: bytes, key: str, first: int) -> Iterator[dict[str, Any]]:
    for n, start in enumerate(range(0, len(content), CHUNK_SIZE), first):
        data = content[start : start + CHUNK_SIZE]
        yield {"_id": f"{key}:{n}", "files_id": key, "n": n, "data": data}


def _values(value: Any, path: list[str]) -> Iterable[Any]:
    """The values at a path of a document; of a list, those of each item."""
    if isinstance(value, list):
        return (inner for item in value for inner in _values(item, path))
    if not path:
        return (value,)
    return _values(value.get(path[0]), path[1:]) if isinstance(value, dict) else ()
