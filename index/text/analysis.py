"""Text analysis: from text to index terms, for documents and queries alike.

    fold("Ünïcode")        -> "unicode"
    words("tab-tree 日本語") -> ["tab", "tree", "日本", "本語"]
    subwords("TabTree2")   -> ["Tab", "Tree", "2"]
    Analyzer("english").terms("The tabs of trees")  -> " tab  tree"

The terms of long texts are joined by spaces, so that tantivy only has to split them: stemming
each distinct word once here costs a third of stemming every token in tantivy. Analyzers are
those of contract/search.md 8.

Scripts without spaces between words (Chinese, Japanese, Korean, Thai, ...) become overlapping
character bigrams, whatever the language of the text.

The functions are pure, safe from any thread. An `Analyzer` belongs to one thread.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import add
from typing import Final

import Stemmer
import tantivy

ENGLISH: Final = "english"  # the analyzer also of languages without one of their own

# Blocks of scripts without spaces between words, with their marks; Hangul is one
# of them, as in the cjk analyzer.
_UNSPACED: Final = (
    "\u0e01-\u0edf\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Combining marks: Python's \w excludes them, which would split words of many scripts.
_MARKS: Final = "".join(
    char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char) in ("Mn", "Mc")
)
_WORD: Final = re.compile(rf"[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_{_MARKS}]*)*")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
_HAS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
_RUN: Final = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")

# Removed by `fold`: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic.
# The marks of other scripts stay, because they tell letters apart.
_ACCENTS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
)
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
# `don't` is one word, `l'outil` is two: only English endings belong to the word.
_ENGLISH_ENDING: Final = re.compile("['\u2018\u2019\u02bc](?=(?:s|t|re|ll|ve|d|m)\\b)", re.IGNORECASE)
# Signs that make a different word of the adjacent letters.
_PLUSES: Final = re.compile(r"(?<=[A-Za-z0-9])\+\+(?![\w+])")
_SHARP: Final = re.compile(r"(?<=\b[A-Za-z])#(?!\w)")
_DOT_NET: Final = re.compile(r"(?<![\w.])\.net\b", re.IGNORECASE)
_LETTER_FOLDS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)

_SUBWORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Changes of case, or between letters and digits, in alphabets with upper case.
_LOWER: Final = "a-zß-öø-ÿα-ωа-яё"
_UPPER: Final = "A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ"
_SUBWORD_BOUNDARY: Final = re.compile(
    f"[{_LOWER}][{_UPPER}0-9]|[0-9][{_LOWER}{_UPPER}]|[{_UPPER}](?:[0-9]|[{_UPPER}][{_LOWER}])"
)
_DIGIT: Final = re.compile(r"\d")
_HTML_TAG: Final = re.compile(r"<[^<>]*>")
# A translation table for UTF-8: ASCII letters become lower case, other signs a space. Apostrophes
# and all beyond ASCII stay, because few tokens have them, and those go through `_analyze_token`.
_SEPARATORS: Final = bytes(
    byte if byte > 127 or byte == 39 else ord(chr(byte).lower()) if chr(byte).isalnum() else 32
    for byte in range(256)
)
_MAX_TOKEN: Final = 40  # letters; longer tokens are no words
_MAX_TOKENS_CACHED: Final = 20_000  # of each analyzer, some 200 bytes each

# Compounds are split into these (contract/search.md 8).
_COMPOUND_WORDS: Final = (
    "all auto ball bar block blog bookmark browser bug button cat chat click clip close color context cookie"
    " cool css delete dictionary down download easy edit fill fire firefox fix flag flash fly forecast fox"
    " foxy google grab grease html http image input inspect inspector iris js key keys lang link mail manager"
    " map mega menu menus monkey name net new open password persona privacy query screen scroll search secure"
    " select smart spring status style super sync tab text think this time title translate tree undo upload"
    " url user video window with word zilla"
)
_COMPOUND_PARTS: Final[dict[str, list[str]]] = {}  # by their first two letters
for _part in _COMPOUND_WORDS.split():
    _COMPOUND_PARTS.setdefault(_part[:2], []).append(_part)
_MIN_COMPOUND: Final = 5

# Lucene's English list. Names match without them.
_STOP_WORD_LIST: Final = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with"
)
STOP_WORDS: Final = frozenset(_STOP_WORD_LIST.split())

# Analyzer -> Snowball's stemmer, tantivy's stop words. Snowball has no Bulgarian, and
# character bigrams have no stems.
_STEMMED: Final = "arabic basque catalan czech greek indonesian persian romanian"
_STOPPED: Final = (
    "danish dutch english finnish french german hungarian italian portuguese russian spanish swedish"
)
_ANALYZERS: Final[dict[str, tuple[str | None, str | None]]] = {
    "brazilian": ("portuguese", "portuguese"),
    **{name: (name, name) for name in _STOPPED.split()},
    **{name: (name, None) for name in _STEMMED.split()},
    **dict.fromkeys(("bulgarian", "chinese", "cjk"), (None, None)),
}


def fold(text: str) -> str:
    """Lower case, one form of each letter, no accents: names are compared by this."""
    text = _spell_signs(text)
    if text.isascii():
        return _join_endings(text).lower() if "'" in text else text.lower()
    text = unicodedata.normalize("NFKC", _join_endings(text)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)))
    return unicodedata.normalize("NFC", bare).translate(_LETTER_FOLDS)


def _spell_signs(text: str) -> str:
    """`c++`, `c#` and `.net` as words of letters."""
    if "++" in text:
        text = _PLUSES.sub("plusplus", text)
    if "#" in text:
        text = _SHARP.sub("sharp", text)
    return _DOT_NET.sub("dotnet", text) if ".n" in text or ".N" in text else text


def _join_endings(text: str) -> str:
    return _ENGLISH_ENDING.sub("", text) if "'" in text or "\u2019" in text else text


def words(folded: str) -> list[str]:
    """The words of a folded text; bigrams where it has no spaces."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    matches = _WORD.findall(folded)
    if not _HAS_UNSPACED.search(folded):
        return matches
    return [term for word in matches for run in _RUN.findall(word) for term in _bigrams(run)]


