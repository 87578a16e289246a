"""Add-ons rendered once for every caller: a page of them is pick, join, replace.

    record = compile_object(view, lambda view: shapes.row(addon, users, view)).pack(dictionary)
    view = View("v5", lang="fr")
    text = pick(record, view, dictionary)               # None: no variant is this caller's
    finish([text + b"}"], view)     -> [the bytes of that object], for a whole page at once
    finish_array([text + b"}"], view)       -> the same as one JSON array

What the bytes owe to a caller is little. The language and the application in addresses are control
characters, which JSON has none of, until a page is finished; what the site itself says (names of licences)
is looked up then. What authors say is chosen by the languages in which they say it: a few variants serve
the readers of all languages (variants.py).

A record holds which text each variant has, and the texts, which share nearly everything: the first of them
is the dictionary of the others. The closing brace is in none of them, so that one more key may come last.
Numbers are the machine's own. Which text is a usual caller's is a look-up: to find out takes too long.
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
from index.documents.compression import fitted
from index.documents.variants import USUAL, groups, usual_variants, variant, variants
from index.shapes.fields import category_name
from index.shapes.parts import anonymous_name
from index.shapes.translated_fields import FLAT, is_blank, said_license
from index.shapes.versions import Shape
from index.shapes.view import APP_MARK, LANG_MARK, LOCALE_MARK, TOKEN, View

_LOCALE, _APP, _LANG, _CHOICE, _SAID, _NEXT = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"
_TOKEN: Final = TOKEN.encode()  # in all marks
_MARKS: Final = tuple(
    (mark.encode(), sign) for mark, sign in ((LOCALE_MARK, _LOCALE), (APP_MARK, _APP), (LANG_MARK, _LANG))
)
_SAYINGS: Final = {make.__name__: make for make in (said_license, anonymous_name, category_name)}

# Bytes of the readers, texts, where the first one ends; the text of most of USUAL with `lang`, and without,
# and how many of them have another: their places follow, then their texts.
_HEADER: Final = struct.Struct("=HHIBBB")
_BOUNDS: Final = struct.Struct("=II")  # where a text begins and ends


class _Choice(NamedTuple):
    """What `View.choose` was asked of authors' texts."""

    make: Callable[[View], Any]
    texts: tuple[str, ...]  # the locales that are not blank
    default: str
    by_locale: bool


class _Template(View):
    """A view that puts off the choices there are."""

    __slots__ = ("choices",)
    choices: list[_Choice]

    def __init__(self, view: View) -> None:
        super().__init__(view.version, wrap=view.wrap, grouped=view.grouped, is_marked=True)
        object.__setattr__(self, "choices", [])

    def choose(
        self,
        make: Callable[[View], Any],
        texts: Translated | None,
        default: str,
        *,
        by_locale: bool = False,
    ) -> Any:
        filled = tuple(locale for locale, text in (texts or {}).items() if not is_blank(text))
        self.choices.append(_Choice(make, filled, default, by_locale))
        return orjson.Fragment(b"%b%d%b" % (_CHOICE, len(self.choices) - 1, _CHOICE))

    def say(self, make: Callable[..., Any], *values: str | int) -> Any:
        return orjson.Fragment(_SAID + orjson.dumps([make.__name__, *values]) + _SAID)


class Compiled(NamedTuple):
    """An object for the readers of all languages."""

    readers: bytes  # JSON of the locales that decide who reads what, and the text's number of each variant
    texts: list[bytes]

    def pack(self, dictionary: bytes) -> bytes:
        """The record; `dictionary` is a text much like these."""
        first, *further = self.texts
        packed = [compress(first, dict=dictionary), *(compress(text, dict=first) for text in further)]
        locales, numbers = orjson.loads(self.readers)
        usual = [numbers[number] for number in usual_variants(frozenset(locales))]
        most = [max(set(some), key=some.count) for some in (usual[::2], usual[1::2])]
        others = {place: text for place, text in enumerate(usual) if text != most[place % 2]}
        start = _HEADER.size + 2 * len(others) + len(self.readers) + 4 * len(packed)
        ends = array("I", accumulate(map(len, packed), initial=start))[1:]
        head = _HEADER.pack(len(self.readers), len(packed), ends[0], *most, len(others))
        return b"".join((head, bytes(others), bytes(others.values()), self.readers, ends.tobytes(), *packed))


