"""The image that an end in order leaves is taken by the next start where it is of the last checkpoint."""

import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.snapshot.image import read_image, write_image
from index.snapshot.records import IMAGE, Records
from tests.index.snapshot.catalogues import (
    Contents,
    answers,
    edited,
    expected_answers,
    follow,
    make_contents,
    opened,
)
from tests.index.snapshot.damage import file, flip


@pytest.fixture(scope="module")
def contents() -> Contents:
    return make_contents(60)


def rename_image(data: Path) -> None:
    records = Records(file(data, ".mdb").parent)
    records.put(IMAGE, b"of a later checkpoint")
    records.seal()
    records.write()
    records.close()


IMAGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "as it was left": (lambda data: None, True),
    "none, as after a kill": (lambda data: file(data, "image").unlink(), False),
    "of an earlier checkpoint": (rename_image, False),
    "of another program": (lambda data: flip(file(data, "image"), 0.0), False),
    "a byte of it": (lambda data: flip(file(data, "image")), False),
    "one that others may write": (lambda data: os.chmod(file(data, "image"), 0o666), False),
    "cut off": (lambda data: os.truncate(file(data, "image"), 1000), False),
}


@pytest.mark.parametrize("how", IMAGES)
async def test_an_image_is_of_the_last_checkpoint_or_records_are_read(
    contents: Contents, plain: dict[str, Any], data: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, is_taken = IMAGES[how]
    spoil(data)
    scanned: list[bytes] = []
    scan = Records.scan

    def watched(self: Records, kind: bytes) -> Iterator[tuple[bytes, bytes]]:
        scanned.append(kind)
        return scan(self, kind)

    monkeypatch.setattr(Records, "scan", watched)
    catalogue = await opened(contents, data)
    assert (not scanned) is is_taken
    assert answers(catalogue, contents) == plain
    catalogue.close()  # and leaves one where there was none
    scanned.clear()
    (await opened(contents, data)).close()
    assert not scanned


async def test_an_image_is_followed_by_changes(contents: Contents, data: Path) -> None:
    after = edited(contents)
    plain = await expected_answers(after, scores=False)
    catalogue = await opened(contents, data)
    await follow(catalogue, contents, after)
    catalogue.close()  # without a checkpoint: the image stays that of the one before
    catalogue = await opened(after, data)
    await follow(catalogue, contents, after)
    assert answers(catalogue, after, scores=False) == plain
    catalogue.close()


def test_an_image_is_written_and_read_part_by_part(tmp_path: Path) -> None:
    """At the end of a process there is no room for all it has a second time, nor for its file at a start."""
    part = 100_000
    memory: list[dict[Any, Any]] = [{number: bytes(part) for number in range(200)}]
    tracemalloc.start()
    try:
        write_image(tmp_path, b"of a checkpoint", memory)
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert read_image(tmp_path, b"of a checkpoint") == memory
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written < 20 * part
    assert read < 220 * part
