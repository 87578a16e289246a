"""What the store does about transactions that nobody goes on with, or that a restart turned away.

tests/drills has the processes.
"""

import time

import pytest
from bson import Int64, Timestamp
from pymongo.errors import OperationFailure

from server.embedded.mongod import OwnMongod
from server.errors import StoreError
from server.storage.operations import Insert, Update
from server.storage.store import Store, Transaction
from tests.factories import make_addon
from tests.mongod_fixture import TIMEOUT, both_drivers


async def rename(store: Store, slug: str) -> None:
    await store.write([Update("addons", 1, {"$set": {"slug": slug}})])


class TestAbandoned:
    async def test_a_write_gets_past_a_transaction_nobody_goes_on_with(
        self, mongod: OwnMongod, store: Store
    ) -> None:
        await store.write([Insert("addons", make_addon())])
        async with await Store.open(mongod.uri, "amoeba_test", TIMEOUT) as dead:
            transaction = dead.transaction()
            held = await transaction.__aenter__()
            await held.apply(Update("addons", 1, {"$set": {"slug": "dead"}}))
            begun = time.monotonic()
            await rename(store, "alive")
            assert time.monotonic() - begun < 3
            with pytest.raises(StoreError) as ended:
                await transaction.__aexit__(None, None, None)
            assert ended.value.transient
        addon = await store.find_addon("id", 1)
        assert addon is not None and addon["slug"] == "alive"


@both_drivers
async def test_a_mongod_that_has_not_read_its_keys_yet_is_asked_again(store: Store) -> None:
    """For some milliseconds of a restart it knows no key of the time that the driver tells it."""
    hello, tries = await store.ping(), []

    async def insert(transaction: Transaction) -> None:
        tries.append(transaction)
        if len(tries) == 1:
            later = Timestamp(hello["$clusterTime"]["clusterTime"].time + 60, 1)
            signature = {"hash": bytes(20), "keyId": Int64(1)}
            transaction._session.advance_cluster_time({"clusterTime": later, "signature": signature})
        await transaction.apply(Insert("addons", make_addon()))

    await store.run_transaction(insert)
    assert (len(tries), await store.count("addons")) == (2, 1)


@both_drivers
async def test_a_commit_of_which_a_mongod_does_not_tell_yet_is_asked_for_and_not_made_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was lost with the mongod, and the next one turns away who asks too early."""
    tries: list[Transaction] = []

    async def insert(transaction: Transaction) -> None:
        tries.append(transaction)
        commit = transaction._session.commit_transaction
        faults = [OperationFailure("no keys found", 211, {"code": 211, "errmsg": "no keys found"})]

        async def commit_and_lose() -> None:
            await commit()
            if faults:
                raise faults.pop()

        monkeypatch.setattr(transaction._session, "commit_transaction", commit_and_lose)
        await transaction.apply(Insert("addons", make_addon()))

    await store.run_transaction(insert)
    assert (len(tries), await store.count("addons")) == (1, 1)
