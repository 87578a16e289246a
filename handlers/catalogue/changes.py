"""What changed in the public catalogue: events, or one answer after a wait (contract/extras.md 9.2)."""

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
from server.following.change_log import Missed, News, Place

_STREAM: Final = "text/event-stream"
_TOKEN: Final = re.compile("[0-9A-Fa-f]{20,1000}")
_HEARTBEAT: Final = 15.0  # seconds between heartbeats
_LIFE: Final = 3600.0  # seconds after which a client is to connect anew
_WAIT: Final = 25  # seconds, unless asked otherwise
_AGAIN: Final = 60


class ChangesHandler(SiteResource):
    title = "Changes"
    answers_head = False  # it would wait for a body that nobody gets
    _work: "asyncio.Task[News] | None" = None

    async def get(self) -> None:
        try:
            position = await self._position()
            with self._listening(), suppress(asyncio.CancelledError):  # the client has gone
                if _STREAM in self.request.headers.get("Accept", ""):
                    await self._stream(position)
                else:
                    await self._answer(position)
        except Missed:
            raise self.error(410, "changes_missed") from None

    async def _position(self) -> Place:
        """Raises Refusal 400, Missed where it is too long ago."""
        token = self._since
        if token is not None and not _TOKEN.fullmatch(token):
            raise self.error(400, "invalid_parameter", name="since")
        return await self.site.change_log.place(token)

    @property
    def _since(self) -> str | None:
        return self.request.headers.get("Last-Event-ID") or self.read_request().params.get("since")

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Raises Refusal 429."""
        log = self.site.change_log
        if log.listeners >= MAX_LISTENERS:
            raise self.throttled(_AGAIN)
        log.listeners += 1
        try:
            yield
        finally:
            log.listeners -= 1

    async def _answer(self, position: Place) -> None:
        """As soon as there is anything to tell, all of it; at once where there can be nothing yet."""
        params = self.read_request().params
        wait = read_number(params.get("wait", str(_WAIT)).strip())
        if wait is None:
            raise self.error(400, "invalid_parameter", name="wait")
        news = await self._next(position, min(wait, MAX_WAIT) if self._since else 0.0)
        events = news.events
        while news.token is None:
            news = await self._next(position, 0.0)
            events += news.events
        self.send_json(
            {"changes": [{"type": event.kind, "id": event.id} for event in events], "last": news.token}
        )

    async def _stream(self, position: Place) -> None:
        headers = {"Cache-Control": "no-store", "Allow": self.allow(), "Content-Type": _STREAM}
        self.begin_stream({**headers, "X-Accel-Buffering": "no"})
        end = asyncio.get_running_loop().time() + _LIFE
        try:
            await self._send(News([], position.token if not position.older else None))
            while asyncio.get_running_loop().time() < end:
                await self._send(await self._next(position, _HEARTBEAT))
        except Missed:
            self.write(b"event: missed\ndata: {}\n\n")
        except Unavailable:
            pass  # the client comes back with the id it has
        except StreamClosedError:
            return
        self.finish()

    async def _next(self, position: Place, wait: float) -> News:
        """Ends with the connection. Raises Missed."""
        self._work = asyncio.create_task(self.site.change_log.next(position, wait))
        try:
            return await self._work
        finally:
            self.began = perf_counter()  # because the client asked to wait, which is no slow answer

    async def _send(self, news: News) -> None:
        """The last of what belongs together has the id to go on with; without events it is a heartbeat."""
        lines = [f'event: {event.kind}\ndata: {{"id": {event.id}}}\n\n'.encode() for event in news.events]
        if news.token is not None:
            last = lines.pop() if lines else b": nothing\n\n"
            lines.append(b"id: %b\n%b" % (news.token.encode(), last))
        self.write(b"".join(lines))
        await self.flush()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._work is not None:
            self._work.cancel()
