"""Translated fields of a write (contract/writes.md 1.3)."""

from typing import Any

import pytest

from server.rules.faults import Invalid
from server.rules.fields import read_fields
from server.rules.values.translated import (
    TranslationChange,
    TranslationFormat,
    check_default,
    merged_translations,
    translated,
)

FLAT = TranslationFormat(flat=True, locale="fr")  # v3, v4
OBJECTS = TranslationFormat(flat=False, locale="fr")  # v5
BLANK = "This field may not be blank."
NOT_AN_OBJECT = "You must provide an object of {lang-code:value}."
LONG = "Ensure this field has no more than 5 characters."


def change(sent: Any, translation_format: TranslationFormat = OBJECTS) -> TranslationChange:
    found: TranslationChange = read_fields({"name": translated(translation_format, 5)}, {"name": sent})[
        "name"
    ]
    return found


@pytest.mark.parametrize(
    ("sent", "translation_format", "result"),
    [
        pytest.param({"de": "Neu"}, OBJECTS, {"en-US": "Old", "fr": "Vieux", "de": "Neu"}, id="others-kept"),
        pytest.param({"fr": None}, OBJECTS, {"en-US": "Old"}, id="null-removes-one"),
        pytest.param({"fr": None, "en-US": None}, OBJECTS, None, id="nothing-left"),
        pytest.param(None, OBJECTS, None, id="null-clears-all"),
        pytest.param({}, OBJECTS, {"en-US": "Old", "fr": "Vieux"}, id="nothing-said"),
        pytest.param({"FR": "Neuf"}, OBJECTS, {"en-US": "Old", "fr": "Neuf"}, id="language-in-any-case"),
        pytest.param("Neuf", FLAT, {"en-US": "Old", "fr": "Neuf"}, id="plain-text-in-the-request-language"),
        pytest.param({"fr": "Neuf"}, FLAT, {"en-US": "Old", "fr": "Neuf"}, id="object-in-v3-too"),
    ],
)
def test_a_change_is_merged(sent: Any, translation_format: TranslationFormat, result: Any) -> None:
    stored = {"en-US": "Old", "fr": "Vieux"}
    assert merged_translations(stored, change(sent, translation_format)) == result
    assert stored == {"en-US": "Old", "fr": "Vieux"}


@pytest.mark.parametrize(
    ("sent", "translation_format", "texts"),
    [
        pytest.param("Text", OBJECTS, [NOT_AN_OBJECT], id="plain-text-in-v5"),
        pytest.param(5, FLAT, [NOT_AN_OBJECT], id="number"),
        pytest.param(["a"], FLAT, [NOT_AN_OBJECT], id="list"),
        pytest.param({"foo": "x"}, OBJECTS, ['The language code "foo" is invalid.'], id="unknown-language"),
        pytest.param({"en-US": ""}, OBJECTS, [BLANK], id="blank"),
        pytest.param(" ", FLAT, [BLANK], id="blank-plain-text"),
        pytest.param({"en-US": "123456"}, OBJECTS, [LONG], id="too-long"),
        pytest.param({"en-US": ["x"]}, OBJECTS, ["Not a valid string."], id="not-text"),
        pytest.param(
            {"foo": "x", "fr": "123456"},
            OBJECTS,
            ['The language code "foo" is invalid.', LONG],
            id="all-languages-told",
        ),
    ],
)
def test_faults(sent: Any, translation_format: TranslationFormat, texts: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        change(sent, translation_format)
    assert caught.value.body("en-US") == {"name": texts}


@pytest.mark.parametrize(
    ("field", "required", "text"),
    [
        ({"ja": "名"}, True, None),
        ({"en-US": "Name"}, True, 'A value in the default locale of "ja" is required.'),
        (None, True, 'A value in the default locale of "ja" is required.'),
        (
            {"en-US": "x"},
            False,
            'A value in the default locale of "ja" is required if other translations are set.',
        ),
        (None, False, None),
        ({"en-US": ""}, False, None),
    ],
)
def test_the_default_locale_needs_a_text(field: Any, required: bool, text: str | None) -> None:
    fault = check_default(field, "ja", required=required)
    assert (fault and fault.text("en-US")) == text
