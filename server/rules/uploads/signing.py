"""Packages sent for signing: their channel, guid and number, and whether a version could be made of them now
(contract/uploads.md 7.2).

Faults are `{"error": text}`. Pure; any thread.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from conf.limits import MAX_NAMED_GUID
from conf.model.addons import AddonDoc
from conf.model.uploads import SigningDoc, UploadDoc
from conf.vocabulary import CHANNELS, GUID_PATTERN
from index import facts
from server.packages.validation.inspection import Inspection
from server.packages.validation.report import first_error
from server.rules import releases
from server.rules.faults import Fault, Invalid
from server.rules.status import missing_metadata
from server.rules.uploads import uploaded
from server.rules.values.translated import TranslationFormat

_GUID: Final = re.compile(GUID_PATTERN)
_CLOSED: Final = {"disabled": "Disabled by Mozilla", "deleted": "Deleted"}
_NO_NUMBERS: Final = releases.Numbers(0, 0, 0, 0)  # for documents that are not stored


def choose_channel(addon: AddonDoc | None, sent: Any) -> str:
    """The channel: `unlisted` for a new add-on, else the sent one, or by default the newest version's.

    Raises Invalid if the add-on accepts no version.
    """
    if addon is None:
        return "unlisted"
    newest = facts.versions(addon, "all_with_deleted")
    default = newest[0]["channel"] if newest else "unlisted"
    channel = sent if isinstance(sent, str) and sent in CHANNELS else default
    if addon["status"] in _CLOSED:
        raise signing_fault("signing_disabled", status=_CLOSED[addon["status"]])
    if channel == "listed" and addon["disabled_by_user"]:
        raise signing_fault("signing_invisible")
    if channel == "listed" and missing_metadata(addon):
        raise signing_fault("signing_incomplete")
    return channel


def identify(
    addon: AddonDoc | None, inspection: Inspection, guid: str | None, number: str | None
) -> SigningDoc:
    """The guid and number of a package; `guid` and `number` come from the path.

    Raises Invalid.
    """
    manifest = inspection.result["metadata"]
    manifest_guid, version = manifest.get("id"), manifest.get("version")
    error = first_error(inspection.result, server_only=version is not None)
    if error:
        raise signing_fault("validation_says", message=error)
    if number is not None and version != number:
        raise signing_fault("signing_version")
    if guid is None:
        guid = manifest_guid or f"{{{uuid4()}}}"
    elif manifest_guid is not None:
        if manifest_guid.casefold() != guid.casefold():
            raise signing_fault("signing_guid")
    elif not _GUID.fullmatch(guid):
        raise signing_fault("signing_guid")
    elif len(guid) > MAX_NAMED_GUID:
        raise signing_fault("signing_long_guid", limit=MAX_NAMED_GUID)
    guid = (addon["guid"] if addon else manifest_guid) or guid
    return {"guid": guid, "folded": guid.casefold(), "version": version}


def check_releasable(
    addon: AddonDoc | None,
    upload: UploadDoc,
    translation_format: TranslationFormat,
    permissions: frozenset[str],
    now: str,
) -> None:
    """Make a version of the upload without storing it. Raises Invalid if that fails."""
    if upload["package"] is None:
        return
    package = uploaded.read_uploaded({}, upload, translation_format, permissions)
    if addon is not None:
        releases.with_new_version(addon, package, _NO_NUMBERS, now)
    else:
        guid = upload["signing"]["guid"]
        releases.new_addon({}, package, _NO_NUMBERS, guid, "", upload["user_id"], now)


@contextmanager
def single_fault() -> Iterator[None]:
    """Reduce faults raised inside to `{"error": the first one}`."""
    try:
        yield
    except Invalid as error:
        raise Invalid({"error": first_fault(error.faults)}, error.status) from None


def signing_fault(key: str, code: int = 400, /, **values: object) -> Invalid:
    """The fault `{"error": text}`."""
    return Invalid({"error": Fault(key, **values)}, code)


def first_fault(faults: Any) -> Fault:
    """The first fault, for answers with room for one."""
    while not isinstance(faults, Fault):
        faults = next(iter(faults.values() if isinstance(faults, dict) else faults))
    return faults
