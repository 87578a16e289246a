"""Compatibility of a package with applications, from its manifest (contract/uploads.md 4.3)."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from conf.appversion import version_number
from conf.vocabulary import ANY_VERSION, APPS, PACKAGE_MINS
from server.packages.validation.report import Report
from server.rules.compatibility import is_app_version

FILE: Final = "manifest.json"
_LOWEST: Final = "42.0"
_MIN_FOR_VERSION_3: Final = "109.0a1"
_MIN_FOR_ANDROID: Final = "113.0"

Limits = dict[str, dict[str, str]]
AppVersions = Mapping[str, Collection[str]]  # app -> released versions; a missing app allows any version


def read_compatibility(
    gecko: Mapping[str, Any], kind: str, manifest_version: int, app_versions: AppVersions, report: Report
) -> Limits:
    """The limits by application; {} for dictionaries, whose compatibility is not stored."""
    android = gecko.get("gecko_android", {}) if kind == "extension" else {}
    if kind == "language":
        _check_maximum(gecko, report)
    elif "strict_max_version" in {**gecko, **android}:
        severity = "error" if kind == "dictionary" else None
        report.add("STRICT_MAX_VERSION", severity=severity, file=FILE)
    default_min = (
        _MIN_FOR_VERSION_3 if manifest_version == 3 and kind == "extension" else PACKAGE_MINS[kind]["firefox"]
    )
    limits = {"firefox": _Reader("firefox", app_versions, report).limits(gecko, default_min)}
    if kind == "extension" and "gecko_android" in gecko:
        limits["android"] = _Reader("android", app_versions, report).limits(android, _MIN_FOR_ANDROID)
    elif kind == "extension" and gecko:
        limits["android"] = {"min": PACKAGE_MINS[kind]["android"], "max": ANY_VERSION}
    return {} if kind == "dictionary" else limits


def _check_maximum(gecko: Mapping[str, Any], report: Report) -> None:
    """Report a language pack without a maximum, because a pack fits one release only."""
    if gecko.get("strict_max_version") is None:
        path = "/browser_specific_settings/gecko"
        report.add("MANIFEST_FIELD_REQUIRED", file=FILE, path=path, place=path, name="strict_max_version")


class _Reader:
    """Reads the limits of one application."""

    def __init__(self, app: str, app_versions: AppVersions, report: Report) -> None:
        self._app = APPS[app]
        self._app_versions = app_versions.get(app, ())
        self._report = report

    def limits(self, block: Mapping[str, Any], default_min: str) -> dict[str, str]:
        lowest, highest = self._version(block, "min"), self._version(block, "max")
        if lowest is not None and version_number(lowest) < version_number(_LOWEST):
            self._report.add("min_too_low", file=FILE)
            lowest = None
        lowest = max(lowest or default_min, default_min, key=version_number)
        highest = highest or ANY_VERSION
        if highest != ANY_VERSION and version_number(highest) < version_number(lowest):
            highest = lowest
        return {"min": lowest, "max": highest}

    def _version(self, block: Mapping[str, Any], limit: str) -> str | None:
        """The version of a limit; an unknown one is reported and ignored."""
        version = block.get(f"strict_{limit}_version")
        if version is None:
            return None
        is_released = not self._app_versions or version == ANY_VERSION or version in self._app_versions
        if is_app_version(version, limit) and is_released:
            return str(version)
        self._report.add(f"unknown_{limit}", file=FILE, version=version, app=self._app.name)
        return None
