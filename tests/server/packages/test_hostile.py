"""Packages that nobody should send, one of each kind: each is answered with a message that can be stored.

`python -m tests.server.packages.hostile_run` sends five hundred to a server (contract/uploads.md 4.1).
"""

import time

import orjson
import pytest

from server.background.child_process import MAX_ANSWER
from server.packages.validation.report import Report
from tests.server.packages.hostile import KINDS, packages
from tests.server.packages.hostile_archives import Raw, zeros
from tests.server.packages.inspected import look, said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_kind_is_answered() -> None:
    faults = []
    for sent in packages(seed=2, count=len(KINDS)):
        try:
            found = look(sent.content, sent.name, listed=False)
            if not found.result["messages"] or len(orjson.dumps(found._asdict())) > MAX_ANSWER:
                faults.append(f"{sent.kind}: no message, or too much of it")
        except Exception as fault:
            faults.append(f"{sent.kind}: {type(fault).__name__} {fault}")
    assert faults == []


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_no_more_comes_out_than_is_declared(size: int) -> None:
    """The library reads as much as is declared, whatever there is behind it."""
    raw = Raw().manifest()
    raw.add(b"b", zeros(1), size=size)
    assert said(look(raw.end())) == [("error", "Invalid or corrupt add-on file.")]


def test_of_long_names_a_part_is_told() -> None:
    report = Report()
    report.add("HIDDEN_FILE", file="n" * 65_000)
    report.add("bad_name", name="n" * 65_000)
    hidden, bad = report.messages
    assert (len(hidden["file"]), len(bad["message"])) == (1000, len("Invalid file name in archive: ") + 200)


def test_many_matches_take_no_square_of_time() -> None:
    """A hundred thousand patterns took minutes, thirty thousand took seconds."""
    scripts = [{"matches": [f"http://{place}/*"]} for place in range(30_000)]
    content = Raw().manifest(content_scripts=scripts).end()
    began = time.thread_time()
    assert look(content).result["success"]
    assert time.thread_time() - began < 1
