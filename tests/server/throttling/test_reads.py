"""Reads by the minute: a minute that slides, bounded memory, and what processes tell each other.

Rules: contract/auth.md 6.
"""

from typing import Any

import pytest

from conf.settings.loading import load_settings
from server.storage.store import Store
from server.throttling import reads
from server.throttling.limits import Limits
from server.throttling.reads import ReadLimit
from server.throttling.sharing import COLLECTION, RateSharing
from tests.factories import make_user
from tests.server.throttling.test_writes import ADDRESS, OTHER_ADDRESS, Clock

SET = {"mongodb_uri": "mongodb://localhost/?replicaSet=x", "read_limit": 10}


def test_a_minute_slides() -> None:
    clock = Clock()
    clock.now = 600.0
    limit = ReadLimit(10, clock)
    assert [limit.hit(ADDRESS) for _ in range(10)] == [0] * 10
    assert limit.hit(ADDRESS) == 61 and limit.hit(OTHER_ADDRESS) == 0
    clock.now += 60 + 29  # of ten reads in the minute before, more than five count still
    assert [limit.hit(ADDRESS) for _ in range(6)] == [0] * 5 + [1]
    clock.now += 120
    assert limit.hit(ADDRESS) == 0


def test_who_waits_as_long_as_was_said_may_read() -> None:
    for before, passed, count in ((10, 0.0, 0), (10, 30.0, 5), (10, 59.5, 9), (0, 10.0, 10), (7, 1.0, 4)):
        clock = Clock()
        clock.now = 600.0
        limit = ReadLimit(10, clock)
        assert [limit.hit(ADDRESS) for _ in range(before)] == [0] * before
        clock.now = 660.0 + passed
        limit.merge(11, [(ADDRESS, count)])
        wait = limit.hit(ADDRESS)
        if wait:
            clock.now += wait
            assert limit.hit(ADDRESS) == 0, (before, passed, count, wait)


def test_an_ipv6_network_is_one_client() -> None:
    limit = ReadLimit(2)
    assert [limit.hit(f"2001:db8:1:2::{host}") for host in "abc"][:2] == [0, 0]
    assert limit.hit("2001:db8:1:2:ffff::1") > 0
    assert limit.hit("2001:db8:1:3::1") == 0
    assert limit.hit("::ffff:192.0.2.9") == 0 and limit.hit("192.0.2.9") == 0 and limit.hit("192.0.2.9") > 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "CLIENTS", 5)
    limit = ReadLimit(1)
    limit.merge(limit.take_unshared()[0], [(f"192.0.2.{number}", 1) for number in range(5)])
    assert limit.hit("192.0.2.4") > 0
    assert [limit.hit(ADDRESS.replace("1", "9")) for _ in range(3)] == [0, 0, 0]


def test_no_limit_costs_nothing_and_some_have_none() -> None:
    assert Limits(load_settings({})).reads is None
    limits = Limits(load_settings({"read_limit": 1, "unlimited_clients": ["192.0.2.0/25"]}))
    assert [limits.wait_to_read(ADDRESS) for _ in range(5)] == [0] * 5
    assert [limits.wait_to_write("rating_post", make_user(), ADDRESS) for _ in range(5)] == [0] * 5
    assert limits.wait_to_read("192.0.2.200") == 0 and limits.wait_to_read("192.0.2.200") > 0


async def test_a_limit_is_one_for_all_processes(store: Store) -> None:
    settings = load_settings(SET)
    both = [Limits(settings), Limits(settings)]
    one, other = (RateSharing(settings, store, limits, lambda: False) for limits in both)
    assert [both[0].wait_to_read(ADDRESS) for _ in range(10)] == [0] * 10
    ann: Any = make_user()
    assert both[0].wait_to_write("rating_post", ann, ADDRESS) == 0
    assert both[1].wait_to_write("rating_post", ann, OTHER_ADDRESS) == 0, "it has not heard of it yet"
    for sharing in (one, other, one):
        await sharing.run_once()
    assert both[1].wait_to_read(ADDRESS) > 0
    assert [limits.wait_to_write("rating_post", ann, "198.51.100.7") > 0 for limits in both] == [True, True]
    for sharing in (other, one, other):  # nobody counts the same twice
        await sharing.run_once()
    waits = [limits.wait_to_read(ADDRESS) for limits in both]
    assert abs(waits[0] - waits[1]) <= 1, waits
    late = Limits(settings)  # one that begins now knows the writes of before
    await RateSharing(settings, store, late, lambda: False).run_once()
    assert late.wait_to_write("rating_post", ann, "198.51.100.8") > 0


async def test_what_is_told_goes(store: Store) -> None:
    settings = load_settings(SET)
    sharing = RateSharing(settings, store, limits := Limits(settings), lambda: False)
    limits.wait_to_read(ADDRESS)
    await sharing.run_once()
    assert await store.count(COLLECTION) == 1
    limits.wait_to_read(ADDRESS)
    limits.wait_to_write("rating_post", make_user(), ADDRESS)
    await sharing.run_once()
    old = await store.find(COLLECTION, {})
    await store.bulk_replace(COLLECTION, [one | {"at": one["at"] - 200} for one in old])
    await RateSharing(settings, store, limits, lambda: False).run_once()  # a start cleans
    [remaining] = await store.find(COLLECTION, {})
    assert remaining["hits"] and not remaining["reads"], "reads, which are many more, are kept for minutes"


async def test_a_single_server_and_a_read_only_one_tell_nobody(store: Store) -> None:
    assert not RateSharing(load_settings({}), store, Limits(load_settings({})), lambda: False).enabled
    settings = load_settings(SET)
    sharing = RateSharing(settings, store, limits := Limits(settings), lambda: True)
    assert sharing.enabled
    limits.wait_to_read(ADDRESS)
    await sharing.run_once()
    assert await store.count(COLLECTION) == 0
