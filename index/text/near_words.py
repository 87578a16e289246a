"""Words and names that are nearly the one asked for: fuzzy look-up without an automaton.

    near = Lookalikes()
    near.add(["firefox", "firebug"]); near.settle()
    near.find("ifrefox", 1)  -> ["firefox"]

Each word has a signature: 64 bits that say which letters it has once and twice.
One edit changes at most two of them, so counting differing bits over the words
of nearly the same length (numpy, some ten microseconds) leaves a handful to
compare for real. Words are only ever added: one that is in use no more finds
nothing in the index, and a start that reads the records forgets it.

`add` and `settle` belong to the writer thread, `find` may run beside them.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

_CLASSES: Final = 32
_CHUNK: Final = 5_000  # words whose signatures are made in one go
_MIN: Final = 3  # letters
_MAX: Final = 60
_ENOUGH: Final = 400  # candidates compared for real


def _class_of(code: int) -> int:
    """Which bit a letter has: Latin letters their own, the rest by chance."""
    return code - 97 if 97 <= code <= 122 else 26 + code % 6


_CLASS_OF: Final = np.array([_class_of(code) for code in range(256)], np.int64)


def signature(word: str) -> int:
    once = twice = 0
    for char in word:
        bit = 1 << _class_of(ord(char))
        twice |= once & bit
        once |= bit
    return once | twice << _CLASSES


def signatures(words: list[str]) -> npt.NDArray[np.uint64]:
    """Many at once; none of the words empty."""
    codes = np.frombuffer("".join(words).encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    classes = np.where(codes < 256, _CLASS_OF[codes & 255], 26 + codes % 6)
    rows = np.repeat(np.arange(len(words)), [len(word) for word in words])
    counts = np.bincount(rows * _CLASSES + classes, minlength=len(words) * _CLASSES).reshape(-1, _CLASSES)
    bits = np.concatenate([counts > 0, counts > 1], axis=1)
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()


class _Shelf:
    """The words of one length."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.signatures = np.zeros(16, np.uint64)

    def extend(self, words: list[str]) -> None:
        # Readers look at `len(words)` signatures, so these are in place first.
        size = len(self.words)
        grown = self.signatures
        if size + len(words) > len(grown):
            grown = np.zeros(max(2 * len(grown), size + len(words)), np.uint64)
            grown[:size] = self.signatures[:size]
        grown[size : size + len(words)] = signatures(words)
        self.signatures = grown
        self.words += words


class Lookalikes:
    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: dict[int, list[str]] = {}  # by length
        self._shelves: dict[int, _Shelf] = {}
        self.version = 0  # rises with every `settle` that added words

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def known(self, words: set[str]) -> list[str]:
        """Those of the words that were added."""
        return list(words.intersection(self._known))

    def may_have(self, word: str) -> bool:
        """False only for a word that was never added."""
        return word in self._known or not _MIN <= len(word) <= _MAX

    def add(self, words: Iterable[str]) -> None:
        known = self._known
        fresh = [word for word in dict.fromkeys(words) if word not in known and _MIN <= len(word) <= _MAX]
        known.update(fresh)
        for length, same in groupby(sorted(fresh, key=len), len):
            self._new.setdefault(length, []).extend(same)

    def settle(self) -> None:
        """Make the words added since the last time findable."""
        new, self._new = self._new, {}
        for length, words in new.items():
            shelf = self._shelves.setdefault(length, _Shelf())
            for start in range(0, len(words), _CHUNK):
                shelf.extend(words[start : start + _CHUNK])
        self.version += bool(new)

    def find(self, word: str, distance: int) -> list[tuple[str, int]]:
        """Known words within that many edits, nearest first, each with its distance; not the word itself.

        An edit is a letter put in, left out, replaced, or swapped with its neighbour.
        """
        if not _MIN <= len(word) <= _MAX:
            return []
        candidates = self._candidates(word, distance)
        if not candidates:
            return []
        matches = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=distance, limit=None)
        return [(match, edits) for match, edits, _ in matches if edits]

    def _candidates(self, word: str, distance: int) -> list[str]:
        wanted = np.uint64(signature(word))
        found: list[str] = []
        for length in range(len(word) - distance, len(word) + distance + 1):
            shelf = self._shelves.get(length)
            if shelf is None:
                continue
            words = shelf.words
            known = shelf.signatures[: len(words)]
            close = (np.bitwise_count(known ^ wanted) <= 2 * distance).nonzero()[0]
            found += [words[place] for place in close[:_ENOUGH].tolist()]
        return found
