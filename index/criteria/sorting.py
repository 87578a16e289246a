"""Sorts.

A sort is a tuple of keys, most important first. Ties are always broken by ascending id,
so that pages neither repeat nor skip an add-on. A random order is the single key
`random:<seed>`. Keys: contract/search.md 3.1.
"""

from typing import Final, NamedTuple

Sort = tuple[str, ...]

RELEVANCE: Final = "relevance"
BY_RELEVANCE: Final[Sort] = (RELEVANCE,)
RANDOM: Final = "random"
_RANDOM_PREFIX: Final = "random:"


class SortKey(NamedTuple):
    """A sort key of contract/search.md 3.1."""

    column: str  # of index/columns/table.py
    descending: bool


KEYS: Final[dict[str, SortKey]] = {
    "created": SortKey("created", True),
    "downloads": SortKey("downloads", True),
    "hotness": SortKey("hotness", True),
    "name": SortKey("name", False),
    "rating": SortKey("bayesian", True),
    "recommended": SortKey("recommended", True),
    "updated": SortKey("updated", True),
    "users": SortKey("users", True),
}


def random_sort(seed: int) -> Sort:
    """A random order; the same seed gives the same order."""
    return (f"{_RANDOM_PREFIX}{seed}",)


def random_seed(key: str) -> int | None:
    """The seed of a random key; None for any other key."""
    return int(key.removeprefix(_RANDOM_PREFIX)) if key.startswith(_RANDOM_PREFIX) else None
