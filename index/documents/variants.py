"""The different answers that an add-on has for readers of all languages, its variants.

    variants(frozenset({"de", "en-US"}))        -> for each variant a (lang, locale) that reads it
    variant(frozenset({"de", "en-US"}), "de-AT", "de")  -> the number of a reader's; None: there is none

The locales are those in which the add-on has any text. Which of the texts a reader sees depends on which of
these locales are in the fallback chain of the language (conf/locales.py), on whether the first of them is
exactly the requested one, and on whether `lang` was given at all. Pure functions behind bounded caches.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from conf.locales import DEFAULT_LOCALE, SUPPORTED, chain, normalise

Reader = tuple[str | None, str]  # `lang`, and the request language

# The supported languages in a region that is not.
_OTHER_REGIONS: Final = tuple(dict.fromkeys(f"{locale.partition('-')[0]}-ZZ" for locale in SUPPORTED))

# All readers in the site's own locales, with `lang` and without, and the place of each.
SITE_READERS: Final = {
    reader: place
    for place, reader in enumerate((lang, locale) for locale in SUPPORTED for lang in (locale, None))
}


class VariantKey(NamedTuple):
    has_lang: bool  # `lang` was given
    is_exact: bool  # there is text in exactly that language
    locales: tuple[str, ...]  # of the fallback chain, in which there is text


def variant_key(reader: Reader, locales: frozenset[str]) -> VariantKey:
    lang, locale = reader
    in_chain = tuple(fallback for fallback in chain(lang or locale) if fallback in locales)
    return VariantKey(lang is not None, in_chain[:1] == (lang,), in_chain)


@lru_cache(maxsize=4096)
def _variants_by_key(locales: frozenset[str]) -> dict[VariantKey, tuple[int, Reader]]:
    langs = (*SUPPORTED, *_OTHER_REGIONS, *sorted(locales))
    readers: list[Reader] = [(None, locale) for locale in SUPPORTED]
    readers += [(lang, normalise(lang) or DEFAULT_LOCALE) for lang in langs]
    first_readers: dict[VariantKey, Reader] = {}
    for reader in readers:
        first_readers.setdefault(variant_key(reader, locales), reader)
    return {key: (number, reader) for number, (key, reader) in enumerate(first_readers.items())}


@lru_cache(maxsize=4096)
def variants(locales: frozenset[str]) -> tuple[Reader, ...]:
    """A reader of each variant."""
    return tuple(reader for _, reader in _variants_by_key(locales).values())


class VariantGroups(NamedTuple):
    by_variant: tuple[int, ...]  # the group of each variant
    readers: tuple[Reader, ...]  # a reader of each group


@lru_cache(maxsize=16384)
def group_variants(
    locales: frozenset[str], texts: tuple[str, ...], default: str, *, flat: bool, by_locale: bool
) -> VariantGroups:
    """Variants that show one translated text alike (index/shapes/translated_fields.py), as groups.

    `texts` are the locales in which it is not blank; `by_locale` as in `View.choose`.
    """
    groups: dict[tuple[bool, str | None, bool], tuple[int, Reader]] = {}
    numbers = []
    for reader in variants(locales):
        lang, locale = reader
        chosen = None
        if lang is not None or by_locale:
            languages = (*chain(lang or locale), *chain(default))
            chosen = next((language for language in languages if language in texts), None)
        # Whether the text stands under its own language alone, without `_default` beside it.
        is_alone = flat or lang is None or chosen == lang or (chosen != default and chosen in chain(lang))
        number, _ = groups.setdefault((lang is None, chosen, is_alone), (len(groups), reader))
        numbers.append(number)
    return VariantGroups(tuple(numbers), tuple(reader for _, reader in groups.values()))


@lru_cache(maxsize=4096)
def site_variants(locales: frozenset[str]) -> tuple[int | None, ...]:
    return tuple(variant(locales, *reader) for reader in SITE_READERS)


def variant(locales: frozenset[str], lang: str | None, locale: str) -> int | None:
    numbered = _variants_by_key(locales).get(variant_key((lang, locale), locales))
    return numbered and numbered[0]
