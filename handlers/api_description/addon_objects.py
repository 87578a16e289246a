"""Schemas of add-ons and versions in answers of one API version. Their keys come from index/shapes."""

from collections.abc import Iterable
from typing import Final

from conf.gates import enabled
from conf.locales import SUPPORTED
from conf.vocabulary import ADDON_STATUSES, APPS, CHANNELS, FILE_STATUSES, PLATFORMS, PROMOTED_GROUPS, TYPES
from handlers.api_description.schemas import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    Schema,
    array,
    choice,
    keys,
    mapping,
    nullable,
    record,
    ref,
)
from index.shapes.fields import addon_keys
from index.shapes.keys import VersionContext, license_keys, object_keys, version_keys

TEXT: Final = ref("Text")
# A link within the site or to a picture. It is no `uri`, because old catalogues have invalid ones.
ADDRESS: Final = STRING
_PROMOTION: Final = record("apps, category", apps=array(choice(APPS)), category=choice(PROMOTED_GROUPS))
_SIZE: Final = {**array(INTEGER), "description": "Width and height, or nothing."}
_RATINGS: Final = record(
    "average: number, bayesian_average: number, count: integer, text_count: integer, grouped_counts",
    optional=("grouped_counts",),
    grouped_counts=record(dict.fromkeys("12345", INTEGER)),
)
_OPTIONAL: Final = ("latest_unlisted_version", "theme_data", "weekly_downloads", "_score")

FILE: Final = keys(
    "id: integer, created: date, hash, is_restart_required: boolean, is_webextension: boolean,"
    "is_mozilla_signed_extension: boolean, platform, size: integer, status, url, permissions: [string],"
    "optional_permissions: [string], host_permissions: [string], data_collection_permissions: [string],"
    "optional_data_collection_permissions: [string]",
    platform=choice(PLATFORMS),
    status=choice(FILE_STATUSES),
)
LICENSE: Final = keys("id: integer, is_custom: boolean, name: Text, slug: string?, text: Text, url: string?")


def text(version: str) -> Schema:
    """A translated field: all languages without `lang`; with it one text, in v5 under its language."""
    values = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
    if not enabled(version, "flat_translations"):
        return {**values, "description": "Texts by language; `_default` names one that stands in."}
    return {**values, "type": ["object", "string", "null"], "description": "Texts by language, or one text."}


def link(version: str) -> Schema:
    """A translated URL."""
    if enabled(version, "flat_translations"):
        return TEXT
    return nullable(record("url: Text, outgoing: Text"))


def outgoing(version: str) -> Schema:
    """A URL of another site that is the same in all languages."""
    if enabled(version, "flat_translations"):
        return ADDRESS
    return record("url, outgoing")


def version_object(version: str, context: VersionContext) -> Schema:
    """A version in the given context; keys that only its authors and reviewers get are optional."""
    schemas = _version_properties(version, context)
    public, private = (version_keys(version, context, private=private) for private in (False, True))
    return record({key: schemas[key] for key in private}, optional=set(private) - set(public))


def _version_properties(version: str, context: VersionContext) -> dict[str, Schema]:
    return keys(
        "id: integer, approval_notes: string?, channel, compatibility, edit_url, file: File, files: [File],"
        "is_disabled: boolean, is_strict_compatibility_enabled: boolean, license, release_notes: Text,"
        "reviewed: date?, source: string?, version",
        channel=choice(CHANNELS),
        compatibility=mapping(record("min, max")),
        license=nullable(record({key: LICENSE[key] for key in license_keys(version, context)})),
    )


def _categories(version: str) -> Schema:
    slugs = array(STRING)
    return mapping(slugs) if enabled(version, "flat_translations") else slugs


def _promoted(version: str) -> Schema:
    return array(_PROMOTION) if not enabled(version, "flat_translations") else nullable(_PROMOTION)


