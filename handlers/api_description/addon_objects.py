"""Add-ons and versions as answers of one API version have them: the keys are those of index/shapes, and
what is in each of them is said here.
"""

from collections.abc import Iterable
from typing import Final

from conf.gates import enabled
from conf.locales import SUPPORTED
from conf.vocabulary import (
    ADDON_STATUSES,
    APPS,
    CHANNELS,
    FILE_STATUSES,
    PLATFORMS,
    PROMOTED_GROUPS,
    TYPES,
)
from handlers.api_description.schemas import (
    BOOLEAN,
    DATE_TIME,
    INTEGER,
    NUMBER,
    STRING,
    Schema,
    array,
    choice,
    mapping,
    nullable,
    record,
    ref,
)
from index.shapes.api_versions import SHAPES
from index.shapes.fields import addon_keys
from index.shapes.versions import VersionContext

TEXT: Final = ref("Text")
# A link inside the site or to a picture; some of old catalogues are no URI.
ADDRESS: Final = STRING
_PERMISSIONS: Final = array(STRING)
_PROMOTION: Final = record({"apps": array(choice(APPS)), "category": choice(PROMOTED_GROUPS)})
_SIZE: Final = {**array(INTEGER), "description": "Width and height, or nothing."}
_TYPE: Final = choice(TYPES)
_GROUPED: Final = record(dict.fromkeys("12345", INTEGER))
_RATINGS: Final = record(
    {
        "average": NUMBER,
        "bayesian_average": NUMBER,
        "count": INTEGER,
        "text_count": INTEGER,
        "grouped_counts": _GROUPED,
    },
    optional=("grouped_counts",),
)
_OPTIONAL: Final = ("latest_unlisted_version", "theme_data", "weekly_downloads", "_score")
# Of v3's personas (contract/addons.md 5.5); numbers are text there.
_THEME_DATA: Final = {"type": "object"}

FILE: Final[dict[str, Schema]] = {
    "id": INTEGER,
    "created": DATE_TIME,
    "hash": STRING,
    "is_restart_required": BOOLEAN,
    "is_webextension": BOOLEAN,
    "is_mozilla_signed_extension": BOOLEAN,
    "platform": choice(PLATFORMS),
    "size": INTEGER,
    "status": choice(FILE_STATUSES),
    "url": ADDRESS,
    "permissions": _PERMISSIONS,
    "optional_permissions": _PERMISSIONS,
    "host_permissions": _PERMISSIONS,
    "data_collection_permissions": _PERMISSIONS,
    "optional_data_collection_permissions": _PERMISSIONS,
}
LICENSE: Final[dict[str, Schema]] = {
    "id": INTEGER,
    "is_custom": BOOLEAN,
    "name": TEXT,
    "slug": nullable(STRING),
    "text": TEXT,
    "url": nullable(ADDRESS),
}


def text(version: str) -> Schema:
    """A translated field: all languages without `lang`; with it one text, in v5 under its language."""
    values = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
    if not enabled(version, "flat_translations"):
        return {**values, "description": "Texts by language; `_default` names one that stands in."}
    return {**values, "type": ["object", "string", "null"], "description": "Texts by language, or one text."}


def link(version: str) -> Schema:
    """A translated address."""
    if enabled(version, "flat_translations"):
        return TEXT
    return nullable(record({"url": TEXT, "outgoing": TEXT}))


def outgoing(version: str) -> Schema:
    """An address that is the same in all languages, and leads off the site."""
    if enabled(version, "flat_translations"):
        return ADDRESS
    return record({"url": ADDRESS, "outgoing": ADDRESS})


def author(*, compact: bool) -> Schema:
    """`compact` as in results of a search: without the picture."""
    made: dict[str, Schema] = {"id": INTEGER, "name": STRING, "url": ADDRESS, "username": STRING}
    return record(made if compact else {**made, "picture_url": nullable(ADDRESS)})


def version_object(version: str, place: VersionContext) -> Schema:
    """A version of an add-on in a place of answers; `private` keys only its people get."""
    shapes = SHAPES[version]
    made = _version_properties(version, place)
    public, private = (shapes.keys_at(place, private=private) for private in (False, True))
    return record({key: made[key] for key in private}, optional=set(private) - set(public))


def _version_properties(version: str, place: VersionContext) -> dict[str, Schema]:
    shapes = SHAPES[version]
    has_text = place in shapes.license_text_places
    license_keys = [key for key in shapes.license_keys if key != "text" or has_text]
    file = ref("File")
    return {
        "id": INTEGER,
        "approval_notes": nullable(STRING),
        "channel": choice(CHANNELS),
        "compatibility": mapping(record({"min": STRING, "max": STRING})),
        "edit_url": ADDRESS,
        "file": file,
        "files": array(file),
        "is_disabled": BOOLEAN,
        "is_strict_compatibility_enabled": BOOLEAN,
        "license": nullable(record({key: LICENSE[key] for key in license_keys})),
        "release_notes": TEXT,
        "reviewed": nullable(DATE_TIME),
        "source": nullable(ADDRESS),
        "version": STRING,
    }