def compile_object(view: View, make: Callable[[View], Shape]) -> Compiled:
    """An object as the view's version has it, with the view's switches; `make` is a shape's."""
    template = _Template(view)
    pieces = _text(make(template))[:-1].split(_CHOICE)
    choices = [template.choices[int(number)] for number in pieces[1::2]]
    locales = frozenset(locale for choice in choices for locale in choice.texts)
    flat = view.version in FLAT
    made, chosen = [], []
    for choice in choices:
        found = groups(locales, choice.texts, choice.default, flat=flat, by_locale=choice.by_locale)
        views = (_reading(view.version, view.wrap, view.grouped, *reader) for reader in found.readers)
        made.append([_text(choice.make(one)) for one in views])
        chosen.append(found.of_variants)
    count = len(variants(locales))
    of_variants = list(zip(*chosen, strict=True)) or [()] * count  # which of what was made for each choice
    usual = of_variants[variant(locales, DEFAULT_LOCALE, DEFAULT_LOCALE) or 0]
    texts: dict[bytes, int] = {}
    numbers: dict[tuple[int, ...], int] = {}
    for seen in dict.fromkeys((usual, *of_variants)):  # the text of most readers is the first
        pieces[1::2] = [texts_of[group] for texts_of, group in zip(made, seen, strict=True)]
        numbers[seen] = texts.setdefault(b"".join(pieces), len(texts))
    readers = orjson.dumps([sorted(locales), [numbers[seen] for seen in of_variants]])
    return Compiled(readers, list(texts))


@lru_cache(maxsize=4096)
def _reading(version: str, wrap: bool, grouped: bool, lang: str | None, locale: str) -> View:
    return View(version, lang, locale, wrap=wrap, grouped=grouped, is_marked=True)


def _text(value: object) -> bytes:
    text = orjson.dumps(value)
    if _TOKEN in text:
        for mark, sign in _MARKS:
            text = text.replace(mark, sign)
    return text


def pick(record: bytes, view: View, dictionary: bytes, start: int = 0) -> bytes | None:
    """The object without its closing brace, to be finished; None where no variant is for the view.

    `dictionary` is what it was packed with, `start` where the record begins.
    """
    size, count, end, asked, unasked, others = _HEADER.unpack_from(record, start)
    places = start + _HEADER.size
    readers = places + 2 * others
    ends = readers + size
    reader = USUAL.get((view.lang, view.lang or view.locale))
    if reader is None:
        number = _number(record[readers:ends], view.lang, view.locale)
        if number is None:
            return None
    else:
        place = record.find(reader, places, places + others)
        number = record[place + others] if place >= 0 else unasked if view.lang is None else asked
    text: bytes = decompress(record[ends + 4 * count : start + end], dict=dictionary)
    if number:
        begin, end = _BOUNDS.unpack_from(record, ends + 4 * (number - 1))
        text = decompress(record[start + begin : start + end], dict=text)
    return text


def finish(objects: Iterable[bytes], view: View) -> list[bytes]:
    """Picked objects as the caller reads them; what was shaped for the caller stays as it is."""
    text = _finished(_NEXT.join(objects), view)
    return text.split(_NEXT) if text else []


def finish_array(objects: Iterable[bytes], view: View) -> bytes:
    """`finish`, the objects in a JSON array."""
    return _finished(b",".join(objects), view, b"[", b"]")


def _finished(text: bytes, view: View, before: bytes = b"", after: bytes = b"") -> bytes:
    pieces = [before]
    start, version, lang, locale = 0, view.version, view.lang, view.locale
    while (begin := text.find(_SAID, start)) >= 0:  # `split` looks at each byte, in twice the time
        end = text.find(_SAID, begin + 1)
        pieces += text[start:begin], _said(text[begin + 1 : end], version, lang, locale)
        start = end + 1
    text = b"".join((*pieces, text[start:], after))
    for sign, value in ((_LOCALE, view.locale), (_APP, view.app), (_LANG, view.lang or "")):
        text = text.replace(sign, value.encode())
    return text


@lru_cache(maxsize=4096)
def _number(readers: bytes, lang: str | None, locale: str) -> int | None:
    """Of the text that is a caller's."""
    locales, numbers = orjson.loads(readers)
    found = variant(frozenset(locales), lang, locale)
    return None if found is None else numbers[found]


@lru_cache(maxsize=16384)
def _said(saying: bytes, version: str, lang: str | None, locale: str) -> bytes:
    name, *values = orjson.loads(saying)
    return fitted(orjson.dumps(_SAYINGS[name](View(version, lang, locale), *values)))
