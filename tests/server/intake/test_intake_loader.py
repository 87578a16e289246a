"""Loading: whole records or nothing, bad ones named, anything again without effect."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from index.runtime import process_pool
from server.demo.catalogue import lines
from server.embedded.mongod import OwnMongod
from server.intake import loader
from server.intake.sources import Source
from server.storage.operations import Insert
from server.storage.store import Store
from tests.dead_process import start_dead, start_none
from tests.factories import make_addon, make_user
from tests.mongod_fixture import DATABASE
from tests.program import ROOT
from tests.server.intake.amo_objects import make_v4
from tests.server.intake.load_into_store import RecordingReporter, dumped, load_files, write_lines


def real_files(shared_data: Path) -> list[Path]:
    folder = Path(shared_data)
    return [*sorted((folder / "raw").iterdir()), folder / "amo-v4-collections.jsonl.gz"]


async def test_real_files_load_whole_and_twice_alike(store: Store, shared_data: Path) -> None:
    files = real_files(shared_data)
    summary, reporter = await load_files(store, files)
    assert reporter.bad_records == []
    assert summary.records == reporter.records == 239
    first = await dumped(store)
    again, _ = await load_files(store, files)
    assert (again.change.new, again.change.changed) == (0, 0)
    assert await dumped(store) == first


async def test_real_files_in_any_order_give_the_same_add_ons(store: Store, shared_data: Path) -> None:
    files = real_files(shared_data)
    states = []
    for order in (files, files[::-1]):
        for name in ("addons", "users", "counters"):
            await store.database[name].delete_many({})
        for path in order:
            await load_files(store, [path])
        documents = await store.find("addons", {}, sort=[("_id", 1)])
        states.append([_without(document, "revision", "versions") for document in documents])
        assert len(documents) == 11
    assert states[0] == states[1]


def _without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


async def test_real_add_on_that_changed_its_guid(store: Store, shared_data: Path) -> None:
    await load_files(store, real_files(shared_data))
    addon = await store.find_addon("guid", "https-everywhere@eff.org")
    assert addon is not None
    assert addon["_id"] == 229918
    assert await store.find_addon("guid", "https-everywhere-eff@eff.org") is None


async def test_bad_records_are_named_and_the_rest_is_loaded(store: Store, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [make_v4(), make_v4(id=8, guid="a/b"), 3])
    other = tmp_path / "b.json"
    other.write_text("{broken")
    summary, reporter = await load_files(store, [path, other])
    assert summary.records == 1
    assert summary.bad == 3
    assert reporter.bad_records[:2] == [
        (f"{path}:2", "bad guid: 'a/b'"),
        (f"{path}:3", "not an object: 3"),
    ]
    assert reporter.bad_records[2][0] == f"{other}:1"
    assert await store.count("addons") == 1


TAKEN = [
    pytest.param(
        {"slug": "tab-tree", "guid": "b@c.example"}, "slug 'tab-tree' is taken by addon 7", id="slug"
    ),
    pytest.param({"slug": "b"}, "guid 'tab-tree@example.org' is taken by addon 7", id="guid"),
    pytest.param(
        {"slug": "b", "guid": "b@c.example", "authors": [{"id": 4, "username": "ann", "name": "Ann"}]},
        "username 'ann' is taken by user 3",
        id="username",
    ),
]


@pytest.mark.parametrize(("fields", "reason"), TAKEN)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_what_is_taken_is_refused_whole(
    fields: dict[str, Any], reason: str, together: bool, store: Store, tmp_path: Path
) -> None:
    many = [make_v4(id=id, slug=f"s{id}", guid=f"{id}@example.org") for id in range(100, 120)]
    clash = make_v4(id=8, **fields)
    parts = [[make_v4(), *many, clash]] if together else [[make_v4()], [*many, clash]]
    paths = [write_lines(tmp_path / f"{index}.jsonl", part) for index, part in enumerate(parts)]
    summary, reporter = await load_files(store, paths)
    assert [reason for _, reason in reporter.bad_records] == [reason]
    assert reporter.bad_records[0][0] == f"{paths[-1]}:{len(parts[-1])}"
    assert summary.records == 21
    assert await store.count("addons") == 21
    assert await store.count("users") == 1, "the refused add-on brought nobody"


async def test_what_mongodb_cannot_hold_is_a_bad_record(store: Store, tmp_path: Path) -> None:
    addon = make_addon(average_daily_users=2**64 - 1)
    path = write_lines(tmp_path / "a", [{"kind": "addon", **addon}, make_v4()])
    summary, reporter = await load_files(store, [path])
    assert (summary.records, summary.bad) == (1, 1)
    assert "cannot be stored" in reporter.bad_records[0][1]


async def test_what_other_processes_read_is_loaded_the_same_and_one_that_dies_loses_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addon = make_addon(_id=9, guid="nine@example.org", slug="nine")
    records: list[Any] = [
        *({"kind": "user", **make_user(_id=id, username=f"u{id}")} for id in range(100, 200)),
        {"kind": "addon", **addon},
        make_v4(),
        [make_v4(id=8, guid="b@c.example", slug="b"), {"id": "x"}],
        {"kind": "addon", **make_addon(_id=10, guid=addon["guid"], slug="ten")},
        {"kind": "addon", **make_addon(_id=11, guid="11@example.org", slug="s", weekly_downloads=2**64 - 1)},
    ]
    path = write_lines(tmp_path / "a", records)
    alone, alone_reporter = await load_files(store, [path])
    first = await dumped(store)
    assert (alone.records, alone.bad) == (103, 3)
    monkeypatch.setattr("server.intake.sources.POOL_THRESHOLD", 5)
    monkeypatch.setattr("server.intake.sources.pool_size", lambda: 1)
    for start in (process_pool._start, start_dead, start_none):
        await store.database["addons"].delete_many({})  # accounts are there, and say the same
        monkeypatch.setattr("index.runtime.process_pool._start", start)
        beside, reporter = await load_files(store, [path])
        assert (beside.records, beside.change.new, beside.change.changed) == (103, 3, 0)
        assert reporter.bad_records == alone_reporter.bad_records
        assert await dumped(store) == first


async def test_slug_may_move_to_another_add_on(store: Store, tmp_path: Path) -> None:
    later = "2021-01-01T00:00:00Z"
    first = write_lines(tmp_path / "a", [make_v4()])
    moved = make_v4(slug="old-tree", last_updated=later)
    heir = make_v4(id=8, guid="b@c.example")
    second = write_lines(tmp_path / "b", [moved, heir])
    _, reporter = await load_files(store, [first, second])
    assert reporter.bad_records == []


async def test_dump_lines_replace_and_public_json_merges(store: Store, tmp_path: Path) -> None:
    addon = {"kind": "addon", **make_addon(_id=7, revision=41, pending_authors=[])}
    path = write_lines(tmp_path / "a", [addon, make_v4(), make_v4(), addon])
    _, reporter = await load_files(store, [path])
    assert reporter.bad_records == []
    assert await store.find_addon("id", 7) == make_addon(_id=7, revision=41)


async def test_user_in_a_dump_and_as_author_of_one_batch(store: Store, tmp_path: Path) -> None:
    user = {"kind": "user", **make_user(_id=3, username="ann", modified="2020-01-01T00:00:00Z")}
    _, reporter = await load_files(
        store, [write_lines(tmp_path / "a", [make_v4(), user, make_v4(id=8, slug="b", guid="b@c")])]
    )
    assert reporter.bad_records == []
    stored = await store.find_one("users", {"_id": 3})
    assert stored is not None
    assert (stored["email"], stored["picture"]) == ("ann@example.org", "/userpics/0/0/3.png?modified=1")


async def test_numbers_of_what_is_loaded_are_not_given_again(store: Store, tmp_path: Path) -> None:
    await load_files(store, [write_lines(tmp_path / "a", [make_v4(id=700)])])
    assert await store.next_id("addon") == 701
    assert await store.next_id("version") == 11
    assert await store.next_id("file") == 101
    assert await store.next_id("preview") == 56
    assert await store.next_id("user") == 4


async def test_counter_of_a_dump_never_goes_back(store: Store, tmp_path: Path) -> None:
    lines = [{"kind": "counter", "_id": "addon", "value": value} for value in (9, 5)]
    for line in lines:
        await load_files(store, [write_lines(tmp_path / "a", [line])])
    assert await store.next_id("addon") == 10


async def test_writer_in_between_is_not_overrun(store: Store, tmp_path: Path) -> None:
    """Two loads of different states at once: each of them is in the end there."""
    paths = []
    for number in range(6):
        version = make_v4()["current_version"] | {"id": 20 + number}
        states = [
            make_v4(id=id, slug=f"s{id}", guid=f"{id}@x", current_version=version) for id in range(40)[1:]
        ]
        paths.append(write_lines(tmp_path / str(number), states))
    results = await asyncio.gather(*(load_files(store, [path]) for path in paths))
    assert [reporter.bad_records for _, reporter in results] == [[]] * 6
    addons = await store.find("addons", {})
    assert {len(addon["versions"]) for addon in addons} == {6}


async def test_batches_are_bounded(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "BATCH_RECORDS", 7)
    states = [make_v4(id=id, slug=f"s{id}", guid=f"{id}@x.example") for id in range(1, 51)]
    summary, reporter = await load_files(store, [write_lines(tmp_path / "a", states)])
    assert (summary.records, reporter.records, await store.count("addons")) == (50, 50, 50)


@pytest.mark.timeout(seconds=180)  # it loads twice, once in a process of its own
async def test_killed_load_leaves_nothing_half_and_is_loaded_again(
    mongod: OwnMongod, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "demo.jsonl"
    path.write_bytes(b"".join(lines(1500)))
    # MongoDB drops what a killed program had begun after so many seconds.
    await _set_transaction_life(store, 4)
    try:
        await _start_and_kill(mongod, store, path)
        addons = await store.find("addons", {}, limit=5000)
        assert 0 < len(addons) < 1500
        assert (900 + len(addons)) % loader.BATCH_RECORDS == 0, "whole batches, the users first"
        await load_files(store, [path])
    finally:
        await _set_transaction_life(store, 15)
    assert (await dumped(store)).startswith(path.read_bytes())


async def _start_and_kill(mongod: OwnMongod, store: Store, path: Path) -> None:
    environ = os.environ | {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": DATABASE}
    command = [sys.executable, str(ROOT / "run.py"), "load", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        while not await store.count("addons"):
            assert process.poll() is None, "it ended before anything was seen"
            await asyncio.sleep(0.005)
    finally:
        process.kill()
        process.wait(10)


async def _set_transaction_life(store: Store, seconds: int) -> None:
    command = {"setParameter": 1, "transactionLifetimeLimitSeconds": seconds}
    await store.database.client.admin.command(command)


async def test_load_ends_what_a_killed_one_had_begun(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        async with store.transaction() as transaction:
            await transaction.apply(Insert("addons", {"_id": 7}))
            summary, reporter = await load_files(store, [write_lines(tmp_path / "a", [make_v4()])])
            assert (summary.records, reporter.bad_records) == (1, [])
            raise RuntimeError("killed")
    assert [addon["_id"] for addon in await store.find("addons", {})] == [7]


async def test_beside_a_server_a_load_rests_as_its_readers_need(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "BATCH_RECORDS", 1)
    path = write_lines(tmp_path / "three.jsonl", [{"kind": "user", **make_user(_id=n)} for n in range(1, 4)])
    with Source(str(path)) as source:
        began = time.monotonic()
        await loader.load([source], store, RecordingReporter(), pause_factor=20)
    assert time.monotonic() - began > 0.06  # no transaction takes less than a millisecond
