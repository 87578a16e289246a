"""Another Amoeba as a source: its catalogue by `export/`, then changes by `changes/` (contract/extras.md 9).

    feed = AmoebaFeed(source, writer, state)
    if await feed.is_supported(): await feed.read_export()
    changed = await feed.poll(25)    # False: no change within so many seconds; raises HistoryLost

The position in the changes is fetched before the export is read, and stored after its changes are noted.

Thread rule: event loop only.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson

from conf.limits import MAX_MIRRORED_ADDONS, MAX_MIRRORED_ANSWER
from conf.model.queues import MirroredDoc
from server.mirror.client import BadAnswer, conditional_headers
from server.mirror.source import Source, has_id
from server.mirror.state import BATCH, MirrorState
from server.mirror.writer import MirrorWriter
from server.outside.http_client import NoAnswer

_TRIES: Final = 20  # connections in a row that bring nothing new
_MAX_POLLS: Final = 10_000  # each brings some changes
_GZIP: Final = 31


class HistoryLost(BadAnswer):
    """Some changes are lost, so the export has to be read again."""


class AmoebaFeed:
    """Has the writer store the export's add-ons, and marks changed ones as due in the state."""

    def __init__(self, source: Source, writer: MirrorWriter, state: MirrorState) -> None:
        self._source = source
        self._writer = writer
        self._state = state

    async def is_supported(self) -> bool:
        """Whether the server has both endpoints; if so, stores the position in its changes."""
        if self._state.document["since"] is not None:
            return True
        try:
            answer = await self._source.client.get(self._source.path("changes/", {"wait": 0}))
        except BadAnswer:
            return False
        if answer.status != 200 or not _is_news(answer.value):
            return False
        self._state.document |= {"since": answer.value["last"], "listed": False, "cursor": 0}
        await self._state.save()
        return True

    async def read_export(self) -> None:
        """Read the export from the stored cursor on, then set `listed`.

        Raises BadAnswer, SourceUnavailable.
        """
        document = self._state.document
        failed = 0
        while not document["listed"]:
            before = document["cursor"]
            try:
                await self._read_export()
            except NoAnswer as fault:
                failed = 0 if document["cursor"] > before else failed + 1
                if failed >= _TRIES:
                    raise BadAnswer(f"export/ after {document['cursor']}: {fault}") from None

    async def _read_export(self) -> None:
        """Raises NoAnswer if the connection breaks."""
        document = self._state.document
        whole = document["cursor"] == 0
        path = self._source.path("export/", {} if whole else {"cursor": document["cursor"]})
        async with self._source.client.stream(
            path, conditional_headers(document["tag"] if whole else None)
        ) as answer:
            if answer.status == 304:
                await self._mark_all_seen()
            elif answer.status == 200:
                parts = answer.parts
                if answer.headers.get("Content-Encoding") == "gzip":
                    parts = _decompress(parts)
                await self._store_lines(_lines(parts))
            else:
                raise BadAnswer(f"{path}: status {answer.status}")
            tag = answer.headers.get("ETag") if whole else None
        document |= {"listed": True, "tag": tag}
        await self._state.save()

    async def _mark_all_seen(self) -> None:
        """Mark all add-ons as seen, because the export has not changed since it was last read whole."""
        async for mirrored in self._state.unseen():
            await self._state.mark_seen(mirrored)

    async def _store_lines(self, lines: AsyncIterator[bytes]) -> None:
        rows: list[Any] = []
        count = 0
        try:
            async for line in lines:
                rows += self._parse_line(line, rows)
                count += 1
                if count > MAX_MIRRORED_ADDONS:
                    raise BadAnswer(f"export/: more than {MAX_MIRRORED_ADDONS} lines")
                if len(rows) >= BATCH:
                    await self._store_rows(rows)
                    rows = []
        finally:
            await self._store_rows(rows)

    def _parse_line(self, line: bytes, before: list[Any]) -> list[Any]:
        """The add-on of a line in a list; an invalid line is reported, and gives an empty list."""
        last = before[-1]["id"] if before else self._state.document["cursor"]
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            self._writer.report(f"export/ after {last}", f"a line that is no JSON: {fault}")
            return []
        if not has_id(row):
            self._writer.report(f"export/ after {last}", "a line that is no object, or has no id")
            return []
        if row["id"] <= last:
            raise BadAnswer(f"export/: {row['id']} after {last}, which is no order by id")
        return [row]

    async def _store_rows(self, rows: list[Any]) -> None:
        if not rows:
            return
        await self._writer.store_rows(rows, "export/", are_details=True)
        self._state.document["cursor"] = rows[-1]["id"]
        await self._state.save()
        self._writer.listener.progress(len(rows))

    async def poll(self, wait: int) -> bool:
        """Mark changed add-ons as due; returns whether any changed within `wait` seconds.

        Raises HistoryLost, BadAnswer.
        """
        document = self._state.document
        path = self._source.path("changes/", {"since": document["since"], "wait": wait})
        answer = await self._source.client.get(path)
        if answer.status in (400, 410):  # the position is too old, or the server's data was replaced
            document |= {"since": None}
            await self._state.save()
            raise HistoryLost(f"{path}: status {answer.status}, so that all is to be read again")
        if answer.status != 200 or not _is_news(answer.value):
            raise BadAnswer(f"{path}: status {answer.status}")
        events = [event["id"] for event in answer.value["changes"] if has_id(event)]
        if events and answer.value["last"] == document["since"]:
            raise BadAnswer(f"{path}: changes, and the place where they go on is the same")
        mirrored = await self._state.find_addons(dict.fromkeys(events))
        await self._state.save_addons([_changed(addon) for addon in mirrored.values()])
        document["since"] = answer.value["last"]
        await self._state.save()
        return bool(events)

    async def catch_up(self) -> None:
        """Poll until there are no more changes. Raises as `poll`, and BadAnswer if they never end."""
        for _ in range(_MAX_POLLS):
            if not await self.poll(0):
                return
        raise BadAnswer(f"changes/: {_MAX_POLLS} answers in a row with changes")


def _changed(mirrored: MirroredDoc) -> MirroredDoc:
    """The document, due for a whole read, because the feed does not say what changed."""
    return mirrored | {"due": True, "read_listing": mirrored["listing"], "read_ratings": mirrored["ratings"]}


def _is_news(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("changes"), list)
        and isinstance(value.get("last"), str)
    )


async def _decompress(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Raises NoAnswer for broken or incomplete gzip."""
    decompressor = zlib.decompressobj(_GZIP)
    async for part in parts:
        remaining = part
        while remaining and not decompressor.eof:
            try:
                yield decompressor.decompress(remaining, _PART)
            except zlib.error as fault:
                raise NoAnswer(f"broken gzip: {fault}") from None
            remaining = decompressor.unconsumed_tail
    if not decompressor.eof:
        raise NoAnswer("it breaks off")


_PART: Final = 1024 * 1024  # bytes unpacked at a time


async def _lines(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The complete lines; drops an incomplete last one. Raises NoAnswer for a line that is too long."""
    partial_line = b""
    async for part in parts:
        *lines, partial_line = (partial_line + part).split(b"\n")
        for line in lines:
            if line:
                yield line
        if len(partial_line) > MAX_MIRRORED_ANSWER:
            raise NoAnswer(f"a line of more than {MAX_MIRRORED_ANSWER} bytes")
