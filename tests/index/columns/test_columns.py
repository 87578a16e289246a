"""Filters and sorts without a text query are exact: the same as a naive search of random catalogues."""

import asyncio
import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.columns.columns import Columns, Limits
from index.criteria.clauses import AnyOf, Between, Clause, NoneOf
from index.criteria.sorting import Sort, random_sort
from index.entry import NUMBERS, Entry
from tests.index.random_catalogues import (
    SORT_KEYS,
    TERMS,
    VALUES,
    expected,
    in_order,
    make_random_catalogue,
    make_random_entry,
)

DEFAULT_LIMITS = Limits()
SIZES = (0, 1, 7, 64, 65, 400, 1200)

terms = st.sampled_from([*TERMS, "tag:nobody", "id:1", "id:2", "id:3", "guid:2@x", "guid:9@x"])
term_lists = st.lists(terms, max_size=5).map(tuple)
ends = st.none() | st.sampled_from(sorted({value for values in VALUES.values() for value in values}))
clauses = st.one_of(
    st.builds(AnyOf, term_lists),
    st.builds(NoneOf, term_lists),
    st.builds(Between, st.sampled_from(sorted(VALUES)), ends, ends),
)
clause_lists = st.lists(clauses, max_size=3).map(tuple)
sorts = st.lists(st.sampled_from(SORT_KEYS), min_size=1, max_size=4, unique=True).map(tuple)
text_sorts = st.lists(st.sampled_from([*SORT_KEYS, "relevance"]), min_size=1, max_size=4, unique=True).map(
    tuple
)
seeds = st.integers(0, 2**32)
starts = st.integers(0, 1300)
Make = Callable[[dict[int, Entry]], Columns]


def matching(columns: Columns, clauses: tuple[Clause, ...]) -> int:
    return len(columns.ids(clauses))


def small(catalogue: dict[int, Entry], limits: Limits = DEFAULT_LIMITS) -> Columns:
    columns = Columns(limits)
    for entry in catalogue.values():
        columns.put(entry)
    return columns


def scanned(catalogue: dict[int, Entry]) -> Columns:
    """With limits so low that even few matches are scanned for and marked in orders."""
    return small(catalogue, Limits(few=2, scan=40))


def large(catalogue: dict[int, Entry]) -> Columns:
    """Too large to be sorted in the event loop."""
    return small(catalogue, Limits(few=2, sorted_inline=-1))


@pytest.mark.parametrize("make", [small, scanned, large])
@settings(max_examples=30)
@given(st.sampled_from(SIZES), seeds, clause_lists, sorts, starts, st.integers(0, 60))
def test_any_page_equals_that_of_a_naive_search(
    make: Make, size: int, seed: int, query: tuple[Clause, ...], sort: Sort, start: int, length: int
) -> None:
    catalogue = make_random_catalogue(random.Random(seed), size)
    columns = make(catalogue)
    expected_ids = expected(catalogue, query, sort)
    for _ in range(2):  # the second time from the caches
        assert columns.page(query, sort, start, start + length) == (
            expected_ids[start : start + length],
            len(expected_ids),
        )
        assert columns.page(query, sort, 0, 25) == (expected_ids[:25], len(expected_ids))
    assert columns.ids(query).tolist() == sorted(expected_ids)


@settings(max_examples=15)
@given(
    st.sampled_from(SIZES),
    seeds,
    clause_lists,
    sorts | st.integers(0, 9).map(random_sort),
    st.integers(1, 50),
)
def test_pages_joined_are_the_whole(
    size: int, seed: int, query: tuple[Clause, ...], sort: Sort, page_size: int
) -> None:
    columns = small(make_random_catalogue(random.Random(seed), size))
    count = matching(columns, query)
    pages = [columns.page(query, sort, start, start + page_size)[0] for start in range(0, count, page_size)]
    assert sorted(itertools.chain(*pages)) == columns.ids(query).tolist()
    assert all(len(page) == page_size for page in pages[:-1])


