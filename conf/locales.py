"""Which locales the site speaks (`locales.toml`), and how a request names one.

    request_locale("pt-br", None)             -> "pt-BR"
    request_locale("xx", "de;q=0.5, sv")      -> "sv-SE"
    chain("es_CO")                            -> ("es-CO", "es", "es-ES")

Pure functions of their arguments, bounded caches in front of them: safe from
any thread, and cheap enough to run on every request.
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
SIBLINGS: Final[dict[str, str]] = _TABLES["siblings"]  # language -> the country that stands for it
ANALYZERS: Final[dict[str, str]] = {
    locale: analyzer for analyzer, locales in _TABLES["analyzers"].items() for locale in locales
}

_BY_LOWER: Final = {locale.lower(): locale for locale in SUPPORTED}
_SUPPORTED: Final = frozenset(SUPPORTED)
# A primary language of letters, then script, region and the like (RFC 5646, `_` as good as `-`).
_CODE: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_CASES: Final = {2: str.upper, 4: str.title}  # of countries and scripts; variants are in lower case
# RFC 5646's code for a language that cannot be told: no text is in it.
UNDETERMINED: Final = "und"


def is_code(lang: str) -> bool:
    """Whether a text can be a language code, of a language anybody knows or not."""
    return len(lang) <= MAX_LANG and _CODE.fullmatch(lang) is not None


@lru_cache(maxsize=1024)
def _spelled(code: str) -> str:
    first, *subtags = code.replace("_", "-").lower().split("-")
    return "-".join([first, *(_CASES.get(len(part), str)(part) for part in subtags)])


def canonical(code: str) -> str:
    """The `ll-RR` spelling of any code, supported or not: `EN_us` -> `en-US`, `JA-jp-MAC` -> `ja-JP-mac`.

    Callers see the result as a key of a translated field (contract/requests.md 7.3).
    """
    if len(code) > MAX_LANG:
        return code
    return _BY_LOWER.get(code.lower()) or _spelled(code)


def chain(code: str) -> tuple[str, ...]:
    """The locales in which a reader of a language looks for a text, best first (contract/versions.md 14).

    The one asked for, the less exact ones (RFC 4647, 3.4), the country that stands for the language.

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
    """The supported locale that readers of a language have, None where there is none."""
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
    """Language ranges, best first; equal ones stay as sent; q=0 means never."""
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

    The ranges go in the order of their quality (contract/requests.md 6, step 3).
    """
    if not accept_language:
        return DEFAULT_LOCALE
    return _negotiated(accept_language[:MAX_ACCEPT_LANGUAGE])


def request_locale(lang: str | None, accept_language: str | None) -> str:
    """The language of a request: its `lang` parameter, else Accept-Language, else `en-US`."""
    return normalise(lang) or negotiate(accept_language)


def analyzer(locale: str) -> str | None:
    """The name of the analysis that reads texts of a locale, supported or not; None where there is none."""
    return next((ANALYZERS[name] for name in chain(locale) if name in ANALYZERS), None)
