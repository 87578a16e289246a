"""Add-ons rendered once for every caller: a page of them is pick, join, replace.

    compiled = compile_object(view, lambda view: shapes.row(addon, users, view))
    record = compiled.pack(dictionary)
    text = pick(record, View("v5", lang="fr"), dictionary)
    finish([text + b"}"], view)             -> [the bytes of that object], for a whole page at once
    finish_array([text + b"}"], view)       -> the same as one JSON array

What the bytes owe to a caller is little. The language and the application in addresses are control
characters, which JSON has none of, until a page is finished; what the site itself says (names of licences)
is looked up then. A text of authors is a hole in the object, and behind the object stands, once, everything
that some reader sees in one of its holes. Which of it is whose follows from the languages of the text.

The closing brace is left out, so that one more key may come last.
"""

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, NamedTuple

import msgspec
import orjson
from lz4.block import compress, decompress

from conf.locales import DEFAULT_LOCALE, chain, normalise
from conf.model.addons import Translated
from index.shapes.fields import category_name
from index.shapes.parts import anonymous_name
from index.shapes.translated_fields import FLAT, is_blank, said_license
from index.shapes.versions import Shape
from index.shapes.view import APP_MARK, LANG_MARK, LOCALE_MARK, TOKEN, View

_LOCALE, _APP, _LANG, _HOLE, _SAID, _NEXT = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"
_TOKEN: Final = TOKEN.encode()  # in all marks
_MARKS: Final = tuple(
    (mark.encode(), sign) for mark, sign in ((LOCALE_MARK, _LOCALE), (APP_MARK, _APP), (LANG_MARK, _LANG))
)
_SAYINGS: Final = {make.__name__: make for make in (said_license, anonymous_name, category_name)}

_HEADER: Final = struct.Struct("=HHI")  # bytes of the readers, texts, where the first one ends
_BOUNDS: Final = struct.Struct("=II")  # where a text begins and ends
_NOBODYS: Final = "\x00"  # a language without texts

_Reader = tuple[str | None, str]  # `lang` and the request language
_Reading = tuple[bool, str | None, bool]  # what `lang` is not given, in which locale, as its own


class _Languages(NamedTuple):
    """What decides who reads what of a text (index/shapes/translated_fields.py)."""

    filled: tuple[str, ...]  # the locales in which there is text
    default: str
    by_locale: bool  # as for `View.choose`

    def reading(self, reader: _Reader, *, flat: bool) -> _Reading:
        """Readers for whom this is the same see the same."""
        lang, locale = reader
        seen = None
        if lang is not None or self.by_locale:
            languages = (*chain(lang or locale), *chain(self.default))
            seen = next((code for code in languages if code in self.filled), None)
        is_own = flat or lang is None or seen == lang or (seen != self.default and seen in chain(lang))
        return lang is None, seen, is_own


class _Choice(NamedTuple):
    """What `View.choose` was asked."""

    make: Callable[[View], Any]
    languages: _Languages


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
        self.choices.append(_Choice(make, _Languages(filled, default, by_locale)))
        return orjson.Fragment(b"%b%d%b" % (_HOLE, len(self.choices) - 1, _HOLE))

    def say(self, make: Callable[..., Any], *values: str | int) -> Any:
        return orjson.Fragment(_SAID + orjson.dumps([make.__name__, *values]) + _SAID)


class _Readers(NamedTuple):
    """Who reads which text."""

    languages: tuple[_Languages, ...]
    numbers: tuple[int, ...]  # of the text of each of their `_variants`


class Compiled(NamedTuple):
    """An object for the readers of all languages."""

    readers: bytes  # `_Readers`
    texts: list[bytes]

    def pack(self, dictionary: bytes) -> bytes:
        """The record; `dictionary` is a text much like these."""
        first, *others = self.texts
        packed = [compress(first, dict=dictionary), *(compress(text, dict=first) for text in others)]
        start = _HEADER.size + len(self.readers) + 4 * len(packed)
        ends = array("I", accumulate(map(len, packed), initial=start))[1:]
        head = _HEADER.pack(len(self.readers), len(packed), ends[0])
        return b"".join((head, self.readers, ends.tobytes(), *packed))


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(_Readers).decode


def compile_object(view: View, make: Callable[[View], Shape]) -> Compiled:
    """An object as the view's version has it, with the view's switches; `make` is a shape's."""
    template = _Template(view)
    pieces = _text(make(template))[:-1].split(_HOLE)
    choices = [template.choices[int(number)] for number in pieces[1::2]]
    languages = tuple(dict.fromkeys(choice.languages for choice in choices))
    readers = {each: _readers(each, view.version, view.wrap, view.grouped) for each in languages}
    made = [[choice.make(one) for one in readers[choice.languages]] for choice in choices]
    fillings = [
        (languages.index(choice.languages), _texts(values))
        for choice, values in zip(choices, made, strict=True)
    ]
    texts: dict[bytes, int] = {}
    numbers = []
    for readings in _variants(languages, view.version in FLAT).values():
        pieces[1::2] = [of_readings[readings[place]] for place, of_readings in fillings]
        numbers.append(texts.setdefault(b"".join(pieces), len(texts)))
    return Compiled(_ENCODE(_Readers(languages, tuple(numbers))), list(texts))