@pytest.mark.parametrize("make", [small, scanned, large])
@settings(max_examples=20)
@given(st.sampled_from((0, 1, 30, 300)), seeds, st.integers(1, 120), sorts, clause_lists)
def test_changes_equal_a_fresh_load(
    make: Make, size: int, seed: int, changes: int, sort: Sort, query: tuple[Clause, ...]
) -> None:
    rnd = random.Random(seed)
    catalogue = make_random_catalogue(rnd, size)
    columns = make(catalogue)
    if make is large:
        asyncio.run(columns.prepare(sort))
    for change in range(changes):
        addon_id = rnd.randrange(1, 4 * size + 20)
        if rnd.random() < 0.4:
            catalogue.pop(addon_id, None)
            columns.drop(addon_id)
        else:
            catalogue[addon_id] = make_random_entry(rnd, addon_id)
            columns.put(catalogue[addon_id])
        assert (addon_id in columns) is (addon_id in catalogue)
        if change % 7 == 0 or change == changes - 1:
            expected_ids = expected(catalogue, query, sort)
            assert columns.page(query, sort, 0, 70) == (expected_ids[:70], len(expected_ids))
            assert columns.page(query, sort, 3, 2000)[0] == expected_ids[3:]
            assert columns.page((), sort, 0, 2000)[0] == expected(catalogue, (), sort)
            assert columns.sort_ids(np.array(expected_ids, np.int64), None, sort, 0, 70) == (
                expected_ids[:70],
                None,
            )
    assert len(columns) == len(catalogue)


@settings(max_examples=30)
@given(st.sampled_from(SIZES), seeds, text_sorts, starts, st.integers(0, 60))
def test_matches_of_a_text_query_are_sorted_exactly(
    size: int, seed: int, sort: Sort, start: int, length: int
) -> None:
    rnd = random.Random(seed)
    catalogue = make_random_catalogue(rnd, size)
    columns = small(catalogue)
    scores = {addon_id: rnd.choice((0.5, 1.25, 7.0)) for addon_id in catalogue if rnd.random() < 0.8}
    matches = [*scores]
    removed = [4 * size + 100]  # the text index may still know an add-on that has just gone
    ids = np.array(matches + removed, np.int64)
    values = np.array([scores[addon_id] for addon_id in matches] + [9.0], np.float32)
    expected_ids = in_order([catalogue[addon_id] for addon_id in matches], sort, scores)[
        start : start + length
    ]
    page, page_scores = columns.sort_ids(ids, values, sort, start, start + length)
    assert page == expected_ids
    assert page_scores == ([scores[addon_id] for addon_id in expected_ids] if "relevance" in sort else None)


@settings(max_examples=20)
@given(st.sampled_from((65, 400)), seeds, st.integers(0, 2**40))
def test_random_order_depends_on_ids_and_seed_only(size: int, seed: int, order_seed: int) -> None:
    rnd = random.Random(seed)
    catalogue = make_random_catalogue(rnd, size)
    shuffled = dict(rnd.sample([*catalogue.items()], size))
    sort = random_sort(order_seed)
    all_ids = small(catalogue).page((), sort, 0, size)[0]
    assert small(shuffled).page((), sort, 0, size)[0] == all_ids
    assert all_ids != sorted(all_ids)
    assert small(catalogue).page((), random_sort(order_seed + 1), 0, size)[0] != all_ids
    tag_filter = (AnyOf(("tag:a",)),)
    tagged = set(small(catalogue).ids(tag_filter).tolist())
    assert small(catalogue).page(tag_filter, sort, 0, size)[0] == [id_ for id_ in all_ids if id_ in tagged]


def test_random_order_is_fair() -> None:
    columns = small(make_random_catalogue(random.Random(1), 100))
    firsts = [columns.page((), random_sort(hour), 0, 1)[0][0] for hour in range(480_000, 482_000)]
    counts = [firsts.count(addon_id) for addon_id in set(firsts)]
    assert len(counts) == 100
    assert max(counts) < 60  # 20 expected


