"""Changes of the public catalogue, as server-sent events or by long polling (contract/extras.md 9.2)."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import Final

from tornado.iostream import StreamClosedError

from conf.limits import MAX_LISTENERS, MAX_WAIT
from conf.numbers import read_number
from handlers.http.base import SiteResource
from server.errors import Unavailable
from server.following.change_log import ChangesMissed, Cursor, EventBatch

_STREAM: Final = "text/event-stream"
_TOKEN: Final = re.compile("[0-9A-Fa-f]{20,1000}")
_HEARTBEAT: Final = 15.0  # seconds between heartbeats
_MAX_CONNECTION: Final = 3600.0  # seconds after which a client has to connect again
_DEFAULT_WAIT: Final = 25  # seconds, without the parameter `wait`
_RETRY_AFTER: Final = 60  # seconds


class ChangesHandler(SiteResource):
    title = "Changes"
    answers_head = False  # because HEAD would wait for changes that it does not send
    _work: "asyncio.Task[EventBatch] | None" = None

    async def get(self) -> None:
        try:
            cursor = await self._cursor()
            with self._listening(), suppress(asyncio.CancelledError):  # the client has disconnected
                if _STREAM in self.request.headers.get("Accept", ""):
                    await self._stream(cursor)
                else:
                    await self._answer(cursor)
        except ChangesMissed:
            raise self.error(410, "changes_missed") from None

    async def _cursor(self) -> Cursor:
        """The position after `since`. Raises Refusal 400; ChangesMissed if it is too old."""
        token = self._since
        if token is not None and not _TOKEN.fullmatch(token):
            raise self.error(400, "invalid_parameter", name="since")
        return await self.site.change_log.open(token)

    @property
    def _since(self) -> str | None:
        return self.request.headers.get("Last-Event-ID") or self.read_request().params.get("since")

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Counts the listener. Raises Refusal 429 if there are too many."""
        log = self.site.change_log
        if log.listeners >= MAX_LISTENERS:
            raise self.throttled(_RETRY_AFTER)
        log.listeners += 1
        try:
            yield
        finally:
            log.listeners -= 1

    async def _answer(self, cursor: Cursor) -> None:
        """Answer with all changes as soon as there are some; without `since`, at once."""
        params = self.read_request().params
        wait = read_number(params.get("wait", str(_DEFAULT_WAIT)).strip())
        if wait is None:
            raise self.error(400, "invalid_parameter", name="wait")
        batch = await self._next(cursor, min(wait, MAX_WAIT) if self._since else 0.0)
        events = batch.events
        while batch.token is None:
            batch = await self._next(cursor, 0.0)
            events += batch.events
        self.send_json(
            {"changes": [{"type": event.kind, "id": event.id} for event in events], "last": batch.token}
        )

    async def _stream(self, cursor: Cursor) -> None:
        headers = {"Cache-Control": "no-store", "Allow": self.allow(), "Content-Type": _STREAM}
        self.begin_stream({**headers, "X-Accel-Buffering": "no"})
        end = asyncio.get_running_loop().time() + _MAX_CONNECTION
        try:
            await self._send(EventBatch([], cursor.token if not cursor.older else None))
            while asyncio.get_running_loop().time() < end:
                await self._send(await self._next(cursor, _HEARTBEAT))
        except ChangesMissed:
            self.write(b"event: missed\ndata: {}\n\n")
        except Unavailable:
            pass  # the client reconnects with its last id
        except StreamClosedError:
            return
        self.finish()

    async def _next(self, cursor: Cursor, wait: float) -> EventBatch:
        """The next changes. Cancelled when the connection closes. Raises ChangesMissed."""
        self._work = asyncio.create_task(self.site.change_log.next(cursor, wait))
        try:
            return await self._work
        finally:
            self.began = perf_counter()  # because the client requested the wait, the answer is not slow

    async def _send(self, batch: EventBatch) -> None:
        """Send events; the last has the batch's token as its id. Without events, send a heartbeat."""
        lines = [f'event: {event.kind}\ndata: {{"id": {event.id}}}\n\n'.encode() for event in batch.events]
        if batch.token is not None:
            last = lines.pop() if lines else b": nothing\n\n"
            lines.append(b"id: %b\n%b" % (batch.token.encode(), last))
        self.write(b"".join(lines))
        await self.flush()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._work is not None:
            self._work.cancel()
