"""Packing: what comes back is what went in, whatever else is packed with it."""

import pytest

from index.documents.compression import Compressor, PackedText, stored_size

SAMPLES = [b'{"id":%d,"name":"Add-on %d","summary":"%b"}' % (n, n, b"tabs " * (n % 9)) for n in range(300)]
LONG = bytes(range(256)) * 4000


@pytest.mark.parametrize("text", [b"", SAMPLES[3], LONG], ids=["empty", "usual", "long"])
@pytest.mark.parametrize("packer", [Compressor(), Compressor.trained(SAMPLES)], ids=["plain", "trained"])
def test_a_text_comes_back(packer: Compressor, text: bytes) -> None:
    assert packer.unpack(packer.pack(text)) == text


@pytest.mark.parametrize("text", [b"", SAMPLES[3], LONG], ids=["empty", "usual", "long"])
def test_a_long_text_comes_back(text: bytes) -> None:
    packed = PackedText.pack(text)
    assert packed.unpack() == text
    assert stored_size(packed) == len(packed.packed)
    assert stored_size(text) == len(text)