def test_names_sort_by_code_point_whatever_comes_between() -> None:
    columns = Columns()
    rnd = random.Random(3)
    template = make_random_entry(rnd, 1)
    # Each new name lands just before the one before it: the room between neighbours runs out, time and again.
    names = {500: "tab", 501: "zoo"} | {number: f"tab {400 - number:03}" for number in range(1, 400)}
    for addon_id, name in names.items():
        columns.put(template._replace(id=addon_id, terms=(f"id:{addon_id}",), name=name))
    assert columns.page((), ("name",), 0, 500)[0] == sorted(names, key=lambda each: names[each])
    # Equal names tie after all the moving.
    columns.put(template._replace(id=3000, terms=("id:3000",), name="tab 200"))
    assert columns.page((), ("name",), 200, 202)[0] == [200, 3000]


def test_unused_names_are_dropped() -> None:
    columns = Columns()
    template = make_random_entry(random.Random(3), 1)
    for addon_id, name in ((1, "a"), (2, "m"), (3, "n5"), (4, "z")):
        columns.put(template._replace(id=addon_id, terms=(f"id:{addon_id}",), name=name))
    for renamed in range(3000):
        columns.put(template._replace(id=5, terms=("id:5",), name=f"n{renamed:04}"))
    assert columns.page((), ("name",), 0, 9)[0] == [1, 2, 5, 3, 4]
    assert len(columns._table._names) < 1100


def test_few_matches_on_top_and_most_far_below() -> None:
    columns = Columns(Limits(few=2, scan=200))
    template = make_random_entry(random.Random(3), 1)
    users = [*NUMBERS].index("users")
    entries = []
    for number in range(1000):  # the most used add-on is number 999
        tags = ("tag:x",) if number < 490 or number > 989 else ()
        numbers = (*template.numbers[:users], number, *template.numbers[users + 1 :])
        entries.append(Entry(number, (f"id:{number}", *tags), numbers, ""))
    for entry in entries:
        columns.put(entry)
    expected_ids = [*range(999, 989, -1), *range(489, -1, -1)]
    assert columns.page((AnyOf(("tag:x",)),), ("users",), 0, 25) == (expected_ids[:25], 500)


def test_add_on_without_a_value_sorts_last_and_is_in_no_range() -> None:
    catalogue = make_random_catalogue(random.Random(4), 200)
    columns = small(catalogue)
    never = {addon_id for addon_id, entry in catalogue.items() if entry.number("updated") < 0}
    ids, _ = columns.page((), ("updated",), 0, 200)
    assert set(ids[-len(never) :]) == never
    assert matching(columns, (Between("updated", None, None),)) == 200 - len(never)
    assert matching(columns, (Between("updated", None, 5),)) + matching(
        columns, (Between("updated", 6, None),)
    ) == 200 - len(never)


def test_shuffled_guids_give_the_same_page() -> None:
    columns = small(make_random_catalogue(random.Random(5), 300))
    guids = [f"guid:{number}@x" for number in range(1, 400)]
    pages = []
    for seed in range(3):
        random.Random(seed).shuffle(guids)
        pages.append(columns.page((AnyOf(tuple(guids)),), ("recommended", "users"), 0, 25))
    assert pages[0] == pages[1] == pages[2]


def test_caches_are_bounded_whatever_callers_send() -> None:
    columns = small(make_random_catalogue(random.Random(6), 200))
    known = tuple(f"guid:{addon_id}@x" for addon_id in columns.ids(()).tolist())
    for number in range(400):
        unknown = tuple(f"guid:{number}-{other}" for other in range(2000))
        assert columns.page((AnyOf(known + unknown),), ("users",), 0, 25)[1] == 200
        assert matching(columns, (Between("users", number, None),)) <= 200
    assert len(columns._matches) <= 200


def test_released_columns_are_empty() -> None:
    columns = small(make_random_catalogue(random.Random(6), 30))
    columns.release()
    assert columns.page((AnyOf(("tag:a",)),), ("users",), 0, 25) == ([], 0)
