"""Licences of versions: built-in ones by slug, and custom ones (contract/writes.md 5).

Texts of a custom licence need English, whatever the add-on's default locale is.
Pure; any thread.
"""

from typing import Any, Final

from conf import licenses
from conf.limits import MAX_LICENSE_NAME, MAX_LICENSE_TEXT
from conf.locales import DEFAULT_LOCALE
from conf.model.addons import LicenseDoc
from server.rules.faults import Fault, Invalid
from server.rules.fields import FieldReader, nested, reader_schema, sent_object, with_schema, wrong_value
from server.rules.values.translated import (
    TranslationChange,
    TranslationFormat,
    check_default,
    merged_translations,
    translated,
)

_TEXTS: Final = {"name": MAX_LICENSE_NAME, "text": MAX_LICENSE_TEXT}


def built_in(addon_type: str) -> FieldReader:
    """Reads a slug as its LicenseDoc."""

    def reader(value: Any) -> LicenseDoc:
        if value is None:
            raise wrong_value("null")
        license = licenses.by_slug(value) if isinstance(value, str) else None
        if license is None:
            raise wrong_value("license_unknown", value=value)
        if not licenses.is_allowed(license, addon_type):
            raise wrong_value("license_kind")
        return {"id": license.id, "slug": license.slug, "name": None, "text": None, "url": None}

    slugs = [license.slug for license in licenses.LICENSES if licenses.is_allowed(license, addon_type)]
    return with_schema(type="string", enum=slugs)(reader)


def custom(addon_type: str, translation_format: TranslationFormat) -> FieldReader:
    """Reads `{name, text}` as changes of these texts."""
    texts = nested({key: translated(translation_format, limit) for key, limit in _TEXTS.items()})

    def reader(value: Any) -> dict[str, TranslationChange]:
        sent_object(value)
        if addon_type in ("statictheme", "persona"):
            raise wrong_value("license_kind")
        changes: dict[str, TranslationChange] = texts(value)
        return changes

    return with_schema(**reader_schema(texts))(reader)


def customised(stored: LicenseDoc | None, changes: dict[str, TranslationChange], new_id: int) -> LicenseDoc:
    """The custom licence after the change: the stored one changed, or a new one.

    Raises Invalid if it then lacks its name or text.
    """
    old_license = stored if stored is not None and stored["slug"] is None else None
    old_texts = (
        {"name": old_license["name"], "text": old_license["text"]}
        if old_license
        else {"name": None, "text": None}
    )
    new_texts = {
        key: merged_translations(old, changes[key]) if key in changes else old
        for key, old in old_texts.items()
    }
    faults: dict[str, list[Fault]] = {}
    for key in _TEXTS:
        if key in changes:
            fault = check_default(new_texts[key], DEFAULT_LOCALE, required=True)
        else:
            fault = None if old_license else Fault("required")
        if fault:
            faults[key] = [fault]
    if faults:
        raise Invalid({"custom_license": faults})
    license_id = (old_license["id"], old_license["url"]) if old_license else (new_id, None)
    return {
        "id": license_id[0],
        "slug": None,
        "name": new_texts["name"],
        "text": new_texts["text"],
        "url": license_id[1],
    }
