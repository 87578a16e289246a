"""Objects rendered once for callers of all languages: a page of them is pick, join, replace.

    record = compile_object(view, lambda view: shapes.row(addon, users, view)).pack(dictionary)
    view = View("v5", lang="fr")
    text = pick(record, view, dictionary)   -> all but the closing brace; None: no variant is for this caller
    finish([text + b"}"], view)             -> [the JSON of that object], for a whole page at once
    finish_array([text + b"}"], view)       -> the same as one JSON array

Little of an object depends on its caller. Control characters, which JSON never contains, stand for the
language and application in addresses until a page is finished; the site's own texts (names of licences, for
instance) are filled in then, too. Authors' texts are chosen when the object is compiled: as they are in few
languages, a few variants serve readers of all languages (variants.py).

A record holds the number of each variant's text, and the texts. These share nearly everything, so the first
is the dictionary of the others. They lack the closing brace, so that one more key can be appended. Numbers
are in the machine's own byte order. For readers in the site's locales the record says at once which text is
theirs, because to work it out from the variants would take too long.
"""

import struct
from array import array
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, NamedTuple

import orjson
from lz4.block import compress, decompress

from conf.locales import DEFAULT_LOCALE
from conf.model.addons import Translated
from index.documents.compression import compact_copy
from index.documents.variants import SITE_READERS, group_variants, site_variants, variant, variants
from index.shapes.fields import category_name
from index.shapes.parts import anonymous_name
from index.shapes.translated_fields import FLAT, is_blank, translated_license_name
from index.shapes.versions import Shape
from index.shapes.view import APP_MARK, LANG_MARK, LOCALE_MARK, TOKEN, View

_LOCALE, _APP, _LANG, _CHOICE, _SITE_TEXT, _NEXT = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"
_TOKEN: Final = TOKEN.encode()  # that all marks begin with
_MARKS: Final = tuple(
    (mark.encode(), sign) for mark, sign in ((LOCALE_MARK, _LOCALE), (APP_MARK, _APP), (LANG_MARK, _LANG))
)
# By the names that records have, which stay whatever the functions are called.
_SITE_TEXTS: Final[dict[str, Callable[..., Any]]] = {
    "said_license": translated_license_name,
    "anonymous_name": anonymous_name,
    "category_name": category_name,
}
_SITE_TEXT_NAMES: Final = {make: name for name, make in _SITE_TEXTS.items()}

# The length of `readers`, the number of texts, where the first one ends; the text that most of SITE_READERS
# with `lang` have, the same without `lang`, and how many have another: their places follow, then their texts.
_HEADER: Final = struct.Struct("=HHIBBB")
_BOUNDS: Final = struct.Struct("=II")  # where a text begins and ends


class _Choice(NamedTuple):
    """A call of `View.choose`, put off."""

    make: Callable[[View], Any]
    texts: tuple[str, ...]  # the locales that are not blank
    default: str
    by_locale: bool


class _Template(View):
    """A view that puts off what depends on the caller."""

    __slots__ = ("choices",)
    choices: list[_Choice]

    def __init__(self, view: View) -> None:
        super().__init__(view.version, wrap=view.wrap, grouped=view.grouped, is_marked=True)
        object.__setattr__(self, "choices", [])

    def choose(
        self, make: Callable[[View], Any], texts: Translated | None, default: str, *, by_locale: bool = False
    ) -> Any:
        filled = tuple(locale for locale, text in (texts or {}).items() if not is_blank(text))
        self.choices.append(_Choice(make, filled, default, by_locale))
        return orjson.Fragment(b"%b%d%b" % (_CHOICE, len(self.choices) - 1, _CHOICE))

    def site_text(self, make: Callable[..., Any], *values: str | int) -> Any:
        return orjson.Fragment(_SITE_TEXT + orjson.dumps([_SITE_TEXT_NAMES[make], *values]) + _SITE_TEXT)


class CompiledObject(NamedTuple):
    """An object for readers of all languages."""

    readers: bytes  # JSON of the locales that `variant` needs, and of each variant's text, by its number
    texts: list[bytes]

    def pack(self, dictionary: bytes) -> bytes:
        """The record; `dictionary` is any text similar to these."""
        first, *further = self.texts
        packed = [compress(first, dict=dictionary), *(compress(text, dict=first) for text in further)]
        locales, numbers = orjson.loads(self.readers)
        by_place = [numbers[number] for number in site_variants(frozenset(locales))]
        commonest = [max(set(half), key=half.count) for half in (by_place[::2], by_place[1::2])]
        others = {place: text for place, text in enumerate(by_place) if text != commonest[place % 2]}
        start = _HEADER.size + 2 * len(others) + len(self.readers) + 4 * len(packed)
        ends = array("I", accumulate(map(len, packed), initial=start))[1:]
        head = _HEADER.pack(len(self.readers), len(packed), ends[0], *commonest, len(others))
        return b"".join((head, bytes(others), bytes(others.values()), self.readers, ends.tobytes(), *packed))


