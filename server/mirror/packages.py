"""Copies the source's packages into the store of files, each checked against its version's SHA-256.

    fetched = await Packages(client, store, limit).fetch(versions)
    fetched.stored      # file id -> "sha256:…", of those that are in the store now
    fetched.faults      # file id -> why it is not

Fetches only packages that the source itself hosts and that are not stored yet. Event loop only.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedIOBase
from typing import Any, Final, NamedTuple, cast

from server.files.files import Files, hash_content
from server.mirror.client import BadAnswer, PoliteClient
from server.outside.http_client import NoAnswer
from server.storage.store import Store

Json = dict[str, Any]
_SHA256: Final = "sha256:"
_IN_MEMORY: Final = 4 * 1024 * 1024


class Fetched(NamedTuple):
    """The outcome for the files of some versions."""

    stored: dict[int, str]
    faults: dict[int, str]


class Packages:
    """`limit`: bytes of the largest package to fetch."""

    def __init__(self, client: PoliteClient, store: Store, limit: int) -> None:
        self._client = client
        self._files = Files(store)
        self._limit = limit

    async def fetch(self, versions: Sequence[Json]) -> Fetched:
        """Fetch the packages of these version objects. Raises SourceUnavailable, Unavailable."""
        fetched = Fetched({}, {})
        for file in _files(versions):
            id_ = file["id"]
            try:
                fetched.stored[id_] = await self._fetch(file)
            except (BadAnswer, NoAnswer) as fault:
                fetched.faults[id_] = str(fault)
        return fetched

    async def _fetch(self, file: Json) -> str:
        """Store a package; returns its id in the store. Raises BadAnswer, NoAnswer."""
        url, digest = file.get("url"), file.get("hash")
        if not isinstance(digest, str) or not digest.startswith(_SHA256):
            raise BadAnswer("has no sha256, by which it could be checked")
        if await self._files.find(digest) is not None:
            return digest
        base = self._client.base
        if not isinstance(url, str) or not url.startswith(f"{base}/"):
            raise BadAnswer(f"is not at {base}: {url!r:.200}")
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
            file_object = cast(BufferedIOBase, spooled)
            await self._download(url.removeprefix(base), file_object)
            actual, size = await asyncio.to_thread(hash_content, file_object)
            if actual != digest:
                raise BadAnswer(f"has {size} bytes that are not those of its {digest}")
            return (await self._files.put(file_object)).id

    async def _download(self, path: str, file: BufferedIOBase) -> None:
        async with self._client.stream(path, {"Accept": "*/*", "Accept-Encoding": "identity"}) as answer:
            if answer.status != 200:
                raise BadAnswer(f"{path}: status {answer.status}")
            size = 0
            async for part in answer.parts:
                size += len(part)
                if size > self._limit:
                    raise BadAnswer(f"{path}: more than {self._limit} bytes")
                await asyncio.to_thread(file.write, part)


def with_stored(versions: Sequence[Mapping[str, Any]], stored: Mapping[int, str]) -> list[dict[str, Any]]:
    """Fragments of VersionDocs, with the ids of their files' stored packages."""
    return [
        {**version, "files": [_with_file(file, stored) for file in version["files"]]} for version in versions
    ]


def _with_file(file: Mapping[str, Any], stored: Mapping[int, str]) -> dict[str, Any]:
    return {**file, "stored": stored[file["id"]]} if file["id"] in stored else dict(file)


def _files(versions: Sequence[Json]) -> Iterator[Json]:
    """v4 has a list `files`, v5 one object `file`."""
    for version in versions:
        files = version.get("files") or [version.get("file")]
        if isinstance(files, list):
            yield from (file for file in files if isinstance(file, dict) and isinstance(file.get("id"), int))
