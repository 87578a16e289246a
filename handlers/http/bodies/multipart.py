"""Checks a multipart form while it arrives, so that Tornado can parse it fast.

    form = MultipartForm.from_headers(headers)    # None if it is no multipart form, or has no boundary
    form.feed(chunk)
    form.fault

Tornado searches a body backwards for its last boundary, which takes seven seconds if ten megabytes consist of
beginnings of boundaries. It finds a boundary near the end at once, so a form must have it there.
"""

from collections.abc import Mapping
from typing import Final, Self

from conf.limits import MAX_BOUNDARY

_AFTER: Final = 1024  # bytes that may follow the last boundary


class MultipartForm:
    """One form; `fault` says what is wrong with it, after all chunks were fed."""

    def __init__(self, boundary: bytes) -> None:
        self.boundary = boundary
        self._last = b"--" + boundary + b"--"
        self._is_long = len(boundary) > MAX_BOUNDARY
        self._end = b""

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self | None:
        kind, *fields = headers.get("Content-Type", "").split(";")
        if kind.strip().lower() != "multipart/form-data":
            return None
        for field in fields:
            name, _, value = field.strip().partition("=")
            if name == "boundary" and value:  # because Tornado reads it so
                is_quoted = value.startswith('"') and value.endswith('"')
                return cls((value[1:-1] if is_quoted else value).encode())
        return None

    def feed(self, chunk: bytes) -> None:
        self._end = (self._end + chunk)[-_AFTER - len(self._last) :]

    @property
    def fault(self) -> str | None:
        if self._is_long:
            return f"boundary of more than {MAX_BOUNDARY} characters"
        return None if self._last in self._end else "Invalid multipart/form-data: no final boundary found"
