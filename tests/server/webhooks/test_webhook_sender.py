"""Webhooks: recorded with the change, signed, delivered at least once, and never to addresses inside.

Rules: contract/webhooks.md 1, 3, 4.
"""

import asyncio
import socket
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from server.changes import Changes, Edited
from server.operating.diagnosis import diagnose_store
from server.outside.http_client import HttpClient, NoAnswer
from server.retry import Backoff
from server.storage.lease_queue import PARKED, Queue
from server.storage.operations import Delete, Insert, Update
from server.storage.store import Store
from server.webhooks import endpoints, sender
from server.webhooks.outbox import OUTBOX
from server.webhooks.sender import PATIENCE
from tests.factories import make_addon, make_user
from tests.fake_basket import ILLS, WELL, Basket, Said, said
from tests.server.webhooks.sending import (
    ENDLESS,
    RING,
    SETTINGS,
    add,
    age,
    count_parked,
    is_disabled,
    is_empty,
    record,
    sending,
    tell,
    until,
    verified,
)


async def test_a_change_is_told_once_and_signed(store: Store, receiver: Basket) -> None:
    _, secret = await add(store, receiver)
    await store.write([Insert("addons", make_addon())])
    changes = Changes(store, None)
    edited = {"tags": ["music"]}
    await changes.edit_addon(1, lambda addon: Edited({**addon, **edited}))  # type: ignore[typeddict-item]
    async with sending(store):
        await until(lambda: is_empty(store))
    [arrival] = receiver.arrivals
    message = verified(arrival, secret)
    assert (message["type"], message["data"]["changed"], message["data"]["addon"]["id"]) == (
        "addon.updated",
        ["tags"],
        1,
    )
    assert message["timestamp"].endswith("Z") and set(message) == {"type", "timestamp", "data"}
    assert arrival.headers["webhook-id"].startswith("msg_")
    arrival.text = arrival.text.replace(b"music", b"muzak").replace(b"tags", b"tabs")
    with pytest.raises(WebhookVerificationError):
        verified(arrival, secret)


async def test_what_did_not_happen_is_not_told(store: Store, receiver: Basket) -> None:
    await add(store, receiver)
    changes = Changes(store, None)

    async def work(change: Any) -> None:
        await change.create_user(make_user())
        raise ValueError

    with pytest.raises(ValueError):
        await changes.run(work)
    assert await is_empty(store)


async def test_each_endpoint_gets_what_it_asked_for_with_its_own_secret(store: Store) -> None:
    with closing(Basket()) as one, closing(Basket()) as other, closing(Basket()) as disabled:
        (_, secret), (_, other_secret) = await add(store, one), await add(store, other, "addon.*")
        await endpoints.disable(store, (await add(store, disabled))[0], "a test")
        await tell(store, "rating.created")
        await tell(store, "addon.created")
        async with sending(store):
            await until(lambda: is_empty(store))
        assert sorted(arrival.body["type"] for arrival in one.arrivals) == ["addon.created", "rating.created"]
        [arrival] = other.arrivals
        verified(arrival, other_secret)
        with pytest.raises(WebhookVerificationError):
            verified(arrival, secret)
        same = [sent for sent in one.arrivals if sent.body["type"] == "addon.created"]
        assert [sent.headers["webhook-id"] for sent in same] == [arrival.headers["webhook-id"]]
        assert disabled.heads == []


# What a receiver does, and what the record says of it.
UNWELL: dict[str, tuple[Said | None, str]] = {
    "500": (said(500), "500"),
    "400": (said(400), "400"),
    "redirect": (said(307, location="http://127.0.0.1:1/"), "307, a redirect"),
    "503": (said(503), "503"),
    "slow": (ILLS["hangs"], "no answer: TimeoutError"),
    "endless": (ENDLESS, "no answer: an answer of more than"),
    "closes": (ILLS["closes mid-answer"], "no answer:"),
}


