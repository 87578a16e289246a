"""The terms of a name, for the index and for queries.

    exact_key("Last  PASS")           -> "last pass"
    variants(("last", "passes"))      -> {"lastpass", "lastspasses", "passeslast", ...}
    analyze_name("TabTree").subwords  -> ["tab", "tree"]

Two names count as the same, more or less strictly, if their letters are equal
(`analysis.squash`) as they are, with a word in another number, or with the words in another
order. The index has the first form only: the others are a few more terms of the query, and
cost the index nothing. Pure, any thread.
"""

import itertools
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from index.text import analysis

START: Final = "^"  # prefix of the edge n-grams of a name's first word
MAX_NAME: Final = 300  # characters of a name that are analyzed
MAX_KEY: Final = 200  # characters of a key
MAX_EDGE: Final = 12  # characters of the longest edge n-gram, START included

_MAX_PERMUTED: Final = 4  # words


def exact_key(name: str) -> str:
    """Ignores case and surplus white space."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    return " ".join(name.lower().split())[:MAX_KEY]


def variants(words: tuple[str, ...]) -> set[str]:
    """The letters of the same words in another number or order; up to some forty."""
    if len(words) == 2:
        # Two words may change order and number at once.
        first, second = ((word, *number_forms(word)) for word in words)
        joined = {one + other for one in first for other in second}
        joined.update([other + one for one in first for other in second])
    else:
        joined = {
            "".join([*words[:at], form, *words[at + 1 :]])
            for at, word in enumerate(words)
            for form in number_forms(word)
        }
        if len(words) <= _MAX_PERMUTED:
            joined.update(map("".join, itertools.permutations(words)))
    joined.discard("".join(words))
    return joined


@lru_cache(maxsize=4096)
def number_forms(word: str) -> tuple[str, ...]:
    """The plural of a word and possible singulars, by English endings, generously."""
    forms = [f"{word}s"]
    if word.endswith("s"):
        forms.append(word[:-1])
    if word.endswith("y"):
        forms.append(f"{word[:-1]}ies")
    if word.endswith(("s", "x", "z", "ch", "sh")):
        forms.append(f"{word}es")
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("ies"):
        forms.append(f"{word[:-3]}y")
    return tuple([form for form in forms if len(form) > 1])


class Name(NamedTuple):
    """An analyzed name."""

    exact: str
    joined: str
    words: list[str]  # folded
    subwords: list[str]  # folded; the same object as `words` where no word splits


def analyze_name(name: str) -> Name:
    name = name[:MAX_NAME]
    folded = analysis.fold(name)
    words = analysis.words(folded)
    subwords = _subwords(name, words) if analysis.has_subwords(name) else words
    return Name(exact_key(name), join(folded, words), words, subwords)


def join(folded: str, words: list[str]) -> str:
    """The letters and digits alone, of a folded text and its words; empty when there are none."""
    return (analysis.squash(folded) if analysis.is_unspaced(folded) else "".join(words))[:MAX_KEY]


def _subwords(name: str, words: list[str]) -> list[str]:
    subwords = analysis.subwords(name)
    return words if len(subwords) == len(words) else analysis.fold(" ".join(subwords)).split()


def name_terms(name: Name, analyzer: analysis.Analyzer) -> str:
    """The words in order, for phrases, then their subwords, stems and compound parts."""
    more = [] if name.subwords is name.words else list(name.subwords)
    for word in name.words:
        more += analyzer.forms(word)
    return " ".join([*name.words, *dict.fromkeys(more)] if more else name.words)


def edge_words(name: Name) -> set[str]:
    """The words to make edge n-grams of; the first ones also with START."""
    words = {*name.words, *name.subwords}
    words.update(START + first[0] for first in (name.words, name.subwords) if first)
    return words


def edge_ngrams(words: Iterable[str]) -> dict[str, None]:
    """The distinct prefixes of the words, up to MAX_EDGE characters long."""
    return {word[:end]: None for word in words for end in range(1, min(len(word), MAX_EDGE) + 1)}


def trigrams(joined: str) -> list[str]:
    return [joined[at : at + 3] for at in range(len(joined) - 2)]
