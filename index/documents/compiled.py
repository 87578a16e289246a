"""Add-ons rendered once for every caller: a page of them is pick, join, replace.

    record = compile_object("row", "v5", lambda view: shapes.row(addon, users, view))
    Picker(View("v5", lang="fr")).pick(record)
        -> the bytes of that object, or None: no variant is this caller's

What the bytes owe to a caller is little. The language and the application in addresses are control
characters, which JSON has none of, until they are printed; what the site itself says (names of licences)
is looked up then. What authors say is chosen by the languages in which they say it: a few variants serve
the readers of all languages (variants.py), and these share everything but the texts.

A record holds fragments, each once, and recipes: by turns the number of a fragment that all have, and the
place of a column, which has the number of the fragment for each variant. Numbers are the machine's own.
The closing brace is in none of them, so that one more key may come last.
"""

import struct
from array import array
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
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

_LOCALE, _APP, _LANG, _CHOICE, _SAID = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
_TOKEN: Final = TOKEN.encode()  # in all marks
_MARKS: Final = tuple(
    (mark.encode(), sign) for mark, sign in ((LOCALE_MARK, _LOCALE), (APP_MARK, _APP), (LANG_MARK, _LANG))
)
_SAYINGS: Final = {make.__name__: make for make in (said_license, anonymous_name, category_name)}

# How many pieces an object has; where the bounds of the fragments begin, after the recipes and the columns,
# and where the locales do.
_HEADER: Final = struct.Struct("=III")
# A choice has two columns where one of these matters: which of the two depends on the view.
_ON: Final[dict[Switch, int]] = {"": 0, "wrap": 1, "grouped": 2}
_STATES: Final = 4


class _Choice(NamedTuple):
    """What `View.choose` was asked."""

    make: Callable[[View], Any]
    texts: tuple[str, ...]  # the locales that are not blank
    default: str
    switch: Switch
    by_locale: bool
    is_translated: bool


class _Template(View):
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
        return self._put_off(_Choice(make, filled, default, switch, by_locale, texts is not None))

    def say(self, make: Callable[..., Any], *values: str | int) -> Any:
        saying = orjson.Fragment(_SAID + orjson.dumps([make.__name__, *values]))
        return self._put_off(_Choice(lambda view: saying, (), "", "", False, False))

    def _put_off(self, choice: _Choice) -> Any:
        self.choices.append(choice)
        return orjson.Fragment(b"%b%d%b" % (_CHOICE, len(self.choices) - 1, _CHOICE))


def compile_object(version: str, make: Callable[[View], Shape]) -> bytes:
    """The record of an object; `make` is a shape's, with everything but the view."""
    template = _Template(version)
    pieces = _text(make(template))[:-1].split(_CHOICE)
    choices = template.choices
    locales = frozenset(locale for choice in choices for locale in choice.texts)
    fragments: dict[bytes, int] = {}
    columns = array("H")
    recipes = [array("H") for _ in range(_STATES)]
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            for recipe in recipes:
                recipe.append(fragments.setdefault(piece, len(fragments)))
            continue
        choice = choices[int(piece)]
        found = _groups(choice, version, locales)
        for is_on in (False, True) if choice.switch else (False,):
            for state, recipe in enumerate(recipes):
                if is_on == (state & _ON[choice.switch] > 0):
                    recipe.append(len(columns))
            made = [_chosen(choice, version, *reader, is_on) for reader in found.readers]
            numbers = [fragments.setdefault(fragment, len(fragments)) for fragment in made]
            columns.extend([numbers[group] for group in found.of_variants])
    tables = b"".join(each.tobytes() for each in (*recipes, columns))
    known = orjson.dumps(sorted(locales))
    first = _HEADER.size + len(tables) + len(known) + 4 * (len(fragments) + 1)
    ends = array("I", accumulate(map(len, fragments), initial=first))
    head = _HEADER.pack(len(pieces), _HEADER.size + len(tables), first - len(known))
    return b"".join((head, tables, ends.tobytes(), known, *fragments))


def _groups(choice: _Choice, version: str, locales: frozenset[str]) -> Groups:
    if not choice.is_translated:
        return Groups((0,) * len(variants(locales)), ((None, DEFAULT_LOCALE),))
    flat = version in FLAT
    return groups(locales, choice.texts, choice.default, flat=flat, by_locale=choice.by_locale)


def _chosen(choice: _Choice, version: str, lang: str | None, locale: str, is_on: bool) -> bytes:
    return _text(choice.make(_view(version, lang, locale, choice.switch if is_on else "")))


@lru_cache(maxsize=4096)
def _view(version: str, lang: str | None, locale: str, switch: Switch) -> View:
    return View(version, lang, locale, wrap=switch == "wrap", grouped=switch == "grouped", is_marked=True)


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

    def pick(self, record: bytes, end: bytes = b"}") -> bytes | None:
        """The object, None where no variant is for the view. `end` may have another last key: `,"key":1}`."""
        view = self._view
        length, ends, locales = _HEADER.unpack_from(record)
        tables = memoryview(record)
        bounds = tables[ends:locales].cast("I").tolist()
        number = variant(record[locales : bounds[0]], view.lang, view.locale)
        if number is None:
            return None
        numbers = tables[_HEADER.size : ends].cast("H").tolist()
        columns = _STATES * length + number
        recipe = numbers[self._state * length : (self._state + 1) * length]
        recipe[1::2] = [numbers[columns + column] for column in recipe[1::2]]
        pieces = [record[bounds[at] : bounds[at + 1]] for at in recipe]
        for place in range(1, length, 2):
            if pieces[place][:1] == _SAID:
                pieces[place] = _said(pieces[place], view.version, view.lang, view.locale)
        text = b"".join((*pieces, end)).replace(_LOCALE, self._locale).replace(_APP, self._app)
        return text.replace(_LANG, self._lang)


@lru_cache(maxsize=16384)
def _said(saying: bytes, version: str, lang: str | None, locale: str) -> bytes:
    name, *values = orjson.loads(saying[1:])
    return orjson.dumps(_SAYINGS[name](View(version, lang, locale), *values))
