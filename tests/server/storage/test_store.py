"""The store: what is read and written, and which of our words each fault becomes."""

import asyncio
import gc
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from server.embedded.binary import find_binary
from server.embedded.mongod import OwnMongod
from server.errors import (
    Conflict,
    Duplicate,
    NotReplicaSet,
    ReadOnly,
    StartError,
    StoreError,
    Unavailable,
    Unstorable,
)
from server.storage.operations import Delete, Insert, Operation, Replace, Update
from server.storage.schema import COLLECTIONS
from server.storage.store import Store, Transaction
from tests.factories import make_addon, make_user
from tests.mongod_fixture import TIMEOUT, both_drivers, running
from tests.ports import free_port, is_listening


def numbered(id_: int, **fields: Any) -> dict[str, Any]:
    return dict(make_addon(_id=id_, guid=f"{id_}@example.org", slug=f"slug-{id_}", **fields))


@contextmanager
def standalone(folder: Path) -> Iterator[int]:
    """A mongod without a replica set; its port."""
    port = free_port()
    words = ["--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen([str(find_binary(None)), *words], stdout=subprocess.DEVNULL) as server:
        while not is_listening(port):
            time.sleep(0.05)
        yield port
        server.kill()


class TestOpen:
    async def test_collections_and_indexes_are_as_the_table_says(self, store: Store) -> None:
        assert set(await store.database.list_collection_names()) >= set(COLLECTIONS)
        for name, collection in COLLECTIONS.items():
            indexes = await store.database[name].index_information()
            unique = {field for field, index in indexes.items() if index.get("unique")}
            assert indexes.keys() == {"_id_", *(index.name for index in collection.indexes)}
            assert unique == {index.name for index in collection.indexes if index.unique}

    async def test_an_index_of_an_earlier_release_is_made_anew(self, store: Store, mongod: OwnMongod) -> None:
        earlier = store.database.client["earlier"]
        await earlier.users.create_index("username", name="username")
        async with await Store.open(mongod.uri, "earlier", TIMEOUT):
            assert (await earlier.users.index_information())["username"]["unique"]

    async def test_data_that_breaks_a_rule_is_told(self, store: Store, mongod: OwnMongod) -> None:
        unruly = store.database.client["unruly"]
        await unruly.users.insert_many([{"_id": 1, "username": "a"}, {"_id": 2, "username": "a"}])
        with pytest.raises(StartError, match="username 'a' is taken"):
            await Store.open(mongod.uri, "unruly", TIMEOUT)

    async def test_a_standalone_server_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        with standalone(tmp_path) as port, pytest.raises(NotReplicaSet, match=r"rs\.initiate\(\)"):
            await Store.open(f"mongodb://127.0.0.1:{port}", "amoeba", TIMEOUT)

    @pytest.mark.timed
    async def test_nobody_there_is_unavailable_in_time(self) -> None:
        port, begun = free_port(), time.monotonic()
        with pytest.raises(Unavailable):
            await Store.open(f"mongodb://127.0.0.1:{port}", "amoeba", 0.5)
        assert time.monotonic() - begun < 1.5

    @pytest.mark.parametrize("uri", ["mongodb://", "mongodb://h:port", "mongodb://user@:password@h"])
    async def test_an_unusable_uri_is_a_start_error(self, uri: str) -> None:
        with pytest.raises(StartError, match="cannot be used"):
            await Store.open(uri, "amoeba", 0.5)


async def open_cursors(store: Store) -> int:
    status = await store.database.command({"serverStatus": 1, "repl": 0})
    return int(status["metrics"]["cursor"]["open"]["total"])


@both_drivers
class TestReads:
    @pytest.mark.parametrize(
        ("by", "value", "expected"),
        [
            ("id", 2, 2),
            ("id", "2", 2),
            ("id", "9", None),
            ("guid", "2@example.org", 2),
            ("slug", "slug-2", 2),
            ("slug", "2@example.org", None),
        ],
    )
    async def test_an_add_on_is_found_by_its_names(
        self, store: Store, by: str, value: str | int, expected: int | None
    ) -> None:
        await store.bulk_replace("addons", [numbered(1), numbered(2)])
        addon = await store.find_addon(by, value)
        assert addon == (numbered(2) if expected else None)

    async def test_by_id_gives_those_that_exist(self, store: Store) -> None:
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(700)])
        await store.write([Insert("users", make_user())])
        addons = await store.addons_by_id(range(100, 800))
        assert addons == {id_: numbered(id_) for id_ in range(100, 700)}
        assert await store.users_by_id([6, 7]) == {7: make_user()}
        assert await store.addons_by_id([]) == {}

    @pytest.mark.parametrize(("batch", "sizes"), [(250, [250, 250, 101]), (600, [600, 1]), (601, [601])])
    async def test_scan_gives_every_document_once(self, store: Store, batch: int, sizes: list[int]) -> None:
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(601)])
        lists = [documents async for documents in store.scan("addons", batch=batch)]
        assert [len(documents) for documents in lists] == sizes
        assert sorted(d["_id"] for documents in lists for d in documents) == list(range(601))

    async def test_scan_of_nothing_gives_nothing(self, store: Store) -> None:
        assert [documents async for documents in store.scan("addons")] == []

    async def test_scan_can_choose_fields_order_and_number(self, store: Store) -> None:
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(5)])
        query = {"_id": {"$gt": 0}}
        lists = store.scan("addons", query=query, fields={"slug": 1}, sort=[("_id", -1)], limit=2)
        assert [documents async for documents in lists] == [
            [{"_id": 4, "slug": "slug-4"}, {"_id": 3, "slug": "slug-3"}]
        ]
        assert [d["_id"] for d in await store.find("addons", query, sort=[("_id", 1)], limit=2)] == [1, 2]

    async def test_scan_that_is_left_early_leaves_no_cursor(self, store: Store) -> None:
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(500)])
        before = await open_cursors(store)  # of the server itself, and of tests before this one
        lists = store.scan("addons", batch=10)
        async for _ in lists:
            break
        await lists.aclose()
        for _ in range(100):
            if await open_cursors(store) <= before:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("a cursor stayed open")


