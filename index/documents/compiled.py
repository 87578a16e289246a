"""Add-ons rendered once for every caller: a page of them is pick, join, replace.

    record = compile_object("row", "v5", lambda view: shapes.row(addon, users, view))
    Picker(View("v5", lang="fr")).pick(record)
        -> the bytes of that object without its closing brace, or None: no variant is this caller's

What the bytes owe to a caller is little. The language and the application in addresses are control
characters, which JSON has none of, until they are printed; so is what the site itself says (names of
licences). What authors say is chosen by the languages in which they say it: a few variants serve the
readers of all languages (variants.py), and these share everything but the texts.

A record is the object's JSON with a number in the place of each choice, a table that says which
fragment each variant has there, and the fragments, each once. Numbers are the machine's own.
"""

import re
import struct
from array import array
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from conf.locales import DEFAULT_LOCALE
from conf.model.addons import Translated
from index.documents.variants import Groups, groups, variant, variants
from index.shapes.fields import category_name
from index.shapes.parts import anonymous_name
from index.shapes.translated_fields import FLAT, is_blank, said_license
from index.shapes.versions import Shape
from index.shapes.view import APP_MARK, LANG_MARK, LOCALE_MARK, TOKEN, Switch, View

_LOCALE, _APP, _LANG, _CHOICE, _SAID, _END = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"
_TOKEN: Final = TOKEN.encode()  # in all marks
_MARKS: Final = tuple(
    (mark.encode(), sign) for mark, sign in ((LOCALE_MARK, _LOCALE), (APP_MARK, _APP), (LANG_MARK, _LANG))
)
_SAYING: Final = re.compile(b"\x05([^\x05]*)\x05")
_SAYINGS: Final = {make.__name__: make for make in (said_license, anonymous_name, category_name)}

_HEADER: Final = struct.Struct("=HI")  # how many choices; where the texts begin, after the tables
# A choice takes two columns where one of these matters: which of the two depends on the view.
_ON: Final[dict[Switch, int]] = {"": 0, "wrap": 1, "grouped": 2}
_STATES: Final = 4


class _Marked(View):
    """A view that leaves to whoever prints it what is the caller's."""

    def say(self, make: Callable[..., Any], *values: str | int) -> Any:
        return orjson.Fragment(_SAID + orjson.dumps([make.__name__, *values]) + _SAID)


class _Choice(NamedTuple):
    """What `View.choose` was asked."""

    make: Callable[[View], Any]
    texts: tuple[str, ...]  # the locales that are not blank
    default: str
    switch: Switch
    by_locale: bool
    is_translated: bool


class _Template(_Marked):
    """A view that puts off the choices there are."""

    __slots__ = ("choices",)
    choices: list[_Choice]

    def __init__(self, version: str) -> None:
        super().__init__(version, is_marked=True)
        object.__setattr__(self, "choices", [])

    def choose(
        self,
        make: Callable[[View], Any],
        texts: Translated | None = None,
        default: str = "",
        *,
        switch: Switch = "",
        by_locale: bool = False,
    ) -> Any:
        filled = tuple(locale for locale, text in (texts or {}).items() if not is_blank(text))
        self.choices.append(_Choice(make, filled, default, switch, by_locale, texts is not None))
        return orjson.Fragment(b"%b%d%b" % (_CHOICE, len(self.choices) - 1, _CHOICE))


def compile_object(version: str, make: Callable[[View], Shape]) -> bytes:
    """The record of an object; `make` is a shape's, with everything but the view."""
    template = _Template(version)
    text = _text(make(template))[:-1]
    choices = template.choices
    locales = frozenset(locale for choice in choices for locale in choice.texts)
    fragments: dict[bytes, int] = {}
    columns = array("H")
    places = [array("H") for _ in range(_STATES)]
    for choice in choices:
        found = _groups(choice, version, locales)
        for is_on in (False, True) if choice.switch else (False,):
            for state in range(_STATES):
                if is_on == (state & _ON[choice.switch] > 0):
                    places[state].append(len(columns))
            made = [_chosen(choice, version, *reader, is_on) for reader in found.readers]
            numbers = [fragments.setdefault(fragment, len(fragments)) for fragment in made]
            columns.extend([numbers[group] for group in found.of_variants])
    tables = b"".join((*(each.tobytes() for each in places), columns.tobytes()))
    texts = _END.join((orjson.dumps(sorted(locales)), text, *fragments))
    return _HEADER.pack(len(choices), _HEADER.size + len(tables)) + tables + texts


def _groups(choice: _Choice, version: str, locales: frozenset[str]) -> Groups:
    if not choice.is_translated:
        return Groups((0,) * len(variants(locales)), ((None, DEFAULT_LOCALE),))
    flat = version in FLAT
    return groups(locales, choice.texts, choice.default, flat=flat, by_locale=choice.by_locale)


def _chosen(choice: _Choice, version: str, lang: str | None, locale: str, is_on: bool) -> bytes:
    return _text(choice.make(_view(version, lang, locale, choice.switch if is_on else "")))


@lru_cache(maxsize=4096)
def _view(version: str, lang: str | None, locale: str, switch: Switch) -> View:
    return _Marked(version, lang, locale, wrap=switch == "wrap", grouped=switch == "grouped", is_marked=True)


def _text(value: object) -> bytes:
    text = orjson.dumps(value)
    if _TOKEN in text:
        for mark, sign in _MARKS:
            text = text.replace(mark, sign)
    return text


class Picker:
    """Takes objects out of records, for one view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._state = (_ON["wrap"] if view.wrap else 0) | (_ON["grouped"] if view.grouped else 0)
        self._locale, self._app = view.locale.encode(), view.app.encode()
        self._lang = (view.lang or "").encode()

    def pick(self, record: bytes) -> bytes | None:
        count, start = _HEADER.unpack_from(record)
        locales, text, *fragments = record[start:].split(_END)
        number = variant(locales, self._view.lang, self._view.locale)
        if number is None:
            return None
        numbers = memoryview(record)[_HEADER.size : start].cast("H")
        first, columns = self._state * count, numbers[_STATES * count :]
        pieces = text.split(_CHOICE)
        for place in range(1, len(pieces), 2):
            pieces[place] = fragments[columns[numbers[first + int(pieces[place])] + number]]
        return self._printed(b"".join(pieces))

    def _printed(self, text: bytes) -> bytes:
        text = text.replace(_LOCALE, self._locale).replace(_APP, self._app)
        if _LANG in text:
            text = text.replace(_LANG, self._lang)
        if _SAID in text:
            view = self._view
            text = _SAYING.sub(lambda found: _said(found[1], view.version, view.lang, view.locale), text)
        return text


@lru_cache(maxsize=16384)
def _said(asked: bytes, version: str, lang: str | None, locale: str) -> bytes:
    name, *values = orjson.loads(asked)
    return orjson.dumps(_SAYINGS[name](View(version, lang, locale), *values))
