"""A start that takes over what an earlier one prepared answers as one that prepares everything."""

import asyncio
import copy
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.entry import Featuring
from index.startup import prepared_cache as memory_module
from index.startup.prepared_cache import PreparedCache
from tests.index.startup.prepared_catalogues import (
    Contents,
    answers,
    build,
    make_contents,
    new_catalogue,
    prepare,
    raw,
)


@pytest.fixture(scope="module")
def contents() -> Contents:
    return make_contents()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prepared"


@pytest.fixture(scope="module")
def plain(contents: Contents) -> object:
    """What a catalogue says for which nothing was remembered."""
    loop = asyncio.new_event_loop()
    found = loop.run_until_complete(said(contents, None))
    loop.close()
    assert b'"id"' in found["tools"]  # type: ignore[index]
    return found


async def made(contents: Contents, file: Path) -> None:
    """A first start."""
    (await build(contents, file)).close()


async def said(contents: Contents, file: Path | None, *, scores: bool = True, ahead: bool = True) -> object:
    catalogue = await build(contents, file, ahead=ahead)
    try:
        return answers(catalogue, contents, scores=scores)
    finally:
        catalogue.close()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by an item for each document that a build has to decode."""
    seen: list[int] = []
    make = raw

    def counting(contents: Contents, memory: PreparedCache) -> object:
        addons = make(contents, memory)

        def decode(document: bytes) -> list[dict[str, object]]:
            seen.append(len(document))
            return addons.decode(document)

        return addons._replace(decode=decode)

    monkeypatch.setattr("tests.index.startup.prepared_catalogues.raw", counting)
    return seen


async def test_the_same_answers_without_looking_at_a_document(
    contents: Contents, plain: object, file: Path, decoded: list[int]
) -> None:
    assert await said(contents, file) == plain
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    decoded.clear()
    assert await said(contents, file) == plain
    assert await said(contents, file, ahead=False) == plain
    assert decoded == []


async def test_load_prepares_for_the_start(
    contents: Contents, plain: object, file: Path, decoded: list[int]
) -> None:
    await prepare(contents, file)
    decoded.clear()
    assert await said(contents, file) == plain
    assert decoded == []


def edited(contents: Contents) -> Contents:
    """Some changed, gone, hidden, shown, renamed, new."""
    addons, users = copy.deepcopy(contents.addons), copy.deepcopy(contents.users)
    ids = list(addons)
    for addon_id in ids[::17]:
        addons[addon_id]["name"] = {"en-US": f"Tab {addon_id}"}
        addons[addon_id]["average_daily_users"] += 7
    for addon_id in ids[5::50]:
        del addons[addon_id]
    for addon_id in ids[6::50]:
        addons[addon_id]["status"] = "disabled" if addons[addon_id]["status"] == "public" else "public"
    for user in list(users.values())[::9]:
        user["username"] = f"renamed-{user['_id']}"
    new = copy.deepcopy(addons[ids[1]])
    new |= {"_id": 99, "slug": "brand-new", "guid": "new@example.org"}
    places = {ids[8]: (Featuring("firefox", None, None),), ids[9]: (Featuring("firefox", "fr", None),)}
    return Contents({99: new, **addons}, users, places)


async def test_what_changed_meanwhile_is_taken_from_the_store(
    contents: Contents, file: Path, decoded: list[int]
) -> None:
    await made(contents, file)
    after = edited(contents)
    plain = await said(after, None, scores=False)
    decoded.clear()
    assert await said(after, file, scores=False) == plain
    assert 0 < len(decoded) < len(contents.addons) / 4
    decoded.clear()
    assert await said(after, file, scores=False) == plain
    assert decoded == []


async def test_what_was_damaged_since_it_was_read_ahead_is_prepared_anew(
    contents: Contents, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(contents, file)
    after = edited(contents)
    plain = await said(after, None, scores=False)
    monkeypatch.setattr(PreparedCache, "find", lambda memory, key: None)
    assert await said(after, file, scores=False) == plain


async def test_following_changes_gives_what_a_fresh_start_gives(contents: Contents, file: Path) -> None:
    await made(contents, file)
    after = edited(contents)
    catalogue = await build(contents, file)
    catalogue.featured.replace(after.featured)
    await catalogue.apply_users(after.users.values())
    gone = contents.addons.keys() - after.addons.keys()
    await catalogue.apply(after.addons.values(), gone)
    followed = answers(catalogue, after, scores=False)
    catalogue.close()
    assert followed == await said(after, None, scores=False)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def replace(file: Path) -> None:
    file.write_bytes(b"something else altogether" * 1000)


def flip(at: float) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[int(len(data) * at)] ^= 0x20
        file.write_bytes(data)

    return damage


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        pytest.param(cut, "damaged", id="cut off"),
        pytest.param(empty, "too short", id="empty"),
        pytest.param(replace, "something else", id="another file"),
        pytest.param(flip(0.2), "in part", id="a bit of a page"),
        pytest.param(flip(0.999), "damaged", id="a bit of the tail"),
        pytest.param(lambda file: (file.unlink(), file.mkdir()), "", id="a folder"),
    ],
)
async def test_a_file_that_is_not_as_it_was_is_made_anew(
    contents: Contents,
    plain: object,
    file: Path,
    damage: Callable[[Path], None],
    line: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await made(contents, file)
    damage(file)
    with caplog.at_level(logging.INFO, "index"):
        assert await said(contents, file) == plain
    assert len(caplog.records) == (1 if line else 2)
    assert line in caplog.text
    if line:
        caplog.clear()
        await made(contents, file)
        assert caplog.records == []


async def test_another_release_prepares_anew(
    contents: Contents, plain: object, file: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[int]
) -> None:
    await made(contents, file)
    monkeypatch.setattr(memory_module, "fingerprint", lambda: b"x" * 32)
    decoded.clear()
    assert await said(contents, file) == plain
    assert len(decoded) >= len(contents.addons)
    decoded.clear()
    await made(contents, file)
    assert decoded == []


async def test_a_file_that_cannot_be_written_is_a_warning(
    contents: Contents, plain: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "prepared.new").mkdir()
    assert await said(contents, tmp_path / "prepared") == plain
    assert [record.levelname for record in caplog.records][-1] == "WARNING"
    assert "the next start takes longer" in caplog.text


async def test_no_folder_is_made_for_it(contents: Contents, tmp_path: Path) -> None:
    await made(contents, tmp_path / "data" / "prepared")
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_a_warning(
    contents: Contents,
    plain: object,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    assert await said(contents, file) == plain
    assert "No space left" in caplog.text
    assert list(file.parent.iterdir()) == []


async def test_a_few_changes_do_not_rewrite_the_file(contents: Contents, file: Path) -> None:
    await made(contents, file)
    before = file.stat().st_mtime_ns
    after = Contents(copy.deepcopy(contents.addons), contents.users)
    next(iter(after.addons.values()))["average_daily_users"] += 1
    await made(after, file)
    assert file.stat().st_mtime_ns == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_what_nobody_needs_any_more_is_left_out(contents: Contents, file: Path) -> None:
    await made(contents, file)
    before = file.stat().st_size
    fewer = Contents(dict(list(contents.addons.items())[: len(contents.addons) * 2 // 3]), contents.users)
    await made(fewer, file)
    assert file.stat().st_size < before * 0.8


async def test_what_few_taught_is_not_used_for_many(contents: Contents, plain: object, file: Path) -> None:
    few = Contents(dict(list(contents.addons.items())[:105]), contents.users)
    await made(few, file)
    assert await said(contents, file) == plain
    assert len(memory_of(file)) == len(contents.addons)


def memory_of(file: Path) -> PreparedCache:
    memory = PreparedCache(file)
    memory.open()
    return memory


async def test_a_save_that_is_stopped_leaves_what_there_was(contents: Contents, file: Path) -> None:
    await made(contents, file)
    before = file.read_bytes()
    catalogue, memory = new_catalogue(contents), PreparedCache(file)
    await catalogue.build(_nobody(), raw(Contents(edited(contents).addons, {}), memory))
    memory.stop()
    await asyncio.to_thread(memory.save)
    catalogue.close()
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def _nobody():  # type: ignore[no-untyped-def]
    yield []


async def test_two_that_write_at_once_do_not_mix(contents: Contents, file: Path) -> None:
    catalogues = await asyncio.gather(build(contents, file), build(contents, file))
    for catalogue in catalogues:
        catalogue.close()
    assert len(memory_of(file)) == len(contents.addons)


async def test_a_start_that_is_broken_off_leaves_nothing_behind(contents: Contents, file: Path) -> None:
    await made(contents, file)
    before = file.read_bytes()
    catalogue, memory = new_catalogue(contents), PreparedCache(file)
    catalogue.read_ahead(memory)
    addons = raw(Contents(edited(contents).addons, {}), memory)

    def stop(count: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await catalogue.build(_nobody(), addons, stop)
    catalogue.close()
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]
