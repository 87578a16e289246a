"""What a name can be found by, and how a query asks for it: the same functions make both.

    keys("Last Passes", folded)  -> ["=last passes", "plastpa", "blast pa"]
    word_terms(folded, parts)    -> the words, then their parts, pieces and stems
    edges(["tab", "tree"])       -> "^t ^ta ^tab t ta tab t tr tre tree"

Two names are the same, more or less strictly, when they share a key: letter for
letter (EXACT), in any number (PLURAL), in any order (BAG). A fourth kind, the
letters alone, is the field `joined`. Pure, any thread.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from index import analysis

EXACT: Final = "="
PLURAL: Final = "p"
BAG: Final = "b"
START: Final = "^"  # before the beginnings of a name's first word

MAX_NAME: Final = 300  # characters read of a name
EDGE: Final = 20  # letters of the longest beginning
MAX_KEY: Final = 200  # characters of a key


def exact_key(name: str) -> str:
    """Equal whatever the case and the white space at the ends and between words."""
    return (EXACT + " ".join(unicodedata.normalize("NFC", name).lower().split()))[:MAX_KEY]


def loose_keys(words: Iterable[str]) -> list[str]:
    """The keys of folded words: in any number, and where there are several, in any order."""
    singles = [analysis.singular(word) for word in words]
    if not singles:
        return []
    keys = [PLURAL + "".join(singles)[:MAX_KEY]]
    if len(singles) > 1:
        keys.append(BAG + " ".join(sorted(singles))[:MAX_KEY])
    return keys


def parts(name: str, words: list[str]) -> list[str]:
    """The smallest words, folded; the very words where nothing is to be split."""
    found = analysis.parts(name)
    return words if len(found) == len(words) else [analysis.fold(part) for part in found]


def word_terms(words: list[str], parts: list[str], stems: analysis.Stems) -> str:
    """The words in their order, so that phrases are found, then what else stands for them, once each."""
    more = dict.fromkeys(parts)
    for word in words:
        more[stems.stem(word)] = None
        more.update(dict.fromkeys(analysis.pieces(word)))
    return " ".join([*words, *(term for term in more if term not in words)])


def edges(words: list[str], parts: list[str]) -> set[str]:
    """The words whose beginnings are indexed; the first ones a second time as the start."""
    found = {*words, *parts}
    found.update(START + first for first in {*words[:1], *parts[:1]})
    return found


@lru_cache(maxsize=8192)
def beginnings(word: str) -> str:
    first = 2 if word.startswith(START) else 1
    return " ".join(word[:end] for end in range(first, min(len(word), EDGE) + 1))
