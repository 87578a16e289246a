"""A catalogue opened from its snapshot says what one says that read everything, or it is not opened."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lmdb
import pytest

from index.catalogue import Catalogue, Unwritable
from index.documents import compiled_store
from index.shapes.view import View
from index.snapshot import keeper
from index.snapshot import parts as parts_module
from index.snapshot.builder import Builder
from index.snapshot.records import ADDONS, BODIES, CHECKPOINT, RELEASES, Records
from tests.dead_process import start_dead, start_none
from tests.index.snapshot.catalogues import (
    POSITION,
    Contents,
    answers,
    build,
    edited,
    expected_answers,
    follow,
    keep,
    make_contents,
    new_catalogue,
    opened,
    raw,
    reopen,
    user_batches,
)
from tests.index.snapshot.damage import file, flip, flip_record, lose_record


@pytest.fixture(scope="module")
def contents() -> Contents:
    return make_contents(130)


async def check_restored(
    contents: Contents, data: Path, plain: dict[str, Any], *, scores: bool = True
) -> None:
    catalogue = await opened(contents, data)
    assert answers(catalogue, contents, scores=scores) == plain
    catalogue.close()


async def test_it_says_the_same_and_so_does_the_next_one(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    for _ in range(2):
        catalogue = await opened(contents, data)
        assert answers(catalogue, contents) == plain
        await keep(catalogue)
        catalogue.close()
    assert oct((data / "snapshot").stat().st_mode & 0o777) == "0o700"


async def test_changes_before_and_after_a_checkpoint(contents: Contents, data: Path) -> None:
    after = edited(contents)
    plain = await expected_answers(after, scores=False)
    catalogue = await opened(contents, data)
    await follow(catalogue, contents, after)
    assert answers(catalogue, after, scores=False) == plain
    await keep(catalogue)
    catalogue.close()
    await check_restored(after, data, plain, scores=False)


async def test_after_an_end_in_order_nothing_is_read_again(contents: Contents, data: Path) -> None:
    catalogue = await opened(contents, data)
    await follow(catalogue, contents, edited(contents))
    await keep(catalogue)
    catalogue.close()
    catalogue = new_catalogue(Contents({}, {}))
    catalogue.read_ahead(data)
    assert await catalogue.checkpoint() is not None
    assert await catalogue.resume() == set()
    catalogue.close()


async def test_what_no_checkpoint_has_is_in_the_text_index_alone(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    """It goes again with the changes that the stream names; places in featured sets by themselves."""
    after = edited(contents)
    catalogue = await opened(contents, data)
    await follow(catalogue, contents, after)
    catalogue.close()
    catalogue = await opened(contents, data)
    changed = [addon for addon_id, addon in contents.addons.items() if after.addons.get(addon_id) != addon]
    await catalogue.apply(changed, after.addons.keys() - contents.addons.keys())
    renamed = await catalogue.apply_users(contents.users.values())
    assert renamed < contents.users.keys()
    ids = {addon_id for user_id in renamed for addon_id in catalogue.by_author(user_id)}
    await catalogue.apply([contents.addons[one] for one in ids], ())
    assert answers(catalogue, contents, scores=False) == await expected_answers(contents, scores=False)
    catalogue.close()


async def test_what_is_put_after_the_seal_waits_for_the_next_checkpoint(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    catalogue = await opened(contents, data)
    catalogue.seal(POSITION)
    addon_id = next(one for one in contents.addons if catalogue.is_listed(one))
    catalogue._parts.drop(addon_id)
    assert catalogue.documents.get(addon_id) is None
    await catalogue.write_checkpoint()
    catalogue.close()
    await check_restored(contents, data, plain)


async def test_compiled_objects_outlive_the_process(
    contents: Contents, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = await opened(contents, data)
    ids = [one for one in contents.addons if catalogue.is_listed(one)][:30]
    monkeypatch.setattr("index.documents.documents._COMPILE_BUDGET", 0.001)  # not all in one page
    rows = catalogue.documents.rows(ids, View("v5", lang="de"))
    assert 0 < catalogue._parts.records.waiting < len(ids)
    monkeypatch.setattr("index.documents.documents._COMPILE_BUDGET", 10)
    assert catalogue.documents.rows(ids, View("v5", lang="de")) == rows
    assert catalogue._parts.records.waiting > len(ids)
    await keep(catalogue)
    catalogue.close()
    catalogue = await opened(contents, data)
    with monkeypatch.context() as patched:
        patched.setattr("index.documents.documents.compile_object", None)
        assert catalogue.documents.rows(ids, View("v5", lang="de")) == rows
        patched.setattr(compiled_store, "_MAX_WAITING", 0)  # what comes faster than the disk is not kept
        catalogue.documents.rows(ids, View("v4"))
    assert not catalogue.is_changed
    catalogue.documents.rows(ids, View("v4"))  # there is room again
    await keep(catalogue)
    monkeypatch.setattr("index.documents.documents.compile_object", None)
    assert len(catalogue.documents.rows(ids, View("v4"))) == len(ids)
    catalogue.close()


async def test_a_new_one_takes_the_place_of_the_old_one_once_it_is_whole(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    catalogue = await build(contents, data)
    assert names(data) == ["00000001", "00000002"]
    catalogue.close()
    catalogue = await opened(contents, data)  # the second one was not finished
    catalogue.close()
    catalogue = await build(contents, data)
    await keep(catalogue)
    catalogue.close()
    assert names(data) == ["00000003"]
    await check_restored(contents, data, plain)


async def test_what_builds_that_were_cut_short_left_goes_with_the_next_one(
    contents: Contents, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each start that was killed while it read everything the disk kept one more."""
    (data / "snapshot" / "00000001").rename(data / "other")  # none to go on from
    for _ in range(2):
        catalogue = new_catalogue(contents)
        catalogue.keep_in(data)
        with monkeypatch.context() as patched, pytest.raises(Unwritable):
            patched.setattr(Builder, "finish", full)
            await rebuilt(catalogue, contents)
        catalogue.close()
        assert len(names(data)) == 1


