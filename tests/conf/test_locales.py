"""The language of a request (contract/requests.md 6)."""

import pytest

from conf import locales
from conf.locales import SUPPORTED, analyzer, canonical, chain, negotiate, normalise, request_locale
from tests.sweep import sweep


@pytest.mark.parametrize(
    ("lang", "locale"),
    [
        pytest.param("fr", "fr", id="exact"),
        pytest.param("pt-br", "pt-BR", id="exact in another case"),
        pytest.param("FR-ca", "fr", id="the part before the hyphen"),
        pytest.param("es-CO", "es", id="a country of Spanish without a locale"),
        pytest.param("es-ES", "es-ES", id="a country of Spanish with one"),
        pytest.param("pt", "pt-PT", id="the country that stands for it"),
        pytest.param("en", "en-US", id="of English"),
        pytest.param("zh-HK", "zh-CN", id="a country without a locale, then the one that stands for it"),
        pytest.param("de_AT", "de", id="underscore"),
        pytest.param("el-GR", "el", id="a country nobody needs"),
        pytest.param("ja-JP-mac", "ja", id="Firefox on a Mac"),
        pytest.param("bn-BD", "bn", id="the old name of a locale"),
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


@sweep("locale", SUPPORTED)
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
        ("JA-jp-MAC", "ja-JP-mac"),
        ("ca-VALENCIA", "ca-valencia"),
        ("de_at", "de-AT"),
        ("HSB", "hsb"),
    ],
)
def test_canonical_spelling(code: str, spelled: str) -> None:
    assert canonical(code) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    ("code", "locales"),
    [
        pytest.param("fr", ["fr"], id="a language alone"),
        pytest.param("de-AT", ["de-AT", "de"], id="the base language"),
        pytest.param("DE_at", ["de-AT", "de"], id="in any spelling"),
        pytest.param("es", ["es", "es-ES"], id="the country that stands for a language"),
        pytest.param("es-ES", ["es-ES", "es"], id="no country twice"),
        pytest.param("es-MX", ["es-MX", "es", "es-ES"], id="another country"),
        pytest.param("pt-BR", ["pt-BR", "pt", "pt-PT"], id="with a locale of its own"),
        pytest.param("zh-HK", ["zh-HK", "zh", "zh-CN"], id="Chinese"),
        pytest.param("en-GB", ["en-GB", "en", "en-US"], id="English"),
        pytest.param("nb", ["nb", "nb-NO"], id="a language of one country"),
        pytest.param("bn", ["bn", "bn-BD"], id="texts of an older name"),
        pytest.param("ja-JP-mac", ["ja-JP-mac", "ja-JP", "ja"], id="part by part"),
        pytest.param("sr-Latn-RS", ["sr-Latn-RS", "sr-Latn", "sr"], id="script before country"),
        pytest.param("xx", ["xx"], id="unknown"),
        pytest.param("-", ["-", ""], id="no code"),
        pytest.param("x" * 100_000, ["x" * 100_000], id="too long to be a code"),
    ],
)
def test_chain(code: str, locales: list[str]) -> None:
    assert list(chain(code)) == locales


@sweep("locale", SUPPORTED)
def test_a_supported_locale_is_first_for_itself(locale: str) -> None:
    assert chain(locale)[0] == locale
    assert normalise(locale.partition("-")[0]) is not None


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
        pytest.param("pt", "sv", "pt-PT", id="a short one is known"),
        pytest.param(None, None, "en-US", id="else English"),
    ],
)
def test_request_locale(lang: str | None, header: str | None, locale: str) -> None:
    assert request_locale(lang, header) == locale


def test_tables_name_supported_locales_only() -> None:
    assert set(locales.ANALYZERS) <= set(SUPPORTED)
    assert set(locales.SIBLINGS.values()) - set(SUPPORTED) == {"bn-BD"}
    assert len(set(SUPPORTED)) == len(SUPPORTED)
    assert all(canonical(locale.lower()) == locale for locale in SUPPORTED)


@pytest.mark.parametrize(
    ("locale", "name"),
    [
        ("en-GB", "english"),
        ("ja", "cjk"),
        ("zh-TW", "chinese"),
        ("pt-BR", "brazilian"),
        ("es-MX", "spanish"),
        ("es-CO", "spanish"),
        ("de-AT", "german"),
        ("ja-JP-mac", "cjk"),
        ("pl", None),
        ("xx", None),
    ],
)
def test_analyzers(locale: str, name: str | None) -> None:
    assert analyzer(locale) == name


def test_caches_are_bounded() -> None:
    for number in range(5000):
        normalise(f"q{number}")
        negotiate(f"q{number}")
        chain(f"q{number}-AB")
    assert locales._supported.cache_info().currsize <= 2048
    assert locales._chain.cache_info().currsize <= 2048
    assert locales._negotiated.cache_info().currsize <= 2048
