"""The store of files, in the layout of GridFS (bucket `fs`), which other programs read as well.

Collection `fs.chunks` holds the bytes: `files_id`, `n` from 0, `data`.
"""

from datetime import datetime
from typing import TypedDict


class StoredFileDoc(TypedDict):
    """Collection `fs.files`. Until all chunks are stored, and while they are removed, `filename` is ""."""

    _id: str
    filename: str  # "sha256:<hex>" of the content, the name by which documents refer to it
    length: int  # bytes
    chunkSize: int
    uploadDate: datetime
    used: float  # when it was last put, seconds since 1970; what refers to it may not be stored yet
    revision: int  # raised by every put of the same content