async def test_a_late_checkpoint_leaves_what_is_being_built(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    catalogue = await build(contents, data)
    catalogue.seal(POSITION)

    def write_late(count: int) -> None:
        catalogue._keeper.write(catalogue._parts)

    await catalogue.build(user_batches(contents), raw(contents), write_late)
    await keep(catalogue)
    catalogue.close()
    assert names(data) == ["00000003"]
    await check_restored(contents, data, plain)


def names(data: Path) -> list[str]:
    return sorted(one.name for one in (data / "snapshot").iterdir() if one.is_dir())


def schema_raised(data: Path) -> None:
    records = Records(file(data, ".mdb").parent)
    stored = records.get(CHECKPOINT)
    assert stored is not None
    checkpoint = parts_module._DECODE(stored)
    assert checkpoint.position == POSITION
    checkpoint = checkpoint._replace(format_id="schema 0")
    records.put(CHECKPOINT, parts_module._ENCODE(checkpoint))
    records.seal()
    records.write()
    records.close()


def put_a_file_there(data: Path) -> None:
    shutil.rmtree(data / "snapshot")
    (data / "snapshot").touch()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "an entry": lambda data: flip_record(data, ADDONS),
    "the position": lambda data: flip_record(data, CHECKPOINT),
    "an entry is missing": lambda data: lose_record(data, ADDONS),
    "a document is missing": lambda data: lose_record(data, BODIES),
    "releases are missing": lambda data: lose_record(data, RELEASES),
    "another schema": schema_raised,
    "no database file": lambda data: file(data, "data.mdb").write_bytes(b"something else" * 1000),
    "an empty database file": lambda data: file(data, "data.mdb").write_bytes(b""),
    "terms of the text index": lambda data: flip(file(data, ".term")),
    "postings of the text index": lambda data: flip(file(data, ".idx")),
    "a text file is cut off": lambda data: file(data, ".pos").write_bytes(b"abc"),
    "a text file is missing": lambda data: file(data, ".fast").unlink(),
    "the index of the text index": lambda data: file(data, "meta.json").write_bytes(b"{"),
    "no text index": lambda data: shutil.rmtree(file(data, "meta.json").parent),
    "a file in its place": put_a_file_there,
}


