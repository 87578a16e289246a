"""Values by key: those of before a seal are written together, those after it are not."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.snapshot.records import Damaged, Records
from tests.program import ROOT


def new(folder: Path) -> Records:
    records = Records(folder)
    records.finish()
    return records


def test_readers_see_every_change_at_once(tmp_path: Path) -> None:
    """Against a dict, in random order of changes, seals and writes, and what a crash leaves at each."""
    dice = random.Random(1)
    records = new(tmp_path)
    now: dict[bytes, bytes] = {}
    sealed = written = dict(now)
    for _ in range(2000):
        key = b"a%d" % dice.randrange(20)
        match dice.randrange(8):
            case 0:
                records.seal()
                sealed = dict(now)
            case 1:
                records.write()
                written = sealed
            case 2 | 3:
                records.drop(key)
                now.pop(key, None)
            case _:
                now[key] = dice.randbytes(dice.randrange(1, 3000))
                records.put(key, now[key])
        assert records.get(key) == now.get(key)
        assert dict(records.get_many(now)) == now
        assert {key: bytes(value) for key, value in records.scan(b"a")} == written
    records.close()


def test_a_value_that_does_not_fit_its_checksum_is_never_given(tmp_path: Path) -> None:
    records = new(tmp_path)
    records.put(b"a", b"text")
    records.seal()
    records.write()
    assert records._file is not None
    with records._file.begin(write=True) as txn:
        txn.put(b"a", bytes(txn.get(b"a") or b"")[:-1] + b"T")
    with pytest.raises(Damaged, match="checksum"):
        records.get(b"a")
    with pytest.raises(Damaged, match="checksum"):
        list(records.scan(b"a"))
    records.close()


WRITER = """
import sys
from itertools import count
from pathlib import Path
from index.snapshot.records import Records
records = Records(Path(sys.argv[1]))
records.finish()
for number in count():
    for key in range(50):
        records.put(b"a%d" % key, b"%d" % number * 200)
    records.seal()
    records.write()
    if number == 5:
        print("writing", flush=True)
"""


def test_a_process_that_is_killed_leaves_whole_transactions(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdout.readline()
        time.sleep(0.1)
        writer.kill()
    records = Records(tmp_path)
    assert len({bytes(value) for _, value in records.scan(b"a")}) == 1
    records.close()


def test_a_new_file_is_nothing_to_go_on_from_until_it_is_finished(tmp_path: Path) -> None:
    records = Records(tmp_path)
    for number in range(2500):
        records.put(b"a%d" % number, b"text")
        records.fill()
    assert 0 < records.waiting < 1000
    assert not Records.is_complete(tmp_path)
    records.finish()
    assert Records.is_complete(tmp_path)
    assert len(list(records.scan(b"a"))) == 2500
    records.close()
