"""What the store does about transactions whose process is gone; tests/drills has the processes."""

import time

import pytest

from server.embedded.mongod import OwnMongod
from server.errors import StoreError
from server.storage.operations import Insert, Update
from server.storage.store import Store
from tests.factories import make_addon
from tests.mongod_fixture import TIMEOUT


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
        found = await store.find_addon("id", 1)
        assert found is not None and found["slug"] == "alive"
