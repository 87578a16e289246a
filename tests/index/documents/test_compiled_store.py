"""CompiledObject objects come back as long as they are of the same making; nothing else ever does."""

from pathlib import Path

import pytest

from index.documents.compiled import CompiledObject
from index.documents.compiled_store import CompiledStore, digest
from index.shapes.view import View
from index.snapshot.records import COMPILED, Records

NEW, OLD = digest(b"new"), digest(b"old")
NOBODYS = b"[[],[0,0,0]]"  # the same for everybody

V5, V4 = View("v5", "de", "de"), View("v4", "de", "de")


def text(number: int) -> bytes:
    return b'{"id":%d,"name":"%s"' % (number, b"add-on " * 50)


def compiled(text: bytes) -> CompiledObject:
    return CompiledObject(NOBODYS, [text])


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path)


def filled(records: Records) -> CompiledStore:
    store = CompiledStore(records)
    for number in range(5):
        store.put("row", V5, number, NEW, compiled(text(number)))
        store.put("detail", V4, number, NEW, compiled(text(number) * 2))
    return store


def stored_numbers(store: CompiledStore, digest: bytes = NEW) -> list[int]:
    texts = store.get("row", V5, dict.fromkeys(range(5), digest))
    assert all(each == text(number) for number, each in texts.items())
    return sorted(texts)


def test_what_waits_for_the_disk_is_there_and_so_is_what_is_on_it(records: Records) -> None:
    store = filled(records)
    assert stored_numbers(store) == [0, 1, 2, 3, 4]
    records.seal()
    assert stored_numbers(store) == [0, 1, 2, 3, 4]
    records.write()
    assert records.waiting == 0
    again = CompiledStore(records)
    assert stored_numbers(again) == [0, 1, 2, 3, 4]
    assert again.get("detail", V4, {3: NEW}) == {3: text(3) * 2}
    assert again.get("detail", V5, {3: NEW}) == {}
    assert again.get("detail", View("v4", "de", "de", wrap=True), {3: NEW}) == {}
    assert stored_numbers(CompiledStore(records, b"of another address")) == []


def test_out_of_date_or_forgotten_is_not_there(records: Records) -> None:
    store = filled(records)
    assert stored_numbers(store, OLD) == []
    records.seal()
    records.write()
    store.forget(2)
    assert stored_numbers(store) == [0, 1, 3, 4]
    store.put("row", V5, 1, OLD, compiled(text(1)))
    assert stored_numbers(store) == [0, 3, 4]
    records.seal()
    records.write()
    assert stored_numbers(CompiledStore(records)) == [0, 3, 4]


def spoil(records: Records, place: int) -> None:
    """The record of the dictionary of rows, or of a row: they stand in this order."""
    key = [key for key, _ in records.scan(COMPILED + b"v5")][place]
    assert records._file is not None
    with records._file.begin(write=True) as txn:
        value = bytearray(txn.get(key) or b"")
        value[-1] ^= 1
        txn.put(key, bytes(value))


def test_damaged_is_not_there_until_it_is_compiled_anew(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    store = filled(records)
    records.seal()
    records.write()
    spoil(records, 3)
    for _ in range(2):
        assert stored_numbers(store) == [0, 1, 3, 4]
    assert ["does not fit its checksum" in one.message for one in caplog.records] == [True], "once"
    store.put("row", V5, 2, NEW, compiled(text(2)))
    records.seal()
    records.write()
    assert stored_numbers(CompiledStore(records)) == [0, 1, 2, 3, 4]


def test_what_was_packed_with_a_damaged_dictionary_is_not_there(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    filled(records)
    records.seal()
    records.write()
    spoil(records, 0)
    store = CompiledStore(records)
    for _ in range(2):
        assert stored_numbers(store) == []
    assert len(caplog.records) == 1
    store.put("row", V5, 3, NEW, compiled(text(3)))
    assert stored_numbers(store) == [3]
    assert store.get("detail", V4, {3: NEW}) == {3: text(3) * 2}


def test_without_a_file_nothing_is_compiled_for_later() -> None:
    assert not CompiledStore(Records(None)).has_room
