"""Compression of many small texts that look alike, with one dictionary for all of them; and of long ones.

    packer = Packer.trained(samples)
    packer.unpack(packer.pack(text)) == text

    chain = Chain((None, 0), dictionary_of(samples))
    chain.reader(1)(chain.pack([row, detail])) == detail

A Packer serves what is packed often and read seldom: an add-on's JSON shrinks
to a sixth in about 12 us and comes back in 5 us. A Chain is for what is packed
once, ahead of time, and read often: twice as fast to read, ten times slower to
pack, and texts that nearly repeat an earlier one cost next to nothing. A Packer
is for one thread at a time, a Chain for any.

    PackedText.of(text).plain() == text
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from struct import Struct
from typing import Final, NamedTuple, Self

import lz4.block
import zstandard

SAMPLES = 800
_FEWEST = 100  # samples, below which there is nothing to learn
_DICTIONARY_BYTES = 64 * 1024
_THOROUGH: Final = {"mode": "high_compression", "compression": 4}  # of 12; higher ones save little
_FAST: Final = {"mode": "default"}
_LEVEL = 1  # with the dictionary, higher ones save little and cost a good deal of the start


class Compressor:
    def __init__(self, dictionary: bytes = b"") -> None:
        """`dictionary`: what `trained` found out for another one."""
        self.dictionary = dictionary
        known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        if known is not None:
            known.precompute_compress(level=_LEVEL)
        self._compress = zstandard.ZstdCompressor(level=_LEVEL, dict_data=known).compress
        self._decompress = zstandard.ZstdDecompressor(dict_data=known).decompress

    @classmethod
    def trained(cls, samples: Iterable[bytes]) -> Self:
        """Fitted to texts like these, of which it looks at SAMPLES."""
        return cls(dictionary_of(samples))

    def pack(self, text: bytes) -> bytes:
        # The copy is as large as it looks; the compressor's own result keeps room for the worst case.
        return bytes(memoryview(self._compress(text)))

    def unpack(self, packed: bytes) -> bytes:
        return self._decompress(packed)


class Chain:
    """Several texts as one. Safe from any thread."""

    def __init__(self, likes: Sequence[int | None], dictionary: bytes = b"") -> None:
        """`likes`: for each text the place of an earlier one that it nearly repeats, or None."""
        self._likes = tuple(likes)
        self._dictionary = dictionary
        self._bounds = Struct(f"<{len(likes) + 1}I")  # where each text starts, and the last one ends

    def pack(self, texts: Sequence[bytes]) -> bytes:
        """Takes some 0.2 ms, and lets other threads run."""
        packed, bounds = [], [self._bounds.size]
        for text, like in zip(texts, self._likes, strict=True):
            # Beside the dictionary a thorough search pays; a text that repeats another is soon found there.
            known, how = (self._dictionary, _THOROUGH) if like is None else (texts[like], _FAST)
            packed.append(lz4.block.compress(text, dict=known, **how))
            bounds.append(bounds[-1] + len(packed[-1]))
        return b"".join((self._bounds.pack(*bounds), *packed))

    def reader(self, place: int) -> Callable[[bytes], bytes]:
        """What unpacks the text at a place, ready made: a page reads many."""
        like, decompress, dictionary = self._likes[place], lz4.block.decompress, self._dictionary
        bounds, offset = Struct("<2I").unpack_from, 4 * place
        earlier = None if like is None else self.reader(like)

        def read(packed: bytes) -> bytes:
            start, end = bounds(packed, offset)
            known = dictionary if earlier is None else earlier(packed)
            text: bytes = decompress(packed[start:end], dict=known)
            return text

        return read


def dictionary_of(samples: Iterable[bytes]) -> bytes:
    """For texts like these, of which it looks at SAMPLES; empty where there are too few."""
    chosen: list[bytes | bytearray | memoryview[int]] = list(islice(samples, SAMPLES))
    if len(chosen) < _FEWEST:
        return b""
    return zstandard.train_dictionary(_DICTIONARY_BYTES, chosen).as_bytes()


class PackedText(NamedTuple):
    """A long text kept in a third of its room; a megabyte comes back in 0.3 ms."""

    packed: bytes

    @classmethod
    def of(cls, text: bytes) -> Self:
        return cls(lz4.block.compress(text))

    def plain(self) -> bytes:
        text: bytes = lz4.block.decompress(self.packed)
        return text


Text = bytes | PackedText


def room_of(text: Text) -> int:
    """The bytes it takes, however it is kept."""
    return len(text.packed) if isinstance(text, PackedText) else len(text)
