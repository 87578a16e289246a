"""Whether a stored document is as the model says: what is not stays out, and is named.

    fault = find_fault(document, UserDoc)      # "$: object missing required field username", or None
    fault = find_addon_fault(addon)

A document that lacks a key or has a value of another type would stop whatever reads it, far from
where it came from. Keys the model does not have are no fault. Pure; any thread; 16 microseconds
for an add-on.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from conf.model import AddonDoc, ContentReviewDoc

# What the index is not given of an add-on (server/indexing.py), so that it is no fault to lack it.
_REVIEW: Final[ContentReviewDoc] = {"state": 0, "policies": [], "comments": None, "reviewed": None}
_NOT_INDEXED: Final = {"pending_authors": [], "content_review": _REVIEW}


def find_fault(document: Mapping[str, Any], model: Any) -> str | None:
    """What is wrong with it, `$.size: expected int, got str`; None where it fits the TypedDict `model`."""
    try:
        msgspec.convert(document, model)
    except msgspec.ValidationError as error:
        what, _, place = str(error).replace("`", "").partition(" - at ")
        what = what[:1].lower() + what[1:]
        return f"{place}: {what}" if place else what
    return None


def find_addon_fault(addon: Mapping[str, Any]) -> str | None:
    """As `find_fault`, for an add-on as the index reads it."""
    return find_fault({**_NOT_INDEXED, **addon}, AddonDoc)


def describe_error(error: Exception) -> str:
    """What an unexpected exception says about the document that raised it."""
    return f"{type(error).__name__}: {error}"
