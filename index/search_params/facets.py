"""The `facets` parameter: which values of a search's results are to be counted (contract/search.md 10).

    parse_facets("type,tag", question)  -> (Facet("type", values), Facet("tag", prefix="tag:"))

A value is counted if, and as often as, the filter of the same name would find it. Pure functions; any thread.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from conf import categories, licenses, vocabulary
from conf.gates import enabled
from conf.limits import MAX_FACET_TERMS
from index.entry import license_term
from index.search_params.errors import invalid
from index.search_params.parameters import SearchRequest, asked_app, values

Values = tuple[tuple[str, tuple[str, ...]], ...]


class Facet(NamedTuple):
    """What is counted: of each value the add-ons that have one of its terms."""

    name: str
    values: Values = ()
    prefix: str = ""  # of the terms whose rest is a value, where nobody knows all of them beforehand


_PREFIXES: Final = {"permissions": "permission:", "tag": "tag:"}
OPEN: Final = tuple(_PREFIXES.values())


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


def parse_facets(question: SearchRequest) -> tuple[Facet, ...]:
    """None without the parameter. Raises ParameterError for what is no facet."""
    sent = question.params.get("facets")
    if sent is None:
        return ()
    names = values("facets", sent)
    if not set(names) <= vocabulary.FACETS:
        raise invalid("facets")
    app = asked_app(question) if "app" in question.params else None
    return tuple(_facet(name, app, question.version) for name in names)


@lru_cache(maxsize=256)
def _facet(name: str, app: str | None, version: str) -> Facet:
    if name in _PREFIXES:
        return Facet(name, prefix=_PREFIXES[name])
    return Facet(name, tuple(_values(name, app, version)))


def _values(name: str, app: str | None, version: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    match name:
        case "app":
            has_legacy = enabled(version, "legacy_apps")
            for choice in vocabulary.APPS.values():
                if has_legacy or not choice.legacy:
                    yield choice.short, (f"app:{choice.short}",)
        case "category":
            app = app if enabled(version, "category_needs_app") else None
            ids: dict[str, list[int]] = {}
            for category in categories.CATEGORIES:
                if app in (None, category.app):
                    ids.setdefault(category.slug, []).append(category.id)
            for slug, numbers in ids.items():
                yield slug, tuple(f"category:{number}" for number in numbers)
        case "license":
            for slug in (*(license.slug for license in licenses.LICENSES), vocabulary.CUSTOM_LICENSE):
                yield slug, (license_term(slug),)
        case "promoted":
            suffix = f":{app}" if app else ""
            for group in vocabulary.PROMOTED_GROUPS.values():
                if group.searchable:
                    yield group.name, (f"promoted:{group.name}{suffix}",)
        case "type":
            for kind in vocabulary.TYPES:
                yield kind, (f"type:{kind}",)
