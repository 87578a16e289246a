"""The bounded cache: weight, age, one making for all who wait, and nothing older than a change."""

import asyncio
from types import SimpleNamespace

import pytest

from index import cache
from index.cache import BoundedCache


def test_the_least_recently_used_goes_first() -> None:
    kept: BoundedCache[str] = BoundedCache(10)
    for key in "abc":
        kept.put(key, key.upper(), 3)
    assert kept.get("a") == "A"
    kept.put("d", "D", 4)
    assert list(kept) == ["C", "A", "D"]
    kept.put("e", "E", 11)
    assert "e" not in kept, "too heavy"
    kept.put("a", "A", 10)
    assert list(kept) == ["A"], "a value that is put again weighs once"
    kept.drop("a")
    kept.put("f", "F", 10)
    assert (len(kept), kept.get("f")) == (1, "F")


def test_what_is_old_is_there_only_for_who_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: now))
    kept: BoundedCache[str] = BoundedCache(10, seconds=60.0)
    kept.put("a", "A")
    now += 59.0
    assert kept.get("a") == "A"
    now += 1.0
    assert (kept.get("a"), kept.get_stale("a"), kept.get_stale("b")) == (None, "A", None)


class Maker:
    def __init__(self) -> None:
        self.made = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.made += 1
        number = self.made
        await self.may_end.wait()
        return number


async def test_who_asks_meanwhile_waits_for_the_same() -> None:
    kept: BoundedCache[int] = BoundedCache(10)
    make = Maker()
    asked = [asyncio.create_task(kept.load("a", make)) for _ in range(20)]
    await asyncio.sleep(0)
    asked[0].cancel()
    make.may_end.set()
    assert await asyncio.gather(*asked[1:]) == [1] * 19
    assert (await kept.load("a", make), make.made, kept.count_loading) == (1, 1, 0)


async def test_a_failure_is_for_those_who_wait_alone() -> None:
    kept: BoundedCache[int] = BoundedCache(10)

    async def fail() -> int:
        raise ValueError("no")

    done = await asyncio.gather(*(kept.load("a", fail) for _ in range(2)), return_exceptions=True)
    assert [str(fault) for fault in done] == ["no", "no"]
    make = Maker()
    make.may_end.set()
    assert await kept.load("a", make) == 1


@pytest.mark.parametrize(
    "forget", [lambda kept: kept.drop("a"), lambda kept: kept.clear()], ids=["one", "all"]
)
async def test_what_is_forgotten_while_it_is_made_is_given_to_nobody_later(forget: object) -> None:
    """It may be older than the change for which it was forgotten."""
    assert callable(forget)
    kept: BoundedCache[int] = BoundedCache(10)
    make = Maker()
    before = asyncio.create_task(kept.load("a", make))
    await asyncio.sleep(0)
    forget(kept)
    after = asyncio.create_task(kept.load("a", make))
    await asyncio.sleep(0)
    make.may_end.set()
    assert (await before, await after, kept.get("a")) == (1, 2, 2)


async def test_closing_ends_what_is_made() -> None:
    kept: BoundedCache[int] = BoundedCache(10)
    task = kept.start("a", Maker())
    await kept.close()
    assert task.cancelled()
