"""A mirror of a test's source in a test's store, in this process, and what it said."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from server.changes import Changes
from server.mirror.client import PoliteClient, Politeness
from server.mirror.mirror import Mirror, Options
from server.mirror.state import MirrorState
from server.retry import Backoff
from server.storage.store import Store

DEFAULT = Options(skipped=frozenset({"lists"}))
ROWS = Options(skipped=frozenset({"lists", "details"}))
ALL = Options()
HASTY = Politeness(rate=2000.0, timeout=1.0, tries=3, pauses=Backoff(0.01, 0.02))


@dataclass
class RecordingListener:
    """A Listener that keeps what it gets."""

    lines: list[str] = field(default_factory=list)
    done: int = 0

    def report_fault(self, location: str, reason: str) -> None:
        self.lines.append(f"{location}: {reason}")

    def progress(self, count: int, position: int | None = None) -> None:
        self.done += count

    def print_line(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class Mirrored:
    """What one run came to."""

    mirror: Mirror
    listener: RecordingListener
    requests: int

    @property
    def state(self) -> MirrorState:
        return self.mirror.state

    @property
    def faults(self) -> dict[str, str]:
        return self.mirror.writer.faults


async def mirror(
    store: Store, url: str, options: Options = DEFAULT, politeness: Politeness = HASTY
) -> Mirrored:
    """One round, as a process of its own would run it."""
    async with opened(store, url, options, politeness) as done:
        await done.mirror.run_round()
        done.requests = done.mirror.source.client.requests
    return done


@asynccontextmanager
async def opened(
    store: Store, url: str, options: Options = DEFAULT, politeness: Politeness = HASTY
) -> AsyncIterator[Mirrored]:
    """Before its first round."""
    listener = RecordingListener()

    @contextmanager
    def phase(title: str, total: int | None, unit: str) -> Iterator[RecordingListener]:
        listener.lines.append(f"{title}: {total} {unit}")
        yield listener

    client = PoliteClient(url, politeness, "Amoeba test")
    try:
        yield Mirrored(await Mirror.open(store, Changes(store, None), client, options, phase), listener, 0)
    finally:
        await client.close()


async def stored(store: Store) -> dict[int, Any]:
    """All add-ons, by id."""
    return {one["_id"]: one for one in await store.find("addons", {}, sort=(("_id", 1),))}
