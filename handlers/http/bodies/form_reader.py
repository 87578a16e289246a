"""Reads a multipart form while it arrives: texts into memory, files onto the disk.

    reader = FormReader(boundary, data_dir, limit)     # bytes of one file
    reader.feed(chunk)                                 # any thread, one at a time
    fields, files = reader.end()                       # FormFault, FileTooLarge

`end` raises the first fault; what arrives after it is discarded.
"""

import contextlib
import logging
from io import BufferedIOBase, BytesIO
from typing import Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from conf.limits import MAX_BOUNDARY, MAX_FORM_PARTS, MAX_TEXTS_BYTES
from server.files.uploaded_file import UploadedFile, open_spool

# Its log messages are suppressed because they quote what callers send.
logging.getLogger("python_multipart").setLevel(logging.ERROR)
_NO_END: Final = "Invalid multipart/form-data: no final boundary found"


class FormFault(Exception):
    """The form is invalid; the text says why."""


class FileTooLarge(Exception):
    """A file exceeds the limit; the argument is its field."""


class FormReader:
    """One form; `limit` is the largest size of one of its files, in bytes."""

    def __init__(self, boundary: bytes, data_dir: str, limit: int) -> None:
        self._data_dir = data_dir
        self._limit = limit
        self._texts: dict[str, BytesIO] = {}
        self._files: dict[str, UploadedFile] = {}
        self._text_bytes = self._parts = 0
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._field = ""
        self._sink: BufferedIOBase | None = None
        self._ended = False
        self._fault: Exception | None = None
        callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open_part,
            "on_part_data": self._write,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary[:MAX_BOUNDARY], callbacks)

    def feed(self, chunk: bytes) -> None:
        if self._fault is None:
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                self._fault = FormFault(f"Invalid multipart/form-data: {error}")
            except (FormFault, FileTooLarge, OSError) as error:
                self._fault = error
            except ValueError:  # the file is closed, because the client disconnected
                self._fault = FormFault("given up")

    def end(self) -> tuple[dict[str, str], dict[str, UploadedFile]]:
        """The last field and file of each name. Raises FormFault, FileTooLarge, OSError (disk full)."""
        if self._fault is not None:
            raise self._fault
        if not self._ended:
            raise FormFault(_NO_END)
        try:
            return {name: text.getvalue().decode() for name, text in self._texts.items()}, self._files
        except UnicodeDecodeError:
            raise FormFault("not UTF-8") from None

    def close(self) -> None:
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.content.close()

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_FORM_PARTS:
            raise FormFault(f"more than {MAX_FORM_PARTS} parts")
        self._headers = {}

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _open_part(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise FormFault("Invalid multipart/form-data: a part without a name")
        self._field = options[b"name"].decode("utf-8", "replace")
        file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        if not file_name:
            self._sink = self._texts[self._field] = BytesIO()
            return
        if (earlier := self._files.pop(self._field, None)) is not None:
            earlier.content.close()
        content = open_spool(self._data_dir)
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        name = file_name.replace("\\", "/").rpartition("/")[2]
        self._files[self._field] = UploadedFile(name, content_type, content)
        self._sink = content

    def _write(self, data: bytes, start: int, end: int) -> None:
        assert self._sink is not None
        part = memoryview(data)[start:end]
        self._sink.write(part)
        if isinstance(self._sink, BytesIO):
            self._text_bytes += len(part)
            if self._text_bytes > MAX_TEXTS_BYTES:
                raise FormFault(f"texts of more than {MAX_TEXTS_BYTES} bytes")
            return
        file = self._files[self._field]
        file.size += len(part)
        if file.size > self._limit:
            raise FileTooLarge(self._field)

    def _end(self) -> None:
        self._ended = True
