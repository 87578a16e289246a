"""The `facets` parameter: the values to be counted in a search's results (contract/search.md 10).

    parse_facets(request)  -> (Facet("type", values), Facet("tag", prefix="tag:"))

The count of a value is the number of add-ons that the filter of the same name would find. Pure functions; any
thread.
"""

from collections.abc import Iterator
from functools import lru_cache

from conf import categories, licenses, vocabulary
from conf.gates import enabled
from index.criteria.facets import PREFIXES, Facet
from index.entry import license_term
from server.search_params.errors import invalid
from server.search_params.parameters import SearchRequest, parse_app, values


def parse_facets(request: SearchRequest) -> tuple[Facet, ...]:
    """The facets; empty without the parameter. Raises ParameterError for an unknown one."""
    sent = request.params.get("facets")
    if sent is None:
        return ()
    names = values("facets", sent)
    if not set(names) <= vocabulary.FACETS:
        raise invalid("facets")
    app = parse_app(request) if "app" in request.params else None
    return tuple(_facet(name, app, request.version) for name in names)


@lru_cache(maxsize=256)
def _facet(name: str, app: str | None, version: str) -> Facet:
    if name in PREFIXES:
        return Facet(name, prefix=PREFIXES[name])
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
