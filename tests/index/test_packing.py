"""Packing: what comes back is what went in, each part without what follows it."""

import pytest

from index.packing import Packer

SAMPLES = [b'{"id":%d,"name":"Add-on %d","summary":"%b"}' % (n, n, b"tabs " * (n % 9)) for n in range(300)]
PARTS = [
    pytest.param([b"one"], id="one part"),
    pytest.param([b"", b"", b""], id="empty parts"),
    pytest.param([SAMPLES[7], SAMPLES[7][:40], SAMPLES[8]], id="parts that say the same"),
    pytest.param([bytes(range(256)) * 4000, b"x", b"y" * 300_000], id="more than a block each"),
]


@pytest.mark.parametrize("packer", [Packer(), Packer.trained(SAMPLES)], ids=["plain", "trained"])
@pytest.mark.parametrize("parts", PARTS)
def test_every_part_comes_back(packer: Packer, parts: list[bytes]) -> None:
    packed = packer.pack_parts(parts)
    assert [packer.unpack_part(packed, place, len(parts)) for place in range(len(parts))] == parts


def test_parts_that_repeat_each_other_cost_little_more_than_one() -> None:
    packer = Packer.trained(SAMPLES)
    text = b"".join(SAMPLES[:40])
    assert len(packer.pack_parts([text] * 4)) < len(packer.pack(text)) * 1.3
