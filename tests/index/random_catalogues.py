"""Small catalogues of random entries, and what a search of them must give, said plainly.

Values repeat a lot, so that every order has ties. A catalogue is a dict of
entries by id; `expected` filters and sorts it in the obvious way.
"""

import random
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Final

from index.criteria.clauses import AnyOf, Between, Clause
from index.criteria.sorting import KEYS, Sort
from index.entry import MISSING, NUMBERS, Entry

SORT_KEYS: Final = tuple(KEYS)
TERMS: Final = (
    "app:firefox",
    "app:android",
    "type:extension",
    "tag:a",
    "tag:b",
    "author:1",
    "author:2",
    "author:3",
)
NAMES: Final = ("", "a", "a\0", "b", "tab tree", "tab tree 2", "é", "\uffff", "😀", "zz")
VALUES: Final = {
    "users": (0, 1, 2, 1000, 2**40),
    "updated": (MISSING, 0, 1, 1_700_000_000_000),
    "hotness": (-1.5, -0.0, 0.0, 0.25, 1e300),
    "average": (0.0, 3.5, 4.5, 5.0),
    "recommended": (0, 1),
    "min:firefox": (MISSING, 57000000200100, 65535999999200100),
}


def make_random_entry(rnd: random.Random, addon_id: int) -> Entry:
    terms = [f"id:{addon_id}", f"guid:{addon_id}@x", *(term for term in TERMS if rnd.random() < 0.4)]
    numbers = tuple(rnd.choice(VALUES.get(column, (0, 1, 2))) for column in NUMBERS)
    return Entry(addon_id, tuple(terms), numbers, rnd.choice(NAMES))


def make_random_catalogue(rnd: random.Random, size: int) -> dict[int, Entry]:
    ids = rnd.sample(range(1, 4 * size + 2), size)
    return {addon_id: make_random_entry(rnd, addon_id) for addon_id in ids}


def expected(catalogue: Mapping[int, Entry], clauses: Iterable[Clause], sort: Sort) -> list[int]:
    """All matching ids, sorted; ties by id."""
    clauses = tuple(clauses)
    return in_order(
        [entry for entry in catalogue.values() if all(holds(entry, clause) for clause in clauses)], sort
    )


def in_order(entries: Iterable[Entry], sort: Sort, scores: Mapping[int, float] | None = None) -> list[int]:
    ranked = sorted(entries, key=itemgetter(0))
    for key in reversed(sort):  # stable: the last sort is the most important one
        if key == "relevance":
            assert scores is not None
            ranked.sort(key=lambda entry: scores[entry.id], reverse=True)
        elif key == "name":
            ranked.sort(key=lambda entry: entry.name)
        else:
            ranked.sort(key=lambda entry: entry.number(KEYS[key].column), reverse=True)
    return [entry.id for entry in ranked]


def holds(entry: Entry, clause: Clause) -> bool:
    if isinstance(clause, Between):
        value = entry.number(clause.column)
        above = clause.low is None or value >= clause.low
        return value != MISSING and above and (clause.high is None or value <= clause.high)
    met = any(term in entry.terms for term in clause.terms)
    return met if isinstance(clause, AnyOf) else not met
