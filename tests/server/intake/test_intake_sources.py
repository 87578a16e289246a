"""Files are told by their content, read as streams, and every bad record has its line."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from server.intake.json_values import BadRecord
from server.intake.records import AddonState, FullDocument
from server.intake.sources import Source
from tests.program import ROOT
from tests.server.intake.amo_objects import make_v4

GOOD = json.dumps(make_v4()).encode()
OTHER = json.dumps(make_v4(id=8)).encode()


def read(path: Path) -> list[tuple[int, str]]:
    """Line of every record, and its id or why it is bad."""
    with Source(str(path)) as source:
        records = list(source.records())
        assert source.position == source.size
    return [
        (source.line, _summary(source.reason if isinstance(source.record, BadRecord) else source.record))
        for source in records
    ]


def _summary(record: object) -> str:
    if isinstance(record, AddonState):
        return str(record.addon["_id"])
    return record.kind.name if isinstance(record, FullDocument) else str(record)


PRETTY = b'{\n "count": 2,\n "results": [\n' + GOOD + b",\n\n" + OTHER + b"\n ]\n}\n"
PRETTY_BAD = b'{\n "count": 2,\n "results": [\n' + GOOD + b',\n\n{"addon": {"id": "x"}}\n ]\n}\n'
BAD = "id is no whole number from 1 up: 'x'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"", [(1, "is empty")], id="empty"),
        pytest.param(b"\n \n", [(3, "is empty")], id="blank lines alone"),
        pytest.param(GOOD + b"\n" + OTHER + b"\n", [(1, "7"), (2, "8")], id="lines"),
        pytest.param(
            GOOD + b"\r\n\r\n" + OTHER, [(1, "7"), (3, "8")], id="blank line between, none at the end"
        ),
        pytest.param(b"\xef\xbb\xbf" + GOOD, [(1, "7")], id="byte order mark"),
        pytest.param(b"[" + GOOD + b"," + OTHER + b"]", [(1, "7"), (1, "8")], id="list on one line"),
        pytest.param(b'{"results": [' + GOOD + b"]}", [(1, "7")], id="answer on one line"),
        pytest.param(
            b"[" + GOOD + b',{"id": "x"}]', [(1, "7"), (1, f"item 2: {BAD}")], id="bad item of a line"
        ),
        pytest.param(PRETTY, [(4, "7"), (6, "8")], id="answer of several lines"),
        pytest.param(PRETTY_BAD, [(4, "7"), (6, BAD)], id="bad item of several lines"),
        pytest.param(b"[\n\n" + GOOD + b"\n,\n{}\n]", [(3, "7"), (5, "no id")], id="list of several lines"),
        pytest.param(
            GOOD + b'\n{"id": "x"}\n' + OTHER, [(1, "7"), (2, BAD), (3, "8")], id="bad between good"
        ),
        pytest.param(b"null\n3\n", [(1, "not an object: None"), (2, "not an object: 3")], id="no objects"),
        pytest.param(b'{"kind": "counter", "_id": "x", "value": 1}', [(1, "counter")], id="line of a dump"),
    ],
)
def test_content_is_told(text: bytes, expected: list[tuple[int, str]], tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(text)
    assert read(path) == expected
    path.write_bytes(gzip.compress(text))
    assert read(path) == expected, "the same gzipped, whatever its name"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(b"{broken\n" + GOOD + b"\n", [1], id="first line"),
        pytest.param(b"{broken\n{broken\n" + GOOD + b"\n", [1, 2], id="first two lines"),
        pytest.param(GOOD + b"\n" + GOOD[:50] + b"\n" + OTHER + b"\n", [2], id="cut off"),
        pytest.param(b'{"a":\n1,\n]\n', [3], id="document that is none"),
        pytest.param(b"\xff\xfe\n", [1], id="not UTF-8"),
        pytest.param(b'{"id": NaN}\n', [1], id="NaN"),
    ],
)
def test_text_that_is_no_json_has_its_line(text: bytes, lines: list[int], tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(text)
    assert [line for line, reason in read(path) if reason.startswith("not JSON")] == lines


def test_broken_gzip_gives_what_comes_before(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(400_000).hex().encode()
    text = GOOD + b"\n" + OTHER + b"\n" + b'{"noise": "' + noise + b'"}\n'
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(text)[:-1000])
    with Source(str(path)) as source:
        records = list(source.records())
    assert [record.line for record in records] == [1, 2, 3]
    assert records[-1].reason.startswith("broken gzip file")


def test_of_many_lines_all_before_the_break_are_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.intake.sources.POOL_THRESHOLD", 2)
    monkeypatch.setattr("server.intake.sources.pool_size", lambda: 1)
    noise = random.Random(1).randbytes(400_000).hex().encode()
    text = (GOOD + b"\n") * 120 + b'{"noise": "' + noise + b'"}\n'
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(text)[:-1000])
    with Source(str(path)) as source:
        records = list(source.records())
    assert [record.line for record in records] == list(range(1, 122))
    assert records[-1].reason.startswith("broken gzip file")


def test_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Source(str(tmp_path / "none"))


def test_standard_input() -> None:
    code = (
        "from server.intake.sources import Source\n"
        "for one in Source('-').records(): print(one.location, one.size > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=gzip.compress(GOOD), capture_output=True, check=True
    )
    assert done.stdout == b"stdin:1 True\n"


@pytest.mark.parametrize(
    "name",
    [
        "amo-v4-collections.jsonl.gz",
        "raw/amo-v4-collection-2019-10.json.gz",
        "raw/amo-v4-collection-2020-12.json.gz",
        "raw/amo-v4-collection-2022-06.json.gz",
        "raw/amo-v4-collection-2024-10.json.gz",
        "raw/amo-v4-collection-lang-2021-02.json.gz",
    ],
)
def test_real_files_have_no_bad_record(name: str, shared_data: Path) -> None:
    records = read(Path(shared_data) / name)
    assert records
    assert [reason for _, reason in records if not reason.isdecimal()] == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b" \n\n", "is empty", id="blank"),
        pytest.param(gzip.compress(b""), "is empty", id="gzip of nothing"),
        pytest.param(gzip.compress(b"PK\x03\x04" + bytes(9)), "is a zip archive", id="gzip of a zip"),
        pytest.param(gzip.compress(bytes(9)), "is no text", id="gzip of a binary"),
    ],
)
def test_what_holds_no_record_is_one_bad_record(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with Source(str(path)) as source:
        [record] = source.records()
    assert isinstance(record.record, BadRecord)
    assert reason in record.reason