@pytest.mark.timed
async def test_whatever_a_receiver_does_nothing_is_lost(store: Store) -> None:
    """All at the same time: none of them waits for another."""
    with closing(Basket()) as well:
        receivers = {name: Basket() for name in UNWELL}
        ids = {name: (await add(store, receiver))[0] for name, receiver in receivers.items()}
        await add(store, well)
        for name, receiver in receivers.items():
            receiver.first = [answer] if (answer := UNWELL[name][0]) else []
            receiver.answer = receiver.answer if answer else None
        await tell(store)
        async with sending(store):
            await until(lambda: well.arrivals, 2.0)
            for name, (_, text) in UNWELL.items():
                await until(partial(record, store, endpoint=ids[name], tries=1))
                stored = await record(store, endpoint=ids[name])
                assert stored and stored["error"].startswith(text), name
                receivers[name].answer = WELL
                await store.write([Update(OUTBOX, stored["_id"], {"$set": {"due": 0.0}})])
        async with sending(store):  # who starts anew knows of no failure
            await until(lambda: is_empty(store))
        for name, receiver in receivers.items():
            ids_told = {arrival.headers["webhook-id"] for arrival in receiver.arrivals}
            assert len(receiver.arrivals) == 2 and len(ids_told) == 1, name
            receiver.close()


async def test_410_disables_and_what_waits_stays(store: Store, receiver: Basket) -> None:
    id, _ = await add(store, receiver)
    receiver.answer = said(410)
    await tell(store)
    async with sending(store):
        await until(lambda: record(store, state=PARKED))
        await until(partial(is_disabled, store, id))
        assert f"webhook {id}" in {finding.about for finding in await diagnose_store(SETTINGS, store)}
        await tell(store)  # it hears of nothing new
        assert await store.count(OUTBOX) == 1
        receiver.answer = WELL
        await endpoints.enable(store, id)
        await tell(store)
        await until(lambda: len(receiver.arrivals) == 2)
    assert await store.count(OUTBOX, {"state": PARKED}) == 1


