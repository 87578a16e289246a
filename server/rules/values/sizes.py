"""Limits the size of an add-on's texts, and so the cost of reading it.

    check_sent(values)                 # Invalid if the body alone is too large for an add-on
    check_size(old, new)               # Invalid if an edit makes an add-on too large

Pure; any thread.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from conf import limits
from conf.model.addons import AddonDoc
from server.rules.faults import Fault, Invalid

_LINK: Final = "<a "
_VERSION_BOUNDS: Final = (limits.MAX_VERSION_TEXT, limits.MAX_VERSION_LINKS)


def oversize(addon: Mapping[str, Any]) -> Fault | None:
    """The fault of texts that are too long to be read quickly."""
    bounds = (limits.MAX_ADDON_TEXT, limits.MAX_ADDON_LINKS)
    fault = _excess("addon", [addon, *addon.get("previews", ())], bounds)
    for version in addon.get("versions", ()):
        fault = fault or _excess("version", [version, version.get("license") or {}], _VERSION_BOUNDS)
    return fault


def _excess(subject: str, documents: Iterable[Mapping[str, Any]], bounds: tuple[int, int]) -> Fault | None:
    """The fault if all texts together exceed the `bounds` (characters, links); `subject` begins its key."""
    fields = [value for document in documents for value in document.values() if isinstance(value, dict)]
    texts = [text for texts in fields for text in texts.values() if isinstance(text, str)]
    length = sum(map(len, texts))
    if length > bounds[0]:
        return Fault(f"{subject}_text_too_long", limit=bounds[0])
    if length > len(_LINK) * bounds[1] and sum(text.count(_LINK) for text in texts) > bounds[1]:
        return Fault(f"{subject}_links_too_many", limit=bounds[1])
    return None


def check_sent(values: Mapping[str, Any]) -> None:
    """Raises Invalid. Runs before markup is cleaned, because cleaning megabytes takes seconds."""
    if fault := _excess("addon", [values], (limits.MAX_ADDON_TEXT, limits.MAX_ADDON_TEXT)):
        raise Invalid({"non_field_errors": [fault]})


def check_size(old: AddonDoc | None, new: AddonDoc) -> None:
    """Raises Invalid. An add-on that was too large when it was loaded may stay so, but must not grow."""
    size = len(orjson.dumps(new))
    fault = oversize(new)
    if size > limits.MAX_ADDON_BYTES:
        fault = Fault("addon_too_large", limit=limits.MAX_ADDON_BYTES)
    if fault and (old is None or size > len(orjson.dumps(old))):
        raise Invalid({"non_field_errors": [fault]})