@pytest.mark.parametrize("how", DAMAGE)
async def test_what_is_damaged_or_of_others_is_not_opened(
    contents: Contents, data: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    file(data, "image").unlink()  # where there is one no record is read
    DAMAGE[how](data)
    assert await reopen(contents, data) is None
    assert [record.levelno for record in caplog.records] in ([], [logging.WARNING])


@pytest.mark.parametrize("start", [None, start_dead, start_none])
async def test_what_other_processes_prepare_is_the_same_and_one_that_dies_loses_nothing(
    contents: Contents,
    plain: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[..., Any] | None,
) -> None:
    monkeypatch.setattr("index.snapshot.builder.SAMPLES", 1)  # batches as they come
    monkeypatch.setattr("index.snapshot.builder.POOL_THRESHOLD", 50)
    monkeypatch.setattr("index.snapshot.builder.pool_size", lambda: 1)
    if start is not None:
        monkeypatch.setattr("index.runtime.process_pool._start", start)
    else:
        monkeypatch.setattr("index.snapshot.builder.POOL_FAILURES", ())
        monkeypatch.setattr(Builder, "_prepare", None)  # from the first add-on on, others prepare all
    assert await expected_answers(contents) == plain


@pytest.mark.parametrize("kind", [BODIES, RELEASES])
async def test_damage_that_a_start_does_not_look_for_is_found_beside_it(
    contents: Contents, data: Path, kind: bytes
) -> None:
    catalogue = await opened(contents, data)
    assert await catalogue.check() is None
    catalogue.close()
    flip_record(data, kind)
    catalogue = await opened(contents, data)
    assert "does not fit its checksum" in str(await catalogue.check())
    catalogue.close()


async def test_each_process_has_its_own(contents: Contents, plain: dict[str, Any], data: Path) -> None:
    first = await opened(contents, data)
    assert await reopen(contents, data) is None
    second = await build(contents, data)
    await keep(second)
    second.close()
    second = await opened(contents, data)
    assert answers(second, contents) == plain
    second.close()
    first.close()
    assert sorted(one.name for one in data.iterdir()) == ["snapshot", "snapshot-2"]


def full(*_: object) -> None:
    raise lmdb.MapFullError("No space left on device")


async def test_a_full_disk_is_said_and_what_there_was_stays(
    contents: Contents,
    plain: dict[str, Any],
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    catalogue = await opened(contents, data)
    await follow(catalogue, contents, edited(contents))
    with monkeypatch.context() as patched:
        patched.setattr(Records, "write", full)
        patched.setattr("index.snapshot.records._FILL_BATCH", 10)
        await keep(catalogue)
        await keep(catalogue)
        assert caplog.text.count("No space left") == 1
        with pytest.raises(Unwritable):
            await rebuilt(catalogue, contents)
        catalogue.keep_nothing()
        catalogue.featured.replace(contents.featured)
        await rebuilt(catalogue, contents)
    assert names(data) == ["00000001"]  # there is room again
    assert answers(catalogue, contents) == plain
    await keep(catalogue)
    catalogue.close()
    (await opened(contents, data)).close()


async def test_a_build_goes_on_without_a_folder_that_went_away(
    contents: Contents, plain: dict[str, Any], data: Path
) -> None:
    catalogue = await opened(contents, data)
    shutil.rmtree(data / "snapshot")
    with pytest.raises(Unwritable):
        await rebuilt(catalogue, contents)
    catalogue.keep_nothing()
    await rebuilt(catalogue, contents)
    assert answers(catalogue, contents) == plain
    catalogue.close()


async def rebuilt(catalogue: Catalogue, contents: Contents) -> None:
    await catalogue.build(user_batches(contents), raw(contents))


async def test_nothing_is_made_before_it_is_asked_for(contents: Contents, tmp_path: Path) -> None:
    assert await reopen(Contents({}, {}), tmp_path / "data") is None
    catalogue = await build(contents)
    catalogue.seal(POSITION)
    await catalogue.write_checkpoint()
    catalogue.close()


async def test_many_changes_give_back_the_memory_that_they_leave_empty(
    contents: Contents, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trims: list[str] = []
    monkeypatch.setattr(keeper, "trim_heap", lambda: trims.append("trimmed"))
    catalogue = await opened(contents, data)
    await keep(catalogue)
    assert not trims
    monkeypatch.setattr(keeper, "_TRIM_AFTER", 10)
    await follow(catalogue, contents, edited(contents))
    await keep(catalogue)
    assert trims == ["trimmed"]
    catalogue.close()
