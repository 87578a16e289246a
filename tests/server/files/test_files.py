"""The store of files: what was put is read again, once a content, and goes when nothing refers to it."""

import hashlib
import time
from io import BytesIO
from random import Random

import pytest

from server.errors import BadDocument, NotFound
from server.files.files import CHUNK_SIZE, CHUNKS, FILES, Files, StoredFile
from server.storage.operations import Delete, Insert, Update
from server.storage.store import Store
from tests.factories import make_addon, make_file, make_version
from tests.mongod_fixture import both_drivers

LARGE = Random(13).randbytes(CHUNK_SIZE * 9 + 1000)


async def put(files: Files, content: bytes) -> str:
    return (await files.put(BytesIO(content))).id


async def content(files: Files, id_: str, *span: int) -> bytes:
    return b"".join([part async for part in files.read(id_, *span)])


async def age(store: Store, seconds: float = 100_000) -> None:
    """As if all was put that long ago."""
    for document in await store.find(FILES, {}):
        await store.write([Update(FILES, document["_id"], {"$inc": {"used": -seconds}})])


@both_drivers
@pytest.mark.parametrize(
    "sent", [b"", b"x", LARGE[:CHUNK_SIZE], LARGE], ids=["nothing", "a byte", "a chunk", "chunks"]
)
async def test_what_is_put_is_read(store: Store, sent: bytes) -> None:
    files = Files(store)
    stored = await files.put(BytesIO(sent))
    assert stored == StoredFile(f"sha256:{hashlib.sha256(sent).hexdigest()}", len(sent))
    assert await files.find(stored.id) == stored
    assert await content(files, stored.id) == sent
    assert await files.find_fault(stored.id) is None
    assert [id_ async for id_ in files.ids()] == [stored.id]


async def test_any_span_is_read(store: Store) -> None:
    files = Files(store)
    id_ = await put(files, LARGE)
    random = Random(7)
    spans = [(0, 1), (len(LARGE) - 1, 5), (len(LARGE), 5), (CHUNK_SIZE, CHUNK_SIZE), (len(LARGE) + 9, 1)]
    spans += [(random.randrange(len(LARGE)), random.randrange(len(LARGE))) for _ in range(20)]
    for start, length in spans:
        assert await content(files, id_, start, length) == LARGE[start : start + length]


async def test_equal_content_is_kept_once(store: Store) -> None:
    files = Files(store)
    assert await put(files, LARGE) == await put(files, LARGE)
    assert await store.count(FILES) == 1


@pytest.mark.parametrize("id_", ["sha256:" + "0" * 64, "", "x", "sha256:" + "A" * 64])
async def test_what_was_not_put_is_not_found(store: Store, id_: str) -> None:
    files = Files(store)
    assert await files.find(id_) is None
    with pytest.raises(NotFound):
        await content(files, id_)
    assert await files.find_fault(id_) == "is not in the store"


class TestDamage:
    async def test_a_lost_chunk_is_named(self, store: Store) -> None:
        files = Files(store)
        id_ = await put(files, LARGE)
        [chunk] = await store.find(CHUNKS, {"n": 5})
        await store.write([Delete(CHUNKS, chunk["_id"])])
        with pytest.raises(BadDocument, match="the bytes of chunk 5 are lost"):
            await content(files, id_)
        assert "are lost" in (await files.find_fault(id_) or "")

    async def test_changed_bytes_are_named(self, store: Store) -> None:
        files = Files(store)
        id_ = await put(files, b"right")
        [chunk] = await store.find(CHUNKS, {})
        await store.write([Update(CHUNKS, chunk["_id"], {"$set": {"data": b"wrong"}})])
        assert await files.find_fault(id_) == "has other bytes than it is named after"


class TestRemoving:
    async def test_what_nothing_refers_to_goes_after_a_day(self, store: Store) -> None:
        files = Files(store)
        used, unused = await put(files, LARGE), await put(files, b"unused")
        version = make_version(files=[make_file(stored=used)])
        await store.write([Insert("addons", dict(make_addon(versions=[version])))])
        assert await files.remove_unused() == 0
        await age(store)
        assert await files.remove_unused() == 1
        assert await files.find(unused) is None
        assert await content(files, used) == LARGE
        assert await store.count(CHUNKS) == 10

    async def test_what_is_put_again_stays_another_day(self, store: Store) -> None:
        files = Files(store)
        id_ = await put(files, b"again")
        await age(store)
        await put(files, b"again")
        assert await files.remove_unused() == 0
        assert await content(files, id_) == b"again"

    async def test_what_was_put_twice_at_once_is_kept_once(self, store: Store) -> None:
        files = Files(store)
        id_ = await put(files, b"twice")
        await files._write(BytesIO(b"twice"), id_, 5)
        await store.write(
            [Insert("addons", dict(make_addon(versions=[make_version(files=[make_file(stored=id_)])])))]
        )
        await age(store)
        assert await files.remove_unused() == 1
        assert await content(files, id_) == b"twice"
        assert await store.count(CHUNKS) == 1

    async def test_what_a_killed_process_left_half_goes_too(self, store: Store) -> None:
        half = {"_id": "0", "filename": "", "length": 9, "chunkSize": 4, "used": time.time(), "revision": 1}
        files = Files(store)
        id_ = await put(files, b"whole")
        [document] = await store.find(FILES, {"filename": id_})
        await store.write(
            [
                Insert(FILES, {**half, "uploadDate": document["uploadDate"]}),
                Insert(CHUNKS, {"_id": "0:0", "files_id": "0", "n": 0, "data": b"half"}),
            ]
        )
        assert [one async for one in files.ids()] == [id_]
        await age(store)
        assert await files.remove_unused() == 2
        assert await store.count(FILES) == await store.count(CHUNKS) == 0
