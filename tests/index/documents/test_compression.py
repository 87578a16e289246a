"""Packing: what comes back is what went in, whatever else is packed with it."""

from hashlib import sha256

import pytest

from index.documents.compression import Chain, Compressor, PackedText, dictionary_of, room_of

SAMPLES = [b'{"id":%d,"name":"Add-on %d","summary":"%b"}' % (n, n, b"tabs " * (n % 9)) for n in range(300)]
LONG = bytes(range(256)) * 4000
TEXTS = [
    pytest.param([b"one", b"one", b"one"], id="the same text"),
    pytest.param([b"", b"", b""], id="empty texts"),
    pytest.param([SAMPLES[7], SAMPLES[8], SAMPLES[7][:40]], id="texts that say the same"),
    pytest.param([LONG, LONG + b"x", b"y" * 300_000], id="longer than a dictionary reaches"),
]


@pytest.mark.parametrize("text", [b"", SAMPLES[3], LONG], ids=["empty", "usual", "long"])
@pytest.mark.parametrize("packer", [Compressor(), Compressor.trained(SAMPLES)], ids=["plain", "trained"])
def test_a_text_comes_back(packer: Compressor, text: bytes) -> None:
    assert packer.unpack(packer.pack(text)) == text


@pytest.mark.parametrize("dictionary", [b"", dictionary_of(SAMPLES)], ids=["plain", "trained"])
@pytest.mark.parametrize("likes", [(None, None, None), (None, 0, 0), (None, 0, 1)])
@pytest.mark.parametrize("texts", TEXTS)
def test_every_text_of_a_chain_comes_back(
    texts: list[bytes], likes: tuple[int | None, ...], dictionary: bytes
) -> None:
    chain = Chain(likes, dictionary)
    packed = chain.pack(texts)
    assert [chain.reader(place)(packed) for place in range(3)] == texts


def test_texts_that_repeat_each_other_cost_little_more_than_one() -> None:
    text = b"".join(sha256(sample).hexdigest().encode() for sample in SAMPLES)
    alone = len(Chain((None,)).pack([text]))
    assert len(Chain((None, 0, 0, 0)).pack([text] * 4)) < alone * 1.2


@pytest.mark.parametrize("text", [b"", SAMPLES[3], LONG], ids=["empty", "usual", "long"])
def test_a_long_text_comes_back(text: bytes) -> None:
    packed = PackedText.of(text)
    assert packed.plain() == text
    assert room_of(packed) == len(packed.packed)
    assert room_of(text) == len(text)