class TestLongReads:
    @pytest.mark.timed
    async def test_a_scan_of_a_whole_collection_is_limited_list_by_list(self, store: Store) -> None:
        """MongoDB works for longer altogether than a call may take: 20 ms a document."""
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(100)])
        numbers = {"$map": {"input": {"$range": [0, 120_000]}, "in": {"$multiply": ["$$this", 2]}}}
        slow = {"$expr": {"$gte": [{"$sum": numbers}, 0]}}
        store.timeout = 0.5
        lists = store.scan("addons", query=slow, batch=2, whole=True)
        assert [len(documents) async for documents in lists] == [2] * 50
        with pytest.raises(Unavailable):
            await store.find("addons", slow)
        store.timeout = TIMEOUT

    async def test_the_size_of_a_collection(self, store: Store) -> None:
        assert await store.size("addons") == 0
        await store.bulk_replace("addons", [numbered(id_) for id_ in range(7)])
        assert await store.size("addons") == 7

    @pytest.mark.timed
    async def test_decoding_does_not_hold_the_event_loop(self, store: Store) -> None:
        versions = make_addon()["versions"] * 4
        await store.bulk_replace("addons", [numbered(id_, versions=versions) for id_ in range(1500)])
        gc.freeze()  # as a server does when it has built its catalogue; here it is what earlier tests left
        longest, last = 0.0, time.thread_time()

        async def watch() -> None:
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.001)
                longest, last = max(longest, time.thread_time() - last), time.thread_time()

        watching = asyncio.create_task(watch())
        async for _ in store.scan("addons"):
            pass
        watching.cancel()
        assert longest < 0.05


STORED = numbered(1, revision=4)
FAULTS: list[tuple[str, Operation, type[StoreError], str | None]] = [
    ("id taken", Insert("addons", numbered(1)), Duplicate, "addons: _id 1 is taken"),
    ("guid taken", Insert("addons", numbered(2) | {"guid": "1@example.org"}), Duplicate, "guid '1@ex"),
    ("slug taken", Update("addons", 3, {"$set": {"slug": "slug-1"}}), Duplicate, "addons: slug 'slug-1'"),
    ("replace: old revision", Replace("addons", STORED, revision=3), Conflict, "changed or removed"),
    ("update: old revision", Update("addons", 1, {"$set": {"a": 1}}, revision=3), Conflict, None),
    ("delete: old revision", Delete("addons", 1, revision=3), Conflict, None),
    ("replace: not there", Replace("addons", numbered(9)), Conflict, None),
    ("update: not there", Update("addons", 9, {"$set": {"a": 1}}), Conflict, None),
    ("number too large", Insert("addons", numbered(2, hotness=2**64)), Unstorable, "8-byte"),
    ("half a character", Insert("addons", numbered(2, homepage={"en-US": "\ud800"})), Unstorable, None),
    ("NUL in a key", Insert("addons", numbered(2, name={"en\0": "x"})), Unstorable, None),
    ("unknown type", Insert("addons", numbered(2, name=object())), Unstorable, None),
    ("too large", Insert("addons", numbered(2, name={"en-US": "x" * 17_000_000})), Unstorable, None),
]  # fmt: skip


