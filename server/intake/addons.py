"""An add-on object of AMO's JSON, v3 to v5, as part of an AddonDoc.

The API's versions differ in shape only, so each field is read in every form that it ever had
(contract/addons.md 5, contract/versions.md 1). A field that the object lacks is left out of the result,
so that the stored value, or the model's default, stays.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from conf.vocabulary import (
    ADDON_STATUSES,
    APPS,
    DEFAULT_APP,
    ICON_SIZES,
    LOADED_GUID_PATTERN,
    PROMOTED_GROUPS,
    TYPES,
)
from server.intake import authors, texts
from server.intake.json_values import (
    BadRecord,
    boolean,
    choice,
    date,
    integer,
    locale,
    mapping,
    number,
    objects,
    string,
    strings,
)
from server.intake.texts import AMO_HOST, media_path

_GUID: Final = re.compile(LOADED_GUID_PATTERN)
_NO_SLUG: Final = re.compile(r"[\s/\x00-\x1f\x7f]")
TRANSLATED: Final = (
    "name", "summary", "description", "developer_comments", "support_email", "eula", "privacy_policy",
)  # fmt: skip
URLS: Final = ("homepage", "support_url")
# Texts whose existence alone AMO's add-on object shows: field, and page on its site.
HINTS: Final = {"has_eula": ("eula", "eula/"), "has_privacy_policy": ("privacy_policy", "privacy/")}
_NAMELESS: Final = frozenset({"incomplete", "deleted"})


def _optional_text(value: Any, what: str) -> str | None:
    return string(value, what) or None


def _categories(value: Any, what: str) -> dict[str, list[str]]:
    """v3 and v4: slugs by application; v5: those of Firefox."""
    if isinstance(value, list):
        return {DEFAULT_APP: strings(value, what)}
    by_app = mapping(value, what)
    return {app: strings(slugs, what) for app, slugs in by_app.items() if app in APPS}


def _ratings(value: Any, what: str) -> dict[str, Any]:
    source = mapping(value, what)
    ratings: dict[str, Any] = {
        "average": number(source.get("average"), f"{what} average"),
        "bayesian_average": number(source.get("bayesian_average"), f"{what} bayesian_average"),
        "count": integer(source.get("count") or 0, f"{what} count"),
        "text_count": integer(source.get("text_count") or 0, f"{what} text_count"),
    }
    if "grouped_counts" in source:
        counts = mapping(source["grouped_counts"], f"{what} grouped_counts")
        ratings["grouped_counts"] = {
            score: integer(counts.get(score) or 0, f"{what} grouped_counts") for score in "12345"
        }
    return ratings


def _promoted(value: Any, what: str) -> list[dict[str, Any]]:
    """v3, v4 and early v5: an object or null; v5: a list. Unknown groups are left out."""
    groups = [value] if isinstance(value, dict) else objects(value, what)
    return [
        {"group": item["category"], "apps": [app for app in strings(item.get("apps"), what) if app in APPS]}
        for item in groups
        if string(item.get("category"), what) in PROMOTED_GROUPS
    ]


def _integer(value: Any, what: str) -> int:
    return 0 if value is None else integer(value, what)


_READERS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "contributions_url": lambda value, _: texts.contributions_url(value),
    "categories": _categories,
    "tags": strings,
    "promoted": _promoted,
    "ratings": _ratings,
    "average_daily_users": _integer,
    "weekly_downloads": _integer,
    "is_experimental": boolean,
    "is_noindexed": boolean,
    "requires_payment": boolean,
    "target_locale": _optional_text,
    "locale_disambiguation": _optional_text,
}


def read_addon(source: dict[str, Any]) -> dict[str, Any]:
    """The add-on's fields without its versions. Raises BadRecord."""
    addon: dict[str, Any] = {"_id": integer(source.get("id"), "id", 1)}
    addon["type"] = choice(source.get("type"), TYPES, "type")
    addon["status"] = choice(source.get("status", "public"), ADDON_STATUSES, "status")
    addon |= _identity(source, addon["status"])
    names = source.get("name")
    locales = names if isinstance(names, dict) else ()
    addon["default_locale"] = locale(source.get("default_locale", "en-US"), "default_locale", locales)
    addon |= _texts(source, addon["default_locale"])
    if addon["status"] not in _NAMELESS and not any(map(str.strip, (addon.get("name") or {}).values())):
        raise BadRecord("no name")
    addon |= {field: read(source[field], field) for field, read in _READERS.items() if field in source}
    return addon | _pictures(source, addon["default_locale"]) | _derived_fields(source, addon)


