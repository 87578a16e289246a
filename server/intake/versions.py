"""A version object of AMO's JSON, v3 to v5, as part of a VersionDoc."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from conf.model.addons import FileDoc
from conf.vocabulary import (
    ANY_VERSION,
    APPS,
    CHANNELS,
    DEFAULT_MIN,
    DEFAULT_PLATFORM,
    FILE_STATUSES,
    PLATFORMS,
)
from server.intake.json_values import (
    BadRecord,
    boolean,
    choice,
    date,
    integer,
    mapping,
    objects,
    string,
    strings,
)
from server.intake.licenses import read_license
from server.intake.texts import file_path, translated

_FILE_NAME: Final = re.compile(r"-([0-9][\w.+*~]*)(?:-[a-z+]+)?\.xpi$")  # tab_tree-1.0-an+fx.xpi
# Keys of an add-on object whose values are versions, and their channels.
VERSION_KEYS: Final = {
    "current_version": "listed",
    "current_compatible_version": "listed",
    "current_beta_version": "listed",
    "latest_unlisted_version": "unlisted",
}


# Fields of the file object, in the model's order; those a version of the API lacks are left out.
_FILE_READERS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "hash": string,
    "size": lambda value, what: 0 if value is None else integer(value, f"file {what}"),
    "status": lambda value, what: choice(value, FILE_STATUSES, f"file {what}"),
    "url": file_path,
    "platform": lambda value, what: DEFAULT_PLATFORM if value is None else choice(value, PLATFORMS, what),
    "is_mozilla_signed_extension": boolean,
    "is_webextension": boolean,
    "is_restart_required": boolean,
    "permissions": strings,
    "optional_permissions": strings,
    "host_permissions": strings,
    "data_collection_permissions": strings,
    "optional_data_collection_permissions": strings,
}


def read_versions(addon: dict[str, Any], default_locale: str, as_of: str) -> list[dict[str, Any]]:
    """Every version of an add-on object, without the fields that it lacks.

    `as_of` is the date of the state; it becomes each version's `modified`, by which the newer of two states
    of a version is found (server/intake/merging.py). AMO's objects have no `versions`; a caller that has
    read the list of all versions adds it.
    """
    versions: dict[int, dict[str, Any]] = {}
    for item in objects(addon.get("versions"), "versions"):
        version = read_version(item, "listed", default_locale, as_of)
        versions.setdefault(version["id"], version)
    for key, channel in VERSION_KEYS.items():
        if addon.get(key) is not None:
            version = read_version(mapping(addon[key], key), channel, default_locale, as_of)
            versions.setdefault(version["id"], version)
    return list(versions.values())


def read_version(value: dict[str, Any], channel: str, default_locale: str, as_of: str) -> dict[str, Any]:
    """One version object (contract/addons.md 6) as a fragment of a VersionDoc."""
    id = integer(value.get("id"), "version id", 1)
    name = f"version {id}"
    files = _files(value, name, as_of)
    version = {
        "id": id,
        "channel": choice(value.get("channel", channel), CHANNELS, "channel"),
        "created": min(file["created"] for file in files),
        "files": files,
    }
    version["modified"] = max(as_of, version["created"])
    return version | _number(value, name) | _optional_fields(value, name, default_locale)


def _number(value: dict[str, Any], name: str) -> dict[str, str]:
    """Discovery's answers omit it."""
    if value.get("version") is None:
        return {}
    number = string(value["version"], f"{name}'s number")
    if not number:
        raise BadRecord(f"{name} has no number")
    return {"version": number}


def number_in_name(files: Sequence[Mapping[str, Any]]) -> str:
    """The number of a version whose source omits it, from its file's name, else "0"."""
    match = _FILE_NAME.search(files[0]["url"])
    return match[1] if match else "0"


def _optional_fields(value: dict[str, Any], name: str, default_locale: str) -> dict[str, Any]:
    """The fields that only some versions of the API have, or only some callers see."""
    readers: dict[str, Callable[[Any, str], Any]] = {
        "reviewed": date,
        "is_disabled": boolean,
        "compatibility": _compatibility,
        "is_strict_compatibility_enabled": boolean,
        "license": lambda source, _: read_license(source, default_locale),
        "release_notes": lambda source, what: translated(source, default_locale, what),
        "approval_notes": string,
        "source": lambda source, what: string(source, what) or None,
    }
    return {key: read(value[key], f"{name}'s {key}") for key, read in readers.items() if key in value}


def _files(value: dict[str, Any], name: str, as_of: str) -> list[dict[str, Any]]:
    """v3 and v4 have a list `files`, v5 one object `file`."""
    sources = [value["file"]] if value.get("file") is not None else value.get("files")
    files = [_file(file, name, as_of) for file in objects(sources, f"{name}'s files")]
    if not files:
        raise BadRecord(f"{name} has no file")
    return files


def _file(value: dict[str, Any], name: str, as_of: str) -> dict[str, Any]:
    created = date(value.get("created"), f"the date of a file of {name}") or as_of
    if not created:
        raise BadRecord(f"a file of {name} has no date")
    file = {"id": integer(value.get("id"), f"the id of a file of {name}", 1), "created": created}
    file |= {key: read(value[key], key) for key, read in _FILE_READERS.items() if key in value}
    return {key: file[key] for key in FileDoc.__annotations__ if key in file}


def _compatibility(value: Any, what: str) -> dict[str, dict[str, str]]:
    """`{app: {"min", "max"}}`, without obsolete applications (contract/addons.md 6.1)."""
    result = {}
    for app, declared in mapping(value, what).items():
        limits = mapping(declared, f"{what} with {app}")
        if app in APPS:
            minimum = APPS[app].default_min or DEFAULT_MIN
            result[app] = {
                "min": string(limits.get("min"), f"{what} with {app}") or minimum,
                "max": string(limits.get("max"), f"{what} with {app}") or ANY_VERSION,
            }
    return result
