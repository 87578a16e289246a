"""The bounded cache: weight, age, one making for all who wait, and nothing older than a change."""

import asyncio
from types import SimpleNamespace

import pytest

from index import cache as cache_module
from index.cache import BoundedCache


def test_the_least_recently_used_goes_first() -> None:
    cache: BoundedCache[str] = BoundedCache(10)
    for key in "abc":
        cache.put(key, key.upper(), 3)
    assert cache.get("a") == "A"
    cache.put("d", "D", 4)
    assert list(cache) == ["C", "A", "D"]
    cache.put("e", "E", 11)
    assert "e" not in cache, "too heavy"
    cache.put("a", "A", 10)
    assert list(cache) == ["A"], "a value that is put again weighs once"
    cache.drop("a")
    cache.put("f", "F", 10)
    assert (len(cache), cache.get("f")) == (1, "F")


def test_what_is_old_is_there_only_for_who_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(cache_module, "time", SimpleNamespace(monotonic=lambda: now))
    cache: BoundedCache[str] = BoundedCache(10, seconds=60.0)
    cache.put("a", "A")
    now += 59.0
    assert cache.get("a") == "A"
    now += 1.0
    assert (cache.get("a"), cache.get_stale("a"), cache.get_stale("b")) == (None, "A", None)


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
    cache: BoundedCache[int] = BoundedCache(10)
    make = Maker()
    callers = [asyncio.create_task(cache.load("a", make)) for _ in range(20)]
    await asyncio.sleep(0)
    callers[0].cancel()
    make.may_end.set()
    assert await asyncio.gather(*callers[1:]) == [1] * 19
    assert (await cache.load("a", make), make.made, cache.count_loading) == (1, 1, 0)


async def test_a_failure_is_for_those_who_wait_alone() -> None:
    cache: BoundedCache[int] = BoundedCache(10)

    async def fail() -> int:
        raise ValueError("no")

    done = await asyncio.gather(*(cache.load("a", fail) for _ in range(2)), return_exceptions=True)
    assert [str(fault) for fault in done] == ["no", "no"]
    make = Maker()
    make.may_end.set()
    assert await cache.load("a", make) == 1


@pytest.mark.parametrize(
    "forget", [lambda cache: cache.drop("a"), lambda cache: cache.clear()], ids=["one", "all"]
)
async def test_what_is_forgotten_while_it_is_made_is_given_to_nobody_later(forget: object) -> None:
    """It may be older than the change for which it was forgotten."""
    assert callable(forget)
    cache: BoundedCache[int] = BoundedCache(10)
    make = Maker()
    before = asyncio.create_task(cache.load("a", make))
    await asyncio.sleep(0)
    forget(cache)
    after = asyncio.create_task(cache.load("a", make))
    await asyncio.sleep(0)
    make.may_end.set()
    assert (await before, await after, cache.get("a")) == (1, 2, 2)


async def test_closing_ends_what_is_made() -> None:
    cache: BoundedCache[int] = BoundedCache(10)
    task = cache.start("a", Maker())
    await cache.close()
    assert task.cancelled()
