"""The whole public catalogue as lines of JSON, by id (contract/extras.md 9.1).

It is made and sent some milliseconds at a time, each part when the one before it has been taken: an export
holds neither the loop nor more memory than a part of it and the ids.
"""

from collections.abc import Sequence
from typing import Final

from isal import isal_zlib
from tornado.iostream import StreamClosedError

from conf.limits import MAX_EXPORTS
from conf.numbers import read_number
from handlers.http.base import PublicResource
from handlers.http.replies.errors import throttled
from handlers.http.replies.reply import Reply, accepts_gzip
from handlers.http.requests.request import ReadRequest
from index.runtime.turns import let_others

_TOGETHER: Final = 16  # add-ons a turn: some 3 ms
_WAIT: Final = 60  # seconds until it is worth while to ask again
_GZIP_LEVEL: Final = 2
_WITH_HEADER: Final = 31  # window of gzip
_VARY: Final = "X-Country-Code, Accept-Language, origin, Accept-Encoding"


class ExportHandler(PublicResource):
    title = "Export"

    async def get(self) -> None:
        request = self.read_request()
        after = _cursor(request)
        if not self._begin(request) or self.request.method == "HEAD":
            self.finish()
            return
        if self.site.exports >= MAX_EXPORTS:
            raise throttled(_WAIT, self.locale_name)
        self.site.exports += 1
        try:
            await self._send_lines(request, self.site.catalogue.documents.ids(after))
        except StreamClosedError:
            """The client has gone."""
        finally:
            self.site.exports -= 1

    def _begin(self, request: ReadRequest) -> bool:
        """Status and headers; whether there is anything to send."""
        tag = f'W/"{self.site.catalogue.generation}-{request.representation[:4].hex()}"'
        own = {"Cache-Control": "s-maxage=0", "Allow": self.allow(), "Vary": _VARY}
        reply = Reply(200, b"", own, tag)
        status, headers, _ = reply.render(self.received)
        self.set_status(status)
        self.clear_header("Content-Type")
        headers.pop("Content-Length", None)
        if status == 200:
            headers["Content-Type"] = "application/x-ndjson"
            if self._is_zipped:
                headers["Content-Encoding"] = "gzip"
        for name, value in headers.items():
            self.set_header(name, value)
        return status == 200

    @property
    def _is_zipped(self) -> bool:
        return accepts_gzip(self.request.headers.get("Accept-Encoding"))

    async def _send_lines(self, request: ReadRequest, ids: Sequence[int]) -> None:
        gzip = isal_zlib.compressobj(_GZIP_LEVEL, wbits=_WITH_HEADER) if self._is_zipped else None
        for start in range(0, len(ids), _TOGETHER):
            lines = self._lines(request, ids[start : start + _TOGETHER])
            self.write(gzip.compress(lines) if gzip else lines)
            await self.flush()
            await let_others()
        self.finish(gzip.flush() if gzip else None)

    def _lines(self, request: ReadRequest, ids: Sequence[int]) -> bytes:
        """Of those that are still public, and shown in the caller's country."""
        documents = self.site.catalogue.documents
        shown = []
        for addon_id in ids:
            kept = documents.get(addon_id)
            if kept is not None and request.country not in kept.exclusions:
                shown.append(addon_id)
        return b"".join(line + b"\n" for line in documents.exported(shown, request.view))


def _cursor(request: ReadRequest) -> int:
    """The id after which to go on. Raises Refusal 400."""
    sent = request.params.get("cursor")
    number = read_number(sent.strip()) if sent else 0
    if number is None:
        raise request.bad_request("invalid_parameter", name="cursor")
    return number
