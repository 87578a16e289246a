"""Delivery: at least once, newest state, never an older one after it (contract/basket.md 2 and 9).

Rules: contract/versions.md 20.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest

from conf.settings.loading import load_settings
from conf.settings.settings import Settings
from server.basket.outbox import OUTBOX, Syncs, sync_operation
from server.basket.sender import Sender
from server.storage.lease_queue import Queue
from server.storage.operations import Insert, Replace
from server.storage.store import Store
from tests.factories import make_addon, make_user
from tests.fake_basket import ILLS, WELL, Basket, Said, said


@pytest.fixture
def basket() -> Iterator[Basket]:
    with closing(Basket()) as basket:
        yield basket


def settings_for(basket: Basket, **values: Any) -> Settings:
    words = {"basket_url": basket.url, "basket_sync": True, "basket_api_key": "k", "basket_timeout": 0.5}
    return load_settings({**words, **values})


@asynccontextmanager
async def sending(
    store: Store, settings: Settings, is_read_only: Callable[[], bool] = lambda: False
) -> AsyncIterator[Sender]:
    sender = Sender(settings, store, is_read_only)
    try:
        yield sender
    finally:
        await sender.close()


async def change(store: Store, **fields: Any) -> None:
    """Store add-on 1 as said, and record that it changed."""
    await store.write([Replace("addons", make_addon(**fields), upsert=True), sync_operation("addon", 1)])


async def waiting(store: Store) -> int:
    return await store.count(OUTBOX)


async def test_a_record_is_posted_once_and_gone(store: Store, basket: Basket) -> None:
    await store.write([Insert("users", make_user())])
    await change(store)
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
        await sender.run_once()
    assert [one.path for one in basket.arrivals] == ["/amo-sync/addon/"]
    sent = basket.arrivals[0]
    assert (sent.sender, sent.body["id"], sent.body["authors"][0]["id"]) == ("k", 1, 7)
    assert await waiting(store) == 0


async def test_changes_fold_and_the_newest_state_is_sent(store: Store, basket: Basket) -> None:
    for slug in ("one", "two", "three"):
        await change(store, slug=slug)
    assert await waiting(store) == 1
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
    assert [one.body["slug"] for one in basket.arrivals] == ["three"]


async def test_the_key_header_is_sent_even_without_a_key(store: Store, basket: Basket) -> None:
    await change(store)
    async with sending(store, settings_for(basket, basket_api_key=None)) as sender:
        await sender.run_once()
    assert basket.arrivals[0].sender == ""


async def test_users_go_to_userprofile(store: Store, basket: Basket) -> None:
    await store.write([Insert("users", make_user(_id=9)), sync_operation("user", 9)])
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
    assert [(one.path, one.body["id"]) for one in basket.arrivals] == [("/amo-sync/userprofile/", 9)]


async def test_what_is_gone_for_good_is_dropped_silently(store: Store, basket: Basket) -> None:
    await store.write([sync_operation("addon", 404), sync_operation("user", 404)])
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
    assert (basket.arrivals, await waiting(store)) == ([], 0)


@pytest.mark.parametrize("switch", ["off", "no URL", "read-only"])
async def test_nothing_is_sent_and_nothing_lost(store: Store, basket: Basket, switch: str) -> None:
    switches: dict[str, dict[str, Any]] = {"off": {"basket_sync": False}, "no URL": {"basket_url": None}}
    words = switches.get(switch, {})
    await change(store)
    async with sending(store, settings_for(basket, **words), lambda: switch == "read-only") as sender:
        await sender.run_once()
    assert (basket.arrivals, await waiting(store)) == ([], 1)
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
    assert len(basket.arrivals) == 1


@pytest.mark.parametrize(
    "answer",
    [
        said(500),
        said(503),
        ILLS["hangs"],
        ILLS["closes mid-answer"],
        Said(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly"),
        Said(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000),
        Said(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000),
    ],
    ids=["500", "503", "hangs", "closes mid-answer", "body broken off", "body too large", "no end in sight"],
)
@pytest.mark.timed
async def test_a_sick_basket_loses_nothing(store: Store, basket: Basket, answer: Said | None) -> None:
    basket.answer = answer
    await change(store)
    async with sending(store, settings_for(basket)) as sender:
        started = time.monotonic()
        await sender.run_once()
        assert time.monotonic() - started < 1.5
        assert await waiting(store) == 1
        basket.answer = WELL
        basket.arrivals.clear()
        await until(lambda: run_and_count(sender, store))
    assert basket.arrivals[-1].body["id"] == 1


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(
    store: Store, basket: Basket, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The change would be lost as a GET, and the key told to another origin."""
    with closing(Basket()) as other:
        basket.answer = said(status, location=f"{other.url}/amo-sync/addon/")
        await change(store)
        async with sending(store, settings_for(basket)) as sender:
            await sender.run_once()
            assert other.heads == []
            assert await waiting(store) == 1
            basket.answer = WELL
            await until(lambda: run_and_count(sender, store))
    assert len(basket.arrivals) == 2
    assert "a redirect" in caplog.text


