"""A dictionary of words with fuzzy look-up, without automata.

    dictionary = FuzzyDictionary()
    dictionary.add(["firefox", "firebug"]); dictionary.commit()
    dictionary.find("ifrefox", 1)  -> [("firefox", 1)]

Each word has a signature of 64 bits: the letters that it has at least once, and at least twice. An edit
changes at most two bits, so comparing the signatures of all words of similar length (numpy, some ten
microseconds) leaves a handful of candidates for the edit distance. Words are never removed: an unused one
has no postings in the index, and a start without an image does not restore it.

`add` and `commit` belong to the writer thread; `find` may run at the same time.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

_LETTER_BITS: Final = 32
_CHUNK: Final = 5_000  # words whose signatures are computed at once
_LENGTHS: Final = range(3, 61)  # letters of a word
_MAX_CANDIDATES: Final = 400  # of each length


def _letter_bit(code: int) -> int:
    """The bit of a character: Latin letters have one each, all others share six."""
    return code - 97 if 97 <= code <= 122 else 26 + code % 6


_LETTER_BIT: Final = np.array([_letter_bit(code) for code in range(256)], np.int64)


def signature(word: str) -> int:
    once = twice = 0
    for char in word:
        bit = 1 << _letter_bit(ord(char))
        twice |= once & bit
        once |= bit
    return once | twice << _LETTER_BITS


def signatures(words: list[str]) -> npt.NDArray[np.uint64]:
    """`signature` of many words, none of them empty."""
    codes = np.frombuffer("".join(words).encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    letters = np.where(codes < 256, _LETTER_BIT[codes & 255], 26 + codes % 6)
    rows = np.repeat(np.arange(len(words)), [len(word) for word in words])
    counts = np.bincount(rows * _LETTER_BITS + letters, minlength=len(words) * _LETTER_BITS)
    counts = counts.reshape(-1, _LETTER_BITS)
    bits = np.concatenate([counts > 0, counts > 1], axis=1)
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()


class _Bucket:
    """The words of one length."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.signatures = np.zeros(16, np.uint64)

    def extend(self, words: list[str]) -> None:
        # Readers use `len(words)` signatures, so the signatures have to be there before the words.
        size = len(self.words)
        grown = self.signatures
        if size + len(words) > len(grown):
            grown = np.zeros(max(2 * len(grown), size + len(words)), np.uint64)
            grown[:size] = self.signatures[:size]
        grown[size : size + len(words)] = signatures(words)
        self.signatures = grown
        self.words += words


class FuzzyDictionary:
    def __init__(self) -> None:
        self._words: set[str] = set()
        self._pending: dict[int, list[str]] = {}  # by length
        self._buckets: dict[int, _Bucket] = {}
        self.version = 0  # incremented by each `commit` that added words

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def known(self, words: set[str]) -> list[str]:
        """The words that are in the dictionary."""
        return list(words.intersection(self._words))

    def may_contain(self, word: str) -> bool:
        """False only for a word that was never added."""
        return word in self._words or len(word) not in _LENGTHS

    def add(self, words: Iterable[str]) -> None:
        known = self._words
        new = [word for word in dict.fromkeys(words) if word not in known and len(word) in _LENGTHS]
        known.update(new)
        for length, group in groupby(sorted(new, key=len), len):
            self._pending.setdefault(length, []).extend(group)

    def commit(self) -> None:
        """Let `find` see the words added since the last commit."""
        pending, self._pending = self._pending, {}
        for length, words in pending.items():
            bucket = self._buckets.setdefault(length, _Bucket())
            for start in range(0, len(words), _CHUNK):
                bucket.extend(words[start : start + _CHUNK])
        self.version += bool(pending)

    def find(self, word: str, distance: int) -> list[tuple[str, int]]:
        """Words within this edit distance, nearest first, each with its distance; not the word itself.

        An edit inserts, deletes or replaces a letter, or swaps two neighbours.
        """
        if len(word) not in _LENGTHS:
            return []
        candidates = self._candidates(word, distance)
        if not candidates:
            return []
        matches = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=distance, limit=None)
        return [(match, edits) for match, edits, _ in matches if edits]

    def _candidates(self, word: str, distance: int) -> list[str]:
        target = np.uint64(signature(word))
        candidates: list[str] = []
        for length in range(len(word) - distance, len(word) + distance + 1):
            bucket = self._buckets.get(length)
            if bucket is None:
                continue
            words = bucket.words
            differing = np.bitwise_count(bucket.signatures[: len(words)] ^ target)
            close = (differing <= 2 * distance).nonzero()[0]
            candidates += [words[position] for position in close[:_MAX_CANDIDATES].tolist()]
        return candidates
