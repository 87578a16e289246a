"""The whole public catalogue as lines of JSON, by id (contract/extras.md 9.1).

It is made and sent in parts of some milliseconds, each after the client has received the one before, so an
export neither blocks the event loop nor needs more memory than one part and the ids.
"""

from collections.abc import Sequence
from typing import Final

from isal import isal_zlib
from tornado.iostream import StreamClosedError

from conf.limits import MAX_EXPORTS
from conf.numbers import read_number
from handlers.http.base import PublicResource
from handlers.http.replies.reply import accepts_gzip
from index.runtime.time_slice import yield_to_loop

_BATCH: Final = 16  # add-ons per turn of the event loop: some 3 ms
_RETRY_AFTER: Final = 60  # seconds
_GZIP_LEVEL: Final = 2
_GZIP_WINDOW: Final = 31  # 15 bits, plus 16 for gzip's header
_VARY: Final = "X-Country-Code, Accept-Language, origin, Accept-Encoding"


class ExportHandler(PublicResource):
    title = "Export"

    async def get(self) -> None:
        after = self._cursor()
        if not self._begin() or self.request.method == "HEAD":
            self.finish()
            return
        if self.site.exports >= MAX_EXPORTS:
            raise self.throttled(_RETRY_AFTER)
        self.site.exports += 1
        try:
            await self._send_lines(self.site.catalogue.documents.ids(after))
        except StreamClosedError:
            pass  # the client has disconnected
        finally:
            self.site.exports -= 1

    def _cursor(self) -> int:
        """The id after which the export begins. Raises Refusal 400."""
        text = self.read_request().params.get("cursor")
        number = read_number(text.strip()) if text else 0
        if number is None:
            raise self.error(400, "invalid_parameter", name="cursor")
        return number

    def _begin(self) -> bool:
        """Send status and headers. Returns whether a body follows."""
        request = self.read_request()
        tag = f'W/"{self.site.catalogue.generation}-{request.representation[:4].hex()}"'
        headers = {"Cache-Control": "s-maxage=0", "Allow": self.allow(), "Vary": _VARY}
        status = self.begin_stream({**headers, "Content-Type": "application/x-ndjson"}, tag)
        if status == 200 and self._is_zipped:
            self.set_header("Content-Encoding", "gzip")
        return status == 200

    @property
    def _is_zipped(self) -> bool:
        return accepts_gzip(self.request.headers.get("Accept-Encoding"))

    async def _send_lines(self, ids: Sequence[int]) -> None:
        gzip = isal_zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW) if self._is_zipped else None
        for start in range(0, len(ids), _BATCH):
            lines = self._lines(ids[start : start + _BATCH])
            self.write(gzip.compress(lines) if gzip else lines)
            await self.flush()
            await yield_to_loop()
        self.finish(gzip.flush() if gzip else None)

    def _lines(self, ids: Sequence[int]) -> bytes:
        """The add-ons that are still public, and not withheld from the caller's country."""
        request, documents = self.read_request(), self.site.catalogue.documents
        addons = ((addon_id, documents.get(addon_id)) for addon_id in ids)
        public = [
            id_ for id_, addon in addons if addon is not None and request.country not in addon.exclusions
        ]
        return b"".join(line + b"\n" for line in documents.details(public, request.view, compiles=False))
