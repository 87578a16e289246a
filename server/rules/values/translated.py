"""Translated fields in bodies, which change the sent languages only (contract/writes.md 1.3).

    reader = translated(TranslationFormat(flat=True, locale="fr"), limit=50)
    change = reader("Jeux")                          # {"fr": "Jeux"}
    merged_translations({"en-US": "Games"}, change)  # {"en-US": "Games", "fr": "Jeux"}

A change is `{locale: text or None}`, or None for the whole field; None removes a text.
Only after merging is it known whether the default locale has a text: `check_default`.
Pure; any thread.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conf.locales import SUPPORTED, canonical
from conf.model.addons import Translated
from server.rules.faults import Fault
from server.rules.fields import FieldReader, WrongValue, check_length, plain_text, with_schema, wrong_value

TranslationChange = Mapping[str, str | None] | None
Check = Callable[[str], None]

_LOCALES: Final = frozenset(SUPPORTED)
_NAMES: Final = {"enum": list(SUPPORTED)}


@dataclass(frozen=True, slots=True)
class TranslationFormat:
    """How one caller writes translated fields."""

    flat: bool  # v3 and v4: a plain string is a text in the request's language
    locale: str  # that language


def translated(translation_format: TranslationFormat, limit: int, check: Check | None = None) -> FieldReader:
    """Reads a TranslationChange with texts of at most `limit` characters. `check` raises WrongValue."""

    def reader(value: Any) -> TranslationChange:
        if value is None:
            return None
        if isinstance(value, str) and translation_format.flat:
            value = {translation_format.locale: value}
        if not isinstance(value, dict):
            raise wrong_value("not_an_object")
        if len(value) > len(SUPPORTED):
            raise wrong_value("too_many", limit=len(SUPPORTED))
        return _texts(value, limit, check)

    text = {"type": ["string", "null"], "maxLength": int(limit)}
    kinds = ["object", "string", "null"] if translation_format.flat else ["object", "null"]
    return with_schema(type=kinds, propertyNames=_NAMES, additionalProperties=text)(reader)


def _texts(sent: Mapping[str, Any], limit: int, check: Check | None) -> TranslationChange:
    change: dict[str, str | None] = {}
    faults: list[Fault] = []
    for language, value in sent.items():
        try:
            change[_locale(language)] = _text(value, limit, check)
        except WrongValue as error:
            faults += error.faults
    if faults:
        raise WrongValue(*faults)
    return change


def _locale(language: str) -> str:
    locale = canonical(language)
    if locale not in _LOCALES:
        raise wrong_value("unknown_language", language=language)
    return locale


def _text(value: Any, limit: int, check: Check | None) -> str | None:
    if value is None:
        return None
    text = plain_text(value)
    if not text:
        raise wrong_value("blank")
    check_length(text, limit)
    if check is not None:
        check(text)
    return text


def merged_translations(stored: Translated | None, change: TranslationChange) -> Translated | None:
    """The field after the change; None if no language is left."""
    if change is None:
        return None
    texts = {**(stored or {}), **change}
    return {locale: text for locale, text in texts.items() if text is not None} or None


def check_default(field: Translated | None, locale: str, *, required: bool) -> Fault | None:
    """The fault of a field without a text in the default locale."""
    if field and field.get(locale):
        return None
    if required:
        return Fault("default_locale_required", language=locale)
    has_text = any((field or {}).values())
    return Fault("default_locale_required_if_others", language=locale) if has_text else None
