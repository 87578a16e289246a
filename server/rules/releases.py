"""New versions, and new add-ons with their first version (contract/writes.md 3 and 5).

    addon = new_addon(values, package, Numbers(...), guid, slug, owner_id, now)
    addon = with_new_version(addon, package, Numbers(...), now)

server/rules/uploads/packages.py reads packages. Pure functions; they raise Invalid. Any thread.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc, FileDoc, LicenseDoc, VersionDoc
from conf.model.defaults import completed
from conf.vocabulary import DEFAULT_APP, LANGUAGE_TOOL_TYPES, TYPES
from index import facts
from server.rules import compatibility, listing, versions
from server.rules.faults import Invalid, body_fault, field_fault, nested_under
from server.rules.status import begins_awaiting, computed_status, is_rejected, missing_metadata
from server.rules.uploads.uploaded import check_greater
from server.rules.values.names import file_name, slug_from
from server.rules.values.translated import merged_translations

FieldValues = Mapping[str, Any]
PackageFields = Mapping[str, Any]

# Fields of the listing that default to those of the package.
_FROM_PACKAGE: Final = ("name", "summary", "homepage")


class Numbers(NamedTuple):
    """New ids; files are numbered from `file` on."""

    addon: int
    version: int
    file: int
    license: int


def with_manifest(sent: FieldValues, package: PackageFields) -> FieldValues:
    """The sent listing with missing fields taken from the package, so that the listing's rules apply to those
    as well (contract/packages.md 4.2). They do not apply to unlisted packages.
    """
    if package.get("channel") != "listed":
        return sent
    return {**{key: package[key] for key in _FROM_PACKAGE if key in package}, **sent}


def make_slug(values: FieldValues, package: PackageFields, addon_id: int) -> str:
    """The slug of an add-on for which none was sent."""
    texts = values.get("name") or package.get("name") or {}
    return slug_from(next((text for text in texts.values() if text), ""), addon_id)


def new_addon(
    values: FieldValues,
    package: PackageFields,
    numbers: Numbers,
    guid: str,
    slug: str,
    owner_id: int,
    now: str,
) -> AddonDoc:
    """An add-on with its first version."""
    author = {"user_id": owner_id, "role": "owner", "listed": True, "position": 0}
    document = {
        "_id": numbers.addon,
        "guid": guid,
        "slug": slug,
        "type": package.get("type", "extension"),
        "target_locale": package.get("target_locale"),
        "status": "incomplete",
        "default_locale": package.get("default_locale", "en-US"),
        "authors": [author],
        "created": now,
        "last_updated": None,
        "modified": now,
        "versions": [],
        "revision": 1,
    }
    document |= {
        key: merged_translations(None, package[key])
        for key in _FROM_PACKAGE
        if key in package and key not in values
    }
    addon = listing.with_values(cast(AddonDoc, completed(document, AddonDoc)), values)
    if package["channel"] == "listed":
        _check_complete(addon)
    listing.check_languages(addon, {*values, *_FROM_PACKAGE}, required=package["channel"] == "listed")
    with nested_under("version"):
        return _with_version(addon, package, numbers, now)


def _check_complete(addon: AddonDoc) -> None:
    missing = missing_metadata(addon)
    if missing:
        raise Invalid({name: [listing.REQUIRED] for name in missing})


def with_new_version(addon: AddonDoc, package: PackageFields, numbers: Numbers, now: str) -> AddonDoc:
    """The add-on with one more version."""
    _check_fits(addon, package)
    versions.check_number(addon, package["version"])
    if package.get("is_uploaded"):
        check_greater(addon, package)
    if package["channel"] == "listed":
        if addon["disabled_by_user"]:
            raise body_fault("listed_while_disabled")
        if is_rejected(addon):
            raise body_fault("listed_while_rejected")
        missing = missing_metadata(addon)
        if missing:
            raise body_fault("metadata_incomplete", fields=missing)
    return _with_version(addon, package, numbers, now)


def _check_fits(addon: AddonDoc, package: PackageFields) -> None:
    expected, actual = TYPES[addon["type"]].label, TYPES[package.get("type", addon["type"])].label
    if actual != expected:
        raise field_fault("upload", "type_mismatch", type=actual, expected=expected)
    guid = package.get("guid", addon["guid"])
    if guid != addon["guid"]:
        raise field_fault("upload", "guid_of_another", guid=guid, expected=addon["guid"])
    locale = addon["target_locale"] if addon["type"] in LANGUAGE_TOOL_TYPES else None
    if locale is not None and package.get("target_locale", locale) != locale:
        raise field_fault("upload", "locale_fixed")


def _with_version(addon: AddonDoc, package: PackageFields, numbers: Numbers, now: str) -> AddonDoc:
    version = _version(addon, package, numbers, now)
    older = addon["versions"]
    if version["channel"] == "listed":
        older = [_superseded(earlier, now) for earlier in older]
    changed = addon | {"versions": facts.newest_first([version, *older]), "modified": now}
    if version["channel"] == "listed":
        changed |= {"status": computed_status(changed)}
    return changed


def _superseded(version: VersionDoc, now: str) -> VersionDoc:
    """The version, disabled if it awaits review: a newer one replaces it (contract/packages.md 4.4)."""
    changed = versions.with_file_status(version, "disabled", "unreviewed")
    return changed | {"modified": now} if facts.is_listed(version) and changed != version else version


def _version(addon: AddonDoc, package: PackageFields, numbers: Numbers, now: str) -> VersionDoc:
    document = {
        "id": numbers.version,
        "version": package["version"],
        "channel": package["channel"],
        "created": now,
        "modified": now,
        "compatibility": package.get("declared") or compatibility.default(addon["type"]),
        "is_strict_compatibility_enabled": package.get("is_strict_compatibility_enabled", False),
        # A new custom licence does not inherit the previous one.
        "license": None if "custom_license" in package else _inherited(addon),
        "files": _files(addon, package, numbers.file, now),
        # A promoted group has to approve every version.
        "approvals": [] if addon["promoted"] else None,
    }
    version = cast(VersionDoc, completed(document, VersionDoc))
    version = versions.with_values(addon, version, package, numbers.license)
    if version["license"] is None and version["channel"] == "listed":
        raise field_fault("license", "license_required")
    return version


def _inherited(addon: AddonDoc) -> LicenseDoc | None:
    return next((version["license"] for version in addon["versions"] if not version["deleted"]), None)


def _files(addon: AddonDoc, package: PackageFields, first: int, now: str) -> list[FileDoc]:
    """The files: listed ones await review, unlisted ones are public to everybody with the link unless flags
    hold them back.
    """
    status = "unreviewed" if begins_awaiting(addon, package["channel"], now) else "public"
    name = f"{file_name(addon['slug'] or '', addon['_id'])}-{package['version']}.xpi"
    files = []
    for id, described in enumerate(package["files"], first):
        url = described["url"] or f"/{DEFAULT_APP}/downloads/file/{id}/{name}"
        files.append(cast(FileDoc, {"id": id, "created": now, **described, "status": status, "url": url}))
    return files
