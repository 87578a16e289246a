"""Reads and checks a manifest; returns the description of the package (contract/uploads.md 4.2).

    package = read_manifest(archive, report, listed=True)    # None if it is unusable

The description has the keys of server/rules/uploads/packages.py, and `icon`: the member that is the icon.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from conf.limits import MAX_URL, MAX_VERSION_STRING
from server.packages.archive import Archive
from server.packages.manifest.compatibility import FILE, read_compatibility
from server.packages.manifest.json_comments import read_object
from server.packages.manifest.locales import Locales
from server.packages.manifest.permissions import read_permissions
from server.packages.validation.pixels import image_size, is_drawable
from server.packages.validation.report import Report

_VERSION: Final = re.compile(r"[-+*._A-Za-z0-9]+")
_SIMPLE_VERSION: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){0,3}")
_GUID: Final = re.compile(
    r"(?ai:\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}|[a-z0-9-._]*@[a-z0-9-._]+)"
)
_ORIGIN: Final = re.compile(
    r"[Hh][Tt][Tt][Pp][Ss]?://(?:(?!-)[\w.-]{1,253}(?<![.-])|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_LANGUAGE: Final = re.compile(r"[a-zA-Z][a-zA-Z-]{1,49}")
_MAX_LANGUAGE: Final = 255  # characters of a dictionary's
_MAX_ORIGINS: Final = 5
_MAX_GUID: Final = 80
_MAX_ICON: Final = 512  # pixels; larger icons are ignored

Manifest = Mapping[str, Any]


def read_manifest(
    archive: Archive, report: Report, *, listed: bool, app_versions: Mapping[str, Collection[str]] = {}
) -> dict[str, Any] | None:
    """The description of the package; `app_versions` are the released versions, if there is a list."""
    if FILE not in archive.names:
        report.add("no_manifest")
        return None
    if (manifest := read_object(archive, FILE)) is None:
        report.add("bad_manifest", file=FILE)
        return None
    kind = _type(manifest)
    if "experiment_apis" in manifest or "legacy" in manifest:
        report.add("type_refused", file=FILE)
    manifest_version = _read_manifest_version(manifest, report)
    locales = Locales(archive, manifest.get("default_locale"), report)
    name = locales.texts(manifest.get("name"))
    if not name:
        _report_missing(report, "name", manifest)
    gecko = _gecko(manifest, manifest_version, report)
    _check_updates(gecko, manifest, report, listed=listed)
    _check_origins(manifest.get("install_origins", []), report)
    files = _Files(archive, manifest, report)
    files.check_scripts()
    if kind == "dictionary":
        files.check_dictionary()
    guid = _guid(gecko, manifest_version, kind, report)
    package = {
        "version": _number(manifest, manifest_version, report),
        "type": kind,
        "default_locale": locales.default,
        "name": name,
        "summary": locales.texts(manifest.get("description")),
        "homepage": locales.texts(_homepage(manifest)),
        "fixed_apps": ["android"] if "gecko_android" in gecko and kind == "extension" else [],
        "compatibility": read_compatibility(gecko, kind, manifest_version, app_versions, report),
        "is_strict_compatibility_enabled": kind == "language",
        "target_locale": _target_locale(manifest, kind, report),
        "icon": files.icon(),
        "file": read_permissions(manifest, gecko, report, is_code=kind == "extension")
        | {"is_webextension": True, "is_mozilla_signed_extension": _is_mozilla_signed(archive)},
    }
    return package | ({"guid": guid} if guid else {})


def _report_missing(report: Report, name: str, manifest: Manifest) -> None:
    """Report a required field that is missing, blank or of another type."""
    if name in manifest:
        report.add_invalid_field(f"/{name}", "must be a text that is not blank")
    else:
        report.add("MANIFEST_FIELD_REQUIRED", file=FILE, path="/", place="/", name=name)


def _type(manifest: Manifest) -> str:
    if "langpack_id" in manifest:
        return "language"
    if "theme" in manifest:
        return "statictheme"
    return "dictionary" if "dictionaries" in manifest else "extension"


def _read_manifest_version(manifest: Manifest, report: Report) -> int:
    """The manifest's version, 2 or 3."""
    value = manifest.get("manifest_version")
    if value in (2, 3) and not isinstance(value, bool):
        return int(value)
    if "manifest_version" in manifest:
        report.add_invalid_field("/manifest_version", "must be 2 or 3")
    else:
        _report_missing(report, "manifest_version", manifest)
    return 2


def _number(manifest: Manifest, manifest_version: int, report: Report) -> str | None:
    version = manifest.get("version")
    if not isinstance(version, str) or not version:
        _report_missing(report, "version", manifest)
        return None
    if len(version) > MAX_VERSION_STRING:
        report.add("version_too_long", file=FILE)
        return None
    if not _VERSION.fullmatch(version):
        report.add("version_invalid", file=FILE)
        return None
    if not _SIMPLE_VERSION.fullmatch(version):
        code = "VERSION_FORMAT_INVALID" if manifest_version == 3 else "VERSION_FORMAT_DEPRECATED"
        report.add(code, file=FILE, path="/version")
    return version


def _gecko(manifest: Manifest, manifest_version: int, report: Report) -> dict[str, Any]:
    """The keys for Firefox, with those for Firefox for Android under `gecko_android`."""
    settings = manifest.get("browser_specific_settings")
    if "applications" in manifest:
        code = "APPLICATIONS_INVALID" if manifest_version == 3 else "APPLICATIONS_DEPRECATED"
        report.add(code, file=FILE, path="/applications")
        if not (isinstance(settings, dict) and "gecko" in settings) and manifest_version == 2:
            settings = manifest["applications"]
    if not isinstance(settings, dict):
        return {}
    android = settings.get("gecko_android")
    gecko = settings.get("gecko")
    keys = dict(gecko) if isinstance(gecko, dict) else {}
    return keys | ({"gecko_android": android} if isinstance(android, dict) else {})