def is_unspaced(text: str) -> bool:
    """Whether any character is of a script without spaces."""
    return not text.isascii() and _HAS_UNSPACED.search(text) is not None


def _bigrams(run: str) -> list[str]:
    if len(run) < 2 or not _HAS_UNSPACED.match(run):
        return [run]
    return list(map(add, run, run[1:]))


def squash(folded: str) -> str:
    """Letters and digits alone: `tab tree`, `tab-tree` and `tabtree` become equal."""
    return "".join((_ASCII_WORD if folded.isascii() else _WORD).findall(folded))


def subwords(text: str) -> list[str]:
    """Words split where the case changes and between letters and digits, unspaced scripts into characters."""
    if text.isascii():
        return _SUBWORD.findall(_join_endings(text))
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", _join_endings(text)))
    return [part for word in _WORD.findall(text) for run in _RUN.findall(word) for part in _split_run(run)]


def has_subwords(text: str) -> bool:
    """A cheap test whether `subwords` may differ from the words."""
    return _SUBWORD_BOUNDARY.search(text) is not None or is_unspaced(text)


def _split_run(run: str) -> list[str]:
    if _HAS_UNSPACED.match(run):
        return list(run)
    if run[1:] == run[1:].lower() and not _DIGIT.search(run):
        return [run]
    cuts = [0]
    for at in range(1, len(run)):
        before, here = run[at - 1], run[at]
        if (here.isupper() and before.islower()) or here.isdigit() != before.isdigit():
            cuts.append(at)
    return [run[start:end] for start, end in zip(cuts, [*cuts[1:], len(run)], strict=True)]


@lru_cache(maxsize=4096)
def compound_parts(word: str) -> list[str]:
    """Known words inside a compound: `downloadhelper` has `down` and `download`."""
    if len(word) < _MIN_COMPOUND:
        return []
    return [
        part
        for at in range(len(word) - 1)
        for part in _COMPOUND_PARTS.get(word[at : at + 2], ())
        if word.startswith(part, at)
    ]


def plain_text(text: str) -> str:
    """Without HTML tags, which descriptions may have."""
    if "<" in text:
        text = _HTML_TAG.sub(" ", text)
    return _spell_signs(html.unescape(text) if "&" in text else text)


class Analyzer(dict[bytes, str]):
    """Analyzes texts of one language; as a dict, the cache of tokens and their terms (`""` for a stop word).

    Bounded. One thread only, because stemmers keep state between calls.
    """

    def __init__(self, name: str, limit: int = _MAX_TOKENS_CACHED) -> None:
        self._limit = limit
        stemmer, stop_words = _ANALYZERS[name]
        self._stem = Stemmer.Stemmer(stemmer, 0).stemWord if stemmer else str
        self._is_stop_word = _stop_word_test(stop_words)
        self.forms = lru_cache(maxsize=limit)(self._other_forms)

    def __missing__(self, token: bytes) -> str:
        if len(self) >= self._limit:
            self.clear()
        if token.isalnum() and len(token) <= _MAX_TOKEN:
            word = token.decode()
            terms = "" if self._is_stop_word(word) else self._stem(word)
        else:
            terms = " ".join(self._analyze_token(token.decode("utf-8", "replace")))
        if len(token) <= _MAX_TOKEN:
            self[token] = terms
        return terms

    def terms(self, text: str) -> str:
        """The terms of a text in order, separated by spaces."""
        tokens = plain_text(text).encode("utf-8", "replace").translate(_SEPARATORS).split()
        return " ".join(map(self.__getitem__, tokens))

    def stem(self, folded: str) -> str:
        """The stem of a word in a name, even of a stop word."""
        return fold(self._stem(folded))

    def _other_forms(self, folded: str) -> tuple[str, ...]:
        """Further terms of a word in a name: its stem, the parts of a compound."""
        forms = dict.fromkeys((self.stem(folded), *compound_parts(folded)))
        return tuple(form for form in forms if form != folded)

    def _analyze_token(self, token: str) -> list[str]:
        """The terms of a token, which may be several words: apostrophes and non-ASCII signs do not split."""
        token = _join_endings(token)
        if not token.isascii():
            token = unicodedata.normalize("NFKC", _INVISIBLE.sub("", token)).lower()
        return [
            term
            for word in _WORD.findall(token)
            for run in _RUN.findall(word)
            for term in self._run_terms(run)
        ]

    def _run_terms(self, run: str) -> list[str]:
        if _HAS_UNSPACED.match(run):
            return _bigrams(run)
        if len(run) > _MAX_TOKEN or self._is_stop_word(run):
            return []
        return [fold(self._stem(run))]


def _stop_word_test(language: str | None) -> Callable[[str], bool]:
    if language is None:
        return lambda word: False
    if language == ENGLISH:
        return STOP_WORDS.__contains__
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    analyze = builder.filter(tantivy.Filter.stopword(language)).build().analyze
    return lambda word: not analyze(word)
