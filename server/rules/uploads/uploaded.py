"""A `version` object that names an upload: values of its package and of the body (contract/uploads.md 5).

    key = read_upload_id(sent["upload"])
    check_usable(upload, key, user_id)
    package = read_uploaded(sent, upload, translation_format, permissions)      # like packages.read_package

Pure; any thread.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final, cast

from conf.model.addons import AddonDoc
from conf.model.uploads import UploadDoc
from conf.vocabulary import APPS, DEFAULT_PLATFORM
from index import facts
from server.rules import versions
from server.rules.faults import Fault, Invalid, field_fault
from server.rules.fields import WrongValue, read_fields
from server.rules.uploads.packages import LANGUAGE_PACKS, SIGNED
from server.rules.values.names import check_guid
from server.rules.values.translated import TranslationFormat
from server.rules.version_order import order

_MAX_UUID: Final = len("urn:uuid:{}") + 36
_COPIED: Final = ("version", "type", "default_locale", "is_strict_compatibility_enabled", "target_locale")
_TEXTS: Final = ("name", "summary", "homepage")


def read_upload_id(value: Any) -> str:
    """The upload's id. Raises Invalid."""
    if value is None or value == "":
        raise field_fault("upload", "null")
    try:
        if len(value) <= _MAX_UUID:
            return uuid.UUID(value).hex
    except (ValueError, TypeError, AttributeError):
        pass
    raise field_fault("upload", "not_a_uuid", value=value)


def check_usable(upload: Mapping[str, Any] | None, key: str, user_id: int) -> UploadDoc:
    """Raises Invalid unless the user can make a version of it, for the first time."""
    if upload is None:
        raise field_fault("upload", "upload_unknown", value=str(uuid.UUID(key)))
    if upload["user_id"] != user_id or upload["package"] is None or upload["submitted"]:
        raise field_fault("upload", "upload_invalid")
    return cast(UploadDoc, upload)


def read_uploaded(
    sent: Mapping[str, Any],
    upload: UploadDoc,
    translation_format: TranslationFormat,
    permissions: frozenset[str],
) -> dict[str, Any]:
    """The values of a version object; `declared` is the package's compatibility. Raises Invalid."""
    package_fields = upload["package"]
    assert package_fields is not None  # check_usable
    if "signing" in upload:  # a guid that only the path has
        package_fields = {"guid": upload["signing"]["guid"], **package_fields}
    _check_permissions(package_fields, permissions)
    values = read_fields(versions.fields(translation_format, package_fields["type"], describes=False), sent)
    versions.check_licenses(values)
    _check_applications(values, package_fields)
    file = {
        "url": "",
        "hash": upload["stored"],
        "size": upload["size"],
        "platform": DEFAULT_PLATFORM,
        "is_restart_required": False,
        **package_fields["file"],
        "stored": upload["stored"],
        "upload": upload["_id"],
    }
    package = {key: package_fields[key] for key in _COPIED} | {
        key: package_fields[key] for key in _TEXTS if package_fields[key]
    }
    package |= {"guid": package_fields["guid"]} if "guid" in package_fields else {}
    package |= {"rolled_back_to": upload["rollback"]["version"]} if "rollback" in upload else {}
    return {
        **package,
        **values,
        "channel": upload["channel"],
        "declared": package_fields["compatibility"],
        "is_uploaded": True,
        "icon_member": package_fields["icon"],
        "is_clean": bool(upload["validation"] and not upload["validation"]["warnings"]),
        "files": [file],
    }


def _check_permissions(package_fields: Mapping[str, Any], permissions: frozenset[str]) -> None:
    if package_fields["file"]["is_mozilla_signed_extension"] and SIGNED not in permissions:
        raise field_fault("upload", "mozilla_signed")
    if package_fields["type"] == "language" and LANGUAGE_PACKS not in permissions:
        raise field_fault("upload", "language_pack_forbidden")
    if "guid" in package_fields:
        try:
            check_guid(package_fields["guid"], allow_reserved=SIGNED in permissions)
        except WrongValue as error:
            raise Invalid({"upload": error.faults}) from None


def _check_applications(values: Mapping[str, Any], package_fields: Mapping[str, Any]) -> None:
    """Raises Invalid for a change of limits that only the manifest may set."""
    for app in package_fields["fixed_apps"]:
        if app in values.get("compatibility", {}):
            raise Invalid({"compatibility": [Fault("compatibility_in_manifest", app=APPS[app].name)]})


def check_greater(addon: AddonDoc, package: Mapping[str, Any]) -> None:
    """Raises Invalid unless a listed version is greater than the newest approved one. Language packs are
    exempt, because they have the browser's numbers.
    """
    if package["channel"] != "listed" or addon["type"] == "language":
        return
    approved = next((version for version in facts.public_versions(addon) if facts.is_listed(version)), None)
    if approved and order(package["version"]) <= order(approved["version"]):
        values = {"version": package["version"], "approved": approved["version"]}
        raise field_fault("version", "version_not_greater", **values)
