"""A worker goes on whatever a round meets, and says once that it has to wait."""

import asyncio

import pytest

from server.background.worker import Worker
from server.errors import Conflict, ReadOnly, Unavailable

AWAY = "has to wait for MongoDB"
FAILED = "a round of testing failed"


class Rounds(Worker):
    """Each round meets the next of `faults`, if any is left."""

    def __init__(self, *faults: Exception | None, is_read_only: bool = False) -> None:
        super().__init__("testing", 0.01, lambda: is_read_only)
        self.faults = list(faults)
        self.done = 0

    async def work(self) -> None:
        self.done += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault


@pytest.mark.parametrize(
    ("faults", "messages"),
    [
        pytest.param([Unavailable("away")] * 5, [AWAY], id="MongoDB is away: once"),
        pytest.param([Unavailable("away"), None, Conflict("x")], [AWAY, AWAY], id="once each time"),
        pytest.param([ReadOnly("now")] * 3, [], id="read-only mode is no fault"),
        pytest.param([KeyError("a bug")] * 2, [FAILED, FAILED], id="a fault of its own: always"),
    ],
)
async def test_goes_on_and_says_why_not(
    faults: list[Exception | None], messages: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds(*faults)
    rounds.start()
    async with asyncio.timeout(5):
        while rounds.done < len(faults) + 2:
            await asyncio.sleep(0.01)
    await rounds.close()
    done = rounds.done
    await asyncio.sleep(0.05)
    assert rounds.done == done, "closed is closed"
    assert [text in record.getMessage() for record, text in zip(caplog.records, messages, strict=True)] == [
        True for _ in messages
    ]


async def test_has_no_rounds_in_read_only_mode() -> None:
    rounds = Rounds(is_read_only=True)
    await rounds.run_once()
    assert rounds.done == 0
