"""Reads the documents of a query in lists of concatenated BSON; resumes after a cursor was lost.

    scan = Scan(find, query, options, decode, resumes=True)
    while (raw := await scan.next()) is not None:
        ...

MongoDB's own order is the fastest, because it is that of the disk, but a scan in it
cannot be resumed. So an unsorted scan whose cursor is lost reads on in the order of
ids, without the documents it has read before.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from conf.bson import INT32, INT64, STRING, split_documents

Document = Mapping[str, Any]
_BY_ID: Final = [("_id", 1)]


class Scan:
    """One query's documents; one reader at a time."""

    def __init__(
        self,
        find: Callable[..., Any],
        query: Document,
        options: Mapping[str, Any],
        decode: Callable[[bytes], list[dict[str, Any]]],
        *,
        resumes: bool,
    ) -> None:
        """`find(query, **options)` opens a cursor of the driver; `options` are `sort`, `skip` and `limit`.

        `resumes`: whether `next` may be called again after a fault.
        """
        self._find = find
        self._query = query
        self._options = dict(options)
        self._decode = decode
        self._resumes = resumes
        self._limit = self._options.get("limit", 0)
        self._is_unsorted = not any(self._options.values())
        self._is_by_id = self._options == {"sort": _BY_ID, "skip": 0, "limit": 0}
        self._read_count = 0  # of documents
        self._ids: set[Hashable] = set()  # of documents read in MongoDB's own order
        self._last: Any = None  # the last id read in the order of ids
        self._cursor: Any = None
        self.has_begun = False  # whether a list was read

    async def next(self) -> bytes | None:
        """The next list, None after the last one. Raises what the driver raises."""
        while not self._limit or self._read_count < self._limit:
            if self._cursor is None:
                self._cursor = self._open()
            try:
                raw: bytes = await self._cursor.next()
            except StopAsyncIteration:
                return None
            except Exception:
                self._cursor = None
                raise
            self.has_begun = True
            if not self._resumes:
                return raw
            if remainder := self._drop_read(raw):
                return remainder
        return None

    async def close(self) -> None:
        if self._cursor is not None:
            await self._cursor.close()

    def _open(self) -> Any:
        if not self._read_count:
            return self._find(self._query, **self._options)
        if not self._is_unsorted and not self._is_by_id:
            skip, limit = (
                self._options["skip"] + self._read_count,
                self._limit and self._limit - self._read_count,
            )
            return self._find(self._query, **self._options | {"skip": skip, "limit": limit})
        query = self._query
        if self._last is not None:
            query = {"$and": [query, {"_id": {"$gt": self._last}}]}
        self._is_unsorted, self._is_by_id = False, True
        return self._find(query, sort=_BY_ID)

    def _drop_read(self, raw: bytes) -> bytes:
        """Note the ids of a list, and return it without documents that were read before."""
        documents = split_documents(raw)
        self._read_count += len(documents)
        if self._is_by_id:
            self._last = self._id(documents[-1])
            if self._ids:
                return b"".join(document for document in documents if self._key(document) not in self._ids)
        elif self._is_unsorted:
            self._ids.update(map(self._key, documents))
        return raw

    def _key(self, document: memoryview) -> Hashable:
        """A hashable key of the document's id, which may be an object in foreign data."""
        id_ = self._id(document)
        return id_ if isinstance(id_, Hashable) else repr(id_)

    def _id(self, document: memoryview) -> Any:
        """MongoDB puts `_id` first, so a number or a string can be read without decoding the rest."""
        kind, value = document[4], document[9:]
        if kind == INT32:
            return int.from_bytes(value[:4], "little", signed=True)
        if kind == INT64:
            return int.from_bytes(value[:8], "little", signed=True)
        if kind == STRING:
            return bytes(value[4 : 3 + int.from_bytes(value[:4], "little")]).decode(errors="replace")
        return self._decode(bytes(document))[0]["_id"]
