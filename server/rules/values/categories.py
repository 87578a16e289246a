"""Categories of an add-on in bodies (contract/writes.md 3.2).

    change = categories("extension")(["tabs"])        # (None, ["tabs"]): an array names no application
    merged_categories(change, "extension", {"firefox": ["other"]})

Every API version accepts two forms: slugs by application, and a flat array.
Pure; any thread.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from conf.categories import CATEGORIES, find, matching
from conf.limits import MAX_CATEGORIES
from conf.vocabulary import APPS, DEFAULT_APP
from server.rules.fields import FieldReader, sent_list, with_schema, wrong_value

CategoriesChange = Mapping[str | None, list[str]]  # application, None for the array -> slugs

_OTHER: Final = "other"


def categories(addon_type: str, stored: Mapping[str, list[str]] | None = None) -> FieldReader:
    """Reads a CategoriesChange. Stored slugs stay valid if conf/categories.py does not have them."""
    stored_slugs: set[tuple[str | None, str]]
    stored_slugs = {(app, slug) for app, slugs in (stored or {}).items() for slug in slugs}
    stored_slugs |= {(None, slug) for _, slug in stored_slugs}

    def reader(value: Any) -> CategoriesChange:
        if not isinstance(value, dict):
            return {None: _slugs(value, addon_type, None, stored_slugs)}
        for app in value:
            if app not in APPS:
                raise wrong_value("category_app_invalid")
        return {app: _slugs(slugs, addon_type, app, stored_slugs) for app, slugs in value.items()}

    return with_schema(**_schema(addon_type))(reader)


@cache
def _schema(addon_type: str) -> dict[str, Any]:
    allowed = sorted({category.slug for category in CATEGORIES if category.type == addon_type})
    slugs = {"type": "array", "items": {"enum": allowed}, "maxItems": int(MAX_CATEGORIES)}
    by_app = {"type": "object", "propertyNames": {"enum": list(APPS)}, "additionalProperties": slugs}
    return {"anyOf": [slugs, by_app]}


def _slugs(
    value: Any, addon_type: str, app: str | None, stored_slugs: set[tuple[str | None, str]]
) -> list[str]:
    sent = sent_list(value, MAX_CATEGORIES, "category_too_many")
    for slug in sent:
        if not isinstance(slug, str) or not ((app, slug) in stored_slugs or matching(addon_type, slug, app)):
            raise wrong_value("category_invalid")
    slugs = list(dict.fromkeys(sent))
    if len(slugs) > 1 and _OTHER in slugs:
        raise wrong_value("category_other_alone")
    return slugs


def merged_categories(
    change: CategoriesChange, addon_type: str, stored: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """The categories afterwards, by application.

    A slug of an array counts for Firefox and every application the add-on has categories
    for; if none of them has it, for the application that does.
    """
    result: dict[str, list[str]] = {}
    for app, slugs in change.items():
        for slug in slugs:
            for category_app in _apps(slug, addon_type, app, stored):
                result.setdefault(category_app, []).append(slug)
    return result


def _apps(slug: str, addon_type: str, app: str | None, stored: Mapping[str, list[str]]) -> list[str]:
    if app is not None:
        return [app]
    apps = [
        candidate
        for candidate in dict.fromkeys((DEFAULT_APP, *stored))
        if find(candidate, addon_type, slug) or slug in stored.get(candidate, ())
    ]
    return apps or [matching(addon_type, slug)[0].app]
