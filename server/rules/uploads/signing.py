"""What may be sent to be signed: channel, id and number of a package, and whether a version could be made
of it now (contract/uploads.md 7.2).

What is wrong is told as `{"error": text}`. Pure; any thread.
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
from server.rules.values.translated import Manner

_GUID: Final = re.compile(GUID_PATTERN)
_CLOSED: Final = {"disabled": "Disabled by Mozilla", "deleted": "Deleted"}
_NO_NUMBERS: Final = releases.Numbers(0, 0, 0, 0)  # of what is not stored


def channel_of(addon: AddonDoc | None, sent: Any) -> str:
    """What is new is unlisted, whatever was sent; what is not goes where the newest version is.

    Raises Invalid where the add-on takes none.
    """
    if addon is None:
        return "unlisted"
    newest = facts.versions(addon, "all_with_deleted")
    default = newest[0]["channel"] if newest else "unlisted"
    channel = sent if isinstance(sent, str) and sent in CHANNELS else default
    if addon["status"] in _CLOSED:
        raise refusal("signing_disabled", status=_CLOSED[addon["status"]])
    if channel == "listed" and addon["disabled_by_user"]:
        raise refusal("signing_invisible")
    if channel == "listed" and missing_metadata(addon):
        raise refusal("signing_incomplete")
    return channel


def named(addon: AddonDoc | None, found: Inspection, guid: str | None, number: str | None) -> SigningDoc:
    """Which version of which add-on a package is; `guid` and `number` are what the address says.

    Raises Invalid.
    """
    said = found.result["metadata"]
    own, version = said.get("id"), said.get("version")
    error = first_error(found.result, own=version is not None)
    if error:
        raise refusal("validation_says", message=error)
    if number is not None and version != number:
        raise refusal("signing_version")
    if guid is None:
        guid = own or f"{{{uuid4()}}}"
    elif own is not None:
        if own.casefold() != guid.casefold():
            raise refusal("signing_guid")
    elif not _GUID.fullmatch(guid):
        raise refusal("signing_guid")
    elif len(guid) > MAX_NAMED_GUID:
        raise refusal("signing_long_guid", limit=MAX_NAMED_GUID)
    guid = (addon["guid"] if addon else own) or guid
    return {"guid": guid, "folded": guid.casefold(), "version": version}


def rehearse(
    addon: AddonDoc | None, upload: UploadDoc, manner: Manner, permissions: frozenset[str], now: str
) -> None:
    """Whether a version could be made of an upload, as it will be. Raises Invalid."""
    if upload["package"] is None:
        return
    package = uploaded.read_uploaded({}, upload, manner, permissions)
    if addon is not None:
        releases.released(addon, package, _NO_NUMBERS, now)
    else:
        guid = upload["signing"]["guid"]
        releases.created({}, package, _NO_NUMBERS, guid, "", upload["user_id"], now)


@contextmanager
def told_first() -> Iterator[None]:
    """Of faults found inside, one is told, in its place in the answer."""
    try:
        yield
    except Invalid as error:
        raise Invalid({"error": first(error.faults)}, error.status) from None


def refusal(key: str, code: int = 400, /, **values: object) -> Invalid:
    """A text, and its place in the answer."""
    return Invalid({"error": Fault(key, **values)}, code)


def first(faults: Any) -> Fault:
    """The one that is told where there is room for one."""
    while not isinstance(faults, Fault):
        faults = next(iter(faults.values() if isinstance(faults, dict) else faults))
    return faults