def _guid(gecko: Manifest, manifest_version: int, kind: str, report: Report) -> str | None:
    guid = gecko.get("id")
    path = "/browser_specific_settings/gecko/id"
    if guid is None:
        if kind == "dictionary":
            report.add("MANIFEST_DICT_MISSING_ID", file=FILE)
        elif manifest_version == 3:
            report.add("EXTENSION_ID_REQUIRED", file=FILE, path=path)
        return None
    if not isinstance(guid, str) or len(guid) > _MAX_GUID or not _GUID.fullmatch(guid):
        report.add_invalid_field(path, "must be an id like name@example.org or {uuid}")
        return None
    return guid


def _check_updates(gecko: Manifest, manifest: Manifest, report: Report, *, listed: bool) -> None:
    if "update_url" in gecko or "update_url" in manifest:
        path = "/browser_specific_settings/gecko/update_url"
        if listed:
            report.add("MANIFEST_UPDATE_URL", file=FILE, path=path)
        else:
            report.add("MANIFEST_UNUSED_UPDATE", file=FILE, path=path)


def _check_origins(value: Any, report: Report) -> None:
    """Report install origins that are not whole origins."""
    if not isinstance(value, list) or len(value) > _MAX_ORIGINS:
        report.add_invalid_field("/install_origins", f"must be a list of at most {_MAX_ORIGINS} origins")
        return
    for index, origin in enumerate(value):
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            path = f"/install_origins/{index}"
            report.add("MANIFEST_INSTALL_ORIGINS", file=FILE, path=path, name=str(origin)[:200], place=index)


def _homepage(manifest: Manifest) -> Any:
    developer = manifest.get("developer")
    developer_url = developer.get("url") if isinstance(developer, dict) else None
    address = developer_url or manifest.get("homepage_url")
    return address if isinstance(address, str) and len(address) <= MAX_URL else None


def _target_locale(manifest: Manifest, kind: str, report: Report) -> str | None:
    if kind == "language":
        locale = manifest["langpack_id"]
        if isinstance(locale, str) and _LANGUAGE.fullmatch(locale):
            return locale
        report.add_invalid_field("/langpack_id", "must be a language like fr or pt-BR")
    if kind == "dictionary" and isinstance(manifest["dictionaries"], dict):
        return next(iter(manifest["dictionaries"]), "")[:_MAX_LANGUAGE] or None
    return None


def _is_mozilla_signed(archive: Archive) -> bool:
    """Reads the name in the certificate; browsers verify the signature."""
    name = "META-INF/mozilla.rsa"
    return name in archive.names and b"Mozilla Extensions" in archive.read(name)


class _Files:
    """The files that a manifest names."""

    def __init__(self, archive: Archive, manifest: Manifest, report: Report) -> None:
        self._archive = archive
        self._manifest = manifest
        self._report = report

    def _has_file(self, name: Any) -> bool:
        return isinstance(name, str) and name.split("?")[0].split("#")[0].lstrip("/") in self._archive.names

    def check_scripts(self) -> None:
        background = self._manifest.get("background")
        scripts = _list(background, "scripts")
        if isinstance(background, dict):
            scripts += [background[key] for key in ("page", "service_worker") if key in background]
        for name in scripts:
            if not self._has_file(name):
                self._report.add("MANIFEST_BACKGROUND_FILE_NOT_FOUND", file=FILE, name=name)
        for script in _list(self._manifest, "content_scripts"):
            for name in (*_list(script, "js"), *_list(script, "css")):
                if not self._has_file(name):
                    self._report.add("MANIFEST_CONTENT_SCRIPT_FILE_NOT_FOUND", file=FILE, name=name)

    def check_dictionary(self) -> None:
        dictionaries = self._manifest["dictionaries"]
        if not isinstance(dictionaries, dict) or not dictionaries:
            self._report.add("MANIFEST_EMPTY_DICTS", file=FILE)
            return
        if len(dictionaries) > 1:
            self._report.add("MANIFEST_MULTIPLE_DICTS", file=FILE)
        for name in dictionaries.values():
            if not self._has_file(name) or not str(name).endswith(".dic"):
                self._report.add("MANIFEST_DICT_NOT_FOUND", file=FILE, name=name)

    def icon(self) -> str | None:
        """The largest icon that exists and can be drawn."""
        best: tuple[int, str] | None = None
        for size, name in self._icons():
            if not self._has_file(name):
                self._report.add("MANIFEST_ICON_NOT_FOUND", file=FILE, name=name)
                continue
            member = name.lstrip("/")
            image = self._archive.read(member)
            width, height = image_size(image) or (1, 1)
            if width != height:
                self._report.add("ICON_NOT_SQUARE", file=FILE, name=name)
            if is_drawable(image) and size <= _MAX_ICON and (best is None or size > best[0]):
                best = (size, member)
        return best[1] if best else None

    def _icons(self) -> Iterator[tuple[int, str]]:
        icons = self._manifest.get("icons")
        for size, name in (icons if isinstance(icons, dict) else {}).items():
            if isinstance(name, str) and size.isascii() and size.isdigit() and len(size) < 6:
                yield int(size), name
            else:
                self._report.add_invalid_field("/icons", "must be a mapping of sizes to files")


def _list(value: Any, key: str) -> list[Any]:
    items = value.get(key) if isinstance(value, dict) else None
    return items if isinstance(items, list) else []
