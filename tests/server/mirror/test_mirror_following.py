"""A mirror that follows its source, whatever that says (server/mirror/mirror.py: keep_current)."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from server.mirror.client import BadAnswer
from server.mirror.state import forget
from server.storage.store import Store
from tests.server.mirror.fake_source import Canned, FakeSource, addon, status
from tests.server.mirror.mirroring import ROWS, mirror, opened, stored


async def test_following_goes_on_whatever_the_source_says(store: Store, monkeypatch: Any) -> None:
    """A place of the changes that is lost means a round, and a round that fails another within a minute."""
    monkeypatch.setattr("server.mirror.mirror._AGAIN", 0.01)
    changes, export = "/api/v5/changes/", "/api/v5/export/"
    with FakeSource([addon(7), addon(8)]) as source:
        lines = [json.dumps(one).encode() + b"\n" for one in source.addons.values()]
        source.always[changes] = Canned(200, b'{"changes": [], "last": "1"}')
        source.always[export] = Canned(200, lines[0])
        async with opened(store, source.url) as made, asyncio.timeout(20):
            await made.mirror.run_round()
            assert made.mirror.follows and set(await stored(store)) == {7}
            source.always[export] = Canned(200, b"".join(lines))
            source.next[changes] = [status(410)]
            source.next[export] = [status(500)] * 3
            following = asyncio.create_task(made.mirror.keep_current())
            while set(await stored(store)) != {7, 8}:
                assert not following.done(), following
                await asyncio.sleep(0.02)
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    assert [line for line in made.heard.lines if line.startswith("trying again in ")]


async def test_changes_without_an_end_are_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.mirror.feed._MAX_POLLS", 5)
    changes = "/api/v5/changes/"
    with FakeSource([addon(7)]) as source:
        lines = [json.dumps(one).encode() + b"\n" for one in source.addons.values()]
        source.always["/api/v5/export/"] = Canned(200, b"".join(lines))
        news = [Canned(200, b'{"changes": [{"id": 7}], "last": "%d"}' % number) for number in range(9)]
        for answers, reason in ((news[:1] * 3, "is the same"), (news, "5 answers in a row")):
            source.next[changes] = list(answers)
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
            while sum("more than 2 add-ons" in line for line in made.heard.lines) < 2:
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
    changes, export = "/api/v5/changes/", "/api/v5/export/"
    with FakeSource(addon(number) for number in range(1, 6)) as source:
        lines = [json.dumps(one).encode() + b"\n" for one in source.addons.values()]
        source.always[changes] = Canned(200, b'{"changes": [], "last": "9"}')
        source.always[export] = Canned(200, b"".join(lines))
        async with opened(store, source.url, replace(ROWS, max_gone=allowed)) as made:
            await made.mirror.run_round()
            for number in (1, 2, 3):
                del source.addons[number]
            source.next[changes] = [
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
            too_many = any("more than 1 add-ons" in line for line in made.heard.lines)
            assert (await disabled(store), too_many) == (hidden, allowed == 1)
