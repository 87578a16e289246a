"""A `version` object that describes its package instead of naming an upload.

A version is described by its package (uploaded.py) or, for callers with the permission `Addons:Submit` whose
packages are hosted elsewhere, by the version object itself:

    version                          required; the number
    channel                          "listed" (default) or "unlisted"
    guid, type, default_locale       of the add-on; when creating, default: a new guid, "extension", "en-US"
    name, summary, homepage          as in the manifest; a new add-on's listing defaults to them
    is_strict_compatibility_enabled
    file                             {url, hash, size, platform, permissions, optional_permissions,
                                     host_permissions, data_collection_permissions,
                                     optional_data_collection_permissions, is_webextension,
                                     is_restart_required, is_mozilla_signed_extension}
    files                            instead of `file`: a list with one for each platform

beside the fields that every version has (server/rules/versions.py).
Pure; any thread.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from conf.limits import (
    MAX_DESCRIPTION,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_GUID,
    MAX_PERMISSION,
    MAX_PERMISSIONS,
    MAX_URL,
    MAX_VERSION_STRING,
)
from conf.locales import SUPPORTED
from conf.vocabulary import CHANNELS, DEFAULT_PLATFORM, PLATFORMS, TYPES
from server.rules import versions
from server.rules.faults import Fault, Invalid
from server.rules.fields import (
    FieldReader,
    boolean,
    choice,
    integer,
    list_of,
    nested,
    read_fields,
    read_items,
    reader_schema,
    sent_list,
    string,
    with_schema,
    wrong_value,
)
from server.rules.values import images, links
from server.rules.values.names import check_guid
from server.rules.values.translated import TranslationFormat, translated

SUBMIT: Final = "Addons:Submit"
SIGNED: Final = "SystemAddon:Submit"
LANGUAGE_PACKS: Final = "LanguagePack:Submit"

_NUMBER: Final = re.compile(r"[A-Za-z0-9_.+~*-]+")
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")  # in the form of hexdigest and sha256sum
_LISTS: Final = (
    "permissions",
    "optional_permissions",
    "host_permissions",
    "data_collection_permissions",
    "optional_data_collection_permissions",
)
_FLAGS: Final = ("is_webextension", "is_restart_required", "is_mozilla_signed_extension")


def check_describes(*, describes: bool) -> None:
    """Raises Invalid unless the sender may describe packages."""
    if not describes:
        raise Invalid({"upload": [Fault("required")]})


def read_type(sent: Mapping[str, Any], default: str = "extension") -> str:
    """The sent type, which decides about other fields; the default for an invalid one."""
    addon_type = sent.get("type")
    return addon_type if isinstance(addon_type, str) and addon_type in TYPES else default


def read_package(
    sent: Mapping[str, Any],
    translation_format: TranslationFormat,
    addon_type: str,
    permissions: frozenset[str],
) -> dict[str, Any]:
    """The values of a version object, `files` always a list. Raises Invalid.

    `permissions`: the caller's among SIGNED and LANGUAGE_PACKS.
    """
    values = read_fields(fields(translation_format, addon_type, permissions), sent, required=("version",))
    versions.check_licenses(values)
    files = [values.pop("file")] if "file" in values else values.get("files") or [_file({})]
    if SIGNED not in permissions and any(file["is_mozilla_signed_extension"] for file in files):
        raise Invalid({"file": [Fault("mozilla_signed")]})
    return {"channel": "listed", **values, "files": files}


def fields(
    translation_format: TranslationFormat, addon_type: str, permissions: frozenset[str]
) -> dict[str, FieldReader]:
    """The readers of a version object that describes its package."""
    described = TranslationFormat(flat=True, locale=translation_format.locale)
    return {
        **versions.fields(translation_format, addon_type, describes=True),
        "version": string(MAX_VERSION_STRING, check=check_number),
        "channel": choice(CHANNELS),
        "guid": string(MAX_GUID, check=lambda guid: check_guid(guid, allow_reserved=SIGNED in permissions)),
        "type": _type(permissions),
        "default_locale": choice(SUPPORTED),
        # A listed add-on checks them against a listing's bounds as well
        # (server/rules/releases.py, with_manifest).
        "name": translated(described, MAX_DESCRIPTION),
        "summary": translated(described, MAX_DESCRIPTION),
        "homepage": translated(described, MAX_URL, links.check_url),
        "is_strict_compatibility_enabled": boolean,
        "file": _file,
        "files": _files,
    }


def check_number(text: str) -> None:
    """Raises WrongValue for an invalid version number."""
    if not _NUMBER.fullmatch(text):
        raise wrong_value("version_invalid")


def _type(permissions: frozenset[str]) -> FieldReader:
    read_type_name = choice(TYPES)

    def reader(value: Any) -> str:
        addon_type: str = read_type_name(value)
        if addon_type == "language" and LANGUAGE_PACKS not in permissions:
            raise wrong_value("language_pack_forbidden")
        return addon_type

    return with_schema(**reader_schema(read_type_name))(reader)


def _check_hash(text: str) -> None:
    if not _HASH.fullmatch(text):
        raise wrong_value("hash_invalid")


FILE: Final[dict[str, FieldReader]] = {
    "url": images.address,
    "hash": string(check=_check_hash),
    "size": integer(0, MAX_FILE_BYTES),
    "platform": choice(PLATFORMS),
    **dict.fromkeys(_LISTS, list_of(string(MAX_PERMISSION, blank=True), MAX_PERMISSIONS)),
    **dict.fromkeys(_FLAGS, boolean),
}
_EMPTY_FILE: Final = {
    "hash": "",
    "size": 0,
    "url": "",
    "platform": DEFAULT_PLATFORM,
    "is_mozilla_signed_extension": False,
    "is_webextension": True,
    "is_restart_required": False,
}


_read_file: Final = nested(FILE)


@with_schema(**reader_schema(_read_file))
def _file(value: Any) -> dict[str, Any]:
    sent_fields: dict[str, Any] = _read_file(value)
    return {**_EMPTY_FILE, **{key: [] for key in _LISTS}, **sent_fields}


@with_schema(type="array", items=reader_schema(_read_file), minItems=1, maxItems=int(MAX_FILES))
def _files(value: Any) -> list[dict[str, Any]]:
    sent = sent_list(value, MAX_FILES)
    if not sent:
        raise wrong_value("empty_list")
    return read_items(_file, sent)