@both_drivers
class TestWrites:
    @pytest.mark.parametrize(
        ("operation", "kind", "text"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
    )
    async def test_a_fault_is_named_and_nothing_is_written(
        self, store: Store, operation: Operation, kind: type[StoreError], text: str | None
    ) -> None:
        await store.bulk_replace("addons", [STORED, numbered(3)])
        with pytest.raises(kind, match=text):
            await store.write([Insert("outbox", {"_id": "addon:1"}), operation])
        assert await store.count("outbox") == 0
        assert await store.addons_by_id(range(10)) == {1: STORED, 3: numbered(3)}

    async def test_a_duplicate_names_field_and_value(self, store: Store) -> None:
        await store.write([Insert("addons", STORED)])
        with pytest.raises(Duplicate) as caught:
            await store.write([Insert("addons", numbered(2) | {"slug": "slug-1"})])
        fault = caught.value
        assert (fault.collection, fault.field, fault.value) == ("addons", "slug", "slug-1")

    async def test_several_add_ons_may_have_no_guid_and_no_slug(self, store: Store) -> None:
        nameless = {"guid": None, "slug": None}
        await store.write([Insert("addons", numbered(id_) | nameless) for id_ in (1, 2)])
        assert await store.count("addons") == 2

    async def test_writes_apply_in_order_and_together(self, store: Store) -> None:
        await store.write([Insert("addons", STORED), Insert("users", make_user())])
        position = await store.write(
            [
                Replace("addons", STORED | {"revision": 5}, revision=4),
                Update("addons", 1, {"$set": {"weekly_downloads": 3}}, revision=5),
                Update("outbox", "addon:1", {"$set": {"tries": 0}}, upsert=True),
                Delete("users", 7),
                Delete("users", 8),
            ]
        )
        assert position is None or position > (0, 0)
        addon = await store.find_addon("id", 1)
        assert addon and (addon["revision"], addon["weekly_downloads"]) == (5, 3)
        assert await store.find("outbox", {}, unchecked=True) == [{"_id": "addon:1", "tries": 0}]
        assert await store.count("users") == 0

    async def test_concurrent_edits_of_one_document_are_all_kept(self, store: Store) -> None:
        await store.write([Insert("addons", STORED)])

        async def edit(transaction: Transaction) -> int:
            addon = await transaction.find_addon("id", 1)
            assert addon
            await transaction.apply(Replace("addons", addon | {"revision": addon["revision"] + 1}))
            return addon["revision"]

        done = await asyncio.gather(*(store.run_transaction(edit) for _ in range(8)))
        assert sorted(each.value for each in done) == list(range(4, 12))

    async def test_an_exception_rolls_back_and_is_passed_on(self, store: Store) -> None:
        async def fail(transaction: Transaction) -> None:
            await transaction.apply(Insert("addons", STORED))
            raise LookupError

        with pytest.raises(LookupError):
            await store.run_transaction(fail)
        assert await store.count("addons") == 0

    async def test_read_only_refuses_callers_and_lets_maintenance_through(self, store: Store) -> None:
        store.read_only = True
        with pytest.raises(ReadOnly):
            await store.write([Insert("addons", STORED)])
        await store.write([Insert("site", {"_id": "state"})], maintenance=True)
        assert (await store.count("addons"), await store.count("site")) == (0, 1)

    async def test_numbers_are_given_once(self, store: Store) -> None:
        numbers = await asyncio.gather(*(store.next_id("addons") for _ in range(20)))
        assert sorted(numbers) == list(range(1, 21))
        assert await store.next_id("addons", count=5) == 21
        await store.raise_counter("addons", 100)
        await store.raise_counter("addons", 50)
        assert await store.next_id("addons") == 101


@both_drivers
class TestBulk:
    async def test_new_documents_and_updates_in_a_transaction_are_stored_with_it(self, store: Store) -> None:
        async with store.transaction() as transaction:
            await transaction.bulk_insert("addons", [numbered(id_) for id_ in range(1, 301)])
            raised = [Update("counters", "addon", {"$inc": {"value": id_}}, upsert=True) for id_ in (1, 2)]
            await transaction.bulk_update("counters", raised)
            assert await store.count("addons") == 0
        assert await store.count("addons") == 300
        assert await store.find("counters", {}) == [{"_id": "addon", "value": 3}]

    async def test_a_new_document_that_is_stored_already_ends_the_transaction(self, store: Store) -> None:
        await store.write([Insert("addons", numbered(1))])
        with pytest.raises(Duplicate) as caught:
            async with store.transaction() as transaction:
                await transaction.bulk_insert("addons", [numbered(2), numbered(3) | {"slug": "slug-1"}])
        assert str(caught.value) == "addons: slug 'slug-1' is taken"
        assert await store.count("addons") == 1

    async def test_the_second_time_nothing_changes(self, store: Store) -> None:
        documents = [numbered(id_) for id_ in range(300)]
        assert (await store.bulk_replace("addons", documents)).changed == 300
        documents[7]["weekly_downloads"] = 99
        assert (await store.bulk_replace("addons", documents)).changed == 1
        assert (await store.bulk_replace("addons", documents)).changed == 0

    async def test_what_cannot_be_stored_is_named_and_the_rest_is_stored(self, store: Store) -> None:
        documents = [
            numbered(1),
            numbered(2) | {"slug": "slug-1"},
            numbered(3),
            numbered(4) | {"slug": "slug-3"},
        ]
        result = await store.bulk_replace("addons", documents)
        assert result.changed == 2
        assert {index: str(fault) for index, fault in result.faults.items()} == {
            1: "addons: slug 'slug-1' is taken",
            3: "addons: slug 'slug-3' is taken",
        }
        assert sorted(await store.addons_by_id(range(9))) == [1, 3]

    async def test_a_document_no_database_can_hold_does_not_stop_the_others(self, store: Store) -> None:
        documents = [numbered(id_) for id_ in range(600)]
        documents[300]["homepage"] = {"en-US": "\ud800"}
        documents[599]["hotness"] = 2**64
        result = await store.bulk_replace("addons", documents)
        assert {index: type(fault) for index, fault in result.faults.items()} == {
            300: Unstorable,
            599: Unstorable,
        }
        assert result.changed == await store.count("addons") == 598

    async def test_in_a_transaction_the_first_fault_ends_it(self, store: Store) -> None:
        documents: Sequence[dict[str, Any]] = [numbered(1), numbered(2) | {"slug": "slug-1"}]
        with pytest.raises(Duplicate):
            await store.run_transaction(lambda transaction: transaction.bulk_replace("addons", documents))
        assert await store.count("addons") == 0

    async def test_nothing_to_do_is_done(self, store: Store) -> None:
        assert (await store.bulk_replace("addons", [])).changed == 0


@pytest.mark.timeout(seconds=60)
async def test_every_call_ends_in_time_while_mongod_hangs_and_works_after(tmp_path: Path) -> None:
    async with running(tmp_path) as mongod, await Store.open(mongod.uri, "amoeba", 1.0) as store:
        await store.write([Insert("addons", STORED)])
        assert mongod.pid
        os.kill(mongod.pid, signal.SIGSTOP)
        while psutil.Process(mongod.pid).status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0.01)
        begun = time.monotonic()
        calls = [
            store.ping(),
            store.find_addon("id", 1),
            store.addons_by_id([1]),
            store.find("addons", {}),
            store.count("addons"),
            store.write([Insert("addons", numbered(2))]),
            store.bulk_replace("addons", [numbered(3)]),
            store.next_id("addons"),
            store.watch(),
        ]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Unavailable] * len(calls)
        assert all(isinstance(outcome, StoreError) for outcome in outcomes)
        assert time.monotonic() - begun < 6
        os.kill(mongod.pid, signal.SIGCONT)
        await store.write([Insert("addons", numbered(5))])


@pytest.mark.alters_schema
async def test_names_that_differ_in_case_alone(store: Store, mongod: Any, caplog: Any) -> None:
    """New ones are refused; where the data has them already both stay, and the older one answers."""
    first, second = make_addon(guid="A@x", slug="a"), make_addon(_id=2, guid="a@X", slug="b")
    await store.write([Insert("addons", first)])
    with pytest.raises(Duplicate):
        await store.write([Insert("addons", second)])
    await store.database.command({"dropIndexes": "addons", "index": "guid_folded"})
    await store.write([Insert("addons", second)])
    async with await Store.open(mongod.uri, store.database.name, TIMEOUT) as again:
        assert "addons [1, 2] have the same guid 'A@x' but for its case" in caplog.text
        assert "1 times guid of addons differ in case alone" in caplog.text
        assert [await again.find_addon_id("guid", guid) for guid in ("A@X", "a@X", "b@x")] == [1, 2, None]
        await again.write([Delete("addons", 2)])
    async with await Store.open(mongod.uri, store.database.name, TIMEOUT) as again:
        with pytest.raises(Duplicate):
            await again.write([Insert("addons", second)])
