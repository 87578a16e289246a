"""The supported locales (`locales.toml`), and the locale of a request.

    request_locale("pt-br", None)             -> "pt-BR"
    request_locale("xx", "de;q=0.5, sv")      -> "sv-SE"
    chain("es_CO")                            -> ("es-CO", "es", "es-ES")

Pure functions with bounded caches: safe from any thread, and cheap enough for every request.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from conf.limits import MAX_ACCEPT_LANGUAGE, MAX_LANG
from conf.tables import read_table

DEFAULT_LOCALE: Final = "en-US"

_TABLES: Final = read_table("locales.toml")
SUPPORTED: Final[tuple[str, ...]] = tuple(_TABLES["supported"])
SIBLINGS: Final[dict[str, str]] = _TABLES["siblings"]  # language -> the locale that is used for it
ANALYZERS: Final[dict[str, str]] = {
    locale: analyzer for analyzer, locales in _TABLES["analyzers"].items() for locale in locales
}

_BY_LOWER: Final = {locale.lower(): locale for locale in SUPPORTED}
_SUPPORTED: Final = frozenset(SUPPORTED)
# A language of letters, then script, region and so on (RFC 5646; `_` is allowed for `-`).
_CODE: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_CASES: Final = {2: str.upper, 4: str.title}  # of countries and scripts; variants are in lower case
# The code of RFC 5646 for an unknown language; no text is in it.
UNDETERMINED: Final = "und"


def is_code(lang: str) -> bool:
    """Whether a text has the form of a language code, known or not."""
    return len(lang) <= MAX_LANG and _CODE.fullmatch(lang) is not None


@lru_cache(maxsize=1024)
def _normalise_case(code: str) -> str:
    first, *subtags = code.replace("_", "-").lower().split("-")
    return "-".join([first, *(_CASES.get(len(part), str)(part) for part in subtags)])


def canonical(code: str) -> str:
    """The `ll-RR` spelling of any code, supported or not: `EN_us` -> `en-US`, `JA-jp-MAC` -> `ja-JP-mac`.

    Callers see the result as a key of a translated field (contract/requests.md 7.3).
    """
    if len(code) > MAX_LANG:
        return code
    return _BY_LOWER.get(code.lower()) or _normalise_case(code)


def chain(code: str) -> tuple[str, ...]:
    """The locales in which a reader of a language looks for a text, best first (contract/versions.md 14).

    The requested locale, less exact ones (RFC 4647, 3.4), then the sibling of the language.
    index/shapes/translated_fields.py chooses for a text that has none of them.
    """
    return _chain(code) if len(code) <= MAX_LANG else (code,)


@lru_cache(maxsize=2048)
def _chain(code: str) -> tuple[str, ...]:
    parts = canonical(code).split("-")
    shorter = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*shorter, SIBLINGS.get(parts[0], parts[0])]))


@lru_cache(maxsize=2048)
def _supported(code: str) -> str | None:
    return next((locale for locale in _chain(code) if locale in _SUPPORTED), None)


def normalise(lang: str | None) -> str | None:
    """The supported locale for readers of a language; None if there is none."""
    if not lang or len(lang) > MAX_LANG:
        return None
    return _supported(lang.strip())


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(float(value), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _by_quality(header: str) -> Iterable[str]:
    """The language ranges of the header, best first; equal ones as they were sent; those with q=0 are left
    out.
    """
    ranges = []
    for entry in header.split(","):
        code, _, parameters = entry.partition(";")
        quality = _quality(parameters)
        if code.strip() and quality > 0:
            ranges.append((quality, code.strip()))
    return (code for _, code in sorted(ranges, key=lambda item: -item[0]))


@lru_cache(maxsize=2048)
def _negotiated(header: str) -> str:
    for code in _by_quality(header):
        locale = normalise(code)
        if locale:
            return locale
    return DEFAULT_LOCALE


def negotiate(accept_language: str | None) -> str:
    """The supported locale an Accept-Language header asks for, else `en-US`.

    Ranges are tried in the order of their quality (contract/requests.md 6, step 3).
    """
    if not accept_language:
        return DEFAULT_LOCALE
    return _negotiated(accept_language[:MAX_ACCEPT_LANGUAGE])


def request_locale(lang: str | None, accept_language: str | None) -> str:
    """The language of a request: its `lang` parameter, else Accept-Language, else `en-US`."""
    return normalise(lang) or negotiate(accept_language)


def analyzer(locale: str) -> str | None:
    """The name of the analyzer for texts of a locale, supported or not; None if there is none."""
    return next((ANALYZERS[name] for name in chain(locale) if name in ANALYZERS), None)
