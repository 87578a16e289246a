"""Compatibility of versions with applications (contract/writes.md 5).

    change = compatibility("extension")(["firefox"])               # {"firefox": {}}
    completed(change, stored, "extension")                         # {"firefox": {"min": "42.0", "max": "*"}}

A body has an array of applications, or an object with limits by application, which are
optional; either replaces the stored value. The form of application versions is checked
and, for applications with a list of releases, whether they were released.
Pure; any thread.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from conf.vocabulary import (
    ANY_VERSION,
    APPS,
    DEFAULT_APP,
    DEFAULT_MIN,
    PACKAGE_MINS,
    TYPES_WITHOUT_COMPATIBILITY,
)
from server.rules.faults import Fault, Invalid
from server.rules.fields import FieldReader, WrongValue, with_schema, wrong_value

CompatibilityChange = Mapping[str, Mapping[str, str]]
Compatibility = Mapping[str, Mapping[str, str]]

_RELEASE: Final = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,3}(?:[ab]\d{0,5})?(?:pre\d{0,5})?", re.ASCII)
_WILDCARD: Final = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,2}\.\*", re.ASCII)
RELEASED_APPS: Final = ("firefox", "android")  # released together
_FAULTS: Final = {"min": "compatibility_min", "max": "compatibility_max"}


_LIMITS_SCHEMA: Final = {
    "type": "object",
    "properties": {key: {"type": ["string", "null"]} for key in _FAULTS},
}
_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "array", "items": {"enum": list(APPS)}, "minItems": 1},
        {
            "type": "object",
            "propertyNames": {"enum": list(APPS)},
            "additionalProperties": _LIMITS_SCHEMA,
            "minProperties": 1,
        },
    ]
}


def compatibility(addon_type: str) -> FieldReader:
    def reader(value: Any) -> CompatibilityChange:
        if value is None:
            raise wrong_value("null")
        if addon_type in TYPES_WITHOUT_COMPATIBILITY:
            raise wrong_value("compatibility_fixed")
        if isinstance(value, list | dict) and len(value) > len(APPS):
            raise wrong_value("too_many", limit=len(APPS))
        if isinstance(value, list) and all(isinstance(app, str) for app in value):
            value = {app: {} for app in value}
        if not isinstance(value, dict) or not value:
            raise wrong_value("compatibility_invalid")
        return {app: _limits(app, limits) for app, limits in value.items()}

    return with_schema(**_SCHEMA)(reader)


def _limits(app: str, sent: Any) -> Mapping[str, str]:
    if app not in APPS:
        raise wrong_value("compatibility_app")
    if not isinstance(sent, dict):
        raise wrong_value("compatibility_invalid")
    sent_limits = {limit: sent[limit] for limit in ("min", "max") if sent.get(limit) is not None}
    faults = [
        Fault(_FAULTS[limit]) for limit, value in sent_limits.items() if not is_app_version(value, limit)
    ]
    if faults:
        raise WrongValue(*faults)
    return sent_limits


def is_app_version(version: Any, limit: str) -> bool:
    if not isinstance(version, str):
        return False
    if limit == "max" and (version == ANY_VERSION or _WILDCARD.fullmatch(version)):
        return True
    return bool(_RELEASE.fullmatch(version))


def check_released(change: CompatibilityChange, released: Mapping[str, Collection[str]]) -> None:
    """Raises Invalid for versions missing in an application's list of releases (contract/extras.md 8)."""
    faults = [
        Fault(_FAULTS[limit])
        for app, limits in change.items()
        for limit, version in limits.items()
        if released.get(app) and version != ANY_VERSION and version not in released[app]
    ]
    if faults:
        raise Invalid({"compatibility": faults})


def released_with(version: str) -> set[str]:
    """The versions that a release implies: itself, `major.minor` and `major.*`."""
    major, minor = [*re.findall(r"[0-9]+", version), "0"][:2]
    return {version, f"{major}.{minor}", f"{major}.*"}


def completed(
    change: CompatibilityChange, stored: Compatibility, addon_type: str
) -> dict[str, dict[str, str]]:
    """The change, with missing limits as stored, or else the default of packages of the type."""
    return {
        app: {**_default(app, addon_type), **stored.get(app, {}), **limits} for app, limits in change.items()
    }


def default(addon_type: str) -> dict[str, dict[str, str]]:
    """The compatibility of a package that declares none."""
    return {DEFAULT_APP: _default(DEFAULT_APP, addon_type)} if addon_type in PACKAGE_MINS else {}


def _default(app: str, addon_type: str) -> dict[str, str]:
    default_min = PACKAGE_MINS.get(addon_type, {}).get(app) or APPS[app].default_min or DEFAULT_MIN
    return {"min": default_min, "max": ANY_VERSION}