@lru_cache(maxsize=4096)
def _readings(languages: _Languages, flat: bool) -> dict[_Reading, tuple[int, _Reader]]:
    """All there are: number, and a reader."""
    found: dict[_Reading, _Reader] = {}
    for reader in _some_readers(languages.filled):
        found.setdefault(languages.reading(reader, flat=flat), reader)
    return {reading: (number, reader) for number, (reading, reader) in enumerate(found.items())}


@lru_cache(maxsize=4096)
def _readers(languages: _Languages, version: str, wrap: bool, grouped: bool) -> list[View]:
    """One of each reading."""
    readers = _readings(languages, version in FLAT).values()
    return [View(version, *reader, wrap=wrap, grouped=grouped, is_marked=True) for _, reader in readers]


@lru_cache(maxsize=4096)
def _variants(languages: tuple[_Languages, ...], flat: bool) -> dict[tuple[_Reading, ...], tuple[int, ...]]:
    """What readers there are of texts in several languages: their readings, and the numbers of these.

    English ones come first, as most are.
    """
    codes = dict.fromkeys(code for each in languages for code in each.filled)
    found = {}
    for reader in ((DEFAULT_LOCALE, DEFAULT_LOCALE), *_some_readers(codes)):
        readings = tuple(each.reading(reader, flat=flat) for each in languages)
        numbers = (_readings(each, flat)[one][0] for each, one in zip(languages, readings, strict=True))
        found[readings] = tuple(numbers)
    return found


def _some_readers(codes: Iterable[str]) -> Iterator[_Reader]:
    """One of each kind, where there are texts in languages of these codes."""
    for code in (_NOBODYS, *codes):
        for lang in (code, f"{code}-ZZ", f"{code.partition('-')[0]}-ZZ"):
            yield lang, normalise(lang) or DEFAULT_LOCALE
        yield None, code


def pick(record: bytes, view: View, dictionary: bytes, start: int = 0) -> bytes:
    """The object without its closing brace, to be finished.

    `dictionary` is what it was packed with, `start` where the record begins.
    """
    size, count, end = _HEADER.unpack_from(record, start)
    ends = start + _HEADER.size + size
    readers = record[start + _HEADER.size : ends]
    number = _number(readers, view.version in FLAT, view.lang, view.locale)
    text: bytes = decompress(record[ends + 4 * count : start + end], dict=dictionary)
    if number:
        begin, end = _BOUNDS.unpack_from(record, ends + 4 * (number - 1))
        text = decompress(record[start + begin : start + end], dict=text)
    return text


@lru_cache(maxsize=16384)
def _number(readers: bytes, flat: bool, lang: str | None, locale: str) -> int:
    """Of the text that is a caller's."""
    languages, numbers = _DECODE(readers)
    readings = tuple(each.reading((lang, locale), flat=flat) for each in languages)
    return numbers[list(_variants(languages, flat)).index(readings)]


def _texts(values: list[Any]) -> list[bytes]:
    separator = orjson.Fragment(_NEXT)
    text = _text([part for value in values for part in (value, separator)])
    return text[1:-3].split(b",%b," % _NEXT)


def _text(value: object) -> bytes:
    text = orjson.dumps(value)
    if _TOKEN in text:
        for mark, sign in _MARKS:
            text = text.replace(mark, sign)
    return text


def finish(objects: Iterable[bytes], view: View) -> list[bytes]:
    """Picked objects as the caller reads them; what was shaped for the caller stays as it is."""
    text = _finished(_NEXT.join(objects), view)
    return text.split(_NEXT) if text else []


def finish_array(objects: Iterable[bytes], view: View) -> bytes:
    """`finish`, the objects in a JSON array."""
    return b"[%b]" % _finished(b",".join(objects), view)


def _finished(text: bytes, view: View) -> bytes:
    pieces = text.split(_SAID)
    if len(pieces) > 1:
        version, lang, locale = view.version, view.lang, view.locale
        pieces[1::2] = [_said(saying, version, lang, locale) for saying in pieces[1::2]]
        text = b"".join(pieces)
    for sign, value in ((_LOCALE, view.locale), (_APP, view.app), (_LANG, view.lang or "")):
        text = text.replace(sign, value.encode())
    return text


@lru_cache(maxsize=16384)
def _said(saying: bytes, version: str, lang: str | None, locale: str) -> bytes:
    name, *values = orjson.loads(saying)
    return orjson.dumps(_SAYINGS[name](View(version, lang, locale), *values))