def compile_object(view: View, make: Callable[[View], Shape]) -> CompiledObject:
    """Compile what `make`, a method of a shape, returns for the version and the switches of the view."""
    template = _Template(view)
    pieces = _text(make(template))[:-1].split(_CHOICE)
    choices = [template.choices[int(number)] for number in pieces[1::2]]
    locales = frozenset(locale for choice in choices for locale in choice.texts)
    flat = view.version in FLAT
    values, numbers_by_choice = [], []  # for each choice: its value in each group, each variant's group
    for choice in choices:
        groups = group_variants(locales, choice.texts, choice.default, flat=flat, by_locale=choice.by_locale)
        views = (_reader_view(view.version, view.wrap, view.grouped, *reader) for reader in groups.readers)
        values.append([_text(choice.make(reader_view)) for reader_view in views])
        numbers_by_choice.append(groups.by_variant)
    by_variant = list(zip(*numbers_by_choice, strict=True)) or [()] * len(variants(locales))
    default = by_variant[variant(locales, DEFAULT_LOCALE, DEFAULT_LOCALE) or 0]
    texts: dict[bytes, int] = {}
    numbers: dict[tuple[int, ...], int] = {}
    for chosen in dict.fromkeys((default, *by_variant)):  # first comes the text that most readers get
        pieces[1::2] = [choice_values[group] for choice_values, group in zip(values, chosen, strict=True)]
        numbers[chosen] = texts.setdefault(b"".join(pieces), len(texts))
    readers = orjson.dumps([sorted(locales), [numbers[chosen] for chosen in by_variant]])
    return CompiledObject(readers, list(texts))


@lru_cache(maxsize=4096)
def _reader_view(version: str, wrap: bool, grouped: bool, lang: str | None, locale: str) -> View:
    return View(version, lang, locale, wrap=wrap, grouped=grouped, is_marked=True)


def _text(value: object) -> bytes:
    text = orjson.dumps(value)
    if _TOKEN in text:
        for mark, sign in _MARKS:
            text = text.replace(mark, sign)
    return text


def pick(record: bytes, view: View, dictionary: bytes, start: int = 0) -> bytes | None:
    """The object without its closing brace, to be finished; None if no variant is for the view.

    `dictionary` is the one it was packed with, `start` where the record begins.
    """
    size, count, end, with_lang, without_lang, others = _HEADER.unpack_from(record, start)
    places = start + _HEADER.size
    readers = places + 2 * others
    ends = readers + size
    site_reader = SITE_READERS.get((view.lang, view.lang or view.locale))
    if site_reader is None:
        number = _number(record[readers:ends], view.lang, view.locale)
        if number is None:
            return None
    else:
        place = record.find(site_reader, places, places + others)
        number = record[place + others] if place >= 0 else without_lang if view.lang is None else with_lang
    text: bytes = decompress(record[ends + 4 * count : start + end], dict=dictionary)
    if number:
        begin, end = _BOUNDS.unpack_from(record, ends + 4 * (number - 1))
        text = decompress(record[start + begin : start + end], dict=text)
    return text


def finish(objects: Iterable[bytes], view: View) -> list[bytes]:
    """Picked objects as their caller reads them; those rendered for the caller stay as they are."""
    text = _finished(_NEXT.join(objects), view)
    return text.split(_NEXT) if text else []


def finish_array(objects: Iterable[bytes], view: View) -> bytes:
    """`finish`, as one JSON array."""
    return _finished(b",".join(objects), view, b"[", b"]")


def _finished(text: bytes, view: View, before: bytes = b"", after: bytes = b"") -> bytes:
    pieces = [before]
    start, version, lang, locale = 0, view.version, view.lang, view.locale
    while (begin := text.find(_SITE_TEXT, start)) >= 0:  # `split` takes twice as long
        end = text.find(_SITE_TEXT, begin + 1)
        pieces += text[start:begin], _site_text(text[begin + 1 : end], version, lang, locale)
        start = end + 1
    text = b"".join((*pieces, text[start:], after))
    for sign, value in ((_LOCALE, view.locale), (_APP, view.app), (_LANG, view.lang or "")):
        text = text.replace(sign, value.encode())
    return text


@lru_cache(maxsize=4096)
def _number(readers: bytes, lang: str | None, locale: str) -> int | None:
    """The number of a caller's text."""
    locales, numbers = orjson.loads(readers)
    place = variant(frozenset(locales), lang, locale)
    return None if place is None else numbers[place]


@lru_cache(maxsize=16384)
def _site_text(call: bytes, version: str, lang: str | None, locale: str) -> bytes:
    name, *values = orjson.loads(call)
    return compact_copy(orjson.dumps(_SITE_TEXTS[name](View(version, lang, locale), *values)))
