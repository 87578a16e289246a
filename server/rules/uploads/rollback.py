"""Rollback to an earlier version: its body, and which versions allow it (contract/packages.md 6).

    rollback = read_rollback(sent, actor.translation_format)
    check_rollback(addon, version, rollback.number)

Pure; any thread.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from conf.limits import MAX_RELEASE_NOTES, MAX_VERSION_STRING
from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from server.rules.faults import Invalid, body_fault, field_fault
from server.rules.fields import FieldReader, read_fields, string
from server.rules.uploads.packages import check_number as check_spelling
from server.rules.values.translated import TranslationFormat, translated
from server.rules.version_order import order
from server.rules.versions import check_number

NUMBER = "new_version_string"


class RollbackRequest(NamedTuple):
    """The number of the new version, and its release notes."""

    number: str
    release_notes: dict[str, Any] | None


def fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    """The readers of the body."""
    return {
        NUMBER: string(MAX_VERSION_STRING, check=check_spelling),
        "release_notes": translated(translation_format, MAX_RELEASE_NOTES),
    }


def read_rollback(sent: Mapping[str, Any], translation_format: TranslationFormat) -> RollbackRequest:
    """Raises Invalid."""
    values = read_fields(fields(translation_format), sent, required=(NUMBER,))
    return RollbackRequest(values[NUMBER], values.get("release_notes"))


def check_rollback(addon: AddonDoc, version: VersionDoc, number: str) -> None:
    """Raises Invalid, 409 for a number in use, also by a deleted version."""
    if addon["type"] != "extension":
        raise body_fault("rollback_type")
    if version["is_disabled"] or any(file["status"] != "public" for file in version["files"]):
        raise body_fault("rollback_unapproved")
    try:
        check_number(addon, number)
    except Invalid as error:
        raise Invalid({NUMBER: error.faults["version"]}, status=409) from None
    approved = [
        candidate["version"] for candidate in facts.public_versions(addon) if facts.is_listed(candidate)
    ]
    highest = max(approved, key=order, default=None)
    if highest is not None and order(number) <= order(highest):
        raise field_fault(NUMBER, "version_not_greater", version=number, approved=highest)
