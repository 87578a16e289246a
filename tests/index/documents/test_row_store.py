"""Compiled objects come back as long as they are of the same making; nothing else ever does."""

from pathlib import Path

import pytest

from index.documents.row_store import RowStore, digest
from index.snapshot.records import Records

NEW, OLD = digest(b"new"), digest(b"old")


def record(number: int) -> bytes:
    return b'{"id":%d,"name":"%s"}' % (number, b"add-on " * 50)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path)


def filled(records: Records) -> RowStore:
    store = RowStore(records)
    for number in range(5):
        store.put("row", "v5", number, NEW, record(number))
        store.put("detail", "v4", number, NEW, record(number) * 2)
    return store


def held(store: RowStore, digest: bytes = NEW) -> list[int]:
    found = store.get("row", "v5", dict.fromkeys(range(5), digest))
    assert all(text == record(number) for number, text in found.items())
    return sorted(found)


def test_what_waits_for_the_disk_is_there_and_so_is_what_is_on_it(records: Records) -> None:
    store = filled(records)
    assert held(store) == [0, 1, 2, 3, 4]
    records.seal()
    assert held(store) == [0, 1, 2, 3, 4]
    records.write()
    assert records.waiting == 0
    again = RowStore(records)
    assert held(again) == [0, 1, 2, 3, 4]
    assert again.get("detail", "v4", {3: NEW}) == {3: record(3) * 2}
    assert again.get("detail", "v5", {3: NEW}) == {}


def test_out_of_date_or_forgotten_is_not_there(records: Records) -> None:
    store = filled(records)
    assert held(store, OLD) == []
    records.seal()
    records.write()
    store.forget(2)
    assert held(store) == [0, 1, 3, 4]
    store.put("row", "v5", 1, OLD, record(1))
    assert held(store) == [0, 3, 4]
    records.seal()
    records.write()
    assert held(RowStore(records)) == [0, 3, 4]


def test_without_a_file_nothing_is_compiled_for_later() -> None:
    assert not RowStore(Records(None)).has_room
