"""The translation catalogues: one TOML file a locale, read when first needed.

A catalogue `<locale>.toml` has two tables: `[texts]`, keyed as
`conf/messages.toml` keys the English texts, and `[names]`, keyed by the English
name (categories, licences). Whatever a catalogue lacks is said in English.

Loaded files are never changed, so any thread may read them.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from conf.locales import DEFAULT_LOCALE, SUPPORTED, chain
from conf.tables import read_table

_SUFFIX: Final = ".toml"
MessageCatalogue = Mapping[str, Mapping[str, str]]


@cache
def translated_locales() -> tuple[str, ...]:
    """The locales that have a catalogue, in the order of SUPPORTED."""
    folder = resources.files("conf") / "translations"
    present = {entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir()}
    return tuple(locale for locale in SUPPORTED if locale in present)


def catalogue(locale: str) -> MessageCatalogue:
    """The catalogue of a locale; empty if there is none."""
    return _read(locale) if locale in translated_locales() else {}


@cache
def _read(locale: str) -> MessageCatalogue:
    return read_table(f"translations/{locale}{_SUFFIX}")


@lru_cache(maxsize=8192)
def _translated(table: str, key: str, locale: str) -> str | None:
    for candidate in chain(locale):
        text = catalogue(candidate).get(table, {}).get(key)
        if text is not None:
            return text
    return None


def text(key: str, locale: str) -> str | None:
    """The template of a locale for a key of `conf/messages.toml`; None if it is in English."""
    return _translated("texts", key, locale)


def name(english: str, locale: str) -> str:
    """An English name in a supported locale, unchanged if no catalogue has it."""
    return _translated("names", english, locale) or english


def all_names(english: str) -> dict[str, str]:
    """The name by locale: English, then every locale with another name."""
    names = {DEFAULT_LOCALE: english}
    for locale in SUPPORTED:
        local_name = name(english, locale)
        if local_name != english:
            names[locale] = local_name
    return names
