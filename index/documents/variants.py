"""How many different answers an add-on has for readers of all languages, and which is a caller's.

    variants(frozenset({"de", "en-US"}))        -> one (lang, locale) for each of them
    variant(frozenset({"de", "en-US"}), "de-AT", "de")  -> its number; None: none of them is this caller's

What a reader sees of authors' texts depends on which of the locales that have any are in the chain of
the language (conf/locales.py), whether the first of them is the very one asked for, and whether `lang`
was given at all. Pure, behind bounded caches.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from conf.locales import DEFAULT_LOCALE, SUPPORTED, chain, normalise

Reader = tuple[str | None, str]  # `lang`, and the request language

# A language of another country than those that are supported.
_ELSEWHERE: Final = tuple(dict.fromkeys(f"{locale.partition('-')[0]}-ZZ" for locale in SUPPORTED))

# All who ask in a language of the site, with `lang` and without.
USUAL: Final = {
    reader: place
    for place, reader in enumerate((lang, locale) for locale in SUPPORTED for lang in (locale, None))
}


class VariantKey(NamedTuple):
    is_asked: bool  # `lang` was given
    is_exact: bool  # there is text in the very language
    locales: tuple[str, ...]  # of the chain, in which there is text


def key_of(reader: Reader, locales: frozenset[str]) -> VariantKey:
    lang, locale = reader
    language = lang or locale
    found = tuple(one for one in chain(language) if one in locales)
    return VariantKey(lang is not None, found[:1] == (lang,), found)


@lru_cache(maxsize=4096)
def _numbered(locales: frozenset[str]) -> dict[VariantKey, tuple[int, Reader]]:
    asked = (*SUPPORTED, *_ELSEWHERE, *sorted(locales))
    readers: list[Reader] = [(None, locale) for locale in SUPPORTED]
    readers += [(lang, normalise(lang) or DEFAULT_LOCALE) for lang in asked]
    found: dict[VariantKey, Reader] = {}
    for reader in readers:
        found.setdefault(key_of(reader, locales), reader)
    return {key: (number, reader) for number, (key, reader) in enumerate(found.items())}


@lru_cache(maxsize=4096)
def variants(locales: frozenset[str]) -> tuple[Reader, ...]:
    """A reader of each."""
    return tuple(reader for _, reader in _numbered(locales).values())


class Groups(NamedTuple):
    of_variants: tuple[int, ...]
    readers: tuple[Reader, ...]  # one of each group


@lru_cache(maxsize=16384)
def groups(
    locales: frozenset[str], texts: tuple[str, ...], default: str, *, flat: bool, by_locale: bool
) -> Groups:
    """Which of the variants see the same of one translated text (index/shapes/translated_fields.py).

    `texts` are its locales that are not blank; `by_locale`: as for `View.choose`.
    """
    found: dict[tuple[bool, str | None, bool], tuple[int, Reader]] = {}
    numbers = []
    for reader in variants(locales):
        lang, locale = reader
        seen = None
        if lang is not None or by_locale:
            languages = (*chain(lang or locale), *chain(default))
            seen = next((one for one in languages if one in texts), None)
        is_own = flat or lang is None or seen == lang or (seen != default and seen in chain(lang))
        number, _ = found.setdefault((lang is None, seen, is_own), (len(found), reader))
        numbers.append(number)
    return Groups(tuple(numbers), tuple(reader for _, reader in found.values()))


@lru_cache(maxsize=4096)
def usual_variants(locales: frozenset[str]) -> tuple[int | None, ...]:
    return tuple(variant(locales, *reader) for reader in USUAL)


def variant(locales: frozenset[str], lang: str | None, locale: str) -> int | None:
    found = _numbered(locales).get(key_of((lang, locale), locales))
    return found and found[0]
