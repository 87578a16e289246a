"""Long work on the event loop, in slices of time.

    time_slice = TimeSlice(0.005)
    for document in documents:
        ...
        if time_slice.is_over():
            await time_slice.renew()    # after everybody else on the loop had a turn

Event loop only.
"""

import asyncio
import time
from typing import Final

# A request goes through the loop several times before it is answered, each time behind what is queued.
_ROUNDS: Final = 6


async def yield_to_loop() -> None:
    """Let everybody else on the event loop have a turn."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)


class TimeSlice:
    def __init__(self, seconds: float) -> None:
        """`seconds` until others get their turn."""
        self._seconds = seconds
        self._started = time.perf_counter()

    def is_over(self) -> bool:
        return time.perf_counter() - self._started > self._seconds

    async def renew(self) -> None:
        await yield_to_loop()
        self._started = time.perf_counter()
