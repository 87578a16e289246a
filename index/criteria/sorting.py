"""What orders a search.

A sort is a tuple of keys, most important first; ties are always broken by
ascending id, so that pages neither repeat nor lose an add-on. A random order is
the single key `random:<seed>`. Keys: contract/search.md 3.1.
"""

from typing import Final, NamedTuple

Sort = tuple[str, ...]

RELEVANCE: Final = "relevance"
BY_RELEVANCE: Final[Sort] = (RELEVANCE,)
RANDOM: Final = "random"
_RANDOM_PREFIX: Final = "random:"


class SortKey(NamedTuple):
    """What a sort key reads (contract/search.md 3.1)."""

    column: str  # of the catalogue's columns
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
    """The order that a seed shuffles add-ons into; the same for the same seed."""
    return (f"{_RANDOM_PREFIX}{seed}",)


def random_seed(key: str) -> int | None:
    """The seed of a random key, None for another key."""
    return int(key.removeprefix(_RANDOM_PREFIX)) if key.startswith(_RANDOM_PREFIX) else None
