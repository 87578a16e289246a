"""What a name can be found by, and how a query asks for it: the same functions make both.

    exact_key("Last  PASS")           -> "last pass"
    variants(("last", "passes"))      -> {"lastpass", "lastspasses", "passeslast", ...}
    take_apart("TabTree").parts       -> ["tab", "tree"]

Two names are the same, more or less strictly, when they have the same letters
(`analysis.squash`) as they stand, or with a word in another number, or with the
words in another order. The index holds the first; the others are a few more
look-ups for the query, and cost the index nothing. Pure, any thread.
"""

import itertools
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from index.text import analysis

START: Final = "^"  # before the beginnings of a name's first word
MAX_NAME: Final = 300  # characters read of a name
MAX_KEY: Final = 200  # characters of a key
EDGE: Final = 12  # characters of the longest beginning, START included

_MAX_SWAPPED: Final = 4  # words; more are not tried in other orders


def exact_key(name: str) -> str:
    """Equal whatever the case and the white space at the ends and between words."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    return " ".join(name.lower().split())[:MAX_KEY]


def variants(words: tuple[str, ...]) -> set[str]:
    """The letters of the same words in another number or order; up to some forty."""
    if len(words) == 2:
        # Both may be in another order and another number at once.
        one, two = words
        first, second = (one, *other_numbers(one)), (two, *other_numbers(two))
        found = {one + two for one in first for two in second}
        found.update([two + one for one in first for two in second])
    else:
        found = {
            "".join([*words[:at], other, *words[at + 1 :]])
            for at, word in enumerate(words)
            for other in other_numbers(word)
        }
        if len(words) <= _MAX_SWAPPED:
            found.update(map("".join, itertools.permutations(words)))
    found.discard("".join(words))
    return found


@lru_cache(maxsize=4096)
def other_numbers(word: str) -> tuple[str, ...]:
    """The plural of a word and what it may be the plural of, by English endings, generously."""
    found = [f"{word}s"]
    if word.endswith("s"):
        found.append(word[:-1])
    if word.endswith("y"):
        found.append(f"{word[:-1]}ies")
    if word.endswith(("s", "x", "z", "ch", "sh")):
        found.append(f"{word}es")
    if word.endswith("es"):
        found.append(word[:-2])
    if word.endswith("ies"):
        found.append(f"{word[:-3]}y")
    return tuple([other for other in found if len(other) > 1])


class Name(NamedTuple):
    """A name taken apart for the index."""

    exact: str
    joined: str  # letters and digits alone
    words: list[str]  # folded, dense scripts as pairs
    parts: list[str]  # the smallest words, folded; the very list of words where nothing is to be split


def take_apart(name: str) -> Name:
    name = name[:MAX_NAME]
    folded = analysis.fold(name)
    words = analysis.words(folded)
    parts = words if analysis.is_plain(name) else _parts(name, words)
    joined = analysis.squash(folded) if analysis.is_dense(folded) else "".join(words)
    return Name(exact_key(name), joined[:MAX_KEY], words, parts)


def _parts(name: str, words: list[str]) -> list[str]:
    found = analysis.parts(name)
    return words if len(found) == len(words) else analysis.fold(" ".join(found)).split()


def word_terms(name: Name, stems: analysis.Stems) -> str:
    """The words in their order, so that phrases are found, then what else stands for them."""
    more = [] if name.parts is name.words else list(name.parts)
    for word in name.words:
        more += stems.forms(word)
    return " ".join([*name.words, *dict.fromkeys(more)] if more else name.words)


def starting_words(name: Name) -> set[str]:
    """The words whose beginnings are indexed; the first ones a second time as the start of the name."""
    found = {*name.words, *name.parts}
    found.update(START + words[0] for words in (name.words, name.parts) if words)
    return found


def beginnings(words: Iterable[str]) -> dict[str, None]:
    """What the words start with, each once, up to EDGE characters long."""
    return {word[:end]: None for word in words for end in range(1, min(len(word), EDGE) + 1)}


def trigrams(joined: str) -> list[str]:
    return [joined[at : at + 3] for at in range(len(joined) - 2)]
