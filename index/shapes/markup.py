"""The fields that have markup; whatever is stored is clean (index/shapes/html.py).

    addon = cleaned(addon)             # a document, complete or partial
    values = cleaned_values(values)    # from a request
    addon = clean_foreign(addon)       # in case somebody else wrote to the database

Pure functions, any thread. A text without markup takes a microsecond, the longest takes half a second,
so not for the event loop.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from index.shapes.html import LINKS_ONLY, PROSE, Markup, is_foreign
from index.shapes.links import clean

Document = TypeVar("Document", bound=Mapping[str, Any])
Clean = Callable[[str, Markup], str]

ADDON: Final[dict[str, Markup]] = {
    "summary": LINKS_ONLY,
    **dict.fromkeys(("description", "developer_comments", "eula", "privacy_policy"), PROSE),
}
VERSION: Final[dict[str, Markup]] = {"release_notes": PROSE}
LICENSE: Final[dict[str, Markup]] = {"text": LINKS_ONLY}


def cleaned(addon: Document, clean: Clean = clean) -> Document:
    """The add-on with clean texts; the same object if they are clean already."""
    new = _with_clean(addon, ADDON, clean)
    versions = [cleaned_version(version, clean) for version in new.get("versions", ())]
    if any(after is not before for after, before in zip(versions, new.get("versions", ()), strict=True)):
        new = cast(Document, {**new, "versions": versions})
    return new


def cleaned_version(version: Document, clean: Clean = clean) -> Document:
    return _with_part(_with_clean(version, VERSION, clean), "license", clean)


def cleaned_values(values: Document) -> Document:
    """Validated fields of an add-on or version from a request, with clean texts."""
    return _with_part(_with_clean(values, {**ADDON, **VERSION}, clean), "custom_license", clean)


def clean_foreign(addon: Document) -> Document:
    """`cleaned`, only of texts with foreign tags; takes a hundredth of the time."""
    return cleaned(addon, lambda text, kind: clean(text, kind) if is_foreign(text, kind) else text)


def _with_part(document: Document, key: str, clean: Clean) -> Document:
    """With clean texts in the licence under `key`."""
    license = document.get(key)
    after = _with_clean(license, LICENSE, clean) if license else license
    return document if after is license else cast(Document, {**document, key: after})


def _with_clean(document: Document, kinds: Mapping[str, Markup], clean: Clean) -> Document:
    changed = {}
    for key, kind in kinds.items():
        texts = document.get(key)
        if texts:
            after = {locale: text and clean(text, kind) for locale, text in texts.items()}
            if after != texts:
                changed[key] = after
    return cast(Document, {**document, **changed}) if changed else document
