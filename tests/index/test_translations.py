"""Translated fields: the three forms of reference/conventions.md 7."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.translations import best, fallback_locale, has_text, license_name, resolve
from index.view import View

BOTH = {"en-US": "Games", "fr": "Jeux"}


@pytest.mark.parametrize("version", ["v3", "v4", "v5"])
@pytest.mark.parametrize(
    "translated, expected",
    [
        (None, None),
        ({}, None),
        (BOTH, BOTH),
        ({"en-US": "Games", "fr": ""}, {"en-US": "Games", "fr": ""}),
        ({"en-US": "", "fr": "Jeux"}, None),
        ({"en-US": " \n", "fr": "Jeux"}, None),
        ({"fr": "Jeux"}, None),
    ],
    ids=["unset", "empty", "all", "keeps-empty-texts", "blank-default", "whitespace", "no-default"],
)
def test_without_lang_every_version_gives_all_locales(version: str, translated: Any, expected: Any) -> None:
    assert resolve(translated, View(version), "en-US") == expected


def test_text_in_the_request_language_is_enough() -> None:
    assert resolve({"fr": "Jeux"}, View("v5", locale="fr"), "en-US") == {"fr": "Jeux"}


@pytest.mark.parametrize(
    "translated, expected",
    [
        (None, None),
        ({"en-US": "Games", "fr": ""}, {"en-US": "Games"}),
        ({"fr": "Jeux"}, {"fr": "Jeux"}),
        ({"fr": " "}, None),
    ],
    ids=["unset", "drops-empty-texts", "no-default", "blank"],
)
def test_search_results_leave_empty_texts_out(translated: Any, expected: Any) -> None:
    assert resolve(translated, View("v4"), "en-US", compact=True) == expected


@pytest.mark.parametrize(
    "translated, lang, flat, keyed",
    [
        (BOTH, "fr", "Jeux", {"fr": "Jeux"}),
        (BOTH, "de", "Games", {"en-US": "Games", "de": None, "_default": "en-US"}),
        (BOTH, "xx", "Games", {"en-US": "Games", "xx": None, "_default": "en-US"}),
        ({"en-US": "Games", "fr": " "}, "fr", "Games", {"en-US": "Games", "fr": None, "_default": "en-US"}),
        ({"fr": "Jeux"}, "de", None, None),
        ({"en-US": ""}, "en-US", None, None),
        (None, "fr", None, None),
    ],
    ids=["there", "falls-back", "unknown-language", "blank-falls-back", "no-default", "blank", "unset"],
)
def test_with_lang(translated: Any, lang: str, flat: Any, keyed: Any) -> None:
    for version in ("v3", "v4"):
        assert resolve(translated, View(version, lang=lang), "en-US") == flat
    shown = resolve(translated, View("v5", lang=lang), "en-US")
    assert shown == keyed
    if isinstance(keyed, dict):
        assert list(shown or ()) == list(keyed)


def test_change_reaches_texts_and_nothing_else() -> None:
    assert resolve(BOTH, View("v4", lang="fr"), "en-US", str.upper) == "JEUX"
    assert resolve({"en-US": "a", "fr": ""}, View("v4"), "en-US", lambda text: f"<{text}>") == {
        "en-US": "<a>",
        "fr": "",
    }
    assert resolve(BOTH, View("v5", lang="de"), "en-US", str.upper) == {
        "en-US": "GAMES",
        "de": None,
        "_default": "en-US",
    }


LOCALES = st.sampled_from(["en-US", "fr", "de", "pt-BR", "zh-CN", "ja"])
TEXTS = st.dictionaries(LOCALES, st.text(max_size=5), max_size=5)


@given(TEXTS, LOCALES, LOCALES, st.sampled_from(["v3", "v4", "v5"]))
def test_one_language_says_the_same_in_every_version(
    translated: dict[str, str], lang: str, default: str, version: str
) -> None:
    shown = resolve(translated, View(version, lang=lang), default)
    expected = best(translated, lang, default)
    if version != "v5" or expected is None:
        assert shown == expected
    else:
        assert isinstance(shown, dict)
        assert shown[shown.get("_default") or lang] == expected


@given(TEXTS, LOCALES, LOCALES, st.booleans())
def test_all_languages_are_a_part_of_what_is_stored(
    translated: dict[str, str], locale: str, default: str, compact: bool
) -> None:
    shown = resolve(translated, View("v5", locale=locale), default, compact=compact)
    if shown is None:
        assert best(translated, locale, default) is None
    else:
        assert isinstance(shown, dict)
        assert shown.items() <= translated.items()
        assert has_text(translated)


def test_texts_written_in_english_fall_back_to_it() -> None:
    assert fallback_locale({"en-US": "Fixes."}, "de") == "en-US"
    assert fallback_locale({"en-US": "Fixes.", "de": "Behoben."}, "de") == "de"
    assert fallback_locale(None, "de") == "en-US"


def test_built_in_licence_name_has_the_locales_that_concern_the_caller() -> None:
    assert license_name("MPL-2.0", View("v4"), "en-US") == {"en-US": "Mozilla Public License 2.0"}
    everyone = license_name("all-rights-reserved", View("v4", locale="fr"), "de")
    assert everyone["en-US"] == "All Rights Reserved"
    assert set(everyone) <= {"en-US", "fr", "de"}
    with pytest.raises(KeyError):
        license_name("home-made", View("v4"), "en-US")
