"""Cached orders: sorted in a thread for large tables, shared, bounded, up to date when they arrive."""

import asyncio
import random

import numpy as np

from index.columns.columns import Columns, Limits
from index.columns.orders import MAX_ORDERS, Orders
from index.columns.table import Table
from tests.index.random_catalogues import SORT_KEYS, expected, make_random_catalogue, make_random_entry

SORT = ("recommended", "users", "name")


def make_large(seed: int, size: int) -> tuple[Table, Orders]:
    """A table too large to be sorted at once."""
    table = Table()
    for entry in make_random_catalogue(random.Random(seed), size).values():
        table.put(None, entry)
    return table, Orders(table, sorted_inline=size - 1)


async def test_first_use_has_the_order_of_a_large_table_sorted() -> None:
    _, orders = make_large(1, 500)
    assert orders.get(SORT) is None
    while orders.get(SORT) is None:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0)  # its task may have ended in this very turn of the loop
    assert orders._pending == {}


def test_large_table_without_an_event_loop_has_no_order() -> None:
    _, orders = make_large(1, 500)
    assert orders.get(SORT) is None


async def test_many_sorts_at_once_do_not_fill_the_threads() -> None:
    _, orders = make_large(1, 500)
    for key in SORT_KEYS:
        orders.get((key,))
    assert len(orders._pending) == 2
    await asyncio.gather(*orders._pending.values())


async def test_order_of_a_large_table_can_be_waited_for() -> None:
    table, orders = make_large(1, 500)
    assert orders.get(SORT) is None
    await orders.prepare(SORT)
    rows = orders.get(SORT)
    assert rows is not None
    row_key = table.row_key(SORT)
    assert rows.tolist() == sorted(range(500), key=row_key)


async def test_callers_at_the_same_time_share_the_work() -> None:
    _, orders = make_large(2, 500)
    waiting = [asyncio.create_task(orders.prepare(SORT)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(orders._pending) == 1
    await asyncio.gather(*waiting)
    assert orders._pending == {}
    assert orders.get(SORT) is not None


async def test_one_caller_giving_up_does_not_stop_the_others() -> None:
    _, orders = make_large(3, 500)
    first, second = (asyncio.create_task(orders.prepare(SORT)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert orders.get(SORT) is not None


async def test_changes_made_while_a_thread_sorts_are_in_the_order() -> None:
    rnd = random.Random(4)
    catalogue = make_random_catalogue(rnd, 3000)
    columns = Columns(Limits(sorted_inline=10))
    for entry in catalogue.values():
        columns.put(entry)
    preparing = asyncio.create_task(columns.prepare(SORT))
    await asyncio.sleep(0)
    for addon_id in rnd.sample(range(1, 12_000), 150):
        if addon_id in catalogue:
            del catalogue[addon_id]
            columns.drop(addon_id)
        else:
            catalogue[addon_id] = make_random_entry(rnd, addon_id)
            columns.put(catalogue[addon_id])
    await preparing
    assert columns._orders.get(SORT) is not None
    assert columns.page((), SORT, 0, 4000)[0] == expected(catalogue, (), SORT)


async def test_too_many_changes_for_a_patch_are_sorted_anew() -> None:
    rnd = random.Random(5)
    catalogue = make_random_catalogue(rnd, 600)
    small, large = Columns(), Columns(Limits(sorted_inline=10))
    for columns in (small, large):
        for entry in catalogue.values():
            columns.put(entry)
        await columns.prepare(SORT)
    for addon_id in [*catalogue][:500]:
        catalogue[addon_id] = make_random_entry(rnd, addon_id)
        small.put(catalogue[addon_id])
        large.put(catalogue[addon_id])
    expected_ids = expected(catalogue, (), SORT)
    assert small.page((), SORT, 0, 600)[0] == expected_ids
    assert large._orders.get(SORT) is None  # sorted for each page until prepared again
    assert large.page((), SORT, 0, 600)[0] == expected_ids
    await large.prepare(SORT)
    assert large._orders.get(SORT) is not None
    assert large.page((), SORT, 0, 600)[0] == expected_ids


async def test_only_recently_used_orders_are_cached() -> None:
    table = Table()
    for entry in make_random_catalogue(random.Random(6), 50).values():
        table.put(None, entry)
    orders = Orders(table, sorted_inline=100)
    favourite = ("users",)
    for first in SORT_KEYS:
        for second in SORT_KEYS:
            orders.get((first, second))
            orders.get(favourite)
    assert len(orders._orders) == MAX_ORDERS
    assert favourite in orders._orders


async def test_event_loop_goes_on_while_a_large_table_is_sorted() -> None:
    size = 200_000
    template = make_random_entry(random.Random(7), 1)
    table = Table()
    for addon_id in range(size):
        table.put(None, template._replace(id=addon_id))
    for column in ("hotness", "bayesian"):
        table.columns[column] = np.random.default_rng(7).permutation(size).astype(np.float64)
    orders = Orders(table, sorted_inline=1000)
    task = asyncio.create_task(orders.prepare(("recommended", "hotness", "rating")))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    await task
    assert turns > 3
