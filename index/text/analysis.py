"""Text to index terms: the one place that says what counts as the same word.

    fold("Ünïcode")        -> "unicode"
    words("tab-tree 日本語") -> ["tab", "tree", "日本", "本語"]
    parts("TabTree2")      -> ["Tab", "Tree", "2"]
    Stems("english").terms("The tabs of trees")  -> " tab  tree"

Terms of long texts leave here as one string with spaces, which tantivy only has
to split: stemming each distinct word once costs a third of what stemming every
token in the index does. Analyzers are those of contract/search.md 8.

Scripts written without spaces (Chinese, Japanese, Korean, Thai, ...) become
overlapping pairs of characters, whatever language the text is said to be in.

The functions are pure, safe from any thread. A `Stems` belongs to one thread.
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

# Blocks of scripts without spaces between words, their marks included; Hangul
# is among them because the cjk analyzer has it so.
_DENSE: Final = (
    "\u0e01-\u0edf\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Combining marks: Python's \w leaves them out, so words of many scripts would fall apart.
_MARKS: Final = "".join(
    char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char) in ("Mn", "Mc")
)
_WORD: Final = re.compile(rf"[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_{_MARKS}]*)*")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
_HAS_DENSE: Final = re.compile(f"[{_DENSE}]")
_RUN: Final = re.compile(f"[{_DENSE}]+|[^{_DENSE}]+")

# Taken out: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic.
# Marks of other scripts are letters to their readers and stay.
_ACCENTS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
)
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
# `don't` is a word, `l'outil` two: only English endings stick.
_ENDING: Final = re.compile("['\u2018\u2019\u02bc](?=(?:s|t|re|ll|ve|d|m)\\b)", re.IGNORECASE)
# Signs that make another word of the letters before or after them.
_PLUSES: Final = re.compile(r"(?<=[A-Za-z0-9])\+\+(?![\w+])")
_SHARP: Final = re.compile(r"(?<=\b[A-Za-z])#(?!\w)")
_DOT_NET: Final = re.compile(r"(?<![\w.])\.net\b", re.IGNORECASE)
_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)

_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Where a word changes from lower to upper case or between letters and digits, in alphabets that have cases.
_LOWER: Final = "a-zß-öø-ÿα-ωа-яё"
_UPPER: Final = "A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ"
_CHANGE: Final = re.compile(
    f"[{_LOWER}][{_UPPER}0-9]|[0-9][{_LOWER}{_UPPER}]|[{_UPPER}](?:[0-9]|[{_UPPER}][{_LOWER}])"
)
_DIGIT: Final = re.compile(r"\d")
_TAG: Final = re.compile(r"<[^<>]*>")
# For UTF-8: ASCII letters in lower case, what is no letter or digit a space. The
# apostrophe and everything outside ASCII is left to the few words that have them.
_SEPARATE: Final = bytes(
    byte if byte > 127 or byte == 39 else ord(chr(byte).lower()) if chr(byte).isalnum() else 32
    for byte in range(256)
)
_MAX_WORD: Final = 40  # letters; what is longer is no word
_MAX_STEMS: Final = 20_000  # tokens one analyzer remembers, some 200 bytes each

# Compounds are taken apart along these (contract/search.md 8).
_COMPOUNDED: Final = (
    "all auto ball bar block blog bookmark browser bug button cat chat click clip close color context cookie"
    " cool css delete dictionary down download easy edit fill fire firefox fix flag flash fly forecast fox"
    " foxy google grab grease html http image input inspect inspector iris js key keys lang link mail manager"
    " map mega menu menus monkey name net new open password persona privacy query screen scroll search secure"
    " select smart spring status style super sync tab text think this time title translate tree undo upload"
    " url user video window with word zilla"
)
_PIECES: Final[dict[str, list[str]]] = {}  # by their first two letters
for _piece in _COMPOUNDED.split():
    _PIECES.setdefault(_piece[:2], []).append(_piece)
_MIN_COMPOUND: Final = 5

# Lucene's English list; these need not match in a name.
_STOPPED: Final = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these"
    " they this to was will with"
)
STOP_WORDS: Final = frozenset(_STOPPED.split())

# Analyzer -> stemmer, built-in stop word list. Snowball has no Bulgarian, and
# there is nothing to stem in pairs of characters.
_ANALYZERS: Final[dict[str, tuple[str | None, str | None]]] = {
    "arabic": ("arabic", None),
    "basque": ("basque", None),
    "brazilian": ("portuguese", "portuguese"),
    "bulgarian": (None, None),
    "catalan": ("catalan", None),
    "chinese": (None, None),
    "cjk": (None, None),
    "czech": ("czech", None),
    "danish": ("danish", "danish"),
    "dutch": ("dutch", "dutch"),
    "english": ("english", "english"),
    "finnish": ("finnish", "finnish"),
    "french": ("french", "french"),
    "german": ("german", "german"),
    "greek": ("greek", None),
    "hungarian": ("hungarian", "hungarian"),
    "indonesian": ("indonesian", None),
    "italian": ("italian", "italian"),
    "persian": ("persian", None),
    "portuguese": ("portuguese", "portuguese"),
    "romanian": ("romanian", None),
    "russian": ("russian", "russian"),
    "spanish": ("spanish", "spanish"),
    "swedish": ("swedish", "swedish"),
}


def fold(text: str) -> str:
    """Lower case, one form of each letter, no accents: what names are compared by."""
    text = _spell_signs(text)
    if text.isascii():
        return _join_endings(text).lower() if "'" in text else text.lower()
    text = unicodedata.normalize("NFKC", _join_endings(text)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def _spell_signs(text: str) -> str:
    """`c++`, `c#` and `.net` as words of letters."""
    if "++" in text:
        text = _PLUSES.sub("plusplus", text)
    if "#" in text:
        text = _SHARP.sub("sharp", text)
    return _DOT_NET.sub("dotnet", text) if ".n" in text or ".N" in text else text


def _join_endings(text: str) -> str:
    return _ENDING.sub("", text) if "'" in text or "\u2019" in text else text


def words(folded: str) -> list[str]:
    """The words of a folded text, dense scripts as pairs."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found = _WORD.findall(folded)
    if not _HAS_DENSE.search(folded):
        return found
    return [term for word in found for run in _RUN.findall(word) for term in _pairs(run)]


