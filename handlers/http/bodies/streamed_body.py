"""Forms with large files, which are written to the disk while they arrive.

    streamed(VersionListHandler)     # the same resource; `data()` has UploadedFile where others have HTTPFile

Callers without permission are refused before the body is read.
"""

import asyncio
from typing import Any

from tornado.web import stream_request_body

from handlers.http.base import ApiHandler
from handlers.http.bodies import bodies
from handlers.http.bodies.form_reader import FileTooLarge, FormFault, FormReader
from handlers.http.bodies.multipart import MultipartForm
from handlers.http.replies.errors import unavailable


@stream_request_body
class _StreamedBody(ApiHandler):
    def initialize(self, *args: Any, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self.received.accepts_files = True
        form, settings = MultipartForm.from_headers(self.request.headers), self.site.settings
        assert form is not None  # handlers/urls.py routes only such forms here
        self._form = FormReader(form.boundary, settings.data_dir, settings.max_package_bytes)

    async def data_received(self, chunk: bytes) -> None:
        await asyncio.to_thread(self._form.feed, chunk)

    def body(self) -> bodies.Body:
        """Raises Refusal 400; 503 if the disk is full."""
        try:
            fields, files = self._form.end()
        except FormFault as fault:
            raise self.error(400, "form_parse_error", reason=str(fault)) from None
        except FileTooLarge:
            raise self.received.too_large() from None
        except OSError as fault:
            raise unavailable(self.locale_name) from fault
        return bodies.Body(fields, files, is_form=True)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An answer before the end of the body closes the connection, because nobody reads the rest."""
        if self.request._body_future.done():
            super().write_error(status_code, **kwargs)
            return
        error = self._refusal_for(status_code, kwargs.get("exc_info", (None, None))[1])
        connection: Any = self.request.connection
        connection.stream.refuse(error, self.received)

    def on_finish(self) -> None:
        self._form.close()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._form.close()


def streamed(handler: type[ApiHandler]) -> type[ApiHandler]:
    """A subclass of the handler that streams its body."""
    return type(f"Streamed{handler.__name__}", (_StreamedBody, handler), {})
