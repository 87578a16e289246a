"""What a search's results are counted by (contract/search.md 10): values, and the terms they stand for."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from conf.limits import MAX_FACET_TERMS

Values = tuple[tuple[str, tuple[str, ...]], ...]


class Facet(NamedTuple):
    """What is counted: of each value the add-ons that have one of its terms."""

    name: str
    values: Values = ()
    prefix: str = ""  # of the terms whose rest is a value, where nobody knows all of them beforehand


PREFIXES: Final = {"permissions": "permission:", "tag": "tag:"}
OPEN: Final = tuple(PREFIXES.values())


class OpenTerms:
    """The terms that any add-on has of the facets with a prefix; at most MAX_FACET_TERMS of each."""

    def __init__(self) -> None:
        self._terms: dict[str, dict[str, None]] = {prefix: {} for prefix in OPEN}

    def add(self, term: str) -> None:
        """One that begins with a prefix."""
        terms = self._terms[_prefix(term)]
        if len(terms) < MAX_FACET_TERMS:
            terms[term] = None

    def discard(self, term: str) -> None:
        self._terms[_prefix(term)].pop(term, None)

    def of(self, prefix: str) -> Iterable[str]:
        return self._terms[prefix]


def _prefix(term: str) -> str:
    return term[: term.index(":") + 1]
