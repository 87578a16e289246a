"""Sends stored files: whole or a range, streamed, or by the web server in front (X-Accel-Redirect).

Each part is read when the one before it has been sent, so a slow client costs a quarter of a megabyte, and
the event loop is never blocked.
"""

import logging
import re
from typing import Final

from tornado.iostream import StreamClosedError

from conf.numbers import read_number
from handlers.http.base import KEYS_AND_SESSIONS, SiteResource
from handlers.http.replies.reply import matches
from server.errors import AmoebaError
from server.files.files import copy_path

log = logging.getLogger(__name__)

_RANGE: Final = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")

Headers = dict[str, str]


class StoredFileHandler(SiteResource):
    """A resource that is a file."""

    mechanisms = KEYS_AND_SESSIONS

    async def send_stored(self, id_: str, headers: Headers) -> None:
        """Raises Refusal 404 if the file is no longer stored, BadDocument, Unavailable."""
        stored = await self.site.files.find(id_)
        if stored is None:
            log.error("%s is not in the store of files", id_)
            raise self.not_found()
        etag = f'"{id_.partition(":")[2]}"'
        file_headers = {"ETag": etag, "Accept-Ranges": "bytes", "X-Request-ID": self.received.request_id}
        headers = {**headers, **file_headers}
        if matches(self.request.headers.get("If-None-Match"), etag):
            self.send_body(b"", headers, 304)
        elif prefix := self.site.settings.accel_redirect:
            self.begin(200, {**headers, "X-Accel-Redirect": f"{prefix.rstrip('/')}/{copy_path(id_)}"})
        else:
            await self._send_bytes(id_, stored.size, headers)

    async def _send_bytes(self, id_: str, size: int, headers: Headers) -> None:
        start, stop = 0, size
        byte_range = self._requested_range(size, headers["ETag"])
        if byte_range is not None:
            start, stop = byte_range
            if start >= stop:
                self.begin(416, {**headers, "Content-Range": f"bytes */{size}", "Content-Length": "0"})
                return
            headers = {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}
        self.begin(206 if byte_range else 200, {**headers, "Content-Length": str(stop - start)})
        if self.request.method != "HEAD":
            await self._stream(id_, start, stop - start)

    def _requested_range(self, size: int, etag: str) -> tuple[int, int] | None:
        """Start and stop of the requested range. None for the whole file, and for several ranges and HEAD
        (RFC 9110, 14).
        """
        if self.request.method != "GET":
            return None
        match = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if match is None or self.request.headers.get("If-Range", etag) != etag:
            return None
        first, last = map(read_number, match.groups())
        if first is None:
            return None if last is None else (max(size - last, 0), size)
        if last is not None and last < first:
            return None
        return first, size if last is None else min(last + 1, size)

    async def _stream(self, id_: str, start: int, length: int) -> None:
        has_begun = False
        try:
            async for part in self.site.files.read(id_, start, length):
                self.write(part)
                await self.flush()
                has_begun = True
        except StreamClosedError:
            pass  # the client has disconnected
        except AmoebaError as error:
            if not has_begun:
                raise
            log.error("%s ended in the middle: %s", id_, error)
            self.detach().close()  # so that the client sees that the file is incomplete