def _identity(source: dict[str, Any], status: str) -> dict[str, Any]:
    guid, slug = source.get("guid"), source.get("slug")
    if not isinstance(guid, str) or not _GUID.fullmatch(guid):
        raise BadRecord("no guid" if guid is None else f"bad guid: {guid!r:.80}")
    if status == "deleted" and not slug:
        return {"guid": guid, "slug": None}
    if not isinstance(slug, str) or not slug or _NO_SLUG.search(slug):
        raise BadRecord("no slug" if not slug else f"bad slug: {slug!r:.80}")
    return {"guid": guid, "slug": slug}


def _texts(source: dict[str, Any], default_locale: str) -> dict[str, Any]:
    readers = dict.fromkeys(TRANSLATED, texts.translated) | dict.fromkeys(URLS, texts.translated_url)
    fields: dict[str, Any] = {
        field: read(source[field], default_locale, field)
        for field, read in readers.items()
        if field in source
    }
    for hint, (field, page) in HINTS.items():
        if field not in source and hint in source:
            # All that is known is its address (merging.py keeps a text that we have).
            page = f"https://{AMO_HOST}/addon/{source.get('slug') or source['guid']}/{page}"
            fields[field] = {default_locale: page} if boolean(source[hint], hint) else None
    return fields


def _pictures(source: dict[str, Any], default_locale: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "icons" in source or "icon_url" in source:
        icons = mapping(source.get("icons"), "icons") or {"64": source.get("icon_url")}
        paths = {str(size): media_path(icons.get(str(size)), "icons") for size in ICON_SIZES}
        fields["icons"] = {size: path for size, path in paths.items() if path}
    if "previews" in source:
        previews = objects(source["previews"], "previews")
        fields["previews"] = [_preview(item, index, default_locale) for index, item in enumerate(previews)]
    return fields


def _preview(value: dict[str, Any], index: int, default_locale: str) -> dict[str, Any]:
    def size(key: str) -> list[int]:
        sides = value.get(key) or []
        if not isinstance(sides, list) or len(sides) not in (0, 2):
            raise BadRecord(f"{key} of a preview is no [width, height]")
        return [integer(side, key) for side in sides]

    return {
        "id": integer(value.get("id"), "preview id", 1),
        "caption": texts.translated(value.get("caption"), default_locale, "caption"),
        "image_url": media_path(value.get("image_url"), "image_url") or "",
        "image_size": size("image_size"),
        "thumbnail_url": media_path(value.get("thumbnail_url"), "thumbnail_url") or "",
        "thumbnail_size": size("thumbnail_size"),
        "position": integer(value.get("position", index), "preview position"),
    }


def _derived_fields(source: dict[str, Any], addon: dict[str, Any]) -> dict[str, Any]:
    """Fields that follow from several keys, or from one with another name."""
    fields: dict[str, Any] = {}
    if "authors" in source:
        fields["authors"] = authors.read_authors(source["authors"])
    if "is_disabled" in source and addon["status"] != "disabled":
        # The flag has two reasons (contract/addons.md 5); Mozilla's is the status, which hides the other.
        fields["disabled_by_user"] = boolean(source["is_disabled"], "is_disabled")
    if "promoted" not in source and source.get("is_recommended"):
        # v4 between 2019-05 and 2020-09, which did not name the applications.
        fields["promoted"] = [{"group": "recommended", "apps": [DEFAULT_APP]}]
    if "theme_data" in source:
        fields["persona"] = mapping(source["theme_data"], "theme_data") or None
    fields["last_updated"] = date(source.get("last_updated"), "last_updated")
    created = date(source.get("created"), "created")
    return fields | ({"created": created} if created else {})
