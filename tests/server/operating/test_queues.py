"""How much waits, and for how long: what is recorded again keeps its age."""

import time

from server.basket.outbox import OUTBOX, sync_operation
from server.operating.queues import QueueState, drop, list_failing, read_queues, retry
from server.storage.lease_queue import PARKED, Queue, new_record
from server.storage.operations import Insert, Update
from server.storage.store import Store


async def test_sizes_and_ages(store: Store) -> None:
    assert set((await read_queues(store)).values()) == {QueueState(0, 0, 0.0)}
    await store.write([sync_operation("addon", 1), sync_operation("user", 1)])
    aged = {"$set": {"since": time.time() - 100}}
    await store.write(
        [Update(OUTBOX, "addon:1", aged), Update(OUTBOX, "user:1", {"$set": {"state": PARKED}})]
    )
    await store.write([sync_operation("addon", 1), Insert("validations", new_record(_id="a"))])
    queues = await read_queues(store)
    assert (queues["basket"].pending, queues["basket"].parked) == (1, 1)
    assert 100 <= queues["basket"].oldest < 160
    assert queues["uploads"].pending == 1 and queues["uploads"].oldest < 60
    for record in await Queue(store, OUTBOX).claim(1):
        await Queue(store, OUTBOX).finish(record)


async def test_parked_records_are_listed_tried_again_and_dropped(store: Store) -> None:
    """The one table of queues that commands and pages go by."""
    mail = {"to": "a@example.org", "sender": "", "subject": "", "text": "", "headers": {}}
    await store.write([sync_operation("addon", 1), Insert("mail_outbox", new_record(_id="a", **mail))])
    parked = {"$set": {"state": PARKED, "error": "no", "tries": 3}}
    for collection, id in (("outbox", "addon:1"), ("mail_outbox", "a")):
        await store.write([Update(collection, id, parked)])
    assert [record["_id"] for record in await list_failing(store, "basket", 5)] == ["addon:1"]
    assert await retry(store, ["basket", "mail_out"], ["nothing of ours"]) == 0
    assert await retry(store, ["basket", "mail_out"], ["addon:1"]) == 1
    queues = await read_queues(store)
    assert [queues[name].parked for name in ("basket", "mail_out")] == [0, 1]
    assert await drop(store, ["basket", "mail_out"]) == 1
    assert await store.count("mail_outbox") == 0
