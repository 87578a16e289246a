"""Long work on the event loop, a slice of time after the other.

    turns = Turns(0.005)
    for one in many:
        ...
        if turns.is_over():
            await turns.give()      # to whoever else has something to do

Event loop only.
"""

import asyncio
import time
from typing import Final

# A request comes by the loop some times before it is answered, each time behind who is there already.
_ROUNDS: Final = 6


async def let_others() -> None:
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)


class Turns:
    def __init__(self, slice: float) -> None:
        """`slice`: seconds until it is somebody else's turn."""
        self._slice = slice
        self._started = time.perf_counter()

    def is_over(self) -> bool:
        return time.perf_counter() - self._started > self._slice

    async def give(self) -> None:
        await let_others()
        self._started = time.perf_counter()
