"""An add-on object of AMO's JSON, v3 to v5, as part of an AddonDoc.

The versions differ by shape, not by a mark, so each field takes every form it
ever had (contract/addons.md 5, contract/versions.md 1). A field the object lacks
is left out of the result: what is stored, or the model's default, stands.
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
    date,
    integer,
    locale,
    mapping,
    number,
    objects,
    string,
    strings,
    word,
)
from server.intake.texts import AMO_HOST, media_path

_GUID: Final = re.compile(LOADED_GUID_PATTERN)
_NO_SLUG: Final = re.compile(r"[\s/\x00-\x1f\x7f]")
TRANSLATED: Final = (
    "name", "summary", "description", "developer_comments", "support_email", "eula", "privacy_policy",
)  # fmt: skip
URLS: Final = ("homepage", "support_url")
# Texts AMO's add-on object only says to exist: field, and page on its site.
HINTS: Final = {"has_eula": ("eula", "eula/"), "has_privacy_policy": ("privacy_policy", "privacy/")}
_NAMELESS: Final = frozenset({"incomplete", "deleted"})


def _optional_text(value: Any, what: str) -> str | None:
    return string(value, what) or None


def _categories(value: Any, what: str) -> dict[str, list[str]]:
    """v3 and v4: slugs by application. v5: Firefox's alone; others are not made up."""
    if isinstance(value, list):
        return {DEFAULT_APP: strings(value, what)}
    by_app = mapping(value, what)
    return {app: strings(slugs, what) for app, slugs in by_app.items() if app in APPS}


def _ratings(value: Any, what: str) -> dict[str, Any]:
    given = mapping(value, what)
    ratings: dict[str, Any] = {
        "average": number(given.get("average"), f"{what} average"),
        "bayesian_average": number(given.get("bayesian_average"), f"{what} bayesian_average"),
        "count": integer(given.get("count") or 0, f"{what} count"),
        "text_count": integer(given.get("text_count") or 0, f"{what} text_count"),
    }
    if "grouped_counts" in given:
        counts = mapping(given["grouped_counts"], f"{what} grouped_counts")
        ratings["grouped_counts"] = {
            score: integer(counts.get(score) or 0, f"{what} grouped_counts") for score in "12345"
        }
    return ratings


def _promoted(value: Any, what: str) -> list[dict[str, Any]]:
    """v3, v4 and early v5: an object or null; v5: a list. Groups we do not know are left out."""
    given = [value] if isinstance(value, dict) else objects(value, what)
    return [
        {"group": item["category"], "apps": [app for app in strings(item.get("apps"), what) if app in APPS]}
        for item in given
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


def read_addon(given: dict[str, Any]) -> dict[str, Any]:
    """The add-on's own fields, its versions left out. BadRecord says what is wrong with it."""
    addon: dict[str, Any] = {"_id": integer(given.get("id"), "id", 1)}
    addon["type"] = word(given.get("type"), TYPES, "type")
    addon["status"] = word(given.get("status", "public"), ADDON_STATUSES, "status")
    addon |= _identity(given, addon["status"])
    names = given.get("name")
    spoken = names if isinstance(names, dict) else ()
    addon["default_locale"] = locale(given.get("default_locale", "en-US"), "default_locale", spoken)
    addon |= _texts(given, addon["default_locale"])
    if addon["status"] not in _NAMELESS and not any(map(str.strip, (addon.get("name") or {}).values())):
        raise BadRecord("no name")
    addon |= {field: read(given[field], field) for field, read in _READERS.items() if field in given}
    return addon | _pictures(given, addon["default_locale"]) | _rest(given, addon)


def _identity(given: dict[str, Any], status: str) -> dict[str, Any]:
    guid, slug = given.get("guid"), given.get("slug")
    if not isinstance(guid, str) or not _GUID.fullmatch(guid):
        raise BadRecord("no guid" if guid is None else f"bad guid: {guid!r:.80}")
    if status == "deleted" and not slug:
        return {"guid": guid, "slug": None}
    if not isinstance(slug, str) or not slug or _NO_SLUG.search(slug):
        raise BadRecord("no slug" if not slug else f"bad slug: {slug!r:.80}")
    return {"guid": guid, "slug": slug}


def _texts(given: dict[str, Any], default_locale: str) -> dict[str, Any]:
    readers = dict.fromkeys(TRANSLATED, texts.translated) | dict.fromkeys(URLS, texts.translated_url)
    found: dict[str, Any] = {
        field: read(given[field], default_locale, field) for field, read in readers.items() if field in given
    }
    for hint, (field, page) in HINTS.items():
        if field not in given and hint in given:
            # Where it is to be read is all we know of it (merging.py keeps a text we have).
            page = f"https://{AMO_HOST}/addon/{given.get('slug') or given['guid']}/{page}"
            found[field] = {default_locale: page} if boolean(given[hint], hint) else None
    return found


def _pictures(given: dict[str, Any], default_locale: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "icons" in given or "icon_url" in given:
        icons = mapping(given.get("icons"), "icons") or {"64": given.get("icon_url")}
        paths = {str(size): media_path(icons.get(str(size)), "icons") for size in ICON_SIZES}
        found["icons"] = {size: path for size, path in paths.items() if path}
    if "previews" in given:
        previews = objects(given["previews"], "previews")
        found["previews"] = [_preview(item, place, default_locale) for place, item in enumerate(previews)]
    return found


def _preview(value: dict[str, Any], place: int, default_locale: str) -> dict[str, Any]:
    def size(key: str) -> list[int]:
        given = value.get(key) or []
        if not isinstance(given, list) or len(given) not in (0, 2):
            raise BadRecord(f"{key} of a preview is no [width, height]")
        return [integer(side, key) for side in given]

    return {
        "id": integer(value.get("id"), "preview id", 1),
        "caption": texts.translated(value.get("caption"), default_locale, "caption"),
        "image_url": media_path(value.get("image_url"), "image_url") or "",
        "image_size": size("image_size"),
        "thumbnail_url": media_path(value.get("thumbnail_url"), "thumbnail_url") or "",
        "thumbnail_size": size("thumbnail_size"),
        "position": integer(value.get("position", place), "preview position"),
    }


def _rest(given: dict[str, Any], addon: dict[str, Any]) -> dict[str, Any]:
    """What more than one key, or another name, decides."""
    found: dict[str, Any] = {}
    if "authors" in given:
        found["authors"] = authors.read_authors(given["authors"])
    if "is_disabled" in given and addon["status"] != "disabled":
        # One flag for two owners (contract/addons.md 5); Mozilla's part is the status, which hides the other.
        found["disabled_by_user"] = boolean(given["is_disabled"], "is_disabled")
    if "promoted" not in given and given.get("is_recommended"):
        # v4 between 2019-05 and 2020-09; which applications it meant was not told.
        found["promoted"] = [{"group": "recommended", "apps": [DEFAULT_APP]}]
    if "theme_data" in given:
        found["persona"] = mapping(given["theme_data"], "theme_data") or None
    found["last_updated"] = date(given.get("last_updated"), "last_updated")
    created = date(given.get("created"), "created")
    return found | ({"created": created} if created else {})
