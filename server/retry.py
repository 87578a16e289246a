"""Pauses between tries: doubling, bounded, with jitter so that processes do not march in step."""

import random
from collections.abc import Iterator


def pauses(first: float, longest: float) -> Iterator[float]:
    """Endless seconds to wait: `first`, twice that, ... up to `longest`, each shortened by up to a half."""
    pause = first
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(pause * 2, longest)