@pytest.mark.parametrize("status", [201, 202, 204])
async def test_any_success_is_delivery(store: Store, basket: Basket, status: int) -> None:
    basket.answer = Said(f"HTTP/1.1 {status} Fine\r\nContent-Length: 0\r\n\r\n".encode(), status)
    await change(store)
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
    assert await waiting(store) == 0


async def test_requests_that_fail_together_are_one_failure(store: Store, basket: Basket) -> None:
    """Or a hiccup under load would silence the sender for as long as an outage does."""
    basket.first = [said(500)] * 4
    await store.write([Insert("users", make_user(_id=id_, username=f"u{id_}")) for id_ in range(1, 9)])
    await store.write([sync_operation("user", id_) for id_ in range(1, 9)])
    async with sending(store, settings_for(basket, basket_concurrency=4)) as sender:
        await until(lambda: run_and_count(sender, store), 4.0)


async def run_and_count(sender: Sender, store: Store) -> bool:
    await sender.run_once()
    return await waiting(store) == 0


async def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.05)


async def test_retry_after_is_honoured(store: Store, basket: Basket) -> None:
    basket.first = [said(429, retry_after="1")]
    await change(store)
    async with sending(store, settings_for(basket)) as sender:
        await until(lambda: run_and_count(sender, store))
    first, second = basket.arrivals
    assert second.at - first.at >= 0.75


async def test_a_refusal_is_told_of(store: Store, basket: Basket, caplog: pytest.LogCaptureFixture) -> None:
    basket.answer = said(400)
    await change(store)
    with caplog.at_level(logging.INFO):
        async with sending(store, settings_for(basket, basket_max_tries=2)) as sender:
            await sender.run_once()
    assert "Basket refused addon:1: 400" in caplog.messages


async def test_refusals_are_parked_and_taken_up_by_the_next_change(store: Store, basket: Basket) -> None:
    basket.answer = said(400)
    await change(store)
    async with sending(store, settings_for(basket, basket_max_tries=1)) as sender:
        await sender.run_once()
        assert (await store.find_one(OUTBOX, {"_id": "addon:1"}) or {})["state"] == "parked"
        basket.answer = WELL
        await sender.run_once()
        assert len(basket.arrivals) == 1
        await change(store, slug="mended")
        await sender.run_once()
    assert basket.arrivals[-1].body["slug"] == "mended"
    assert await waiting(store) == 0


async def test_a_change_during_the_request_is_sent_after_it(store: Store, basket: Basket) -> None:
    basket.delay = 0.3
    await change(store, slug="old")
    async with sending(store, settings_for(basket)) as sender:
        sent = asyncio.create_task(sender.run_once())
        await asyncio.sleep(0.15)
        await change(store, slug="new")
        await sent
        await until(lambda: run_and_count(sender, store))
    slugs = [one.body["slug"] for one in basket.arrivals]
    assert slugs[-1] == "new"
    assert "old" not in slugs[slugs.index("new") :]


async def test_two_processes_never_send_the_same_record(store: Store, basket: Basket) -> None:
    users = [make_user(_id=number, username=f"u{number}") for number in range(60)]
    await store.write([Insert("users", user) for user in users])
    await store.write([sync_operation("user", number) for number in range(60)])
    settings = settings_for(basket, basket_batch=7)
    async with sending(store, settings) as one, sending(store, settings) as other:
        await asyncio.gather(one.run_once(), other.run_once())
        await until(lambda: run_and_count(one, store))
    assert sorted(one.body["id"] for one in basket.arrivals) == list(range(60))


async def test_the_lease_of_a_dead_process_runs_out(
    store: Store, basket: Basket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await change(store)
    dead = Queue(store, OUTBOX, lease=1.2)
    assert len(await dead.claim(10)) == 1
    async with sending(store, settings_for(basket)) as sender:
        await sender.run_once()
        assert basket.arrivals == []
        await asyncio.sleep(1.3)
        await sender.run_once()
    assert len(basket.arrivals) == 1
    assert "took over 1 of outbox, whose process did not end them in time" in caplog.messages


async def test_a_late_owner_does_not_settle_what_another_took_over(store: Store) -> None:
    await change(store)
    late, next_one = Queue(store, OUTBOX, lease=0.1), Queue(store, OUTBOX, lease=30)
    (claim,) = await late.claim(1)
    await asyncio.sleep(0.2)
    assert len(await next_one.claim(1)) == 1
    await late.finish(claim)
    assert await waiting(store) == 1


def test_syncs_name_the_object_that_changed() -> None:
    syncs = Syncs(Settings())
    assert [one.id for one in syncs("addon", None, make_addon())] == ["addon:1"]
    assert [one.id for one in syncs("user", None, make_user())] == ["user:7"]
    assert syncs("addon", make_addon(), make_addon(tags=["x"])) == []
