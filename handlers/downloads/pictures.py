"""Uploaded pictures, below the media URL (contract/writes.md 6.1)."""

from typing import Final

from handlers.downloads.stored_file import StoredFileHandler
from server.errors import NotFound
from server.rules.values.images import mark
from server.services.pictures import find_picture

_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg"}
_YEAR: Final = 31_536_000  # seconds
_HOUR: Final = 3600


class PictureFileHandler(StoredFileHandler):
    """`/user-media/…`, for everybody. With the `modified` of URLs in answers, a picture never changes."""

    title = "Picture"
    mechanisms = ()

    async def get(self, path: str) -> None:
        modified = self.read_request().params.get("modified")
        try:
            stored = await find_picture(self.site, path)
        except NotFound:
            raise self.not_found() from None
        age = _YEAR if modified == mark(stored) else _HOUR
        headers = {"Content-Type": _TYPES[path.rpartition(".")[2]], "Cache-Control": f"max-age={age}"}
        await self.send_stored(stored, {**headers, "Access-Control-Allow-Origin": "*"})
