"""The `sort` parameter: the keys that order a search.

    resolve_sort("users,created", context, seed)    -> ("users", "created")
    resolve_sort(None, context, seed)               -> ("relevance",), if there is a `q`

contract/search.md 3 has the rules, conf/gates.py the keys and defaults of each version.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from conf.gates import DEFAULT_SORTS, SORTS, enabled
from index.criteria.sorting import BY_RELEVANCE, RANDOM, RELEVANCE, Sort, random_sort
from server.search_params.errors import ParameterError, invalid

RECOMMENDED: Final = "recommended"
_ALIASES: Final = {"ratings": "rating"}


class SortContext(NamedTuple):
    """What a sort depends on besides the parameter itself."""

    version: str  # "v3"
    has_q: bool  # a non-empty `q`, as sent
    parameters: Collection[str]  # names of all parameters sent


def resolve_sort(value: str | None, context: SortContext, seed: int) -> Sort:
    """The keys to sort by. Raises ParameterError.

    The checks are in the order of contract/search.md 3.2, whose visible defects are kept: a list that falls
    back to the default does so even if its other keys are invalid.
    """
    keys = value.split(",") if value else []
    if RANDOM in keys:
        return _random(keys, context, seed)
    if not keys or _falls_back(keys, context):
        return BY_RELEVANCE if context.has_q else DEFAULT_SORTS[context.version]
    if not SORTS[context.version].issuperset(keys):
        raise invalid("sort")
    # A repeated key has no effect.
    return tuple(dict.fromkeys(_ALIASES.get(key, key) for key in keys))


def _random(keys: list[str], context: SortContext, seed: int) -> Sort:
    if len(keys) > 1:
        raise ParameterError("random_not_alone")
    strict = enabled(context.version, "random_needs_featured")
    filters = {"featured"} if strict else {"featured", "promoted"}
    if context.has_q or filters.isdisjoint(context.parameters):
        raise ParameterError("random_needs_featured" if strict else "random_needs_promoted")
    return random_sort(seed)


def _falls_back(keys: list[str], context: SortContext) -> bool:
    """Whether the list falls back to the default (rules 5, 6 and 7 of contract/search.md 3.2)."""
    if RELEVANCE in keys and not context.has_q:
        return True
    if RECOMMENDED not in SORTS[context.version]:
        return False
    return keys == [RECOMMENDED] or (RECOMMENDED in keys and RELEVANCE in keys)