@pytest.mark.parametrize("answer", [said(400), said(503)], ids=["of the event", "of the endpoint"])
async def test_after_three_days_all_that_waited_is_parked(
    store: Store, receiver: Basket, answer: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_OUTAGES", Backoff(0.2, 0.2))
    await add(store, receiver)
    receiver.answer = answer
    await tell(store, count=3)
    await age(store, PATIENCE + 1)
    await tell(store)
    async with sending(store):
        await until(lambda: count_parked(store, 3))
    assert await store.count(OUTBOX, {"state": "pending", "tries": {"$lte": 1}}) == 1


async def test_retry_after_is_kept(store: Store, receiver: Basket) -> None:
    await add(store, receiver)
    receiver.first = [said(429, retry_after="1")]
    await tell(store)
    async with sending(store):
        await until(lambda: is_empty(store))
    first, second = receiver.arrivals
    assert second.at - first.at >= 0.75


async def test_two_processes_never_send_the_same(store: Store, receiver: Basket) -> None:
    await add(store, receiver)
    await tell(store, count=40)
    async with sending(store), sending(store):
        await until(lambda: is_empty(store))
    assert len({arrival.headers["webhook-id"] for arrival in receiver.arrivals}) == 40
    assert len(receiver.arrivals) == 40


async def test_what_a_dead_process_had_is_sent_after_its_lease(store: Store, receiver: Basket) -> None:
    await add(store, receiver)
    await tell(store)
    assert len(await Queue(store, OUTBOX, lease=0.3).claim(5)) == 1
    async with sending(store):
        await until(lambda: is_empty(store))
    assert len(receiver.arrivals) == 1


async def test_while_read_only_nothing_is_sent_and_nothing_lost(store: Store, receiver: Basket) -> None:
    await add(store, receiver)
    await tell(store)
    async with sending(store, lambda: True):
        await asyncio.sleep(0.2)
    assert receiver.heads == [] and await store.count(OUTBOX) == 1


async def test_of_parked_events_the_newest_stay(
    store: Store, receiver: Basket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """contract/webhooks.md 3"""
    monkeypatch.setattr(endpoints, "MAX_PARKED_EVENTS", 3)
    (id, _), (other, _) = await add(store, receiver), await add(store, receiver)
    await tell(store, count=5)
    for number, event in enumerate(await store.find(OUTBOX, {"endpoint": id})):
        await store.write([Update(OUTBOX, event["_id"], {"$set": {"state": PARKED, "due": float(number)}})])
    async with sending(store, lambda: False):
        await until(lambda: count_parked(store, 3))
        await until(lambda: is_empty(store, endpoint=other))
    assert {event["due"] for event in await store.find(OUTBOX, {"endpoint": id})} == {2.0, 3.0, 4.0}
    assert f"webhook {id}: the oldest 2 parked events are dropped" in caplog.text


async def test_an_endpoint_goes_with_what_it_has_yet_to_hear(store: Store, receiver: Basket) -> None:
    id, _ = await add(store, receiver)
    await tell(store)
    assert await endpoints.remove(store, id) == 1
    assert await is_empty(store)
    with pytest.raises(endpoints.WebhookFault):
        await endpoints.remove(store, id)
    id, _ = await add(store, receiver)
    await tell(store)
    await store.write([Delete("webhooks", id)])  # as by a change that was under way
    await age(store, 100.0)
    async with sending(store):
        await until(lambda: is_empty(store))
    assert receiver.heads == []


# Addresses that nobody but this machine, or this network, should be able to reach.
INSIDE = """
    127.0.0.1 127.255.0.1 localhost [::1] 0.0.0.0 [::] 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254
    100.64.0.1 224.0.0.1 240.0.0.1 255.255.255.255 [fe80::1] [fc00::1] [::ffff:127.0.0.1] [::ffff:10.0.0.1]
    [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001::1] [::127.0.0.1] [fec0::1] [ff02::1]
    [::1%25lo] LOCALHOST 127.0.0.1. 0177.0.0.1 2130706433 0x7f000001 127.1 017700000001
"""


async def test_nothing_inside_is_connected_to(receiver: Basket, monkeypatch: pytest.MonkeyPatch) -> None:
    port = receiver.url.rpartition(":")[2]
    client = HttpClient(1.0, 4, private=False)
    try:
        for host in INSIDE.split():
            with pytest.raises(NoAnswer):
                await client.post_bytes(f"http://{host}:{port}/hook", b"{}", {})
        mixed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("8.8.8.8", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: mixed)
        with pytest.raises(NoAnswer, match=r"127\.0\.0\.1 is no public address"):
            await client.post_bytes(f"http://mixed.example:{port}/hook", b"{}", {})
    finally:
        await client.close()
    assert receiver.heads == []


UNFIT = """
    http://example.org/ ftp://example.org/ https:// https://u:p@example.org/ https://example.org/#a
    https://example.org:0/ https://example.org:99999/ https://[ javascript:alert(1) x
"""


async def test_addresses_that_cannot_be_endpoints(store: Store) -> None:
    wrong = []
    for url in [
        *UNFIT.split(),
        "https://example.org/ x",
        "https://ex\u00e4mple.org/",
        "https://e.org/" + "x" * 2048,
    ]:
        with suppress(endpoints.WebhookFault):
            await endpoints.add_endpoint(store, RING, url, [], private=False)
            wrong.append(url)
    assert wrong == []
    with pytest.raises(endpoints.WebhookFault, match="is no event"):
        await endpoints.add_endpoint(store, RING, "https://example.org/", ["addon.eaten"], private=False)


async def test_a_damaged_endpoint_loses_nothing_and_keeps_nobody(store: Store, receiver: Basket) -> None:
    id, _ = await add(store, receiver)
    with closing(Basket()) as other:
        await add(store, other)
        await tell(store)
        await age(store, 100.0)
        await store.write([Update("webhooks", id, {"$set": {"url": 7}})])
        async with sending(store):
            await until(lambda: other.arrivals)
            await asyncio.sleep(0.1)
        assert await store.count(OUTBOX, {"endpoint": id}) == 1
        await store.write([Update("webhooks", id, {"$set": {"url": f"{receiver.url}/hook"}})])
        async with sending(store):
            await until(lambda: is_empty(store))
    assert len(receiver.arrivals) == 1
