"""The language of a request (reference/conventions.md 6)."""

import pytest

from conf import locales
from conf.locales import SUPPORTED, canonical, locales_sharing, negotiate, normalise, request_locale


@pytest.mark.parametrize(
    ("lang", "locale"),
    [
        pytest.param("fr", "fr", id="exact"),
        pytest.param("pt-br", "pt-BR", id="exact in another case"),
        pytest.param("FR-ca", "fr", id="the part before the hyphen"),
        pytest.param("es-CO", "es", id="a country of Spanish without a locale"),
        pytest.param("pt", None, id="the short table is not for lang"),
        pytest.param("en", None, id="nor for English"),
        pytest.param("xx", None, id="unknown"),
        pytest.param("", None, id="empty is absent"),
        pytest.param(None, None, id="absent"),
        pytest.param("-", None, id="no code"),
        pytest.param("fr\x00", None, id="control character"),
        pytest.param("fr-" + "x" * 100_000, None, id="too long to be a code"),
    ],
)
def test_normalise(lang: str | None, locale: str | None) -> None:
    assert normalise(lang) == locale


@pytest.mark.parametrize("locale", SUPPORTED)
def test_every_supported_locale_is_found_in_any_case(locale: str) -> None:
    assert normalise(locale.upper()) == normalise(locale.lower()) == canonical(locale.upper()) == locale


@pytest.mark.parametrize(
    ("code", "spelled"),
    [
        ("en-us", "en-US"),
        ("EN_us", "en-US"),
        ("xx", "xx"),
        ("XX-yy", "xx-YY"),
        ("bn-bd", "bn-BD"),
        ("sr-latn-rs", "sr-Latn-RS"),
        ("HSB", "hsb"),
    ],
)
def test_canonical_spelling(code: str, spelled: str) -> None:
    assert canonical(code) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        pytest.param("de", "de", id="exact"),
        pytest.param("de-AT, en;q=0.5", "de", id="prefix"),
        pytest.param("pt", "pt-PT", id="short table"),
        pytest.param("zh-HK", "zh-CN", id="prefix expanded by the short table"),
        pytest.param("en", "en-US", id="English"),
        pytest.param("en-GB,en;q=0.9", "en-GB", id="exact before expanded"),
        pytest.param("fr;q=0.2, ja;q=0.8, ko;q=0.5", "ja", id="quality decides"),
        pytest.param("fr;q=0.5, ja;q=0.5", "fr", id="equal quality keeps the order"),
        pytest.param("xx, yy;q=0.9, sv;q=0.1", "sv-SE", id="unknown ones are passed over"),
        pytest.param("fr;q=0, de;q=0.1", "de", id="quality zero means never"),
        pytest.param("fr;Q=0.1 , de ; q=0.9", "de", id="blanks and upper case"),
        pytest.param("fr;q=x, de;q=0.1", "de", id="an unreadable quality is none"),
        pytest.param("*", "en-US", id="anything"),
        pytest.param("*, fr;q=0.5", "fr", id="anything is no locale"),
        pytest.param("", "en-US", id="empty"),
        pytest.param(None, "en-US", id="absent"),
        pytest.param(",;=,;;q=1,=", "en-US", id="rubbish"),
        pytest.param("fr\x00, de", "de", id="control character"),
        pytest.param("x," * 100_000 + "fr", "en-US", id="cut where no browser goes"),
    ],
)
def test_negotiate(header: str | None, locale: str) -> None:
    assert negotiate(header) == locale


@pytest.mark.parametrize(
    ("lang", "header", "locale"),
    [
        pytest.param("fr", "de", "fr", id="lang first"),
        pytest.param("xx", "de", "de", id="unknown lang falls to the header"),
        pytest.param("pt", "sv", "sv-SE", id="so does a short one"),
        pytest.param(None, None, "en-US", id="else English"),
    ],
)
def test_request_locale(lang: str | None, header: str | None, locale: str) -> None:
    assert request_locale(lang, header) == locale


def test_tables_name_supported_locales_only() -> None:
    assert set(locales.ANALYZERS) <= set(SUPPORTED)
    assert set(locales.SHORT_LOCALES.values()) <= set(SUPPORTED)
    assert len(set(SUPPORTED)) == len(SUPPORTED)
    assert all(canonical(locale.lower()) == locale for locale in SUPPORTED)


@pytest.mark.parametrize(
    ("locale", "analyzer", "sharing"),
    [
        ("en-GB", "english", {"en-US", "en-CA", "en-GB"}),
        ("ja", "cjk", {"ja", "ko"}),
        ("zh-TW", "chinese", {"zh-CN", "zh-TW"}),
        ("pt-BR", "brazilian", {"pt-BR"}),
        ("es-MX", "spanish", {"es", "es-AR", "es-CL", "es-ES", "es-MX"}),
        ("pl", None, set()),
    ],
)
def test_analyzers(locale: str, analyzer: str | None, sharing: set[str]) -> None:
    assert locales.analyzer(locale) == analyzer
    assert set(locales_sharing(analyzer or "none")) == sharing


def test_caches_are_bounded() -> None:
    for number in range(5000):
        normalise(f"q{number}")
        negotiate(f"q{number}")
    assert locales._supported.cache_info().currsize <= 1024
    assert locales._negotiated.cache_info().currsize <= 2048