def properties(version: str, *, compact: bool) -> dict[str, Schema]:
    """The schemas of all keys of an add-on; `compact`: those of search results."""
    return keys(
        "id: integer, authors, average_daily_users: integer, categories, contributions_url, created:"
        "date, current_version, default_locale, description: Text, developer_comments: Text, edit_url,"
        "guid: string?, has_eula: boolean, has_privacy_policy: boolean, homepage, icon_url, icons,"
        "is_disabled: boolean, is_experimental: boolean, is_featured: boolean, is_noindexed,"
        "is_source_public: boolean, last_updated: date?, locale_disambiguation: string?, name: Text,"
        "previews, promoted, ratings, ratings_url, requires_payment: boolean, review_url, slug: string?,"
        "status, summary: Text, support_email: Text, support_url, tags: [string], target_locale: string?,"
        "theme_data: object, type, url, versions_url, weekly_downloads: integer",
        authors=array(ref("User" if compact else "Author")),
        categories=_categories(version),
        contributions_url=nullable(_or_empty(outgoing(version))),
        current_version=nullable(ref("SearchResultVersion" if compact else "CurrentVersion")),
        default_locale=choice(SUPPORTED),
        homepage=link(version),
        icons=record(dict.fromkeys(object_keys("icons", version), STRING)),
        is_noindexed={"type": "null"} if compact else nullable(BOOLEAN),
        previews=array(_preview(object_keys("preview", version))),
        promoted=_promoted(version),
        ratings=_RATINGS,
        status=choice(ADDON_STATUSES),
        support_url=link(version),
        type=choice(TYPES),
    )


def _or_empty(schema: Schema) -> Schema:
    """The schema, or an empty text for a missing value."""
    return schema if schema.get("type") == "string" else {"anyOf": [schema, {"const": ""}]}


def _preview(names: Iterable[str]) -> Schema:
    preview = keys(
        "id: integer, caption: Text, image_size, image_url, position: integer, thumbnail_size, thumbnail_url",
        image_size=_SIZE,
        thumbnail_size=_SIZE,
    )
    return record({key: preview[key] for key in names})


def addon(version: str) -> Schema:
    """The detail of an add-on; personas have other keys."""
    return record(_detail(version), optional=_OPTIONAL)


def _detail(version: str) -> dict[str, Schema]:
    schemas = properties(version, compact=False)
    keys = {key: schemas[key] for key in addon_keys(version)}
    return {**keys, "latest_unlisted_version": nullable(ref("CurrentVersion"))}


def submitted(version: str) -> Schema:
    """The answer to a submission: the add-on and the new version (contract/packages.md 5)."""
    return record({**_detail(version), "version": ref("Version")}, optional=_OPTIONAL)


def search_result(version: str) -> Schema:
    """An add-on in the results of a search, and in other lists."""
    schemas = properties(version, compact=True)
    keys = {key: schemas[key] for key in addon_keys(version)}
    score = {"_score": nullable(NUMBER)} if enabled(version, "search_scores") else {}
    return record({**keys, **score}, optional=_OPTIONAL)


def suggestion(version: str) -> Schema:
    """A row of autocomplete."""
    schemas = properties(version, compact=True)
    return record({key: schemas[key] for key in object_keys("suggestion", version)})


def language_tool(version: str) -> Schema:
    """A dictionary or language pack."""
    schemas = properties(version, compact=False)
    keys = {key: schemas[key] for key in object_keys("tool", version)}
    tool = {"current_compatible_version": nullable(ref("LanguageToolVersion"))}
    return record({**keys, **tool}, optional=("current_compatible_version",))


def objects(version: str) -> dict[str, Schema]:
    """The schemas of this module, by name."""
    return {
        "Text": text(version),
        "Author": record("id: integer, name, url, username, picture_url: string?"),
        "User": record("id: integer, name, url, username"),
        "File": record({key: FILE[key] for key in object_keys("file", version)}),
        "Preview": _preview(object_keys("preview", version)),
        "Policies": record("eula: Text, privacy_policy: Text"),
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
