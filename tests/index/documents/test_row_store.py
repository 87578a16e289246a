"""Records come back as long as they are of the same making; nothing else ever does."""

import logging
import random
import subprocess
import sys
import time
from pathlib import Path

import lmdb
import pytest

from index.documents.row_store import RowStore, digest
from tests.program import ROOT

NEW, OLD = digest(b"new"), digest(b"old")


def record(number: int) -> bytes:
    return b'{"id":%d,"name":"%s"}' % (number, b"add-on " * 50)


def reopened(store: RowStore, folder: Path, maker: bytes = b"m") -> RowStore:
    store.close()
    return RowStore(folder, maker)


def filled(folder: Path, count: int = 5) -> RowStore:
    store = RowStore(folder, b"m")
    for number in range(count):
        store.put("row", "v5", number, NEW, record(number))
        store.put("detail", "v4", number, NEW, record(number) * 2)
    return store


def held(store: RowStore, count: int = 5, digest: bytes = NEW) -> list[int]:
    found = store.get("row", "v5", dict.fromkeys(range(count), digest))
    assert all(text == record(number) for number, text in found.items())
    return list(found)


def test_what_waits_for_the_disk_is_there_and_so_is_what_is_on_it(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert held(store) == [0, 1, 2, 3, 4]
    store = reopened(store, tmp_path)
    assert held(store) == [0, 1, 2, 3, 4]
    assert store.get("detail", "v4", {3: NEW}) == {3: record(3) * 2}
    assert store.get("detail", "v5", {3: NEW}) == {}
    store.close()


def test_out_of_date_forgotten_and_of_others_is_not_there(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert held(store, digest=OLD) == []
    store = reopened(store, tmp_path)
    store.forget(2)
    store.keep_only({0, 1, 2, 3})
    store = reopened(store, tmp_path)
    assert held(store) == [0, 1, 3]
    store.put("row", "v5", 1, OLD, record(1))
    assert held(store) == [0, 3]
    store.close()


@pytest.mark.parametrize("how", ["another maker", "said to be damaged", "no file of its kind"])
def test_an_unusable_file_gives_way(tmp_path: Path, how: str) -> None:
    filled(tmp_path).close()
    if how == "said to be damaged":
        (tmp_path / "damaged").touch()
    elif how == "no file of its kind":
        (tmp_path / "data.mdb").write_bytes(b"something else" * 1000)
    store = RowStore(tmp_path, b"other" if how == "another maker" else b"m")
    assert held(store) == []
    store.put("row", "v5", 1, NEW, record(1))
    assert held(reopened(store, tmp_path, b"other" if how == "another maker" else b"m")) == [1]


def test_a_damaged_record_is_not_there(tmp_path: Path) -> None:
    filled(tmp_path).close()
    file = lmdb.open(str(tmp_path))
    dice = random.Random(1)
    with file.begin(write=True) as txn:
        for key, value in list(txn.cursor()):
            if len(key) > 8:
                changed = bytearray(value)
                changed[dice.randrange(8, len(value))] ^= 1
                txn.put(key, bytes(changed))
    file.close()
    store = RowStore(tmp_path, b"m")
    assert held(store) == []
    store.close()


def test_a_folder_that_cannot_be_is_said_once_and_nothing_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "rows").touch()
    with caplog.at_level(logging.WARNING):
        store = filled(tmp_path / "rows" / "below")
    assert not store.is_open
    assert held(store) == []
    store.close()
    assert len(caplog.records) == 1


def test_what_comes_faster_than_the_disk_takes_it_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.documents.row_store._MOST_WAITING", 2000)
    store = RowStore(tmp_path, b"m")
    dice = random.Random(2)
    for number in range(200):
        store.put("row", "v5", number, NEW, dice.randbytes(100))
    assert len(store.get("row", "v5", dict.fromkeys(range(200), NEW))) < 40
    store.close()


WRITER = """
import sys
from itertools import cycle
from pathlib import Path
from index.documents.row_store import RowStore, digest
store = RowStore(Path(sys.argv[1]), b"m")
for number in cycle(range(2000)):
    store.put("row", "v5", number, digest(b"new"), b'{"id":%d,"name":"%s"}' % (number, b"add-on " * 50))
    if number == 500:
        print("writing", flush=True)
"""


def test_a_process_that_is_killed_leaves_whole_records(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdout.readline()
        time.sleep(0.2)
        writer.kill()
    store = RowStore(tmp_path, b"m")
    assert store.is_open
    held(store, 2000)
    store.put("row", "v5", 5, OLD, record(5))
    assert held(store, 6, OLD) == [5]
    store.close()
