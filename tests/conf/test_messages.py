"""Texts: the English contract, and what the catalogues may and must hold."""

from string import Formatter
from typing import Any

import pytest

from conf.locales import SUPPORTED
from conf.messages import counted, english, text
from conf.translations import loader
from tests.sweep import sweep

READ_ONLY = (
    "Some features are temporarily disabled while we perform website maintenance. "
    "We'll be back to full capacity shortly."
)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("read_only", {}, READ_ONLY),
        ("not_found", {}, "Not found."),
        ("invalid_parameter", {"name": "users__gte"}, 'Invalid "users__gte" parameter.'),
        ("method_not_allowed", {"method": "PUT"}, 'Method "PUT" not allowed.'),
        ("not_an_object", {}, "You must provide an object of {lang-code:value}."),
        ("not_a_uuid", {"value": "{x}"}, "“{x}” is not a valid UUID."),
        ("default_locale_required", {"language": "ja"}, 'A value in the default locale of "ja" is required.'),
        ("image_too_big", {"limit": 4}, "Please use images smaller than 4MB."),
    ],
)
def test_english_is_the_contract(key: str, values: dict[str, Any], expected: str) -> None:
    assert text(key, **values) == expected


@sweep("key", english())
def test_every_text_can_be_said(key: str) -> None:
    values = dict.fromkeys(placeholders(english()[key]), "x")
    assert text(key, **values).strip()


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "Request was throttled. Expected available in 1 second."),
        (60, "Request was throttled. Expected available in 60 seconds."),
    ],
)
def test_one_and_many(count: int, expected: str) -> None:
    assert counted("throttled", count) == expected


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no_such_text")


def test_a_missing_translation_is_said_in_english() -> None:
    assert text("guid_duplicate", "fr") == english()["guid_duplicate"]
    assert text("read_only", "kab") == READ_ONLY


@pytest.mark.parametrize("locale", ["es-AR", "es-CL", "es-ES", "es-MX"])
def test_spanish_of_any_country_has_one_catalogue(locale: str) -> None:
    assert text("not_found", locale) == text("not_found", "es") != "Not found."


def test_at_least_twelve_locales_besides_english_say_why_writes_are_refused() -> None:
    translations = {text("read_only", locale) for locale in loader.translated_locales()}
    assert READ_ONLY not in translations
    assert len(translations) == len(loader.translated_locales()) >= 12


def test_every_catalogue_file_is_of_a_supported_locale() -> None:
    assert set(loader.translated_locales()) <= set(SUPPORTED)


@pytest.mark.parametrize("locale", loader.translated_locales())
def test_catalogues_translate_known_keys_with_their_placeholders(locale: str) -> None:
    catalogue = loader.catalogue(locale)
    assert set(catalogue) <= {"texts", "names"}
    for key, template in catalogue["texts"].items():
        assert placeholders(template) == placeholders(english()[key]), key


def test_names_in_all_languages_begin_with_english() -> None:
    names = loader.all_names("Tabs")
    assert next(iter(names.items())) == ("en-US", "Tabs")
    assert names["fr"] == "Onglets"
    assert "de" not in names, "German says the same"
