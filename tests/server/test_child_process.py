"""How many children there may be at a time, and how many callers wait (contract/uploads.md 5.3)."""

import asyncio

import pytest

from handlers.http.replies.exceptions import EXPECTED, refusal_for
from server.auth.callers import ANONYMOUS
from server.background.child_process import ChildSlots
from server.errors import Busy


async def test_some_wait_and_more_are_told_to_come_back() -> None:
    slots, order, ends = ChildSlots(max_running=1, max_waiting=2), [], asyncio.Event()

    async def work(name: str) -> None:
        async with slots:
            order.append(name)
            await ends.wait()

    tasks = [asyncio.create_task(work(name)) for name in ("first", "second", "third")]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await work("fourth")
    assert order == ["first"]
    tasks[1].cancel()
    ends.set()
    await asyncio.wait(tasks)
    await work("fifth")
    assert order == ["first", "third", "fifth"], "who went away left the place to others"


async def test_nobody_waits_for_ever() -> None:
    slots = ChildSlots(max_running=1, max_waiting=1, seconds=0.01)
    async with slots:
        with pytest.raises(Busy):
            await slots.__aenter__()
    async with slots:
        """It is free again."""


def test_it_is_answered_503() -> None:
    refusal = refusal_for(Busy(), ANONYMOUS, (), "v5", "en-US")
    assert (refusal.status, refusal.headers) == (503, {"Retry-After": "5"})
    assert refusal.body == {"detail": "Too many files are being checked. Please try again later."}
    assert Busy in EXPECTED
