"""How much waits, and for how long: what is recorded again keeps its age."""

import time

from server.basket.outbox import OUTBOX, sync_operation
from server.storage.lease_queue import PARKED, Queue, waiting
from server.storage.operations import Insert, Update
from server.storage.store import Store
from server.telemetry.queues import QueueState, read_queues


async def test_sizes_and_ages(store: Store) -> None:
    assert set((await read_queues(store)).values()) == {QueueState(0, 0, 0.0)}
    await store.write([sync_operation("addon", 1), sync_operation("user", 1)])
    aged = {"$set": {"since": time.time() - 100}}
    await store.write(
        [Update(OUTBOX, "addon:1", aged), Update(OUTBOX, "user:1", {"$set": {"state": PARKED}})]
    )
    await store.write([sync_operation("addon", 1), Insert("validations", waiting(_id="a"))])
    queues = await read_queues(store)
    assert (queues["basket"].pending, queues["basket"].parked) == (1, 1)
    assert 100 <= queues["basket"].oldest < 160
    assert queues["uploads"].pending == 1 and queues["uploads"].oldest < 60
    for record in await Queue(store, OUTBOX).claim(1):
        await Queue(store, OUTBOX).finish(record)
