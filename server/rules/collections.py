"""Collections: bodies that their authors send, and the changes they make (contract/extras.md 4.2, 4.3).

    values = read_collection(sent, translation_format, partial=False)
    collection = edited(collection, values)

Pure; any thread. Raises Invalid.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from conf import limits
from conf.locales import DEFAULT_LOCALE, SUPPORTED
from conf.model.curated import CollectionDoc, CollectionItemDoc
from conf.vocabulary import DENIED_NAMES
from server.rules.faults import Fault, Invalid, body_fault, field_fault
from server.rules.fields import (
    FieldReader,
    boolean,
    check_length,
    choice,
    plain_text,
    read_fields,
    reader_schema,
    with_schema,
    wrong_value,
)
from server.rules.values.links import check_linkless
from server.rules.values.translated import (
    TranslationChange,
    TranslationFormat,
    check_default,
    merged_translations,
    translated,
)

_SLUG: Final = re.compile(r"[\w-]+")
_TRANSLATED: Final = ("name", "description")
REQUIRED: Final = ("name", "slug")


def read_collection(
    sent: Mapping[str, Any], translation_format: TranslationFormat, *, partial: bool
) -> dict[str, Any]:
    """The values of the sent fields; without `partial`, REQUIRED ones must be sent."""
    values = read_fields(fields(translation_format), sent, required=() if partial else REQUIRED)
    if not partial and translation_format.flat and "default_locale" not in values:
        values["default_locale"] = translation_format.locale  # the only language of the request
    return values


def fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    return {
        "name": _name(translation_format),
        "description": translated(translation_format, limits.MAX_COLLECTION_DESCRIPTION, check_linkless),
        "slug": _slug,
        "public": boolean,
        "default_locale": choice(SUPPORTED),
    }


def _name(translation_format: TranslationFormat) -> FieldReader:
    reader = translated(translation_format, limits.MAX_COLLECTION_NAME, _check_allowed)

    def name(value: Any) -> TranslationChange:
        texts = value.values() if isinstance(value, dict) else (value,)
        if any(text is None or (isinstance(text, str) and not text.strip()) for text in texts):
            raise wrong_value("collection_name_empty")
        change: TranslationChange = reader(value)
        return change

    return with_schema(**reader_schema(reader))(name)


def _check_allowed(text: str) -> None:
    if text.casefold() in DENIED_NAMES:
        raise wrong_value("collection_name_denied")


@with_schema(type="string", minLength=1, maxLength=int(limits.MAX_SLUG))
def _slug(value: Any) -> str:
    """Digits alone are allowed, because no path names a collection by its id."""
    text = plain_text(value)
    if not text:
        raise wrong_value("blank")
    check_length(text, limits.MAX_SLUG)
    if not _SLUG.fullmatch(text):
        raise wrong_value("collection_slug_invalid")
    if text.casefold() in DENIED_NAMES:
        raise wrong_value("collection_slug_denied")
    return text


def edited(collection: CollectionDoc, values: Mapping[str, Any]) -> CollectionDoc:
    """The collection with these values. Raises Invalid if a text in the default locale is missing."""
    new: dict[str, Any] = dict(collection)
    new |= {key: merged_translations(new[key], values[key]) for key in _TRANSLATED if key in values}
    new |= {key: values[key] for key in ("slug", "default_locale") if key in values}
    new |= {"listed": values["public"]} if "public" in values else {}
    faults = {
        key: [fault]
        for key in _TRANSLATED
        if (fault := check_default(new[key], new["default_locale"], required=key == "name"))
    }
    if faults and values.keys() & {*_TRANSLATED, "default_locale"}:
        raise Invalid(faults)
    return cast(CollectionDoc, new)


def new_collection(id: int, author_id: int, values: Mapping[str, Any], now: str) -> CollectionDoc:
    """A new collection without add-ons."""
    empty = CollectionDoc(
        _id=id,
        author_id=author_id,
        slug="",
        default_locale=DEFAULT_LOCALE,
        name=None,
        description=None,
        listed=True,
        addons=[],
        created=now,
        modified=now,
    )
    return edited(empty, values)


# -- items


def read_addon_name(sent: Mapping[str, Any]) -> str:
    """The sent id, guid or slug of the add-on to add. Raises Invalid."""
    name = sent.get("addon")
    if "addon" not in sent or name == "":
        raise field_fault("addon", "required")
    if name is None:
        raise field_fault("addon", "null")
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise field_fault("addon", "not_a_string")
    return str(name)


def unknown_addon(name: str) -> Invalid:
    """The fault for a name of no public add-on."""
    return field_fault("addon", "collection_addon_unknown", value=name)


def read_notes(sent: Mapping[str, Any], translation_format: TranslationFormat) -> TranslationChange:
    """The change of the notes: None for an empty text, {} if none was sent."""
    if sent.get("notes", "") == "":
        return None if "notes" in sent else {}
    values = read_fields(notes_fields(translation_format), sent)
    change: TranslationChange = values["notes"]
    return change


def notes_fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    return {"notes": translated(translation_format, limits.MAX_COLLECTION_NOTES)}


def with_item(collection: CollectionDoc, addon_id: int, notes: TranslationChange, now: str) -> CollectionDoc:
    """The collection with one more add-on."""
    if any(item["addon_id"] == addon_id for item in collection["addons"]):
        raise body_fault("collection_addon_twice")
    if len(collection["addons"]) >= limits.MAX_COLLECTION:
        raise body_fault("collection_full", limit=limits.MAX_COLLECTION)
    item = CollectionItemDoc(addon_id=addon_id, notes=merged_translations(None, notes), added=now)
    return _check_notes_size(collection | {"addons": [*collection["addons"], item]})


def with_notes(collection: CollectionDoc, addon_id: int, notes: TranslationChange) -> CollectionDoc:
    """The collection with its author's notes about one add-on."""

    def change(item: CollectionItemDoc) -> CollectionItemDoc:
        if item["addon_id"] != addon_id:
            return item
        return item | {"notes": merged_translations(item["notes"], notes)}

    return _check_notes_size(collection | {"addons": [change(item) for item in collection["addons"]]})


def _check_notes_size(collection: CollectionDoc) -> CollectionDoc:
    """The collection. Raises Invalid if its notes are too large to be held in memory."""
    size = sum(sum(map(len, (item["notes"] or {}).values())) for item in collection["addons"])
    if size > limits.MAX_COLLECTION_TEXT:
        raise Invalid({"notes": [Fault("collection_text_too_long", limit=limits.MAX_COLLECTION_TEXT)]})
    return collection


def without_item(collection: CollectionDoc, addon_id: int) -> CollectionDoc:
    """The collection without one of its add-ons."""
    return collection | {"addons": [item for item in collection["addons"] if item["addon_id"] != addon_id]}
