"""Loading into a test's store, and what it says."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.basket.outbox import Syncs
from server.intake.loader import Summary, load
from server.intake.sources import Source
from server.operating.dump import dump
from server.storage.patience import Patience
from server.storage.store import Store


class RecordingReporter:
    """A Reporter that remembers."""

    def __init__(self) -> None:
        self.bad_records: list[tuple[str, str]] = []
        self.records = 0

    def report_fault(self, location: str, reason: str) -> None:
        self.bad_records.append((location, reason))

    def progress(self, records: int, position: int) -> None:
        self.records += records


async def load_files(
    store: Store, paths: Sequence[Path], syncs: Syncs | None = None
) -> tuple[Summary, RecordingReporter]:
    """As the command loads: with a store that waits."""
    reporter = RecordingReporter()
    store.patience = Patience()
    sources = [Source(str(path)) for path in paths]
    try:
        return await load(sources, store, reporter, syncs), reporter
    finally:
        store.patience = None
        for source in sources:
            source.__exit__(None, None, None)


def write_lines(path: Path, records: Sequence[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


async def dumped(store: Store) -> bytes:
    return b"".join([lines async for lines in dump(store)])


async def dumped_kinds(store: Store) -> list[str]:
    return [json.loads(line)["kind"] for line in (await dumped(store)).splitlines()]