def is_dense(text: str) -> bool:
    """Whether any of it is in a script without spaces."""
    return not text.isascii() and _HAS_DENSE.search(text) is not None


def _pairs(run: str) -> list[str]:
    if len(run) < 2 or not _HAS_DENSE.match(run):
        return [run]
    return list(map(add, run, run[1:]))


def squash(folded: str) -> str:
    """Letters and digits alone: `tab tree`, `tab-tree` and `tabtree` become equal."""
    return "".join((_ASCII_WORD if folded.isascii() else _WORD).findall(folded))


def parts(text: str) -> list[str]:
    """The smallest words: split at case and letter/digit changes, each dense character for itself."""
    if text.isascii():
        return _CAMEL.findall(_join_endings(text))
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", _join_endings(text)))
    return [part for word in _WORD.findall(text) for run in _RUN.findall(word) for part in _break(run)]


def is_plain(text: str) -> bool:
    """Whether its words are its parts, for all that a quick look can tell."""
    return _CHANGE.search(text) is None and not is_dense(text)


def _break(run: str) -> list[str]:
    if _HAS_DENSE.match(run):
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
def pieces(word: str) -> list[str]:
    """Known words inside a compound: `downloadhelper` has `down` and `download`."""
    if len(word) < _MIN_COMPOUND:
        return []
    return [
        piece
        for at in range(len(word) - 1)
        for piece in _PIECES.get(word[at : at + 2], ())
        if word.startswith(piece, at)
    ]


def plain_text(text: str) -> str:
    """Descriptions may hold HTML; its tags are not words."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    return _spell_signs(html.unescape(text) if "&" in text else text)


class Stems(dict[bytes, str]):
    """One analyzer: each token seen, with the terms it stands for, `""` for a stop word.

    Bounded; one thread only (the stemmers keep state between calls).
    """

    def __init__(self, analyzer: str, limit: int = _MAX_STEMS) -> None:
        self._limit = limit
        stemmer, stop_words = _ANALYZERS[analyzer]
        self._stem = Stemmer.Stemmer(stemmer, 0).stemWord if stemmer else str
        self._is_stop = _stop_test(stop_words)
        self.forms = lru_cache(maxsize=limit)(self._find_forms)

    def __missing__(self, token: bytes) -> str:
        if len(self) >= self._limit:
            self.clear()
        if token.isalnum() and len(token) <= _MAX_WORD:
            word = token.decode()
            terms = "" if self._is_stop(word) else self._stem(word)
        else:
            terms = " ".join(self._read(token.decode("utf-8", "replace")))
        if len(token) <= _MAX_WORD:
            self[token] = terms
        return terms

    def terms(self, text: str) -> str:
        """The terms of a text in its order, separated by spaces."""
        tokens = plain_text(text).encode("utf-8", "replace").translate(_SEPARATE).split()
        return " ".join(map(self.__getitem__, tokens))

    def stem(self, folded: str) -> str:
        """One word of a name, stemmed; stop words too."""
        return fold(self._stem(folded))

    def _find_forms(self, folded: str) -> tuple[str, ...]:
        """What else a word of a name is found by: its stem, the pieces of a compound."""
        return tuple(form for form in dict.fromkeys((self.stem(folded), *pieces(folded))) if form != folded)

    def _read(self, token: str) -> list[str]:
        """A token is one word, or several where a sign or a script outside ASCII holds them together."""
        token = _join_endings(token)
        if not token.isascii():
            token = unicodedata.normalize("NFKC", _INVISIBLE.sub("", token)).lower()
        return [
            term for word in _WORD.findall(token) for run in _RUN.findall(word) for term in self._terms(run)
        ]

    def _terms(self, run: str) -> list[str]:
        if _HAS_DENSE.match(run):
            return _pairs(run)
        if len(run) > _MAX_WORD or self._is_stop(run):
            return []
        return [fold(self._stem(run))]


def _stop_test(language: str | None) -> Callable[[str], bool]:
    if language is None:
        return lambda word: False
    if language == "english":
        return STOP_WORDS.__contains__
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    analyze = builder.filter(tantivy.Filter.stopword(language)).build().analyze
    return lambda word: not analyze(word)
