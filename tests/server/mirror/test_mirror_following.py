"""A mirror that follows its source, whatever that says (server/mirror/mirror.py: keep_current)."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from server.mirror.client import BadAnswer
from server.mirror.mirror import TooManyGone
from server.mirror.state import forget
from server.storage.store import Store
from tests.server.mirror.fake_source import Canned, FakeSource, addon, status
from tests.server.mirror.mirroring import DEFAULT, HASTY, ROWS, Mirrored, mirror, opened, stored

CHANGES, EXPORT = "/api/v5/changes/", "/api/v5/export/"
NONE = Canned(200, b'{"changes": [], "last": "9"}')


def detail(number: int) -> str:
    return f"/api/v5/addons/addon/{number}/"


def changed(number: int, token: int) -> Canned:
    return Canned(200, b'{"changes": [{"id": %d}], "last": "%d"}' % (number, token))


def offer_feed(source: FakeSource) -> None:
    lines = [json.dumps(row).encode() + b"\n" for row in source.addons.values()]
    source.always |= {CHANGES: NONE, EXPORT: Canned(200, b"".join(lines), {"ETag": '"1"'})}


async def follow(made: Mirrored, source: FakeSource, *batches: Canned) -> None:
    """Have the mirror take these answers of the change feed."""
    source.requests.clear()
    source.next[CHANGES] = [*batches]
    following = asyncio.create_task(made.mirror.keep_current())
    async with asyncio.timeout(20):
        while len(source.paths(CHANGES)) <= len(batches):
            assert not following.done(), following
            await asyncio.sleep(0.01)
    following.cancel()


async def test_following_goes_on_whatever_the_source_says(store: Store, monkeypatch: Any) -> None:
    """A place of the changes that is lost means a round, and a round that fails another within a minute."""
    monkeypatch.setattr("server.mirror.mirror._RETRY_PAUSE", 0.01)
    with FakeSource([addon(7), addon(8)]) as source:
        lines = [json.dumps(one).encode() + b"\n" for one in source.addons.values()]
        source.always |= {CHANGES: NONE, EXPORT: Canned(200, lines[0])}
        async with opened(store, source.url) as made, asyncio.timeout(20):
            await made.mirror.run_round()
            assert made.mirror.follows and set(await stored(store)) == {7}
            source.always[EXPORT] = Canned(200, b"".join(lines))
            source.next[CHANGES] = [status(410)]
            source.next[EXPORT] = [status(500)] * 3
            following = asyncio.create_task(made.mirror.keep_current())
            while set(await stored(store)) != {7, 8}:
                assert not following.done(), following
                await asyncio.sleep(0.02)
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    assert [line for line in made.listener.lines if line.startswith("trying again in ")]


async def test_changes_without_an_end_are_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.mirror.amoeba_feed._MAX_POLLS", 5)
    with FakeSource([addon(7)]) as source:
        offer_feed(source)
        batches = [changed(7, number) for number in range(9)]
        for answers, reason in ((batches[:1] * 3, "is the same"), (batches, "5 answers in a row")):
            source.next[CHANGES] = list(answers)
            with pytest.raises(BadAnswer, match=reason):
                await mirror(store, source.url)
            await forget(store)


async def test_a_mirror_that_follows_outlives_a_source_that_lost_its_data(store: Store) -> None:
    """contract/extras.md 9.3"""
    options = replace(ROWS, max_gone=2, period=0.05)
    with FakeSource(addon(number) for number in range(1, 6)) as source:
        async with opened(store, source.url, options) as made, asyncio.timeout(20):
            await made.mirror.run_round()
            source.addons, kept = {}, source.addons
            following = asyncio.create_task(made.mirror.keep_current())
            while sum("more than 2 add-ons" in line for line in made.listener.lines) < 2:
                assert not following.done(), following
                await asyncio.sleep(0.02)
            assert {one["status"] for one in (await stored(store)).values()} == {"public"}
            source.addons = kept | {6: addon(6)}
            while 6 not in await stored(store):
                await asyncio.sleep(0.02)
            following.cancel()


async def disabled(store: Store) -> set[int]:
    return {id_ for id_, addon in (await stored(store)).items() if addon["status"] == "disabled"}


@pytest.mark.parametrize(("allowed", "hidden"), [(1, set()), (2, {1, 2}), (3, {1, 2, 3})])
async def test_what_the_changes_name_as_gone_counts(store: Store, allowed: int, hidden: set[int]) -> None:
    """contract/extras.md 9.3. Those of all answers until the next round count together."""
    with FakeSource(addon(number) for number in range(1, 6)) as source:
        offer_feed(source)
        async with opened(store, source.url, replace(ROWS, max_gone=allowed)) as made:
            await made.mirror.run_round()
            for number in (1, 2, 3):
                del source.addons[number]
            source.next[CHANGES] = [
                Canned(200, b'{"changes": [{"id": 1}, {"id": 2}], "last": "2"}'),
                Canned(200, b'{"changes": [{"id": 3}, {"id": 4}], "last": "3"}'),
            ]
            source.addons[4]["tags"] = ["other"]
            following = asyncio.create_task(made.mirror.keep_current())
            async with asyncio.timeout(20):
                while (await stored(store))[4]["tags"] != ["other"] or await disabled(store) != hidden:
                    assert not following.done(), following
                    await asyncio.sleep(0.02)
            following.cancel()
            too_many = any("more than 1 add-ons" in line for line in made.listener.lines)
            assert (await disabled(store), too_many) == (hidden, allowed == 1)


async def test_an_add_on_that_cannot_be_read_is_asked_for_once_with_each_batch(store: Store) -> None:
    with FakeSource([addon(7), addon(8)]) as source:
        offer_feed(source)
        source.next[detail(7)] = [status(404)]  # missing when it is read, and no answer when it is looked up
        source.always[detail(7)] = status(500)
        async with opened(store, source.url, politeness=replace(HASTY, tries=1)) as made:
            await made.mirror.run_round()
            await follow(made, source, changed(8, 1), changed(8, 2))
        assert len(source.paths(detail(7))) == 2


async def test_missing_add_ons_are_not_read_for_their_packages_while_too_many_are_gone(store: Store) -> None:
    with FakeSource(addon(number) for number in (1, 2, 3)) as source:
        offer_feed(source)
        source.always |= {detail(1): status(404), detail(2): status(404)}
        async with opened(store, source.url, replace(DEFAULT, max_gone=1, max_package=1000)) as made:
            with pytest.raises(TooManyGone):
                await made.mirror.run_round()
            await follow(made, source, changed(3, 1), changed(3, 2), changed(3, 3))
        assert len(source.paths(detail(1))) == 1, "looked up until it is known that too many are gone"


@pytest.mark.parametrize("offers_feed", [True, False], ids=["export", "search"])
async def test_a_missing_add_on_that_is_back_in_an_unchanged_list_is_read(
    store: Store, offers_feed: bool
) -> None:
    with FakeSource([addon(7), addon(8)]) as source:
        source.sends_tags = True
        if offers_feed:
            offer_feed(source)
        source.next[detail(7)] = [status(404)] * 2
        options = replace(DEFAULT, max_gone=0)
        with pytest.raises(TooManyGone):
            await mirror(store, source.url, options)
        source.next[CHANGES] = [status(410)]
        source.always |= {EXPORT: Canned(304, b"")}
        source.requests.clear()
        done = await mirror(store, source.url, options)
        assert source.paths(f"{detail(7)}versions/") and done.faults == {}
