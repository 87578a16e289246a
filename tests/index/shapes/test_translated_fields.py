"""Translated fields: the three forms of contract/requests.md 7.

Rules: contract/requests.md 7.3 and 7.4.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.shapes.translated_fields import best, fallback_locale, has_text, license_names, resolve
from index.shapes.view import View
from tests.sweep import sweep

BOTH = {"en-US": "Games", "fr": "Jeux"}


@sweep("version", ["v3", "v4", "v5"])
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
    resolved = resolve(translated, View("v5", lang=lang), "en-US")
    assert resolved == keyed
    if isinstance(keyed, dict):
        assert list(resolved or ()) == list(keyed)


SPOKEN = {
    "en-US": "English",
    "en-GB": "British",
    "de": "Deutsch",
    "es": "español",
    "pt-BR": "brasileiro",
    "pt-PT": "português",
    "ja": "日本語",
    "el": "ελληνικά",
    "zh-CN": "简体",
    "zh-TW": "繁體",
    "bn-BD": "বাংলা",
    "fr": " ",
    "ca-valencia": "valencià",
}


@pytest.mark.parametrize(
    ("lang", "locale"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("es", "es"),
        ("es-ES", "es"),
        ("es-MX", "es"),
        ("pt", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("pt-BR", "pt-BR"),
        ("ja-JP-mac", "ja"),
        ("el-GR", "el"),
        ("zh", "zh-CN"),
        ("zh-HK", "zh-CN"),
        ("zh-TW", "zh-TW"),
        ("bn", "bn-BD"),
        ("ca-valencia", "ca-valencia"),
        ("en-GB", "en-GB"),
        ("en-US", "en-US"),
        pytest.param("en-CA", None, id="en-CA, whose sibling is the default"),
        pytest.param("fr-CA", None, id="fr-CA, whose text is blank"),
        pytest.param("ca", None, id="ca, of which there is a variant alone"),
        pytest.param("xx", None, id="xx, which nobody speaks"),
    ],
)
def test_a_language_resolves_along_its_chain(lang: str, locale: str | None) -> None:
    """`locale` None: the default's text, told from what was asked for."""
    text = SPOKEN[locale or "en-US"]
    for version in ("v3", "v4"):
        assert resolve(SPOKEN, View(version, lang=lang), "en-US") == text
    keyed = {locale: text} if locale else {"en-US": text, lang: None, "_default": "en-US"}
    resolved = resolve(SPOKEN, View("v5", lang=lang), "en-US")
    assert resolved == keyed
    assert list(resolved or ()) == list(keyed)


@pytest.mark.parametrize(
    ("default", "stored", "lang", "keyed"),
    [
        ("es-ES", {"es": "hola"}, "fr", {"es": "hola", "fr": None, "_default": "es"}),
        ("es", {"es-ES": "hola"}, "fr", {"es-ES": "hola", "fr": None, "_default": "es-ES"}),
        ("es", {"es-ES": "hola"}, "es-MX", {"es-ES": "hola"}),
        ("de", {"de": "hallo"}, "de-AT", {"de": "hallo", "de-AT": None, "_default": "de"}),
        ("de", {"en-US": "hello", "de": "hallo"}, "en", {"en-US": "hello"}),
    ],
)
def test_the_default_has_a_chain_too(default: str, stored: Any, lang: str, keyed: Any) -> None:
    assert resolve(stored, View("v5", lang=lang), default) == keyed
    assert resolve(stored, View("v4", lang=lang), default) == next(iter(keyed.values()))
    assert resolve(stored, View("v5", locale="fr"), default) == stored


def test_without_lang_the_request_language_has_a_chain_as_well() -> None:
    assert resolve({"es": "hola"}, View("v4", locale="es-MX"), "en-US") == {"es": "hola"}
    assert resolve({"es": "hola"}, View("v4", locale="fr"), "en-US") is None


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


LOCALES = st.sampled_from(
    ["en-US", "en-GB", "fr", "de", "de-AT", "pt", "pt-BR", "pt-PT", "zh-CN", "es", "es-ES"]
)
TEXTS = st.dictionaries(LOCALES, st.text(max_size=5), max_size=5)


# The ruling in its own words, for the locales above: as asked, base language, AMO's sibling.
SIBLING = {"en": "en-US", "pt": "pt-PT", "es": "es-ES", "zh": "zh-CN"}


def looked_for(lang: str) -> list[str]:
    base = lang.split("-")[0]
    return [lang, base, *([SIBLING[base]] if base in SIBLING else [])]


@given(TEXTS, LOCALES, LOCALES, st.sampled_from(["v3", "v4", "v5"]))
def test_every_version_gives_the_text_that_comes_first(
    translated: dict[str, str], lang: str, default: str, version: str
) -> None:
    resolved = resolve(translated, View(version, lang=lang), default)
    chain = [*looked_for(lang), *looked_for(default)]
    locale = next((locale for locale in chain if translated.get(locale, "").strip()), None)
    if locale is None:
        assert resolved is None
    elif version != "v5":
        assert resolved == translated[locale]
    else:
        is_exact = locale == lang or (locale in looked_for(lang) and locale != default)
        expected = {locale: translated[locale]}
        assert resolved == (expected if is_exact else {**expected, lang: None, "_default": locale})


@given(TEXTS, LOCALES, LOCALES, st.booleans())
def test_all_languages_are_a_part_of_what_is_stored(
    translated: dict[str, str], locale: str, default: str, compact: bool
) -> None:
    resolved = resolve(translated, View("v5", locale=locale), default, compact=compact)
    if resolved is None:
        assert best(translated, locale, default) is None
    else:
        assert isinstance(resolved, dict)
        assert resolved.items() <= translated.items()
        assert has_text(translated)


def test_texts_written_in_english_fall_back_to_it() -> None:
    assert fallback_locale({"en-US": "Fixes.", "es": "Arreglos."}, "es-ES") == "es"
    assert fallback_locale({"en-US": "Fixes."}, "de") == "en-US"
    assert fallback_locale({"en-US": "Fixes.", "de": "Behoben."}, "de") == "de"
    assert fallback_locale(None, "de") == "en-US"


def test_built_in_licence_name_has_the_locales_that_concern_the_caller() -> None:
    assert license_names("MPL-2.0", View("v4"), "en-US") == {"en-US": "Mozilla Public License 2.0"}
    everyone = license_names("all-rights-reserved", View("v4", locale="fr"), "de")
    assert everyone["en-US"] == "All Rights Reserved"
    assert set(everyone) == {"en-US", "fr", "de"}
    assert set(license_names("all-rights-reserved", View("v5", lang="de-AT"), "en-US")) == {"en-US", "de"}
    with pytest.raises(KeyError):
        license_names("home-made", View("v4"), "en-US")