def _categories(version: str) -> Schema:
    slugs = array(STRING)
    return mapping(slugs) if enabled(version, "flat_translations") else slugs


def _promoted(version: str) -> Schema:
    return array(_PROMOTION) if not enabled(version, "flat_translations") else nullable(_PROMOTION)


def properties(version: str, *, compact: bool) -> dict[str, Schema]:
    """Every key that an add-on may have; `compact` in results of a search."""
    shapes = SHAPES[version]
    current = ref("SearchResultVersion" if compact else "CurrentVersion")
    return {
        "id": INTEGER,
        "authors": array(ref("User" if compact else "Author")),
        "average_daily_users": INTEGER,
        "categories": _categories(version),
        "contributions_url": nullable(_or_empty(outgoing(version))),
        "created": DATE_TIME,
        "current_version": nullable(current),
        "default_locale": choice(SUPPORTED),
        "description": TEXT,
        "developer_comments": TEXT,
        "edit_url": ADDRESS,
        "guid": nullable(STRING),
        "has_eula": BOOLEAN,
        "has_privacy_policy": BOOLEAN,
        "homepage": link(version),
        "icon_url": ADDRESS,
        "icons": record(dict.fromkeys(shapes.icon_sizes, ADDRESS)),
        "is_disabled": BOOLEAN,
        "is_experimental": BOOLEAN,
        "is_featured": BOOLEAN,
        "is_noindexed": {"type": "null"} if compact else nullable(BOOLEAN),
        "is_source_public": BOOLEAN,
        "last_updated": nullable(DATE_TIME),
        "locale_disambiguation": nullable(STRING),
        "name": TEXT,
        "previews": array(_preview(shapes.preview_keys)),
        "promoted": _promoted(version),
        "ratings": _RATINGS,
        "ratings_url": ADDRESS,
        "requires_payment": BOOLEAN,
        "review_url": ADDRESS,
        "slug": nullable(STRING),
        "status": choice(ADDON_STATUSES),
        "summary": TEXT,
        "support_email": TEXT,
        "support_url": link(version),
        "tags": array(STRING),
        "target_locale": nullable(STRING),
        "theme_data": _THEME_DATA,
        "type": _TYPE,
        "url": ADDRESS,
        "versions_url": ADDRESS,
        "weekly_downloads": INTEGER,
    }


def _or_empty(schema: Schema) -> Schema:
    """An empty text where there is none."""
    return schema if schema.get("type") == "string" else {"anyOf": [schema, {"const": ""}]}


def _preview(keys: Iterable[str]) -> Schema:
    made: dict[str, Schema] = {
        "id": INTEGER,
        "caption": TEXT,
        "image_size": _SIZE,
        "image_url": ADDRESS,
        "position": INTEGER,
        "thumbnail_size": _SIZE,
        "thumbnail_url": ADDRESS,
    }
    return record({key: made[key] for key in keys})


def addon(version: str) -> Schema:
    """The detail object; personas have other keys."""
    return record(_detail(version), optional=_OPTIONAL)


def _detail(version: str) -> dict[str, Schema]:
    made = properties(version, compact=False)
    keys = {key: made[key] for key in addon_keys(version)}
    return {**keys, "latest_unlisted_version": nullable(ref("CurrentVersion"))}


def submitted(version: str) -> Schema:
    """The answer to a submission: the add-on and the version just made (contract/packages.md 5)."""
    return record({**_detail(version), "version": ref("Version")}, optional=_OPTIONAL)


def search_result(version: str) -> Schema:
    """A row of a search, and wherever else add-ons stand in lists."""
    made = properties(version, compact=True)
    keys = {key: made[key] for key in addon_keys(version)}
    score = {"_score": nullable(NUMBER)} if SHAPES[version].score_key else {}
    return record({**keys, **score}, optional=_OPTIONAL)


def suggestion(version: str) -> Schema:
    """A row of autocomplete."""
    made = properties(version, compact=True)
    return record({key: made[key] for key in SHAPES[version].suggestion_keys})


def language_tool(version: str) -> Schema:
    """A dictionary or language pack."""
    made = properties(version, compact=False)
    keys = {key: made[key] for key in SHAPES[version].tool_keys}
    tool = {"current_compatible_version": nullable(ref("LanguageToolVersion"))}
    return record({**keys, **tool}, optional=("current_compatible_version",))


def objects(version: str) -> dict[str, Schema]:
    """Those of this module by their names."""
    shapes = SHAPES[version]
    return {
        "Text": text(version),
        "Author": author(compact=False),
        "User": author(compact=True),
        "File": record({key: FILE[key] for key in shapes.file_keys()}),
        "Preview": _preview(shapes.preview_keys),
        "Policies": record({"eula": TEXT, "privacy_policy": TEXT}),
        "Version": version_object(version, "detail"),
        "ListedVersion": version_object(version, "list"),
        "CurrentVersion": version_object(version, "current"),
        "SearchResultVersion": version_object(version, "search"),
        "LanguageToolVersion": version_object(version, "tool"),
        "Addon": addon(version),
        "SubmittedAddon": submitted(version),
        "SearchResult": search_result(version),
        "Suggestion": suggestion(version),
        "LanguageTool": language_tool(version),
    }
