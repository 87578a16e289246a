"""Facets (contract/search.md 10): their values, and the terms that each value counts."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from conf.limits import MAX_FACET_TERMS

Values = tuple[tuple[str, tuple[str, ...]], ...]


class Facet(NamedTuple):
    """The count of a value is that of the add-ons with any of its terms."""

    name: str
    values: Values = ()
    prefix: str = ""  # of terms that end in the value, where the values are not known beforehand


PREFIXES: Final = {"permissions": "permission:", "tag": "tag:"}
OPEN_PREFIXES: Final = tuple(PREFIXES.values())


class OpenTerms:
    """The terms in use of facets with a prefix; at most MAX_FACET_TERMS of each."""

    def __init__(self) -> None:
        self._terms: dict[str, dict[str, None]] = {prefix: {} for prefix in OPEN_PREFIXES}

    def add(self, term: str) -> None:
        """`term` starts with one of OPEN_PREFIXES."""
        terms = self._terms[_prefix(term)]
        if len(terms) < MAX_FACET_TERMS:
            terms[term] = None

    def discard(self, term: str) -> None:
        self._terms[_prefix(term)].pop(term, None)

    def with_prefix(self, prefix: str) -> Iterable[str]:
        return self._terms[prefix]


def _prefix(term: str) -> str:
    return term[: term.index(":") + 1]
