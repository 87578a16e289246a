"""Waits for MongoDB without a time limit, for starts and commands of the shell.

    patience = Patience()
    addon = await patience.retry(lambda: find(7), lambda fault: "MongoDB at db.example.org")
    with patience.reporting(lambda: "mongod, which is starting"):
        ...

A request has a time limit, because its caller has one. A start or a command waits as long as MongoDB may
come back, and says so, because its operator would only start it again.

Thread rule: event loop only.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from server.errors import Unavailable
from server.retry import Backoff

T = TypeVar("T")

_FIRST_REPORT: Final = 0.9  # seconds until the first message
_REPORT_EVERY: Final = 10.0  # seconds between messages
_RETRY: Final = Backoff(0.1, 2.0)


def say(text: str) -> None:
    """A line on standard error, above the progress bar if there is one."""
    bars = sys.modules.get("tqdm")
    write = bars.tqdm.write if bars else print
    write(f"amoeba: {text}", file=sys.stderr)


class Patience:
    """Waits, and prints what for; concurrent waits share their messages."""

    def __init__(self, say: Callable[[str], None] = say) -> None:
        self.say = say
        self._quiet_until = 0.0
        self._waits_since: float | None = None  # None until a message was printed

    async def retry(
        self, attempt: Callable[[], Awaitable[T]], subject: Callable[[Unavailable | None], str]
    ) -> T:
        """The value of `attempt`, which is repeated as long as it raises Unavailable.

        `subject` names what it waits for, when that is printed; it gets the last fault, if any.
        """
        last: Unavailable | None = None
        with self.reporting(lambda: subject(last)):
            for pause in _RETRY:
                try:
                    return await attempt()
                except Unavailable as fault:
                    last = fault
                await asyncio.sleep(pause)
        raise AssertionError("back-off never ends")

    @contextmanager
    def reporting(self, subject: Callable[[], str]) -> Iterator[None]:
        """Print what the block waits for if it takes longer than a moment, and again from time to time."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        timer: asyncio.TimerHandle

        def report() -> None:
            nonlocal timer
            now = loop.time()
            if now >= self._quiet_until:
                self._waits_since = begun if self._waits_since is None else self._waits_since
                lasts = f" (for {now - begun:.0f} s)" if now - begun > _REPORT_EVERY else ""
                self.say(f"waiting for {subject()}{lasts}")
                self._quiet_until = now + _REPORT_EVERY
            timer = loop.call_later(_REPORT_EVERY, report)

        timer = loop.call_later(_FIRST_REPORT, report)
        try:
            yield
            if self._waits_since is not None:
                self.say(f"going on after {loop.time() - self._waits_since:.0f} s")
                self._waits_since = None
        finally:
            timer.cancel()
