"""The keys of all objects, in order, and the API versions that have them (contract/versions.md 2).

    object_keys("suggestion", "v4")             -> ("id", "icon_url", "name", "promoted", "type", "url")
    version_keys("v5", "list", private=False)   -> ("id", "channel", "compatibility", ...)

The keys of add-ons are in index/shapes/fields.py: FIELDS.
"""

from collections.abc import Iterable
from typing import Final, Literal

from conf.gates import enabled

# Where a version is shown: as an add-on's current or latest unlisted one in its
# detail, in a search result, in the versions list, by itself, in language-tools.
VersionContext = Literal["current", "search", "list", "detail", "tool"]

_KEYS: Final = {
    "file": (
        *("id", "created", "hash", "is_restart_required", "is_webextension", "is_mozilla_signed_extension"),
        *("platform", "size", "status", "url", "permissions", "optional_permissions", "host_permissions"),
        *("data_collection_permissions", "optional_data_collection_permissions"),
    ),
    "icons": ("32", "64", "128"),
    "license": ("id", "is_custom", "name", "slug", "text", "url"),
    "preview": (
        *("id", "caption", "image_size", "image_url", "position", "thumbnail_size", "thumbnail_url"),
    ),
    "suggestion": ("id", "icon_url", "icons", "name", "promoted", "type", "url"),
    "tool": (
        *("id", "default_locale", "guid", "name", "slug", "target_locale", "type", "url"),
        "locale_disambiguation",
    ),
    # The order of contract/addons.md 6; `files` comes last where it is an array.
    "version": (
        *("id", "approval_notes", "channel", "compatibility", "edit_url", "file", "is_disabled"),
        *("is_strict_compatibility_enabled", "license", "release_notes", "reviewed", "source", "version"),
        "files",
    ),
}
_V3: Final = ("v3",)
_V3_V4: Final = ("v3", "v4")
_V4_V5: Final = ("v4", "v5")
_V5: Final = ("v5",)
# Keys that only some versions have; those that none has are for language tools.
_ONLY_IN: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "addon": {
        "created": _V4_V5,
        "is_featured": _V3,
        "is_noindexed": _V5,
        "is_source_public": _V3,
        "locale_disambiguation": (),
        "promoted": _V4_V5,
        "target_locale": (),
        "theme_data": _V3,  # personas only
    },
    "file": {
        "is_restart_required": _V3_V4,
        "is_webextension": _V3_V4,
        "platform": _V3_V4,
        "optional_permissions": _V4_V5,
        "host_permissions": _V5,
        "data_collection_permissions": _V5,
        "optional_data_collection_permissions": _V5,
    },
    "icons": {"128": _V4_V5},
    "license": {"is_custom": _V4_V5, "slug": _V5},
    "preview": {"position": _V5},
    "suggestion": {"icons": _V5, "promoted": _V4_V5},
    "tool": {"locale_disambiguation": _V3},
    # The last three are for authors and reviewers only.
    "version": {
        "file": _V5,
        "files": _V3_V4,
        "approval_notes": _V5,
        "is_disabled": _V5,
        "source": _V5,
    },
}
_PRIVATE: Final = frozenset({"approval_notes", "is_disabled", "source"})
_OUTSIDE_LISTS: Final = _PRIVATE | {"channel"}  # that a version has only in lists and in its own detail
_TOOL: Final = frozenset({"id", "file", "files", "reviewed", "version"})


def in_version(kind: str, names: Iterable[str], version: str) -> tuple[str, ...]:
    """The names that objects of a kind have in an API version."""
    only_in = _ONLY_IN[kind]
    return tuple(name for name in names if version in only_in.get(name, (version,)))


def object_keys(kind: str, version: str) -> tuple[str, ...]:
    """The keys of a kind of `_KEYS`. Raises KeyError for any other."""
    return in_version(kind, _KEYS[kind], version)


def version_keys(version: str, place: VersionContext, *, private: bool) -> tuple[str, ...]:
    """The keys of an add-on's version; `private` adds those for authors and reviewers."""
    absent: frozenset[str] = frozenset()
    if place not in ("list", "detail"):
        absent = _OUTSIDE_LISTS
    elif not private:
        absent = _PRIVATE
    if place == "search" and version == "v3":
        absent |= {"license", "release_notes"}
    keys = object_keys("version", version)
    return tuple(key for key in keys if key not in absent and (place != "tool" or key in _TOOL))


def license_keys(version: str, place: VersionContext) -> tuple[str, ...]:
    """The keys of a version's licence; its text is shown in details, and in lists of some API versions."""
    has_text = place == "detail" or (place == "list" and enabled(version, "flat_translations"))
    return tuple(key for key in object_keys("license", version) if key != "text" or has_text)
